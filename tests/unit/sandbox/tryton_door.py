"""A plain client of the pretend warehouse, for its tests: a few products, a clock that the test moves."""

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

import httpx

from sandbox.clock import SetClock
from sandbox.ledger import Entry, Ledger
from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.tryton import app

KEY = "the-key"
CONTEXT = {"company": 1, "_skip_warnings": True}
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OUT = "stock.shipment.out"


def b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def decimal(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def date(day: datetime = START) -> dict[str, Any]:
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def moment(value: datetime) -> dict[str, Any]:
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{part: getattr(value, part) for part in parts}}


class Door:
    """The warehouse over HTTP, with the ids that a client looks up once."""

    def __init__(self, stock: dict[str, int] | None = None) -> None:
        self.clock = SetClock(START)
        self.ledger = Ledger(self.clock)
        self.warehouse = Warehouse(self.ledger, self.clock, Random(1))
        self.product = {}
        for sku, units in ({"MUG": 100, "CAP": 10} if stock is None else stock).items():
            self.product[sku] = self.warehouse.add_product(sku, f"Product {sku}")
            if units:
                self.warehouse.receive(sku, units)
        self.main, self.storage, self.output, self.input = 5, 3, 2, 1
        self.customers, self.customer, self.address = 7, 3, 3
        transport = httpx.ASGITransport(app(self.warehouse, database="db", key=KEY))
        self.http = httpx.AsyncClient(
            transport=transport,
            base_url="http://warehouse/db/rest/model/",
            headers={"Authorization": f"bearer {KEY}"},
        )
        self.side = httpx.AsyncClient(
            transport=transport, base_url="http://warehouse/db/", auth=("sync", "sync-password-1")
        )

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        fields: Sequence[str] = ("id", "state"),
        context: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> httpx.Response:
        sent = {"X-Tryton-Context": b64(CONTEXT if context is None else context), **(headers or {})}
        parameters = [("f", field) for field in fields] + list(query.items())
        return await self.http.request(method, path, json=body, params=parameters, headers=sent)

    async def ok(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def find(self, model: str, domain: object, *fields: str, **query: Any) -> Any:
        return await self.ok("GET", model, fields=fields or ("id",), d=b64(domain), **query)

    async def read(self, model: str, row: int, *fields: str, **more: Any) -> Any:
        return await self.ok("GET", f"{model}/{row}", fields=fields, **more)

    async def press(self, row: int, *buttons: str, model: str = OUT) -> str:
        state = ""
        for button in buttons:
            state = (await self.ok("POST", f"{model}/{row}/{button}"))["state"]
        return state

    def move(self, sku: str, quantity: float, **more: Any) -> dict[str, Any]:
        return {
            "product": self.product[sku],
            "unit": 1,
            "quantity": float(quantity),
            "company": 1,
            "currency": 1,
            "unit_price": decimal("10.00"),
            "from_location": self.output,
            "to_location": self.customers,
            **more,
        }

    def order(self, reference: str, *moves: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "company": 1,
            "customer": self.customer,
            "delivery_address": self.address,
            "reference": reference,
            "planned_date": date(),
            "warehouse": self.main,
            "warehouse_storage": self.storage,
            "warehouse_output": self.output,
            "outgoing_moves": [["create", list(moves)]],
            **more,
        }

    async def ship(self, reference: str, *buttons: str, **lines: float) -> int:
        moves = [self.move(sku, quantity) for sku, quantity in lines.items()]
        row: int = (await self.ok("POST", OUT, self.order(reference, *moves)))["id"]
        await self.press(row, *buttons)
        return row

    async def quantity(
        self, sku: str, location: int, *, assign: bool = False, field: str = "quantity", **context: Any
    ) -> float:
        known = {**CONTEXT, "locations": [location], "stock_assign": assign, **context}
        answer: dict[str, float] = await self.read("product.product", self.product[sku], field, context=known)
        return answer[field]

    async def moves(self, row: int) -> list[dict[str, Any]]:
        domain = [["shipment", "=", f"{OUT},{row}"]]
        found: list[dict[str, Any]] = await self.find(
            "stock.move", domain, "state", "quantity", "from_location", "origin"
        )
        return found

    async def rpc(self, method: str, *parameters: Any, context: dict[str, Any] | None = None) -> Any:
        body = {"id": 1, "method": method, "params": [*parameters, context or CONTEXT]}
        return (await self.side.post("rpc/", json=body)).json()

    def entries(self, *kinds: str) -> list[Entry]:
        return [entry for entry in self.ledger.entries() if entry.kind in kinds]
