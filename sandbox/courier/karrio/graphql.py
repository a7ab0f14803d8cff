"""The one question of Karrio's GraphQL interface that is played: who the key's user is, and since when.

Whatever the real server cannot answer here, a wrong key too, is its bare page of an internal error (500).
"""

import json
import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from sandbox.courier.books import Courier
from sandbox.courier.karrio.shipping import BROKEN

_WHO = re.compile(r"\s*(?:query\s*)?\{\s*user\s*\{([\w\s,]+)\}\s*\}\s*")


class Graphql:
    """The route `/graphql`."""

    def __init__(self, courier: Courier) -> None:
        joined = courier.clock.now().isoformat(timespec="microseconds")
        self._user = {"date_joined": joined, "email": "admin@example.com"}

    async def answer(self, request: Request, *, known: bool) -> Response:
        """Answer a document; `known` says whether the call bears a good key."""
        if request.method not in ("GET", "POST"):
            return PlainTextResponse("GraphQL only supports GET and POST requests.", 405)
        try:
            asked = json.loads(await request.body()) if request.method == "POST" else None
        except ValueError:
            return PlainTextResponse("Unable to parse request body as JSON", 400)
        query = asked.get("query") if isinstance(asked, dict) else None
        if isinstance(asked, dict) and not query:
            return PlainTextResponse("No GraphQL query found in the request", 400)
        names = self._names(query)
        if not known or not names:
            return HTMLResponse(BROKEN, 500)
        return JSONResponse({"data": {"user": {name: self._user[name] for name in names}}})

    def _names(self, query: object) -> list[str]:
        match = _WHO.fullmatch(query) if isinstance(query, str) else None
        names = match[1].replace(",", " ").split() if match else []
        return names if set(names) <= set(self._user) else []
