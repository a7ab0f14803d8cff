"""How the feeds find their place again. Pure: values in, values out.

Orders come by `updated_at`, which moves them to the end when something happens to them; Shopify breaks ties by
the id. A round begins at `after`; each page begins at the moment of the last row before it (`at`), and rows
given out already (`seen`) are left out, known by their moment and their content: moments are whole seconds, and
an order may change twice in one. Shopify's own cursors are used within one call only, to pass over a moment
that many orders share: they would end at 25,000 records. `after` follows, but stays behind the shop's clock by
the overlap: an order is stamped before the shop's search shows it.

Variants come by their id, which never changes and only grows: each page asks for those above the last. A round
of changes asks for changed variants, then for changed products with all their variants. A sweep of a large shop
is read from a bulk operation's file instead; its place is the operation's id and the byte at which the next
product begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec

from connectors.contract import Refused
from sync.domain.clock import from_micros, to_micros

Stored = TypeVar("Stored", bound=msgspec.Struct)


class Stage(StrEnum):
    """What a page of the product feed is read from."""

    VARIANTS = "variants"
    PRODUCTS = "products"
    """In a round of changes: products that changed, with all their variants."""
    BULK = "bulk"


class _Orders(msgspec.Struct, frozen=True):
    after: int
    at: int | None = None
    seen: dict[str, tuple[int, int]] = {}


class _Products(msgspec.Struct, frozen=True):
    begun: int
    last: int = 0
    since: int | None = None
    stage: Stage = Stage.VARIANTS
    operation: str = ""
    offset: int = 0


def seconds(at: datetime) -> int:
    """Seconds since 1970, rounded down: the shop's own grain."""
    return to_micros(at) // 1_000_000


def iso(at: int) -> str:
    """The form in which the shop's search takes a moment."""
    return from_micros(max(0, at) * 1_000_000).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class OrdersCursor:
    """All moments are seconds since 1970; `at` is None where it is `after`. `seen`: (moment, content) by id."""

    after: int = 0
    at: int | None = None
    seen: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None, start: datetime | None) -> "OrdersCursor":
        """From its stored text; None begins at `start`, or with the first order there is."""
        if text is None:
            return cls(after=seconds(start) if start else 0)
        stored = decode(text, _Orders)
        return cls(stored.after, stored.at, stored.seen)

    def text(self) -> str:
        """To be stored."""
        return msgspec.json.encode(_Orders(self.after, self.at, dict(self.seen))).decode()

    @property
    def begin(self) -> int:
        """The moment at which the next page begins."""
        return self.after if self.at is None else self.at

    def knows(self, row: "Row") -> bool:
        """Whether the order was given out as it is."""
        return row.id in self.seen and self.seen[row.id][1] == row.content


@dataclass(frozen=True, slots=True)
class Row:
    """An order of a page: when it last changed, and a checksum of what it said."""

    id: str
    moved: int
    content: int


def advance(cursor: OrdersCursor, rows: Sequence[Row], *, full: bool, horizon: int) -> OrdersCursor:
    """The cursor after `rows`, the page's own in its order.

    `full`: there may be more. `horizon`: the shop's clock less the overlap.
    """
    seen = {**cursor.seen, **{row.id: (row.moved, row.content) for row in rows}}
    moments = [moved for moved, _ in seen.values()]
    at = max(cursor.begin, rows[-1].moved) if full and rows else None
    limit = min(horizon, at if at is not None else max(moments, default=cursor.after))
    after = max([cursor.after, *(moved for moved in moments if moved <= limit)])
    left = {order: mark for order, mark in seen.items() if mark[0] >= after}
    return OrdersCursor(after, at if at is not None and at > after else None, left)


@dataclass(frozen=True, slots=True)
class ProductsCursor:
    """A sweep (`since` None), or what changed since; then its place: the number of the last id given out.

    `begun` is the shop's time at the sweep's or round's begin, in seconds: the next round's `since`. For a bulk
    operation the place is `operation`, and `offset` bytes of its file.
    """

    begun: int
    last: int = 0
    since: int | None = None
    stage: Stage = Stage.VARIANTS
    operation: str = ""
    offset: int = 0

    @classmethod
    def parse(cls, text: str) -> "ProductsCursor":
        """From its stored text."""
        stored = decode(text, _Products)
        return cls(stored.begun, stored.last, stored.since, stored.stage, stored.operation, stored.offset)

    def text(self) -> str:
        """To be stored."""
        stored = _Products(self.begun, self.last, self.since, self.stage, self.operation, self.offset)
        return msgspec.json.encode(stored).decode()

    def ended(self) -> "ProductsCursor":
        """The next stage of the round, or the begin of the next round."""
        if self.since is not None and self.stage is Stage.VARIANTS:
            return replace(self, last=0, stage=Stage.PRODUCTS)
        return ProductsCursor(begun=self.begun, since=self.begun)

    def page_by_page(self) -> "ProductsCursor":
        """The same sweep from its begin, without a bulk operation."""
        return ProductsCursor(begun=self.begun)


def decode(text: str, shape: type[Stored]) -> Stored:
    """A stored cursor. Raises Refused."""
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError:
        raise Refused(
            "the stored cursor is not one of this connector's: read the feed from its begin"
        ) from None
