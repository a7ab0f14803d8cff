"""Faults that a server can show, by rule.

A rule names a kind, when it strikes (a rate with the seed's own chance, or the numbers of the matching
calls), and which calls it looks at. `gates` lets them strike.
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
    HUGE = "huge"


@dataclass(slots=True)
class Rule:
    """One fault and when it strikes.

    `match` is a text in the path or the body of the request; `calls` are numbers of matching calls from 1,
    else `rate` is the chance of each; `times` ends the rule after so many hits; `seconds` is the delay, the
    Retry-After or the pause between bytes; `status` is that of an error; `kill` is a process that dies at
    the same point.
    """

    kind: Fault
    rate: float = 0.0
    calls: list[int] = field(default_factory=list)
    match: str = ""
    times: int | None = None
    seconds: float = 1.0
    status: int = 503
    kill: int | None = None
    seen: int = 0
    hits: int = 0

    def strikes(self, text: str, random: Random) -> bool:
        """Whether this call is hit; counts it."""
        if self.match not in text:
            return False
        self.seen += 1
        if self.times is not None and self.hits >= self.times:
            return False
        hit = self.seen in self.calls if self.calls else random.random() < self.rate
        self.hits += hit
        return hit


def rule_of(plain: dict[str, Any]) -> Rule:
    """A rule from its JSON form; an unknown kind or key is a ValueError."""
    known = {"kind", "rate", "calls", "match", "times", "seconds", "status", "kill"}
    if unknown := set(plain) - known:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return Rule(**{**plain, "kind": Fault(plain["kind"])})


def mixture() -> list[Rule]:
    """A little of everything that heals by itself: what `--faults all` gives each server."""
    return [
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
