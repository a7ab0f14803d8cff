"""The listener for those who watch: /metrics, /healthz (is it alive) and /readyz (is it doing its work).

It binds to loopback unless the configuration says otherwise, and shows no order, SKU or person.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from config import Listen
from sync.engine.wiring import BAD_INPUT, StartRefused
from sync.telemetry import metrics

State = Callable[[], dict[str, Any]]
_MOST_CALLERS = 64
_MOST_HEADER_BYTES = 16_384


class _Server(uvicorn.Server):
    """Signals are the daemon's own business."""

    def install_signal_handlers(self) -> None:
        return

    def capture_signals(self) -> Any:  # uvicorn's name; a context that captures nothing
        return nullcontext()


class Health:
    """The listener. `alive` and `ready` each tell `ok` and what it rests on."""

    def __init__(
        self, listen: Listen, *, fresh: Callable[[], Awaitable[object]], alive: State, ready: State
    ) -> None:
        self._listen = listen
        self._fresh = fresh
        self._alive = alive
        self._ready = ready
        self._socket: socket.socket | None = None
        self.address: str | None = None
        """host:port as it was bound; None before and after."""
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    def bind(self) -> None:
        """Take the port. Raises StartRefused where it is taken."""
        host, port = self._listen.host, self._listen.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(64)
        except OSError as error:
            bound.close()
            raise StartRefused(
                f"the metrics address {host}:{port} cannot be used ({error.strerror}): "
                "set another one under `metrics: {listen: …}` in entrepot.yaml, or stop what uses it",
                BAD_INPUT,
            ) from None
        self._socket = bound
        host, port = bound.getsockname()[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def start(self) -> None:
        """Serve until `stop`."""
        if self._socket is None:
            self.bind()
        config = uvicorn.Config(
            self._app(),
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            limit_concurrency=_MOST_CALLERS,
            h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket] if self._socket else None))

    async def stop(self) -> None:
        """Close the port."""
        self.address = None
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/metrics", self._metrics),
                Route("/healthz", self._told(self._alive)),
                Route("/readyz", self._told(self._ready)),
            ]
        )

    async def _metrics(self, request: Request) -> Response:
        await self._fresh()
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    @staticmethod
    def _told(state: State) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            told = state()
            return JSONResponse(told, status_code=200 if told["ok"] else 503)

        return endpoint
