"""What a price must at least be: it pays what it covers and leaves the margin, after coupons and fees.

With the shop's price P (as shown, with tax where the shop shows it so):

    (P - coupons) / (1 + tax) - fees % of P - fixed fees  >=  cost + margin

Costs and fees are amounts without tax; a margin of the price is of the price without tax, before coupons.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sync.domain.money import Money

ZERO = Decimal(0)
FINE = Decimal("1e-30")
"""Less money than this is what a division could not say exactly (a third of a euro), and no money."""


class MarginOf(StrEnum):
    """What a margin is a share of; `amount`: it is an amount of money."""

    PRICE = "price"
    COST = "cost"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Margin:
    """What shall be left: a share, 0.15 for 15 %, or an amount."""

    of: MarginOf
    share: Decimal = ZERO
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A share, 0.1 for 10 %, or an amount."""

    share: Decimal = ZERO
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """The terms of one listing's floor in the shop's currency; shares are fractions.

    Amounts that were converted have at least 50 digits.
    """

    cost: Decimal = ZERO
    """Without tax; with the part of the margin that does not depend on the price."""
    fees: Decimal = ZERO
    """Of the price as shown."""
    fixed: Decimal = ZERO
    margin: Decimal = ZERO
    """Of the price without tax."""
    coupons: Decimal = ZERO
    coupon: Decimal = ZERO
    """An amount of coupons."""
    tax: Decimal = ZERO
    """In the shown price; 0 where the shop shows prices without tax."""

    def least(self) -> Decimal | None:
        """The bound, exact within FINE in a context of 60 digits; None where no price is enough."""
        left = 1 - self.coupons - self.margin - self._taxed(self.fees)
        if left <= 0:
            return None
        return (self.coupon + self._taxed(self.fixed + self.cost)) / left - FINE

    def holds(self, price: Decimal) -> bool:
        """Whether a price is enough, checked without a division."""
        wanted = self._taxed(self.fees * price + self.fixed + self.cost) + self.margin * price
        return price - self.coupons * price - self.coupon >= wanted - FINE

    def _taxed(self, amount: Decimal) -> Decimal:
        return amount * (1 + self.tax)
