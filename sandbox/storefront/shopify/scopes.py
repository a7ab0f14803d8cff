"""What an app must be allowed to do, by the root field it asks for; without it the field is null, with an error."""

from typing import Any

from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.vendure.graphql.execution import FieldFault, Resolver

_READS = {
    "read_products": (
        *("product", "products", "productsCount", "productVariant", "productVariants"),
        "productVariantsCount",
    ),
    "read_inventory": ("inventoryItem", "inventoryItems", "inventoryLevel"),
    "read_locations": ("location", "locations"),
    "read_orders": ("order", "orders", "ordersCount", "refund", "fulfillment"),
    "read_merchant_managed_fulfillment_orders": ("fulfillmentOrder", "fulfillmentOrders"),
    "read_returns": ("return", "reverseFulfillmentOrder"),
    "read_publications": ("publications",),
}
_WRITES = {
    "write_products": (
        *("productCreate", "productUpdate", "productDelete", "productSet"),
        *("productVariantsBulkCreate", "productVariantsBulkUpdate"),
    ),
    "write_publications": ("publishablePublish", "publishableUnpublish"),
    "write_inventory": ("inventorySetQuantities", "inventoryActivate", "inventoryItemUpdate"),
    "write_orders": ("orderUpdate", "orderCancel", "orderClose", "refundCreate"),
    "write_order_edits": ("orderEditBegin", "orderEditSetQuantity", "orderEditCommit"),
    "write_returns": (
        *("returnRequest", "returnApproveRequest", "returnDeclineRequest", "returnClose", "returnCancel"),
        "reverseFulfillmentOrderDispose",
    ),
    "write_merchant_managed_fulfillment_orders": ("fulfillmentCreate", "fulfillmentOrderMove"),
    "write_fulfillments": ("fulfillmentCancel", "fulfillmentEventCreate", "fulfillmentTrackingInfoUpdate"),
    "write_files": ("stagedUploadsCreate",),
}
NEEDS = {
    **{("QueryRoot", name): scope for scope, names in _READS.items() for name in names},
    **{("Mutation", name): scope for scope, names in _WRITES.items() for name in names},
}
OLD_ORDERS = "read_all_orders"
"""Without it an app sees the orders of the last sixty days only."""
DAYS = 60


def guarded(field: tuple[str, str], resolve: Resolver) -> Resolver:
    """A root field's resolver behind the scope that it needs."""
    scope = NEEDS.get(field)
    if scope is None:
        return resolve

    def checked(value: Any, arguments: dict[str, Any], call: Call) -> Any:
        if scope not in call.door.scopes:
            text = f"Access denied for {field[1]} field. Required access: `{scope}` access scope."
            raise FieldFault(text, "ACCESS_DENIED")
        return resolve(value, arguments, call)

    return checked
