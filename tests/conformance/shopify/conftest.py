"""The connector against the sandbox's Shopify.

Shoppers and the shop's staff work through clients of their own, never through the connector.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from connectors.contract import ConfirmShipment, Deadline, ToldParcel
from connectors.storefronts.shopify import Options
from connectors.storefronts.shopify.connector import ShopifyStorefront
from connectors.transport import Secret, Setup
from connectors.transport.tokens import Memory
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.builder import Street, running
from sync.domain.clock import Clock, SystemClock
from sync.domain.orders import RemoteOrder

from .line import Line

HERE, THERE = "gid://shopify/Location/1", "gid://shopify/Location/2"
_numbers = count(1)
_WORK = """query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 20) { nodes {
  id status assignedLocation { location { id } } lineItems(first: 50) { nodes { id remainingQuantity } } } } } }"""
_SEND = """mutation($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { message } } }"""
_BOOKS = """query($id: ID!) { order(id: $id) {
  name note cancelledAt displayFulfillmentStatus displayFinancialStatus
  lineItems(first: 50) { nodes { id sku quantity currentQuantity } }
  fulfillments(first: 50) { id status displayStatus trackingInfo(first: 9) { number company url }
    fulfillmentLineItems(first: 50) { nodes { quantity } } }
  refunds(first: 50) { id note totalRefundedSet { shopMoney { amount } } }
  transactions(first: 50) { id kind status amountSet { shopMoney { amount } } } } }"""
_LEVEL = """query($id: ID!, $place: ID!) { productVariant(id: $id) { inventoryItem {
  inventoryLevel(locationId: $place) { quantities(names: ["available"]) { quantity } } } } }"""


@dataclass(frozen=True, slots=True)
class Staff:
    """The shop's own people, by a client of their own."""

    street: Street

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        answer = self.street.ask(query, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def order(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(_BOOKS, id=id)["order"]
        return found

    def available(self, variant: str, place: str = HERE) -> int:
        level = self.ask(_LEVEL, id=variant, place=place)["productVariant"]["inventoryItem"]["inventoryLevel"]
        return 0 if level is None else int(level["quantities"][0]["quantity"])

    def waits(self, order: str) -> bool:
        """Whether something of it may be fulfilled."""
        works = self.ask(_WORK, id=order)["order"]["fulfillmentOrders"]["nodes"]
        return any(each["status"] == "OPEN" for each in works)

    def send(self, order: str, tracking: str = "") -> str:
        """Fulfil all that is left of an order at its first location; the fulfilment's id."""
        works = self.ask(_WORK, id=order)["order"]["fulfillmentOrders"]["nodes"]
        work = next(each for each in works if each["status"] == "OPEN")
        fulfilment: dict[str, Any] = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": work["id"]}]}
        if tracking:
            fulfilment["trackingInfo"] = {"number": tracking, "company": "DHL"}
        made = self.ask(_SEND, fulfillment=fulfilment)["fulfillmentCreate"]
        return str(made["fulfillment"]["id"])


def new_sku(prefix: str = "S") -> str:
    return f"{prefix}-{next(_numbers)}"


def opened(
    street: Street,
    line: httpx.AsyncBaseTransport | None = None,
    *,
    secret: str | None = None,
    clock: Clock | None = None,
    **options: object,
) -> ShopifyStorefront:
    given = {"url": street.url, "page_items": 5, **options}
    setup = Setup(
        account="shop",
        options=Options.model_validate(given),
        secret=Secret(secret or street.door.static_token),
        clock=clock or SystemClock(),
        zone=ZoneInfo("Europe/Berlin"),
        http=line,
        tokens=Memory(),
        connector="shopify",
    )
    return ShopifyStorefront(setup)


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """Its bucket never ends, but where a test says so."""
    with running(Terms("EUR", 2, prices_include_tax=True, tax_rate=19)) as found:
        found.walk("levers", bucket=10_000_000, restore=1_000_000)
        yield found


@pytest.fixture
def staff(street: Street) -> Staff:
    return Staff(street)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
async def shop(street: Street, line: Line) -> AsyncIterator[ShopifyStorefront]:
    """The connector over a line that can be made to fail."""
    connector = opened(street, line)
    yield connector
    await connector.close()


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(30)


async def order_of(shop: ShopifyStorefront, id: str) -> RemoteOrder:
    order = await shop.order(id, Deadline.after(30))
    assert order is not None
    return order


async def bought(
    shop: ShopifyStorefront, street: Street, lines: Mapping[str, int] | None = None, units: int = 3
) -> RemoteOrder:
    """A fresh order, as the connector shows it; by default so many units of a new SKU."""
    if lines is None:
        sku = new_sku()
        street.goods(sku)
        lines = {sku: units}
    return await order_of(shop, street.buy(lines))


def shipment(
    order: RemoteOrder, *parcels: tuple[str, int], before: tuple[str, ...] = (), key: str = ""
) -> ConfirmShipment:
    """Parcels by tracking number, each with so many units of the order's first line (0: a further box)."""
    line = order.lines[0].external_id
    told = tuple(ToldParcel(number, "DHL", ((line, units),) if units else ()) for number, units in parcels)
    return ConfirmShipment(key or f"confirm:{order.number}", order.external_id, told, before)
