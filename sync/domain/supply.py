"""Drop-shipping: how far a supplier's stock is believed, and what its reports make of an order to it.

A supplier's word is worth less than a warehouse's: it is older, and others buy from the same shelf. So only a
part of it counts, none of it once it is old, and none of a SKU that the supplier has just refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from sync.domain.lifecycle import WorkState


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a supplier's figures are believed.

    `use` is the share of the figure that counts, rounded down, then `less` units are taken off it; a list older
    than `max_age` counts nothing. `lag`: so much older than its reading a list may be.
    """

    use: Decimal = Decimal(1)
    less: int = 0
    max_age: timedelta = timedelta(hours=24)
    lag: timedelta = timedelta(minutes=15)

    def counted(self, said: int) -> int:
        """Units of a figure that may be promised; never below 0."""
        return max(0, int((self.use * said).to_integral_value(ROUND_FLOOR)) - self.less)


class Standing(StrEnum):
    """Why a supplier's figure counts, or does not."""

    COUNTED = "counted"
    UNKNOWN = "unknown"
    """The supplier does not say how many it has: absent is not zero, but it is no supply."""
    STALE = "stale"
    """Its last list is too old."""
    REFUSED = "refused"
    """It refused the SKU after that list."""


@dataclass(frozen=True, slots=True)
class SupplierFigure:
    """One supplier's word on one SKU: what it `said`, what of it is `counted`, and what orders hold of that."""

    supplier: str
    said: int | None
    counted: int
    reserved: int
    standing: Standing

    @property
    def free(self) -> int:
        """Units that may still be sold; what is held beyond them is not taken from the warehouses."""
        return max(0, self.counted - self.reserved)


def judge(
    supplier: str,
    said: int | None,
    reserved: int,
    *,
    trust: Trust,
    list_begun: datetime | None,
    refused: bool,
    now: datetime,
) -> SupplierFigure:
    """A supplier's figure as far as it is believed now."""
    if said is None:
        standing = Standing.UNKNOWN
    elif list_begun is None or now - list_begun > trust.max_age:
        standing = Standing.STALE
    elif refused:
        standing = Standing.REFUSED
    else:
        return SupplierFigure(supplier, said, trust.counted(said), reserved, Standing.COUNTED)
    return SupplierFigure(supplier, said, 0, reserved, standing)


@dataclass(frozen=True, slots=True)
class Report:
    """What a supplier said of some pieces of an order, by its codes. `despatched`: they left, else an answer."""

    id: str
    lines: tuple[tuple[str, int], ...]
    despatched: bool
    refused: bool = False
    reason: str = ""
    tracking: str | None = None
    carrier: str | None = None


@dataclass(frozen=True, slots=True)
class CodeStanding:
    """Pieces of one code: ordered, accepted, refused, despatched. What left was not refused."""

    ordered: int
    accepted: int = 0
    refused: int = 0
    despatched: int = 0


@dataclass(frozen=True, slots=True)
class Supplied:
    """An order to a supplier by all its reports. `parcels` are reports of despatch; `extra` was not ordered."""

    codes: Mapping[str, CodeStanding]
    parcels: tuple[Report, ...]
    extra: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


def settle(ordered: Mapping[str, int], reports: Sequence[Report]) -> Supplied:
    """Lay all reports on what was ordered. The order in which they came does not matter."""
    accepted: dict[str, int] = {}
    refused: dict[str, int] = {}
    left: dict[str, int] = {}
    for report in reports:
        units = left if report.despatched else refused if report.refused else accepted
        for code, pieces in report.lines:
            units[code] = units.get(code, 0) + pieces
    codes = {}
    for code, pieces in ordered.items():
        gone = min(left.get(code, 0), pieces)
        no = min(refused.get(code, 0), pieces - gone)
        yes = min(max(accepted.get(code, 0), gone), pieces - no)
        codes[code] = CodeStanding(pieces, yes, no, gone)
    extra = {code: n - ordered.get(code, 0) for code, n in left.items() if n > ordered.get(code, 0)}
    reasons = tuple(dict.fromkeys(one.reason for one in reports if one.refused and one.reason))
    return Supplied(codes, tuple(one for one in reports if one.despatched), extra, reasons)


def work_state(asked: int, assigned: int, shipped: int, *, stopping: bool) -> WorkState:
    """How far a drop-shipped fulfilment is: units `asked` for without the refused ones, accepted, and gone."""
    if asked and shipped >= asked:
        return WorkState.SHIPPED
    if not asked:
        return WorkState.CANCELLED if stopping else WorkState.REFUSED
    if assigned >= asked:
        return WorkState.ASSIGNED
    return WorkState.PART_ASSIGNED if assigned else WorkState.WAITING
