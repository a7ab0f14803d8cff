"""Amounts with units: what is read, exactly, and that nothing else is ever guessed at."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.places import CURRENCIES
from config.units import BadUnit, currency, duration, money, percent, units, weight
from sync.domain.money import Money, exponent

READERS = (duration, money, weight, percent, units, currency)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("500 ms", timedelta(milliseconds=500)),
        ("15 seconds", timedelta(seconds=15)),
        ("15s", timedelta(seconds=15)),
        ("1.5 hours", timedelta(minutes=90)),
        ("1 hour 30 minutes", timedelta(minutes=90)),
        ("3 days", timedelta(days=3)),
        ("2 Weeks", timedelta(days=14)),
        ("１０ minutes", timedelta(minutes=10)),
    ],
)
def test_durations(text: str, span: timedelta) -> None:
    assert duration(text) == span


@given(
    st.integers(1, 10**6),
    st.sampled_from(["second", "seconds", "s", "sec"]),
    st.sampled_from(["", " ", "  "]),
)
def test_seconds_are_exact(number: int, unit: str, gap: str) -> None:
    assert duration(f"{number}{gap}{unit}") == timedelta(seconds=number)


@given(st.integers(0, 10**12), st.sampled_from(sorted(CURRENCIES)))
def test_money_that_is_written_is_read_back(minor: int, code: str) -> None:
    assert money(str(Money(minor, code))) == Money(minor, code)


@given(st.integers(0, 10**9), st.sampled_from(sorted(CURRENCIES)))
def test_money_with_a_digit_too_many_is_refused(number: int, code: str) -> None:
    with pytest.raises(BadUnit, match="too many decimals"):
        money(f"{number}.{'0' * exponent(code)}1 {code}")


@pytest.mark.parametrize(
    ("text", "kilograms"),
    [("3 kg", "3"), ("400 g", "0.4"), ("0.5KG", "0.5"), ("1 lb", "0.45359237"), ("16 oz", "0.45359237")],
)
def test_weights_are_kilograms(text: str, kilograms: str) -> None:
    assert weight(text) == Decimal(kilograms)


@pytest.mark.parametrize(
    ("text", "fraction"), [("5%", "0.05"), ("2.5 %", "0.025"), ("100%", "1"), ("５％", "0.05")]
)
def test_percentages_are_fractions(text: str, fraction: str) -> None:
    assert percent(text) == Decimal(fraction)


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("2 units", 2), ("1 unit", 1), ("0", 0)])
def test_units_are_whole_pieces(text: str, number: int) -> None:
    assert units(text) == number


@pytest.mark.parametrize("reader", [duration, money, weight, percent])
@given(number=st.decimals(0, 10**6, places=2))
def test_a_bare_number_is_never_an_amount(reader: object, number: Decimal) -> None:
    assert callable(reader)
    with pytest.raises(BadUnit):
        reader(str(number))


@pytest.mark.parametrize("text", ["1,5 kg", "1,999 CNY", "2,5%", "1,5 hours", "1,000"])
def test_a_comma_in_a_number_is_refused_and_said(text: str) -> None:
    for reader in (duration, money, weight, percent, units):
        with pytest.raises(BadUnit, match="comma"):
            reader(text)


@pytest.mark.parametrize(
    "text", ["-5 seconds", "nan CNY", "inf kg", "1e3 kg", "٣ kg%", "5 % 5", "", " ", "kg"]
)
def test_nothing_is_guessed(text: str) -> None:
    for reader in READERS:
        with pytest.raises(BadUnit):
            reader(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_what_is_allowed(text: str) -> None:
    for reader in READERS:
        try:
            reader(text)
        except BadUnit as error:
            assert error.what
            assert error.allowed
