"""What an order costs, was paid and is owed: unrounded, tax and shipping included."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.storefront.medusa.amounts import major
from sandbox.storefront.medusa.books import SHIPPING, MedusaShop
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.states import OrderState, PaymentState

TAXED = "DE"
"""The only country with a tax region."""


@dataclass(frozen=True, slots=True)
class LineSums:
    """One line: `discount` is without tax."""

    unit: Decimal
    quantity: int
    discount: Decimal
    rate: Decimal

    @property
    def original(self) -> Decimal:
        return self.unit * self.quantity

    @property
    def subtotal(self) -> Decimal:
        return self.original - self.discount

    @property
    def tax(self) -> Decimal:
        return self.subtotal * self.rate / 100

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax


@dataclass(frozen=True, slots=True)
class OrderSums:
    """A whole order."""

    items: Decimal
    items_tax: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    credit: Decimal
    paid: Decimal
    refunded: Decimal
    returned: Decimal = Decimal(0)
    """What is owed for goods that are wanted back, less what their way back costs."""

    @property
    def full(self) -> Decimal:
        """Before credit."""
        return self.items + self.items_tax + self.shipping + self.shipping_tax

    @property
    def total(self) -> Decimal:
        return self.full - self.credit

    @property
    def pending(self) -> Decimal:
        """What is still to be paid; below zero it is owed to the buyer."""
        return self.current - self.paid + self.refunded

    @property
    def current(self) -> Decimal:
        """Less what comes back: owed from when it is requested, whether or not it came."""
        return self.total - self.returned


def rate(shop: MedusaShop, order: Order) -> Decimal:
    """The tax rate of an order, by where it goes."""
    given = shop.about(order).address
    if given is None:
        return Decimal(str(shop.terms.tax_rate))
    return Decimal(19) if str(given.get("country_code") or "").upper() == TAXED else Decimal(0)


def shown_quantity(order: Order, line: Line) -> int:
    """Units of a line as the API shows them: a cancelled order keeps what was bought."""
    return line.order_placed_quantity if order.state is OrderState.CANCELLED else line.quantity


def line_sums(shop: MedusaShop, order: Order, line: Line) -> LineSums:
    """What one line comes to."""
    unit = shop.unit_prices.get(line.id) or shop.price(line.product_variant)
    off = -major(sum(adjustment.amount for adjustment in line.adjustments))
    return LineSums(unit, shown_quantity(order, line), off, rate(shop, order))


def order_sums(shop: MedusaShop, order: Order) -> OrderSums:
    """What the whole order comes to."""
    lines = [line_sums(shop, order, line) for line in order.lines]
    free = any(adjustment for line in order.shipping_lines for adjustment in line.adjustments)
    shipping = SHIPPING if order.shipping_lines and not free else Decimal(0)
    about = shop.about(order)
    before = OrderSums(
        items=sum((x.subtotal for x in lines), Decimal(0)),
        items_tax=sum((x.tax for x in lines), Decimal(0)),
        shipping=shipping,
        shipping_tax=shipping * rate(shop, order) / 100,
        credit=about.credit,
        paid=Decimal(0),
        refunded=sum((amount for _, amount, _, _ in about.refunds), Decimal(0)),
        returned=_returned(shop, order),
    )
    captured = any(payment.state is PaymentState.SETTLED for payment in order.payments)
    paid = original_total(shop, order) if captured else Decimal(0)
    return OrderSums(**{**_plain(before), "paid": paid})


def _returned(shop: MedusaShop, order: Order) -> Decimal:
    """What a claim complains of and leaves with the buyer takes nothing off."""
    back = [each for each in shop.returns.values() if each.order is order and each.requested_at]
    owed = Decimal(0)
    for each in back:
        if each.cancelled_at is None:
            owed -= each.postage
            owed += sum((_unit(shop, order, item.line) * item.quantity for item in each.items), Decimal(0))
    return owed


def _unit(shop: MedusaShop, order: Order, line: Line) -> Decimal:
    sums = line_sums(shop, order, line)
    return sums.total / sums.quantity if sums.quantity else Decimal(0)


def original_total(shop: MedusaShop, order: Order) -> Decimal:
    """What the order came to when it was placed, which is what its payment is about."""
    tax = 1 + rate(shop, order) / 100
    lines = sum(
        (
            (shop.unit_prices.get(x.id) or shop.price(x.product_variant))
            * (x.order_placed_quantity or x.quantity)
            + major(sum(a.amount for a in x.adjustments))
            for x in order.lines
            if x.id not in shop.added
        ),
        Decimal(0),
    )
    free = any(adjustment for line in order.shipping_lines for adjustment in line.adjustments)
    shipping = SHIPPING if order.shipping_lines and not free else Decimal(0)
    return (lines + shipping) * tax


def _plain(sums: OrderSums) -> dict[str, Decimal]:
    return {name: getattr(sums, name) for name in OrderSums.__slots__}
