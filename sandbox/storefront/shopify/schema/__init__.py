"""The types that the pretend Shopify knows: a small part of the Admin API of 2026-07, in words of its own.

Every type, field, argument and enum value has the official name and nullability, and nothing is here that the
official schema lacks: the contract test holds this text against it. `%P` stands for the arguments of a connection,
and the connections' own types follow from their names.
"""

from sandbox.storefront.shopify.schema import aftersales, apart, goods, orders, shared, shipping, stock
from sandbox.storefront.vendure.graphql.schema import Kind, Schema, parse_schema

PAGING = "first: Int, after: String, last: Int, before: String, reverse: Boolean = false"

CONNECTIONS = (
    *("Product", "ProductVariant", "InventoryItem", "InventoryLevel", "Location", "Publication", "Media"),
    *(
        "ResourcePublicationV2",
        "Order",
        "LineItem",
        "ShippingLine",
        "DiscountApplication",
        "OrderTransaction",
    ),
    *(
        "FulfillmentOrder",
        "FulfillmentOrderLineItem",
        "Fulfillment",
        "FulfillmentLineItem",
        "FulfillmentEvent",
    ),
    *("Return", "ReturnLineItemType", "Refund", "RefundLineItem", "RefundShippingLine", "OrderAdjustment"),
    *("ExchangeLineItem", "ReverseFulfillmentOrder", "ReverseFulfillmentOrderLineItem", "ReverseDelivery"),
    *("CalculatedLineItem", "BulkOperation", "WebhookSubscription"),
)
"""What can be paged over: each has a connection and an edge."""

_AS_TEXT = ("Money",)
"""Scalars whose values stay as they came: the engine would count the first of its own kind."""


def _connections() -> str:
    return "\n".join(
        f"type {name}Connection {{ edges: [{name}Edge!]! nodes: [{name}!]! pageInfo: PageInfo! }}\n"
        f"type {name}Edge {{ cursor: String! node: {name}! }}"
        for name in CONNECTIONS
    )


def text() -> str:
    """The whole schema text."""
    parts = (
        *(shared.TEXT, goods.TEXT, stock.TEXT, orders.TEXT, shipping.TEXT, aftersales.TEXT, apart.TEXT),
        _connections(),
    )
    return "\n".join(parts).replace("%P", PAGING)


def _read() -> Schema:
    schema = parse_schema(text())
    schema.kinds["Query"] = schema.kinds["QueryRoot"]
    for name in _AS_TEXT:
        schema.kinds[name] = Kind("Decimal", "scalar")
    return schema


SCHEMA = _read()
