"""From the goods' amounts to those that a shop shows: their currency, the shop's, and tax.

The formula of a price rule works in the goods' currency; everything else (floor, MAP, promotions) in the
shop's. All conversions of one rule use the same dated rates and the same surcharge.
"""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal

from mappings.goods import Amount
from mappings.prices.rates import Exchange, Rates
from mappings.schema.prices import TaxModel
from sync.domain.floors import ZERO
from sync.domain.money import Money


class NotKnown(Exception):
    """A price cannot be worked out; the text says what is missing."""


@dataclass(slots=True)
class Conversion:
    """How one rule converts for one shop at one moment. Its methods raise NotKnown."""

    rates: Rates
    zone: tzinfo
    now: datetime
    shop: str
    """The currency that the shop shows."""
    goods: str
    """The currency that the formula works in."""
    surcharge: Decimal | None
    """What is added to each rate; None: the rule does not convert."""
    goods_tax: Decimal = ZERO
    """The tax in the goods' amounts; 0 for none."""
    shop_tax: Decimal = ZERO
    """The tax in the shop's prices; 0 for none."""
    used: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    """What was asked of the rates, answered or not."""

    def shown(self, amount: Decimal) -> Decimal:
        """An amount in the goods' currency as the shop would show it."""
        return self.taxed(self.converted(amount, self.goods, self.shop))

    def taxed(self, amount: Decimal) -> Decimal:
        """An amount with the goods' tax as one with the shop's."""
        if self.goods_tax == self.shop_tax:
            return amount
        return amount * (1 + self.shop_tax) / (1 + self.goods_tax)

    def net(self, amount: Decimal) -> Decimal:
        """An amount in the goods' currency in the shop's, without tax."""
        found = self.converted(amount, self.goods, self.shop)
        return found / (1 + self.goods_tax) if self.goods_tax else found

    def money(self, amount: Money, what: str) -> Decimal:
        """An amount of the rules in the shop's currency. `what` it is, for the message."""
        return self.converted(amount.major, amount.currency, self.shop, what)

    def goods_amount(self, amount: Amount) -> Decimal:
        """A listing's amount in the formula's currency."""
        if amount.missing:
            raise NotKnown(amount.missing)
        total = ZERO
        for currency, value in amount.sums.items():
            total += self.converted(value, currency, self.goods)
        return total

    def converted(
        self, amount: Decimal, source: str, target: str, what: str = "an amount of the goods"
    ) -> Decimal:
        """By the rates of now, with the surcharge."""
        if source == target:
            return amount
        if self.surcharge is None:
            raise NotKnown(f"{what} is in {source}, {target} is wanted, and the rule has no `convert`")
        found = self.used.get((source, target))
        if found is None:
            found = self.used[source, target] = self.rates.between(source, target, self.zone, self.now)
        if found.missing:
            raise NotKnown(found.missing)
        return found.convert(amount) * (1 + self.surcharge)


def taxes(tax: TaxModel | None, includes_tax: bool | None) -> tuple[Decimal, Decimal]:
    """(tax in the goods' amounts, tax in the shop's prices). NotKnown where the shop does not say."""
    if tax is None or not tax.rate:
        return ZERO, ZERO
    if includes_tax is None:
        raise NotKnown("the shop does not say whether its prices are with tax, and the rule has `tax`")
    return (tax.rate if tax.formula == "with" else ZERO), (tax.rate if includes_tax else ZERO)
