"""Where parcels are, asked for one number at a time, and no number's trouble is another one's."""

import datetime as dt

import pytest

from connectors.contract import Deadline, Done, Rejected, Retry, Unavailable
from connectors.couriers.karrio.connector import KarrioCourier
from sync.domain.clock import SetClock
from sync.domain.tracking import TrackingReport
from tests.conformance.karrio.conftest import CARRIER, Counter, Wire, asks


async def booked(courier: KarrioCourier, soon: Deadline) -> str:
    outcome = await courier.book(asks(), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.echo.tracking


async def told(courier: KarrioCourier, number: str, soon: Deadline) -> TrackingReport:
    outcome = (await courier.track([(CARRIER, number)], soon))[number]
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.echo


async def test_a_fresh_label_is_before_transit_and_dated_in_utc(
    courier: KarrioCourier, soon: Deadline
) -> None:
    report = await told(courier, await booked(courier, soon), soon)
    assert report.status == "pre_transit"
    assert all(each.at is not None and each.at.utcoffset() == dt.timedelta(0) for each in report.events)


async def test_one_number_is_known_one_not_yet_and_one_never(courier: KarrioCourier, soon: Deadline) -> None:
    number = await booked(courier, soon)
    parcels = [(CARRIER, number), (CARRIER, "not-yet"), ("no-such-carrier", "never")]
    found = await courier.track(parcels, soon)
    assert isinstance(found[number], Done)
    assert isinstance(found["not-yet"], Retry)
    never = found["never"]
    assert isinstance(never, Rejected)
    assert "carrier_name" in never.reason


@pytest.mark.parametrize("status", ["in_transit", "out_for_delivery", "delivered"])
async def test_what_karrio_was_told_is_seen(
    counter: Counter, courier: KarrioCourier, soon: Deadline, status: str
) -> None:
    number = await booked(courier, soon)
    counter.desk.inject(counter.desk.tracker(number)["id"], (status, "scanned"))
    report = await told(courier, number, soon)
    assert report.status == status
    assert status in {each.status for each in report.events} | {"in_transit"}


async def test_within_a_minute_a_number_is_read_and_not_asked_for_again(
    counter: Counter, soon: Deadline
) -> None:
    wire, clock = Wire(), SetClock(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    courier = counter.connector(wire=wire, clock=clock)
    number = await booked(courier, soon)
    wire.sent.clear()
    for _ in range(2):
        await told(courier, number, soon)
    clock.move(dt.timedelta(seconds=61))
    await told(courier, number, soon)
    assert wire.sent == ["POST /v1/trackers", f"GET /v1/trackers/{number}", "POST /v1/trackers"]


async def test_after_a_minute_the_carriers_own_scans_are_seen(
    counter: Counter, courier: KarrioCourier, soon: Deadline
) -> None:
    number = await booked(courier, soon)
    counter.scan(number, "out_for_delivery")
    counter.a_minute_passes()
    report = await told(courier, number, Deadline.after(60))
    assert report.status == "out_for_delivery"
    assert {"pre_transit", "out_for_delivery"} <= {each.status for each in report.events}


async def test_a_number_that_is_asked_for_twice_is_answered_once(counter: Counter, soon: Deadline) -> None:
    wire = Wire()
    courier = counter.connector(wire=wire)
    found = await courier.track([(CARRIER, "twice"), (CARRIER, "twice")], soon)
    assert (list(found), wire.sent) == (["twice"], ["POST /v1/trackers"])


async def test_no_parcel_needs_no_request(counter: Counter, soon: Deadline) -> None:
    wire = Wire()
    assert await counter.connector(wire=wire).track([], soon) == {}
    assert wire.sent == []


async def test_where_nobody_answers_nothing_is_said_of_the_parcels(counter: Counter, soon: Deadline) -> None:
    nobody = counter.connector(url="http://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await nobody.track([(CARRIER, "a"), (CARRIER, "b")], soon)


async def test_a_lost_answer_for_one_number_leaves_the_others(counter: Counter, soon: Deadline) -> None:
    number = await booked(counter.connector(), soon)
    wire = Wire()
    courier = counter.connector(wire=wire)
    wire.lose_answer_to = "POST /v1/trackers"
    found = await courier.track([(CARRIER, number), (CARRIER, "not-yet")], soon)
    assert isinstance(found[number], Done)
    assert isinstance(found["not-yet"], Retry)


async def test_live_tracking_tells_a_scan_at_once(counter: Counter, soon: Deadline) -> None:
    courier = counter.connector(live_tracking=True)
    number = await booked(courier, soon)
    assert (await told(courier, number, soon)).status == "pre_transit"
    counter.scan(number, "out_for_delivery")
    assert (await told(courier, number, soon)).status == "out_for_delivery"
    assert isinstance((await courier.track([(CARRIER, "nobody-knows")], soon))["nobody-knows"], Retry)
