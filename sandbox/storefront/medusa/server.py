"""Serves one shop over HTTP as Medusa 2.18.0 does: `/auth`, `/admin` and `/store`.

Refusals are HTTP 400, 401, 404 and 413 with `{"type", "message"}`. Each request's effects are whole before the
answer starts.
"""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.storefront.medusa import (
    admin_goods,
    admin_orders,
    admin_returned,
    admin_stock,
    admin_swaps,
    edits,
    store,
    uploads,
)
from sandbox.storefront.medusa.answers import No, invalid, nobody, not_allowed, too_large
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.calls import Act, Call
from sandbox.storefront.medusa.doors import Door
from sandbox.storefront.medusa.lists import Query

LARGEST_BODY = 100 * 1024
LARGEST_BATCH = 2 * 1024 * 1024
"""Bytes of a JSON body that the server still reads, and that the batch routes do."""
_NO_KEY = (
    "Publishable API key required in the request header: x-publishable-api-key. "
    "You can manage your keys in settings in the dashboard."
)


def app(shop: MedusaShop, door: Door) -> Starlette:
    """The shop's APIs as one ASGI application."""
    changes = edits.Edits()
    table: dict[tuple[str, str], Act] = {
        **admin_goods.ROUTES,
        **admin_stock.ROUTES,
        **admin_orders.ROUTES,
        **uploads.ROUTES,
        ("POST", "/admin/payments/{id}/refund"): lambda call: admin_orders.refund(call, changes.active),
        **edits.routes(changes),
        **admin_returned.routes(changes),
        **admin_swaps.routes(changes),
        **store.routes(store.Carts()),
    }
    routes = [
        Route(path, _endpoint(shop, door, path, act), methods=[method])
        for (method, path), act in table.items()
    ]
    log_in = Route("/auth/user/emailpass", _log_in(door), methods=["POST"])
    health = Route("/health", _health, methods=["GET"])
    return Starlette(routes=[log_in, health, *routes])


async def _health(_: Request) -> Response:
    return PlainTextResponse("OK")


def _log_in(door: Door) -> Any:
    async def endpoint(request: Request) -> Response:
        try:
            return _json(200, admin_orders.log_in(door, await _body(request, LARGEST_BODY)))
        except No as no:
            return _json(no.status, no.body)

    return endpoint


def _endpoint(shop: MedusaShop, door: Door, path: str, act: Act) -> Any:
    most = LARGEST_BATCH if path.endswith("/batch") else LARGEST_BODY

    async def endpoint(request: Request) -> Response:
        try:
            by_token = _let_in(door, path, request)
            call = Call(
                shop,
                door,
                Query(tuple(request.query_params.multi_items())),
                await _body(request, most),
                {name: str(value) for name, value in request.path_params.items()},
                by_token,
            )
            return _json(200, act(call))
        except No as no:
            return _json(no.status, no.body)

    return endpoint


def _let_in(door: Door, path: str, request: Request) -> bool:
    if path.startswith("/store/"):
        key = request.headers.get("x-publishable-api-key")
        if key is None:
            raise not_allowed(_NO_KEY)
        if not door.shopper(key):
            raise not_allowed("A valid publishable key is required to proceed with the request")
        return False
    who = door.administrator(request.headers.get("authorization", ""))
    if who is None:
        raise nobody()
    return who


async def _body(request: Request, most: int) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return {"files": await uploads.files(request)}
    text = await request.body()
    if len(text) > most:
        raise too_large()
    try:
        body = json.loads(text or b"{}")
    except ValueError:
        raise invalid("Expected property name or '}' in JSON at position 1") from None
    return body if isinstance(body, dict) else {}


def _json(status: int, body: dict[str, Any]) -> Response:
    return JSONResponse(body, status, headers={"content-type": "application/json; charset=utf-8"})
