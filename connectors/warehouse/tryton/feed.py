"""A feed of changed records: everything written since a moment, in the order of ids, page by page.

Tryton has no webhooks and no change log. A record counts as changed by its write_date or, where that is
null, by its create_date. Within one pass `since` stands still and the id is the key, so that nothing shifts;
the next pass begins at the vendor's clock at the start of this one, less the overlap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.cursors import Changes, written
from connectors.warehouse.tryton.payloads import Domain, Json, Ref, decoded, last_id, raw_rows, wrapped_moment
from sync.domain.clock import from_micros, to_micros

R = TypeVar("R")
T = TypeVar("T")

LOOK_BACK = timedelta(days=30)
"""How far the first pass of a feed looks back."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of raw records; `cursor` goes on after it, `begun_at` is that of the whole pass."""

    rows: tuple[msgspec.Raw, ...]
    cursor: Changes
    complete: bool
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class ChangeFeed:
    """One model's changes. `open_too` are records that the first pass takes whatever their age."""

    model: str
    domain: Domain
    fields: Sequence[str]
    size: int
    overlap: timedelta
    open_too: Domain = ()

    async def read(self, client: Client, cursor: Changes, deadline: Deadline) -> Slice:
        """The next page. Unavailable, Throttled, AuthRejected or BadAnswer as the transport says."""
        condition: Domain = [*self.domain, self._changed(cursor), ["id", ">", cursor.after]]
        answer = await client.search(self.model, condition, self.fields, deadline, size=self.size)
        found = tuple(raw_rows(answer.body))
        began = answer.begun_at if cursor.begun is None else from_micros(cursor.begun)
        following = cursor.following
        if following is None:
            following = to_micros((answer.vendor_date or answer.begun_at) - self.overlap)
        if len(found) < self.size:
            return Slice(found, Changes(since=following), complete=True, begun_at=began)
        onward = Changes(
            since=cursor.since,
            after=last_id(found),
            begun=to_micros(began),
            following=following,
            opening=cursor.opening,
        )
        return Slice(found, onward, complete=False, begun_at=began)

    def _changed(self, cursor: Changes) -> Json:
        since = wrapped_moment(cursor.since_at)
        either: list[Json] = ["OR", ["write_date", ">=", since], ["create_date", ">=", since]]
        return [*either, list(self.open_too)] if cursor.opening and self.open_too else either


def translated(part: Slice, shape: type[R], translate: Callable[[R, bytes], Sequence[T]]) -> Page[T]:
    """The page that the contract wants: each record by itself, one that does not fit is kept as broken."""
    records: list[T] = []
    broken: list[Broken] = []
    for row in part.rows:
        try:
            records.extend(translate(decoded(row, shape), bytes(row)))
        except BadAnswer as error:
            broken.append(kept(row, error))
    return Page(tuple(records), written(part.cursor), part.complete, part.begun_at, tuple(broken))


def kept(row: msgspec.Raw, error: BadAnswer) -> Broken:
    """A record that does not fit, as it came."""
    try:
        name = str(decoded(row, Ref).id)
    except BadAnswer:
        name = None
    return Broken(name, str(error), bytes(row))
