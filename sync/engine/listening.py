"""A port of ours: bound before anything is promised, served by uvicorn, closed at the end."""

import asyncio
import socket
from contextlib import nullcontext
from typing import Any

import uvicorn
from starlette.applications import Starlette

from config import Listen
from sync.engine.wiring import BAD_INPUT, StartRefused

_MOST_CALLERS = 64
_MOST_HEADER_BYTES = 16_384


class _Server(uvicorn.Server):
    """Signals are the daemon's own business."""

    def install_signal_handlers(self) -> None:
        return

    def capture_signals(self) -> Any:  # uvicorn's name; a context that captures nothing
        return nullcontext()


class Listener:
    """One port. `key` is its place in entrepot.yaml, for the message where it is taken."""

    def __init__(self, listen: Listen, app: Starlette, *, what: str, key: str) -> None:
        self._listen = listen
        self._app = app
        self._what = what
        self._key = key
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
            bound.listen(_MOST_CALLERS)
        except OSError as error:
            bound.close()
            raise StartRefused(
                f"the {self._what} address {host}:{port} cannot be used ({error.strerror}): "
                f"set another one under `{self._key}: {{listen: …}}` in entrepot.yaml, or stop what uses it",
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
            self._app,
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
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
