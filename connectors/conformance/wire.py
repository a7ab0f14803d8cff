"""A line to a vendor that can be made to go wrong, while the vendor itself stays honest.

It stands where the network stands (`Setup.http`), so a connector meets it without knowing. What it does
is said by an *act*: a function of the line and the request that gives the answer.
"""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from math import inf

import httpx

Act = Callable[["Wire", httpx.Request], Awaitable[httpx.Response]]
_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})


@cache
def _trusted() -> ssl.SSLContext:
    """One for all lines: reading the machine's certificates takes as long as dozens of calls."""
    return httpx.create_ssl_context()


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it left; `at` is the event loop's time in seconds."""

    method: str
    path: str
    at: float


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer, unpacked, as the connector was given it. `asked` says what for, whichever page it was."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    asked: str = ""

    def again(self) -> httpx.Response:
        """The same answer once more."""
        return httpx.Response(self.status, headers=list(self.headers), stream=httpx.ByteStream(self.body))


@dataclass(slots=True)
class Wire(httpx.AsyncBaseTransport):
    """Real HTTP, until `trouble` says otherwise. `network` is a server in the same process, if not the net."""

    network: httpx.AsyncBaseTransport = field(
        default_factory=lambda: httpx.AsyncHTTPTransport(verify=_trusted())
    )
    sent: list[Sent] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    _act: Act | None = None
    _skip: float = 0
    _left: float = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request: by the act in force, or truly."""
        self.sent.append(Sent(request.method, request.url.path, asyncio.get_running_loop().time()))
        await request.aread()
        if self._act is None or self._left <= 0:
            return await self.truly(request)
        if self._skip > 0:
            self._skip -= 1
            return await self.truly(request)
        self._left -= 1
        return await self._act(self, request)

    async def truly(self, request: httpx.Request) -> httpx.Response:
        """What the vendor itself answers; it is written down."""
        answer = await self.network.handle_async_request(request)
        body = await answer.aread()
        await answer.aclose()
        headers = tuple(pair for pair in answer.headers.multi_items() if pair[0].lower() not in _FRAMING)
        self.heard.append(Heard(answer.status_code, headers, body, asked_for(request)))
        return self.heard[-1].again()

    def trouble(self, act: Act, *, skip: int = 0, times: float = inf) -> None:
        """From now on, after `skip` honest answers, let `act` answer `times` requests."""
        self._act, self._skip, self._left = act, skip, times

    def calm(self) -> None:
        """Honest again."""
        self._act = None

    async def aclose(self) -> None:
        """Close the network behind it."""
        await self.network.aclose()


def answering(status: int, body: bytes = b"", **headers: str) -> Act:
    """Something before the vendor answers in its place; `_` in a header's name stands for `-`."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())

    async def act(wire: Wire, request: httpx.Request) -> httpx.Response:
        return Heard(status, named, body).again()

    return act


def throttling(after: float | None) -> Act:
    """HTTP 429, with Retry-After in whole seconds or without one."""
    return answering(429) if after is None else answering(429, retry_after=f"{after:.0f}")


async def losing(wire: Wire, request: httpx.Request) -> httpx.Response:
    """The vendor does what was asked, and its answer never arrives."""
    await wire.truly(request)
    raise httpx.ReadTimeout("no answer", request=request)


async def silent(wire: Wire, request: httpx.Request) -> httpx.Response:
    """Nothing is done and nothing is said, for as long as anybody waits."""
    await asyncio.Event().wait()
    raise httpx.ReadTimeout("no answer", request=request)


def asked_for(request: httpx.Request) -> str:
    """What a request is for, whichever page of it: method and path; in GraphQL the document, and which record."""
    question = f"{request.method} {request.url.path}"
    if not request.content.startswith(b"{"):
        return question
    try:
        body = json.loads(request.content)
    except ValueError:
        return question
    variables = body.get("variables")
    record = variables.get("id") if isinstance(variables, dict) else None
    return f"{question} {body.get('query')} {record}"


def replaying(answers: Iterable[Heard]) -> Act:
    """Each of these answers once in place of the next one to the same question, else honest ones."""
    rest = list(answers)

    async def act(wire: Wire, request: httpx.Request) -> httpx.Response:
        question = asked_for(request)
        for known in rest:
            if known.asked == question:
                rest.remove(known)
                return known.again()
        return await wire.truly(request)

    return act


class Spoiling:
    """Answers honestly, but for the one JSON record that bears `mark`: its fields are of other types."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.hits = 0

    async def __call__(self, wire: Wire, request: httpx.Request) -> httpx.Response:
        """One answer, with the record spoilt where it is in it."""
        answer = await wire.truly(request)
        heard = wire.heard[-1]
        try:
            document = json.loads(heard.body)
        except ValueError:
            return answer
        before = self.hits
        spoilt = self._walk(document, listed=False)
        if self.hits == before:
            return answer
        return Heard(heard.status, heard.headers, json.dumps(spoilt).encode()).again()

    def _walk(self, node: object, *, listed: bool) -> object:
        before = self.hits
        if isinstance(node, list):
            return [self._walk(each, listed=True) for each in node]
        if not isinstance(node, dict):
            return node
        walked = {key: self._walk(value, listed=False) for key, value in node.items()}
        if self.hits > before or not listed or self.mark not in map(str, _scalars(node)):
            return walked
        self.hits += 1
        return {key: value if str(value) == self.mark else _other(value) for key, value in node.items()}


def _scalars(node: dict[str, object]) -> Iterable[object]:
    return (value for value in node.values() if isinstance(value, str | int) and not isinstance(value, bool))


def _other(value: object) -> object:
    return "spoilt" if isinstance(value, dict) else {"spoilt": True}
