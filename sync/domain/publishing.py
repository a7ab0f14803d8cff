"""Whether a listing shall be up: taken down by its rule's causes, put back with hysteresis. Pure.

    up ── a cause in force ──► down, by us ── no cause, and enough to sell for long enough ──► up again

Only what we took down ourselves is put back. A listing that people took down stays down, whatever the rule
says. One that people put up again after we took it down stays up in spite of the causes of that moment, until each
of them is gone and comes again. An unknown quantity is not zero, and not enough either.

The causes `blocked` and `expired` act at once; `at_zero` waits for its time, and once for the time that the listing
must have been up since we put it back, so that a quantity that comes and goes moves it once in that time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Cause(StrEnum):
    """Why a listing is taken down."""

    AT_ZERO = "at_zero"
    EXPIRED = "expired"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class StateRule:
    """What a rule says of a listing. `put_back_at` are pieces of the listing, 1 or more."""

    name: str
    take_down: frozenset[Cause]
    at_zero_for: timedelta = timedelta(0)
    put_back_at: int = 1
    put_back_after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Present:
    """What is known of a listing now.

    `quantity` is what it would show if it were up, None while no warehouse has spoken. `expires_at` is the
    moment from which its goods count as expired.
    """

    published: bool
    quantity: int | None
    blocked: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What was decided before. `ours`: it is down because we took it down, or a write of ours is under way."""

    ours: bool = False
    below_since: datetime | None = None
    above_since: datetime | None = None
    overruled: frozenset[Cause] = frozenset()
    put_up_at: datetime | None = None


class Wish(StrEnum):
    """What a listing's own rule and facts ask for."""

    DOWN = "down"
    UP = "up"
    STAY = "stay"
    """neither: as it is"""
    NONE = "none"
    """no rule says"""


@dataclass(frozen=True, slots=True)
class Judged:
    """One listing's wish, with what is to be remembered. `next_at` is when it may change by time alone."""

    wish: Wish
    memory: Memory
    causes: tuple[Cause, ...] = ()
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One listing of a unit that is switched as one: a product, or a single variant."""

    key: str
    published: bool
    judged: Judged


@dataclass(frozen=True, slots=True)
class Decided:
    """`desired` None: it is left as it is, for people to say. `terms` are JSON values, for `explain`."""

    desired: bool | None
    terms: dict[str, object] = field(default_factory=dict)


def judge(rule: StateRule | None, now: Present, memory: Memory, at: datetime) -> Judged:
    """What one listing asks for at the moment `at`."""
    if rule is None:
        return Judged(Wish.NONE, replace(memory, below_since=None, above_since=None, overruled=frozenset()))
    below = (memory.below_since or at) if now.quantity is not None and now.quantity <= 0 else None
    zero_due = _zero_due(rule, below, memory)
    there = _there(rule, now, at)
    unknown = frozenset() if now.quantity is not None else frozenset({Cause.AT_ZERO})
    overruled = memory.overruled & (there | unknown)
    causes = there - overruled
    if zero_due is None or zero_due > at:
        causes -= {Cause.AT_ZERO}
    fit = not there and (Cause.AT_ZERO not in rule.take_down or _enough(rule, now))
    above = (memory.above_since or at) if fit else None
    back_due = None if above is None else above + rule.put_back_after
    known = Memory(memory.ours, below, above, overruled, memory.put_up_at)
    wish = Wish.DOWN if causes else Wish.UP if back_due is not None and back_due <= at else Wish.STAY
    moments = [
        zero_due if Cause.AT_ZERO not in overruled else None,
        back_due if memory.ours else None,
        now.expires_at if Cause.EXPIRED in rule.take_down else None,
    ]
    later = [moment for moment in moments if moment is not None and moment > at]
    return Judged(wish, known, tuple(sorted(causes)), min(later, default=None))


def _zero_due(rule: StateRule, below: datetime | None, memory: Memory) -> datetime | None:
    """When having nothing to sell takes it down; None where it does not."""
    if below is None or Cause.AT_ZERO not in rule.take_down:
        return None
    due = below + rule.at_zero_for
    return due if memory.put_up_at is None else max(due, memory.put_up_at + rule.put_back_after)


def _there(rule: StateRule, now: Present, at: datetime) -> frozenset[Cause]:
    """The rule's causes that exist, whether or not they act yet."""
    found = {
        Cause.AT_ZERO: now.quantity is not None and now.quantity <= 0,
        Cause.EXPIRED: now.expires_at is not None and now.expires_at <= at,
        Cause.BLOCKED: now.blocked,
    }
    return frozenset(cause for cause, is_there in found.items() if is_there and cause in rule.take_down)


def _enough(rule: StateRule, now: Present) -> bool:
    return now.quantity is not None and now.quantity >= rule.put_back_at


def decide(members: Sequence[Member]) -> Decided:
    """What a unit shall be: down where all of its listings shall be, up again where one of them shall be.

    Listings without a rule, and those that are bound to nothing, ask for nothing: their product stays up.
    """
    wishes = [member.judged.wish for member in members]
    down = bool(wishes) and all(wish is Wish.DOWN for wish in wishes)
    ours = any(member.judged.memory.ours for member in members)
    terms: dict[str, object] = {}
    if len(members) > 1:
        terms = {"variants": len(members), "shall_be_down": wishes.count(Wish.DOWN)}
    if all(wish is Wish.NONE for wish in wishes):
        return Decided(None, terms)
    published = any(member.published for member in members)
    if down:
        return Decided(False if ours or published else None, terms)
    return Decided(Wish.UP in wishes if ours else None, terms)


def taken_down(memory: Memory) -> Memory:
    """We are about to take it down: from now on it is down because of us, whatever we hear of it."""
    return replace(memory, ours=True)


def put_up(memory: Memory, at: datetime) -> Memory:
    """The shop says that it is up, as we wanted."""
    return replace(memory, ours=False, put_up_at=at)


def put_up_by_people(memory: Memory) -> Memory:
    """It is up, though we had taken it down and left it so: every cause that there is now is overruled."""
    return replace(memory, ours=False, overruled=frozenset(Cause))
