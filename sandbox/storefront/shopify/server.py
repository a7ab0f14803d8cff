"""Serves one shop over HTTP as Shopify does: the Admin GraphQL API of 2026-07, its tokens, its bulk results.

Open one, alone or in a world, and serve it (the shop's books, `door` its credentials):

    shop, door = opening.open_shop("shop", ledger=Ledger(clock), clock=clock, random=Random(1),
                                   terms=Terms("EUR", 2, prices_include_tax=True, tax_rate=19),
                                   locations=("Main WH", "Second WH"))
    async with listening(server.app(shop, door)) as port: ...   # sandbox.serving

In tests, by a thread of its own, with a client of the street (`builder`):

    with builder.running(Terms("EUR", 2, prices_include_tax=True, tax_rate=19)) as street:
        street.goods("SKU-1", {"1": 10, "2": 5}); street.buy({"SKU-1": 2}); street.ask("{ shop { name } }")

`door.static_token` goes into `X-Shopify-Access-Token`; `door.client_id` and `door.client_secret` are exchanged at
POST /admin/oauth/access_token (form or JSON, grant_type=client_credentials; also a code from GET
/admin/oauth/authorize?redirect_uri&state, and a refresh token), and `door.client_secret` signs the webhooks.
POST /admin/api/2026-07/graphql.json answers what `schema` holds. A token that is not known is HTTP 401; whatever is
wrong with the document, and a throttled call, is HTTP 200 with `errors`.

People in the street (not Shopify's; `street.py`), POST JSON, each answers JSON:

    /street/products   {"title", "variants": [{"sku", "price": "12.50", "units": {"1": 10, "2": 5}, "option": "M",
                        "compare_at": "15.00"}], "published": true} or one variant flat ("sku", "price", "units")
                        → {"product", "variants": [{"sku", "variant", "item"}], "locations"}
    /street/stock      {"sku", "location": "1", "on_hand": 7}             staff count by hand
    /street/coupons    {"code", "percent", "free_shipping": false}
    /street/buy        {"lines": [{"sku", "quantity"}], "buyer": {"first", "last", "email", "phone", "address1",
                        "city", "zip", "country", "company"}, "coupon", "pay": true (false: only authorised),
                        "gift_card": "5.00" (pays first), "channel_liable": false (the channel owes the tax)}
                        → {"order", "name", "lines": [{"sku", "line"}]}; 409 where the shop has not enough
    /street/pay        {"order"}                                          an authorised payment is captured
    /street/cancel     {"order", "lines": [{"sku", "quantity"}] (absent: all)}   by the shop's own staff
    /street/return     {"order", "lines": [{"sku", "quantity"}], "reason": "DEFECTIVE", "note"}
                        → {"return"}; what was not fulfilled cannot come back (409)
    /street/hide       {"order", "back": false}                           an order vanishes, or is back
    /street/hold       {"order", "reason": "OTHER" (absent: released)}    what is left must not leave
    /street/levers     {"bulk": "fail" | "partial" | "run", "webhooks": ["twice", "backwards", "lost"],
                        "token_seconds": 60, "bucket": 2000, "restore": 100, "job_seconds", "bulk_seconds",
                        "search_seconds", "retry_seconds": [..], "scopes": [..], "expire_tokens": true,
                        "new_token": true, "forget_keys": true}
    /street/post       {}   deliver what is due now → {"waiting", "delivered", "failed"}

Ids in and out are Shopify's (`gid://shopify/Order/12`). Locations are 1, 2, … in the order in which they were opened.
Webhooks go to https addresses, and here also to http://127.0.0.1 and http://localhost.
"""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.storefront.shopify import faults_shown
from sandbox.storefront.shopify.books import ShopifyShop
from sandbox.storefront.shopify.bulk import BulkDesk
from sandbox.storefront.shopify.calls import Call
from sandbox.storefront.shopify.cost import DEAREST, Bucket, Meter
from sandbox.storefront.shopify.deliveries import VERSION, Postman
from sandbox.storefront.shopify.doors import Denied, Door
from sandbox.storefront.shopify.once import Keyed, Memory, without_keys
from sandbox.storefront.shopify.resolvers import RESOLVERS, typename
from sandbox.storefront.shopify.schema import SCHEMA
from sandbox.storefront.shopify.street import Street
from sandbox.storefront.vendure.graphql.execution import Execution, VariableFault, variables_of
from sandbox.storefront.vendure.graphql.nodes import Document, Operation
from sandbox.storefront.vendure.graphql.syntax import parse_document
from sandbox.storefront.vendure.graphql.tokens import SyntaxFault
from sandbox.storefront.vendure.graphql.validation import faults_of

_PREPARED_MOST = 200
_STRANGER = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_LIMITS = "https://shopify.dev/api/usage/rate-limits"


class Bad(Exception):
    """The document cannot be executed: the errors that say so."""

    def __init__(self, *errors: dict[str, Any]) -> None:
        super().__init__(len(errors))
        self.errors = list(errors)


@dataclass(slots=True)
class Desk:
    """What a shop keeps beside its books while it is served."""

    bulk: BulkDesk
    post: Postman


@dataclass(slots=True)
class Api:
    """The Admin API of one shop."""

    shop: ShopifyShop
    door: Door
    desk: Desk
    bucket: Bucket
    memory: Memory = field(default_factory=Memory)
    prepared: dict[str, Keyed] = field(default_factory=dict)

    async def graphql(self, request: Request) -> Response:
        """POST /admin/api/2026-07/graphql.json."""
        body = await request.body()
        self.shop.agenda.run_due()
        if not self.door.knows(request.headers.get("x-shopify-access-token")):
            return _json({"errors": _STRANGER}, 401)
        try:
            asked = json.loads(body)
        except ValueError:
            return _json({"errors": "Bad Request"}, 400)
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        base = f"{str(request.base_url).rstrip('/')}"
        try:
            return _json(self._answer(asked, base), 200)
        except Bad as bad:
            return _json({"errors": bad.errors}, 200)

    def _answer(self, asked: dict[str, Any], base: str) -> dict[str, Any]:
        keyed = self._document(asked["query"])
        operation = _operation(keyed.document, asked.get("operationName"))
        given = asked.get("variables") or {}
        try:
            variables = variables_of(SCHEMA, operation, given)
        except VariableFault as fault:
            raise Bad(faults_shown.variable_error(fault, operation, given)) from None
        meter = Meter(SCHEMA, keyed.document, variables)
        requested = meter.requested(operation)
        if refused := self._too_dear(requested):
            return refused
        call = Call(self.shop, self.door, base, self.memory, self.desk, keys=keyed.filled(variables))
        run = Execution(SCHEMA, RESOLVERS, keyed.document, variables, call, typename)
        data = run.run(operation)
        actual = min(requested, meter.actual(operation, data))
        cost = {"requestedQueryCost": requested, "actualQueryCost": actual}
        extensions: dict[str, Any] = {
            "cost": cost | {"throttleStatus": self.bucket.shown(self.bucket.spend(actual))}
        }
        if call.notes:
            extensions["search"] = call.notes
        answer: dict[str, Any] = {"data": data, "extensions": extensions}
        return {"errors": faults_shown.field_errors(run.errors), **answer} if run.errors else answer

    def _too_dear(self, requested: int) -> dict[str, Any] | None:
        """The answer to a call that costs more than any may, or than the bucket has now."""
        available = self.bucket.available()
        if requested > DEAREST:
            text = f"Query cost is {requested}, which exceeds the single query max cost limit ({DEAREST})."
            facts = {
                "code": "MAX_COST_EXCEEDED",
                "cost": requested,
                "maxCost": DEAREST,
                "documentation": _LIMITS,
            }
            error = {"message": text, "extensions": facts}
        elif requested > available:
            self.bucket.refused += 1
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS}}
        else:
            return None
        cost = {"requestedQueryCost": requested, "actualQueryCost": None}
        return {
            "errors": [error],
            "extensions": {"cost": cost | {"throttleStatus": self.bucket.shown(available)}},
        }

    def _document(self, text: str) -> Keyed:
        if text in self.prepared:
            return self.prepared[text]
        try:
            keyed = without_keys(parse_document(text))
        except SyntaxFault as fault:
            raise Bad(faults_shown.syntax_error(fault)) from None
        unused = {f'Variable "${name}" is never used.' for name in keyed.variables}
        faults = [fault for fault in faults_of(SCHEMA, keyed.document) if fault.message not in unused]
        if faults:
            first = keyed.document.operations[0]
            raise Bad(*faults_shown.document_errors(faults, f"{first.kind} {first.name or ''}".strip()))
        if len(self.prepared) >= _PREPARED_MOST:
            self.prepared.clear()
        self.prepared[text] = keyed
        return keyed

    async def token(self, request: Request) -> Response:
        """POST /admin/oauth/access_token."""
        body = (await request.body()).decode(errors="replace")
        try:
            asked = json.loads(body) if body.lstrip().startswith("{") else dict(parse_qsl(body))
            return _json(self.door.grant({str(key): str(value) for key, value in asked.items()}), 200)
        except Denied as denied:
            return _json({"error": str(denied), "error_description": denied.description}, 400)
        except ValueError:
            return _json({"error": "invalid_request"}, 400)

    async def authorise(self, request: Request) -> Response:
        """GET /admin/oauth/authorize: the merchant says yes at once."""
        asked = request.query_params
        if asked.get("client_id") != self.door.client_id or not asked.get("redirect_uri"):
            return _json({"error": "invalid_request"}, 400)
        to = self.door.authorise(self.desk.post.domain, asked["redirect_uri"], asked.get("state", ""))
        return RedirectResponse(to, 302)

    async def result(self, request: Request) -> Response:
        """GET /bulk/….jsonl: a bulk operation's file."""
        found = self.desk.bulk.files.get(request.path_params["token"])
        if found is None:
            return Response("", 404)
        return Response(found, media_type="application/jsonl")

    async def staged(self, request: Request) -> Response:
        """PUT or POST /staged/…: a file that a product will name."""
        await request.body()
        return Response("", 201)


def _operation(document: Document, name: str | None) -> Operation:
    found = [each for each in document.operations if name in (None, each.name)]
    if name is None and len(document.operations) > 1:
        raise Bad({"message": "An operation name is required"})
    if not found:
        raise Bad({"message": f'No operation named "{name}"'})
    return found[0]


def _json(body: dict[str, Any], status: int) -> Response:
    headers = {
        "content-type": "application/json; charset=utf-8",
        "x-shopify-api-version": VERSION,
        "x-request-id": str(uuid.uuid4()),
    }
    return JSONResponse(body, status, headers=headers)


async def _no_such_version(_: Request) -> Response:
    return _json({"errors": "Not Found"}, 404)


def app(shop: ShopifyShop, door: Door) -> Starlette:
    """The shop as one ASGI application."""

    def execute(
        document: Document, operation: Operation, call: Call
    ) -> tuple[dict[str, Any] | None, list[Any]]:
        run = Execution(SCHEMA, RESOLVERS, document, {}, call, typename)
        return run.run(operation), run.errors

    post = Postman(shop, door, f"{shop.name}.myshopify.com")
    shop.announce = post.announce
    api = Api(shop, door, Desk(BulkDesk(shop, SCHEMA, execute), post), Bucket(shop.clock.seconds))
    street = Street(shop, door, api.desk.bulk, post, api.bucket, api.memory)
    routes = [
        Route(f"/admin/api/{VERSION}/graphql.json", api.graphql, methods=["POST"]),
        Route("/admin/api/{version}/graphql.json", _no_such_version, methods=["POST"]),
        Route("/admin/oauth/access_token", api.token, methods=["POST"]),
        Route("/admin/oauth/authorize", api.authorise, methods=["GET"]),
        Route("/bulk/{token}.jsonl", api.result, methods=["GET"]),
        Route("/staged/{rest:path}", api.staged, methods=["PUT", "POST"]),
    ]
    return Starlette(routes=[*routes, *street.routes()])
