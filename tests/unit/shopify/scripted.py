"""A network that answers what a test says, and remembers what was asked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from connectors.storefronts.shopify import Options
from connectors.transport import Secret, Setup
from connectors.transport.tokens import Memory, TokenBox
from sync.domain.clock import Clock, SystemClock

BUCKET = {"maximumAvailable": 2000, "currentlyAvailable": 1990, "restoreRate": 100}


def answer(data: Any, **changes: Any) -> dict[str, Any]:
    """An answer of the Admin API; `errors`, `status` and `headers` are taken as they are."""
    cost = {"requestedQueryCost": 10, "actualQueryCost": 10, "throttleStatus": BUCKET}
    return {"data": data, "extensions": {"cost": cost}} | changes


def fault(code: str, **more: Any) -> dict[str, Any]:
    """A top-level error with a code."""
    return {"message": "wilhelmina@canary.example", "extensions": {"code": code}, **more}


@dataclass(slots=True)
class Scripted(httpx.AsyncBaseTransport):
    """Answers in turn; the last one over and over."""

    answers: list[Any]
    asked: list[dict[str, Any]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        self.requests.append(request)
        if body.startswith(b"{"):
            self.asked.append(json.loads(body))
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(said, Exception):
            raise said
        if isinstance(said, httpx.Response):
            stream = httpx.ByteStream(said.content)
            return httpx.Response(said.status_code, headers=said.headers, stream=stream)
        headers: Mapping[str, str] = said.get("headers", {}) if isinstance(said, dict) else {}
        return httpx.Response(200, headers=dict(headers), stream=httpx.ByteStream(json.dumps(said).encode()))


def setup(
    line: httpx.AsyncBaseTransport,
    *,
    clock: Clock | None = None,
    tokens: TokenBox | None = None,
    secret: str = "shpat_unit",
    **options: object,
) -> Setup:
    """An account of a shop behind this line."""
    return Setup(
        account="shop",
        options=Options.model_validate({"url": "canary.myshopify.com", **options}),
        secret=Secret(secret),
        clock=clock or SystemClock(),
        zone=ZoneInfo("UTC"),
        http=line,
        tokens=tokens or Memory(),
        connector="shopify",
    )
