"""The warehouse over HTTP: Tryton 8.2's REST and, for the part-shipment wizard, its JSON-RPC.

    /{database}/rest/model/{model}                    GET search, POST create
    /{database}/rest/model/{model}/{id}               GET, PUT, DELETE
    /{database}/rest/model/{model}/{id}/{action}      POST
    /{database}/rpc/                                  POST, HTTP Basic

REST takes `Authorization: bearer KEY`; errors that are not a refusal are HTML pages.
"""

import base64
import hmac
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.refusals import Refusal, RowsLocked
from sandbox.warehouse.rows import Row
from sandbox.warehouse.tryton import actions, codec, reading, rpc, searching, writing
from sandbox.warehouse.tryton.errors import (
    BadRequest,
    Broken,
    Forbidden,
    HttpError,
    NotFound,
    RangeNotSatisfiable,
    ServiceUnavailable,
    Unauthorised,
)
from sandbox.warehouse.tryton.fields import Look
from sandbox.warehouse.tryton.schema import MODELS

Handler = Callable[[Request], Awaitable[Response]]


def app(
    warehouse: Warehouse,
    *,
    database: str,
    key: str,
    login: str = "sync",
    password: str = "sync-password-1",  # noqa: S107
) -> Starlette:
    """The ASGI application for one database; `login` and `password` open JSON-RPC only."""
    server = _Server(warehouse, database, key, login, password)
    root = f"/{database}/rest/model/{{model}}"
    return Starlette(
        routes=[
            Route(root, server.guard(server.collection), methods=["GET", "POST"]),
            Route(root + "/{id:int}", server.guard(server.record), methods=["GET", "PUT", "DELETE"]),
            Route(root + "/{id:int}/{action}", server.guard(server.action), methods=["POST"]),
            Route(f"/{database}/rpc/", server.rpc, methods=["POST"]),
            Route("/{path:path}", _lost, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )


async def _lost(request: Request) -> Response:
    return _page(NotFound())


def _page(error: HttpError) -> Response:
    return HTMLResponse(error.page(), error.status)


class _Server:
    def __init__(self, warehouse: Warehouse, database: str, key: str, login: str, password: str) -> None:
        self.warehouse = warehouse
        self.database = database
        self.key = key
        self.basic = base64.b64encode(f"{login}:{password}".encode()).decode()
        self.wizards = rpc.Wizards()

    def guard(self, handler: Handler) -> Handler:
        """Check the key and turn what was raised into the real server's answers."""

        async def answer(request: Request) -> Response:
            try:
                self._check_key(request)
                response = await handler(request)
            except Refusal as refusal:
                body = {"status": 400, "message": refusal.message, "description": refusal.description}
                return JSONResponse(body, 400)
            except RowsLocked as locked:
                return _page(ServiceUnavailable(str(locked)))
            except HttpError as error:
                return _page(error)
            response.headers["Content-Language"] = "en"
            return response

        return answer

    async def collection(self, request: Request) -> Response:
        """Search, or create."""
        model, look = self._model(request), self._look(request)
        if request.method == "GET":
            return self._search(request, look, model)
        body = await _body(request)
        with look.store.transaction():
            row = writing.create(look, model, body)
            return self._shown(request, look, model, row)

    async def record(self, request: Request) -> Response:
        """Read, change or delete one record."""
        model, look = self._model(request), self._look(request)
        row = self._row(request, model)
        if request.method == "DELETE":
            writing.delete(look, model, row)
            return Response(status_code=204, media_type="text/plain")
        body = await _body(request) if request.method == "PUT" else None
        with look.store.transaction():
            if request.method == "PUT":
                writing.write(look, model, row, body)
            return self._shown(request, look, model, row)

    async def action(self, request: Request) -> Response:
        """Press a button."""
        model, look = self._model(request), self._look(request)
        name = request.path_params["action"]
        if not actions.offers(look, model, name):
            raise Forbidden
        row = self._row(request, model)
        body = await _body(request) if await request.body() else {}
        if isinstance(body, dict) and body:
            raise Broken(f"{model}.{name}() got an unexpected keyword argument '{next(iter(body))}'")
        with look.store.transaction():
            actions.press(look, model, row, name)
            return self._shown(request, look, model, row)

    async def rpc(self, request: Request) -> Response:
        """One JSON-RPC call."""
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Basic {self.basic}"):
            headers = {"WWW-Authenticate": 'Basic realm="Tryton"'}
            return Response(status_code=401, headers=headers, media_type="text/plain")
        try:
            body = await _body(request)
        except HttpError as error:
            return _page(error)
        if not isinstance(body, dict):
            return _page(BadRequest("Unable to get RPC method"))
        answer: dict[str, object] = {"id": body.get("id", 0)}
        parameters = body.get("params")
        try:
            look = Look(self.warehouse)
            given = parameters if isinstance(parameters, list) else []
            answer["result"] = rpc.call(look, self.wizards, str(body.get("method")), given)
        except Refusal as refusal:
            answer["error"] = ["UserError", [refusal.message, refusal.description, None]]
        except Forbidden as error:
            return _page(error)
        except (Broken, RowsLocked) as error:
            answer["error"] = [str(error), ""]
        return JSONResponse(answer)

    @staticmethod
    def _shown(request: Request, look: Look, model: str, row: Row) -> Response:
        wanted = reading.tree(model, request.query_params.getlist("f"))
        return JSONResponse(reading.read(look, model, row, wanted))

    def _search(self, request: Request, look: Look, model: str) -> Response:
        query = request.query_params
        wanted = reading.tree(model, query.getlist("f"))
        domain = codec.read_base64(query["d"]) if "d" in query else []
        order = codec.read_base64(query["o"]) if "o" in query else None
        span = _range(request.headers.get("Range"))
        offset, limit = span or (_number(query.get("p"), 0) or 0, _number(query.get("s"), None))
        rows = searching.search(look, model, domain, order, searching.Page(offset, limit))
        found = [reading.read(look, model, row, wanted) for row in rows]
        if span is None:
            return JSONResponse(found)
        if not found and offset:
            raise RangeNotSatisfiable
        total = searching.count(look, model, domain)
        headers = {
            "Accept-Ranges": "records",
            "Content-Range": f"records {offset}-{offset + len(found)}/{total}",
        }
        return JSONResponse(found, headers=headers)

    def _check_key(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip(), self.key):
            raise Unauthorised

    def _model(self, request: Request) -> str:
        model = str(request.path_params["model"])
        if model not in MODELS:
            raise Broken(repr(model))
        return model

    def _row(self, request: Request, model: str) -> Row:
        row = self.warehouse.store.tables[model].get(request.path_params["id"])
        if row is None:
            raise NotFound
        return row

    def _look(self, request: Request) -> Look:
        header = request.headers.get("X-Tryton-Context")
        context = codec.read_base64(header) if header else {}
        if not isinstance(context, dict):
            raise Broken(f"'{type(context).__name__}' object does not support item assignment")
        return Look(self.warehouse, context)


async def _body(request: Request) -> object:
    if "json" not in request.headers.get("Content-Type", ""):
        raise BadRequest("Not a JSON request")
    try:
        return codec.read_json(await request.body())
    except ValueError:
        raise BadRequest("Unable to read JSON request") from None


def _number(text: str | None, default: int | None) -> int | None:
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise Broken(f"invalid literal for int() with base 10: {text!r}") from None


def _range(header: str | None) -> tuple[int, int | None] | None:
    if not header or "," in header:
        return None
    _, _, span = header.partition("=")
    start, _, end = span.partition("-")
    if not start.isdigit():
        return None
    return int(start), (int(end) - int(start)) if end.isdigit() else None
