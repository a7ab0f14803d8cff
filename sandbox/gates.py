"""Stands between the network and a server: counts calls, enforces a rate limit, lets faults strike.

The server's books stay honest; only the conversation goes wrong. A dropped connection is really dropped: the
server leaves the connection's transport in the scope's extensions.
"""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sandbox.clock import Clock
from sandbox.faults import Fault, Rule
from sandbox.ledger import Ledger
from sandbox.limits import Limit
from sandbox.paging import PAGE_SHIFT

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "sandbox.transport"
"""The key in a scope's extensions under which the server leaves the connection's transport."""

_BYTES_OF_HUGE = 4 * 1024 * 1024


@dataclass(slots=True)
class Answer:
    """A whole answer, held back so that it can be spoilt."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def take(self, message: Message) -> None:
        """Gather one of the server's messages."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")

    async def give(self, send: Send) -> None:
        """Send it as it is."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    def resize(self, body: bytes) -> None:
        """Another body, with the length to match."""
        kept = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        self.headers = [*kept, (b"content-length", str(len(body)).encode())]
        self.body = body


class Gate:
    """Stands before one server: counts its calls, enforces its limit, and lets faults strike."""

    def __init__(
        self,
        app: App,
        system: str,
        *,
        ledger: Ledger,
        clock: Clock,
        random: Random,
        expire: Callable[[], bool],
    ) -> None:
        self.app = app
        self.system = system
        self.clock = clock
        self._rules: list[Rule] = []
        self._since = clock.true()
        self.limit: Limit | None = None
        self._ledger = ledger
        self._random = random
        self._expire = expire

    @property
    def rules(self) -> list[Rule]:
        """The faults in force; their windows of time begin when they are set."""
        return self._rules

    @rules.setter
    def rules(self, rules: list[Rule]) -> None:
        self._rules, self._since = rules, self.clock.true()

    def state(self) -> list[dict[str, Any]]:
        """The rules with their counts, as JSON."""
        return [asdict(rule) for rule in self.rules]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await _whole(receive)
        call = _Call(self, scope, body, self._dated(send), receive)
        status = await call.run()
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        self._ledger.call(self.system, re.sub(r"\d+", "#", path), status)

    def _dated(self, send: Send) -> Send:
        """Let every answer carry the time as this server's clock has it."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                moment = format_datetime(self.clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message["headers"], (b"date", moment)]}
            await send(message)

        return dated

    def choose(self, text: str) -> Rule | None:
        """The first rule that strikes this call."""
        age = (self.clock.true() - self._since).total_seconds()
        return next((rule for rule in self._rules if rule.strikes(text, self._random, age)), None)

    def expired(self) -> bool:
        """Make the callers' credentials worthless where the server can; False where it must answer 401."""
        return self._expire()


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


@dataclass(slots=True)
class _Call:
    """One request on its way through a gate."""

    gate: Gate
    scope: Scope
    body: bytes
    send: Send
    receive: Receive

    async def run(self) -> int:
        """The status that the caller saw; 0 for a dropped connection."""
        if self.gate.limit and (wait := self.gate.limit.wait()) is not None:
            return await self._refuse(429, {"retry-after": str(max(1, round(wait + 0.499)))})
        query = self.scope["query_string"].decode()
        rule = self.gate.choose(f"{self.scope['path']}?{query} {self.body.decode(errors='replace')}")
        if rule is None:
            return await self._through()
        return await self._struck(rule)

    async def _struck(self, rule: Rule) -> int:
        match rule.kind:
            case Fault.OUTAGE | Fault.DROP_BEFORE:
                return await self._drop(rule)
            case Fault.ERROR_BEFORE:
                return await self._refuse(rule.status, {})
            case Fault.THROTTLE:
                return await self._refuse(429, {"retry-after": str(max(1, round(rule.seconds)))})
            case Fault.THROTTLE_BARE:
                return await self._refuse(429, {})
            case Fault.DELAY:
                await asyncio.sleep(rule.seconds)
                return await self._through()
            case Fault.CLOCK:
                self.gate.clock.offset = timedelta(seconds=rule.seconds)
                return await self._through()
            case Fault.DUPLICATE_PAGE:
                return await self._shifted(-1)
            case Fault.SHIFT_PAGE:
                return await self._shifted(1)
            case Fault.EXPIRE:
                return await self._through() if self.gate.expired() else await self._refuse(401, {})
            case _:
                return await self._spoilt(rule)

    async def _spoilt(self, rule: Rule) -> int:
        """The effect takes place; its answer does not arrive as it should."""
        answer = Answer()
        await self.gate.app(self.scope, self._receive(), answer.take)
        match rule.kind:
            case Fault.DROP_AFTER:
                return await self._drop(rule)
            case Fault.DROP_DURING:
                return await self._half(answer, rule)
            case Fault.ERROR_AFTER:
                return await self._refuse(rule.status, {})
            case Fault.TRUNCATE:
                answer.resize(answer.body[: len(answer.body) // 2])
            case Fault.HUGE:
                answer.resize(answer.body + b" " * _BYTES_OF_HUGE)
            case _:
                return await self._byte_by_byte(answer, rule.seconds)
        await answer.give(self.send)
        return answer.status

    async def _half(self, answer: Answer, rule: Rule) -> int:
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await self.send(start)
        half = answer.body[: len(answer.body) // 2]
        await self.send({"type": "http.response.body", "body": half, "more_body": True})
        _kill(rule)
        self._transport().close()
        await self.receive()
        return 0

    async def _byte_by_byte(self, answer: Answer, pause: float) -> int:
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await self.send(start)
        for index in range(len(answer.body)):
            one = answer.body[index : index + 1]
            await self.send({"type": "http.response.body", "body": one, "more_body": True})
            if self._transport().is_closing():
                return 0
            await asyncio.sleep(pause)
        await self.send({"type": "http.response.body", "body": b""})
        return answer.status

    async def _through(self) -> int:
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await self.send(message)

        await self.gate.app(self.scope, self._receive(), seen)
        return status

    async def _shifted(self, by: int) -> int:
        pairs = parse_qsl(self.scope["query_string"].decode(), keep_blank_values=True)
        moved = [(k, _moved(v, by) if k in ("p", "offset") else v) for k, v in pairs]
        self.scope["query_string"] = urlencode(moved).encode()
        token = PAGE_SHIFT.set(by)
        try:
            return await self._through()
        finally:
            PAGE_SHIFT.reset(token)

    async def _refuse(self, status: int, headers: dict[str, str]) -> int:
        body = b'{"message":"the sandbox made this up"}'
        named = {"content-type": "application/json", "content-length": str(len(body)), **headers}
        pairs = [(name.encode(), value.encode()) for name, value in named.items()]
        await Answer(status, pairs, body).give(self.send)
        return status

    async def _drop(self, rule: Rule) -> int:
        _kill(rule)
        self._transport().abort()
        await self.receive()
        return 0

    def _transport(self) -> asyncio.Transport:
        transport: asyncio.Transport = self.scope["extensions"][TRANSPORT]
        return transport

    def _receive(self) -> Receive:
        left: list[Message] = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            return left.pop() if left else {"type": "http.disconnect"}

        return receive


def _moved(value: str, by: int) -> str:
    return str(max(0, int(value) + by)) if value.isdigit() and int(value) else value


def _kill(rule: Rule) -> None:
    if rule.kill is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(rule.kill, signal.SIGKILL)
