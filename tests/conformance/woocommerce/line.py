"""A line to a shop: honest, until a fault is laid on it. It shows the shop's own clock as the answer's Date."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

import httpx

from tests.peers.tls import TRUSTED

Act = Callable[["Line", httpx.Request], Awaitable[httpx.Response]]
_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "date"})


class Once(httpx.AsyncByteStream):
    """A body that is read from the line, as a real one is."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


@dataclass(slots=True)
class Line(httpx.AsyncBaseTransport):
    """Real HTTP. `faults` strike in turn, each at the first request whose line (method, target, body) holds its text.

    With `tls` it is a proxy that speaks https outside and http inside.
    """

    now: Callable[[], datetime]
    tls: bool = False
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
        return await self.truly(request)

    async def truly(self, request: httpx.Request) -> httpx.Response:
        """What the shop itself answers."""
        if self.tls:
            request.url = request.url.copy_with(scheme="http")
        answer = await self.network.handle_async_request(request)
        body = await answer.aread()
        await answer.aclose()
        headers = [pair for pair in answer.headers.multi_items() if pair[0].lower() not in _FRAMING]
        headers.append(("date", format_datetime(self.now(), usegmt=True)))
        return httpx.Response(answer.status_code, headers=headers, stream=Once(body))

    async def aclose(self) -> None:
        await self.network.aclose()

    def fail(self, text: str, act: Act, times: int = 1) -> None:
        self.faults.extend([(text, act)] * times)

    def count(self, text: str) -> int:
        """Requests so far whose line holds `text`."""
        return sum(1 for said in self.sent if text in said)


async def lost_after(line: Line, request: httpx.Request) -> httpx.Response:
    """It is done, and its answer never arrives."""
    await line.truly(request)
    raise httpx.ReadTimeout("no answer", request=request)


async def lost_before(line: Line, request: httpx.Request) -> httpx.Response:
    """It never arrives."""
    raise httpx.ReadTimeout("no answer", request=request)


async def cut_short(line: Line, request: httpx.Request) -> httpx.Response:
    """It is done, and half of its answer arrives as if it were all."""
    answer = await line.truly(request)
    body = await answer.aread()
    return httpx.Response(answer.status_code, stream=Once(body[: len(body) // 2]))


async def noisy(line: Line, request: httpx.Request) -> httpx.Response:
    """A shop whose admin lets PHP show its warnings, before the JSON and after it."""
    answer = await line.truly(request)
    body = WARNING + await answer.aread() + b"\n" + WARNING
    return httpx.Response(answer.status_code, headers=answer.headers, stream=Once(body))


def answering(status: int, body: str, **headers: str) -> Act:
    """Something before the shop answers in its place."""

    async def act(line: Line, request: httpx.Request) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(status, stream=Once(body.encode()), headers=named)

    return act


def at_most(items: int) -> Act:
    """A shop whose admin lets fewer items into a batch: the code and the status that WooCommerce has for it."""

    async def act(line: Line, request: httpx.Request) -> httpx.Response:
        if request.content.count(b'"id"') <= items:
            return await line.truly(request)
        body = (
            '{"code":"woocommerce_rest_request_entity_too_large","message":"Unable to accept more",'
            '"data":{"status":413}}'
        )
        return httpx.Response(413, stream=Once(body.encode()))

    return act


WARNING = (
    b"<br />\n<b>Warning</b>:  Undefined array key [sku] in <b>/srv/plugin.php</b> on line <b>7</b><br />\n"
)
PHP_FATAL = answering(
    500, '{"code":"internal_server_error","message":"jane@example.com","data":{"status":500}}'
)
"""WordPress's critical error."""
WEB_SERVER_TOO_LARGE = answering(413, "<html><h1>413 Request Entity Too Large</h1></html>")
PLAIN_PERMALINKS = answering(404, "<!DOCTYPE html><html><title>Page not found</title></html>")
