"""What pushes would do now, counted and shown before they do it: rows of change, and one summary a shop and field.

A row stands for one listing whose shop does not show what it shall. Pure: rows come in any number and order,
and only counts, the largest moves and the first rows are kept, so that a plan of a million rows is no larger
than one of a hundred.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sync.domain.guards import Guard, Verdict


class Field(StrEnum):
    """What of a listing is made to be as it shall."""

    QUANTITY = "quantity"
    PRICE = "price"
    STATE = "state"
    """Whether it is up."""
    CONTENT = "content"


class Standing(StrEnum):
    """What becomes of a row at the next push."""

    SEND = "send"
    HELD = "held"
    """A guard keeps it until a person approves it, or the guard no longer applies."""
    REFUSED = "refused"
    """The shop refused this very value before: it is not sent again unchanged."""
    WAITING = "waiting"
    """It is tried again at its time, or waits until another shop has come down."""


UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One change. `before` and `after` are texts: whole numbers, amounts in major units, up or down, a hash."""

    account: str
    field: Field
    listing: str
    """The shop's own id."""
    place: str
    """The location of a quantity, the market of a price; mostly empty."""
    sku: str
    """What it sells: a SKU, or several with their units."""
    title: str
    before: str | None
    """What the shop said last; None where that is not known. Empty: it is the shop's own."""
    after: str
    standing: Standing = Standing.SEND
    why: str = ""
    """The rule and its terms in one phrase."""
    note: str = ""
    """Why it is held, or what the shop said when it refused it."""
    currency: str = ""
    before_compare_at: str | None = None
    after_compare_at: str | None = None
    """The struck-out price: empty for none, None where it is not ours."""
    guards: tuple[Guard, ...] = ()
    """The guards that count it."""

    @property
    def move(self) -> Decimal:
        """How far it goes, 0 where that cannot be said: units of a quantity, a share of the price before."""
        if not self.before or not self.after or self.field in (Field.STATE, Field.CONTENT):
            return Decimal(0)
        before, after = Decimal(self.before), Decimal(self.after)
        if self.field is Field.QUANTITY:
            return after - before
        return (after - before) / before if before else Decimal(0)

    @property
    def to_zero(self) -> bool:
        """Whether nothing can be bought of it any more."""
        if self.field is Field.STATE:
            return self.after == DOWN
        return self.field is Field.QUANTITY and self.after == "0" and self.before != "0"


@dataclass(slots=True)
class PlanPart:
    """One field of one shop: counts over all rows, and the rows that are shown. Fill it with `add`."""

    account: str
    field: Field
    live: bool
    """False: it is only observed, and nothing is sent."""
    rows: int = 10
    """So many are shown of each kind."""
    changes: int = 0
    raises: int = 0
    lowerings: int = 0
    to_zero: int = 0
    held: int = 0
    refused: int = 0
    waiting: int = 0
    asks: list[str] = dataclasses.field(default_factory=list)
    """What the guards ask a person, a sentence each."""
    counted: dict[tuple[Guard, ...], int] = dataclasses.field(default_factory=dict)
    """How many rows are counted by just these guards."""
    _largest: list[PlanRow] = dataclasses.field(default_factory=list, repr=False)
    _first: list[PlanRow] = dataclasses.field(default_factory=list, repr=False)

    def add(self, row: PlanRow) -> None:
        """Count one row."""
        self.changes += 1
        self.held += row.standing is Standing.HELD
        self.refused += row.standing is Standing.REFUSED
        self.waiting += row.standing is Standing.WAITING
        self.to_zero += row.to_zero
        if row.guards:
            self.counted[row.guards] = self.counted.get(row.guards, 0) + 1
        move = row.move
        self.raises += move > 0
        self.lowerings += move < 0
        if move:
            _keep(self._largest, row, _far, self.rows)
        _keep(self._first, row, _place, self.rows)

    def unsent(self, guard: Guard) -> int:
        """How many rows one guard counts."""
        return sum(count for guards, count in self.counted.items() if guard in guards)

    def judge(self, verdicts: Iterable[Verdict]) -> None:
        """Take over what the guards say of the counts, once every row is there."""
        passing = {one.guard: one.allowance or 0 for one in verdicts if one.waits}
        caught = {
            guards: count for guards, count in self.counted.items() if not passing.keys().isdisjoint(guards)
        }
        self.held += max(0, sum(caught.values()) - min(passing.values(), default=0))
        for rows in (self._largest, self._first):
            rows[:] = [self._judged(row, passing) for row in rows]

    def _judged(self, row: PlanRow, passing: Mapping[Guard, int]) -> PlanRow:
        by = [guard for guard in row.guards if guard in passing]
        if not by or row.standing in (Standing.REFUSED, Standing.HELD):
            return row
        return dataclasses.replace(row, standing=Standing.HELD, note=f"guard {by[0].value}")

    @property
    def sent(self) -> int:
        """Rows that the next push sends."""
        return self.changes - self.held - self.refused - self.waiting

    @property
    def largest(self) -> list[PlanRow]:
        """The largest moves first."""
        return sorted(self._largest, key=_far)[: self.rows]

    @property
    def first(self) -> list[PlanRow]:
        """The first rows by SKU."""
        return sorted(self._first, key=_place)[: self.rows]


def _place(row: PlanRow) -> tuple[str, str, str]:
    return (row.sku, row.listing, row.place)


def _far(row: PlanRow) -> tuple[Decimal, tuple[str, str, str]]:
    return (-abs(row.move), _place(row))


Key = Callable[[PlanRow], tuple[object, ...]]


def _keep(kept: list[PlanRow], row: PlanRow, key: Key, most: int) -> None:
    """Add a row; once there are several times as many as are shown, the last ones are dropped."""
    kept.append(row)
    if len(kept) > 4 * most + 100:
        kept.sort(key=key)
        del kept[most:]


def counting(row: PlanRow, *, base: Decimal | None, largest_move: Decimal | None) -> tuple[Guard, ...]:
    """The guards that would count a row that only rules have caused, in their order.

    `base` is the price a day ago, `largest_move` the share of it that needs no person; None: not known, no limit.
    """
    if not row.before or not row.after:
        return ()
    if row.field is Field.STATE:
        return (Guard.GOING_DOWN,) if row.after == DOWN else ()
    if row.field is Field.QUANTITY:
        changes = (Guard.QUANTITIES_CHANGING,)
        return (Guard.GOING_TO_ZERO, *changes) if row.after == "0" else changes
    if row.field is Field.PRICE and row.before != row.after:
        far = base and largest_move is not None and abs(Decimal(row.after) - base) > largest_move * base
        return (Guard.PRICE_MOVE, Guard.PRICES_CHANGING) if far else (Guard.PRICES_CHANGING,)
    return ()
