"""The webhook topics that are subscribed to, by Shopify's own names."""

TOPICS = (
    "ORDERS_CREATE",
    "ORDERS_UPDATED",
    "ORDERS_CANCELLED",
    "PRODUCTS_CREATE",
    "PRODUCTS_UPDATE",
    "PRODUCTS_DELETE",
    "RETURNS_REQUEST",
    "RETURNS_UPDATE",
)
