"""Amounts as the shop counts them: exact decimals, rounded where the real shop rounds, shown as text."""

from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

PRECISION = 6
"""Digits after the point that taxes are kept to."""


def rounded(value: Decimal, digits: int, *, down: bool = False) -> Decimal:
    """To so many digits; a half goes up (away from nothing), or `down`."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_DOWN if down else ROUND_HALF_UP)


def shown(value: Decimal, digits: int) -> str:
    """With exactly so many digits; nothing is never negative."""
    found = rounded(value, digits)
    return f"{found or abs(found):f}"


def bare(value: Decimal) -> str:
    """Without superfluous digits."""
    return f"{value.normalize():f}" if value else "0"


def number(value: float) -> int | float:
    """As PHP writes a number: whole ones without a point."""
    return int(value) if value == int(value) else value


def minor(value: Decimal, digits: int) -> int:
    """In the currency's smallest units."""
    return int(rounded(value.scaleb(digits), 0))


def major(units: int, digits: int) -> Decimal:
    """From the currency's smallest units."""
    return Decimal(units).scaleb(-digits)


def price_of(text: str) -> str:
    """A price as the shop stores what it is given: all but digits, points and minus signs vanish."""
    kept = "".join(sign for sign in text if sign.isdigit() or sign in ".-")
    try:
        Decimal(kept)
    except ArithmeticError:
        return ""
    return kept


def exact(value: object) -> Decimal:
    """A figure from a body; what is no figure is nothing."""
    try:
        found = Decimal(str(value).strip() or "0")
    except ArithmeticError:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)
