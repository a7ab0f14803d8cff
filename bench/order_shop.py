"""The shop of `pull`: `python -m bench.order_shop ORDERS` says where it listens; nobody has bought anything yet.

`POST /control/sell` lets all orders be placed: their pages are made then, once, so that the server costs what
sending costs. `/shop` and `/depot/stock` are what the bench's depot asks for.
"""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench import order_book
from sandbox import loopback


def pages(orders: int, begun: datetime) -> list[bytes]:
    """Every page as it is sent, from page 1 on; the last one names none after it."""
    made = []
    count = -(-orders // order_book.PAGE)
    for page in range(1, count + 1):
        first = (page - 1) * order_book.PAGE + 1
        records = [
            order_book.record(n, begun) for n in range(first, min(first + order_book.PAGE, orders + 1))
        ]
        more = page < count
        told = {"orders": records, "more": more, "next": page + 1 if more else None}
        made.append(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())
    return made


NOTHING = json.dumps({"orders": [], "more": False, "next": None}).encode()


def app(count: int) -> Starlette:
    """The shop's API, and the bench's lever."""
    made: list[bytes] = []

    async def sell(request: Request) -> Response:
        made[:] = pages(count, datetime.now(UTC))
        return JSONResponse({"pages": len(made), "bytes": sum(map(len, made))})

    async def orders(request: Request) -> Response:
        page = int(request.query_params["page"])
        return Response(made[page - 1] if made else NOTHING, media_type="application/json")

    async def shop(request: Request) -> Response:
        return JSONResponse({"id": "orders"})

    async def depot(request: Request) -> Response:
        return JSONResponse({"items": {}})

    return Starlette(
        routes=[
            Route("/orders", orders),
            Route("/shop", shop),
            Route("/depot/stock", depot),
            Route("/control/sell", sell, methods=["POST"]),
        ]
    )


async def _serve(orders: int) -> None:
    listener = loopback.listener()
    server = uvicorn.Server(uvicorn.Config(app(orders), log_level="warning", lifespan="off"))
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, setattr, server, "should_exit", True)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
