"""How the feeds find their place again. Pure: values in, values out.

Orders come by the moment of their last change, which moves them to the end when something happens to them. A
page is never asked for by its number: each begins at the second of the last row before it (`at`), so that
neither an insert nor an edit between two pages skips an order. The shop's boundary is exclusive and it counts
in whole seconds, so a second earlier is asked for. Four things stand against it, and are met here:

- *Two edits in one second look alike.* What was given out is known by its content (`mark`), not by its date.
- *A change is stamped before it is committed.* The next round begins at `after`, which stays behind the shop's
  clock by the overlap.
- *One second may fill more than a page.* Then the page's end is no place to go on from, and a window is read.
- *8.6 sorts by local time.* In the hour when clocks go back its rows are out of sequence, so that the page's last
  row says nothing about those to come. The rows' distance from GMT shows it, and a window is read; also
  where a first page has nothing before it to compare with.

A window `[at, until)` is closed by the shop's own filter, which is right in GMT on both generations, and is
read by id, page by page. A row that leaves the window moves the later ones one place forward, so each page
begins a few rows back and must show the last row again, or it goes further back. What enters the window
meanwhile may stand before the place: so `after` stays behind the moment at which the window was begun (`held`), and
the feed is not at its end before a round has read it again and found nothing new (AGAIN rounds at most, for there are
plugins by which a record looks new each time).

Products come by id, page by page, in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypeVar

import msgspec

from connectors.contract import Refused
from sync.domain.clock import from_micros, to_micros

Stored = TypeVar("Stored", bound=msgspec.Struct)


AGAIN = 5
MOST_TURN = 7200
"""Seconds by which clocks go back at most, anywhere."""


class _Orders(msgspec.Struct, frozen=True, omit_defaults=True):
    after: int
    at: int | None = None
    until: int | None = None
    skip: int = 0
    last: int = 0
    held: int | None = None
    east: int | None = None
    back: int | None = None
    news: bool = False
    again: int = 0
    seen: dict[str, tuple[int, str]] = {}


class _Products(msgspec.Struct, frozen=True):
    begun: int
    skip: int = 0
    last: int = 0
    since: int | None = None


def seconds(at: datetime) -> int:
    """Whole seconds since 1970, rounded down: the shop's own grain. A time without a zone is GMT."""
    return to_micros(at if at.tzinfo else at.replace(tzinfo=UTC)) // 1_000_000


def naive(second: int) -> str:
    """The one form that is always right, with `dates_are_gmt=true`: GMT without a zone (no `Z`)."""
    return from_micros(max(0, second) * 1_000_000).strftime("%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True, slots=True)
class Head:
    """A row of the order feed: when it moved (GMT), how far its local time is ahead, and its content's mark."""

    id: int
    moved: int
    ahead: int
    mark: str


def head(id: int, moved: datetime, local: datetime, raw: bytes) -> Head:
    """From a row's two dates without a zone and its bytes."""
    gmt = seconds(moved)
    return Head(id, gmt, seconds(local) - gmt, sha256(raw).hexdigest()[:12])


@dataclass(frozen=True, slots=True)
class OrdersCursor:
    """All moments are seconds since 1970. `at` None: the round begins, at `after`. `until` None: no window."""

    after: int = 0
    at: int | None = None
    until: int | None = None
    skip: int = 0
    last: int = 0
    held: int | None = None
    east: int | None = None
    """How far ahead of GMT the shop's time was at the place, in seconds; None where no row has told it yet."""
    back: int | None = None
    """The same at `after`, where the next round begins; rather too far than not far enough."""
    news: bool = False
    """Whether this round has given out anything so far."""
    again: int = 0
    """How many rounds with a window came before this one, since the feed was at its end."""
    seen: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str | None, start: datetime | None) -> "OrdersCursor":
        """From its stored text; None begins at `start`, or with the first order there is."""
        if text is None:
            return cls(after=seconds(start) if start else 0)
        one = decode(text, _Orders)
        back = one.east if one.back is None else one.back
        place = (one.after, one.at, one.until, one.skip, one.last, one.held, one.east, back)
        return cls(*place, one.news, one.again, one.seen)

    def text(self) -> str:
        """To be stored."""
        place = (self.after, self.at, self.until, self.skip, self.last, self.held, self.east, self.back)
        stored = _Orders(*place, self.news, self.again, dict(self.seen))
        return msgspec.json.encode(stored).decode()

    @property
    def begin(self) -> int:
        """The second at which the page or window begins."""
        return self.after if self.at is None else self.at

    def knows(self, row: Head) -> bool:
        """Whether the order was given out as it is."""
        return self.seen.get(str(row.id)) == (row.moved, row.mark)

    def finds(self, rows: Sequence[Head]) -> "OrdersCursor":
        """The same place, and whether the round has news by now."""
        return self if self.news or all(map(self.knows, rows)) else replace(self, news=True)

    @property
    def unsure(self) -> bool:
        """Whether this round, once read, must be read again: something may stand before its window's place."""
        return self.held is not None and self.news and self.again < AGAIN


def advance(cursor: OrdersCursor, rows: Sequence[Head], *, full: bool, horizon: int) -> OrdersCursor:
    """The cursor after a page by date. `full`: there may be more. `horizon`: the shop's clock less the overlap."""
    seen = {**cursor.seen, **{str(row.id): (row.moved, row.mark) for row in rows}}
    if full and rows:
        until = window_end(cursor, rows)
        if until is not None:
            held = horizon if cursor.held is None else min(cursor.held, horizon)
            west = min(row.ahead for row in rows)
            back = _back(cursor, rows, cursor.after)
            begun = replace(cursor, at=cursor.begin, until=until, skip=0, last=0, held=held, east=west)
            return _kept(replace(begun, back=back, seen=seen))
        at = max(row.moved for row in rows)
        after = _reached(cursor, at, horizon)
        back = _back(cursor, rows, after)
        return _kept(replace(cursor, after=after, at=at, east=_east(rows), back=back, seen=seen))
    last = max((row.moved for row in rows), default=cursor.begin)
    after = _reached(cursor, max(last, cursor.begin), horizon)
    again = cursor.again + 1 if cursor.unsure else 0
    back = _back(cursor, rows, after)
    return _kept(OrdersCursor(after, east=back, back=back, again=again, seen=seen))


def window_end(cursor: OrdersCursor, rows: Sequence[Head]) -> int | None:
    """Where a window must end that begins where this full page does; None where the page needs none."""
    east = max(_east(rows), _east(rows) if cursor.east is None else cursor.east)
    turned = [row.moved for row in rows if row.ahead < east]
    if turned:
        west = min(row.ahead for row in rows)
        return max(min(turned) + east - west, cursor.begin + 1)
    moves = [row.moved for row in rows]
    if cursor.east is None:
        return min(moves) + MOST_TURN
    if moves[-1] == cursor.begin or moves != sorted(moves):
        return max(moves) + 1
    return None


def in_window(
    cursor: OrdersCursor, rows: Sequence[Head], *, skip: int, last: int, ended: bool
) -> OrdersCursor:
    """The cursor after a page of a window; `skip` and `last` are the place after it."""
    held, until = cursor.held or 0, cursor.until or cursor.begin
    fresh = {str(row.id): (row.moved, row.mark) for row in rows if row.moved >= held}
    seen = {**cursor.seen, **fresh}
    back = _back(cursor, rows, cursor.after)
    if not ended:
        return replace(cursor, skip=skip, last=last, back=back, seen=seen)
    after = max(cursor.after, min(until, held))
    back = cursor.east if after >= until else back
    return _kept(replace(cursor, after=after, at=until, until=None, skip=0, last=0, back=back, seen=seen))


def _back(cursor: OrdersCursor, rows: Sequence[Head], after: int) -> int | None:
    """How far ahead the shop's time is at `after`, or was before: a row there tells, later ones do not."""
    if not rows or cursor.back is None:
        return _east(rows) if rows else cursor.back
    told = _east(rows)
    return told if any(row.moved <= after for row in rows) else max(told, cursor.back)


def _reached(cursor: OrdersCursor, reached: int, horizon: int) -> int:
    limit = horizon if cursor.held is None else min(horizon, cursor.held)
    return max(cursor.after, min(limit, reached))


def _kept(cursor: OrdersCursor) -> OrdersCursor:
    """Without the rows that no later page can show again."""
    return replace(cursor, seen={id: told for id, told in cursor.seen.items() if told[0] >= cursor.after})


def _east(rows: Sequence[Head]) -> int:
    return max(row.ahead for row in rows)


@dataclass(frozen=True, slots=True)
class ProductsCursor:
    """A sweep (`since` None), or what changed since; then its place: `skip` rows, the last one's id.

    `begun` is the shop's time at the sweep's or round's begin, in seconds: the next round's `since`.
    """

    begun: int = 0
    skip: int = 0
    last: int = 0
    since: int | None = None

    @classmethod
    def parse(cls, text: str) -> "ProductsCursor":
        """From its stored text."""
        stored = decode(text, _Products)
        return cls(stored.begun, stored.skip, stored.last, stored.since)

    def text(self) -> str:
        """To be stored."""
        return msgspec.json.encode(_Products(self.begun, self.skip, self.last, self.since)).decode()

    def ended(self) -> "ProductsCursor":
        """The begin of the next round."""
        return ProductsCursor(begun=self.begun, since=self.begun)


def unread(rows: Sequence[int | None], last: int) -> int | None:
    """How many of a page's first rows were given out before: all up to the id `last`.

    None where the page begins behind `last`, that is, rows moved forward and some may have been missed. A row
    whose id cannot be read (None) says nothing.
    """
    if not last:
        return 0
    known = [n for n, row in enumerate(rows) if row is not None and row <= last]
    return known[-1] + 1 if known else None


def decode(text: str, shape: type[Stored]) -> Stored:
    """A stored cursor. Raises Refused."""
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.MsgspecError:
        raise Refused(
            "the stored cursor is not one of this connector's: read the feed from its begin"
        ) from None
