"""A pretend Shopify shop over HTTP, with a clock that the test moves, and a plain client of its Admin API."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sandbox.clock import SetClock
from sandbox.ledger import Entry
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.books import LOCATIONS, TERMS
from sandbox.storefront.shopify.builder import BEGIN, Street, running

MAIN, SECOND = "gid://shopify/Location/1", "gid://shopify/Location/2"

SET = """mutation($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id changes { name delta quantityAfterChange } }
    userErrors { field message code }
  }
}"""
FULFIL = """mutation($f: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $f) {
    fulfillment { id status displayStatus trackingInfo { number company url } }
    userErrors { field message }
  }
}"""
LEVELS = """query($id: ID!) {
  inventoryItem(id: $id) {
    inventoryLevels(first: 10) {
      nodes { location { id } quantities(names: ["available", "on_hand", "committed"]) { name quantity } }
    }
  }
}"""

CANCEL_ORDER = """mutation($id: ID!, $restock: Boolean!, $refund: OrderCancelRefundMethodInput) {
  orderCancel(orderId: $id, restock: $restock, reason: CUSTOMER, refundMethod: $refund, staffNote: "asked") {
    job { id done } orderCancelUserErrors { field message code } userErrors { field message }
  }
}"""
BEGIN_EDIT = """mutation($id: ID!) { orderEditBegin(id: $id) {
  calculatedOrder { id lineItems(first: 9) { nodes { id quantity editableQuantity } } } userErrors { field message } } }"""
SET_UNITS = """mutation($id: ID!, $line: ID!, $n: Int!, $restock: Boolean) {
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $n, restock: $restock) {
    calculatedLineItem { quantity } calculatedOrder { totalPriceSet { shopMoney { amount } } } userErrors { field message } } }"""
COMMIT_EDIT = """mutation($id: ID!) { orderEditCommit(id: $id) {
  order { id edited } successMessages userErrors { field message } } }"""
ADD_EVENT = """mutation($e: FulfillmentEventInput!) { fulfillmentEventCreate(fulfillmentEvent: $e) {
  fulfillmentEvent { id status } userErrors { field message } } }"""
CANCEL_FULFILMENT = """mutation($id: ID!) { fulfillmentCancel(id: $id) {
  fulfillment { status displayStatus } userErrors { field message } } }"""
MOVE = """mutation($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    movedFulfillmentOrder { id assignedLocation { location { id } } lineItems(first: 5) { nodes { remainingQuantity } } }
    remainingFulfillmentOrder { id lineItems(first: 5) { nodes { remainingQuantity } } }
    userErrors { field message code } } }"""
REFUND = """mutation($i: RefundInput!, $k: String!) { refundCreate(input: $i) @idempotent(key: $k) {
  refund { id totalRefundedSet { shopMoney { amount } }
    refundLineItems(first: 5) { nodes { quantity restockType subtotalSet { shopMoney { amount } } } }
    orderAdjustments(first: 5) { nodes { amountSet { shopMoney { amount } } } }
    transactions(first: 5) { nodes { kind amountSet { shopMoney { amount } } } } }
  order { displayFinancialStatus currentTotalPriceSet { shopMoney { amount } } }
  userErrors { field message } } }"""


@dataclass
class Door:
    """One shop and who calls it."""

    street: Street
    clock: SetClock
    keys: int = 0

    def data(self, query: str, **variables: Any) -> Any:
        """The only field of the data; errors fail the test."""
        body = self.street.ask(query, **variables)
        assert "errors" not in body, body["errors"]
        (value,) = body["data"].values()
        return value

    def errors(self, query: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of a call that must have some."""
        body = self.street.ask(query, **variables)
        found: list[dict[str, Any]] = body["errors"]
        return found

    def key(self) -> str:
        """An idempotency key that was not used yet."""
        self.keys += 1
        return f"key-{self.keys}"

    def levels(self, variant: str) -> dict[str, dict[str, int]]:
        """Quantities by location and name."""
        found = self.data(LEVELS, id=variant.replace("ProductVariant", "InventoryItem"))
        return {
            level["location"]["id"]: {q["name"]: q["quantity"] for q in level["quantities"]}
            for level in found["inventoryLevels"]["nodes"]
        }

    def set(self, variant: str, quantity: int, seen: int | None, **more: Any) -> Any:
        """Set what is available at the first location, unless told otherwise."""
        item = variant.replace("ProductVariant", "InventoryItem")
        row = {"inventoryItemId": item, "locationId": MAIN, "quantity": quantity, "changeFromQuantity": seen}
        given = {"name": "available", "reason": "correction", "quantities": [row | more.pop("row", {})]}
        return self.data(SET, input=given | more.pop("input", {}), key=more.pop("key", self.key()))

    def errands(self, order: str) -> list[dict[str, Any]]:
        """The order's fulfilment orders."""
        query = """query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes {
            id status assignedLocation { location { id } }
            lineItems(first: 50) { nodes { id totalQuantity remainingQuantity lineItem { id sku } } }
        } } } }"""
        found: list[dict[str, Any]] = self.data(query, id=order)["fulfillmentOrders"]["nodes"]
        return found

    def fulfil(self, order: str, units: int | None = None, **tracking: Any) -> Any:
        """Send what is open, or so many units of the first line."""
        errand = next(each for each in self.errands(order) if each["status"] != "CLOSED")
        group: dict[str, Any] = {"fulfillmentOrderId": errand["id"]}
        if units is not None:
            line = errand["lineItems"]["nodes"][0]
            group["fulfillmentOrderLineItems"] = [{"id": line["id"], "quantity": units}]
        given = {"lineItemsByFulfillmentOrder": [group], "trackingInfo": tracking}
        return self.data(FULFIL, f=given)

    def order(self, id: str, fields: str) -> Any:
        """Fields of an order."""
        return self.data(f"query($id: ID!) {{ order(id: $id) {{ {fields} }} }}", id=id)

    def entries(self, kind: str) -> list[Entry]:
        """What the ledger has of a kind."""
        return [entry for entry in self.street.ledger.entries() if entry.kind == kind]


@contextmanager
def opened(terms: Terms = TERMS, locations: tuple[str, ...] = LOCATIONS) -> Iterator[Door]:
    """An empty shop with two locations at nine in the morning."""
    clock = SetClock(BEGIN)
    with running(terms, locations=locations, clock=clock) as street:
        yield Door(street, clock)
