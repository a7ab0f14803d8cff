"""The Admin API's routes of orders: reading them, money, fulfilments, shipments, deliveries, cancels."""

from collections.abc import Callable
from typing import Any

from sandbox.storefront.medusa import deeds
from sandbox.storefront.medusa.amounts import exact
from sandbox.storefront.medusa.answers import fault, missing, unauthorised
from sandbox.storefront.medusa.bodies import labels, number, rows, text
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.doors import Door
from sandbox.storefront.medusa.fields import Thing, Wish, render, wish
from sandbox.storefront.medusa.goods_view import moment, stamps
from sandbox.storefront.medusa.lists import Listing
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.medusa.orders_view import asked_totals, fulfilment_status, order_of
from sandbox.storefront.medusa.payments_view import payment_of, payment_status
from sandbox.storefront.orders import Fulfilment, Order

_FIGURES = (
    *("region_id", "subtotal", "tax_total", "discount_total", "discount_tax_total", "original_total"),
    *("original_subtotal", "original_tax_total", "item_total", "item_subtotal", "item_tax_total"),
    *("original_item_total", "original_item_subtotal", "original_item_tax_total", "shipping_total"),
    *("shipping_subtotal", "shipping_tax_total", "original_shipping_tax_total"),
    *("original_shipping_subtotal", "original_shipping_total", "credit_line_total"),
    *("credit_line_subtotal", "credit_line_tax_total"),
)
_HEAD = (
    "id",
    "display_id",
    "custom_display_id",
    "status",
    "version",
    "summary",
    "total",
    "metadata",
    "locale",
)
LIST = (*_HEAD, "created_at", "updated_at", "*items")
ORDER = (
    *LIST,
    *_FIGURES,
    *("*items.variant", "*items.variant.product", "*credit_lines", "*shipping_address", "*shipping_methods"),
    *("*payment_collections", "*payment_collections.payments", "*payment_collections.payments.refunds"),
    "*payment_collections.payments.captures",
)
_ALWAYS = ("id", "status", "version")
PAYMENT = (
    *("id", "currency_code", "amount", "captured_at", "payment_collection_id", "payment_session_id"),
    *("captures.id", "captures.amount", "refunds.id", "refunds.amount", "refunds.note", "refunds.payment_id"),
    *("refunds.refund_reason_id", "*refunds.refund_reason"),
)
ORDERS = Listing(
    15,
    {
        "id": lambda o: outside("order", o.id),
        "status": lambda o: "pending" if o.state != "Cancelled" else "canceled",
        "display_id": lambda o: o.code,
        "created_at": lambda o: o.order_placed_at,
        "updated_at": lambda o: o.updated_at,
        "customer_id": lambda o: outside("customer", o.customer.id) if o.customer else None,
        "region_id": lambda _: outside("region", 1),
        "sales_channel_id": lambda _: outside("channel", 1),
    },
    strict=False,
    oldest_first=False,
)


def orders(call: Call) -> dict[str, Any]:
    """A page of orders; their lines come whether asked for or not, so the statuses are right."""
    page, facts = ORDERS.page(call.shop.placed, call.query)
    wanted = wish(call.query.get("fields"), LIST)
    asked = wanted.below.setdefault("items", Wish())
    asked.whole = True
    asked.below.setdefault("detail", Wish(whole=True))
    return {"orders": [_with_statuses(call.shop, order, wanted) for order in page], **facts}


def one_order(call: Call) -> dict[str, Any]:
    """An order; without its lines in the answer its fulfilment status is guessed from the fulfilments."""
    order = deeds.find_order(call.shop, call.path["id"])
    wanted = wish(call.query.get("fields"), ORDER)
    for name in ("payment_collections", "fulfillments"):
        wanted.below.setdefault(name, Wish()).whole = True
    return {"order": _with_statuses(call.shop, order, wanted)}


def _with_statuses(shop: MedusaShop, order: Order, wanted: Wish) -> dict[str, Any]:
    shown = _shown(shop, order, wanted)
    shown["payment_status"] = payment_status(shop, order)
    shown["fulfillment_status"] = fulfilment_status(shop, order, shown)
    return shown


def _shown(shop: MedusaShop, order: Order, wanted: Wish) -> dict[str, Any]:
    wanted.names.update(_ALWAYS)
    if {"customer", "sales_channel"} & set(wanted.below):
        wanted.names.update(f"{name}_id" for name in ("customer", "sales_channel") if name in wanted.below)
    return render(order_of(shop, order, totals=asked_totals(wanted)), wanted)


def _after(call: Call, order: Order) -> dict[str, Any]:
    """The order as it stands after a deed, without its statuses."""
    given = call.query.get("fields")
    wanted = wish(given, ORDER)
    if given is not None:
        return {"order": render(order_of(call.shop, order, totals=asked_totals(wanted)), wanted)}
    return {"order": _shown(call.shop, order, wanted)}


def change(call: Call) -> dict[str, Any]:
    """Write an order's metadata: names given are added, an empty text takes one out."""
    order = deeds.find_order(call.shop, call.path["id"])
    about = call.shop.about(order)
    if isinstance(given := call.body.get("metadata"), dict):
        merged = {**(about.metadata or {}), **given}
        about.metadata = {name: value for name, value in merged.items() if value != ""}
        call.shop.touch(order)
    return _after(call, order)


def cancel(call: Call) -> dict[str, Any]:
    order = deeds.find_order(call.shop, call.path["id"])
    deeds.cancel(call.shop, order)
    return _after(call, order)


def fulfil(call: Call) -> dict[str, Any]:
    order = deeds.find_order(call.shop, call.path["id"])
    wanted = rows(call.body, "items", least=1)
    for n, part in enumerate(wanted):
        text(part, "id", f"items, {n}, ")
        number(part, "quantity", f"items, {n}, ")
    deeds.fulfil(call.shop, order, call.body.get("location_id"), wanted, call.body.get("metadata"))
    return _after(call, order)


def _found(call: Call) -> tuple[Order, Fulfilment]:
    order = deeds.find_order(call.shop, call.path["id"])
    found = deeds.find_fulfilment(call.shop, order, call.path["fulfilment"])
    if found is None:
        raise fault()
    return order, found


def ship(call: Call) -> dict[str, Any]:
    pasted = labels(call.body)
    for n, part in enumerate(rows(call.body, "items")):
        text(part, "id", f"items, {n}, ")
    order, found = _found(call)
    deeds.ship(call.shop, found, pasted)
    return _after(call, order)


def deliver(call: Call) -> dict[str, Any]:
    order, found = _found(call)
    deeds.deliver(call.shop, found)
    return _after(call, order)


def cancel_fulfilment(call: Call) -> dict[str, Any]:
    order, found = _found(call)
    deeds.cancel_fulfilment(call.shop, found)
    return _after(call, order)


# --- payments -------------------------------------------------------------------------------------------


def payment(call: Call) -> dict[str, Any]:
    found = deeds.find_payment(call.shop, call.path["id"])
    return call.one("payment", payment_of(call.shop, found), PAYMENT)


def capture(call: Call) -> dict[str, Any]:
    deeds.capture(call.shop, deeds.find_payment(call.shop, call.path["id"]))
    return payment(call)


def refund(call: Call, change_of: Callable[[Order], object]) -> dict[str, Any]:
    found = deeds.find_payment(call.shop, call.path["id"])
    amount = exact(number(call.body, "amount", above=True))
    changing = change_of(found.order) is not None
    deeds.refund(call.shop, found, amount, call.body.get("note"), changing=changing)
    return payment(call)


# --- who ------------------------------------------------------------------------------------------------


def log_in(door: Door, body: dict[str, Any]) -> dict[str, Any]:
    """A bearer token for the administrator."""
    if not isinstance(body.get("password"), str):
        raise unauthorised("Password should be a string")
    if not isinstance(body.get("email"), str):
        raise unauthorised("Email should be a string")
    token = door.log_in(body["email"], body["password"])
    if token is None:
        raise unauthorised("Invalid email or password")
    return {"token": token}


def me(call: Call) -> dict[str, Any]:
    """The administrator; a secret key is no user."""
    if not call.by_token:
        raise missing(f"User with id: {outside('key', 1)} was not found")
    own = {
        "id": outside("user", 1),
        "first_name": None,
        "last_name": None,
        "email": call.door.email,
        "avatar_url": None,
        "metadata": None,
        **stamps(call.shop.opened_at, call.shop.opened_at),
    }
    return call.one("user", Thing(own), tuple(own))


def stores(call: Call) -> dict[str, Any]:
    """The one store, with its currency."""
    born = moment(call.shop.opened_at)
    code = call.shop.terms.currency.lower()
    money = {"code": code, "symbol": "€", "symbol_native": "€", "name": "Euro", "decimal_digits": 2}
    money |= {"raw_rounding": {"value": "0", "precision": 20}, "created_at": born, "updated_at": born}
    currency = {
        "id": outside("store_currency", 1),
        "currency_code": code,
        "is_default": True,
        "store_id": outside("store", 1),
        **stamps(call.shop.opened_at, call.shop.opened_at),
        "currency": money | {"deleted_at": None, "rounding": 0},
    }
    store = {
        "id": outside("store", 1),
        "name": "Medusa Store",
        "default_sales_channel_id": outside("channel", 1),
        "default_region_id": None,
        "default_location_id": None,
        "metadata": None,
        "created_at": born,
        "updated_at": born,
        "supported_currencies": [currency],
    }
    return {"stores": [store], "count": 1, "offset": 0, "limit": 50}


def preferences(call: Call) -> dict[str, Any]:
    """Whether prices hold their tax: not in this shop."""
    born = moment(call.shop.opened_at)
    known = (("currency_code", call.shop.terms.currency.lower()), ("region_id", outside("region", 1)))
    found = [
        {
            "id": outside("preference", n + 1),
            "attribute": attribute,
            "value": value,
            "is_tax_inclusive": call.shop.terms.prices_include_tax,
            **{"created_at": born, "deleted_at": None, "updated_at": born},
        }
        for n, (attribute, value) in enumerate(known)
    ]
    limit = call.query.number("limit", 50)
    return {"price_preferences": found, "count": len(found), "offset": 0, "limit": limit}


_FULFILMENT = "/admin/orders/{id}/fulfillments/{fulfilment}"
ROUTES: dict[tuple[str, str], Act] = {
    ("GET", "/admin/users/me"): me,
    ("GET", "/admin/stores"): stores,
    ("GET", "/admin/orders"): orders,
    ("GET", "/admin/orders/{id}"): one_order,
    ("POST", "/admin/orders/{id}"): change,
    ("POST", "/admin/orders/{id}/cancel"): cancel,
    ("GET", "/admin/price-preferences"): preferences,
    ("POST", "/admin/orders/{id}/fulfillments"): fulfil,
    ("POST", f"{_FULFILMENT}/shipments"): ship,
    ("POST", f"{_FULFILMENT}/mark-as-delivered"): deliver,
    ("POST", f"{_FULFILMENT}/cancel"): cancel_fulfilment,
    ("GET", "/admin/payments/{id}"): payment,
    ("POST", "/admin/payments/{id}/capture"): capture,
}
