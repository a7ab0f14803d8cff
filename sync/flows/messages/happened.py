"""What has happened to an order that its customer may be told of, as its stored state shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sync.domain.clock import from_micros
from sync.domain.lifecycle import OrderState
from sync.domain.messages import Event, Fact, Occurred
from sync.store.cases import StoredCase
from sync.store.parcels import Parcel

_SHOP_WANTS_NONE = frozenset({"cancelled", "gone"})


@dataclass(frozen=True, slots=True)
class Again:
    """A line's goods leave instead of others, or once more: how that is told, and of which request."""

    event: Event
    request: str


def happened(
    case: StoredCase,
    state: OrderState,
    closed_at: datetime | None,
    again: Mapping[str, Again] = MappingProxyType({}),
) -> tuple[Occurred, ...]:
    """Every event of the order and its parcels so far. `state` and `closed_at` are what was just decided.

    `again`: by our line, those that leave for a request after the sale. A parcel of nothing else is told
    as that alone.
    """
    left = [parcel for parcel in case.parcels if parcel.left_at is not None and parcel.voided_at is None]
    if state is OrderState.CANCELLED and closed_at is not None and not left:
        return (Occurred(Event.CANCELLED, case.row.id, closed_at),)
    if case.row.status in _SHOP_WANTS_NONE:
        return ()
    return tuple(one for parcel in left for one in _of_parcel(parcel, again))


def _of_parcel(parcel: Parcel, again: Mapping[str, Again]) -> Iterator[Occurred]:
    """What has arrived is not told to be on its way any more."""
    facts = parcel_facts(parcel)
    numbered = Fact.TRACKING in facts
    if parcel.delivered_at is not None and numbered:
        yield Occurred(Event.DELIVERED, parcel.id, from_micros(parcel.delivered_at), facts)
        return
    if parcel.left_at is not None:
        at, lines = from_micros(parcel.left_at), {line for line, _ in parcel.lines}
        if not lines or not lines <= again.keys():
            yield Occurred(Event.SHIPPED, parcel.id, at, facts)
        for event, request in sorted(
            {(again[line].event, again[line].request) for line in lines & again.keys()}
        ):
            yield Occurred(event, f"{parcel.id}/{request}", at, {**facts, Fact.REQUEST: request})
    if parcel.first_scan_at is not None and numbered:
        yield Occurred(Event.FIRST_SCAN, parcel.id, from_micros(parcel.first_scan_at), facts)


def parcel_facts(parcel: Parcel) -> dict[Fact, str]:
    """What a message may name of a parcel; what is not known is left out."""
    facts = {
        Fact.TRACKING: parcel.tracking,
        Fact.COURIER: parcel.carrier,
        Fact.TRACKING_URL: parcel.tracking_url,
    }
    return {fact: value for fact, value in facts.items() if value}
