"""Medusa passes the conformance kit: the sandbox's always, the real one where `-m peers` asks for it."""

import asyncio
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pytest
import uvicorn

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
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
from connectors.storefronts.medusa import MANIFEST
from sandbox import loopback
from sandbox.storefront.medusa.names import outside
from sandbox.world import World
from sync.domain.aftersales import RequestKind
from sync.domain.money import Money
from tests.peers.books.people import Buyer

from .conftest import Street
from .people import Keys, Staff, read

BUYER = Buyer(first_name="Wilhelmina", last_name="Canary", email="wilhelmina@canary.example")


@pytest.fixture(scope="module")
def sandbox_street() -> Iterator[Street]:
    """A pretend shop in which nobody acts unasked."""
    world = World(1)
    world.open_medusa("kit")
    entrance, listener = world.entrances["kit"], loopback.listener()
    given = entrance.options
    config = uvicorn.Config(entrance.app, log_level="error", lifespan="off", ws="none")
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve(sockets=[listener])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    bare = Staff(Keys(url, given["key"], given["publishable_key"], "", ("", ""), "", "", ""))

    def first(kind: str, name: str) -> list[str]:
        headers = {"x-publishable-api-key": given["publishable_key"]}
        place = f"{url}/{'store' if kind == 'regions' else 'admin'}/{kind}"
        answer = read(bare.http.get(place, headers=headers))
        return [str(each["id"]) for each in answer[name]]

    one, two, *_ = first("stock-locations", "stock_locations")
    keys = Keys(
        url,
        given["key"],
        given["publishable_key"],
        first("sales-channels", "sales_channels")[0],
        (one, two),
        "sp_sandbox",
        outside("shipping_option", 1),
        first("regions", "regions")[0],
    )
    staff = Staff(keys)
    yield Street(keys, staff, False, given["email"], given["password"])
    staff.http.close()
    bare.http.close()
    serving.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("sandbox_street", id="sandbox"),
        pytest.param("real_street", id="real", marks=[pytest.mark.peers, pytest.mark.timeout(900)]),
    ],
)
def place(request: pytest.FixtureRequest) -> Street:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Street)
    return found


class MedusaBench(Bench):
    """One street, its staff and its shoppers."""

    manifest = MANIFEST
    personal = (BUYER.full_name, BUYER.email)
    missing = "variant_01HZZZZZZZZZZZZZZZZZZZZZZZ"
    many = 11

    def __init__(self, street: Street) -> None:
        self.street = street
        self.secret = street.keys.secret
        self._shelf = ""
        self._seen: dict[str, tuple[object, ...]] = {}
        """What those methods are asked about that leave it as it is."""
        self.turns = 0

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return self.street.connector(wire, secret=secret, page_items=5)  # type: ignore[arg-type]

    def asked_back(self) -> str:
        """A return of three pieces, and of one of another line."""
        one, other = self.street.goods(), self.street.goods()
        order = self.street.buy({one: 3, other: 2}, BUYER)
        lines = self.street.staff.sent(order)
        return self.street.staff.asks_back(order, {lines[one]: 3, lines[other]: 1})

    def some_request(self) -> str:
        """Returns, exchanges and claims of all sorts by turns."""
        self.turns += 1
        if self.turns % 3 == 0:
            return self.asked_back()
        one, other = self.street.goods(), self.street.goods()
        order = self.street.buy({one: 2}, BUYER)
        lines, out = self.street.staff.sent(order), {self.street.id_of(other): 1}
        back = {lines[one]: 1}
        match self.turns % 5:
            case 0:
                return self.street.staff.swaps("replace", order, {}, out, back)
            case 1:
                return self.street.staff.swaps("refund", order, {}, {}, back)
            case 2:
                return self.street.staff.swaps("replace", order, back, out)
        return self.street.staff.swaps("exchange", order, back, out)

    async def arguments(self, method: str) -> tuple[object, ...]:
        match method:
            case "request":
                return (RequestKind.RETURN, self.asked_back())
            case "answer_request":
                return (RequestAnswer(self.asked_back(), RequestKind.RETURN, True, "as agreed"),)
            case "receive_request":
                back = self.asked_back()
                first, second = await self.asked(back)
                return (RequestReceipt(back, RequestKind.RETURN, ((first, 2, 1), (second, 1, 0)), True),)
        if method in ("quantities", "order"):
            if method not in self._seen:
                self._seen[method] = (
                    ([self._variant(), self._variant()],) if method == "quantities" else (self._order(),)
                )
            return self._seen[method]
        if method in ("set_quantities", "set_prices", "set_published", "put_listings"):
            return (self._batch(method),)
        return (self._about(method, self._order()),)

    def _variant(self) -> str:
        return self.street.id_of(self.street.goods())

    def _order(self) -> str:
        """A new order of two units; all are of one full shelf."""
        self._shelf = self._shelf or self.street.goods(units=100_000)
        return self.street.buy({self._shelf: 2}, BUYER)

    def _batch(self, method: str) -> list[object]:
        street, skus = self.street, [self.street.goods(), self.street.goods()]
        variants = [street.id_of(sku) for sku in skus]
        match method:
            case "set_quantities":
                return [SetQuantity(variant, 4) for variant in variants]
            case "set_prices":
                return [SetPrice(variant, Decimal("12.50"), "EUR") for variant in variants]
            case "set_published":
                products = [f"product:{street.staff.variant(sku)['product_id']}" for sku in skus]
                return [SetPublished(product, False) for product in products]
        return [PutListing(sku, id, "New", "Text") for sku, id in zip(skus, variants, strict=True)]

    def _about(self, method: str, order: str) -> object:
        street, key = self.street, f"kit-{uuid.uuid4().hex[:8]}"
        (line,) = [str(item["id"]) for item in street.staff.order(order)["items"]]
        match method:
            case "confirm_shipment":
                return ConfirmShipment(key, order, (ToldParcel(key, "DHL", ((line, 2),)),))
            case "confirm_delivery":
                shipment = street.staff.fulfil(order, self._shelf, 2)
                street.staff.ship(order, shipment, key)
                return ConfirmDelivery(order, shipment)
            case "cancel_lines":
                street.staff.capture(order)
                return CancelLines(order, ((line, 1),), "sold out")
            case "refund":
                street.staff.capture(order)
                return RefundRequest(key, order, Money(500, "EUR"), None, (), False, "late")
            case "note":
                return Reply(key, order, "Waits for stock.")
        raise AssertionError(method)

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        if feed == "requests":
            return [self.some_request() for _ in range(number)]
        return [self._order() if feed == "orders" else self._variant() for _ in range(number)]

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        match request:
            case ConfirmShipment():
                return len(self.street.staff.shipments(request.order))
            case RefundRequest():
                return len(self.street.staff.payment(request.order)["refunds"])
        return len(self.street.staff.order(request.order)["metadata"] or {})

    async def asked(self, request: str) -> Mapping[str, int]:
        staff = self.street.staff
        if request.startswith("return"):
            found = staff.get(f"returns/{request}", fields="id,*items")["return"]["items"]
            return {item["item_id"]: item["quantity"] for item in found}
        name = "claim" if request.startswith("claim") else "exchange"
        swap = staff.get(f"{name}s/{request}", fields="id,return_id,*additional_items,*claim_items")[name]
        if back := swap.get("return_id"):  # a claim that brings nothing back has no such word
            return await self.asked(back)
        return {
            item["item_id"]: item["quantity"]
            for item in swap["claim_items"]
            if not item["is_additional_item"]
        }

    async def booked(self, request: str) -> Mapping[str, tuple[int, int]]:
        order = self.street.staff.get(f"returns/{request}", fields="id,order_id")["return"]["order_id"]
        return self.street.staff.came_back(order)

    async def quantity(self, variant: str) -> int:
        found = self.street.staff.get("product-variants", id=variant, fields="id,sku")["variants"]
        return self.street.staff.saleable(found[0]["sku"])


@pytest.fixture(scope="module")
def bench(place: Street) -> MedusaBench:
    return MedusaBench(place)


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, bench: MedusaBench) -> None:
    await check(bench)
