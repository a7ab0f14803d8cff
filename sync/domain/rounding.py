"""How prices are rounded: to a step, or so that they end in certain digits.

Each rule is a set of amounts in the shop's currency; rounding picks one of them. It is idempotent, gives
nothing that is not above zero, and can be told a bound that it must not pass below.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from enum import StrEnum
from functools import lru_cache

from sync.domain.money import exponent

_EXACT = Context(prec=60)


class Direction(StrEnum):
    """Which way a price is rounded; `nearest` goes up from the middle."""

    UP = "up"
    DOWN = "down"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Rounding:
    """The amounts k × step + offset that are above zero, k = 0, 1, 2…; 0 <= offset < step."""

    step: Decimal
    offset: Decimal = Decimal(0)
    direction: Direction = Direction.NEAREST

    def fits(self, currency: str) -> bool:
        """Whether a currency has such amounts: yen have no .99."""
        digits = Decimal(1).scaleb(-exponent(currency))
        return not self.step % digits and not self.offset % digits

    def __call__(self, value: Decimal, least: Decimal | None = None) -> Decimal:
        """The amount for a value; where it would be below `least`, the next one that is not."""
        below, above = self.below(value), self.above(value)
        if below is None or self.direction is Direction.UP:
            found = above
        elif self.direction is Direction.DOWN:
            found = below
        else:
            found = below if value - below < above - value else above
        return found if least is None or found >= least else self.above(least)

    def above(self, value: Decimal) -> Decimal:
        """The smallest amount that is not below the value."""
        steps = _steps(value - self.offset, self.step, ROUND_CEILING)
        found = max(steps, Decimal(0)) * self.step + self.offset
        return found if found > 0 else self.step + self.offset

    def below(self, value: Decimal) -> Decimal | None:
        """The largest amount that is not above the value; None where there is none."""
        found = _steps(value - self.offset, self.step, ROUND_FLOOR) * self.step + self.offset
        return found if found > 0 else None


@lru_cache(maxsize=1024)
def to_minor(currency: str, direction: Direction = Direction.NEAREST) -> Rounding:
    """Rounding to the smallest unit of a currency."""
    return Rounding(Decimal(1).scaleb(-exponent(currency)), direction=direction)


def ending_in(text: str, direction: Direction) -> Rounding | None:
    """From `.99`, `0.95` (the same as `.95`), `9` (9, 19, 29…) or `9.99`; None where it is no such text."""
    whole, _, decimals = text.partition(".")
    whole = "" if whole == "0" and decimals else whole
    if not (whole + decimals).isdigit() or not text.isascii() or len(text) > 12 or text.endswith("."):
        return None
    return Rounding(Decimal(10) ** len(whole), Decimal(f"{whole or 0}.{decimals or 0}"), direction)


def _steps(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return _EXACT.divide(value, step).to_integral_value(rounding)
