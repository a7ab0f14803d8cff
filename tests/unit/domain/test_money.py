"""Money: minor units that are never lost, and totals that agree within the rounding of their parts."""

from decimal import Decimal

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from sync.domain.money import CurrencyMismatch, Money, agree, exponent, split, total

currencies = st.sampled_from(["EUR", "JPY", "KWD", "CLF", "XXX"])


@given(currencies, st.integers(-(10**12), 10**12))
def test_major_units_and_back_are_the_same_money(currency: str, minor: int) -> None:
    event(f"{exponent(currency)} digits")
    money = Money(minor, currency)
    assert Money.of(money.major, currency) == money


def test_yen_stored_with_two_digits_are_yen() -> None:
    assert Money.from_scaled(120000, 2, "JPY") == Money(1200, "JPY")


def test_dinars_have_three_digits() -> None:
    assert Money.of("1.2345", "KWD") == Money(1235, "KWD")


def test_halves_round_away_from_zero() -> None:
    assert Money.of(Decimal("0.005"), "EUR") == Money(1, "EUR")
    assert Money.of(Decimal("-0.005"), "EUR") == Money(-1, "EUR")


def test_two_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_a_split_loses_no_unit(minor: int, weights: list[int]) -> None:
    event("no weight" if not any(weights) else "weights")
    event("negative" if minor < 0 else "positive")
    shares = split(Money(minor, "EUR"), weights)
    assert total(shares, "EUR") == Money(minor, "EUR")
    assert len(shares) == len(weights)


def test_nothing_cannot_be_split_between_nobody() -> None:
    with pytest.raises(ValueError, match="nothing to split between"):
        split(Money(1, "EUR"), [])


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_totals_rounded_part_by_part_still_agree(thousandths: list[int]) -> None:
    parts = total([Money.of(Decimal(x) / 1000, "EUR") for x in thousandths], "EUR")
    whole = Money.of(Decimal(sum(thousandths)) / 1000, "EUR")
    assert agree(parts, whole, parts=len(thousandths))


def test_a_wrong_total_does_not_agree() -> None:
    assert not agree(Money(1000, "EUR"), Money(-425, "EUR"), parts=3)
