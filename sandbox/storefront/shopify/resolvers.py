"""All resolvers of the Admin API together, the shop's own fields, and how records are found by any global id."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.storefront.goods import Product, Variant
from sandbox.storefront.orders import Fulfilment, FulfilmentLine, Line, Order
from sandbox.storefront.particulars import Customer
from sandbox.storefront.shopify import (
    acts,
    admin_aftersales,
    admin_goods,
    admin_orders,
    admin_returned,
    admin_shipping,
    admin_stock,
    aftersales_view,
    bulk,
    choices_view,
    deliveries,
    goods_view,
    lines_view,
    orders_view,
    scopes,
    shipping_view,
    stock_view,
    transactions_view,
)
from sandbox.storefront.shopify.answers import Made
from sandbox.storefront.shopify.books import PUBLICATIONS, ShopifyShop
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.names import gid, parts
from sandbox.storefront.shopify.records import (
    Edit,
    Errand,
    Job,
    Level,
    Picture,
    Place,
    Portion,
    Repayment,
    Return,
    Scan,
    SentBack,
)
from sandbox.storefront.vendure.graphql.execution import Resolvers

Args = dict[str, Any]

_NAMES: Mapping[type, str] = {
    Order: "Order",
    Line: "LineItem",
    Product: "Product",
    Variant: "ProductVariant",
    Customer: "Customer",
    Fulfilment: "Fulfillment",
    FulfilmentLine: "FulfillmentLineItem",
    stock_view.Item: "InventoryItem",
    Level: "InventoryLevel",
    Place: "Location",
    Errand: "FulfillmentOrder",
    Portion: "FulfillmentOrderLineItem",
    Scan: "FulfillmentEvent",
    Picture: "MediaImage",
    Repayment: "Refund",
    Return: "Return",
    SentBack: "ReturnLineItem",
    Edit: "CalculatedOrder",
    Job: "Job",
    bulk.Bulk: "BulkOperation",
    deliveries.Subscription: "WebhookSubscription",
}


def typename(value: Any) -> str:
    """The object type of a record that stands for an interface or a union."""
    return value.typename if isinstance(value, Made) else _NAMES[type(value)]


def shop_of(call: Call) -> Made:
    """The shop itself."""
    shop = call.shop
    address = urlsplit(call.base)
    domain = call.desk.post.domain
    primary = {"id": gid("Domain", 1), "host": address.netloc, "ssl_enabled": False, "url": call.base}
    plan = {"partner_development": True, "public_display_name": "Development", "shopify_plus": False}
    facts = {
        "id": gid("Shop", shop_number(shop)),
        "name": shop.name,
        "email": "staff@example.com",
        "currency_code": shop.terms.currency,
        "iana_timezone": "Europe/Berlin",
        "timezone_abbreviation": "CET",
        "myshopify_domain": domain,
        "primary_domain": Made("Domain", primary),
        "plan": Made("ShopPlan", plan),
        "setup_required": False,
        "taxes_included": shop.terms.prices_include_tax,
        "url": call.base,
    }
    return Made("Shop", facts)


def shop_number(shop: ShopifyShop) -> int:
    """The shop's own number, the same for the same name."""
    return int.from_bytes(shop.name.encode()[:6]) + 1


def _installation(_: Any, __: Args, call: Call) -> Made:
    scopes = [Made("AccessScope", {"handle": each, "description": each}) for each in call.door.scopes]
    app = Made("App", {"id": gid("App", 1), "handle": "entrepot", "title": "Stock and orders"})
    return Made("AppInstallation", {"id": gid("AppInstallation", 1), "app": app, "access_scopes": scopes})


# --- by any id ----------------------------------------------------------------------------------------------


def _line(shop: ShopifyShop, given: str) -> Line | None:
    line = shop.lines.get(parts(given)[1])
    return line if line and line.order.id in shop.orders and line.order.order_placed_at else None


def _publication(given: str) -> Made | None:
    number = parts(given)[1]
    return choices_view.publication(number) if number in PUBLICATIONS else None


_FINDERS: Mapping[str, Callable[[Call, str], Any]] = {
    "Product": lambda call, given: goods_view.find_product(call.shop, given),
    "ProductVariant": lambda call, given: goods_view.find_variant(call.shop, given),
    "InventoryItem": lambda call, given: stock_view.find_item(call.shop, given),
    "InventoryLevel": lambda call, given: stock_view.find_level(call.shop, given),
    "Location": lambda call, given: stock_view.find_place(call.shop, given),
    "Order": lambda call, given: orders_view.find_order(call.shop, given),
    "LineItem": lambda call, given: _line(call.shop, given),
    "Fulfillment": lambda call, given: shipping_view.find_fulfilment(call.shop, given),
    "FulfillmentLineItem": lambda call, given: shipping_view.find_line(call.shop, given),
    "FulfillmentOrder": lambda call, given: shipping_view.find_errand(call.shop, given),
    "FulfillmentOrderLineItem": lambda call, given: call.shop.portions.get(parts(given)[1]),
    "Refund": lambda call, given: aftersales_view.find_repayment(call.shop, given),
    "Return": lambda call, given: aftersales_view.find_return(call.shop, given),
    "MediaImage": lambda call, given: call.shop.pictures.get(parts(given)[1]),
    "Publication": lambda call, given: _publication(given),
    "BulkOperation": lambda call, given: call.desk.bulk.operations.get(parts(given)[1]),
    "WebhookSubscription": lambda call, given: call.desk.post.find(given),
}


def _node(given: str, call: Call) -> Any:
    finder = _FINDERS.get(parts(given)[0])
    return None if finder is None else finder(call, given)


def _nodes(_: Any, arguments: Args, call: Call) -> list[Any]:
    acts.small_enough(arguments)
    return [_node(given, call) for given in arguments["ids"]]


_WITH_SHOP = (
    *("ProductCreatePayload", "ProductDeletePayload"),
    *("PublishablePublishPayload", "PublishableUnpublishPayload"),
)

_ALL: Resolvers = {
    ("QueryRoot", "shop"): lambda _, __, call: shop_of(call),
    ("QueryRoot", "currentAppInstallation"): _installation,
    ("QueryRoot", "node"): lambda _, arguments, call: _node(arguments["id"], call),
    ("QueryRoot", "nodes"): _nodes,
    **{(name, "shop"): lambda _, __, call: shop_of(call) for name in _WITH_SHOP},
    **goods_view.VIEW,
    **choices_view.VIEW,
    **stock_view.VIEW,
    **orders_view.VIEW,
    **lines_view.VIEW,
    **transactions_view.VIEW,
    **shipping_view.VIEW,
    **aftersales_view.VIEW,
    **admin_stock.VIEW,
    **admin_orders.VIEW,
    **bulk.VIEW,
    **deliveries.VIEW,
    **acts.resolvers(
        {
            **admin_goods.ACTS,
            **admin_stock.ACTS,
            **admin_orders.ACTS,
            **admin_shipping.ACTS,
            **admin_aftersales.ACTS,
            **admin_returned.ACTS,
            **bulk.ACTS,
            **deliveries.ACTS,
        }
    ),
}

RESOLVERS: Resolvers = {key: scopes.guarded(key, resolve) for key, resolve in _ALL.items()}
