"""Amounts as the API writes them: decimals with as many digits as the currency has."""

from decimal import Decimal, InvalidOperation
from typing import Any


def _major(minor: int, precision: int) -> Decimal:
    return Decimal(minor).scaleb(-precision)


def figure(minor: int, precision: int) -> str:
    """As `MoneyV2.amount` has it: no more zeros than one, `12.5`, `20.0`."""
    text = f"{_major(minor, precision):f}"
    if "." not in text:
        return f"{text}.0"
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits.rstrip('0') or '0'}"


def price(minor: int, precision: int) -> str:
    """As the scalar `Money` has it: all the digits of the currency, `12.50`."""
    return f"{_major(minor, precision):f}"


def minor(given: Any, precision: int) -> int | None:
    """Minor units of what a client wrote, rounded half up; None for what is no amount."""
    try:
        exact = Decimal(str(given))
    except InvalidOperation:
        return None
    if not exact.is_finite():
        return None
    return int((exact.scaleb(precision)).to_integral_value("ROUND_HALF_UP"))
