"""The port for vendors: `POST /hooks/ACCOUNT/PATH-SECRET`, one address for each account.

    size and rate ─► path secret ─► signature over the raw body ─► said before? ─► durable ─► 200

Nothing is parsed, stored or logged of what is not signed with our secret. What is signed only says "look now"; so
a delivery that is lost, doubled, late or out of order costs a look and never data. A vendor that is answered
anything but 200 sends again: that is for what we could not store, and for nothing else. No vendor signs the id of a
delivery; so what is stored whole is told apart by its content, and another id makes no second row of it.
"""

import asyncio
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config import Listen
from connectors.contract import Delivery, Forged, Unreadable, WebhookReader
from sync.domain.ids import AccountId
from sync.engine.inbound.gate import Rate, Said
from sync.engine.inbound.reception import LOOKS, Reception
from sync.engine.listening import Listener
from sync.telemetry import metrics
from sync.telemetry.logs import logger

MOST_BYTES = 5_000_000
"""No vendor of ours sends more; Shopify's largest orders stay below it."""
PER_SECOND, BURST = 50.0, 500.0
"""Knocks at one account's address. Vendors that tell of every change of a sale stay below it."""
SLOWEST_SECONDS = 20.0
"""A body that takes longer is given up: whoever dribbles must not keep the port busy."""
_NOBODY = "0" * 32
_log = logger("engine.inbound")


@dataclass(frozen=True, slots=True)
class Door:
    """One account's address: its path secret, and the reader that knows its signature."""

    account_id: AccountId
    name: str
    path_secret: str = field(repr=False)
    reader: WebhookReader = field(repr=False)


Doors = Callable[[], Mapping[str, Door]]


class Receiver(Listener):
    """Serves the doors that `doors` gives: they change with a reload."""

    def __init__(
        self, listen: Listen, doors: Doors, reception: Reception, also: Sequence[Route] = ()
    ) -> None:
        """`also` are other pages at the same port."""
        self._doors = doors
        self._reception = reception
        self._said = Said()
        self._rates: dict[str, Rate] = {}
        self.slowest = SLOWEST_SECONDS
        routes = [Route("/hooks/{account}/{secret}", self._receive, methods=["POST"])]
        super().__init__(listen, Starlette(routes=[*routes, *also]), what="webhooks", key="webhooks")

    async def _receive(self, request: Request) -> Response:
        door = self._door(request.path_params["account"], request.path_params["secret"])
        if door is None:
            metrics.WEBHOOKS.labels("", "unknown address").inc()
            return PlainTextResponse("not found", status_code=404)
        wait = self._rates.setdefault(door.name, Rate(PER_SECOND, BURST)).wait(_now())
        if wait:
            return self._answer(door, "too many", 429, {"Retry-After": str(max(1, round(wait)))})
        try:
            async with asyncio.timeout(self.slowest):
                body = await _body(request)
        except TimeoutError:
            return self._answer(door, "too slow", 408, {"Connection": "close"})
        if body is None:
            return self._answer(door, "too large", 413)
        try:
            delivery = door.reader.read(_headers(request), body)
        except Forged:
            return self._answer(door, "not signed", 401)
        except Unreadable as error:
            _log.warning("a signed delivery could not be read; its feeds are looked at", why=str(error))
            delivery = Delivery("", "unreadable", frozenset(LOOKS))
        return await self._take_in(door, delivery, body)

    def _door(self, name: str, secret: str) -> Door | None:
        """Takes as long for a name that nobody has as for a wrong secret."""
        door = self._doors().get(name)
        right = door.path_secret if door is not None else _NOBODY
        same = hmac.compare_digest(secret.encode(), right.encode())
        return door if same and door is not None else None

    async def _take_in(self, door: Door, delivery: Delivery, body: bytes) -> Response:
        content = sha256(body).hexdigest()
        mark = content if delivery.carries else delivery.id or content
        known = (door.account_id, f"{delivery.topic}:{mark}")
        if known in self._said:
            return self._answer(door, "repeated", 200)
        try:
            if delivery.carries:
                await self._reception.keep(door.account_id, mark, delivery.topic, body)
            await self._reception.look(door.account_id, delivery.feeds)
        except Exception as error:
            _log.warning(
                "a delivery could not be stored; its vendor is asked to send it again",
                why=type(error).__name__,
            )
            return self._answer(door, "not stored", 503, {"Retry-After": "30"})
        self._said.note(known)
        return self._answer(door, "accepted" if delivery.feeds or delivery.carries else "ping", 200)

    @staticmethod
    def _answer(door: Door, outcome: str, code: int, headers: Mapping[str, str] | None = None) -> Response:
        metrics.WEBHOOKS.labels(door.name, outcome).inc()
        return PlainTextResponse(outcome, status_code=code, headers=dict(headers or {}))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _headers(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


async def _body(request: Request) -> bytes | None:
    """The raw body; None where it is larger than any vendor's, by its word or by its bytes."""
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > MOST_BYTES:
        return None
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_BYTES:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
