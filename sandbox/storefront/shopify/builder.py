"""A shop for tests: served over HTTP by a thread of its own, and a plain client of its street and its staff.

The clock runs unless one is given; a `SetClock` stands still, and what is done later waits for it and a request.
"""

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from typing import Any

import httpx
import uvicorn

from sandbox import loopback
from sandbox.clock import Clock
from sandbox.gates import App, Message, Receive, Scope, Send
from sandbox.ledger import Ledger
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.books import LOCATIONS, TERMS, ShopifyShop
from sandbox.storefront.shopify.doors import Door
from sandbox.storefront.shopify.opening import open_shop
from sandbox.storefront.shopify.server import app

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Where a clock that stands still may begin."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Street:
    """A running shop, its credentials and its ledger; `walk` is what people in the street do."""

    url: str
    shop: ShopifyShop
    door: Door
    clock: Clock
    ledger: Ledger
    http: httpx.Client

    def walk(self, what: str, **body: Any) -> dict[str, Any]:
        """One of the street's routes, such as `buy`; anything but a yes raises httpx.HTTPStatusError."""
        answer = self.http.post(f"/street/{what}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What the Admin API answers, whole."""
        answer = self.http.post(
            "/admin/api/2026-07/graphql.json",
            json={"query": query, "variables": variables},
            headers={"x-shopify-access-token": self.door.static_token},
        )
        found: dict[str, Any] = answer.json()
        return found

    def goods(self, sku: str, units: int | Mapping[str, int] = 10, price: str = "10.00", **more: Any) -> str:
        """A published product of one variant; the variant's id."""
        made = self.walk("products", sku=sku, units=units, price=price, **more)
        return str(made["variants"][0]["variant"])

    def buy(self, lines: Mapping[str, int], **more: Any) -> str:
        """A purchase of so many units of each SKU; the order's id."""
        rows = [{"sku": sku, "quantity": units} for sku, units in lines.items()]
        return str(self.walk("buy", lines=rows, **more)["order"])


def _dated(shop: App, clock: Clock) -> App:
    """The shop, whose every answer carries the time as its own clock has it."""

    async def dated(scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                moment = format_datetime(clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message["headers"], (b"date", moment)]}
            await send(message)

        await shop(scope, receive, stamped)

    return dated


@contextmanager
def running(
    terms: Terms = TERMS,
    *,
    locations: tuple[str, ...] = LOCATIONS,
    clock: Clock | None = None,
    name: str = "shopify",
) -> Iterator[Street]:
    """Serve a shop on loopback until the context ends."""
    clock = clock or Clock()
    ledger = Ledger(clock)
    shop, door = open_shop(
        name, ledger=ledger, clock=clock, random=Random(SEED), terms=terms, locations=locations
    )
    listener = loopback.listener()
    config = uvicorn.Config(
        _dated(app(shop, door), clock), log_level="error", lifespan="off", ws="none", date_header=False
    )
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve(sockets=[listener])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    http = httpx.Client(base_url=url, trust_env=False)
    try:
        yield Street(url, shop, door, clock, ledger, http)
    finally:
        http.close()
        serving.should_exit = True
        thread.join()
        listener.close()
