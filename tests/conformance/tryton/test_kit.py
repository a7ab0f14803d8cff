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

from .conftest import ADA, Hall

BUYER = replace(ADA, name="Wilhelmina Canary")
MODELS = {
    "announce_inbound": "stock.shipment.in",
    "announce_return": "stock.shipment.out.return",
    "transfer": "stock.shipment.internal",
}


class TrytonBench(Bench):
    """One hall, with its people."""

    manifest = MANIFEST
    personal = ("Wilhelmina Canary", "Hauptstr. 1")
    many = 13

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.secret = hall.key
        if not hall.real:
            self.unplayed = frozenset({"announce_inbound", "receipts"})

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return self.hall.connector(page_items=6, batch_items=6, key=secret, http=wire)

    def _lines(self, units: int = 2) -> tuple[FulfilmentLine, ...]:
        return (FulfilmentLine(self.hall.sku(10), "", units),)

    async def _made(self) -> FulfilmentRequest:
        """A fulfilment that is there, assigned."""
        request = FulfilmentRequest(f"F-{uuid.uuid4().hex[:12]}", self._lines(), BUYER)
        async with self.opened() as opened:
            await opened.call("create_fulfilment", request)
        return request

    async def arguments(self, method: str) -> tuple[object, ...]:
        reference = f"K-{uuid.uuid4().hex[:12]}"
        match method:
            case "create_fulfilment":
                return (FulfilmentRequest(reference, self._lines(), BUYER),)
            case "announce_inbound":
                return (InboundRequest(reference, "SUP-1", self._lines()),)
            case "announce_return":
                return (ReturnAnnouncement(reference, self._lines(), BUYER),)
            case "transfer":
                return (TransferRequest(reference, "WH-MAIN", "WH-2", self._lines()),)
        made = await self._made()
        number = self.hall.people.shipment(made.reference)["id"]
        match method:
            case "find_fulfilments":
                return (made.reference,)
            case "fulfilment" | "assign" | "cancel_fulfilment":
                return (str(number),)
            case "label_parcel":
                self.hall.people.pick(number)
                (parcel,) = self.hall.people.pack(number)
                return (LabelParcel(str(number), str(parcel), reference, "loopback"),)
        raise AssertionError(method)

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        if feed == "stock":
            return [self.hall.sku(3) for _ in range(number)]
        return [(await self._made()).reference for _ in range(number)]

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        if method == "create_fulfilment":
            return len(self.hall.people.shipments(request.reference))
        return len(self.hall.people.rest.find(MODELS[method], [["reference", "=", request.reference]], "id"))


@pytest.mark.parametrize("check", checks_for(MANIFEST), ids=str)
async def test_kit(check: Check, hall: Hall) -> None:
    await check(TrytonBench(hall))
