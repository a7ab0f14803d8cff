"""A port of ours: bound before anything is promised, served by uvicorn, closed at the end.

There are only so many callers at a time; so whoever connects and asks nothing is put out.
"""

import asyncio
import socket
from contextlib import nullcontext
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from config import Listen
from sync.engine.refusals import BAD_INPUT, StartRefused

_MOST_CALLERS = 64
_MOST_HEADER_BYTES = 16_384
SILENT_SECONDS = 10.0
"""After so long without a whole request, and none that is being answered, a caller is put out."""


class _Caller(H11Protocol):
    """A connection that is watched: uvicorn itself waits for a first request for ever."""

    def __init__(self, *args: Any, patience: float, **more: Any) -> None:
        super().__init__(*args, **more)
        self._patience = patience

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._before: object = None
        self._watch = self.loop.call_later(self._patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if self.cycle is self._before and not answering:
            self.transport.close()
            return
        self._before = self.cycle
        self._watch = self.loop.call_later(self._patience, self._look)


class _Server(uvicorn.Server):
    """Signals are the daemon's own business."""

    def install_signal_handlers(self) -> None:
        return

    def capture_signals(self) -> Any:  # uvicorn's name; a context that captures nothing
        return nullcontext()


class Listener:
    """One port. `key` is its place in entrepot.yaml, for the message where it is taken, unless `mend` says more."""

    def __init__(
        self, listen: Listen, app: Starlette, *, what: str, key: str, mend: str | None = None
    ) -> None:
        self._listen = listen
        self._app = app
        self._what = what
        self._mend = mend or f"set another one under `{key}: {{listen: …}}` in entrepot.yaml"
        self._socket: socket.socket | None = None
        self.address: str | None = None
        """host:port as it was bound; None before and after."""
        self.patience = SILENT_SECONDS
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
                f"{self._mend}, or stop what uses it",
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
            http=partial(_Caller, patience=self.patience),  # type: ignore[arg-type]  # uvicorn only calls it
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
