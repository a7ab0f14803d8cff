"""Rates, the day's manifest, the van, and whose account it is."""

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.contract import (
    Deadline,
    Done,
    ManifestRequest,
    PackageSpec,
    PickupRequest,
    RateRequest,
    Refused,
    Rejected,
    Unknown,
)
from connectors.couriers.karrio.connector import KarrioCourier
from sync.domain.money import Money
from tests.conformance.karrio.conftest import ADA, CARRIER, WAREHOUSE, Counter, Wire, asks

PACKAGE = PackageSpec(Decimal("0.8"))


def van(key: str = "", *numbers: str) -> PickupRequest:
    day, ready, closing = dt.date(2030, 3, 4), dt.time(9, 0), dt.time(17, 30)
    return PickupRequest(key or uuid.uuid4().hex, CARRIER, WAREHOUSE, day, ready, closing, numbers)


async def test_each_service_is_offered_with_its_price_and_days(
    courier: KarrioCourier, soon: Deadline
) -> None:
    offers = await courier.rates(RateRequest(WAREHOUSE, ADA, PACKAGE, (CARRIER,)), soon)
    assert {(each.service, each.charge, each.transit_days) for each in offers} == {
        ("loopback_standard", Money(800, "CNY"), 3),
        ("loopback_express", Money(2300, "CNY"), 1),
    }


async def test_a_parcel_that_no_service_takes_has_no_offers(courier: KarrioCourier, soon: Deadline) -> None:
    heavy = PackageSpec(Decimal(90))
    assert await courier.rates(RateRequest(WAREHOUSE, ADA, heavy, (CARRIER,)), soon) == ()


async def test_a_question_that_karrio_refuses_names_the_field_and_not_the_person(
    courier: KarrioCourier, soon: Deadline
) -> None:
    nowhere = replace(ADA, country="ZZ")
    with pytest.raises(Refused, match=r"recipient\.country_code") as error:
        await courier.rates(RateRequest(WAREHOUSE, nowhere, PACKAGE), soon)
    assert "Ada" not in str(error.value)


async def test_the_day_is_closed_with_a_document(courier: KarrioCourier, soon: Deadline) -> None:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.external_id is not None
    closing = ManifestRequest("day-1", CARRIER, WAREHOUSE, (outcome.external_id,))
    closed = await courier.manifest_day(closing, soon)
    assert isinstance(closed, Done)
    assert closed.echo


@pytest.mark.parametrize(("bookings", "code"), [((), "empty"), (("shp_none",), "not_found")])
async def test_a_day_without_labels_is_not_closed(
    courier: KarrioCourier, soon: Deadline, bookings: tuple[str, ...], code: str
) -> None:
    closed = await courier.manifest_day(ManifestRequest("day-1", CARRIER, WAREHOUSE, bookings), soon)
    assert isinstance(closed, Rejected)
    assert closed.code == code


async def test_a_lost_answer_to_the_manifest_is_unknown(counter: Counter, soon: Deadline) -> None:
    wire = Wire()
    courier = counter.connector(wire=wire)
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.external_id is not None
    wire.lose_answer_to = "/v1/proxy/manifest"
    closing = ManifestRequest("day-1", CARRIER, WAREHOUSE, (outcome.external_id,))
    assert isinstance(await courier.manifest_day(closing, soon), Unknown)


async def test_the_van_is_ordered_once_for_a_key_even_where_the_answer_was_lost(
    counter: Counter, soon: Deadline
) -> None:
    wire = Wire()
    courier = counter.connector(wire=wire)
    wire.lose_answer_to = "POST /v1/pickups"
    request = van()
    assert isinstance(await courier.pickup(request, soon), Unknown)
    first = await courier.pickup(request, soon)
    assert isinstance(first, Done)
    assert first.echo
    assert await courier.pickup(request, soon) == first
    assert wire.sent.count("POST /v1/pickups") == 1


async def test_a_van_for_a_parcel_that_karrio_does_not_know_is_rejected(
    courier: KarrioCourier, soon: Deadline
) -> None:
    ordered = await courier.pickup(van("", "no-such-parcel"), soon)
    assert isinstance(ordered, Rejected)
    assert "tracking_numbers" in ordered.reason


async def test_a_parcel_on_a_pickup_is_not_voided_and_a_person_can_mend_that(
    courier: KarrioCourier, soon: Deadline
) -> None:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert isinstance(await courier.pickup(van("", outcome.echo.tracking), soon), Done)
    voided = await courier.void(outcome.echo.external_id, soon)
    assert isinstance(voided, Rejected)
    assert (voided.code, voided.mendable) == ("on_pickup", True)


async def test_the_account_is_known_again_whatever_is_done_in_it(
    counter: Counter, courier: KarrioCourier, soon: Deadline
) -> None:
    before = await courier.identity(soon)
    await courier.book(asks(), soon)
    assert await counter.connector().identity(soon) == before
    assert before.startswith("karrio-")
