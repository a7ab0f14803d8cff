"""The aggregator over HTTP: Karrio 2026.1's REST API, as far as shipping and tracking need it.

`Authorization: Token KEY`. Errors are {"errors": [{code, message, level}]}; what a carrier refused is
{"messages": [{code, message, carrier_name, carrier_id}]} with 424, or 404 for an unknown number.
"""

import hmac
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.courier.books import Courier
from sandbox.courier.karrio.account import Account
from sandbox.courier.karrio.checks import Invalid
from sandbox.courier.karrio.graphql import Graphql
from sandbox.courier.karrio.shipping import Shipping
from sandbox.courier.karrio.tracking import Tracking
from sandbox.courier.refusals import CarrierRefusal, StateError, Unavailable

Handler = Callable[[Request], Awaitable[Response]]
_OPEN = ("/v1/trackers/",)


def app(courier: Courier, *, key: str) -> Starlette:
    """The ASGI application for one account."""
    shipping, tracking, account = Shipping(courier), Tracking(courier), Account(courier)
    routes: list[tuple[str, dict[str, Handler]]] = [
        ("/v1/connections", {"GET": account.connections, "POST": account.connect}),
        ("/v1/connections/{id}", {"GET": account.one, "PATCH": account.change, "DELETE": account.remove}),
        ("/v1/webhooks", {"GET": account.webhooks, "POST": account.add_webhook}),
        ("/v1/webhooks/{id}", {"GET": account.webhook, "DELETE": account.remove_webhook}),
        ("/v1/shipments", {"GET": shipping.all, "POST": shipping.create}),
        ("/v1/shipments/{id}", {"GET": shipping.one, "PUT": shipping.change}),
        ("/v1/shipments/{id}/rates", {"POST": shipping.rates}),
        ("/v1/shipments/{id}/purchase", {"POST": shipping.purchase}),
        ("/v1/shipments/{id}/cancel", {"POST": shipping.cancel}),
        ("/v1/shipments/{id}/documents/{kind}", {"POST": shipping.document}),
        ("/v1/shipments/{id}/{file}", {"GET": shipping.label}),
        ("/v1/trackers", {"GET": tracking.all, "POST": tracking.add}),
        ("/v1/trackers/{id}", {"GET": tracking.one, "PUT": tracking.change, "DELETE": tracking.remove}),
        ("/v1/trackers/{id}/inject-events", {"POST": tracking.inject}),
        ("/v1/trackers/{carrier}/{number}", {"GET": tracking.add_by_path}),
        ("/v1/proxy/rates", {"POST": shipping.proxy_rates}),
        ("/v1/proxy/tracking", {"POST": tracking.proxy}),
        ("/v1/proxy/manifest", {"POST": shipping.manifest}),
        ("/v1/manifests", {"GET": shipping.manifests, "POST": shipping.broken_manifest}),
        ("/v1/pickups", {"GET": shipping.pickups, "POST": shipping.order_pickup}),
        ("/v1/pickups/{id}", {"GET": shipping.pickup}),
        ("/v1/pickups/{id}/cancel", {"POST": shipping.cancel_pickup}),
    ]
    return Starlette(
        routes=[
            *(Route(path, _guard(key, handlers), methods=list(_METHODS)) for path, handlers in routes),
            Route("/graphql", _graphql(key, Graphql(courier)), methods=list(_METHODS)),
            Route("/", _root, methods=["GET"]),
            Route("/{path:path}", _lost, methods=list(_METHODS)),
        ]
    )


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _guard(key: str, handlers: dict[str, Handler]) -> Handler:
    async def answer(request: Request) -> Response:
        if (refused := _check_key(request, key)) is not None:
            return refused
        handler = handlers.get(request.method)
        if handler is None:
            return _error(405, "method_not_allowed", f'Method "{request.method}" not allowed.')
        try:
            return await handler(request)
        except Invalid as error:
            errors = [{"code": error.code, "level": "error", "message": text} for text in error.messages]
            return JSONResponse({"errors": errors}, 400)
        except StateError as error:
            return _error(409, "state_error", str(error))
        except Unavailable as error:
            return _error(error.status, error.code, str(error))
        except CarrierRefusal as error:
            message = {
                "carrier_id": error.connection.carrier_id,
                "carrier_name": error.connection.carrier_name,
                "code": error.code,
                "message": str(error),
            }
            return JSONResponse({"messages": [message]}, error.status)

    return answer


def _graphql(key: str, graphql: Graphql) -> Handler:
    async def answer(request: Request) -> Response:
        return await graphql.answer(request, known=_check_key(request, key) is None)

    return answer


def _check_key(request: Request, key: str) -> Response | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Token" and hmac.compare_digest(token.strip(), key):
        return None
    path = request.scope["path"]
    if not scheme and request.method == "GET":
        if "/v1/trackers/" in path:
            return None
        if "/v1/shipments/" in path and "/label." in path:
            text = (
                "Access token required. Use /api/tokens to generate one, or provide API token in "
                "Authorization header."
            )
            return HTMLResponse(text, 403)
    if not scheme:
        return _error(401, "not_authenticated", "Authentication credentials were not provided.")
    return _error(401, "invalid_token", "Given token not valid for any token type")


def _error(status: int, code: str, message: str) -> Response:
    level = "warning" if status == 404 else "error"
    return JSONResponse({"errors": [{"code": code, "level": level, "message": message}]}, status)


async def _root(request: Request) -> Response:
    return JSONResponse({"VERSION": "2026.1.32", "APP_NAME": "Karrio"})


async def _lost(request: Request) -> Response:
    text = "The requested resource was not found on this server."
    page = (
        '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n'
        f"  <h1>Not Found</h1><p>{text}</p>\n</body>\n</html>\n"
    )
    return HTMLResponse(page, 404)
