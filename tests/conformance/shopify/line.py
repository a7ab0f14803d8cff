"""A bad line to a shop: its books are honest, only the conversation goes wrong."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.peers.tls import TRUSTED

Act = Callable[["Line", httpx.Request], Awaitable[httpx.Response]]


class Once(httpx.AsyncByteStream):
    """A body that is read from the line, as a real one is."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


@dataclass(slots=True)
class Line(httpx.AsyncBaseTransport):
    """Real HTTP. `faults` strike in turn, each at the first request whose body holds its text."""

    network: httpx.AsyncHTTPTransport = field(
        default_factory=lambda: httpx.AsyncHTTPTransport(verify=TRUSTED)
    )
    faults: list[tuple[str, Act]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode(errors="replace")
        self.sent.append(body)
        for fault in self.faults:
            text, act = fault
            if text in body:
                self.faults.remove(fault)
                return await act(self, request)
        return await self.network.handle_async_request(request)

    async def aclose(self) -> None:
        await self.network.aclose()

    def fail(self, text: str, act: Act, times: int = 1) -> None:
        self.faults.extend([(text, act)] * times)

    def asked(self, text: str) -> list[dict[str, Any]]:
        """The variables of the requests so far whose document holds `text`."""
        found = [json.loads(body) for body in self.sent if body.startswith("{") and text in body]
        return [each["variables"] for each in found]


async def lost_before(line: Line, request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


async def lost_after(line: Line, request: httpx.Request) -> httpx.Response:
    """It is done, and its answer never arrives."""
    answer = await line.network.handle_async_request(request)
    await answer.aread()
    await answer.aclose()
    raise httpx.ReadTimeout("no answer", request=request)


def answering(body: dict[str, Any], status: int = 200) -> Act:
    """Something before the shop answers in its place."""

    async def act(line: Line, request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, stream=Once(json.dumps(body).encode()))

    return act


def failing(code: str, **more: Any) -> Act:
    """The shop answers with an error of GraphQL."""
    error = {"message": "wilhelmina@canary.example", "extensions": {"code": code}}
    return answering({"errors": [error], "data": None, **more})


def meanwhile(do: Callable[[], object]) -> Act:
    """Somebody does something just before the request arrives."""

    async def act(line: Line, request: httpx.Request) -> httpx.Response:
        do()
        return await line.network.handle_async_request(request)

    return act
