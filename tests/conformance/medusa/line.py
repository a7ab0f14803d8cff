"""A bad line to a shop: its books are honest, only the conversation goes wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

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
    """Real HTTP. `faults` strike in turn, each at the first request whose line (method, target, body) holds its text."""

    network: httpx.AsyncHTTPTransport = field(
        default_factory=lambda: httpx.AsyncHTTPTransport(verify=TRUSTED)
    )
    faults: list[tuple[str, Act]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode(errors="replace")
        said = f"{request.method} {request.url.raw_path.decode()} {body}"
        self.sent.append(said)
        for fault in self.faults:
            text, act = fault
            if text in said:
                self.faults.remove(fault)
                return await act(self, request)
        return await self.network.handle_async_request(request)

    async def aclose(self) -> None:
        await self.network.aclose()

    def fail(self, text: str, act: Act, times: int = 1) -> None:
        self.faults.extend([(text, act)] * times)

    def count(self, text: str) -> int:
        """Requests so far whose line holds `text`."""
        return sum(1 for said in self.sent if text in said)


async def no_connection(line: Line, request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


async def lost_before(line: Line, request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


async def lost_after(line: Line, request: httpx.Request) -> httpx.Response:
    """It is done, and its answer never arrives."""
    answer = await line.network.handle_async_request(request)
    await answer.aread()
    await answer.aclose()
    raise httpx.ReadTimeout("no answer", request=request)


async def refused_after(line: Line, request: httpx.Request) -> httpx.Response:
    """It is done, what follows from it fails, and the shop calls all of it refused."""
    answer = await line.network.handle_async_request(request)
    await answer.aread()
    await answer.aclose()
    return await REFUSED(line, request)


async def cut_short(line: Line, request: httpx.Request) -> httpx.Response:
    """It is done, and half of its answer arrives as if it were all."""
    answer = await line.network.handle_async_request(request)
    body = await answer.aread()
    await answer.aclose()
    return httpx.Response(200, stream=Once(body[: len(body) // 2]))


async def token_over(line: Line, request: httpx.Request) -> httpx.Response:
    """The token has ended meanwhile."""
    request.headers["authorization"] = "Bearer ended"
    return await line.network.handle_async_request(request)


def answering(status: int, body: str, **headers: str) -> Act:
    """Something before the shop answers in its place."""

    async def act(line: Line, request: httpx.Request) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, stream=Once(body.encode()), headers=named)

    return act


FAILED_INSIDE = answering(500, '{"code":"unknown_error","type":"unknown_error","message":"jane@example.com"}')
NO_PERMISSION = answering(403, '{"type":"forbidden","message":"Forbidden"}')
REFUSED = answering(400, '{"type":"invalid_data","message":"jane@example.com is wrong"}')
TOO_LARGE = answering(413, '{"type":"unknown_error","message":"request entity too large"}')
