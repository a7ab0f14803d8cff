"""Orders that come through the books which all shops share: how they look here, and how they are called off."""

from decimal import Decimal
from typing import Any

from sandbox.storefront.orders import Line, Order
from sandbox.storefront.states import PaymentState
from sandbox.storefront.woocommerce import sums, telling
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.money import bare, major, rounded
from sandbox.storefront.woocommerce.purchases import CouponLine, Item, ItemKind, MoneyBack, Purchase
from sandbox.storefront.woocommerce.statuses import word

SENT_BY = "flat_rate"


def from_books(shop: WooShop, order: Order) -> Purchase:
    """An order that a shopper just placed: it is paid, processed, and holds its units."""
    now = shop.second()
    purchase = Purchase(int(order.code), shop.new_key(), order.currency_code, now, now, status="processing")
    purchase.created_via, purchase.mirror, purchase.holding = "checkout", order, True
    purchase.told.placed = True
    purchase.billing, purchase.shipping = _addresses(order)
    paid = any(payment.state is PaymentState.SETTLED for payment in order.payments)
    purchase.paid = now if paid else None
    purchase.words = {
        "payment_method": "bacs",
        "payment_method_title": "Direct bank transfer",
        "transaction_id": order.payments[0].transaction_id if order.payments else "",
    }
    purchase.items = [_line(shop, line) for line in order.lines]
    purchase.items += [
        Item(
            shop.next_item(),
            ItemKind.SHIPPING,
            sent.shipping_method.name,
            total=major(sent.discounted_price, shop.rules.decimals),
            method=SENT_BY,
        )
        for sent in order.shipping_lines
    ]
    sums.recalculate(shop, purchase)
    used = {each.code.lower() for each in order.coupons}
    purchase.coupons = [
        CouponLine(shop.next_item(), code, bare(purchase.discount_total), bare(purchase.discount_tax))
        for code in shop.codes.values()
        if code.code in used
    ]
    shop.purchases[purchase.id] = purchase
    shop.write_note(purchase, f"Order status changed from {word('pending')} to {word('processing')}.")
    shop.heard("order.created", purchase.id)
    shop.heard("order.updated", purchase.id)
    return purchase


def _line(shop: WooShop, line: Line) -> Item:
    post = shop.posts[int(line.product_variant.id)]
    digits = shop.rules.decimals
    listed = major(line.list_price, digits) * line.quantity
    off = major(sum(each.amount for each in line.adjustments), digits)
    item = Item(
        shop.next_item(),
        ItemKind.LINE,
        post.full_name,
        total=sums.net(shop.rules, listed + off, post),
        subtotal=sums.net(shop.rules, listed, post),
        quantity=line.quantity,
        post=post,
        tax_class=post.tax_class,
        taxable=post.taxable,
        mirror=line,
    )
    post.sales += line.quantity
    if post.holder is not None:
        item.reduced = line.quantity
        shop.stock_moved(post.holder)
    return item


def _addresses(order: Order) -> tuple[dict[str, str], dict[str, str]]:
    """Billing and shipping, both where the goods go."""
    to, buyer = order.shipping_address, order.customer
    shipping = {
        "first_name": buyer.first_name if buyer else "",
        "last_name": buyer.last_name if buyer else "",
        "company": to.company or "",
        "address_1": to.street_line1 or "",
        "address_2": to.street_line2 or "",
        "city": to.city or "",
        "state": to.province or "",
        "postcode": to.postal_code or "",
        "country": to.country_code or "",
        "phone": to.phone_number or (buyer.phone_number if buyer else None) or "",
    }
    return {**shipping, "email": buyer.email_address if buyer else ""}, shipping


def called_off(shop: WooShop, order: Order, why: dict[str, Any]) -> None:
    """Staff cancelled an order or some of its units in the shared books, which moved the stock already.

    A whole cancel is the status; a part is a refund by lines, which is how WooCommerce's staff do it.
    """
    purchase = shop.purchases.get(int(order.code))
    if purchase is None:
        return
    lines = {line.mirror.id: line for line in purchase.lines if line.mirror is not None}
    rows = [row for row in why["lines"] if row["orderLineId"] in lines]
    units = [(lines[row["orderLineId"]], int(row["quantity"])) for row in rows]
    for line, quantity in units:
        purchase.told.cancelled[line.id] += quantity
        if line.post is not None and line.post.holder is not None:
            line.reduced = max(0, (line.reduced or 0) - quantity)
            shop.stock_moved(line.post.holder)
    if order.total_quantity:
        _give_back(shop, purchase, units)
    else:
        before, purchase.status, purchase.holding = purchase.status, "cancelled", False
        shop.write_note(purchase, f"Order status changed from {word(before)} to {word('cancelled')}.")
    shop.touch(purchase)


def _give_back(shop: WooShop, purchase: Purchase, units: list[tuple[Item, int]]) -> None:
    made = MoneyBack(shop.next_order(), Decimal(0), "cancelled", shop.second())
    for line, quantity in units:
        if quantity:
            made.items.append(reversed_item(shop, line, quantity))
            line.restocked += quantity
    sums.settle_refund(shop, made)
    whole = -sum((item.total + item.total_tax for item in made.items), Decimal(0))
    rest = purchase.total - purchase.refunded
    made.amount = min(rounded(whole, shop.rules.decimals), rest)
    purchase.refunds.append(made)
    telling.refunded(shop, purchase, made)


def reversed_item(shop: WooShop, line: Item, quantity: int) -> Item:
    """A refund's item for so many units of a line, with the money that they cost."""
    digits, whole = shop.rules.decimals, max(1, line.quantity)
    return Item(
        shop.next_item(),
        line.kind,
        line.name,
        total=-rounded(line.total * quantity / whole, digits),
        quantity=-quantity,
        post=line.post,
        tax_class=line.tax_class,
        taxes={rate: -rounded(value * quantity / whole, digits) for rate, value in line.taxes.items()},
        refunds_item=line.id,
    )
