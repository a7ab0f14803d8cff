"""Faults that a server can show, by rule.

A rule names a kind, when it strikes (a rate with the seed's own chance, the numbers of the matching calls, or
a window of time), and which calls it looks at. `gates` lets them strike.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any


class Fault(StrEnum):
    """What can go wrong."""

    OUTAGE = "outage"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    DROP_DURING = "drop_during"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    DELAY = "delay"
    THROTTLE = "throttle"
    THROTTLE_BARE = "throttle_bare"
    TRUNCATE = "truncate"
    DUPLICATE_PAGE = "duplicate_page"
    SHIFT_PAGE = "shift_page"
    EXPIRE = "expire"
    SLOW = "slow"
    CLOCK = "clock"
    HUGE = "huge"


@dataclass(slots=True)
class Rule:
    """One fault and when it strikes.

    `match` is a text in the path or the body of the request; `calls` are numbers of matching calls from 1,
    else `rate` is the chance of each; it strikes only from `after` to `until` seconds since it was set (None:
    without end); `times` ends the rule after so many hits; `seconds` is the delay, the Retry-After, the pause
    between bytes, or by how much the server's clock is off from then on; `status` is that of an error; `kill`
    is a process that dies at the same point.
    """

    kind: Fault
    rate: float = 0.0
    calls: list[int] = field(default_factory=list)
    match: str = ""
    times: int | None = None
    after: float = 0.0
    until: float | None = None
    seconds: float = 1.0
    status: int = 503
    kill: int | None = None
    seen: int = 0
    hits: int = 0

    def strikes(self, text: str, random: Random, age: float) -> bool:
        """Whether this call is hit, `age` seconds after the rule was set; counts it."""
        if self.match not in text or age < self.after or (self.until is not None and age >= self.until):
            return False
        self.seen += 1
        if self.times is not None and self.hits >= self.times:
            return False
        hit = self.seen in self.calls if self.calls else random.random() < self.rate
        self.hits += hit
        return hit


def rule_of(plain: dict[str, Any]) -> Rule:
    """A rule from its JSON form; an unknown kind or key is a ValueError."""
    known = {"kind", "rate", "calls", "match", "times", "after", "until", "seconds", "status", "kill"}
    if unknown := set(plain) - known:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return Rule(**{**plain, "kind": Fault(plain["kind"])})


def mixture(random: Random) -> list[Rule]:
    """A little of everything that heals by itself: what `--faults all` gives each server.

    Its clock is off from the first call on, and it is away for some seconds while business flows.
    """
    away = random.uniform(12.0, 25.0)
    return [
        Rule(Fault.CLOCK, calls=[1], times=1, seconds=round(random.uniform(-45.0, 45.0))),
        Rule(Fault.OUTAGE, rate=1.0, after=away, until=away + random.uniform(2.0, 6.0)),
        Rule(Fault.SLOW, rate=0.005, times=1, seconds=1.0),
        Rule(Fault.DELAY, rate=0.03, seconds=0.3),
        Rule(Fault.DROP_BEFORE, rate=0.01),
        Rule(Fault.DROP_AFTER, rate=0.01),
        Rule(Fault.DROP_DURING, rate=0.01),
        Rule(Fault.ERROR_BEFORE, rate=0.01),
        Rule(Fault.ERROR_AFTER, rate=0.01, status=502),
        Rule(Fault.THROTTLE, rate=0.01),
        Rule(Fault.THROTTLE_BARE, rate=0.01),
        Rule(Fault.TRUNCATE, rate=0.01),
        Rule(Fault.DUPLICATE_PAGE, rate=0.02),
        Rule(Fault.SHIFT_PAGE, rate=0.02),
        Rule(Fault.EXPIRE, rate=0.005),
        Rule(Fault.HUGE, rate=0.002),
    ]
