"""What is told of an order's parcels already, and from which fulfilment orders the rest is to be taken. Pure.

A fulfilment bears no reference of ours. One tells of a parcel where it has the parcel's number and no other
units than the parcel's (without a number: no number, and it was not there `before`). A parcel whose lines two
locations had to send is told by two fulfilments of one number. Parcels without lines of their own (further
boxes of the same units) give their numbers to the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import ConfirmShipment, Rejected, ToldParcel
from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.shop import Places

_WORKABLE = frozenset({"OPEN", "IN_PROGRESS"})


@dataclass(frozen=True, slots=True)
class Load:
    """Units that left together, in one box or several, and what the shop knows of them."""

    carrier: str
    boxes: tuple[tuple[str, str | None], ...]
    """(tracking number, its address)"""
    missing: Mapping[str, int]
    """units of each line that no fulfilment tells of"""
    told: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its tracking numbers."""
        return tuple(number for number, _ in self.boxes)


@dataclass(frozen=True, slots=True)
class Plan:
    """An order's loads, and which of them each parcel is in."""

    loads: tuple[Load, ...]
    places: tuple[int, ...]

    @property
    def done(self) -> bool:
        """Whether all is told."""
        return not any(load.missing for load in self.loads)


def plan(order: payloads.Order, request: ConfirmShipment) -> Plan | Rejected:
    """What is told and what is missing, in the order of the parcels."""
    loads, places = _loads(request.parcels)
    if not loads:
        return Rejected("the parcel holds no units of the order's lines", code="NO_LINES", mendable=False)
    free = list(order.standing)
    return Plan(tuple(_matched(load, free, request.before) for load in loads), places)


def _loads(parcels: Sequence[ToldParcel]) -> tuple[list[Load], tuple[int, ...]]:
    loads: list[Load] = []
    places: list[int] = []
    spare: tuple[tuple[str, str | None], ...] = ()
    for parcel in parcels:
        number = parcel.tracking.strip()
        boxes = ((number, parcel.tracking_url),) if number else ()
        lines = added(parcel.lines)
        if lines:
            loads.append(Load(parcel.carrier, (*boxes, *spare), lines))
            spare = ()
        elif loads:
            loads[-1] = replace(loads[-1], boxes=(*loads[-1].boxes, *boxes))
        else:
            spare = (*spare, *boxes)
        places.append(max(0, len(loads) - 1))
    return loads, tuple(places)


def _matched(load: Load, free: list[payloads.Fulfilment], before: Sequence[str]) -> Load:
    """With what is told taken off; fulfilments that tell of it are taken out of `free`."""
    for fulfilment in list(free):
        units = fulfilment.units
        inside = bool(units) and all(load.missing.get(line, 0) >= count for line, count in units.items())
        if inside and _is_of(fulfilment, load, before):
            free.remove(fulfilment)
            left = {line: count - units.get(line, 0) for line, count in load.missing.items()}
            missing = {line: count for line, count in left.items() if count > 0}
            load = replace(load, missing=missing, told=(*load.told, fulfilment.id))
    return load


def _is_of(fulfilment: payloads.Fulfilment, load: Load, before: Sequence[str]) -> bool:
    numbers = {(each.number or "").strip() for each in fulfilment.tracking_info} - {""}
    if load.numbers:
        return bool(numbers & set(load.numbers))
    return not numbers and fulfilment.id not in before


def too_late(order: payloads.Order, steps: Plan) -> Rejected | None:
    """Why what is missing cannot be told any more, where it cannot."""
    wanted = added(line for load in steps.loads for line in load.missing.items())
    if wanted and order.cancelled_at is not None:
        return Rejected(f"order {order.name} was cancelled in the shop", code="CANCELLED")
    left = {line.id: line.unfulfilled_quantity for line in order.line_items.nodes}
    for line, units in wanted.items():
        if line not in left:
            return Rejected(f"order {order.name} has no line {line}", code="NO_LINE", mendable=False)
        if units > left[line]:
            return Rejected(
                f"order {order.name}: {units} units of line {line} left, and the shop has {max(0, left[line])} in no "
                "shipment yet: staff may have told of them, or taken them off",
                code="ALREADY_FULFILLED",
            )
    return None


def added(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Units by line; lines without units are left out."""
    found: dict[str, int] = {}
    for line, units in lines:
        if units > 0:
            found[line] = found.get(line, 0) + units
    return found


@dataclass(slots=True)
class Work:
    """What one fulfilment order has left to send; `take` uses it up."""

    id: str
    status: str
    location: str | None
    place: str
    holds: tuple[str, ...]
    lines: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    """(the fulfilment order's own line, units) by the order's line"""

    def left(self, line: str) -> int:
        """Units of an order line that it has left."""
        return sum(units for _, units in self.lines.get(line, ()))

    def take(self, line: str, units: int) -> list[tuple[str, int]]:
        """So many units of a line off it, by its own lines."""
        taken: list[tuple[str, int]] = []
        rest: list[tuple[str, int]] = []
        for id, there in self.lines.get(line, ()):
            here = min(units, there)
            units -= here
            taken += [(id, here)] if here else []
            rest += [(id, there - here)] if there > here else []
        self.lines[line] = rest
        return taken


def work_of(order: payloads.FulfilmentOrder) -> Work:
    """A fulfilment order, as far as it has something left."""
    place = order.assigned_location
    work = Work(
        order.id,
        order.status,
        place.location.id if place.location else None,
        place.name,
        tuple(hold.reason for hold in order.fulfillment_holds),
    )
    for line in order.line_items.nodes:
        if line.remaining_quantity > 0:
            work.lines.setdefault(line.line_item.id, []).append((line.id, line.remaining_quantity))
    return work


Taken = dict[str, list[tuple[str, int]]]
"""(fulfilment order's line, units) by fulfilment order"""
MOST_LINES = 250
"""Shopify takes no longer list in one mutation."""


def portions(taken: Taken) -> list[Taken]:
    """What one fulfilment each can tell of: no more lines than Shopify takes at once."""
    found: list[Taken] = []
    room = 0
    for order, lines in taken.items():
        for line in lines:
            if not room:
                found.append({})
                room = MOST_LINES
            found[-1].setdefault(order, []).append(line)
            room -= 1
    return found


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Units that a location which is not ours was given."""

    work: Work
    lines: tuple[tuple[str, int], ...]
    """(the fulfilment order's line, units)"""


def assign(
    missing: Mapping[str, int], works: Sequence[Work], places: Places, number: str
) -> dict[str, Taken] | Rejected | list[Elsewhere]:
    """What to take of which fulfilment orders, by location: one fulfilment can come from one location only.

    `Elsewhere` where our locations have not enough and another one has; Rejected, in words, where nobody may send it.
    """
    found: dict[str, Taken] = {}
    elsewhere: list[Elsewhere] = []
    for line, wanted in missing.items():
        units = wanted
        for work in works:
            if units and work.status in _WORKABLE and _is_ours(work, places):
                units -= _take(work, line, units, found.setdefault(work.location or "", {}))
        for work in works:
            if units and work.status in _WORKABLE and not _is_ours(work, places) and work.left(line):
                taken = work.take(line, units)
                units -= sum(count for _, count in taken)
                elsewhere.append(Elsewhere(work, tuple(taken)))
        if units:
            return _why_not(line, works, number)
    return elsewhere or {location: taken for location, taken in found.items() if taken}


def _take(work: Work, line: str, units: int, into: Taken) -> int:
    taken = work.take(line, units)
    if taken:
        into.setdefault(work.id, []).extend(taken)
    return sum(count for _, count in taken)


def _is_ours(work: Work, places: Places) -> bool:
    return places.all_ours or work.location in places.locations


def _why_not(line: str, works: Sequence[Work], number: str) -> Rejected:
    for work in works:
        if not work.left(line):
            continue
        if work.status == "ON_HOLD":
            why = ", ".join(sorted(set(work.holds))).lower().replace("_", " ") or "no reason given"
            return Rejected(
                f"order {number}: the shop holds its fulfilment ({why}): release the hold in the shop",
                code="HELD",
            )
        if work.status == "SCHEDULED":
            return Rejected(
                f"order {number}: the shop has scheduled its fulfilment for later: open it in the shop",
                code="SCHEDULED",
            )
    return Rejected(
        f"order {number}: no open fulfilment order has so many units of line {line} left",
        code="WRONG_QUANTITY",
    )


def not_ours(elsewhere: Sequence[Elsewhere], number: str) -> Rejected:
    """The outcome where another location shall send it and nothing is to be moved."""
    names = ", ".join(sorted({each.work.place for each in elsewhere}))
    return Rejected(
        f"order {number}: the shop gave lines of it to {names}, which is not one of our locations: move them in the "
        "shop, name the location in the locations option, or set move_fulfilment_orders",
        code="WRONG_LOCATION",
    )
