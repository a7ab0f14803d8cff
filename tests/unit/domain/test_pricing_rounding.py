"""Roundings: idempotent, never to nothing, never below a bound, and to the nearest amount of their set."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.domain.rounding import Direction, Rounding, ending_in, to_minor

ENDINGS = [".99", "0.95", "9", "99", "4.95", ".5", "0", ".00", "00"]
STEPS = ["0.01", "0.05", "0.5", "1", "3", "10", "250"]
roundings = st.builds(
    lambda made, direction: made(direction),
    st.sampled_from(
        [
            *(lambda direction, text=text: ending_in(text, direction) for text in ENDINGS),
            *(lambda direction, step=step: Rounding(Decimal(step), direction=direction) for step in STEPS),
        ]
    ),
    st.sampled_from(Direction),
)
values = st.decimals(min_value="0.0001", max_value="99999999", allow_nan=False, places=6)


@given(roundings, values)
def test_a_rounded_price_stays_as_it_is(rounding: Rounding, value: Decimal) -> None:
    once = rounding(value)
    assert rounding(once) == once
    assert once > 0


@given(roundings, values, values)
def test_a_bound_is_kept(rounding: Rounding, value: Decimal, least: Decimal) -> None:
    found = rounding(value, least)
    assert found >= least or found == rounding(value) >= least
    assert rounding(found, least) == found


@given(roundings, values)
def test_it_goes_the_way_that_it_says(rounding: Rounding, value: Decimal) -> None:
    found, step = rounding(value), rounding.step
    assert (Fraction(found) - Fraction(rounding.offset)) % Fraction(step) == 0
    lowest = rounding.offset or step
    if rounding.direction is Direction.UP:
        assert value <= found < value + step or found == lowest
    elif rounding.direction is Direction.DOWN:
        assert value - step < found <= value or found == lowest
    else:
        assert abs(found - value) <= step / 2 or found == lowest


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        (".99", ["0.99", "1.99", "2.99"]),
        ("0.95", ["0.95", "1.95"]),
        ("9", ["9", "19", "29"]),
        ("99", ["99", "199"]),
        ("4.95", ["4.95", "14.95"]),
        ("0", ["10", "20"]),
    ],
)
def test_endings(text: str, amounts: list[str]) -> None:
    rounding = ending_in(text, Direction.UP)
    assert rounding is not None
    found = [rounding(Decimal("0.01"))]
    while len(found) < len(amounts):
        found.append(rounding(found[-1] + Decimal("0.01")))
    assert found == [Decimal(amount) for amount in amounts]


@pytest.mark.parametrize("text", ["", ".", "9.", "x", "-9", "1e3", ".9.9", "٩", "9" * 13, " 9"])
def test_what_is_no_ending(text: str) -> None:
    assert ending_in(text, Direction.UP) is None


def test_the_middle_goes_up() -> None:
    assert to_minor("EUR")(Decimal("1.005")) == Decimal("1.01")
    assert to_minor("JPY")(Decimal("100.5")) == Decimal(101)
    assert to_minor("KWD")(Decimal("0.0004")) == Decimal("0.001"), "never nothing"


def test_a_currency_has_its_digits() -> None:
    cents = Rounding(Decimal(1), Decimal("0.99"))
    assert cents.fits("EUR")
    assert not cents.fits("JPY")
    assert not Rounding(Decimal("0.005")).fits("EUR")
    assert Rounding(Decimal("0.005")).fits("KWD")
