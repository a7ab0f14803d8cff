"""WooCommerce passes the conformance kit: 11.0 without the Shipment Tracking extension, 8.6 with it."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
from connectors.contract import (
    CancelLines,
    ConfirmShipment,
    PutListing,
    RefundRequest,
    Reply,
    SetPrice,
    SetPublished,
    SetQuantity,
    ToldParcel,
)
from connectors.storefronts.woocommerce import MANIFEST, Options
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from connectors.transport import Secret, Setup
from sandbox.clock import Clock
from sandbox.storefront.woocommerce.builder import Street, running
from sandbox.storefront.woocommerce.clerk import ADA
from sandbox.storefront.woocommerce.rules import Rules
from sync.domain.clock import SystemClock
from sync.domain.money import Money

from .conftest import V8, V11, new_sku

BUYER = {**ADA, "first_name": "Wilhelmina", "last_name": "Canary"}
E_MAIL = "wilhelmina@canary.example"


@pytest.fixture(
    scope="module",
    params=[pytest.param(V11, id="11.0"), pytest.param(replace(V8, tracking=True), id="8.6")],
)
def place(request: pytest.FixtureRequest) -> Iterator[Street]:
    rules: Rules = request.param
    with running(rules, clock=Clock()) as found:
        yield found


class WooCommerceBench(Bench):
    """One shop, its staff and its shoppers."""

    manifest = MANIFEST
    personal = ("Wilhelmina Canary", E_MAIL)
    many = 17

    def __init__(self, street: Street) -> None:
        self.street = street
        self.staff = street.staff
        self.secret = f"{street.keys.full.key}:{street.keys.full.secret}"
        self.marks: dict[str, str] = {}

    def open(self, wire: Wire, *, secret: str) -> Connector:
        options = {"url": self.street.url, "currency": "USD", "page_items": 8}
        return WooCommerceStorefront(
            Setup(
                account="shop",
                options=Options.model_validate(options),
                secret=Secret(secret),
                clock=SystemClock(),
                zone=ZoneInfo("Europe/Berlin"),
                http=wire,
                connector="woocommerce",
            )
        )

    def buy(self, sku: str, units: int) -> str:
        billing = {**BUYER, "email": E_MAIL}
        order = self.staff.buy(
            {sku: units}, payment_method="stripe", set_paid=True, billing=billing, shipping=BUYER
        )
        return str(order)

    async def arguments(self, method: str) -> tuple[object, ...]:
        key = f"kit-{uuid.uuid4().hex[:8]}"
        skus = [new_sku(), new_sku()]
        variants = [str(self.staff.add_product(sku, units=10)) for sku in skus]
        match method:
            case "quantities":
                return (variants,)
            case "set_quantities":
                return ([SetQuantity(variant, 4) for variant in variants],)
            case "set_prices":
                return ([SetPrice(variant, Decimal("12.50"), "USD") for variant in variants],)
            case "set_published":
                return ([SetPublished(variant, False) for variant in variants],)
            case "put_listings":
                new = [f"{key}-{n}" for n in range(2)]
                return ([PutListing(sku, None, f"Goods {sku}", "text") for sku in new],)
        order = self.buy(skus[0], 2)
        (line,) = [str(item["id"]) for item in self.staff.get(f"orders/{order}")["line_items"]]
        match method:
            case "order":
                return (order,)
            case "confirm_shipment":
                return (ConfirmShipment(key, order, (ToldParcel(key, "DHL", ((line, 2),)),)),)
            case "cancel_lines":
                return (CancelLines(order, ((line, 1),), "sold out"),)
            case "refund":
                return (RefundRequest(key, order, Money(500, "USD"), None, (), False, "late"),)
            case "note":
                return (Reply(key, order, "Waits for stock."),)
        raise AssertionError(method)

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        if feed == "orders":
            sku = new_sku()
            self.staff.add_product(sku, units=500)
            found = [self.buy(sku, 1) for _ in range(number)]
            self.marks |= {id: self.staff.get(f"orders/{id}")["order_key"] for id in found}
            return found
        skus = [new_sku() for _ in range(number)]
        made = {str(self.staff.add_product(sku)): sku for sku in skus}
        self.marks |= made
        return list(made)

    def mark(self, feed: str, key: str) -> str:
        return self.marks[key]

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        match request:
            case ConfirmShipment():
                return self._told(request)
            case RefundRequest():
                return len(self.staff.get(f"orders/{request.order}/refunds"))
            case Reply():
                notes = self.staff.get(f"orders/{request.order}/notes")
                return sum("Waits for stock." in note["note"] for note in notes)
        raise AssertionError(method)

    def _told(self, request: ConfirmShipment) -> int:
        number = request.parcels[0].tracking
        if self.street.shop.rules.tracking:
            told = self.staff.get(f"orders/{request.order}/shipment-trackings")
            return sum(each["tracking_number"] == number for each in told)
        return sum(number in note["note"] for note in self.staff.get(f"orders/{request.order}/notes"))

    async def quantity(self, variant: str) -> int:
        return int(self.staff.get(f"products/{variant}")["stock_quantity"])


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, place: Street) -> None:
    await check(WooCommerceBench(place))
