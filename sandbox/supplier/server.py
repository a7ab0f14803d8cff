"""The supplier's file server: documents with ETag and Last-Modified, and orders by PUT or POST.

A request without the key, as Bearer token or as the password of `shop`, is 401. A PUT that says `If-None-Match: *`
is 412 where the order is there already. A POST makes another order each time; `/placed/REFERENCE` says whether
there is one.
"""

import hmac
from base64 import b64encode
from email.utils import format_datetime, parsedate_to_datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.supplier.postbox import Document, Postbox


def app(postbox: Postbox, *, key: str) -> Starlette:
    """The ASGI application of one supplier's server."""

    async def document(request: Request) -> Response:
        if not _may(request, key):
            return Response(status_code=401)
        found = postbox.documents.get(request.path_params["name"])
        if found is None:
            return Response("not found", 404)
        headers = {"etag": found.etag, "last-modified": format_datetime(found.at, usegmt=True)}
        if _unchanged(request, found):
            return Response(status_code=304, headers=headers)
        return Response(found.body, headers=headers, media_type="text/plain")

    async def order(request: Request) -> Response:
        if not _may(request, key):
            return Response(status_code=401)
        name = request.path_params["name"]
        there = name in postbox.incoming
        if request.method == "GET":
            return Response(postbox.incoming[name]) if there else Response(status_code=404)
        if there and request.headers.get("if-none-match") == "*":
            return Response(status_code=412)
        postbox.incoming[name] = await request.body()
        return Response(status_code=204 if there else 201)

    async def post(request: Request) -> Response:
        if not _may(request, key):
            return Response(status_code=401)
        name = f"post-{len(postbox.incoming) + 1}.csv"
        postbox.incoming[name] = await request.body()
        return Response(status_code=201)

    async def placed(request: Request) -> Response:
        if not _may(request, key):
            return Response(status_code=401)
        reference = request.path_params["reference"]
        found = any(f"\n{reference},".encode() in body for body in postbox.incoming.values())
        return Response(reference) if found else Response(status_code=404)

    return Starlette(
        routes=[
            Route("/orders", post, methods=["POST"]),
            Route("/placed/{reference:path}", placed, methods=["GET"]),
            Route("/orders/{name}", order, methods=["GET", "PUT"]),
            Route("/{name}", document, methods=["GET"]),
        ]
    )


def _may(request: Request, key: str) -> bool:
    given = request.headers.get("authorization", "")
    basic = b64encode(f"shop:{key}".encode()).decode()
    return any(
        hmac.compare_digest(given.encode(), right.encode()) for right in (f"Bearer {key}", f"Basic {basic}")
    )


def _unchanged(request: Request, document: Document) -> bool:
    if tag := request.headers.get("if-none-match"):
        return tag == document.etag
    since = request.headers.get("if-modified-since")
    return bool(since) and document.at.replace(microsecond=0) <= parsedate_to_datetime(str(since))
