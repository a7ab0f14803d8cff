"""What an order's stored state shows that its customer may be told of."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

from sync.domain.clock import to_micros
from sync.domain.lifecycle import OrderState
from sync.domain.messages import Event, Fact
from sync.domain.tracking import TrackingStatus
from sync.flows.messages.happened import happened
from sync.store.cases import StoredCase
from sync.store.parcels import Parcel

NOON = datetime(2026, 6, 11, 12, tzinfo=UTC)
AT = to_micros(NOON)
PARCEL = Parcel(
    id="p1",
    order_id="o1",
    fulfilment_id="f1",
    external_id="x",
    number="1",
    weight_kg=None,
    tracking="SF1",
    carrier="sf",
    courier_id="c",
    booking_external_id=None,
    tracking_url=None,
    status=TrackingStatus.IN_TRANSIT,
    status_at=AT,
    booked_at=AT,
    labelled_at=AT,
    left_at=AT,
    told_at=None,
    told_external_id=None,
    first_scan_at=AT,
    delivered_at=None,
    delivery_told_at=None,
    ended_at=None,
    voided_at=None,
    created_at=AT,
    lines={},
)


def case(*parcels: Parcel, status: str = "open") -> StoredCase:
    row = SimpleNamespace(id="o1", status=status, state="sent")
    return StoredCase(row, (), (), parcels, (), {}, frozenset(), {})


def events(of: StoredCase, state: OrderState = OrderState.SHIPPED, closed: bool = False) -> list[Event]:
    return [one.event for one in happened(of, state, NOON if closed else None)]


def test_a_parcel_that_left_and_was_scanned_is_told_of_with_what_is_known() -> None:
    one, other = happened(case(PARCEL), OrderState.SHIPPED, None)
    assert (one.event, other.event) == (Event.SHIPPED, Event.FIRST_SCAN)
    assert other.key == "first_scan:p1"
    assert other.facts == {Fact.TRACKING: "SF1", Fact.COURIER: "sf"}
    assert other.at == NOON


def test_what_has_arrived_is_not_told_to_be_on_its_way() -> None:
    assert events(case(replace(PARCEL, delivered_at=AT))) == [Event.DELIVERED]


def test_what_has_not_left_or_was_given_back_is_not_told_of() -> None:
    assert events(case(replace(PARCEL, left_at=None))) == []
    assert events(case(replace(PARCEL, voided_at=AT))) == []
    assert events(case(replace(PARCEL, tracking=None))) == [Event.SHIPPED]


def test_a_cancelled_order_is_told_once_it_is_closed_and_only_where_nothing_left() -> None:
    stopped = case(status="cancelled")
    assert events(stopped, OrderState.CANCELLED) == []
    assert events(stopped, OrderState.CANCELLED, closed=True) == [Event.CANCELLED]
    assert events(case(PARCEL, status="cancelled"), OrderState.CANCELLED, closed=True) == []
