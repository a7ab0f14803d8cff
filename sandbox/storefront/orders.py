"""A shop's orders: lines, payments, refunds and fulfilments, with the sums that follow from them.

Nothing here decides: `checkout`, `till`, `fulfilling`, `cancelling` and `refunding` do.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.storefront.goods import Variant
from sandbox.storefront.money import Tariff, rounded
from sandbox.storefront.particulars import (
    Address,
    Adjustment,
    Coupon,
    Customer,
    Discount,
    Note,
)
from sandbox.storefront.postage import ShippingLine
from sandbox.storefront.states import FulfilmentState, OrderState, PaymentState


@dataclass(slots=True)
class Line:
    """One variant in an order, with the stock movements made for it."""

    id: str
    order: "Order"
    product_variant: Variant
    quantity: int
    list_price: int
    created_at: datetime
    updated_at: datetime
    order_placed_quantity: int = 0
    adjustments: list[Adjustment] = field(default_factory=list)
    allocations: int = 0
    sales: int = 0
    releases: int = 0
    cancellations: int = 0

    @property
    def tariff(self) -> Tariff:
        """How its shop lists prices."""
        return self.order.tariff

    @property
    def tax_rate(self) -> float:
        """Per cent."""
        return self.tariff.rate

    @property
    def prorated(self) -> float:
        """What one unit costs as listed, after every discount."""
        placed = max(self.order_placed_quantity, self.quantity, 1)
        return self.list_price + sum(a.amount for a in self.adjustments) / placed

    @property
    def unit_price(self) -> int:
        return rounded(self.tariff.net(self.list_price))

    @property
    def unit_price_with_tax(self) -> int:
        return rounded(self.tariff.gross(self.list_price))

    @property
    def prorated_unit_price(self) -> int:
        return rounded(self.tariff.net(self.prorated))

    @property
    def prorated_unit_price_with_tax(self) -> int:
        return rounded(self.tariff.gross(self.prorated))

    @property
    def line_price(self) -> int:
        return rounded(self.tariff.net(self.list_price), self.quantity)

    @property
    def line_price_with_tax(self) -> int:
        return rounded(self.tariff.gross(self.list_price), self.quantity)

    @property
    def prorated_line_price(self) -> int:
        return rounded(self.tariff.net(self.prorated), self.quantity)

    @property
    def prorated_line_price_with_tax(self) -> int:
        return rounded(self.tariff.gross(self.prorated), self.quantity)

    @property
    def line_tax(self) -> int:
        return self.prorated_line_price_with_tax - self.prorated_line_price

    @property
    def discounts(self) -> list[Discount]:
        """What reduced this line, for the units that are left in it."""
        placed = max(self.order_placed_quantity, self.quantity, 1)
        return [
            Discount(
                a.source,
                a.type,
                a.description,
                rounded(self.tariff.net(a.amount / placed), self.quantity),
                rounded(self.tariff.gross(a.amount / placed), self.quantity),
            )
            for a in self.adjustments
        ]


@dataclass(slots=True)
class RefundLine:
    """Units that a refund was for."""

    order_line: Line
    quantity: int
    refund: "Refund"

    @property
    def order_line_id(self) -> str:
        return self.order_line.id

    @property
    def refund_id(self) -> str:
        return self.refund.id


@dataclass(slots=True)
class Refund:
    """Money given back, or promised (Pending)."""

    id: str
    payment: "Payment"
    items: int
    shipping: int
    adjustment: int
    total: int
    method: str
    reason: str | None
    created_at: datetime
    updated_at: datetime
    state: str = "Pending"
    transaction_id: str | None = None
    lines: list[RefundLine] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def payment_id(self) -> str:
        return self.payment.id


@dataclass(slots=True)
class Payment:
    """One attempt to pay."""

    id: str
    order: "Order"
    method: str
    amount: int
    state: PaymentState
    transaction_id: str | None
    created_at: datetime
    updated_at: datetime
    error_message: str | None = None
    refunds: list[Refund] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        """What was refunded of it, settled or not."""
        return sum(refund.total for refund in self.refunds if refund.state != "Failed")


@dataclass(slots=True)
class FulfilmentLine:
    """Units of a line in a fulfilment."""

    order_line: Line
    quantity: int
    fulfillment: "Fulfilment"

    @property
    def order_line_id(self) -> str:
        return self.order_line.id

    @property
    def fulfillment_id(self) -> str:
        return self.fulfillment.id


@dataclass(slots=True)
class Fulfilment:
    """Units that left together, with the number that the shopper sees."""

    id: str
    order: "Order"
    method: str
    tracking_code: str
    created_at: datetime
    updated_at: datetime
    state: FulfilmentState = FulfilmentState.PENDING
    lines: list[FulfilmentLine] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """A cart, and what became of it."""

    id: str
    code: str
    currency_code: str
    tariff: Tariff
    created_at: datetime
    updated_at: datetime
    state: OrderState = OrderState.ADDING
    active: bool = True
    order_placed_at: datetime | None = None
    customer: Customer | None = None
    shipping_address: Address = field(default_factory=Address)
    billing_address: Address = field(default_factory=Address)
    lines: list[Line] = field(default_factory=list)
    shipping_lines: list[ShippingLine] = field(default_factory=list)
    coupons: list[Coupon] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    fulfillments: list[Fulfilment] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def total_quantity(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def sub_total(self) -> int:
        return sum(line.prorated_line_price for line in self.lines)

    @property
    def sub_total_with_tax(self) -> int:
        return sum(line.prorated_line_price_with_tax for line in self.lines)

    @property
    def shipping(self) -> int:
        return sum(line.discounted_price for line in self.shipping_lines)

    @property
    def shipping_with_tax(self) -> int:
        return sum(line.discounted_price_with_tax for line in self.shipping_lines)

    @property
    def total(self) -> int:
        return self.sub_total + self.shipping

    @property
    def total_with_tax(self) -> int:
        return self.sub_total_with_tax + self.shipping_with_tax

    @property
    def paid(self) -> int:
        """What settled payments cover."""
        return sum(payment.amount for payment in self.payments if payment.state is PaymentState.SETTLED)

    @property
    def coupon_codes(self) -> list[str]:
        return [coupon.code for coupon in self.coupons]

    @property
    def discounts(self) -> list[Discount]:
        """Reductions summed by their source, over lines and shipping."""
        found: dict[str, Discount] = {}
        parts = [d for line in self.lines for d in line.discounts]
        parts += [d for line in self.shipping_lines for d in line.discounts]
        for part in parts:
            before = found.get(part.adjustment_source)
            found[part.adjustment_source] = Discount(
                part.adjustment_source,
                before.type if before else part.type,
                part.description,
                part.amount + (before.amount if before else 0),
                part.amount_with_tax + (before.amount_with_tax if before else 0),
            )
        return list(found.values())

    def fulfilled(self, line: Line) -> int:
        """Units of a line in fulfilments that were not cancelled."""
        return sum(
            part.quantity
            for fulfilment in self.fulfillments
            if fulfilment.state is not FulfilmentState.CANCELLED
            for part in fulfilment.lines
            if part.order_line is line
        )
