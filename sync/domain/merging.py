"""Parcels of several orders that go to one door under one label.

Orders are never merged: each keeps its lines, its parcel and its confirmation, and only the number is the same.

    may share   the same shop, warehouse, recipient and shipping method; paid; nothing open; no number yet
    waits       for orders that will be packed for the same door, up to `within` after it was packed, and
                never beyond the earliest ship-by of all of them, less `spare`

Whether parcels may share is looked at again when their label is bought: `flaw` and `same_door` are that law.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sync.domain.orders import PaymentStatus

SETTLED = frozenset({PaymentStatus.PAID, PaymentStatus.PART_REFUNDED, PaymentStatus.FREE})
"""The money is here. What is paid on delivery is never among them."""


class Flaw(StrEnum):
    """Why a parcel has a label of its own."""

    NO_RULE = "no rule of `merging` is for it"
    NO_DOOR = "nobody knows where it goes"
    APART = "a label that it was to share came to nothing"
    LEFT = "it has left"
    UNPAID = "the order is not paid"
    HELD = "the order is held"
    STOPPED = "the order or its fulfilment is to be stopped"
    ASKED = "a request is open about one of its lines"


@dataclass(frozen=True, slots=True)
class Door:
    """What parcels under one label have in common. `recipient` is a keyed hash of who and where."""

    shop: str
    warehouse: str
    recipient: bytes = field(repr=False)
    service: str = ""
    """The shipping method that the buyer chose."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a packed parcel waits for others (`within` zero: not at all), and what it leaves of the deadline."""

    within: timedelta
    spare: timedelta


@dataclass(frozen=True, slots=True)
class Ready:
    """A packed parcel without a number. `asked` are the lines of its order that open requests are about."""

    parcel: str
    order: str
    door: Door | None
    lines: frozenset[str]
    packed_at: datetime
    ship_by: datetime | None
    """The earliest of its lines."""
    patience: Patience | None
    """None: no rule lets it share."""
    payment: PaymentStatus
    held: bool = False
    stopping: bool = False
    asked: frozenset[str] = frozenset()
    left: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """An order that will be packed for a door: its goods are there, and nothing of it waits for anybody."""

    order: str
    door: Door
    ship_by: datetime | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a parcel waits, and for which orders."""

    until: datetime
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels to be bought now, each by its parcels, the most urgent one first; and what waits."""

    bookings: tuple[tuple[str, ...], ...]
    waits: Mapping[str, Wait]


def label_key(parcels: Iterable[tuple[str, str]]) -> str:
    """The idempotency key of a label for these parcels: (the fulfilment's reference, the parcel's external id).

    It is made of all of them, so that parcels which shared a label that came to nothing can each have their own.
    """
    return f"book:{'+'.join(sorted(f'{reference}:{external_id}' for reference, external_id in parcels))}"


def flaw(one: Ready) -> Flaw | None:
    """Why this parcel may share no label; None where it may."""
    found = (
        (Flaw.NO_RULE, one.patience is None),
        (Flaw.NO_DOOR, one.door is None),
        (Flaw.APART, one.apart),
        (Flaw.LEFT, one.left),
        (Flaw.UNPAID, one.payment not in SETTLED),
        (Flaw.HELD, one.held),
        (Flaw.STOPPED, one.stopping),
        (Flaw.ASKED, bool(one.asked & one.lines)),
    )
    return next((why for why, so in found if so), None)


def same_door(parcels: Iterable[Ready]) -> bool:
    """Whether all of them go to one door."""
    return len({one.door for one in parcels}) == 1


def labels(ready: Sequence[Ready], coming: Sequence[Coming], now: datetime) -> Labels:
    """Every parcel in one booking, or waiting. A booking has at most one parcel of each order."""
    bookings: list[tuple[str, ...]] = [(one.parcel,) for one in ready if flaw(one) is not None]
    waits: dict[str, Wait] = {}
    groups: dict[Door, list[Ready]] = {}
    for one in ready:
        if one.door is not None and flaw(one) is None:
            groups.setdefault(one.door, []).append(one)
    for door, parcels in groups.items():
        here = {one.order for one in parcels}
        awaited = [one for one in coming if one.door == door and one.order not in here]
        until = _until(parcels, awaited)
        if awaited and now < until:
            wait = Wait(until, tuple(sorted(one.order for one in awaited)))
            waits |= dict.fromkeys((one.parcel for one in parcels), wait)
        else:
            bookings += _together(parcels)
    return Labels(tuple(bookings), waits)


def _until(parcels: Sequence[Ready], awaited: Sequence[Coming]) -> datetime:
    """The end of the shortest patience, or so long before the earliest deadline, whichever is first."""
    patient = [(one.packed_at, one.patience) for one in parcels if one.patience is not None]
    spare = max(patience.spare for _, patience in patient)
    ends = [packed_at + patience.within for packed_at, patience in patient]
    deadlines = (*(one.ship_by for one in parcels), *(one.ship_by for one in awaited))
    return min([*ends, *(at - spare for at in deadlines if at is not None)])


def _together(parcels: Sequence[Ready]) -> list[tuple[str, ...]]:
    """What a warehouse packed apart for one order stays apart: each order's nth parcels share a label."""
    seen: dict[str, int] = {}
    layers: dict[int, list[Ready]] = {}
    for one in sorted(parcels, key=lambda one: (one.packed_at, one.parcel)):
        n = seen.get(one.order, 0)
        seen[one.order] = n + 1
        layers.setdefault(n, []).append(one)
    return [tuple(one.parcel for one in sorted(layer, key=urgency)) for layer in layers.values()]


def urgency(one: Ready) -> tuple[bool, datetime, str]:
    """The earliest deadline first; what has none comes last, the longest packed first."""
    return one.ship_by is None, one.ship_by or one.packed_at, one.parcel
