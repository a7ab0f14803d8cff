"""The connector against two Trytons: the sandbox's, always, and the real one where `-m peers` asks for it.

The warehouse's people work through a client of their own, never through the connector.
"""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import httpx
import pytest
import uvicorn

from connectors.contract import Deadline, FulfilmentLine, FulfilmentRequest
from connectors.transport import Secret, Setup
from connectors.warehouse.tryton import MANIFEST, Options
from connectors.warehouse.tryton.connector import TrytonWarehouse
from sandbox import loopback
from sandbox.ledger import Ledger
from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.tryton import app
from sync.domain.clock import SystemClock
from sync.domain.people import Address
from tests.peers.books.tryton import People
from tests.peers.systems.tryton import Tryton

from .line import World, bad_line

KEY = "sandbox-key"
ADA = Address(name="Ada Test", street=("Hauptstr. 1",), city="Berlin", postal_code="10115", country="DE")


@dataclass(frozen=True, slots=True)
class Hall:
    """A running Tryton, and the people in its main warehouse."""

    url: str
    database: str
    key: str
    people: People
    real: bool = False

    def options(self, **other: object) -> Options:
        given = {
            "url": self.url,
            "database": self.database,
            "warehouse": "WH-MAIN",
            "customer": "CUS-1",
            **other,
        }
        return Options.model_validate(given)

    def connector(
        self,
        *,
        page_items: int = 500,
        batch_items: int = 100,
        key: str | None = None,
        http: httpx.AsyncBaseTransport | None = None,
        **other: object,
    ) -> TrytonWarehouse:
        limits = replace(MANIFEST.limits, page_items=page_items, batch_items=batch_items)
        manifest = replace(MANIFEST, limits=limits)
        setup = Setup(
            "tryton",
            self.options(**other),
            Secret(key or self.key),
            SystemClock(),
            ZoneInfo("Europe/Berlin"),
            http=http,
        )
        return TrytonWarehouse(setup, manifest)

    def sku(self, units: int = 0) -> str:
        """A new product of this test alone, with so many units on the shelf."""
        sku = f"T-{uuid.uuid4().hex[:10].upper()}"
        self.people.add_product(sku, units)
        return sku

    def request(self, *lines: tuple[str, int], reference: str = "", to: Address = ADA) -> FulfilmentRequest:
        """A request by SKU, under a reference of its own."""
        wanted = tuple(FulfilmentLine(sku, "", units) for sku, units in lines)
        return FulfilmentRequest(reference or f"F-{uuid.uuid4().hex[:12]}", wanted, to)


@pytest.fixture(scope="session")
def sandbox_hall() -> Iterator[Hall]:
    listener = loopback.listener()
    database = "sandbox"
    served = app(Warehouse(Ledger()), database=database, key=KEY)
    server = uvicorn.Server(uvicorn.Config(served, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    people = People(url, database, KEY)
    yield Hall(url, database, KEY, people)
    people.rest.close()
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def real_hall() -> Iterator[Hall]:
    tryton = Tryton()
    try:
        tryton.start()
        people = People(tryton.url, tryton.database, tryton.key, warehouse=tryton.warehouse)
        yield Hall(tryton.url, tryton.database, tryton.key, people, real=True)
        people.rest.close()
    finally:
        tryton.close()


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("sandbox_hall", id="sandbox"),
        pytest.param("real_hall", id="real", marks=[pytest.mark.peers, pytest.mark.timeout(900)]),
    ],
)
def hall(request: pytest.FixtureRequest) -> Hall:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Hall)
    return found


@pytest.fixture
def people(hall: Hall) -> People:
    return hall.people


@pytest.fixture
async def warehouse(hall: Hall) -> AsyncIterator[TrytonWarehouse]:
    connector = hall.connector()
    yield connector
    await connector.close()


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(60)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with bad_line() as made:
        yield made
