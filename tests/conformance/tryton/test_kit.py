"""Tryton passes the conformance kit: the sandbox's always, the real one where `-m peers` asks for it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
from connectors.contract import (
    FulfilmentLine,
    FulfilmentRequest,
    InboundRequest,
    LabelParcel,
    ReturnAnnouncement,
    TransferRequest,
)
from connectors.warehouse.tryton import MANIFEST

from .bulk import Bulk
from .conftest import ADA, Hall

BUYER = replace(ADA, name="Wilhelmina Canary")
MODELS = {
    "announce_inbound": "stock.shipment.in",
    "announce_return": "stock.shipment.out.return",
    "transfer": "stock.shipment.internal",
}


POOL = 12
"""Fulfilments that are made at once where one is wanted: the real Tryton is slow with each by itself."""


class TrytonBench(Bench):
    """One hall, with its people. What its fulfilments send comes from one full shelf."""

    manifest = MANIFEST
    personal = ("Wilhelmina Canary", "Hauptstr. 1")
    many = 13
    feeds = ("return_receipts",)

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.secret = hall.key
        self._shelf = ""
        self._standing = ""
        self._pool: list[str] = []
        self._bulk = Bulk(hall.people, BUYER) if hall.real else None
        if not hall.real:
            self.unplayed = frozenset({"announce_inbound", "receipts"})

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return self.hall.connector(page_items=6, batch_items=6, key=secret, http=wire)

    def _lines(self, units: int = 2) -> tuple[FulfilmentLine, ...]:
        self._shelf = self._shelf or self.hall.sku(100_000)
        return (FulfilmentLine(self._shelf, "", units),)

    async def _made(self) -> str:
        """The reference of a fulfilment that is there, assigned, and new."""
        request = FulfilmentRequest(f"F-{uuid.uuid4().hex[:12]}", self._lines(), BUYER)
        async with self.opened() as opened:
            await opened.call("create_fulfilment", request)
        return request.reference

    async def _many(self, number: int) -> list[str]:
        if self._bulk is None or number == 1:
            return [await self._made() for _ in range(number)]
        (line,) = self._lines()
        return list(self._bulk.fulfilments(number, self.hall.people.product(line.sku), line.quantity))

    async def _untouched(self) -> str:
        """One that is there, assigned, and was given to nobody yet."""
        self._pool = self._pool or await self._many(POOL if self.hall.real else 1)
        return self._pool.pop()

    async def _seen(self) -> str:
        """One that is there, assigned, for whoever leaves it as it is."""
        self._standing = self._standing or await self._untouched()
        return self._standing

    async def arguments(self, method: str) -> tuple[object, ...]:
        reference = f"K-{uuid.uuid4().hex[:12]}"
        match method:
            case "create_fulfilment":
                return (FulfilmentRequest(reference, self._lines(), BUYER),)
            case "announce_inbound":
                return (InboundRequest(reference, "SUP-1", self._lines()),)
            case "announce_return":
                return (ReturnAnnouncement(f"k/{reference}", self._lines(), BUYER),)
            case "transfer":
                return (TransferRequest(reference, "WH-MAIN", "WH-2", self._lines()),)
            case "find_fulfilments":
                return (await self._seen(),)
            case "fulfilment" | "assign":
                return (str(self._number(await self._seen())),)
        number = self._number(await self._untouched())
        match method:
            case "cancel_fulfilment":
                return (str(number),)
            case "label_parcel":
                self.hall.people.pick(number)
                (parcel,) = self.hall.people.pack(number)
                return (LabelParcel(str(number), str(parcel), reference, "loopback"),)
        raise AssertionError(method)

    def _number(self, reference: str) -> int:
        number: int = self.hall.people.shipment(reference)["id"]
        return number

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        if feed == "fulfilments":
            return await self._many(number)
        if feed == "return_receipts":
            return [await self._announced() for _ in range(number)]
        if self._bulk is None or number == 1:
            return [self.hall.sku(3) for _ in range(number)]
        return self._bulk.goods(number, 3)

    async def _announced(self) -> str:
        """The reference of a return that the dock waits for."""
        request = ReturnAnnouncement(f"k/{uuid.uuid4().hex[:12]}", self._lines(), BUYER)
        async with self.opened() as opened:
            await opened.call("announce_return", request)
        return request.reference

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        if method == "create_fulfilment":
            return len(self.hall.people.shipments(request.reference))
        return len(self.hall.people.rest.find(MODELS[method], [["reference", "=", request.reference]], "id"))


@pytest.fixture(scope="session")
def bench(hall: Hall) -> TrytonBench:
    return TrytonBench(hall)


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, bench: TrytonBench) -> None:
    await check(bench)
