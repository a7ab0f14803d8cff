"""How an order is read from the books: who, where to, its totals, and what it is searched and sorted by."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.storefront.orders import Order
from sandbox.storefront.particulars import Address, Customer
from sandbox.storefront.shopify.answers import Made, bag, count_of, stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.lists import Connection, connection
from sandbox.storefront.shopify.names import gid, inside
from sandbox.storefront.shopify.scopes import DAYS, OLD_ORDERS
from sandbox.storefront.shopify.search import Getter, matching
from sandbox.storefront.shopify.sums import (
    OrderSums,
    current,
    financial_status,
    fulfilment_status,
    order_sums,
    unfulfilled,
)
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]


def find_order(shop: ShopifyShop, given: str) -> Order | None:
    """A placed order by its global id, None where there is none."""
    found = shop.orders.get(inside("Order", given))
    return None if found is None or found.order_placed_at is None else found


def name_of(order: Order) -> str:
    """The order's name, as staff and buyers see it."""
    return f"#{order.code}"


def order_getters(shop: ShopifyShop) -> Mapping[str, Getter]:
    """What orders are searched by."""
    return {
        "default": lambda o: [name_of(o), o.code, shop.about(o).note or ""],
        "id": lambda o: int(o.id),
        "name": lambda o: [name_of(o), o.code],
        "created_at": lambda o: o.order_placed_at,
        "processed_at": lambda o: o.order_placed_at,
        "updated_at": lambda o: o.updated_at,
        "tag": lambda o: list(shop.about(o).tags),
        "status": lambda o: _status(shop, o),
        "financial_status": lambda o: financial_status(shop, o),
        "fulfillment_status": lambda o: [fulfilment_status(shop, o), *_plain_fulfilment(shop, o)],
        "return_status": lambda o: return_status(shop, o),
        "sku": lambda o: [line.product_variant.sku for line in o.lines],
        "test": lambda o: "false",
    }


def _status(shop: ShopifyShop, order: Order) -> list[str]:
    about = shop.about(order)
    if about.cancelled_at:
        return ["any", "cancelled"]
    return ["any", "closed" if about.closed_at else "open", "not_closed" if not about.closed_at else ""]


def _plain_fulfilment(shop: ShopifyShop, order: Order) -> list[str]:
    word = fulfilment_status(shop, order)
    plain = {"FULFILLED": ["shipped"], "PARTIALLY_FULFILLED": ["partial"], "UNFULFILLED": ["unshipped"]}
    return plain[word] + ([] if word == "FULFILLED" else ["unfulfilled"])


def return_status(shop: ShopifyShop, order: Order) -> str:
    """The word for where the order's returns stand together."""
    states = {back.state.value for back in shop.about(order).returns}
    for state, word in (("OPEN", "IN_PROGRESS"), ("REQUESTED", "RETURN_REQUESTED"), ("CLOSED", "RETURNED")):
        if state in states:
            return word
    return "RETURN_FAILED" if states else "NO_RETURN"


_KEYS: Mapping[str, Getter] = {
    "CREATED_AT": lambda o: o.order_placed_at,
    "PROCESSED_AT": lambda o: o.order_placed_at,
    "UPDATED_AT": lambda o: o.updated_at.replace(microsecond=0),
    "ORDER_NUMBER": lambda o: int(o.code),
}


def _seen(call: Call, query: str | None) -> list[Order]:
    """The orders that the app may see, as far as the search knows them by now."""
    now, found = call.shop.clock.now(), call.shop.shown_orders()
    if OLD_ORDERS not in call.door.scopes:
        found = [order for order in found if _age(order, now) <= timedelta(days=DAYS)]
    if query and call.shop.pace.search:
        found = [order for order in found if _age(order, now).total_seconds() >= call.shop.pace.search]
    return found


def _age(order: Order, now: datetime) -> timedelta:
    return now - (order.order_placed_at or now)


def orders(_: Any, arguments: Args, call: Call) -> Connection:
    shop, query = call.shop, arguments.get("query")
    found, notes = matching(query, _seen(call, query), order_getters(shop), "orders")
    call.notes += notes
    return connection(call, found, arguments, by=_KEYS.get(arguments.get("sortKey", "PROCESSED_AT")))


def orders_count(_: Any, arguments: Args, call: Call) -> Made:
    shop, query = call.shop, arguments.get("query")
    found, notes = matching(query, _seen(call, query), order_getters(shop), "ordersCount")
    call.notes += notes
    return count_of(len(found), arguments.get("limit"))


def mailing(address: Address, id: str) -> Made | None:
    """An address as the API has it; None where nothing was given."""
    if not address.country_code:
        return None
    first, _, last = (address.full_name or "").rpartition(" ")
    facts = {
        "id": gid("MailingAddress", id),
        "first_name": first or None,
        "last_name": last or None,
        "name": address.full_name,
        "company": address.company,
        "address1": address.street_line1,
        "address2": address.street_line2,
        "city": address.city,
        "province": address.province,
        "province_code": None,
        "zip": address.postal_code,
        "country": address.country,
        "country_code_v2": address.country_code,
        "phone": address.phone_number,
    }
    return Made("MailingAddress", facts)


def _customer_name(customer: Customer) -> str:
    return f"{customer.first_name} {customer.last_name}".strip() or customer.email_address


def _email(order: Order, _: Args, call: Call) -> str | None:
    own = call.shop.about(order).email
    return own if own is not None else order.customer.email_address if order.customer else None


def _phone(order: Order, _: Args, call: Call) -> str | None:
    own = call.shop.about(order).phone
    return own if own is not None else order.shipping_address.phone_number


def _cancellation(order: Order, _: Args, call: Call) -> Made | None:
    about = call.shop.about(order)
    return Made("OrderCancellation", {"staff_note": about.staff_note}) if about.cancelled_at else None


def _total(pick: Callable[[OrderSums], int]) -> Callable[[Order, Args, Call], Made]:
    return lambda order, _, call: bag(call.shop, pick(order_sums(call.shop, order)))


def _units_now(order: Order, _: Args, call: Call) -> int:
    return sum(current(call.shop, line) for line in order.lines)


def _waits(order: Order, call: Call) -> bool:
    return any(unfulfilled(call.shop, line) for line in order.lines)


def _editable(order: Order, call: Call) -> bool:
    return call.shop.about(order).cancelled_at is None


def _about(pick: Callable[[Any], Any]) -> Callable[[Order, Args, Call], Any]:
    return lambda order, _, call: pick(call.shop.about(order))


VIEW: Resolvers = {
    ("QueryRoot", "order"): lambda _, a, call: find_order(call.shop, a["id"]),
    ("QueryRoot", "orders"): orders,
    ("QueryRoot", "ordersCount"): orders_count,
    ("Order", "billingAddress"): lambda o, _, __: mailing(o.billing_address, f"{o.id}2"),
    ("Order", "cancelReason"): _about(lambda about: about.cancel_reason),
    ("Order", "cancellation"): _cancellation,
    ("Order", "cancelledAt"): _about(lambda about: stamp(about.cancelled_at)),
    ("Order", "capturable"): lambda o, _, call: order_sums(call.shop, o).authorised > 0,
    ("Order", "cartDiscountAmountSet"): _total(lambda s: s.discounts),
    ("Order", "closed"): _about(lambda about: about.closed_at is not None),
    ("Order", "closedAt"): _about(lambda about: stamp(about.closed_at)),
    ("Order", "confirmed"): lambda _, __, ___: True,
    ("Order", "createdAt"): lambda o, _, __: stamp(o.order_placed_at),
    ("Order", "processedAt"): lambda o, _, __: stamp(o.order_placed_at),
    ("Order", "updatedAt"): lambda o, _, __: stamp(o.updated_at),
    ("Order", "currentShippingPriceSet"): _total(lambda s: s.shipping_now),
    ("Order", "currentSubtotalLineItemsQuantity"): _units_now,
    ("Order", "currentSubtotalPriceSet"): _total(lambda s: s.subtotal_now),
    ("Order", "currentTotalAdditionalFeesSet"): lambda _, __, ___: None,
    ("Order", "currentTotalDiscountsSet"): _total(lambda s: s.discounts_now),
    ("Order", "currentTotalDutiesSet"): lambda _, __, ___: None,
    ("Order", "currentTotalPriceSet"): _total(lambda s: s.total_now),
    ("Order", "currentTotalTaxSet"): _total(lambda s: s.tax_now),
    ("Order", "customAttributes"): _about(
        lambda about: [Made("Attribute", {"key": k, "value": v}) for k, v in about.attributes]
    ),
    ("Order", "discountCode"): lambda o, _, __: next((c.code for c in o.coupons), None),
    ("Order", "discountCodes"): lambda o, _, __: [coupon.code for coupon in o.coupons],
    ("Order", "displayFinancialStatus"): lambda o, _, call: financial_status(call.shop, o),
    ("Order", "displayFulfillmentStatus"): lambda o, _, call: fulfilment_status(call.shop, o),
    ("Order", "dutiesIncluded"): lambda _, __, ___: False,
    ("Order", "edited"): _about(lambda about: about.edited),
    ("Order", "email"): _email,
    ("Order", "fulfillable"): lambda o, _, call: _waits(o, call),
    ("Order", "fullyPaid"): lambda o, _, call: order_sums(call.shop, o).outstanding <= 0,
    ("Order", "unpaid"): lambda o, _, call: order_sums(call.shop, o).outstanding > 0,
    ("Order", "id"): lambda o, _, __: gid("Order", o.id),
    ("Order", "legacyResourceId"): lambda o, _, __: o.id,
    ("Order", "merchantEditable"): lambda o, _, call: _editable(o, call),
    ("Order", "merchantEditableErrors"): lambda o, _, call: (
        [] if _editable(o, call) else ["Cancelled orders can't be edited"]
    ),
    ("Order", "name"): lambda o, _, __: name_of(o),
    ("Order", "netPaymentSet"): _total(lambda s: s.received - s.refunded),
    ("Order", "note"): _about(lambda about: about.note),
    ("Order", "originalTotalAdditionalFeesSet"): lambda _, __, ___: None,
    ("Order", "originalTotalDutiesSet"): lambda _, __, ___: None,
    ("Order", "originalTotalPriceSet"): _total(lambda s: s.total),
    ("Order", "paymentGatewayNames"): lambda o, _, __: list(
        dict.fromkeys(p.method for p in o.payments if p.amount)
    ),
    ("Order", "phone"): _phone,
    ("Order", "poNumber"): _about(lambda about: about.po_number),
    ("Order", "presentmentCurrencyCode"): lambda o, _, __: o.currency_code,
    ("Order", "refundDiscrepancySet"): lambda o, _, call: bag(
        call.shop, -sum(r.adjustment for r in call.shop.about(o).repayments)
    ),
    ("Order", "refundable"): lambda o, _, call: (
        order_sums(call.shop, o).received > order_sums(call.shop, o).refunded
    ),
    ("Order", "requiresShipping"): lambda _, __, ___: True,
    ("Order", "restockable"): lambda o, _, __: bool(o.lines),
    ("Order", "returnStatus"): lambda o, _, call: return_status(call.shop, o),
    ("Order", "shippingAddress"): lambda o, _, __: mailing(o.shipping_address, f"{o.id}1"),
    ("Order", "sourceName"): lambda _, __, ___: "web",
    ("Order", "subtotalLineItemsQuantity"): lambda o, _, __: sum(x.order_placed_quantity for x in o.lines),
    ("Order", "subtotalPriceSet"): _total(lambda s: s.subtotal),
    ("Order", "tags"): _about(lambda about: about.tags),
    ("Order", "taxExempt"): lambda _, __, ___: False,
    ("Order", "taxesIncluded"): lambda o, _, __: o.tariff.includes_tax,
    ("Order", "test"): lambda _, __, ___: False,
    ("Order", "totalCapturableSet"): _total(lambda s: s.authorised),
    ("Order", "totalDiscountsSet"): _total(lambda s: s.discounts),
    ("Order", "totalOutstandingSet"): _total(lambda s: s.outstanding),
    ("Order", "totalPriceSet"): _total(lambda s: s.total),
    ("Order", "totalReceivedSet"): _total(lambda s: s.received),
    ("Order", "totalRefundedSet"): _total(lambda s: s.refunded),
    ("Order", "totalRefundedShippingSet"): _total(lambda s: s.refunded_shipping),
    ("Order", "totalShippingPriceSet"): _total(lambda s: s.shipping),
    ("Order", "totalTaxSet"): _total(lambda s: s.tax),
    ("Order", "totalTipReceivedSet"): lambda _, __, call: bag(call.shop, 0),
    ("Customer", "createdAt"): lambda c, _, __: stamp(c.created_at),
    ("Customer", "updatedAt"): lambda c, _, __: stamp(c.updated_at),
    ("Customer", "defaultEmailAddress"): lambda c, _, __: Made(
        "CustomerEmailAddress", {"email_address": c.email_address}
    ),
    ("Customer", "defaultPhoneNumber"): lambda c, _, __: (
        Made("CustomerPhoneNumber", {"phone_number": c.phone_number}) if c.phone_number else None
    ),
    ("Customer", "displayName"): lambda c, _, __: _customer_name(c),
    ("Customer", "email"): lambda c, _, __: c.email_address,
    ("Customer", "firstName"): lambda c, _, __: c.first_name or None,
    ("Customer", "lastName"): lambda c, _, __: c.last_name or None,
    ("Customer", "id"): lambda c, _, __: gid("Customer", c.id),
    ("Customer", "legacyResourceId"): lambda c, _, __: c.id,
    ("Customer", "locale"): lambda _, __, ___: "en",
    ("Customer", "note"): lambda _, __, ___: None,
    ("Customer", "phone"): lambda c, _, __: c.phone_number,
    ("Customer", "tags"): lambda _, __, ___: [],
    ("Job", "query"): lambda job, _, call: job if job.done else None,
}
