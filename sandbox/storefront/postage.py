"""What sending an order costs, and what was taken off it."""

from dataclasses import dataclass, field

from sandbox.storefront.particulars import Adjustment, Discount, ShippingMethod


@dataclass(slots=True)
class ShippingLine:
    """What sending costs."""

    id: str
    shipping_method: ShippingMethod
    price: int
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def price_with_tax(self) -> int:
        return self.price

    @property
    def discounted_price(self) -> int:
        return self.price + sum(a.amount for a in self.adjustments)

    @property
    def discounted_price_with_tax(self) -> int:
        return self.discounted_price

    @property
    def discounts(self) -> list[Discount]:
        return [Discount(a.source, a.type, a.description, a.amount, a.amount) for a in self.adjustments]
