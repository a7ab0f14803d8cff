"""How fulfilment orders and fulfilments are read from the books."""

from typing import Any

from sandbox.storefront.orders import Fulfilment, FulfilmentLine, Order
from sandbox.storefront.shopify.answers import Made, bag, count_of, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.goods_view import known_variant, title_of
from sandbox.storefront.shopify.lists import Connection, connection, first_of
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.orders_view import name_of
from sandbox.storefront.shopify.records import Errand, Place, Portion
from sandbox.storefront.shopify.search import matching
from sandbox.storefront.shopify.sums import line_sum
from sandbox.storefront.states import FulfilmentState
from sandbox.storefront.vendure.graphql.execution import Resolver, Resolvers

Args = dict[str, Any]

_BY_SCAN = {
    "CONFIRMED",
    "IN_TRANSIT",
    "OUT_FOR_DELIVERY",
    "ATTEMPTED_DELIVERY",
    "DELAYED",
    "DELIVERED",
    "FAILURE",
}
"""Events that show as the fulfilment's display status, under the same word."""
_MANY_LINES = 1000


def find_errand(shop: ShopifyShop, given: str) -> Errand | None:
    """A fulfilment order by its global id, None where there is none."""
    found = shop.errands.get(inside("FulfillmentOrder", given))
    return None if found is None or found.order.id not in shop.orders else found


def find_fulfilment(shop: ShopifyShop, given: str) -> Fulfilment | None:
    """A fulfilment by its global id, None where there is none."""
    found = shop.fulfilments.get(inside("Fulfillment", given))
    return None if found is None or found.order.id not in shop.orders else found


def errands_of(shop: ShopifyShop, order: Order) -> list[Errand]:
    """The fulfilment orders of an order, oldest first."""
    return shop.errands_of.get(order.id, [])


def status_of(errand: Errand) -> str:
    """The word for where a fulfilment order stands."""
    if not errand.open:
        return "CLOSED"
    if errand.hold:
        return "ON_HOLD"
    left = any(portion.remaining < portion.total for portion in errand.portions)
    return "IN_PROGRESS" if left else "OPEN"


def line_gid(part: FulfilmentLine) -> str:
    """The global id of a fulfilment's line."""
    return gid("FulfillmentLineItem", line_number(part))


def line_number(part: FulfilmentLine) -> str:
    """The number of a fulfilment's line."""
    fulfilment = part.fulfillment
    return str(int(fulfilment.id) * _MANY_LINES + fulfilment.lines.index(part))


def find_line(shop: ShopifyShop, given: str) -> FulfilmentLine | None:
    """A fulfilment's line by its global id, None where there is none."""
    number = int(inside("FulfillmentLineItem", given))
    fulfilment = shop.fulfilments.get(str(number // _MANY_LINES))
    if fulfilment is None or number % _MANY_LINES >= len(fulfilment.lines):
        return None
    return fulfilment.lines[number % _MANY_LINES]


def _errands(_: Any, arguments: Args, call: Call) -> Connection:
    shop = call.shop
    shown = [e for e in shop.errands.values() if e.order.id in shop.orders]
    wanted = [e for e in shown if e.open or arguments.get("includeClosed")]
    getters = {
        "default": lambda e: name_of(e.order),
        "id": lambda e: int(e.id),
        "status": status_of,
        "assigned_location_id": lambda e: int(e.place),
        "updated_at": lambda e: e.updated_at,
    }
    found, notes = matching(arguments.get("query"), wanted, getters, "fulfillmentOrders")
    call.notes += notes
    by = (lambda e: e.updated_at) if arguments.get("sortKey") == "UPDATED_AT" else None
    return connection(call, found, arguments, by=by)


def _assigned(errand: Errand, _: Args, call: Call) -> Made:
    place: Place = call.shop.places[errand.place]
    facts = {"location": place, "name": place.name, "country_code": place.country}
    address = {"address1": "Speicherstr. 1", "address2": None, "city": "Hamburg", "zip": "20457"}
    return Made("FulfillmentOrderAssignedLocation", {**facts, **address, "phone": None, "province": None})


def _destination(errand: Errand, _: Args, call: Call) -> Made | None:
    order, address = errand.order, errand.order.shipping_address
    if not address.country_code:
        return None
    first, last = (address.full_name or "").rpartition(" ")[::2]
    facts = {
        "id": gid("FulfillmentOrderDestination", errand.id),
        "first_name": first or None,
        "last_name": last or None,
        "company": address.company,
        "address1": address.street_line1,
        "address2": address.street_line2,
        "city": address.city,
        "zip": address.postal_code,
        "province": address.province,
        "country_code": address.country_code,
        "email": order.customer.email_address if order.customer else None,
        "phone": address.phone_number,
    }
    return Made("FulfillmentOrderDestination", facts)


def _method(errand: Errand, _: Args, __: Call) -> Made | None:
    sent = next(iter(errand.order.shipping_lines), None)
    if sent is None:
        return None
    facts = {"id": gid("DeliveryMethod", errand.id), "method_type": "SHIPPING"}
    more = {"presented_name": sent.shipping_method.name, "service_code": sent.shipping_method.code}
    return Made("DeliveryMethod", facts | more)


def _actions(errand: Errand, _: Args, __: Call) -> list[Made]:
    words = {
        "OPEN": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD"),
        "IN_PROGRESS": ("CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE"),
        "ON_HOLD": ("RELEASE_HOLD",),
        "CLOSED": (),
    }
    return [
        Made("FulfillmentOrderSupportedAction", {"action": word, "external_url": None})
        for word in words[status_of(errand)]
    ]


def _holds(errand: Errand, _: Args, __: Call) -> list[Made]:
    if not errand.hold:
        return []
    facts = {
        "id": gid("FulfillmentHold", errand.id),
        "reason": errand.hold,
        "display_reason": errand.hold.replace("_", " ").capitalize(),
        "handle": None,
        "held_by_requesting_app": False,
        "reason_notes": None,
    }
    return [Made("FulfillmentHold", facts)]


def _left_with(errand: Errand, call: Call) -> list[Fulfilment]:
    return [
        fulfilment
        for fulfilment in errand.order.fulfillments
        if any(portion.errand is errand for portion, _ in call.shop.departures[fulfilment.id].taken)
    ]


def _errands_with(fulfilment: Fulfilment, call: Call) -> list[Errand]:
    taken = call.shop.departures[fulfilment.id].taken
    return list({portion.errand.id: portion.errand for portion, _ in taken}.values())


def _tracking(fulfilment: Fulfilment, arguments: Args, call: Call) -> list[Any]:
    return first_of(call.shop.departures[fulfilment.id].tracking, arguments)


def display_status(shop: ShopifyShop, fulfilment: Fulfilment) -> str:
    """The word that staff see: the newest event's, else that it left."""
    if fulfilment.state is FulfilmentState.CANCELLED:
        return "CANCELED"
    scans = shop.departures[fulfilment.id].scans
    newest = max(scans, key=lambda scan: (scan.happened_at, int(scan.id)), default=None)
    return newest.status if newest and newest.status in _BY_SCAN else "FULFILLED"


def _scanned(fulfilment: Fulfilment, status: str, call: Call) -> str | None:
    found = [scan.happened_at for scan in call.shop.departures[fulfilment.id].scans if scan.status == status]
    return stamp(min(found, default=None))


def _part(quantity: int, part: FulfilmentLine, call: Call, *, original: bool) -> Made:
    total = line_sum(part.order_line, quantity)
    return bag(call.shop, total.original if original else total.listed)


def _of_order(order: Order, arguments: Args, call: Call) -> Connection:
    return connection(call, errands_of(call.shop, order), arguments)


def _inventory_item(portion: Portion, _: Args, __: Call) -> str:
    return gid("InventoryItem", portion.line.product_variant.id)


_TOLD = ("address1", "city", "country", "message", "province", "zip")


def _told(name: str) -> Resolver:
    return lambda scan, _, __: scan.facts.get(name)


VIEW: Resolvers = {
    ("QueryRoot", "fulfillment"): lambda _, a, call: find_fulfilment(call.shop, a["id"]),
    ("QueryRoot", "fulfillmentOrder"): lambda _, a, call: find_errand(call.shop, a["id"]),
    ("QueryRoot", "fulfillmentOrders"): _errands,
    ("Order", "fulfillmentOrders"): _of_order,
    ("Order", "fulfillments"): lambda o, a, __: first_of(o.fulfillments, a),
    ("Order", "fulfillmentsCount"): lambda o, _, __: count_of(len(o.fulfillments)),
    ("FulfillmentOrder", "assignedLocation"): _assigned,
    ("FulfillmentOrder", "createdAt"): lambda e, _, __: stamp(e.created_at),
    ("FulfillmentOrder", "deliveryMethod"): _method,
    ("FulfillmentOrder", "destination"): _destination,
    ("FulfillmentOrder", "fulfillAt"): lambda e, _, __: stamp(e.created_at),
    ("FulfillmentOrder", "fulfillBy"): lambda _, __, ___: None,
    ("FulfillmentOrder", "fulfillmentHolds"): _holds,
    ("FulfillmentOrder", "fulfillments"): lambda e, a, call: connection(call, _left_with(e, call), a),
    ("FulfillmentOrder", "id"): lambda e, _, __: gid("FulfillmentOrder", e.id),
    ("FulfillmentOrder", "lineItems"): lambda e, a, call: connection(call, e.portions, a),
    ("FulfillmentOrder", "orderId"): lambda e, _, __: gid("Order", e.order.id),
    ("FulfillmentOrder", "orderName"): lambda e, _, __: name_of(e.order),
    ("FulfillmentOrder", "orderProcessedAt"): lambda e, _, __: stamp(e.order.order_placed_at),
    ("FulfillmentOrder", "requestStatus"): lambda _, __, ___: "UNSUBMITTED",
    ("FulfillmentOrder", "status"): lambda e, _, __: status_of(e),
    ("FulfillmentOrder", "supportedActions"): _actions,
    ("FulfillmentOrder", "updatedAt"): lambda e, _, __: stamp(e.updated_at),
    ("FulfillmentOrderLineItem", "id"): lambda p, _, __: gid("FulfillmentOrderLineItem", p.id),
    ("FulfillmentOrderLineItem", "inventoryItemId"): _inventory_item,
    ("FulfillmentOrderLineItem", "lineItem"): lambda p, _, __: p.line,
    ("FulfillmentOrderLineItem", "productTitle"): lambda p, _, __: p.line.product_variant.product.name,
    ("FulfillmentOrderLineItem", "remainingQuantity"): lambda p, _, __: p.remaining,
    ("FulfillmentOrderLineItem", "requiresShipping"): lambda p, _, call: (
        call.shop.extras_of(p.line.product_variant).requires_shipping
    ),
    ("FulfillmentOrderLineItem", "sku"): lambda p, _, __: p.line.product_variant.sku or None,
    ("FulfillmentOrderLineItem", "totalQuantity"): lambda p, _, __: p.total,
    ("FulfillmentOrderLineItem", "variant"): lambda p, _, call: known_variant(
        call.shop, p.line.product_variant.id
    ),
    ("FulfillmentOrderLineItem", "variantTitle"): lambda p, _, __: title_of(p.line.product_variant),
    ("FulfillmentOrderLineItem", "vendor"): lambda p, _, call: (
        call.shop.sheet(p.line.product_variant.product).vendor or call.shop.name
    ),
    ("Fulfillment", "createdAt"): lambda f, _, __: stamp(f.created_at),
    ("Fulfillment", "deliveredAt"): lambda f, _, call: _scanned(f, "DELIVERED", call),
    ("Fulfillment", "displayStatus"): lambda f, _, call: display_status(call.shop, f),
    ("Fulfillment", "estimatedDeliveryAt"): lambda _, __, ___: None,
    ("Fulfillment", "events"): lambda f, a, call: connection(
        call, call.shop.departures[f.id].scans, a, by=lambda scan: scan.happened_at
    ),
    ("Fulfillment", "fulfillmentLineItems"): lambda f, a, call: connection(call, f.lines, a, id=line_number),
    ("Fulfillment", "fulfillmentOrders"): lambda f, a, call: connection(call, _errands_with(f, call), a),
    ("Fulfillment", "id"): lambda f, _, __: gid("Fulfillment", f.id),
    ("Fulfillment", "inTransitAt"): lambda f, _, call: _scanned(f, "IN_TRANSIT", call),
    ("Fulfillment", "legacyResourceId"): lambda f, _, __: f.id,
    ("Fulfillment", "location"): lambda f, _, call: call.shop.places[call.shop.departures[f.id].place],
    ("Fulfillment", "name"): lambda f, _, __: f"{name_of(f.order)}-F{f.order.fulfillments.index(f) + 1}",
    ("Fulfillment", "requiresShipping"): lambda _, __, ___: True,
    ("Fulfillment", "status"): lambda f, _, __: (
        "CANCELLED" if f.state is FulfilmentState.CANCELLED else "SUCCESS"
    ),
    ("Fulfillment", "totalQuantity"): lambda f, _, __: sum(part.quantity for part in f.lines),
    ("Fulfillment", "trackingInfo"): _tracking,
    ("Fulfillment", "updatedAt"): lambda f, _, __: stamp(f.updated_at),
    ("FulfillmentLineItem", "discountedTotalSet"): lambda p, _, call: _part(
        p.quantity, p, call, original=False
    ),
    ("FulfillmentLineItem", "id"): lambda p, _, __: line_gid(p),
    ("FulfillmentLineItem", "lineItem"): lambda p, _, __: p.order_line,
    ("FulfillmentLineItem", "originalTotalSet"): lambda p, _, call: _part(p.quantity, p, call, original=True),
    ("FulfillmentEvent", "id"): lambda s, _, __: gid("FulfillmentEvent", s.id),
    ("FulfillmentEvent", "createdAt"): lambda s, _, __: stamp(s.created_at),
    ("FulfillmentEvent", "happenedAt"): lambda s, _, __: stamp(s.happened_at),
    ("FulfillmentEvent", "estimatedDeliveryAt"): lambda s, _, __: stamp(s.facts.get("estimatedDeliveryAt")),
    **{("FulfillmentEvent", name): _told(name) for name in _TOLD},
}
