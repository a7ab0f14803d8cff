"""Quiet hours, in every zone and on the days on which the clocks change: nothing is told inside them, and never put
off for longer than they last.
"""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzdata.zoneinfo
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.domain.country_zones import COUNTRY_ZONES
from sync.domain.quiet import QuietHours, zone_of
from sync.domain.windows import is_skipped, is_twice

NIGHT = QuietHours(time(21), time(8))
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca", "UTC"]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
CHANGES = st.sampled_from(
    [
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 1, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
    ]
)
NEAR = st.builds(lambda at, by: at + by, CHANGES, st.timedeltas(timedelta(hours=-14), timedelta(hours=14)))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-06-11 20:59", "2026-06-11 20:59"),
        ("2026-06-11 21:00", "2026-06-12 08:00"),
        ("2026-06-12 03:00", "2026-06-12 08:00"),
        ("2026-06-12 08:00", "2026-06-12 08:00"),
    ],
)
def test_the_night_goes_over_midnight(now: str, then: str) -> None:
    at, told = (datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (now, then))
    assert NIGHT.loud_from(at, BERLIN) == told.astimezone(UTC)


def test_hours_of_one_day_are_quiet_on_that_day_alone() -> None:
    noon = QuietHours(time(12), time(14))
    at = datetime(2026, 6, 11, 13, tzinfo=BERLIN)
    assert noon.loud_from(at, BERLIN) == datetime(2026, 6, 11, 14, tzinfo=BERLIN).astimezone(UTC)
    assert noon.loud_from(at - timedelta(hours=2), BERLIN) == at - timedelta(hours=2)


def test_an_end_that_the_clocks_skip_is_the_moment_of_the_change() -> None:
    until_half_past_two = QuietHours(time(21), time(2, 30))
    at = datetime(2026, 3, 28, 23, tzinfo=UTC)  # midnight in Berlin; at 02:00 the clocks show 03:00
    assert until_half_past_two.loud_from(at, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_end_that_comes_twice_is_the_later_one() -> None:
    until_half_past_two = QuietHours(time(21), time(2, 30))
    at = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert until_half_past_two.loud_from(at, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@given(st.one_of(MOMENTS, NEAR), ZONES, TIMES, TIMES)
@settings(deadline=None)
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), BERLIN, time(2, 30), time(3, 15))
def test_what_is_put_off_is_put_off_to_the_end_and_no_further(
    now: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    if start == end:
        return
    quiet = QuietHours(start, end)
    then = quiet.loud_from(now, zone)
    assert then.tzinfo is UTC
    assert now <= then <= now + timedelta(hours=26)
    assert quiet.loud_from(then, zone) == then
    if then != now:
        local = then.astimezone(zone).replace(tzinfo=None)
        wanted = datetime.combine(local.date(), end)
        assert local == wanted or is_skipped(wanted, zone)


@given(st.one_of(MOMENTS, NEAR), ZONES, TIMES, TIMES)
@settings(deadline=None)
def test_nothing_is_told_while_the_local_clock_is_inside_the_quiet_hours(
    now: datetime, zone: ZoneInfo, start: time, end: time
) -> None:
    then = (QuietHours(start, end) if start != end else NIGHT).loud_from(now, zone)
    start, end = (start, end) if start != end else (NIGHT.start, NIGHT.end)
    local = then.astimezone(zone).replace(tzinfo=None)
    odd = [datetime.combine(local.date(), edge) for edge in (start, end)]
    if any(is_skipped(edge, zone) or is_twice(edge, zone) for edge in odd) or is_twice(local, zone):
        return  # the clock shows it twice, or not at all: the tests above say which of them counts
    inside = start <= local.time() < end if start < end else local.time() >= start or local.time() < end
    assert not inside


def test_a_country_with_one_time_has_it_and_another_has_the_shops() -> None:
    assert str(zone_of("CN", BERLIN)) == "Asia/Shanghai"
    assert str(zone_of("de", UTC)) == "Europe/Berlin"
    for country in ("US", "RU", "BR", "ES", "XX", "", None):
        assert zone_of(country, BERLIN) is BERLIN


def test_the_table_of_countries_is_that_of_the_zone_database() -> None:
    table = Path(tzdata.zoneinfo.__path__[0]) / "zone.tab"
    rows = [line.split("\t") for line in table.read_text("utf-8").splitlines() if not line.startswith("#")]
    listed: dict[str, list[str]] = {}
    for row in rows:
        listed.setdefault(row[0], []).append(row[2])
    for country, zone in COUNTRY_ZONES.items():
        assert zone in listed[country]
    alone = {country for country, zones in listed.items() if len(zones) == 1}
    assert alone - set(COUNTRY_ZONES) == set()
    assert set(COUNTRY_ZONES.values()) <= available_timezones()
