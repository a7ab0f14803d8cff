"""The Shop API: what a shopper's browser does, on the shop's books.

The first mutation of a caller without a session opens one; whoever does not return its token gets a new cart
each time.
"""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from sandbox.storefront import checkout, till
from sandbox.storefront.orders import Order
from sandbox.storefront.refusals import Refused
from sandbox.storefront.states import AFTER_ORDER
from sandbox.storefront.vendure import permissions
from sandbox.storefront.vendure.admin import Arguments, Deed, answered
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolvers
from sandbox.storefront.vendure.graphql.schema import parse_schema
from sandbox.storefront.vendure.lists import Page, page
from sandbox.storefront.vendure.reads import READS, Bag, Call, find_product, product_getters, quote, refusal

MOST = 100
"""The largest page of a list query."""

_texts = files("sandbox.storefront.vendure") / "schemas"
SCHEMA = parse_schema(
    (_texts / "common.graphql").read_text(), (_texts / "shop.graphql").read_text(), permissions.ENUM
)

Step = Callable[[Order, Arguments, Call], Order]


def _cart(call: Call) -> Order | None:
    cart = call.session.cart if call.session else None
    return cart if cart and cart.active else None


def _opening(step: Step) -> Callable[[Any, Arguments, Call], Any]:
    """A step that makes a session and a cart where there are none."""

    def deed(arguments: Arguments, call: Call) -> Any:
        if call.session is None:
            call.session = call.opened = call.door.open()
        cart = _cart(call)
        if cart is None:
            cart = call.session.cart = checkout.new_cart(call.shop)
        return step(cart, arguments, call)

    return lambda _, arguments, call: answered(deed, arguments, call)


def _going_on(step: Step) -> Callable[[Any, Arguments, Call], Any]:
    """A step that needs a cart."""

    def deed(arguments: Arguments, call: Call) -> Any:
        cart = _cart(call)
        if cart is None:
            raise Refused(
                "NoActiveOrderError",
                "NO_ACTIVE_ORDER_ERROR",
                "There is no active Order associated with the current session",
            )
        made = step(cart, arguments, call)
        if not made.active and call.session:
            call.session.bought.add(made.code)
        return made

    return lambda _, arguments, call: answered(deed, arguments, call)


def _products(arguments: Arguments, call: Call) -> Page:
    products = [product for product in call.shop.catalogue.live_products() if product.enabled]
    return page(products, arguments.get("options"), call.most, product_getters(call.shop))


def _by_code(_: Any, arguments: Arguments, call: Call) -> Order:
    order = call.shop.by_code.get(arguments["code"])
    if order is None or call.session is None or order.code not in call.session.bought:
        raise FieldFault("You are not currently authorized to perform this action", "FORBIDDEN")
    return order


def _by_id(_: Any, arguments: Arguments, call: Call) -> Order:
    order = call.shop.orders.get(arguments["id"])
    if order is None or call.session is None or order.code not in call.session.bought:
        raise FieldFault("You are not currently authorized to perform this action", "FORBIDDEN")
    return order


def _log_in(_: Any, __: Arguments, ___: Call) -> Bag:
    message = "The provided credentials are invalid"
    return refusal(Refused("InvalidCredentialsError", "INVALID_CREDENTIALS_ERROR", message))


def _log_out(_: Any, __: Arguments, call: Call) -> Bag:
    if call.session:
        call.door.log_out(call.session.token)
    return Bag("Success", {"success": True})


def _payment_methods(_: Any, __: Arguments, ___: Call) -> list[Bag]:
    return [
        Bag(
            "PaymentMethodQuote",
            {
                "id": str(place),
                "code": code,
                "name": code.replace("-", " ").title(),
                "description": "",
                "is_eligible": True,
                "eligibility_message": None,
            },
        )
        for place, code in enumerate(till.METHODS, start=1)
    ]


def _read(deed: Deed) -> Callable[[Any, Arguments, Call], Any]:
    return lambda _, arguments, call: answered(deed, arguments, call)


def _next_states(_: Arguments, call: Call) -> list[str]:
    cart = _cart(call)
    return AFTER_ORDER[cart.state] if cart else []


RESOLVERS: Resolvers = {
    **READS,
    ("Query", "activeOrder"): lambda _, __, call: _cart(call),
    ("Query", "eligiblePaymentMethods"): _payment_methods,
    ("Query", "eligibleShippingMethods"): lambda _, __, call: [quote(m) for m in call.shop.shipping_methods],
    ("Query", "nextOrderStates"): _read(_next_states),
    ("Query", "order"): _by_id,
    ("Query", "orderByCode"): _by_code,
    ("Query", "product"): lambda _, a, call: find_product(call.shop, a, shoppers=True),
    ("Query", "products"): _read(_products),
    ("Mutation", "login"): _log_in,
    ("Mutation", "logout"): _log_out,
    ("Mutation", "addItemToOrder"): _opening(
        lambda cart, a, call: checkout.add_item(call.shop, cart, a["productVariantId"], a["quantity"])
    ),
    ("Mutation", "adjustOrderLine"): _opening(
        lambda cart, a, call: checkout.adjust_line(call.shop, cart, a["orderLineId"], a["quantity"])
    ),
    ("Mutation", "removeOrderLine"): _opening(
        lambda cart, a, call: checkout.adjust_line(call.shop, cart, a["orderLineId"], 0)
    ),
    ("Mutation", "applyCouponCode"): _opening(
        lambda cart, a, call: checkout.apply_coupon(call.shop, cart, a["couponCode"])
    ),
    ("Mutation", "setCustomerForOrder"): _going_on(
        lambda cart, a, call: checkout.set_customer(call.shop, cart, a["input"])
    ),
    ("Mutation", "setOrderShippingAddress"): _going_on(
        lambda cart, a, call: checkout.set_shipping_address(call.shop, cart, a["input"])
    ),
    ("Mutation", "setOrderBillingAddress"): _going_on(
        lambda cart, a, call: checkout.set_billing_address(call.shop, cart, a["input"])
    ),
    ("Mutation", "setOrderShippingMethod"): _going_on(
        lambda cart, a, call: checkout.set_shipping_method(call.shop, cart, a["shippingMethodId"])
    ),
    ("Mutation", "transitionOrderToState"): _going_on(
        lambda cart, a, call: till.transition(call.shop, cart, a["state"])
    ),
    ("Mutation", "addPaymentToOrder"): _going_on(
        lambda cart, a, call: till.pay(call.shop, cart, a["input"]["method"], a["input"]["metadata"] or {})
    ),
}
