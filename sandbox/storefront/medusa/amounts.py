"""Money as this shop counts it: unrounded decimals in major units.

They are shown as JSON numbers, many of them beside a `raw_` twin in text.
"""

from decimal import Decimal
from typing import Any


def shown(amount: Decimal) -> int | float:
    """A JSON number."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def raw(amount: Decimal | int) -> dict[str, Any]:
    """The same as text with its precision."""
    return {"value": format(Decimal(amount).normalize(), "f"), "precision": 20}


def both(figures: dict[str, Decimal]) -> dict[str, Any]:
    """Figures with their `raw_` twins after them."""
    numbers: dict[str, Any] = {name: shown(amount) for name, amount in figures.items()}
    return numbers | {f"raw_{name}": raw(amount) for name, amount in figures.items()}


def exact(given: int | float | str) -> Decimal:
    """A decimal from a JSON number, by its shortest text."""
    return Decimal(str(given))


def minor(amount: Decimal) -> int:
    """Whole hundredths, as the ledger counts."""
    return int((amount * 100).to_integral_value(rounding="ROUND_HALF_UP"))


def major(hundredths: int) -> Decimal:
    """An amount of the ledger in major units."""
    return Decimal(hundredths) / 100
