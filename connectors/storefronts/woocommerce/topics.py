"""The topics that we subscribe to, by WooCommerce's own names. Importing them costs nothing."""

from collections.abc import Mapping

from connectors.contract import Feed

TOPICS: Mapping[str, Feed] = {
    "order.created": Feed.ORDERS,
    "order.updated": Feed.ORDERS,
    "order.deleted": Feed.ORDERS,
    "order.restored": Feed.ORDERS,
    "product.created": Feed.PRODUCTS,
    "product.updated": Feed.PRODUCTS,
    "product.deleted": Feed.PRODUCTS,
    "product.restored": Feed.PRODUCTS,
}
"""What we subscribe to, and the feed that each says to look at."""
