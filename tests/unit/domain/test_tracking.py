"""A parcel's status never goes back by accident, and silence is noticed."""

from datetime import UTC, datetime, timedelta

from hypothesis import event, given
from hypothesis import strategies as st

from sync.domain.following import Followed, Step, follow
from sync.domain.tracking import ENDED, TrackingEvent, TrackingReport, TrackingStatus, advanced

T = TrackingStatus
NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
statuses = st.sampled_from(list(T))


def step(parcel: Followed, status: T, *events: TrackingEvent, now: datetime = NOW) -> Step:
    return follow(
        parcel,
        TrackingReport("N", status, events),
        now=now,
        interval=timedelta(minutes=2),
        stuck_after=timedelta(hours=72),
        unscanned_after=timedelta(hours=20),
        lost_after=timedelta(days=14),
    )


def parcel(status: T = T.PRE_TRANSIT, **changes: object) -> Followed:
    facts = {"status_at": NOW, "booked_at": NOW, "left_at": NOW, "first_scan_at": None} | changes
    return Followed(status, **facts)  # type: ignore[arg-type]


@given(st.lists(statuses, max_size=8))
def test_delivered_is_left_only_for_a_return_or_a_loss(reports: list[T]) -> None:
    status = T.DELIVERED
    for report in reports:
        status = advanced(status, TrackingReport("N", report))
        if status == T.DELIVERED:
            continue
        event("corrected")
        assert {T.RETURNING, T.RETURNED, T.LOST} & set(reports)
        break


@given(statuses)
def test_a_courier_that_forgot_a_parcel_does_not_take_its_status_back(before: T) -> None:
    event("ended" if before in ENDED else "on its way")
    for forgotten in (T.UNKNOWN, T.PRE_TRANSIT):
        after = advanced(before, TrackingReport("N", forgotten))
        assert after == (forgotten if before == T.UNKNOWN else before)


def test_the_first_scan_is_kept() -> None:
    first = step(parcel(), T.IN_TRANSIT)
    assert first.first_scan_at == NOW
    later = step(parcel(T.IN_TRANSIT, first_scan_at=NOW), T.OUT_FOR_DELIVERY, now=NOW + timedelta(hours=1))
    assert later.first_scan_at == NOW


def test_a_parcel_without_a_first_scan_after_twenty_hours_is_an_alarm() -> None:
    quiet = step(parcel(), T.PRE_TRANSIT, now=NOW + timedelta(hours=21))
    assert quiet.alarm is not None
    assert quiet.alarm.kind == "parcel.unscanned"


def test_a_parcel_without_news_for_three_days_is_stuck() -> None:
    stuck = step(parcel(T.IN_TRANSIT, first_scan_at=NOW), T.IN_TRANSIT, now=NOW + timedelta(hours=73))
    assert stuck.alarm is not None
    assert stuck.alarm.kind == "parcel.stuck"


def test_a_parcel_without_news_for_a_fortnight_is_lost_and_ends() -> None:
    lost = step(parcel(T.IN_TRANSIT, first_scan_at=NOW), T.IN_TRANSIT, now=NOW + timedelta(days=15))
    assert (lost.status, lost.ended) == (T.LOST, True)
    assert lost.alarm is not None


def test_trouble_names_what_to_do() -> None:
    for status in (T.REFUSED, T.RETURNING, T.RETURNED, T.EXCEPTION, T.EXPIRED):
        alarm = step(parcel(), status).alarm
        assert alarm is not None
        assert alarm.kind == f"parcel.{status.value}"
        assert alarm.todo


def test_delivered_ends_with_the_time_that_the_courier_gives() -> None:
    at = NOW - timedelta(hours=2)
    done = step(parcel(T.IN_TRANSIT), T.DELIVERED, TrackingEvent(at, T.DELIVERED, "D"))
    assert (done.delivered_at, done.ended, done.alarm) == (at, True, None)
