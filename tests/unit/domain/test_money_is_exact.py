"""Amounts are what was written, whatever a float would make of them."""

import pytest

from sync.domain.money import Money


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("1.005", "EUR", 101),
        ("2.675", "EUR", 268),
        ("1.0005", "KWD", 1001),
        ("90071992547409.93", "EUR", 9007199254740993),
    ],
)
def test_an_amount_is_rounded_from_what_was_written(written: str, currency: str, minor: int) -> None:
    """None of these is a number that a float can hold: as floats they are a unit less, or another one."""
    assert Money.of(written, currency).minor == minor
