"""The bench's shop and depot: quantities in batches, and a rate limit enforced by one of three windows.

`python -m bench.shop` says in one line where it listens. Refused calls change nothing and are counted. The
control paths are for the bench alone: a new run with another window, and the books.
"""

import asyncio
import json
import math
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import loopback

CALLS, PERIOD, BATCH = 10, 1.0, 100
STOCK = 100
"""What it sells of everything that was never set."""


class Window(StrEnum):
    """How the shop counts."""

    FIXED = "fixed"
    """So many in each second of its clock."""
    SLIDING = "sliding"
    """So many in any second."""
    LEAKY = "leaky"
    """A bucket that holds so many and lets one out each tenth of a second."""


def gate(window: Window) -> Callable[[float], bool]:
    """Whether a call that arrives at a moment (seconds) is let in; what is refused does not count."""
    return {Window.FIXED: _fixed, Window.SLIDING: _sliding, Window.LEAKY: _leaky}[window]()


def _fixed() -> Callable[[float], bool]:
    counts: dict[int, int] = {}

    def let_in(now: float) -> bool:
        second = math.floor(now / PERIOD)
        if counts.get(second, 0) >= CALLS:
            return False
        counts[second] = counts.get(second, 0) + 1
        return True

    return let_in


def _sliding() -> Callable[[float], bool]:
    recent: deque[float] = deque()

    def let_in(now: float) -> bool:
        while recent and recent[0] <= now - PERIOD:
            recent.popleft()
        if len(recent) >= CALLS:
            return False
        recent.append(now)
        return True

    return let_in


def _leaky() -> Callable[[float], bool]:
    level, last = 0.0, 0.0

    def let_in(now: float) -> bool:
        nonlocal level, last
        level, last = max(0.0, level - (now - last) * CALLS / PERIOD), now
        if level + 1 > CALLS:
            return False
        level += 1
        return True

    return let_in


@dataclass(slots=True)
class Books:
    """What the shop sells, and the calls of this run. Times are the shop's own, in seconds."""

    window: Window = Window.FIXED
    let_in: Callable[[float], bool] = field(default_factory=lambda: gate(Window.FIXED))
    stock: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    """Figures that the depot beside the shop tells next, by SKU."""
    set_items: int = 0
    reads: int = 0
    writes: int = 0
    refused: int = 0
    began: float | None = None
    """When the first call of stock came."""
    first: float | None = None
    """When the first write was let in."""
    last: float | None = None
    """When the last write was answered."""

    def open(self, window: Window) -> None:
        """A new run: nothing was called yet; what is sold stays."""
        self.window, self.let_in = window, gate(window)
        self.set_items = self.reads = self.writes = self.refused = 0
        self.began = self.first = self.last = None

    def write(self, items: dict[str, int]) -> dict[str, int] | None:
        """Sell these from now on; None where the call came too soon."""
        now = time.monotonic()
        self.began = self.began or now
        if not self.let_in(now):
            self.refused += 1
            return None
        self.writes += 1
        self.first = self.first or now
        self.stock |= items
        self.set_items += len(items)
        self.last = time.monotonic()
        return items

    def read(self, ids: list[str]) -> dict[str, int]:
        """What is sold of these."""
        self.began = self.began or time.monotonic()
        self.reads += 1
        return {one: self.stock.get(one, STOCK) for one in ids}

    def told(self) -> dict[str, object]:
        """The run, for the bench to judge."""
        names = ("window", "set_items", "reads", "writes", "refused", "began", "first", "last", "stock")
        return {name: getattr(self, name) for name in names}


def app(books: Books) -> Starlette:
    """The shop's API, and the bench's levers."""

    async def shop(request: Request) -> Response:
        return JSONResponse({"id": "bench"})

    async def read(request: Request) -> Response:
        return JSONResponse({"items": books.read(json.loads(await request.body())["items"])})

    async def write(request: Request) -> Response:
        items = json.loads(await request.body())["items"]
        if len(items) > BATCH:
            return JSONResponse({"error": f"at most {BATCH} items"}, 400)
        told = books.write(items)
        if told is None:
            return JSONResponse({"error": "too many calls"}, 429, {"Retry-After": "1"})
        return JSONResponse({"items": told})

    async def open_run(request: Request) -> Response:
        books.open(Window(json.loads(await request.body())["window"]))
        return JSONResponse({})

    async def depot(request: Request) -> Response:
        moved, books.moved = books.moved, {}
        return JSONResponse({"items": moved})

    async def move(request: Request) -> Response:
        books.moved |= json.loads(await request.body())
        return JSONResponse({})

    async def told(request: Request) -> Response:
        return JSONResponse(books.told())

    return Starlette(
        routes=[
            Route("/shop", shop),
            Route("/stock/read", read, methods=["POST"]),
            Route("/stock", write, methods=["POST"]),
            Route("/depot/stock", depot),
            Route("/control/move", move, methods=["POST"]),
            Route("/control/run", open_run, methods=["POST"]),
            Route("/control/books", told),
        ]
    )


async def _serve() -> None:
    listener = loopback.listener()
    server = uvicorn.Server(uvicorn.Config(app(Books()), log_level="warning", lifespan="off"))
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, setattr, server, "should_exit", True)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_serve())
