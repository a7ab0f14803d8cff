"""What a webhook says of what happened: a part of the REST resource of its kind, as Shopify sends it."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.storefront.goods import Product, Variant
from sandbox.storefront.orders import Fulfilment, Order
from sandbox.storefront.shopify.amounts import price
from sandbox.storefront.shopify.answers import stamp
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.bulk import Bulk
from sandbox.storefront.shopify.goods_view import live, sellable, title_of
from sandbox.storefront.shopify.names import gid, level_gid
from sandbox.storefront.shopify.orders_view import name_of
from sandbox.storefront.shopify.records import Level, Repayment, Return
from sandbox.storefront.shopify.sums import (
    current,
    financial_status,
    fulfilment_status,
    order_sums,
    unfulfilled,
)

Facts = dict[str, Any]


def _order(shop: ShopifyShop, order: Order) -> Facts:
    about, sums = shop.about(order), order_sums(shop, order)
    left = fulfilment_status(shop, order)
    return {
        "id": int(order.id),
        "admin_graphql_api_id": gid("Order", order.id),
        "name": name_of(order),
        "created_at": stamp(order.order_placed_at),
        "updated_at": stamp(order.updated_at),
        "cancelled_at": stamp(about.cancelled_at),
        "closed_at": stamp(about.closed_at),
        "currency": order.currency_code,
        "financial_status": financial_status(shop, order).lower(),
        "fulfillment_status": {"UNFULFILLED": None, "PARTIALLY_FULFILLED": "partial"}.get(left, "fulfilled"),
        "total_price": price(sums.total, shop.terms.precision),
        "current_total_price": price(sums.total_now, shop.terms.precision),
        "line_items": [
            {
                "id": int(line.id),
                "admin_graphql_api_id": gid("LineItem", line.id),
                "sku": line.product_variant.sku or None,
                "quantity": line.order_placed_quantity,
                "current_quantity": current(shop, line),
                "fulfillable_quantity": unfulfilled(shop, line),
                "variant_id": int(line.product_variant.id),
            }
            for line in order.lines
        ],
    }


def _product(shop: ShopifyShop, product: Product) -> Facts:
    if product.deleted:
        return {"id": int(product.id)}
    return {
        "id": int(product.id),
        "admin_graphql_api_id": gid("Product", product.id),
        "title": product.name,
        "handle": product.slug,
        "status": shop.sheet(product).status.lower(),
        "created_at": stamp(product.created_at),
        "updated_at": stamp(product.updated_at),
        "variants": [
            {
                "id": int(variant.id),
                "admin_graphql_api_id": gid("ProductVariant", variant.id),
                "title": title_of(variant),
                "sku": variant.sku or None,
                "price": price(variant.price, shop.terms.precision),
                "inventory_item_id": int(variant.id),
                "inventory_quantity": sellable(variant),
            }
            for variant in live(product)
        ],
    }


def _level(shop: ShopifyShop, level: Level) -> Facts:
    return {
        "inventory_item_id": int(level.item),
        "location_id": int(level.place),
        "available": shop.available(level.item, level.place),
        "updated_at": stamp(level.updated_at),
        "admin_graphql_api_id": level_gid(level.place, level.item),
    }


def _item(_: ShopifyShop, variant: Variant) -> Facts:
    return {
        "id": int(variant.id),
        "admin_graphql_api_id": gid("InventoryItem", variant.id),
        "sku": variant.sku or None,
        "tracked": variant.tracked,
        "updated_at": stamp(variant.updated_at),
    }


def _fulfilment(shop: ShopifyShop, fulfilment: Fulfilment) -> Facts:
    departure = shop.departures[fulfilment.id]
    return {
        "id": int(fulfilment.id),
        "admin_graphql_api_id": gid("Fulfillment", fulfilment.id),
        "order_id": int(fulfilment.order.id),
        "status": "cancelled" if departure.cancelled_at else "success",
        "created_at": stamp(fulfilment.created_at),
        "updated_at": stamp(fulfilment.updated_at),
        "location_id": int(departure.place),
        "tracking_numbers": [each.number for each in departure.tracking if each.number],
    }


def _refund(shop: ShopifyShop, made: Repayment) -> Facts:
    return {
        "id": int(made.id),
        "admin_graphql_api_id": gid("Refund", made.id),
        "order_id": int(made.order.id),
        "created_at": stamp(made.created_at),
        "note": made.note,
        "refund_line_items": [
            {
                "id": int(x.id),
                "line_item_id": int(x.line.id),
                "quantity": x.quantity,
                "restock_type": x.restock.lower(),
            }
            for x in made.lines
        ],
        "transactions": [{"kind": "refund", "amount": price(made.total, shop.terms.precision)}]
        if made.total
        else [],
    }


def _return(_: ShopifyShop, made: Return) -> Facts:
    order = {"id": int(made.order.id), "admin_graphql_api_id": gid("Order", made.order.id)}
    return {
        "id": int(made.id),
        "admin_graphql_api_id": gid("Return", made.id),
        "order": order,
        "name": made.name,
        "status": made.state.value.lower(),
        "total_return_line_items": len(made.lines),
    }


def _bulk(_: ShopifyShop, made: Bulk) -> Facts:
    return {
        "admin_graphql_api_id": gid("BulkOperation", made.id),
        "completed_at": stamp(made.completed_at),
        "created_at": stamp(made.created_at),
        "error_code": made.error.lower() if made.error else None,
        "status": made.status.lower(),
        "type": "query",
    }


_KINDS: Mapping[type, Callable[[ShopifyShop, Any], Facts]] = {
    Order: _order,
    Product: _product,
    Level: _level,
    Variant: _item,
    Fulfilment: _fulfilment,
    Repayment: _refund,
    Return: _return,
    Bulk: _bulk,
}


def tidings(shop: ShopifyShop, subject: Any) -> Facts:
    """What is told of a record."""
    return _KINDS[type(subject)](shop, subject)


def topic_name(topic: str) -> str:
    """A topic as the header has it: `ORDERS_CREATE` is `orders/create`."""
    for resource in sorted(_RESOURCES, key=len, reverse=True):
        if topic.startswith(f"{resource}_"):
            return f"{resource.lower()}/{topic[len(resource) + 1 :].lower()}"
    return topic.lower().replace("_", "/", 1)


_RESOURCES = (
    *(
        "APP",
        "BULK_OPERATIONS",
        "FULFILLMENTS",
        "FULFILLMENT_EVENTS",
        "FULFILLMENT_ORDERS",
        "INVENTORY_ITEMS",
    ),
    *(
        "INVENTORY_LEVELS",
        "LOCATIONS",
        "ORDERS",
        "ORDER_TRANSACTIONS",
        "PRODUCTS",
        "REFUNDS",
        "RETURNS",
        "SHOP",
    ),
)
