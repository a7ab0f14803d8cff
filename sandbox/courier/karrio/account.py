"""Carrier connections and webhooks of the account."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.courier.books import Courier
from sandbox.courier.karrio import checks, lists, shapes
from sandbox.courier.karrio.requests import body, mapping, text, texts
from sandbox.courier.records import Connection, Webhook
from sandbox.courier.refusals import Unavailable


class Account:
    """The routes of connections and webhooks."""

    def __init__(self, courier: Courier) -> None:
        self.courier = courier

    async def connections(self, request: Request) -> Response:
        """List the carrier accounts."""
        rows = list(self.courier.connections.values())[::-1]
        return JSONResponse(lists.page(request, rows, shapes.connection))

    async def connect(self, request: Request) -> Response:
        """Open a carrier account."""
        given = await body(request)
        checks.carrier(given, "carrier_id", "credentials")
        if not mapping(given["credentials"]).get("api_key"):
            raise checks.Invalid(f"api_key: {checks.REQUIRED}")
        row = self.courier.connect(
            str(given["carrier_name"]), str(given["carrier_id"]), active=given.get("active") is not False
        )
        row.config, row.metadata = mapping(given.get("config")), mapping(given.get("metadata"))
        return JSONResponse(shapes.connection(row), 201)

    async def one(self, request: Request) -> Response:
        """Read a carrier account."""
        return JSONResponse(shapes.connection(self._connection(request)))

    async def change(self, request: Request) -> Response:
        """Switch a carrier account on or off, or rename it."""
        row, given = self._connection(request), await body(request)
        row.active = bool(given.get("active", row.active))
        row.carrier_id = str(given.get("carrier_id", row.carrier_id))
        return JSONResponse(shapes.connection(row))

    async def remove(self, request: Request) -> Response:
        """Close a carrier account; the answer shows it as it was, without an id."""
        row = self._connection(request)
        del self.courier.connections[row.id]
        return JSONResponse(shapes.connection(row) | {"id": None})

    async def webhooks(self, request: Request) -> Response:
        """List the webhooks."""
        rows = list(self.courier.webhooks.values())[::-1]
        return JSONResponse(lists.page(request, rows, shapes.webhook))

    async def add_webhook(self, request: Request) -> Response:
        """Add a webhook."""
        given = await body(request)
        checks.required(given, "url", "enabled_events")
        checks.webhook(str(given["url"]), texts(given["enabled_events"]))
        row = Webhook(
            id=self.courier.new_id("weh"),
            url=str(given["url"]),
            enabled_events=texts(given["enabled_events"]),
            secret=self.courier.new_id("whsec"),
            description=text(given.get("description")),
            disabled=bool(given.get("disabled")),
        )
        self.courier.webhooks[row.id] = row
        return JSONResponse(shapes.webhook(row), 201)

    async def webhook(self, request: Request) -> Response:
        """Read a webhook."""
        return JSONResponse(shapes.webhook(self._webhook(request)))

    async def remove_webhook(self, request: Request) -> Response:
        """Remove a webhook; the answer shows it as it was, without an id."""
        row = self._webhook(request)
        del self.courier.webhooks[row.id]
        return JSONResponse(shapes.webhook(row) | {"id": None})

    def _connection(self, request: Request) -> Connection:
        row = self.courier.connections.get(request.path_params["id"])
        if row is None:
            raise Unavailable("CarrierConnection not found")
        return row

    def _webhook(self, request: Request) -> Webhook:
        row = self.courier.webhooks.get(request.path_params["id"])
        if row is None:
            raise Unavailable("Webhook not found")
        return row
