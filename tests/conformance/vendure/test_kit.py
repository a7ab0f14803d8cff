"""Vendure passes the conformance kit: on the sandbox's always, on the real one where `-m peers` asks for it."""

import uuid
from collections.abc import Sequence
from decimal import Decimal

import pytest

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
from connectors.contract import (
    CancelLines,
    ConfirmDelivery,
    ConfirmShipment,
    PutListing,
    RefundRequest,
    Reply,
    SetPrice,
    SetPublished,
    SetQuantity,
    ToldParcel,
)
from connectors.storefronts.vendure import MANIFEST
from sync.domain.money import Money
from tests.peers.books.people import Buyer
from tests.peers.books.vendure import Placed

from .conftest import Street

BUYER = Buyer(first_name="Wilhelmina", last_name="Canary", email="wilhelmina@canary.example")


class VendureBench(Bench):
    """One street, its staff and its shoppers."""

    manifest = MANIFEST
    personal = (BUYER.full_name, BUYER.email)
    many = 17

    def __init__(self, street: Street) -> None:
        self.street = street
        self.secret = street.password
        self._shelf = ""
        self._marks: dict[tuple[str, str], str] = {}
        self._seen: dict[str, tuple[object, ...]] = {}
        """What those methods are asked about that leave it as it is."""

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return self.street.connector(wire, secret=secret, page_items=8)

    def _placed(self, units: int = 2) -> Placed:
        """A new order; all are of one full shelf."""
        self._shelf = self._shelf or self.street.goods(units=100_000)
        return self.street.buy({self._shelf: units}, BUYER)

    def _line(self, placed: Placed) -> str:
        return str(self.street.staff.order(placed.id)["lines"][0]["id"])

    async def arguments(self, method: str) -> tuple[object, ...]:
        street, key = self.street, f"kit:{uuid.uuid4().hex[:8]}"
        if method in ("quantities", "order"):
            if method not in self._seen:
                self._seen[method] = (self._batch(method) if method == "quantities" else self._placed().id,)
            return self._seen[method]
        if method in ("set_quantities", "set_prices", "set_published", "put_listings"):
            return (self._batch(method),)
        placed = self._placed()
        match method:
            case "confirm_shipment":
                parcels = (ToldParcel(key, "DHL", ((self._line(placed), 2),)),)
                return (ConfirmShipment(key, placed.id, parcels),)
            case "confirm_delivery":
                shipment = street.staff.fulfil(placed.id, None, "DHL", key)
                street.staff.move(shipment, "Shipped")
                return (ConfirmDelivery(placed.id, shipment),)
            case "cancel_lines":
                return (CancelLines(placed.id, ((self._line(placed), 1),), "sold out"),)
            case "refund":
                return (RefundRequest(key, placed.id, Money(500, "EUR"), None, (), False, "late"),)
            case "note":
                return (Reply(key, placed.id, "Waits for stock.", private=True),)
        raise AssertionError(method)

    def _batch(self, method: str) -> list[object]:
        skus = [self.street.goods(), self.street.goods()]
        variants = [self.street.id_of(sku) for sku in skus]
        match method:
            case "quantities":
                return list(variants)
            case "set_quantities":
                return [SetQuantity(variant, 4) for variant in variants]
            case "set_prices":
                return [SetPrice(variant, Decimal("12.50"), "EUR") for variant in variants]
            case "set_published":
                return [SetPublished(variant, False) for variant in variants]
        titled = zip(skus, variants, strict=True)
        return [PutListing(f"key-{sku}", variant, "Cup", "Holds tea.", sku=sku) for sku, variant in titled]

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        made: dict[str, str] = {}
        for _ in range(number):
            if feed == "orders":
                placed = self._placed(1)
                made[placed.id] = placed.code
            else:
                sku = self.street.goods()
                made[self.street.id_of(sku)] = sku
        self._marks |= {(feed, key): mark for key, mark in made.items()}
        return list(made)

    def mark(self, feed: str, key: str) -> str:
        """An id is a number, and lines and payments of other orders have the same ones."""
        return self._marks[feed, key]

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        order = self.street.staff.order(request.order)
        match request:
            case ConfirmShipment():
                return len(order["fulfillments"])
            case RefundRequest():
                return sum(len(payment["refunds"]) for payment in order["payments"])
        document = "query($i:ID!){order(id:$i){history{items{type}}}}"
        items = self.street.staff.session.ask(document, i=request.order)["history"]["items"]
        return sum(item["type"] == "ORDER_NOTE" for item in items)

    async def quantity(self, variant: str) -> int:
        document = "query($i:ID!){productVariant(id:$i){sku}}"
        return self.street.staff.saleable(self.street.staff.session.ask(document, i=variant)["sku"])


@pytest.fixture(scope="session")
def bench(street: Street) -> VendureBench:
    return VendureBench(street)


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, bench: VendureBench) -> None:
    await check(bench)
