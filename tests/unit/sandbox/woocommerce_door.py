"""A plain client of the pretend WooCommerce shop, for its tests, with a clock that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from sandbox.clock import SetClock
from sandbox.ledger import Ledger
from sandbox.serving import listening
from sandbox.storefront.woocommerce.builder import BEGIN, opened
from sandbox.storefront.woocommerce.clerk import ADA, OAuth
from sandbox.storefront.woocommerce.opening import Opened
from sandbox.storefront.woocommerce.rules import Generation, Rate, Rules
from sandbox.storefront.woocommerce.server import app

OLD = Rules(generation=Generation.V8)
NEW_YORK, SHANGHAI = ZoneInfo("America/New_York"), ZoneInfo("Asia/Shanghai")
NY_TAX = Rate(1, Decimal("8.875"), "NY Tax", country="US", state="NY")
VAT = Rate(1, Decimal("19"), "VAT", country="US", state="NY")


@dataclass
class Door:
    """A shop over HTTP and its full key."""

    opened: Opened
    ledger: Ledger
    clock: SetClock
    url: str
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(base_url=f"{self.url}/wp-json/wc/v3/", auth=self.signed())

    def signed(self, **more: Any) -> OAuth:
        return OAuth(self.opened.door.keys.full, now=self.clock.seconds, **more)

    async def get(self, path: str, **asked: Any) -> Any:
        return self._read(await self.http.get(path, params=asked))

    async def post(self, path: str, **body: Any) -> Any:
        return self._read(await self.http.post(path, json=body))

    async def put(self, path: str, **body: Any) -> Any:
        return self._read(await self.http.put(path, json=body))

    async def delete(self, path: str, **asked: Any) -> Any:
        return self._read(await self.http.delete(path, params=asked))

    @staticmethod
    def _read(answer: httpx.Response) -> Any:
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def no(self, verb: str, path: str, body: Any = None, **asked: Any) -> tuple[int, str]:
        """The status and the code of a refusal."""
        answer = await self.http.request(verb, path, json=body, params=asked)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["code"]

    async def product(
        self, sku: str = "MUG", price: str = "10.00", units: int | None = 20, **more: Any
    ) -> int:
        counted = {"manage_stock": units is not None, "stock_quantity": units}
        made = await self.post(
            "products", **{"name": f"Goods {sku}", "sku": sku, "regular_price": price, **counted, **more}
        )
        return int(made["id"])

    async def order(self, *lines: tuple[int, int], status: str = "processing", **more: Any) -> dict[str, Any]:
        body = {
            "status": status,
            "payment_method": "bacs",
            "billing": {**ADA, "email": "ada@example.com"},
            "shipping": ADA,
            "line_items": [{"product_id": id, "quantity": units} for id, units in lines],
        }
        made: dict[str, Any] = await self.post("orders", **{**body, **more})
        return made

    async def stock(self, id: int) -> int:
        return int((await self.get(f"products/{id}"))["stock_quantity"])

    async def ids(self, path: str, **asked: Any) -> list[int]:
        return [each["id"] for each in await self.get(path, **asked)]

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [entry.facts for entry in self.ledger.entries() if entry.kind == kind]

    def made_at(self, id: int, moment: datetime) -> None:
        """Let an order have been made and changed at a moment."""
        purchase = self.opened.shop.purchases[id]
        purchase.created = purchase.modified = moment


@asynccontextmanager
async def woo(rules: Rules | None = None, at: datetime = BEGIN) -> AsyncIterator[Door]:
    """A shop of these rules."""
    clock = SetClock(at)
    made, ledger = opened(rules or Rules(), clock)
    async with listening(app(made.shop, made.door)) as port:
        door = Door(made, ledger, clock, f"http://127.0.0.1:{port}")
        async with door.http:
            yield door
