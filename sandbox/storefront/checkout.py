"""How a shopper buys: a cart, an address, a payment; one function for each step of the Shop API."""

from typing import Any

from sandbox.storefront.books import COUNTRIES, Shop
from sandbox.storefront.goods import Variant
from sandbox.storefront.money import shared_out
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.particulars import Address, Adjustment, Coupon, Customer
from sandbox.storefront.postage import ShippingLine
from sandbox.storefront.refusals import Refused, Rejected, not_found
from sandbox.storefront.states import OrderState

MOST_ITEMS = 999


def new_cart(shop: Shop) -> Order:
    """An empty order that the shopper is filling."""
    now = shop.second()
    order = Order(shop.numbers.next("order"), shop.new_code(), shop.terms.currency, shop.tariff, now, now)
    shop.orders[order.id] = order
    shop.by_code[order.code] = order
    shop.remember(order, "ORDER_STATE_TRANSITION", {"from": "Created", "to": "AddingItems"})
    return order


def _touch(shop: Shop, order: Order) -> None:
    order.updated_at = shop.second()


def _still_open(order: Order) -> None:
    if order.state is not OrderState.ADDING:
        raise Refused(
            "OrderModificationError",
            "ORDER_MODIFICATION_ERROR",
            'Order contents may only be modified when in the "AddingItems" state',
        )


def _countable(order: Order, quantity: int, already: int) -> None:
    if quantity < 0:
        raise Refused(
            "NegativeQuantityError",
            "NEGATIVE_QUANTITY_ERROR",
            "The quantity for an OrderItem cannot be negative",
        )
    _still_open(order)
    if order.total_quantity - already + quantity > MOST_ITEMS:
        raise Refused(
            "OrderLimitError",
            "ORDER_LIMIT_ERROR",
            f"Cannot add items. An order may consist of a maximum of {MOST_ITEMS} items",
            max_items=MOST_ITEMS,
        )


def add_item(shop: Shop, order: Order, variant_id: str, quantity: int) -> Order:
    """Put units into the cart; what the shop does not have is left out, and said so after the rest is in."""
    _countable(order, quantity, 0)
    variant = shop.catalogue.variant(variant_id)
    if not variant.live:
        raise not_found("ProductVariant", variant_id)
    line = next((line for line in order.lines if line.product_variant is variant), None)
    held = line.quantity if line else 0
    granted = max(0, min(quantity, variant.saleable - held))
    if granted:
        if line is None:
            line = _new_line(shop, order, variant)
        line.quantity = held + granted
        _reprice(order)
        _touch(shop, order)
    if granted < quantity:
        raise _short(order, granted)
    return order


def _new_line(shop: Shop, order: Order, variant: Variant) -> Line:
    now = shop.second()
    line = Line(shop.numbers.next("line"), order, variant, 0, variant.price, now, now)
    order.lines.append(line)
    shop.lines[line.id] = line
    return line


def _short(order: Order, granted: int) -> Refused:
    amount = f"Only {granted} items were" if granted else "No items were"
    return Refused(
        "InsufficientStockError",
        "INSUFFICIENT_STOCK_ERROR",
        f"{amount} added to the order due to insufficient stock",
        quantity_available=granted,
        order=order,
    )


def adjust_line(shop: Shop, order: Order, line_id: str, quantity: int) -> Order:
    """Set the units of a line; 0 takes it out."""
    line = next((line for line in order.lines if line.id == line_id), None)
    if line is None:
        raise Rejected(f"This Order does not contain an OrderLine with the id {line_id}")
    _countable(order, quantity, line.quantity)
    granted = max(0, min(quantity, line.product_variant.saleable))
    line.quantity = granted
    if not granted:
        order.lines.remove(line)
    _reprice(order)
    _touch(shop, order)
    if granted < quantity:
        raise _short(order, granted)
    return order


def apply_coupon(shop: Shop, order: Order, code: str) -> Order:
    """Use a coupon code."""
    coupon = shop.coupons.get(code)
    if coupon is None:
        raise Refused(
            "CouponCodeInvalidError",
            "COUPON_CODE_INVALID_ERROR",
            f'Coupon code "{code}" is not valid',
            coupon_code=code,
        )
    if coupon not in order.coupons:
        order.coupons.append(coupon)
    _reprice(order)
    _touch(shop, order)
    return order


def _reprice(order: Order) -> None:
    for line in order.lines:
        line.adjustments = []
    for shipping in order.shipping_lines:
        shipping.adjustments = []
    for coupon in order.coupons:
        _spread(order, coupon)


def _spread(order: Order, coupon: Coupon) -> None:
    source = f"PROMOTION:{coupon.id}"
    weights = [line.list_price * line.quantity for line in order.lines]
    off = -round(sum(weights) * coupon.percent / 100)
    for line, share in zip(order.lines, shared_out(off, weights), strict=True):
        line.adjustments.append(Adjustment(source, "DISTRIBUTED_ORDER_PROMOTION", coupon.name, share))
    if coupon.free_shipping:
        for shipping in order.shipping_lines:
            shipping.adjustments.append(Adjustment(source, "PROMOTION", coupon.name, -shipping.price))


def set_customer(shop: Shop, order: Order, person: dict[str, Any]) -> Order:
    """Say who buys; one mail address is one customer, whose name is then the newest."""
    now = shop.second()
    customer = shop.customers.get(person["emailAddress"])
    if customer is None:
        customer = Customer(shop.numbers.next("customer"), "", "", person["emailAddress"], None, now, now)
        shop.customers[customer.email_address] = customer
    customer.first_name, customer.last_name = person["firstName"], person["lastName"]
    customer.phone_number = person.get("phoneNumber") or customer.phone_number
    customer.title = person.get("title") or customer.title
    order.customer = customer
    _touch(shop, order)
    return order


def _address(given: dict[str, Any]) -> Address:
    code = given["countryCode"]
    if code not in COUNTRIES:
        raise Rejected(f'The countryCode "{code}" was not recognized')
    return Address(
        full_name=given.get("fullName"),
        company=given.get("company"),
        street_line1=given["streetLine1"],
        street_line2=given.get("streetLine2"),
        city=given.get("city"),
        province=given.get("province"),
        postal_code=given.get("postalCode"),
        country=COUNTRIES[code],
        country_code=code,
        phone_number=given.get("phoneNumber"),
    )


def set_shipping_address(shop: Shop, order: Order, given: dict[str, Any]) -> Order:
    """Say where the goods go."""
    order.shipping_address = _address(given)
    _touch(shop, order)
    return order


def set_billing_address(shop: Shop, order: Order, given: dict[str, Any]) -> Order:
    """Say where the bill goes."""
    order.billing_address = _address(given)
    _touch(shop, order)
    return order


def set_shipping_method(shop: Shop, order: Order, ids: list[str]) -> Order:
    """Choose how the goods travel."""
    _still_open(order)
    method = next((method for method in shop.shipping_methods if method.id in ids), None)
    if method is None:
        raise Refused(
            "IneligibleShippingMethodError",
            "INELIGIBLE_SHIPPING_METHOD_ERROR",
            "This Order is not eligible for the selected ShippingMethod",
        )
    order.shipping_lines = [ShippingLine(shop.numbers.next("shipping"), method, method.price)]
    _reprice(order)
    _touch(shop, order)
    return order
