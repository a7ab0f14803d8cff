"""One label for each reference, wherever a booking breaks off."""

from dataclasses import replace

import httpx
import pytest

from connectors.contract import Deadline, Done, Rejected, Retry, Unknown
from connectors.couriers.karrio.connector import KarrioCourier
from sync.domain.money import Money
from tests.conformance.karrio.conftest import ADA, CONNECTION, Counter, Wire, asks


async def test_the_cheapest_service_is_bought_where_none_is_asked_for(
    courier: KarrioCourier, soon: Deadline
) -> None:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert (outcome.echo.service, outcome.echo.charge) == ("loopback_standard", Money(800, "CNY"))
    assert outcome.echo.tracking


async def test_the_service_that_is_asked_for_is_bought(courier: KarrioCourier, soon: Deadline) -> None:
    outcome = await courier.book(asks(service="loopback_express"), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert (outcome.echo.service, outcome.echo.charge) == ("loopback_express", Money(2300, "CNY"))


async def test_the_carriers_own_service_is_bought_where_an_order_names_none(
    counter: Counter, soon: Deadline
) -> None:
    usual = {"loopback": {"connections": [CONNECTION], "service": "loopback_express"}}
    outcome = await counter.connector(carriers=usual).book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert outcome.echo.service == "loopback_express"


async def test_a_carrier_that_is_not_in_the_options_is_used_with_all_its_connections(
    counter: Counter, soon: Deadline
) -> None:
    assert isinstance(await counter.connector(carriers={}).book(asks(), soon), Done)


async def test_a_reference_that_is_part_of_another_one_is_another_one(
    courier: KarrioCourier, soon: Deadline
) -> None:
    long = asks()
    short = asks(long.reference[:-1])
    one, other = await courier.book(long, soon), await courier.book(short, soon)
    assert isinstance(one, Done)
    assert isinstance(other, Done)
    assert one.external_id != other.external_id
    assert [each.external_id for each in await courier.find_bookings(short.reference, soon)] == [
        other.external_id
    ]


async def test_the_label_is_a_pdf_with_or_without_its_address(courier: KarrioCourier, soon: Deadline) -> None:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert (await courier.label(outcome.echo, soon)).startswith(b"%PDF")
    assert (await courier.label(replace(outcome.echo, label_url=None), soon)).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("request_", "code", "word"),
    [
        (asks(service="teleport"), "no_rate", "teleport"),
        (asks(kilograms="90"), "no_rate", "any service"),
        (asks(kilograms="0"), "no_weight", "no weight"),
        (asks(to=replace(ADA, name="x" * 101)), "validation", "recipient.person_name"),
        (asks(to=replace(ADA, phone="call-me-maybe")), "validation", "recipient.phone_number"),
        (asks(to=replace(ADA, country=None)), "validation", "recipient.country_code"),
        (asks("R" * 101), "validation", "reference"),
    ],
    ids=["service", "weight", "no weight", "name", "phone", "country", "reference"],
)
async def test_what_the_courier_does_not_take_is_rejected_with_the_field_and_without_the_person(
    courier: KarrioCourier, soon: Deadline, request_: object, code: str, word: str
) -> None:
    outcome = await courier.book(request_, soon)  # type: ignore[arg-type]
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert word in outcome.reason
    assert not any(each in outcome.reason for each in ("Ada", "xxx", "call-me", "Berlin"))


async def test_a_connection_that_karrio_does_not_have_is_rejected(counter: Counter, soon: Deadline) -> None:
    lost = counter.connector(carriers={"loopback": {"connections": ["loop-lost"]}})
    outcome = await lost.book(asks(), soon)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "not_found"


async def test_a_lost_answer_to_the_draft_bought_nothing_and_the_draft_is_finished(
    counter: Counter, soon: Deadline
) -> None:
    wire, request = Wire(), asks()
    wire.lose_answer_to = "POST /v1/shipments"
    courier = counter.connector(wire=wire)
    assert isinstance(await courier.book(request, soon), Retry)
    assert await courier.find_bookings(request.reference, soon) == ()
    assert isinstance(await courier.book(request, soon), Done)
    assert [each["status"] for each in counter.desk.shipments(request.reference)] == ["created"]


async def test_a_lost_answer_to_the_purchase_is_unknown_and_the_label_is_found(
    counter: Counter, soon: Deadline
) -> None:
    wire, request = Wire(), asks()
    wire.lose_answer_to = "/purchase"
    courier = counter.connector(wire=wire)
    assert isinstance(await courier.book(request, soon), Unknown)
    (found,) = await courier.find_bookings(request.reference, soon)
    assert await courier.book(request, soon) == Done(found.external_id, found)
    assert [each["status"] for each in counter.desk.shipments(request.reference)] == ["created"]


async def test_a_draft_to_an_old_address_is_thrown_away(counter: Counter, soon: Deadline) -> None:
    request = asks()
    counter.desk.draft(request.reference)
    outcome = await counter.connector().book(request, soon)
    assert isinstance(outcome, Done)
    (old, new) = sorted(counter.desk.shipments(request.reference), key=lambda each: each["created_at"])
    assert (old["status"], new["status"]) == ("cancelled", "created")
    assert new["recipient"]["address_line1"] == "Hauptstr. 1"


async def test_a_label_that_a_clerk_bought_in_the_same_moment_is_taken(
    counter: Counter, soon: Deadline
) -> None:
    wire, request = Wire(), asks()

    async def clerk(theirs: httpx.Request) -> None:
        counter.desk.http.send(
            counter.desk.http.build_request("POST", theirs.url.path, content=theirs.content, headers=JSON)
        ).raise_for_status()

    wire.before = ("/purchase", clerk)
    outcome = await counter.connector(wire=wire).book(request, soon)
    assert isinstance(outcome, Done)
    (only,) = counter.desk.shipments(request.reference)
    assert (only["id"], only["status"]) == (outcome.external_id, "created")


JSON = {"Content-Type": "application/json"}


async def test_a_voided_label_is_given_back_once_and_is_not_bought_again_under_its_reference(
    courier: KarrioCourier, soon: Deadline
) -> None:
    request = asks()
    outcome = await courier.book(request, soon)
    assert isinstance(outcome, Done)
    assert outcome.external_id is not None
    for _ in range(2):
        assert isinstance(await courier.void(outcome.external_id, soon), Done)
    (found,) = await courier.find_bookings(request.reference, soon)
    assert found.voided
    again = await courier.book(request, soon)
    assert isinstance(again, Rejected)
    assert again.code == "voided"


async def test_a_label_that_the_carrier_has_scanned_cannot_be_voided(
    counter: Counter, courier: KarrioCourier, soon: Deadline
) -> None:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    counter.scan(outcome.echo.tracking, "picked_up")
    voided = await courier.void(outcome.echo.external_id, soon)
    assert isinstance(voided, Rejected)
    assert (voided.code, voided.mendable) == ("NOT_VOIDABLE", False)


async def test_a_parcel_that_karrio_knows_to_be_under_way_cannot_be_voided(
    counter: Counter, courier: KarrioCourier, soon: Deadline
) -> None:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    tracker = counter.desk.tracker(outcome.echo.tracking)["id"]
    counter.desk.inject(tracker, ("in_transit", "at the hub"))
    voided = await courier.void(outcome.echo.external_id, soon)
    assert isinstance(voided, Rejected)
    assert (voided.code, voided.mendable) == ("too_late", False)


async def test_a_label_that_does_not_exist_cannot_be_voided(courier: KarrioCourier, soon: Deadline) -> None:
    voided = await courier.void("shp_00000000000000000000000000000000", soon)
    assert isinstance(voided, Rejected)
    assert voided.code == "not_found"
