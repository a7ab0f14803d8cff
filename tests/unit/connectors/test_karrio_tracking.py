"""Karrio's tracking in our words: every status, the aggregators' own codes, and times in all their forms."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.couriers.karrio.payloads import EventInfo, TrackerInfo
from connectors.couriers.karrio.tracking import AGGREGATORS, moment, report, status_of
from sync.domain.tracking import TrackingStatus, advanced

BERLIN = ZoneInfo("Europe/Berlin")


def tracker(
    status: str, *events: EventInfo, carrier: str = "loopback", delivered: bool = False
) -> TrackerInfo:
    return TrackerInfo("T-1", carrier, status, delivered, None, list(events))


def scan(day: str, status: str, **more: str) -> EventInfo:
    return EventInfo(date=day, time="10:00", status=status, **more)


@pytest.mark.parametrize(
    ("karrio", "ours"),
    [
        ("unknown", "unknown"),
        ("pending", "pre_transit"),
        ("picked_up", "picked_up"),
        ("in_transit", "in_transit"),
        ("out_for_delivery", "out_for_delivery"),
        ("ready_for_pickup", "available_for_pickup"),
        ("delivered", "delivered"),
        ("delivery_failed", "attempt_failed"),
        ("on_hold", "exception"),
        ("delivery_delayed", "exception"),
        ("return_to_sender", "returning"),
        ("cancelled", "cancelled"),
    ],
)
def test_each_status_of_karrio_has_ours(karrio: str, ours: str) -> None:
    assert status_of(karrio) == ours
    assert report(tracker(karrio), BERLIN).status == ours


@pytest.mark.parametrize("word", [None, "", "teleported"])
def test_a_word_that_is_not_in_the_table_is_unknown_and_not_guessed(word: str | None) -> None:
    assert status_of(word) == TrackingStatus.UNKNOWN


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("customs_inspection", "customs"),
        ("customs_duties_unpaid", "customs"),
        ("consignee_refused", "refused"),
        ("carrier_parcel_lost", "lost"),
        ("weather_delay", "exception"),
        (None, "exception"),
    ],
)
def test_a_reason_makes_a_hold_more_exact(reason: str | None, ours: str) -> None:
    assert status_of("on_hold", reason) == ours


def test_a_reason_does_not_take_a_delivery_back() -> None:
    assert status_of("delivered", "consignee_refused") == TrackingStatus.DELIVERED


def test_the_reason_of_the_latest_event_by_time_counts_whatever_the_order() -> None:
    events = [
        scan("2026-03-01", "on_hold", reason="weather_delay"),
        scan("2026-03-03", "on_hold", reason="customs_inspection"),
        scan("2026-03-02", "on_hold"),
    ]
    assert report(tracker("on_hold", *events), BERLIN).status == TrackingStatus.CUSTOMS


def test_the_delivered_flag_counts_even_where_the_status_lags() -> None:
    assert report(tracker("in_transit", delivered=True), BERLIN).status == TrackingStatus.DELIVERED


def test_a_delivered_return_has_come_back() -> None:
    assert report(tracker("return_to_sender", delivered=True), BERLIN).status == TrackingStatus.RETURNED


def test_a_tracker_that_was_reset_does_not_take_the_parcel_back() -> None:
    reset = report(tracker("pending", scan("2026-03-01", "in_transit")), BERLIN)
    assert advanced(TrackingStatus.OUT_FOR_DELIVERY, reset) == TrackingStatus.OUT_FOR_DELIVERY


@pytest.mark.parametrize(
    ("carrier", "code", "ours"),
    [
        ("easypost", "pre_transit", "pre_transit"),
        ("easypost", "available_for_pickup", "available_for_pickup"),
        ("easypost", "return_to_sender", "returning"),
        ("easypost", "failure", "exception"),
        ("shipengine", "AC", "picked_up"),
        ("shipengine", "SP", "available_for_pickup"),
        ("shipengine", "AT", "attempt_failed"),
        ("shippo", "RETURNED", "returned"),
        ("shippo", "TRANSIT", "in_transit"),
    ],
)
def test_an_aggregators_own_code_overrules_what_karrio_makes_of_it(
    carrier: str, code: str, ours: str
) -> None:
    told = report(tracker("on_hold", scan("2026-03-01", "on_hold", code=code), carrier=carrier), BERLIN)
    assert (told.status, told.events[0].status) == (ours, ours)


def test_the_same_code_from_a_plain_carrier_does_not() -> None:
    told = report(tracker("on_hold", scan("2026-03-01", "on_hold", code="pre_transit")), BERLIN)
    assert told.status == TrackingStatus.EXCEPTION


def test_every_aggregators_table_speaks_our_words_only() -> None:
    assert all(isinstance(each, TrackingStatus) for table in AGGREGATORS.values() for each in table.values())


@pytest.mark.parametrize(
    ("event", "at"),
    [
        (EventInfo(date="2026-03-01", time="14:05"), "2026-03-01T13:05"),
        (EventInfo(date="2026-03-01", time="14:05:09"), "2026-03-01T13:05:09"),
        (EventInfo(date="2026-03-01", time="02:05 PM"), "2026-03-01T13:05"),
        (EventInfo(date="2026-03-01", time="12:05 am"), "2026-02-28T23:05"),
        (EventInfo(date="2026-03-01", time="12:05 PM"), "2026-03-01T11:05"),
        (EventInfo(date="03/01/2026", time="9:05 AM"), "2026-03-01T08:05"),
        (EventInfo(date="2026-07-01", time="14:05"), "2026-07-01T12:05"),
        (EventInfo(date="2026-03-01"), "2026-02-28T23:00"),
        (EventInfo(date="2026-03-01", time="soon"), "2026-02-28T23:00"),
        (EventInfo(date="2026-03-01", time="09:00 AM", timestamp="2026-03-01T04:00:00Z"), "2026-03-01T04:00"),
        (EventInfo(date="2026-03-01", time="09:00", timestamp="2026-03-01T09:00:00"), "2026-03-01T08:00"),
        (EventInfo(date="2026-03-01", time="09:00", timestamp="?"), "2026-03-01T08:00"),
    ],
)
def test_a_scan_is_timed_by_its_timestamp_or_by_date_and_time_in_the_accounts_zone(
    event: EventInfo, at: str
) -> None:
    assert moment(event, BERLIN) == datetime.fromisoformat(at).replace(tzinfo=UTC)


@pytest.mark.parametrize("day", [None, "", "soon", "2026-13-45"])
def test_a_scan_without_a_readable_date_has_no_time(day: str | None) -> None:
    assert moment(EventInfo(date=day, time="10:00"), BERLIN) is None
    assert (
        report(tracker("in_transit", EventInfo(date=day, status="in_transit")), BERLIN).events[0].at is None
    )


def test_the_estimate_is_a_day_in_the_accounts_zone() -> None:
    told = report(TrackerInfo("T-1", "loopback", "in_transit", estimated_delivery="2026-03-04"), BERLIN)
    assert told.estimated_delivery == datetime(2026, 3, 3, 23, tzinfo=UTC)


@given(st.permutations(["picked_up", "in_transit", "on_hold", "out_for_delivery"]))
def test_the_order_of_the_events_changes_nothing(words: list[str]) -> None:
    days = {word: f"2026-03-0{n + 1}" for n, word in enumerate(["picked_up", "in_transit", "on_hold"])}
    events = [scan(days.get(word, "2026-03-09"), word, reason="customs_delay") for word in words]
    told = report(tracker("on_hold", *events), BERLIN)
    assert told.status == TrackingStatus.EXCEPTION
    assert {each.status for each in told.events} == {
        TrackingStatus.PICKED_UP,
        TrackingStatus.CUSTOMS,
        TrackingStatus.OUT_FOR_DELIVERY,
    }
