"""How the feeds find their place again. Pure: values in, values out.

Orders come by `updated_at`, which moves them to the end when something happens to them; so rows shift, and
a page is never asked for by its number alone. A round begins at `after`; each page begins at the moment of
the last row before it (`at`), and rows given out already (`seen`, with the moment that they had then) are
left out. Only where one moment fills a whole page does the place move on by rows. `after` follows, but stays
behind the vendor's clock by the overlap: a change is stamped before it is committed.

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

Stored = TypeVar("Stored", bound=msgspec.Struct)


class _Orders(msgspec.Struct, frozen=True):
    after: int
    at: int | None = None
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
    """The form in which the shop takes a moment; one that it cannot read makes it fail with 500."""
    return from_micros(max(0, ms) * 1000).strftime("%Y-%m-%dT%H:%M:%S.") + f"{max(0, ms) % 1000:03d}Z"


@dataclass(frozen=True, slots=True)
class OrdersCursor:
    """All moments are milliseconds since 1970; `at` is None where it is `after`."""

    after: int = 0
    at: int | None = None
    seen: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None, start: datetime | None) -> "OrdersCursor":
        """From its stored text; None begins at `start`, or with the first order there is."""
        if text is None:
            return cls(after=millis(start) if start else 0)
        stored = decode(text, _Orders)
        return cls(stored.after, stored.at, stored.seen)

    def text(self) -> str:
        """To be stored."""
        return msgspec.json.encode(_Orders(self.after, self.at, dict(self.seen))).decode()

    @property
    def begin(self) -> int:
        """The moment at which the next page begins."""
        return self.after if self.at is None else self.at

    def knows(self, order: str, moved: int) -> bool:
        """Whether the order was given out as it was at `moved`."""
        return self.seen.get(order) == moved


def advance(
    cursor: OrdersCursor, rows: Sequence[tuple[str, int]], *, full: bool, horizon: int
) -> OrdersCursor:
    """The cursor after `rows` (id, moved), the page's own in its order.

    `full`: there may be more. `horizon`: the vendor's clock less the overlap.
    """
    seen = {**cursor.seen, **dict(rows)}
    at = max(cursor.begin, rows[-1][1]) if full and rows else None
    reached = at if at is not None else max(seen.values(), default=cursor.after)
    limit = min(horizon, reached)
    after = max((moved for moved in seen.values() if moved <= limit), default=cursor.after)
    after = max(after, cursor.after)
    left = {order: moved for order, moved in seen.items() if moved >= after}
    return OrdersCursor(after, at if at is not None and at > after else None, left)


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
        stored = decode(text, _Products)
        return cls(stored.begun, stored.skip, stored.last, stored.since, stored.stage)

    def text(self) -> str:
        """To be stored."""
        stored = _Products(self.begun, self.skip, self.last, self.since, self.stage)
        return msgspec.json.encode(stored).decode()

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
    known = [n for n, row in enumerate(rows) if row <= last]
    return known[-1] + 1 if known else None


def decode(text: str, shape: type[Stored]) -> Stored:
    """A stored cursor. Raises Refused."""
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError:
        raise Refused(
            "the stored cursor is not one of this connector's: read the feed from its begin"
        ) from None
