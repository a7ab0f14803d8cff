"""Local times as moments, also where the clocks change: held to a walk through the minutes."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.windows import Window, day_begins, instant, is_skipped, is_twice

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
CHANGES = {
    "Europe/Berlin": ["2026-03-29 02:00", "2026-10-25 02:00"],
    "America/New_York": ["2026-03-08 02:00", "2026-11-01 01:00"],
    "Australia/Lord_Howe": ["2026-04-05 01:30", "2026-10-04 02:00"],
    "America/Santiago": ["2026-04-04 23:00", "2026-09-06 00:00"],
    "Africa/Cairo": ["2026-04-24 00:00", "2026-10-29 23:00"],
    "Asia/Shanghai": ["2026-06-11 00:00"],
}


def near_a_change(seed: int) -> tuple[ZoneInfo, datetime, bool]:
    """Independent draws, so that skipped and doubled times come often."""
    dice = random.Random(seed)
    zone, at = dice.choice([(zone, at) for zone, times in CHANGES.items() for at in times])
    return ZoneInfo(zone), datetime.fromisoformat(at) + dice.randint(-90, 150) * MINUTE, dice.random() < 0.5


def walked(local: datetime, zone: ZoneInfo, *, ends: bool) -> datetime:
    """The first minute at which the clocks show the time, the last such one where it ends; else the next one shown."""
    begin = local.replace(tzinfo=UTC) - timedelta(hours=16)
    minutes = [begin + n * MINUTE for n in range(32 * 60)]
    shown = [at.astimezone(zone).replace(tzinfo=None) for at in minutes]
    exact = [at for at, time in zip(minutes, shown, strict=True) if time == local]
    if exact:
        return exact[-1] if ends else exact[0]
    return next(at for at, time in zip(minutes, shown, strict=True) if time > local)


def test_a_time_is_the_minute_that_the_clocks_say() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 2**63).map(near_a_change))
    def check(place: tuple[ZoneInfo, datetime, bool]) -> None:
        zone, local, ends = place
        skipped, twice = is_skipped(local, zone), is_twice(local, zone)
        seen.update(["all", "skipped" if skipped else "twice" if twice else "plain"])
        assert instant(local, zone, ends=ends) == walked(local, zone, ends=ends)

    check()
    assert all(seen[name] >= 0.02 * seen["all"] for name in ("skipped", "twice", "plain")), seen


def test_a_skipped_time_is_the_moment_of_the_change() -> None:
    local = datetime(2026, 3, 29, 2, 30)
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert is_skipped(local, BERLIN)
    assert instant(local, BERLIN) == instant(local, BERLIN, ends=True) == change


def test_a_time_that_comes_twice_begins_with_the_first_and_ends_with_the_second() -> None:
    local = datetime(2026, 10, 25, 2, 30)
    window = Window(local, local)
    assert is_twice(local, BERLIN)
    assert window.starts_at(BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert window.ends_at(BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_time_with_an_offset_is_one_moment_everywhere() -> None:
    local = datetime.fromisoformat("2026-06-11T19:00+08:00")
    assert (
        instant(local, BERLIN)
        == instant(local, ZoneInfo("Asia/Tokyo"))
        == datetime(2026, 6, 11, 11, tzinfo=UTC)
    )


def test_a_day_may_begin_after_midnight() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    assert day_begins(datetime(2026, 4, 24, tzinfo=UTC).date(), cairo) == datetime(
        2026, 4, 23, 22, tzinfo=UTC
    )


def test_an_open_window_has_no_ends() -> None:
    assert Window().starts_at(BERLIN) is Window().ends_at(BERLIN) is None
