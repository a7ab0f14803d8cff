"""Serves one shop over HTTP as Vendure 3.7.3 does: `/admin-api` and `/shop-api`.

Errors of the document are HTTP 400; all others are HTTP 200 with `errors`; a JSON body over 100 KiB is an
HTTP 500 with an empty message. Each request's effects are whole before the answer starts.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.storefront.books import Shop
from sandbox.storefront.vendure import admin, shopping
from sandbox.storefront.vendure.graphql.execution import (
    Execution,
    Resolvers,
    VariableFault,
    stamp,
    variables_of,
)
from sandbox.storefront.vendure.graphql.nodes import Document, Operation
from sandbox.storefront.vendure.graphql.schema import Schema
from sandbox.storefront.vendure.graphql.syntax import parse_document
from sandbox.storefront.vendure.graphql.tokens import Place, SyntaxFault
from sandbox.storefront.vendure.graphql.validation import faults_of
from sandbox.storefront.vendure.pictures import read_multipart
from sandbox.storefront.vendure.reads import Call, typename
from sandbox.storefront.vendure.sessions import Doorkeeper

LARGEST_BODY = 102_400
"""Bytes of a JSON body that the server still reads."""

_PREPARED_MOST = 200
_NO_QUERY = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension."
_HTTP_400 = {"http": {"status": 400, "headers": {}}}


class Bad(Exception):
    """The request cannot be executed: the status and the body that say so."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


@dataclass(slots=True)
class Api:
    """One of the two APIs of a shop."""

    shop: Shop
    door: Doorkeeper
    schema: Schema
    resolvers: Resolvers
    most: int
    admin: bool
    prepared: dict[str, Document] = field(default_factory=dict)

    async def __call__(self, request: Request) -> Response:
        try:
            asked = await self._asked(request)
            document = self._document(asked)
            operation = _operation(document, asked.get("operationName"))
            if request.method == "GET" and operation.kind != "query":
                raise Bad(405, _plain("GET requests only support query operations, not mutation operations"))
            return self._answer(request, document, operation, asked.get("variables") or {})
        except Bad as bad:
            return _json(bad.body, bad.status)

    async def _asked(self, request: Request) -> dict[str, Any]:
        if request.method == "GET":
            asked: Any = dict(request.query_params)
            asked["variables"] = json.loads(asked.get("variables") or "{}")
        else:
            asked = await self._body(request)
        if isinstance(asked, list):
            raise Bad(400, _plain("Operation batching disabled."))
        if not isinstance(asked, dict) or not asked:
            raise Bad(400, _plain("POST body missing, invalid Content-Type, or JSON object has no keys."))
        if not isinstance(asked.get("query"), str):
            raise Bad(400, _graphql_400(_NO_QUERY, "BAD_REQUEST", ()))
        return asked

    async def _body(self, request: Request) -> Any:
        kind = request.headers.get("content-type", "")
        body = await request.body()
        if kind.startswith("multipart/form-data"):
            try:
                return read_multipart(kind, body)
            except (ValueError, KeyError, TypeError):
                raise Bad(400, _plain("Misordered or missing multipart fields.")) from None
        if not kind.startswith("application/json"):
            return None
        if len(body) > LARGEST_BODY:
            raise Bad(500, self._plain_error(request, 500, ""))
        try:
            return json.loads(body or b"{}")
        except ValueError:
            raise Bad(400, self._plain_error(request, 400, "Unexpected token, not valid JSON")) from None

    def _plain_error(self, request: Request, status: int, message: str) -> dict[str, Any]:
        moment = stamp(self.shop.clock.now())
        path = "/admin-api/" if self.admin else "/shop-api/"
        return {"statusCode": status, "message": message, "timestamp": moment, "path": path}

    def _document(self, asked: dict[str, Any]) -> Document:
        text = asked["query"]
        if text in self.prepared:
            return self.prepared[text]
        try:
            document = parse_document(text)
        except SyntaxFault as fault:
            raise Bad(400, _graphql_400(str(fault), "GRAPHQL_PARSE_FAILED", (fault.place,))) from None
        if faults := faults_of(self.schema, document):
            errors = [
                _graphql_400(fault.message, "GRAPHQL_VALIDATION_FAILED", fault.places)["errors"][0]
                for fault in faults
            ]
            raise Bad(400, {"errors": errors})
        if len(self.prepared) >= _PREPARED_MOST:
            self.prepared.clear()
        self.prepared[text] = document
        return document

    def _answer(
        self, request: Request, document: Document, operation: Operation, given: dict[str, Any]
    ) -> Response:
        try:
            variables = variables_of(self.schema, operation, given)
        except VariableFault as fault:
            error = _error(str(fault), (fault.place,)) | {"extensions": {"code": "BAD_USER_INPUT"}}
            return _json({"errors": [error]}, 200)
        call = self._call(request)
        run = Execution(self.schema, self.resolvers, document, variables, call, typename)
        data = run.run(operation)
        body = {"errors": run.errors, "data": data} if run.errors else {"data": data}
        response = _json(body, 200)
        if call.opened:
            response.headers["vendure-auth-token"] = call.opened.token
        return response

    def _call(self, request: Request) -> Call:
        given = request.headers.get("authorization", "")
        session = self.door.session(given[7:] if given.lower().startswith("bearer ") else None)
        known = bool(session and session.administrator) or (
            self.admin and self.door.knows_key(request.headers.get("vendure-api-key"))
        )
        return Call(self.shop, self.door, session, known and self.admin, self.most)


def _operation(document: Document, name: str | None) -> Operation:
    if name is None and len(document.operations) > 1:
        message = "Must provide operation name if query contains multiple operations."
        raise Bad(400, _graphql_400(message, "OPERATION_RESOLUTION_FAILURE", ()))
    found = [each for each in document.operations if name in (None, each.name)]
    if not found:
        message = f'Unknown operation named "{name}".'
        raise Bad(400, _graphql_400(message, "OPERATION_RESOLUTION_FAILURE", ()))
    return found[0]


def _plain(message: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}


def _error(message: str, places: tuple[Place, ...]) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message}
    if places:
        error["locations"] = [{"line": line, "column": column} for line, column in places]
    return error


def _graphql_400(message: str, code: str, places: tuple[Place, ...]) -> dict[str, Any]:
    return {"errors": [_error(message, places) | {"extensions": {**_HTTP_400, "code": code}}]}


def _json(body: dict[str, Any], status: int) -> Response:
    headers = {"cache-control": "no-store", "content-type": "application/json; charset=utf-8"}
    return JSONResponse(body, status, headers=headers)


def app(shop: Shop, door: Doorkeeper) -> Starlette:
    """The shop's two APIs as one ASGI application."""
    back = Api(shop, door, admin.SCHEMA, admin.RESOLVERS, admin.MOST, admin=True)
    front = Api(shop, door, shopping.SCHEMA, shopping.RESOLVERS, shopping.MOST, admin=False)
    methods = ["GET", "POST"]
    paths = {"/admin-api": back, "/admin-api/": back, "/shop-api": front, "/shop-api/": front}
    return Starlette(routes=[Route(path, api.__call__, methods=methods) for path, api in paths.items()])
