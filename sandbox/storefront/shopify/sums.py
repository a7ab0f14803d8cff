"""What an order's lines and shipping come to, as placed and as they stand: whole minor units that add up.

Prices are as listed, with tax where the shop's prices hold it. The shared books' price of sending holds its tax
always: where the shop lists prices without tax, it is shown without, and the tax is told apart.
"""

from dataclasses import dataclass

from sandbox.storefront.money import rounded
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.particulars import Adjustment
from sandbox.storefront.postage import ShippingLine
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.states import OrderState, PaymentState


@dataclass(frozen=True, slots=True)
class Sum:
    """So many units of a line, or one way of sending: before and after discounts, and the tax on it."""

    original: int
    listed: int
    tax: int
    gross: int

    @property
    def discount(self) -> int:
        """What was taken off."""
        return self.original - self.listed


def line_sum(line: Line, units: int) -> Sum:
    """What so many units of a line come to."""
    tariff = line.tariff
    net, gross = rounded(tariff.net(line.prorated), units), rounded(tariff.gross(line.prorated), units)
    return Sum(line.list_price * units, gross if tariff.includes_tax else net, gross - net, gross)


def current(shop: ShopifyShop, line: Line) -> int:
    """Units of a line that are neither taken out nor refunded."""
    return line.quantity - shop.about(line.order).returned.get(line.id, 0)


def promised(adjustment: Adjustment) -> bool:
    """Whether an adjustment is a discount of the sale, and not what staff took off afterwards."""
    return adjustment.source.startswith("PROMOTION")


def sending_sum(order: Order, sent: ShippingLine, *, placed: bool = True) -> Sum:
    """What sending comes to, as placed or as staff left it."""
    off = sum(a.amount for a in sent.adjustments if promised(a) or not placed)
    gross, before = sent.price + off, sent.price
    tariff = order.tariff
    net, net_before = (rounded(each / (1 + tariff.rate / 100)) for each in (gross, before))
    if tariff.includes_tax:
        return Sum(before, gross, gross - net, gross)
    return Sum(net_before, net, gross - net, gross)


@dataclass(frozen=True, slots=True)
class OrderSums:
    """An order's totals; `now` ones are after edits, refunds and returns."""

    subtotal: int
    discounts: int
    tax: int
    shipping: int
    total: int
    subtotal_now: int
    discounts_now: int
    tax_now: int
    shipping_now: int
    total_now: int
    authorised: int
    received: int
    refunded: int
    refunded_shipping: int

    @property
    def outstanding(self) -> int:
        """What the buyer still owes; below zero what is owed to them."""
        return self.total_now - (self.received - self.refunded)


def order_sums(shop: ShopifyShop, order: Order) -> OrderSums:
    """All totals of an order."""
    placed = [line_sum(line, line.order_placed_quantity) for line in order.lines]
    now = [line_sum(line, current(shop, line)) for line in order.lines]
    sent = [sending_sum(order, each) for each in order.shipping_lines]
    left = [sending_sum(order, each, placed=False) for each in order.shipping_lines]
    back = shop.about(order).repayments
    back_price, back_tax = (sum(r.shipping[n] for r in back) for n in (0, 1))
    back_gross = back_price if order.tariff.includes_tax else back_price + back_tax
    adjusted = sum(r.adjustment for r in back)
    return OrderSums(
        subtotal=sum(s.listed for s in placed),
        discounts=sum(s.discount for s in placed + sent),
        tax=sum(s.tax for s in placed + sent),
        shipping=sum(s.listed for s in sent),
        total=sum(s.gross for s in placed + sent),
        subtotal_now=sum(s.listed for s in now),
        discounts_now=sum(s.discount for s in now + sent),
        tax_now=sum(s.tax for s in now + left) - back_tax,
        shipping_now=sum(s.listed for s in left) - back_price,
        total_now=sum(s.gross for s in now + left) - back_gross - adjusted,
        authorised=sum(p.amount for p in order.payments if p.state is PaymentState.AUTHORISED),
        received=order.paid,
        refunded=sum(r.total for r in back),
        refunded_shipping=back_gross,
    )


def financial_status(shop: ShopifyShop, order: Order) -> str:
    """The word for where the money stands."""
    sums = order_sums(shop, order)
    if sums.refunded:
        return "REFUNDED" if sums.refunded >= sums.received else "PARTIALLY_REFUNDED"
    if sums.authorised:
        return "VOIDED" if shop.about(order).cancelled_at else "AUTHORIZED"
    if sums.received >= sums.total or order.state is OrderState.CANCELLED:
        return "PAID" if sums.received or not sums.total else "PENDING"
    return "PARTIALLY_PAID" if sums.received else "PENDING"


def unfulfilled(shop: ShopifyShop, line: Line) -> int:
    """Units of a line that still must leave."""
    return sum(portion.remaining for portion in shop.held(line))


def fulfilment_status(shop: ShopifyShop, order: Order) -> str:
    """The word for what has left."""
    waiting = sum(unfulfilled(shop, line) for line in order.lines)
    left = sum(order.fulfilled(line) for line in order.lines)
    if not left:
        return "UNFULFILLED"
    return "PARTIALLY_FULFILLED" if waiting else "FULFILLED"
