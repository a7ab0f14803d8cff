"""What has happened to an order that its customer may be told of, as its stored state shows it."""

from collections.abc import Iterator
from datetime import datetime

from sync.domain.clock import from_micros
from sync.domain.lifecycle import OrderState
from sync.domain.messages import Event, Fact, Occurred
from sync.store.cases import StoredCase
from sync.store.parcels import Parcel

_SHOP_WANTS_NONE = frozenset({"cancelled", "gone"})


def happened(case: StoredCase, state: OrderState, closed_at: datetime | None) -> tuple[Occurred, ...]:
    """Every event of the order and its parcels so far. `state` and `closed_at` are what was just decided."""
    left = [parcel for parcel in case.parcels if parcel.left_at is not None and parcel.voided_at is None]
    if state is OrderState.CANCELLED and closed_at is not None and not left:
        return (Occurred(Event.CANCELLED, case.row.id, closed_at),)
    if case.row.status in _SHOP_WANTS_NONE:
        return ()
    return tuple(one for parcel in left for one in _of_parcel(parcel))


def _of_parcel(parcel: Parcel) -> Iterator[Occurred]:
    """What has arrived is not told to be on its way any more."""
    facts = parcel_facts(parcel)
    numbered = Fact.TRACKING in facts
    if parcel.delivered_at is not None and numbered:
        yield Occurred(Event.DELIVERED, parcel.id, from_micros(parcel.delivered_at), facts)
        return
    if parcel.left_at is not None:
        yield Occurred(Event.SHIPPED, parcel.id, from_micros(parcel.left_at), facts)
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
