"""What shall happen in so many days, from a seed alone: two runs of one seed are given the same troubles.

What comes of it may still differ from run to run, for daemon and world are real processes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

from sandbox.faults import Fault

SYSTEMS = ("shop:main", "shop:medusa", "shop:shopify", "shop:woo", "warehouse", "courier", "supplier:acme")
LIMITED = ("shop:main", "shop:medusa", "shop:shopify", "shop:woo", "warehouse", "courier")
SHAPES = ("fixed", "sliding", "leaky")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FIRST_HOUR = 6
"""The hour at which the first day begins: each day runs from then to then."""


class Kind(StrEnum):
    """What can happen."""

    OUTAGE = "outage"
    FAULT = "fault"
    LIMIT = "limit"
    CLOCK = "clock"
    SALE = "flash sale"
    GOODS = "goods received"
    SUPPLIED = "goods received by the supplier"
    COUNT = "stocktake"
    SHELF = "stock set in a shop"
    SLIP = "bad supplier list"
    EDIT = "config edit"
    BROKEN = "broken config edit"
    TERM = "restart"
    KILL = "kill"
    UPGRADE = "upgrade"
    BACKUP = "backup"
    RESTORE = "restore"


LASTING = frozenset({Kind.OUTAGE, Kind.FAULT, Kind.LIMIT, Kind.CLOCK, Kind.SALE, Kind.BROKEN})
"""These begin and end; the others are over at once."""
FAULTS = tuple(fault for fault in Fault if fault not in (Fault.OUTAGE, Fault.CLOCK))
"""Outages and wrong clocks are kinds of their own here."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens. `what` is a fault, a shape or an edit; `figure` a rate, units or seconds.

    A lasting one stands twice in the schedule, its end with `over`.
    """

    at: timedelta
    number: int
    kind: Kind
    system: str = ""
    what: str = ""
    figure: float = 0.0
    lasts: timedelta = timedelta(0)
    over: bool = False

    def end(self) -> "Event":
        """When and that it is over."""
        return Event(
            self.at + self.lasts,
            self.number,
            self.kind,
            self.system,
            self.what,
            self.figure,
            self.lasts,
            over=True,
        )

    def __str__(self) -> str:
        told = " ".join(text for text in (self.system, self.what) if text)
        return f"{self.kind}{f' ({told})' if told else ''}"


def schedule(days: float, seed: int) -> tuple[Event, ...]:
    """All events of the days, in their order; every lasting one ends before the days do."""
    random = Random(f"{seed}/schedule")
    begun = [_numbered(event, n) for n, event in enumerate(_all(days, random), 1) if event.at < days * DAY]
    ends = [_cut(event, days).end() for event in begun if event.kind in LASTING]
    return tuple(sorted([*begun, *ends], key=lambda event: (event.at, event.over, event.number)))


def _numbered(event: Event, number: int) -> Event:
    return Event(event.at, number, event.kind, event.system, event.what, event.figure, event.lasts)


def _cut(event: Event, days: float) -> Event:
    lasts = min(event.lasts, days * DAY - event.at)
    return Event(event.at, event.number, event.kind, event.system, event.what, event.figure, lasts)


def _all(days: float, random: Random) -> Iterator[Event]:
    whole = max(1, -(-int(days * 24) // 24))
    systems, faults = _dealt(SYSTEMS, random), _dealt(FAULTS, random)
    sale, changed = random.randrange(whole), random.randrange(whole)
    for day in range(whole):
        start = day * DAY
        yield from _troubles(start, random, systems, faults, 6 if whole > 2 else len(FAULTS))
        yield from _goods(start, random)
        yield from _hands(start, random, broken=day % 2 == 0)
        if day % 7 == sale % 7:
            yield Event(
                _between(start, 11, 14, random), 0, Kind.SALE, figure=random.randint(20, 40), lasts=HOUR
            )
        if whole > 1 and day % 7 == changed % 7:
            yield from _upkeep(start, random)


def _dealt(of: tuple[str, ...] | tuple[Fault, ...], random: Random) -> Iterator[str]:
    """One after another in shuffled rounds, so that each comes as often as the others."""
    while True:
        yield from random.sample([str(each) for each in of], len(of))


def _between(start: timedelta, low: float, high: float, random: Random) -> timedelta:
    """A half hour between two hours of the day's own count (0 is six in the morning)."""
    return start + round(random.uniform(low, high) * 2) * timedelta(minutes=30)


def _troubles(
    start: timedelta, random: Random, systems: Iterator[str], faults: Iterator[str], number: int
) -> Iterator[Event]:
    for _ in range(random.randint(1, 2)):
        lasts = random.choice((15, 30, 60, 120, 240)) * MINUTE
        yield Event(_between(start, 0, 18, random), 0, Kind.OUTAGE, next(systems), lasts=lasts)
    for _ in range(number):
        yield Event(
            _between(start, 0.5, 20, random),
            0,
            Kind.FAULT,
            random.choice(SYSTEMS),
            next(faults),
            random.choice((0.05, 0.1, 0.2)),
            random.randint(1, 4) * HOUR,
        )
    yield Event(
        _between(start, 0, 14, random),
        0,
        Kind.LIMIT,
        random.choice(LIMITED),
        random.choice(SHAPES),
        random.choice((4, 8)),
        random.randint(1, 3) * HOUR,
    )
    off = random.choice((-1, 1)) * random.randint(10, 90)
    yield Event(
        _between(start, 0, 16, random),
        0,
        Kind.CLOCK,
        random.choice(SYSTEMS),
        figure=off,
        lasts=random.randint(2, 6) * HOUR,
    )


def _goods(start: timedelta, random: Random) -> Iterator[Event]:
    for _ in range(2):
        yield Event(_between(start, 1, 10, random), 0, Kind.GOODS, figure=random.randint(2, 8))
    yield Event(_between(start, 1, 10, random), 0, Kind.SUPPLIED, figure=random.randint(2, 8))
    yield Event(_between(start, 1, 10, random), 0, Kind.COUNT, figure=random.randint(1, 2))
    yield Event(_between(start, 1, 12, random), 0, Kind.SHELF, figure=random.randint(1, 3))
    slip = random.choice(("half", "short", "sold_out", "bad_rows"))
    yield Event(_between(start, 0, 20, random), 0, Kind.SLIP, what=slip)


def _hands(start: timedelta, random: Random, *, broken: bool) -> Iterator[Event]:
    """What an administrator and the machine do to the daemon."""
    edit = random.choice(("safety stock", "buffer", "routing", "schedule"))
    yield Event(_between(start, 0, 18, random), 0, Kind.EDIT, what=edit)
    if broken:
        wrong = random.choice(("truncated", "misspelt", "not a number"))
        lasts = random.randint(1, 3) * HOUR
        yield Event(_between(start, 0, 16, random), 0, Kind.BROKEN, what=wrong, lasts=lasts)
    yield Event(_between(start, 0, 20, random), 0, Kind.TERM)
    yield Event(_between(start, 0, 20, random), 0, Kind.KILL)


def _upkeep(start: timedelta, random: Random) -> Iterator[Event]:
    yield Event(_between(start, 0, 3, random), 0, Kind.UPGRADE)
    backup = _between(start, 4, 8, random)
    yield Event(backup, 0, Kind.BACKUP)
    yield Event(backup + random.randint(1, 4) * HOUR, 0, Kind.RESTORE)
