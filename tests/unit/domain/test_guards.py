"""How much may change before a person is asked: shares, bounds, and what an approval adds to them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.asking import asked, percent
from sync.domain.guards import Approved, Guard, Guards, Reading, explained, figures_verdict, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GUARDS = Guards()
SHARES = [guard for guard in Guard if guard is not Guard.PRICE_MOVE]


def approved(most: int, used: int = 0) -> Approved:
    return Approved(most, used, NOW)


def test_every_guard_is_on_unless_it_is_switched_off() -> None:
    assert all(GUARDS.share(guard) is not None for guard in Guard)


def test_a_share_counts_what_is_unsent_with_what_was_sent_within_the_hour() -> None:
    within = judge(GUARDS, Guard.GOING_TO_ZERO, unsent=50, sent=150, of=1000, approved=None)
    beyond = judge(GUARDS, Guard.GOING_TO_ZERO, unsent=50, sent=151, of=1000, approved=None)
    assert (within.limit, within.waiting) == (200, 0)
    assert (beyond.limit, beyond.waiting) == (200, 50), "a mass change waits whole"


def test_a_share_guards_nothing_below_so_many_offers() -> None:
    few = judge(GUARDS, Guard.GOING_TO_ZERO, unsent=19, sent=0, of=19, approved=None)
    one_more = judge(GUARDS, Guard.GOING_TO_ZERO, unsent=20, sent=0, of=20, approved=None)
    assert (few.waits, one_more.waits) == (False, True)


def test_a_price_that_moves_too_far_waits_however_few_there_are() -> None:
    assert judge(GUARDS, Guard.PRICE_MOVE, unsent=1, sent=0, of=100_000, approved=None).waits


def test_without_the_guard_of_price_moves_those_beyond_their_own_rule_still_wait() -> None:
    off = replace(GUARDS, price_move=None)
    assert judge(off, Guard.PRICE_MOVE, unsent=1, sent=0, of=10, approved=None).waits


@pytest.mark.parametrize("guard", SHARES)
def test_a_guard_that_is_off_keeps_nothing_back(guard: Guard) -> None:
    off = Guards(None, None, None, None, None, None)
    assert judge(off, guard, unsent=10**6, sent=10**6, of=10, approved=None).allowance is None


def test_what_was_approved_passes_and_the_rest_waits_on() -> None:
    verdict = judge(GUARDS, Guard.GOING_DOWN, unsent=310, sent=0, of=1000, approved=approved(300))
    assert (verdict.allowance, verdict.waiting, verdict.by_approval) == (300, 10, True)


def test_an_approval_is_used_up_by_what_passes_by_it() -> None:
    verdict = judge(GUARDS, Guard.GOING_DOWN, unsent=310, sent=0, of=1000, approved=approved(300, used=299))
    assert verdict.allowance == 1


def test_what_is_within_the_limit_uses_no_approval_up() -> None:
    verdict = judge(GUARDS, Guard.GOING_DOWN, unsent=5, sent=0, of=1000, approved=approved(300, used=300))
    assert (verdict.waits, verdict.by_approval) == (False, False)


@given(
    st.sampled_from(SHARES),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.none() | st.builds(approved, st.integers(0, 5_000), st.integers(0, 5_000)),
)
def test_no_hour_sees_more_than_the_limit_and_what_was_approved(
    guard: Guard, unsent: int, sent: int, of: int, word: Approved | None
) -> None:
    verdict = judge(GUARDS, guard, unsent=unsent, sent=sent, of=of, approved=word)
    passing = unsent - verdict.waiting
    assert verdict.limit is not None
    if verdict.by_approval:
        assert word is None or passing <= word.left
        assert word is not None or not passing
    elif passing:
        assert sent + passing <= verdict.limit


def test_a_reading_that_says_zero_of_much_that_was_there_waits() -> None:
    mass = figures_verdict(GUARDS, Reading(above_zero=100, to_zero=31), None)
    usual = figures_verdict(GUARDS, Reading(above_zero=100, to_zero=30), None)
    assert (mass.waiting, usual.waiting) == (31, 0)


def test_what_waits_already_is_judged_with_the_next_page() -> None:
    alone = figures_verdict(GUARDS, Reading(above_zero=100, to_zero=20), None)
    with_others = figures_verdict(GUARDS, Reading(100, 20, waiting_elsewhere=40), None)
    assert (alone.waits, with_others.waits) == (False, True)


def test_a_figure_that_our_own_orders_emptied_is_explained() -> None:
    assert explained(5, reserved=5)
    assert not explained(5, reserved=4)


@pytest.mark.parametrize("guard", list(Guard))
def test_an_issue_says_what_waits_why_and_how_to_let_it_pass(guard: Guard) -> None:
    verdict = judge(GUARDS, guard, unsent=700, sent=0, of=1000, approved=None)
    said = asked(verdict, "shop", GUARDS)
    assert "700" in said.what
    assert "shop" in said.what
    assert percent(GUARDS.share(guard) or Decimal(0)) in said.why
    assert f"entrepot approve {guard.value} --account shop" in said.todo


def test_shares_are_told_as_they_are_written() -> None:
    assert [percent(Decimal(text)) for text in ("0.30", "1", "0.025", "0.1")] == [
        "30%",
        "100%",
        "2.5%",
        "10%",
    ]
