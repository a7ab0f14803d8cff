"""Shopify passes the conformance kit on the sandbox's."""

import json
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from connectors.conformance import Act, Bench, Check, Connector, Wire, answering, checks_for
from connectors.contract import (
    CancelLines,
    ConfirmDelivery,
    ConfirmShipment,
    PutListing,
    RefundRequest,
    Reply,
    RequestAnswer,
    RequestReceipt,
    SetPrice,
    SetPublished,
    SetQuantity,
    ToldParcel,
)
from connectors.storefronts.shopify import MANIFEST
from sandbox.storefront.shopify.builder import Street
from sync.domain.aftersales import RequestKind
from sync.domain.money import Money

from .conftest import Staff, new_sku, opened

GRANT = """mutation($id: ID!) { returnApproveRequest(input: {id: $id}) { userErrors { message } } }"""
BACK = """query($id: ID!) { return(id: $id) {
  returnLineItems(first: 9) { nodes { quantity
    ... on ReturnLineItem { fulfillmentLineItem { lineItem { id } } } } }
  reverseFulfillmentOrders(first: 2) { nodes { lineItems(first: 9) { nodes {
    fulfillmentLineItem { lineItem { id } } dispositions { type quantity } } } } } } }"""
BUYER = {"first": "Wilhelmina", "last": "Canary", "email": "wilhelmina@canary.example"}


class ShopifyBench(Bench):
    """One street, its staff and its shoppers."""

    manifest = MANIFEST
    personal = ("Wilhelmina Canary", BUYER["email"])
    missing = "gid://shopify/ProductVariant/987654321"
    many = 12

    def __init__(self, street: Street) -> None:
        self.street = street
        self.staff = Staff(street)
        self.secret = street.door.static_token
        self.turns = 0

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return opened(self.street, wire, secret=secret, page_items=5)

    def throttled(self, after: float | None) -> Act:
        """In a 200, with the figures by which the wait is counted; a bare 429 where there is none."""
        if after is None:
            return answering(429)
        status = {"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 1000 / after}
        cost = {"requestedQueryCost": 1000, "actualQueryCost": None, "throttleStatus": status}
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return answering(200, json.dumps({"errors": [error], "extensions": {"cost": cost}}).encode())

    def goods(self) -> tuple[str, str]:
        sku = new_sku("KIT")
        return sku, self.street.goods(sku, {"1": 500})

    def placed(self, units: int = 2) -> str:
        return self.street.buy({self.goods()[0]: units}, buyer=BUYER)

    def line(self, order: str) -> str:
        return str(self.staff.order(order)["lineItems"]["nodes"][0]["id"])

    def asked_back(self, *, granted: bool = False) -> str:
        """A return of three pieces, and of one of another line; every other one is an exchange."""
        one, other = self.goods()[0], self.goods()[0]
        order = self.street.buy({one: 3, other: 2}, buyer=BUYER)
        self.staff.send(order, "T")
        lines = [{"sku": one, "quantity": 3}, {"sku": other, "quantity": 1}]
        self.turns += 1
        instead = [{"sku": other, "quantity": 1}] if self.turns % 2 else []
        made = self.street.walk("return", order=order, lines=lines, instead=instead, tracking=["BACK"])
        if granted:
            self.staff.ask(GRANT, id=made["return"])
        return str(made["return"])

    async def arguments(self, method: str) -> tuple[object, ...]:
        key = f"kit:{uuid.uuid4().hex[:8]}"
        if method in ("quantities", "set_quantities", "set_prices", "set_published", "put_listings"):
            return (self._batch(method),)
        match method:
            case "request":
                return (RequestKind.RETURN, self.asked_back())
            case "answer_request":
                return (RequestAnswer(self.asked_back(), RequestKind.RETURN, True, "as agreed"),)
            case "receive_request":
                made = self.asked_back(granted=True)
                first, second = await self.asked(made)
                return (RequestReceipt(made, RequestKind.RETURN, ((first, 2, 1), (second, 1, 0)), True),)
        order = self.placed()
        match method:
            case "order":
                return (order,)
            case "confirm_shipment":
                parcels = (ToldParcel(key, "DHL", ((self.line(order), 2),)),)
                return (ConfirmShipment(key, order, parcels),)
            case "confirm_delivery":
                return (ConfirmDelivery(order, self.staff.send(order, key)),)
            case "cancel_lines":
                return (CancelLines(order, ((self.line(order), 1),), "sold out"),)
            case "refund":
                return (RefundRequest(key, order, Money(500, "EUR"), None, (), False, "late"),)
            case "note":
                return (Reply(key, order, "Waits for stock.", private=True),)
        raise AssertionError(method)

    def _batch(self, method: str) -> list[object]:
        goods = [self.goods(), self.goods()]
        variants = [variant for _, variant in goods]
        match method:
            case "quantities":
                return list(variants)
            case "set_quantities":
                return [SetQuantity(variant, 4) for variant in variants]
            case "set_prices":
                return [SetPrice(variant, Decimal("12.50"), "EUR") for variant in variants]
            case "set_published":
                return [SetPublished(variant, False) for variant in variants]
        return [PutListing(f"key-{sku}", variant, "Cup", "Holds tea.", sku=sku) for sku, variant in goods]

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        match feed:
            case "orders":
                sku, _ = self.goods()
                return [self.street.buy({sku: 1}, buyer=BUYER) for _ in range(number)]
            case "requests":
                return [self.asked_back() for _ in range(number)]
        return [self.goods()[1] for _ in range(number)]

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        assert isinstance(request, ConfirmShipment | RefundRequest | Reply)
        order = self.staff.order(request.order)
        match request:
            case ConfirmShipment():
                return len(order["fulfillments"])
            case RefundRequest():
                return len(order["refunds"])
        return (order["note"] or "").count("Waits for stock.")

    async def asked(self, request: str) -> Mapping[str, int]:
        lines = self.staff.ask(BACK, id=request)["return"]["returnLineItems"]["nodes"]
        return {each["fulfillmentLineItem"]["lineItem"]["id"]: each["quantity"] for each in lines}

    async def booked(self, request: str) -> Mapping[str, tuple[int, int]]:
        (place,) = self.staff.ask(BACK, id=request)["return"]["reverseFulfillmentOrders"]["nodes"]
        found: dict[str, tuple[int, int]] = {}
        for line in place["lineItems"]["nodes"]:
            units = {"RESTOCKED": 0, "NOT_RESTOCKED": 0}
            for each in line["dispositions"]:
                units[each["type"]] += each["quantity"]
            id = line["fulfillmentLineItem"]["lineItem"]["id"]
            found[id] = (units["RESTOCKED"], units["NOT_RESTOCKED"])
        return found

    async def quantity(self, variant: str) -> int:
        return self.staff.available(variant)


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, street: Street) -> None:
    await check(ShopifyBench(street))
