"""Listings go down for a cause and come back with hysteresis, whatever happens; and people's own word stands.

The shop here is a plain variable that people may turn too, and whose answers may be lost.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.domain.publishing import (
    Cause,
    Judged,
    Member,
    Memory,
    Present,
    StateRule,
    Wish,
    decide,
    judge,
    put_up,
    put_up_by_people,
    taken_down,
)

AT = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = StateRule("sold out", frozenset(Cause), 10 * MINUTE, 3, 30 * MINUTE)


def wish(now: Present, memory: Memory | None = None, rule: StateRule | None = RULE, after: int = 0) -> Judged:
    return judge(rule, now, memory or Memory(), AT + after * MINUTE)


def alone(now: Present, judged: Judged) -> bool | None:
    return decide([Member("one", now.published, judged)]).desired


@pytest.mark.parametrize(
    ("now", "rule", "wanted"),
    [
        (Present(True, 40), RULE, Wish.STAY),
        (Present(True, 40, blocked=True), RULE, Wish.DOWN),
        (Present(True, 40, expires_at=AT), RULE, Wish.DOWN),
        (Present(True, 40, expires_at=AT + MINUTE), RULE, Wish.STAY),
        (Present(True, 0), RULE, Wish.STAY),
        (Present(True, None), RULE, Wish.STAY),
        (Present(True, 0), replace(RULE, at_zero_for=timedelta(0)), Wish.DOWN),
        (Present(True, None), replace(RULE, at_zero_for=timedelta(0)), Wish.STAY),
        (Present(False, 0, blocked=True), replace(RULE, take_down=frozenset({Cause.EXPIRED})), Wish.STAY),
        (Present(False, 2), replace(RULE, put_back_after=timedelta(0)), Wish.STAY),
        (Present(False, 3), replace(RULE, put_back_after=timedelta(0)), Wish.UP),
        (Present(False, None), replace(RULE, put_back_after=timedelta(0)), Wish.STAY),
        (Present(True, 0, blocked=True), None, Wish.NONE),
    ],
)
def test_a_listing_asks_for_what_its_rule_says(now: Present, rule: StateRule | None, wanted: Wish) -> None:
    assert wish(now, rule=rule).wish is wanted


def test_the_next_moment_is_when_time_alone_may_change_it() -> None:
    assert wish(Present(True, 0)).next_at == AT + 10 * MINUTE
    assert wish(Present(True, 0, expires_at=AT + MINUTE)).next_at == AT + MINUTE
    assert wish(Present(False, 9), Memory(ours=True)).next_at == AT + 30 * MINUTE
    assert wish(Present(False, 9)).next_at is None, "people took it down: no time brings it back"
    assert wish(Present(True, 40)).next_at is None
    dated = replace(RULE, take_down=frozenset({Cause.BLOCKED}))
    assert wish(Present(True, 0, expires_at=AT + MINUTE), rule=dated).next_at is None


def test_what_people_took_down_is_left_to_them() -> None:
    now = Present(False, 40)
    later = wish(now, wish(now).memory, after=60)
    assert later.wish is Wish.UP
    assert alone(now, later) is None
    assert alone(Present(False, 0, blocked=True), wish(Present(False, 0, blocked=True))) is None


def test_what_people_put_up_stays_up_until_the_cause_is_gone_and_comes_again() -> None:
    blocked, free = Present(True, 40, blocked=True), Present(True, 40)
    memory = put_up_by_people(taken_down(Memory()))
    first = wish(blocked, memory)
    assert (first.wish, first.memory.overruled) == (Wish.STAY, frozenset({Cause.BLOCKED}))
    also = wish(replace(blocked, expires_at=AT), first.memory)
    assert (also.wish, also.causes) == (Wish.DOWN, (Cause.EXPIRED,))
    gone = wish(free, first.memory)
    assert gone.memory.overruled == frozenset()
    assert wish(blocked, gone.memory).wish is Wish.DOWN


def test_an_unknown_quantity_does_not_end_what_people_overruled() -> None:
    memory = wish(Present(True, 0), put_up_by_people(Memory())).memory
    unknown = wish(Present(True, None), memory).memory
    again = wish(Present(True, 0), unknown, after=60)
    assert again.wish is Wish.STAY
    assert wish(Present(True, 5), unknown).memory.overruled == frozenset()


def test_a_product_goes_down_with_all_of_its_listings_and_comes_back_with_the_first() -> None:
    down, up = wish(Present(True, 1, blocked=True)), wish(Present(True, 9))
    unruled = wish(Present(True, 9), rule=None)
    assert decide([Member("a", True, down), Member("b", True, down)]).desired is False
    for other in (up, unruled):
        mixed = decide([Member("a", True, down), Member("b", True, other)])
        assert (mixed.desired, mixed.terms) == (None, {"variants": 2, "shall_be_down": 1})
    ours = Memory(ours=True)
    still = wish(Present(False, 1, blocked=True), ours)
    fit = wish(Present(False, 9), wish(Present(False, 9), ours).memory, after=31)
    assert decide([Member("a", False, still), Member("b", False, still)]).desired is False
    assert decide([Member("a", False, still), Member("b", False, fit)]).desired is True
    assert decide([Member("a", False, unruled), Member("b", False, unruled)]).desired is None


@dataclass(slots=True)
class Play:
    """A shop's listing, what is known of it, and what happened to it."""

    rule: StateRule
    at: datetime = AT
    up: bool = True
    quantity: int | None = 9
    blocked: bool = False
    expires_at: datetime | None = None
    memory: Memory = field(default_factory=Memory)
    ours: list[tuple[datetime, bool, bool]] = field(default_factory=list)
    """Our switches: when, to what, whether it was for a cause that acts at once."""
    by_people: bool = False
    """It is down because people took it down."""

    def facts(self) -> Present:
        return Present(self.up, self.quantity, self.blocked, self.expires_at)

    def step(self) -> Judged:
        """Decide, and let the shop do it at once; then decide on what the shop says."""
        judged = judge(self.rule, self.facts(), self.memory, self.at)
        self.memory = judged.memory
        desired = alone(self.facts(), judged)
        if desired is None or desired == self.up:
            return judged
        assert not (desired and self.by_people), "we put up what people took down"
        assert not (desired and self.forbidden()), "we put up what is blocked or expired"
        self.memory = put_up(self.memory, self.at) if desired else taken_down(self.memory)
        self.ours.append((self.at, desired, self.forbidden()))
        self.up = desired
        return judged

    def forbidden(self) -> bool:
        blocked = self.blocked and Cause.BLOCKED in self.rule.take_down
        gone = self.expires_at is not None and self.expires_at <= self.at
        return blocked or (gone and Cause.EXPIRED in self.rule.take_down)

    def switch(self, up: bool) -> None:
        """People turn it in the shop, and we read it."""
        if up and not self.up:
            self.memory = put_up_by_people(self.memory) if self.memory.ours else self.memory
        if not up and self.up:
            self.by_people = True
        if up:
            self.by_people = False
        self.up = up


rules = st.builds(
    StateRule,
    st.just("rule"),
    st.frozensets(st.sampled_from(Cause), min_size=1),
    st.integers(0, 30).map(lambda n: n * MINUTE),
    st.integers(1, 5),
    st.integers(0, 60).map(lambda n: n * MINUTE),
)
Happening = tuple[str, int | bool | None]
SOLD_OUT_AND_BACK: list[Happening] = [("quantity", 0), ("later", 31), ("quantity", 8), ("later", 61)]
one_thing = st.one_of(
    st.tuples(st.just("quantity"), st.one_of(st.none(), st.just(0), st.integers(0, 8))),
    st.tuples(st.just("blocked"), st.booleans()),
    st.tuples(st.just("expires"), st.one_of(st.none(), st.integers(0, 90))),
    st.tuples(st.just("people"), st.booleans()),
    st.tuples(st.just("later"), st.integers(1, 40)),
    st.tuples(st.just("later"), st.integers(1, 40)),
)
happenings = st.lists(
    st.one_of(st.lists(one_thing, min_size=1, max_size=8), st.just(SOLD_OUT_AND_BACK)),
    min_size=2,
    max_size=8,
).map(lambda parts: [each for part in parts for each in part])
MET = Counter[str]()


@settings(max_examples=400, deadline=None)
@given(rules, happenings)
def _any_play(rule: StateRule, given_happenings: list[Happening]) -> None:
    play = Play(rule)
    zero_since: datetime | None = None
    kinds = set[str]()
    for what, value in given_happenings:
        kinds.add(what)
        match what:
            case "quantity":
                play.quantity = value
            case "blocked":
                play.blocked = bool(value)
            case "expires":
                play.expires_at = None if value is None else play.at + int(value) * MINUTE
            case "people":
                play.switch(bool(value))
            case _:
                play.at += int(value or 0) * MINUTE
        judged = play.step()
        at_zero = play.quantity is not None and play.quantity <= 0
        zero_since = (zero_since or play.at) if at_zero else None
        long = max(rule.at_zero_for, rule.put_back_after)
        due = zero_since is not None and play.at - zero_since >= long
        if Cause.AT_ZERO in rule.take_down and due and Cause.AT_ZERO not in judged.memory.overruled:
            assert not play.up, "nothing to sell for long enough, and it is up"
        if play.forbidden() and not judged.memory.overruled & {Cause.BLOCKED, Cause.EXPIRED}:
            assert not play.up, "it is up although it is blocked or expired"
    _no_flapping(play)
    MET["plays"] += 1
    MET["put back"] += any(up for _, up, _ in play.ours)
    MET["taken down"] += any(not up for _, up, _ in play.ours)
    MET["people"] += "people" in kinds
    MET["unknown"] += any(what == "quantity" and value is None for what, value in given_happenings)


def _no_flapping(play: Play) -> None:
    """Within `put_back_after` we switch it once, but for what is blocked or expired."""
    for (before, was, _), (at, up, at_once) in zip(play.ours, play.ours[1:], strict=False):
        if was != up and not (at_once and not up):
            assert at - before >= play.rule.put_back_after, f"{before} {was}, {at} {up}"


def test_whatever_happens_it_never_flaps_and_never_speaks_over_people() -> None:
    MET.clear()
    _any_play()
    for what in ("put back", "taken down", "people", "unknown"):
        assert MET[what] >= 0.02 * MET["plays"], f"too few plays with: {what}"


def test_waiting_until_the_next_moment_is_enough() -> None:
    """What time brings is never later than `next_at` says: whoever looks only then misses nothing."""
    play = Play(RULE, quantity=0)
    judged = play.step()
    for _ in range(3):
        assert judged.next_at is not None
        early = judge(RULE, play.facts(), play.memory, judged.next_at - MINUTE / 60)
        assert alone(play.facts(), early) in (None, play.up)
        play.at = judged.next_at
        before = play.up
        play.step()
        assert play.up is not before
        play.quantity = 0 if play.up else 9
        judged = play.step()
