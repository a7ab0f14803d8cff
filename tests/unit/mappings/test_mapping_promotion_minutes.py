"""Promotions begin and end at their minute in each shop's zone, whatever the clocks do on that day."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.windows import is_skipped, is_twice
from tests.unit.mappings.price_books import asked, book, offer

GOODS = "sku,cost\nA,10\n"
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)
CHANGES = [
    ("Europe/Berlin", "2026-03-29 02:00"),
    ("Europe/Berlin", "2026-10-25 02:00"),
    ("America/New_York", "2026-03-08 02:00"),
    ("America/New_York", "2026-11-01 01:00"),
    ("Australia/Lord_Howe", "2026-10-04 02:00"),
    ("Asia/Shanghai", "2026-06-11 00:00"),
]


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def minutes_in_force(start: datetime, until: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """By a walk: the first minute that shows the start or a later time, and the last one that shows the end."""
    begin = start.replace(tzinfo=UTC) - timedelta(hours=16)
    minutes = [begin + n * MINUTE for n in range(48 * 60)]
    first = next(at for at in minutes if shown(at, zone) >= start)
    exact = [at for at in minutes if shown(at, zone) == until]
    return first, max(exact, default=next(at for at in minutes if shown(at, zone) >= until))


def test_a_promotion_is_in_force_from_its_first_minute_to_its_last() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, 2**63))
    def check(seed: int) -> None:
        dice = random.Random(seed)  # independent draws: each class comes as often as it shall
        change, offset, length = dice.choice(CHANGES), dice.randint(-60, 120), dice.randint(1, 200)
        zone = ZoneInfo(change[0])
        near = datetime.fromisoformat(change[1]) + offset * MINUTE
        start = near if dice.random() < 0.5 else near - length * MINUTE
        until = start + length * MINUTE
        seen["all"] += 1
        for name, local in (("start", start), ("end", until)):
            seen[f"{name} skipped"] += is_skipped(local, zone)
            seen[f"{name} twice"] += is_twice(local, zone)
        seen["across a change"] += (
            start.replace(tzinfo=zone).utcoffset() != until.replace(tzinfo=zone).utcoffset()
        )
        begins, ends = minutes_in_force(start, until, zone)
        rulebook = book(
            "goods: {table: goods.csv, currency: EUR}\nprices: [{name: a, price: cost}]\n"
            f'promotions: [{{name: p, from: "{start:%Y-%m-%d %H:%M}", until: "{until:%Y-%m-%d %H:%M}", off: 50%}}]',
            {"shop": zone},
            goods=GOODS,
        )
        moments = [begins - INSTANT, begins, ends - INSTANT, ends]
        found = [asked(rulebook, offer(), at) for at in moments]
        in_force = begins < ends
        assert [one.price for one in found] == ([10, 5, 5, 10] if in_force else [10, 10, 10, 10])
        if in_force:
            assert [one.next_at for one in found] == [begins, ends, ends, None]

    check()
    rare = {name: count for name, count in seen.items() if count < 0.02 * seen["all"]}
    assert not rare, f"too rare: {rare} of {seen['all']}"
    assert len(seen) == 6
