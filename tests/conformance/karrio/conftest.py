"""The connector against two Karrios: the sandbox's, always, and the real one where `-m peers` asks for it.

Clerks and the van work through clients of their own, never through the connector.
"""

import asyncio
import datetime as dt
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest
import uvicorn

from connectors.contract import BookRequest, Deadline, PackageSpec
from connectors.couriers.karrio import Options
from connectors.couriers.karrio.connector import KarrioCourier
from connectors.transport import Secret, Setup
from sandbox import loopback
from sandbox.clock import Clock as SandboxClock
from sandbox.courier.books import Courier
from sandbox.courier.karrio import app
from sandbox.ledger import Ledger
from sync.domain.clock import SetClock
from sync.domain.people import Address
from tests.peers.books.karrio import Desk, Van
from tests.peers.systems.karrio import Karrio
from tests.peers.tls import TRUSTED

KEY = "sandbox-key"
CARRIER, CONNECTION = "loopback", "loop-1"
WAREHOUSE = Address(
    company="Main Warehouse", street=("Kai 1",), city="Hamburg", postal_code="20095", country="DE"
)
ADA = Address(name="Ada Test", street=("Hauptstr. 1",), city="Berlin", postal_code="10115", country="DE")

Hook = Callable[[httpx.Request], Awaitable[None]]


class Wire(httpx.AsyncBaseTransport):
    """The network between the connector and Karrio: it counts, loses answers, and lets others go first."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=TRUSTED)
        self.sent: list[str] = []
        self.lose_answer_to = ""
        self.before: tuple[str, Hook] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        step = f"{request.method} {request.url.path}"
        self.sent.append(step)
        if self.before is not None and self.before[0] in step:
            hook, self.before = self.before[1], None
            await hook(request)
        response = await self._inner.handle_async_request(request)
        if self.lose_answer_to and self.lose_answer_to in step:
            self.lose_answer_to = ""
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("the answer was lost")
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class Counter:
    """A running Karrio with its clerk and its courier's van."""

    url: str
    key: str
    desk: Desk
    scan: Callable[[str, str], None]
    a_minute_passes: Callable[[], None]
    opened: list[KarrioCourier] = field(default_factory=list)

    def connector(
        self,
        *,
        key: str | None = None,
        url: str | None = None,
        wire: httpx.AsyncBaseTransport | None = None,
        clock: SetClock | None = None,
        **options: object,
    ) -> KarrioCourier:
        given = {"url": url or self.url, "carriers": {CARRIER: {"connections": [CONNECTION]}}, **options}
        setup = Setup(
            "parcels",
            Options.model_validate(given),
            Secret(key or self.key),
            clock or SetClock(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)),
            ZoneInfo("Europe/Berlin"),
            http=wire,
        )
        made = KarrioCourier(setup)
        self.opened.append(made)
        return made


def asks(
    reference: str = "",
    *,
    to: Address = ADA,
    kilograms: str = "0.8",
    service: str = "",
    carrier: str = CARRIER,
) -> BookRequest:
    """A booking under a reference of its own."""
    package = PackageSpec(Decimal(kilograms))
    return BookRequest(reference or f"P-{uuid.uuid4().hex[:12]}", carrier, WAREHOUSE, to, package, service)


@pytest.fixture(scope="session")
def sandbox_counter() -> Iterator[Counter]:
    listener = loopback.listener()
    clock = SandboxClock()
    courier = Courier(Ledger(), clock)
    courier.connect(CARRIER, CONNECTION)
    config = uvicorn.Config(app(courier, key=KEY), log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    desk = Desk(url, KEY, CONNECTION)

    def later() -> None:
        clock.offset += timedelta(seconds=61)

    yield Counter(url, KEY, desk, courier.scan, later)
    desk.http.close()
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def real_counter() -> Iterator[Counter]:
    karrio = Karrio()
    try:
        karrio.start()
        desk = Desk(karrio.url, karrio.key, karrio.carrier_id)
        yield Counter(karrio.url, karrio.key, desk, Van(karrio.carrier_json).scan, lambda: time.sleep(61))
        desk.http.close()
    finally:
        karrio.close()


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("sandbox_counter", id="sandbox"),
        pytest.param("real_counter", id="real", marks=[pytest.mark.peers, pytest.mark.timeout(900)]),
    ],
)
def running(request: pytest.FixtureRequest) -> Counter:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Counter)
    return found


@pytest.fixture
async def counter(running: Counter) -> AsyncIterator[Counter]:
    yield running
    for each in running.opened:
        await each.close()
    running.opened.clear()


@pytest.fixture
async def courier(counter: Counter) -> KarrioCourier:
    return counter.connector()


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(60)
