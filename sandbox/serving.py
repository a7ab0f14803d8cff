"""One loopback port for the whole world: every server behind its gate, and the control levers.

The connection class hands each request its transport, so that a fault can really drop the connection.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.routing import Mount, Router
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox import loopback
from sandbox.control import Control
from sandbox.courier import karrio
from sandbox.gates import TRANSPORT, App, Gate, Receive, Scope, Send
from sandbox.people import People
from sandbox.supplier import server as supplier
from sandbox.warehouse import tryton
from sandbox.world import DATABASE, World

_BACKLOG = 512


class Connection(H11Protocol):
    """A connection that shows its transport to the requests on it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        inner: App = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[TRANSPORT] = self.transport
            await inner(scope, receive, send)

        self.app = app


@dataclass(slots=True)
class Served:
    """A world that can be called over HTTP."""

    world: World
    people: People
    control: Control
    port: int

    @property
    def base(self) -> str:
        """The address of the port."""
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> dict[str, Any]:
        """What a daemon's administrator needs to know: addresses, credentials, and what cannot be bound."""
        return {
            "ready": True,
            "control": f"{self.base}/control",
            "accounts": {**self._shop_accounts(), **self._other_accounts()},
            "overrides": self.world.overrides(),
            "unbindable": self.world.unbindable(),
        }

    def _shop_accounts(self) -> dict[str, Any]:
        return {
            name: {
                "connector": entrance.connector,
                "kind": "storefront",
                "url": f"{self.base}/shops/{name}",
                **entrance.options,
                "secret": entrance.secret,
                "currency": entrance.shop.terms.currency,
            }
            for name, entrance in self.world.entrances.items()
        }

    def _other_accounts(self) -> dict[str, Any]:
        return {
            **{name: self._warehouse_account(code) for name, code in self.world.warehouses.items()},
            "courier": {
                "connector": "karrio",
                "kind": "courier",
                "url": f"{self.base}/karrio",
                "key": self.world.courier_key,
                "carriers": ["loopback"],
            },
            **{name: self._supplier_account(name) for name in self.world.suppliers},
        }

    def _warehouse_account(self, code: str) -> dict[str, Any]:
        return {
            "connector": "tryton",
            "kind": "warehouse",
            "url": f"{self.base}/tryton",
            "database": DATABASE,
            "key": self.world.warehouse_key,
            "warehouse": code,
        }

    def _supplier_account(self, name: str) -> dict[str, Any]:
        postbox = self.world.suppliers[name]
        options = postbox.options(f"{self.base}/suppliers/{name}")
        return {"connector": "feed", "kind": "supplier", "key": self.world.supplier_keys[name], **options}


def _gates(world: World) -> dict[str, tuple[str, Gate]]:
    """The gates by system, each with its path."""
    found: dict[str, tuple[str, Gate]] = {}

    def stand(system: str, path: str, app: Any, expire: Callable[[], bool]) -> None:
        chance = world.random(f"faults/{system}")
        gate = Gate(
            app, system, ledger=world.ledger, clock=world.clocks[system], random=chance, expire=expire
        )
        found[system] = (path, gate)

    for name, entrance in world.entrances.items():
        stand(f"shop:{name}", f"/shops/{name}", entrance.app, entrance.forget)
    warehouse = tryton.app(world.warehouse, database=DATABASE, key=world.warehouse_key)
    stand("warehouse", "/tryton", warehouse, lambda: False)
    stand("courier", "/karrio", karrio.app(world.courier, key=world.courier_key), lambda: False)
    for name, postbox in world.suppliers.items():
        files = supplier.app(postbox, key=world.supplier_keys[name])
        stand(f"supplier:{name}", f"/suppliers/{name}", files, lambda: False)
    return found


def build_app(world: World, people: People) -> tuple[App, Control]:
    """The application of the whole world, and its levers."""
    gates = _gates(world)
    control = Control(world, people, {system: gate for system, (_, gate) in gates.items()})
    routes = [Mount(path, app=gate) for path, gate in gates.values()]
    router = Router([*routes, Mount("/control", app=control.app())])
    return router, control


@asynccontextmanager
async def listening(app: Any, *, port: int = 0) -> AsyncIterator[int]:
    """Serve an ASGI application on loopback (port 0: any free one) until the context ends; gives the port."""
    listener = loopback.listener(port, backlog=_BACKLOG)
    server = _Server(
        uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:  # noqa: ASYNC110 (uvicorn tells of its start in no other way)
            await asyncio.sleep(0.005)
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = server.force_exit = True
        await running
        listener.close()


@asynccontextmanager
async def serve(world: World, people: People, *, port: int = 0) -> AsyncIterator[Served]:
    """Serve a world on loopback until the context ends; nobody works yet."""
    app, control = build_app(world, people)
    async with listening(app, port=port) as actual:
        posting = [asyncio.ensure_future(each.keep_delivering()) for each in world.entrances.values()]
        try:
            yield Served(world, people, control, actual)
        finally:
            for trade in people.trades:
                people.stop(trade)
            for task in posting:
                task.cancel()
            await asyncio.gather(*posting, return_exceptions=True)


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield
