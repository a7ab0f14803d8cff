"""Which payload reads which answer, and the same with nothing required."""

from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.documents import Document
from connectors.transport import decode

P = payloads
SHAPES: dict[str, type] = {
    "shop": P.ShopData,
    "locations": P.LocationsData,
    "publications": P.PublicationsData,
    "variants": P.VariantsData,
    "products": P.ProductsData,
    "products.variants": P.ProductVariantsData,
    "stock": P.NodesData,
    "owners": P.NodesData,
    "set_stock": P.StockWritten,
    "activate_stock": P.Activated,
    "set_prices": P.PricesWritten,
    "set_status": P.StatusWritten,
    "publish": dict[str, P.PlainResult | None],
    "unpublish": dict[str, P.PlainResult | None],
    "find_sku": P.FoundData,
    "listed": P.ListedData,
    "put_product": P.PutProduct,
    "stage_pictures": P.Staged,
    "bulk.run": P.RunData,
    "bulk.operation": P.OperationData,
    "bulk.running": P.OperationsData,
    "orders": P.OrdersData,
    "orders.heads": P.OrdersData,
    "order": P.OrderData,
    "order.lines": P.MoreLinesData,
    "order.fulfilment_lines": P.MoreFulfilmentLinesData,
    "order.refund_transactions": P.MoreTransactionsData,
    "returns": P.OrdersData,
    "returns.more": P.MoreReturnsData,
    "return": P.ReturnData,
    "return.lines": P.MoreReturnLinesData,
    "return.exchange_lines": P.MoreExchangeLinesData,
    "return.reverse_lines": P.MoreReverseLinesData,
    "note.read": P.NotedData,
    "fulfilment_orders": P.FulfilmentOrdersData,
    "fulfilment_orders.lines": P.MoreWorkLinesData,
    "fulfil": P.Fulfilled,
    "fulfilment_orders.move": P.Moved,
    "deliver": P.Delivered,
    "cancel": P.Cancelled,
    "edit.begin": P.EditBegun,
    "edit.quantity": P.EditSet,
    "edit.commit": P.EditCommitted,
    "return.approve": P.ReturnApproved,
    "return.decline": P.ReturnDeclined,
    "return.dispose": P.Disposed,
    "return.close": P.ReturnClosed,
    "refund": P.Refunded,
    "note": P.NoteWritten,
    "webhooks": P.HooksData,
    "webhooks.create": P.HookMade,
    "webhooks.update": P.HookRenewed,
    "webhooks.delete": P.HookDeleted,
}
"""What reads the answer to each document, by its operation."""
INSIDE: dict[str, list[tuple[str, tuple[type, ...]]]] = {
    "variants": [("productVariants.nodes", (P.VariantFields, P.VariantProduct))],
    "products": [
        ("products.nodes", (P.Product, P.InnerVariants)),
        ("products.nodes.variants.nodes", (P.VariantFields,)),
    ],
    "products.variants": [("product.variants.nodes", (P.VariantFields,))],
    "orders": [("orders.nodes", (P.Order, P.OrderHead))],
    "orders.heads": [("orders.nodes", (P.OrderHead,))],
    "order": [("order", (P.Order,))],
    "order.lines": [("order.lineItems.nodes", (P.LineItem,))],
    "order.fulfilment_lines": [("fulfillment.fulfillmentLineItems.nodes", (P.FulfilmentLine,))],
    "order.refund_transactions": [("refund.transactions.nodes", (P.Transaction,))],
    "returns": [("orders.nodes", (P.ReturnedOrder,)), ("orders.nodes.returns.nodes", (P.ReturnHead,))],
    "returns.more": [("order.returns.nodes", (P.ReturnHead,))],
    "return": [("return", (P.Return,))],
}
"""Records that are decoded one by one: where they stand in an answer, and their shapes."""
ROOTS: dict[str, Any] = {
    "shop": P.Shop,
    "locations": P.Nodes[P.Location],
    "publications": P.Nodes[P.Publication],
    "productVariants": P.Nodes[P.VariantFields],
    "products": P.Nodes[P.Product],
    "product": P.Product,
    "productVariantsCount": P.Count,
    "order": P.Order,
    "orders": P.Nodes[P.Order],
    "fulfillment": P.Fulfilment,
    "fulfillmentOrder": P.FulfilmentOrder,
    "refund": P.Refund,
    "return": P.Return,
    "inventorySetQuantities": P.StockResult,
    "inventoryActivate": P.ActivatedResult,
    "productVariantsBulkUpdate": P.PricesResult,
    "productUpdate": P.StatusResult,
    "productSet": P.PutResult,
    "publishablePublish": P.PlainResult,
    "publishableUnpublish": P.PlainResult,
    "stagedUploadsCreate": P.StagedResult,
    "bulkOperationRunQuery": P.RunResult,
    "bulkOperation": P.Operation,
    "bulkOperations": P.Nodes[P.Operation],
    "fulfillmentCreate": P.FulfilResult,
    "fulfillmentOrderMove": P.MoveResult,
    "fulfillmentEventCreate": P.EventResult,
    "orderCancel": P.CancelResult,
    "orderEditBegin": P.EditResult,
    "orderEditSetQuantity": P.SetResult,
    "orderEditCommit": P.CommitResult,
    "returnApproveRequest": P.ReturnResult,
    "returnDeclineRequest": P.ReturnResult,
    "returnClose": P.ReturnResult,
    "reverseFulfillmentOrder": P.ReverseOrder,
    "reverseFulfillmentOrderDispose": P.DisposeResult,
    "refundCreate": P.RefundResult,
    "orderUpdate": P.NoteResult,
    "webhookSubscriptions": P.Nodes[P.Hook],
    "webhookSubscriptionCreate": P.HookResult,
    "webhookSubscriptionUpdate": P.HookResult,
    "webhookSubscriptionDelete": P.HookEnded,
}
"""What reads the value of each root field that the connector uses. `nodes` holds records of many kinds."""


def read(document: Document, data: dict[str, Any]) -> None:
    """Read an answer as the connector does, its records one by one too. Raises msgspec.ValidationError."""
    decode(msgspec.json.encode(data), type=SHAPES[document.operation])
    for path, shapes in INSIDE.get(document.operation, []):
        for record in at(data, path.split(".")):
            for shape in shapes:
                decode(msgspec.json.encode(record), type=shape)


def at(value: Any, path: list[str]) -> Iterator[Any]:
    """The records at a path; lists on the way are gone through."""
    if isinstance(value, list):
        for each in value:
            yield from at(each, path)
    elif value is not None and not path:
        yield value
    elif isinstance(value, dict):
        yield from at(value.get(path[0]), path[1:])


@cache
def loosened(shape: Any) -> Any:
    """The shape with nothing required: a recording may have asked for less, but what it has must fit."""
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct) and not get_args(shape):
        return _loose_struct(shape, shape.__name__)
    origin, inner = get_origin(shape), get_args(shape)
    if origin is None:
        return shape
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        return _loose_struct(shape, origin.__name__)
    if origin in (Union, UnionType):
        return Union[tuple(loosened(each) for each in inner)]  # noqa: UP007 - made of a list
    return origin[tuple(loosened(each) for each in inner)] if inner else shape


_making: dict[Any, Callable[[], Any]] = {}


def _loose_struct(shape: Any, name: str) -> type:
    if shape is P.Amount:
        return P.Amount
    fields = msgspec.structs.fields(shape)
    rename = {field.name: field.encode_name for field in fields}
    members = [
        (field.name, loosened(field.type) | msgspec.UnsetType, msgspec.field(default=msgspec.UNSET))
        for field in fields
    ]
    return msgspec.defstruct(f"Loose{name}", members, rename=rename, frozen=True)
