"""The listener for those who watch: /metrics, /healthz (is it alive) and /readyz (is it doing its work).

It binds to loopback unless the configuration says otherwise, and shows no order, SKU or person.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from config import Listen
from sync.engine.listening import Listener
from sync.telemetry import metrics

State = Callable[[], dict[str, Any]]


class Health(Listener):
    """The listener. `alive` and `ready` each tell `ok` and what it rests on."""

    def __init__(
        self, listen: Listen, *, fresh: Callable[[], Awaitable[object]], alive: State, ready: State
    ) -> None:
        self._fresh = fresh
        routes = [
            Route("/metrics", self._metrics),
            Route("/healthz", self._told(alive)),
            Route("/readyz", self._told(ready)),
        ]
        super().__init__(listen, Starlette(routes=routes), what="metrics", key="metrics")

    async def _metrics(self, request: Request) -> Response:
        await self._fresh()
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    @staticmethod
    def _told(state: State) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            told = state()
            return JSONResponse(told, status_code=200 if told["ok"] else 503)

        return endpoint
