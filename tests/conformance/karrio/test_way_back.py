"""Labels for the way back, parcels that turn round, and what Karrio cannot do about them."""

from dataclasses import replace

import pytest

from connectors.contract import BookRequest, Capability, Deadline, Done, InterceptRequest, Rejected
from connectors.couriers.karrio.connector import KarrioCourier
from sync.domain.tracking import TrackingReport

from .conftest import ADA, CARRIER, WAREHOUSE, Counter, asks


def back() -> BookRequest:
    """A label from the buyer to the warehouse."""
    return replace(asks(), sender=ADA, ship_to=WAREHOUSE)


async def bought(courier: KarrioCourier, request: BookRequest, soon: Deadline) -> tuple[str | None, str]:
    """Its id and its tracking number."""
    outcome = await courier.book(request, soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.external_id, outcome.echo.tracking


async def told(courier: KarrioCourier, number: str, soon: Deadline) -> TrackingReport:
    outcome = (await courier.track([(CARRIER, number)], soon))[number]
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.echo


async def test_a_label_for_the_way_back_is_one_from_the_buyer_to_the_warehouse(
    counter: Counter, courier: KarrioCourier, soon: Deadline
) -> None:
    request = back()
    first = await bought(courier, request, soon)
    assert await bought(courier, request, soon) == first
    (shown,) = counter.desk.shipments(request.reference)
    assert (shown["shipper"]["person_name"], shown["recipient"]["company_name"]) == (
        ADA.name,
        WAREHOUSE.company,
    )


async def test_the_label_is_a_pdf_and_is_given_back_while_nobody_has_used_it(
    courier: KarrioCourier, soon: Deadline
) -> None:
    request = back()
    await bought(courier, request, soon)
    (booking,) = await courier.find_bookings(request.reference, soon)
    assert (await courier.label(booking, soon)).startswith(b"%PDF")
    assert await courier.void(booking.external_id, soon) == Done(booking.external_id)
    (voided,) = await courier.find_bookings(request.reference, soon)
    assert voided.voided


async def test_the_way_out_and_the_way_back_are_two_labels(courier: KarrioCourier, soon: Deadline) -> None:
    out = asks()
    assert await bought(courier, out, soon) != await bought(courier, back(), soon)
    assert len(await courier.find_bookings(out.reference, soon)) == 1


@pytest.mark.parametrize(
    ("scan", "status"),
    [("in_transit", "in_transit"), ("delivered", "delivered")],
)
async def test_a_parcel_on_its_way_back_is_tracked_like_any_other(
    counter: Counter, courier: KarrioCourier, soon: Deadline, scan: str, status: str
) -> None:
    _, number = await bought(courier, back(), soon)
    counter.desk.inject(counter.desk.tracker(number)["id"], (scan, "scanned"))
    assert (await told(courier, number, soon)).status == status


async def test_a_parcel_that_turns_round_is_seen_to_come_back(
    counter: Counter, courier: KarrioCourier, soon: Deadline
) -> None:
    _, number = await bought(courier, asks(), soon)
    counter.desk.inject(counter.desk.tracker(number)["id"], ("return_to_sender", "turned round"))
    assert (await told(courier, number, soon)).status == "returning"


async def test_a_parcel_cannot_be_turned_back_and_the_reason_says_what_to_do(
    courier: KarrioCourier, soon: Deadline
) -> None:
    assert not courier.manifest.can(Capability.INTERCEPT)
    outcome = await courier.intercept(InterceptRequest("k", "JD0001", "cancelled"), soon)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "unsupported"
    assert outcome.reason.endswith("ask its carrier, on the carrier's site or by phone")
