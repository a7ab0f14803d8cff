"""How the feeds find their place again. Pure: values in, values out.

Orders come by the moment they were placed, which never changes. A cursor holds that moment `after` which
all has been given out, and the ids given out since. The shop is asked for orders placed later whose ids
are not among them: so nothing depends on row numbers, which shift, and any number of orders may share a
millisecond. `after` stays behind the vendor's clock by the overlap, because an order shows only when its
transaction commits, and gets its date before that (a slow payment, 400 lines to allocate, the clocks of
several servers). The default of 120 s is twice the longest time that a request to Vendure usually may take.

Variants come by id, page by page. A variant that is deleted meanwhile moves the later rows one place
forward, so each page begins a few rows back and must show the last row again, or it goes further back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

import msgspec

from connectors.contract import Refused
from sync.domain.clock import from_micros, to_micros

NAMED_IDS = 3000
"""Ids that a request names at most, for its body's and the database's sake; more are sorted out here."""


Stored = TypeVar("Stored", bound=msgspec.Struct)


class _Orders(msgspec.Struct, frozen=True):
    after: int
    seen: dict[str, int] = {}


class _Products(msgspec.Struct, frozen=True):
    begun: int
    skip: int = 0
    last: str = ""
    since: int | None = None
    stage: str = "variants"


def millis(at: datetime) -> int:
    """Milliseconds since 1970, rounded down: the shop's own grain."""
    return to_micros(at) // 1000


def iso(ms: int) -> str:
    """The form in which the shop takes a date."""
    return from_micros(ms * 1000).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class OrdersCursor:
    """`after` and the placing times in `seen` are milliseconds since 1970."""

    after: int = 0
    seen: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None, start: datetime | None) -> "OrdersCursor":
        """From its stored text; None begins at `start`, or with the first order there is."""
        if text is None:
            return cls(after=millis(start) - 1 if start else 0)
        stored = _decode(text, _Orders)
        return cls(stored.after, stored.seen)

    def text(self) -> str:
        """To be stored."""
        return msgspec.json.encode(_Orders(self.after, dict(self.seen))).decode()

    @property
    def named(self) -> list[str]:
        """The seen ids that the shop is told to leave out: the earliest, which would come first."""
        return sorted(self.seen, key=lambda order: (self.seen[order], order))[:NAMED_IDS]


def advance(
    cursor: OrdersCursor, rows: Sequence[tuple[str, int]], *, full: bool, horizon: int
) -> OrdersCursor:
    """The cursor after `rows` (id, placed) were given out, in the order of placing.

    `full`: the page was full, so there may be more, with the last row's own millisecond first of all.
    `horizon`: the vendor's clock less the overlap.
    """
    seen = {**cursor.seen, **dict(rows)}
    limit = min(horizon, rows[-1][1] - 1) if full and rows else horizon
    after = max((placed for placed in seen.values() if placed <= limit), default=cursor.after)
    after = max(after, cursor.after)
    return OrdersCursor(after, {order: placed for order, placed in seen.items() if placed >= after})


@dataclass(frozen=True, slots=True)
class ProductsCursor:
    """A sweep (`since` None), or what changed since; then its place: `skip` rows, the last one's id.

    `begun` is the vendor's time at the sweep's or round's begin, in milliseconds: the next round's `since`.
    """

    begun: int
    skip: int = 0
    last: str = ""
    since: int | None = None
    stage: str = "variants"
    """variants, then (in a round of changes) products"""

    @classmethod
    def parse(cls, text: str) -> "ProductsCursor":
        """From its stored text."""
        stored = _decode(text, _Products)
        return cls(stored.begun, stored.skip, stored.last, stored.since, stored.stage)

    def text(self) -> str:
        """To be stored."""
        return msgspec.json.encode(
            _Products(self.begun, self.skip, self.last, self.since, self.stage)
        ).decode()

    def on(self, rows: int, last: str) -> "ProductsCursor":
        """The place `rows` further, whose last row is `last`."""
        return replace(self, skip=self.skip + rows, last=last)

    def ended(self) -> "ProductsCursor":
        """The next stage of the round, or the begin of the next round."""
        if self.since is not None and self.stage == "variants":
            return replace(self, skip=0, last="", stage="products")
        return ProductsCursor(begun=self.begun, since=self.begun)


def unread(rows: Sequence[str], last: str) -> int | None:
    """How many of a page's first rows were given out before: all up to `last`.

    None where the page begins behind `last`, that is, rows moved forward and some may have been missed.
    """
    if not last:
        return 0
    known = [n for n, row in enumerate(rows) if _rank(row) <= _rank(last)]
    return known[-1] + 1 if known else None


def _rank(row: str) -> tuple[int, int, str]:
    """The database's own order of ids: numbers by value, UUIDs by text."""
    return (0, int(row), "") if row.isdigit() else (1, 0, row.lower())


def _decode(text: str, shape: type[Stored]) -> Stored:
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError:
        raise Refused(
            "the stored cursor is not one of this connector's: read the feed from its begin"
        ) from None
