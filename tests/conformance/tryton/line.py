"""A bad line to the sandbox's Tryton: its books are honest, only the conversation goes wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import httpx

from connectors.contract import (
    Deadline,
    Done,
    FulfilmentLine,
    FulfilmentRequest,
)
from connectors.contract import Warehouse as Contract
from connectors.transport import Secret, Setup
from connectors.warehouse.tryton import Options, open_connector
from sandbox.ledger import Ledger
from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.tryton import app
from sync.domain.clock import SystemClock
from sync.domain.people import Address
from sync.domain.shipments import RemoteFulfilment

KEY = "sandbox-key"
ADA = Address(name="Ada Secret", street=("Hidden Str. 1",), city="Berlin", postal_code="10115")
Act = Callable[["Line", httpx.Request], Awaitable[httpx.Response]]


@dataclass(slots=True)
class Line(httpx.AsyncBaseTransport):
    """The line to the server. `faults` strike in turn, each at the first request whose path ends so."""

    server: httpx.ASGITransport
    faults: list[tuple[str, str, Act]] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)
    longest: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/rest/model/")[-1]
        self.sent.append((request.method, name))
        self.longest = max(self.longest, len(str(request.url)))
        for fault in self.faults:
            method, ending, act = fault
            if request.method == method and name.endswith(ending):
                self.faults.remove(fault)
                return await act(self, request)
        return await self.server.handle_async_request(request)

    def fail(self, method: str, ending: str, act: Act, times: int = 1) -> None:
        self.faults.extend([(method, ending, act)] * times)


async def lost_before(line: Line, request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


async def lost_after(line: Line, request: httpx.Request) -> httpx.Response:
    await (await line.server.handle_async_request(request)).aread()
    raise httpx.ReadTimeout("no answer", request=request)


def answering(status: int, body: str = "<title>Error</title>") -> Act:
    async def answer(line: Line, request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=httpx.ByteStream(body.encode()))

    return answer


def garbled_after(body: str) -> Act:
    async def answer(line: Line, request: httpx.Request) -> httpx.Response:
        await (await line.server.handle_async_request(request)).aread()
        return httpx.Response(200, stream=httpx.ByteStream(body.encode()))

    return answer


@dataclass(frozen=True, slots=True)
class World:
    line: Line
    books: Warehouse
    warehouse: Contract
    soon: Deadline

    def request(self, units: int = 2) -> FulfilmentRequest:
        return FulfilmentRequest("F-1", (FulfilmentLine("MUG-1", "", units),), ADA)

    async def made(self) -> RemoteFulfilment:
        outcome = await self.warehouse.create_fulfilment(self.request(), self.soon)
        assert isinstance(outcome, Done)
        assert outcome.echo is not None
        return outcome.echo

    def count(self, name: str) -> int:
        return sum(method == "POST" and path.endswith(name) for method, path in self.line.sent)


def opened(line: Line, key: str = KEY, **other: object) -> Contract:
    options = {"url": "http://tryton.test", "database": "db", "warehouse": "WH-MAIN", "customer": "CUS-1"}
    setup = Setup(
        "tryton",
        Options.model_validate({**options, **other}),
        Secret(key),
        SystemClock(),
        ZoneInfo("UTC"),
        http=line,
    )
    return open_connector(setup)


@asynccontextmanager
async def bad_line() -> AsyncIterator[World]:
    """A world with ten mugs on the shelf."""
    books = Warehouse(Ledger())
    books.add_product("MUG-1", "Mug")
    books.receive("MUG-1", 10)
    line = Line(httpx.ASGITransport(app(books, database="db", key=KEY)))
    warehouse = opened(line)
    yield World(line, books, warehouse, Deadline.after(60))
    await warehouse.close()
