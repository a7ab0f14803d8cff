"""The Store API: what a shopper's browser does, from a cart to a placed order.

A payment session is for what the cart came to when it was opened: a cart that changed since has none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.storefront import checkout, till
from sandbox.storefront.goods import Variant
from sandbox.storefront.medusa.admin_orders import ORDER
from sandbox.storefront.medusa.amounts import minor, raw, shown
from sandbox.storefront.medusa.answers import invalid, missing, not_allowed, too_little
from sandbox.storefront.medusa.bodies import Body, number, rows, text
from sandbox.storefront.medusa.books import SHIPPING, MedusaShop
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.fields import Wish, render, wish
from sandbox.storefront.medusa.goods_view import moment, product, stamps
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.orders_view import order_of
from sandbox.storefront.medusa.sums import OrderSums, line_sums, order_sums, original_total
from sandbox.storefront.orders import Order
from sandbox.storefront.states import OrderState


@dataclass(slots=True)
class Carts:
    """What the Store API keeps of carts: payment sessions by cart."""

    sessions: dict[str, bool] = field(default_factory=dict)
    collections: dict[str, str] = field(default_factory=dict)


def routes(carts: Carts) -> dict[tuple[str, str], Act]:
    """The routes over one shop's carts."""
    return {
        ("GET", "/store/products"): products,
        ("GET", "/store/regions"): regions,
        ("GET", "/store/shipping-options"): shipping_options,
        ("POST", "/store/carts"): new_cart,
        ("GET", "/store/carts/{id}"): cart,
        ("POST", "/store/carts/{id}"): change_cart,
        ("POST", "/store/carts/{id}/line-items"): _changing(carts, add_line),
        ("POST", "/store/carts/{id}/shipping-methods"): _changing(carts, ship_by),
        ("POST", "/store/payment-collections"): lambda call: collect(carts, call),
        ("POST", "/store/payment-collections/{id}/payment-sessions"): lambda call: open_session(carts, call),
        ("POST", "/store/carts/{id}/complete"): lambda call: complete(carts, call),
    }


def _changing(carts: Carts, act: Callable[[Call, Order], None]) -> Act:
    """An act that makes the cart's payment session worthless."""

    def changing(call: Call) -> dict[str, Any]:
        order = _cart(call.shop, call.path["id"])
        act(call, order)
        carts.sessions.pop(order.id, None)
        return {"cart": _shown(call.shop, order)}

    return changing


def _cart(shop: MedusaShop, given: str) -> Order:
    order = shop.orders.get(inside("cart", given) or "")
    if order is None:
        raise missing(f"Cart with id '{given}' not found")
    return order


def products(call: Call) -> dict[str, Any]:
    """What is on sale."""
    shop = call.shop
    live = [item for item in shop.catalogue.live_products() if item.enabled]
    wanted = wish(call.query.get("fields"), ("*variants", "*images"))
    wanted.whole = wanted.whole or call.query.get("fields") is None
    limit, offset = call.query.number("limit", 50), call.query.number("offset", 0)
    page = [render(product(shop, item), wanted) for item in live[offset : offset + limit]]
    return {"products": page, "count": len(live), "offset": offset, "limit": limit}


def regions(call: Call) -> dict[str, Any]:
    """The one region."""
    return {"regions": [_region(call.shop)], "count": 1, "offset": 0, "limit": 20}


def _region(shop: MedusaShop) -> dict[str, Any]:
    return {"id": outside("region", 1), "name": "World", "currency_code": shop.terms.currency.lower()}


def shipping_options(call: Call) -> dict[str, Any]:
    """The one way to send."""
    _cart(call.shop, call.query.get("cart_id") or "")
    option = {
        "id": outside("shipping_option", 1),
        "name": "Standard",
        "price_type": "flat",
        "provider_id": "manual_manual",
        "amount": shown(SHIPPING),
    }
    return {"shipping_options": [option]}


def new_cart(call: Call) -> dict[str, Any]:
    """A cart, with its first lines if given."""
    wanted = [_buyable(call.shop, row, f"items, {n}, ") for n, row in enumerate(rows(call.body, "items"))]
    _enough(call.shop, wanted)
    order = checkout.new_cart(call.shop)
    _introduce(call.shop, order, call.body)
    for variant, quantity in wanted:
        _put(call.shop, order, variant, quantity)
    return {"cart": _shown(call.shop, order)}


def cart(call: Call) -> dict[str, Any]:
    return {"cart": _shown(call.shop, _cart(call.shop, call.path["id"]))}


def change_cart(call: Call) -> dict[str, Any]:
    order = _cart(call.shop, call.path["id"])
    _introduce(call.shop, order, call.body)
    return {"cart": _shown(call.shop, order)}


def add_line(call: Call, order: Order) -> None:
    wanted = _buyable(call.shop, call.body, "")
    _enough(call.shop, [wanted])
    _put(call.shop, order, *wanted)


def ship_by(call: Call, order: Order) -> None:
    if inside("shipping_option", text(call.body, "option_id")) != "1":
        raise invalid("Shipping Options are invalid for cart.")
    checkout.set_shipping_method(call.shop, order, ["1"])


def _buyable(shop: MedusaShop, row: Body, path: str) -> tuple[Variant, int]:
    given, quantity = text(row, "variant_id", path), int(number(row, "quantity", path))
    variant = shop.catalogue.variants.get(inside("variant", given) or "")
    if variant is None or not variant.live:
        raise invalid(f"Variants {given} do not exist or belong to a product that is not published")
    return variant, quantity


def _enough(shop: MedusaShop, wanted: list[tuple[Variant, int]]) -> None:
    if any(variant.saleable < quantity for variant, quantity in wanted):
        raise too_little()


def _put(shop: MedusaShop, order: Order, variant: Variant, quantity: int) -> None:
    checkout.add_item(shop, order, variant.id, quantity)
    line = next(line for line in order.lines if line.product_variant is variant)
    shop.unit_prices[line.id] = shop.price(variant)


def _introduce(shop: MedusaShop, order: Order, body: Body) -> None:
    about = shop.about(order)
    about.address = {**(about.address or {}), **(body.get("shipping_address") or {})}
    if email := body.get("email"):
        about.email = str(email)
        names = {"firstName": "", "lastName": "", "emailAddress": about.email}
        checkout.set_customer(shop, order, names)


def _shown(shop: MedusaShop, order: Order) -> dict[str, Any]:
    sums = order_sums(shop, order)
    return {
        "id": outside("cart", order.id),
        "currency_code": order.currency_code.lower(),
        "email": shop.about(order).email,
        "region_id": outside("region", 1),
        "created_at": moment(order.created_at),
        "updated_at": moment(order.updated_at),
        "completed_at": moment(order.order_placed_at),
        **_cart_sums(sums),
        "items": [
            {
                "id": outside("cart_line", line.id),
                "variant_id": outside("variant", line.product_variant.id),
                "variant_sku": line.product_variant.sku or None,
                "title": line.product_variant.product.name,
                "quantity": line.quantity,
                "unit_price": shown(line_sums(shop, order, line).unit),
            }
            for line in order.lines
        ],
        "region": _region(shop),
    }


def _cart_sums(sums: OrderSums) -> dict[str, Any]:
    figures = {
        "total": sums.total,
        "subtotal": sums.items + sums.shipping,
        "tax_total": sums.items_tax + sums.shipping_tax,
        "item_total": sums.items + sums.items_tax,
        "shipping_total": sums.shipping + sums.shipping_tax,
    }
    return {name: shown(amount) for name, amount in figures.items()}


def collect(carts: Carts, call: Call) -> dict[str, Any]:
    """A payment collection for a cart."""
    order = _cart(call.shop, text(call.body, "cart_id"))
    id = outside("collection", order.id)
    carts.collections[id] = order.id
    return {"payment_collection": _collection(call.shop, order, id, [])}


def _collection(shop: MedusaShop, order: Order, id: str, sessions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": id,
        "currency_code": order.currency_code.lower(),
        "amount": shown(order_sums(shop, order).total),
        "payment_sessions": sessions,
    }


def open_session(carts: Carts, call: Call) -> dict[str, Any]:
    """A way to pay what the cart comes to now."""
    id = call.path["id"]
    order = call.shop.orders.get(carts.collections.get(id, ""))
    if order is None:
        raise missing(f"PaymentCollection with id: {id} was not found")
    provider = text(call.body, "provider_id")
    carts.sessions[order.id] = True
    amount, now = order_sums(call.shop, order).total, call.shop.second()
    session = {
        "id": outside("session", order.id),
        "currency_code": order.currency_code.lower(),
        "provider_id": provider,
        "data": {},
        "context": {},
        "status": "pending",
        "authorized_at": None,
        "payment_collection_id": id,
        "payment": None,
        "metadata": {},
        "raw_amount": raw(amount),
        **stamps(now, now),
        "amount": shown(amount),
    }
    return {"payment_collection": _collection(call.shop, order, id, [session])}


def complete(carts: Carts, call: Call) -> dict[str, Any]:
    """Place the order: authorised, not captured; a cart that was completed gives its order again."""
    shop = call.shop
    order = _cart(shop, call.path["id"])
    if order.order_placed_at is None:
        _ready(carts, order)
        _enough(shop, [(line.product_variant, line.quantity) for line in order.lines])
        _somewhere(shop, order)
        order.state = OrderState.ARRANGING
        till.pay(shop, order, till.PAID_LATER, {})
        for payment in order.payments:
            payment.amount = minor(original_total(shop, order))
    wanted: Wish = wish(call.query.get("fields"), ORDER)
    return {"type": "order", "order": render(order_of(shop, order), wanted)}


def _somewhere(shop: MedusaShop, order: Order) -> None:
    """A line is reserved at one location: what only several have together cannot be bought."""
    for line in order.lines:
        item = line.product_variant.id
        if line.product_variant.tracked and shop.roomy(item, line.quantity) is None:
            last = outside("location", list(shop.locations)[-1])
            name = outside("inventory", item)
            raise not_allowed(f"Not enough stock available for item {name} at location {last}")


def _ready(carts: Carts, order: Order) -> None:
    if order.id not in carts.collections.values():
        raise invalid("Payment collection has not been initiated for cart")
    if not order.shipping_lines:
        raise invalid("No shipping method selected but the cart contains items that require shipping.")
    if order.id not in carts.sessions:
        raise invalid("Payment sessions are required to complete cart")
