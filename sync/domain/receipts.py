"""What is told of goods that come back, as levels: units announced, and a warehouse's counts of what arrived.

Every observation is the source's total so far, with `as_of`, a number that only grows at its source: its
revision, else the microseconds of the clock that its reading began at. Of two levels of one thing the one with
the greater `as_of` stands, and of two with the same the greater figures. So a repeat changes nothing, an older
one takes nothing back, and the order in which they come does not matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Condition(StrEnum):
    """What the inspection says of a unit. Missing and surplus units are differences, see `LineCustody`."""

    GOOD = "good"
    DAMAGED = "damaged"
    WRONG = "wrong"
    """Another good than the line's."""


class Disposal(StrEnum):
    """Where a unit went in the end."""

    RESTOCKED = "restocked"
    SCRAPPED = "scrapped"
    TO_SUPPLIER = "to_supplier"
    TO_CUSTOMER = "to_customer"


@dataclass(frozen=True, slots=True)
class Level:
    """Units as one source last told them; `highest` is the most that it ever told."""

    units: int
    as_of: int
    highest: int

    @classmethod
    def of(cls, units: int, as_of: int) -> "Level":
        """A first observation. Units below 0 are a ValueError."""
        if units < 0:
            raise ValueError(f"{units} units cannot come back")
        return cls(units, as_of, units)

    def joined(self, other: "Level") -> "Level":
        """Both observations as one level."""
        newest = max(self, other, key=lambda level: (level.as_of, level.units))
        return replace(newest, highest=max(self.highest, other.highest))


NOTHING = Level(0, -1, 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """The warehouse's totals so far for one SKU under one receipt, in units; wrong items under the SKU expected."""

    as_of: int
    received: int
    conditions: Mapping[Condition, int] = field(default_factory=dict)
    disposed: Mapping[Disposal, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Units below 0 are a ValueError."""
        if any(units < 0 for units in (self.received, *self.conditions.values(), *self.disposed.values())):
            raise ValueError("a warehouse counts no units below 0")

    @property
    def inspected(self) -> int:
        """Units that were looked at."""
        return sum(self.conditions.values())

    @property
    def gone(self) -> int:
        """Units that were disposed of, anyhow."""
        return sum(self.disposed.values())

    @property
    def arrived(self) -> int:
        """Units that must have come: what was inspected or disposed of was there."""
        return max(self.received, self.inspected, self.gone)

    @property
    def _order(self) -> tuple[int, ...]:
        conditions = (self.conditions.get(one, 0) for one in Condition)
        disposed = (self.disposed.get(one, 0) for one in Disposal)
        return (self.as_of, self.received, *conditions, *disposed)

    def joined(self, other: "Tally") -> "Tally":
        """Both observations as one level."""
        return max(self, other, key=lambda tally: tally._order)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a warehouse counts under one document: as a rule one parcel. A SKU that it leaves out is not zero.

    `id` names the document everywhere (account and external id); `reference` is our announcement, if it names
    one; `complete` says that nothing more is expected under it.
    """

    id: str
    as_of: int
    tallies: Mapping[str, Tally]
    complete: bool = False
    reference: str | None = None
    tracking: str | None = None
    by_hand: bool = False
    """A person's word, of all the goods of its case: if it says so, nothing more is expected anywhere."""

    @property
    def arrived(self) -> bool:
        """Whether anything came under it yet: a document may be there before its goods."""
        return any(tally.arrived for tally in self.tallies.values())

    def joined(self, other: "Receipt") -> "Receipt":
        """Both observations of one document as one level."""
        newest = max(self, other, key=lambda one: (one.as_of, one.complete))
        return replace(
            newest,
            tallies=_merged(self.tallies, other.tallies),
            reference=_latest_said(self, other, "reference"),
            tracking=_latest_said(self, other, "tracking"),
        )


def _latest_said(one: Receipt, other: Receipt, name: str) -> str | None:
    said = [(receipt.as_of, getattr(receipt, name)) for receipt in (one, other) if getattr(receipt, name)]
    return max(said)[1] if said else None


def _merged(one: Mapping[str, Tally], other: Mapping[str, Tally]) -> dict[str, Tally]:
    merged = dict(one)
    for sku, tally in other.items():
        merged[sku] = merged[sku].joined(tally) if sku in merged else tally
    return merged
