"""Serves one shop over HTTP as WooCommerce does: `/wp-json/` and `/wp-json/wc/v3/…`, generation 11.0 or 8.6.

How to open one for tests (the server runs in a thread of its own, the clients are plain and synchronous):

    from sandbox.storefront.woocommerce.builder import running
    from sandbox.storefront.woocommerce.rules import Generation, Rate, Rules

    rules = Rules(generation=Generation.V8, zone=ZoneInfo("Asia/Shanghai"), tracking=True,
                  rates=(Rate(1, Decimal("19"), "VAT", country="DE"),), prices_include_tax=True)
    with running(rules) as street:
        street.url                      # "http://127.0.0.1:PORT", the shop's home address
        street.keys.full                # Key(key="ck_…", secret="cs_…"); also .reader, .writer
        staff = street.staff            # signs with OAuth 1.0a; staff.get/post/put/delete("orders/7", …) -> JSON
        staff.add_product("MUG", price="19.99", units=10, **fields)             # its id
        staff.add_variable("TEE", {"TEE-S": "12", "TEE-M": "13"}, units=5)      # (parent's id, {sku: id})
        staff.buy({"MUG": 2, "TEE-S": 1}, status="processing", **fields)       # a paid order's id
        staff.stock("TEE-S"); staff.find("TEE-S")                              # the quantity shown; the record
        street.shop.clock.advance(60)   # the shop's clock stands still until it is moved
        street.deliver()                # sends the queued webhooks now; how many were sent

`Rules(tls=True)` plays a shop behind a proxy that ends TLS: Basic auth is then taken too. `Rules(home=…)` sets the
address that signatures are made over, where it is not the one that is called; `tls` alone says http or https.
`Rules(gateways=frozenset({"stripe"}))` names payment methods that refund by API. Refusals are WordPress's
`{"code", "message", "data"}`. Each request's effects are whole before the answer starts.
"""

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.storefront.woocommerce.answers import No, bad_json, nobody, not_an_object
from sandbox.storefront.woocommerce.books import WooShop
from sandbox.storefront.woocommerce.calls import Call, Query, Reply
from sandbox.storefront.woocommerce.discovery import index
from sandbox.storefront.woocommerce.door import Door, Knock
from sandbox.storefront.woocommerce.routes import Place, find, places
from sandbox.storefront.woocommerce.written import written

_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_PREFIX = "/wp-json"
_EXPOSED = "X-WP-Total, X-WP-TotalPages, Link"


def app(shop: WooShop, door: Door) -> Starlette:
    """The shop's API as one ASGI application."""
    known = places(shop.rules)

    async def endpoint(request: Request) -> Response:
        home = _home(shop, request)
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        query = Query.read(request.scope["query_string"])
        try:
            reply = _answer(shop, door, known, request, home, path, query, await request.body())
        except No as no:
            reply = Reply(no.body, no.status, no.headers)
        return _json(reply, home)

    return Starlette(routes=[Route("/{rest:path}", endpoint, methods=_VERBS)])


def _home(shop: WooShop, request: Request) -> str:
    scheme = "https" if shop.rules.tls else "http"
    called = f"{scheme}://{request.headers.get('host', 'localhost')}{request.scope.get('root_path', '')}"
    _, _, place = (shop.rules.home or called).rstrip("/").partition("://")
    return f"{scheme}://{place}"


def _answer(
    shop: WooShop,
    door: Door,
    known: list[Place],
    request: Request,
    home: str,
    path: str,
    query: Query,
    text: bytes,
) -> Reply:
    asked = query.get("rest_route")
    api = asked if asked is not None else path.removeprefix(_PREFIX)
    knock = Knock(
        request.method,
        home + path,
        query.pairs,
        request.headers.get("authorization", ""),
        tls=shop.rules.tls,
        api=asked is None and path.startswith(f"{_PREFIX}/"),
    )
    key = door.who(knock)
    if key is not None:
        key.may(request.method)
    shop.address = home
    api = "/" + api.strip("/")
    if api in ("/", "/wc/v3"):
        return Reply(index(shop, known, home, api))
    place, found = find(known, request.method, api)
    if key is None:
        raise nobody(request.method, place.pattern, one=bool(place.names & {"id"}))
    body = _body(text, request.headers.get("content-type", ""))
    ids = {name: int(value) for name, value in found.items() if value.isdigit()}
    call = Call(shop, query, body, ids, home, request.method, found)
    reply = place.acts[request.method](call)
    reply.headers.setdefault("allow", ", ".join(place.acts))
    return reply


def _body(text: bytes, kind: str) -> dict[str, Any]:
    if not text or "json" not in kind:
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        raise bad_json() from None
    if not isinstance(body, dict):
        raise not_an_object()
    return body


def _json(reply: Reply, home: str) -> Response:
    headers = {
        "content-type": "application/json; charset=UTF-8",
        "x-robots-tag": "noindex",
        "x-content-type-options": "nosniff",
        "access-control-expose-headers": _EXPOSED,
        "link": f'<{home}/wp-json/>; rel="https://api.w.org/"',
        "cache-control": "no-cache, must-revalidate, max-age=0, no-store, private",
        **reply.headers,
    }
    return Response(written(reply.body), reply.status, headers=headers)
