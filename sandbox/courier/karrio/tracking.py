"""Trackers, and the carrier's own answers behind them."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.courier.books import Courier
from sandbox.courier.karrio import checks, lists, shapes
from sandbox.courier.karrio.requests import body, mapping, text
from sandbox.courier.records import Tracker
from sandbox.courier.refusals import Unavailable


class Tracking:
    """The routes of trackers."""

    def __init__(self, courier: Courier) -> None:
        self.courier = courier

    async def all(self, request: Request) -> Response:
        """List trackers."""
        rows = lists.trackers(self.courier.trackers.rows.values(), request.query_params)
        return JSONResponse(lists.page(request, rows, shapes.tracker))

    async def add(self, request: Request) -> Response:
        """Follow a number, or ask the carrier again."""
        given = await body(request)
        checks.carrier(given, "tracking_number")
        pending = request.query_params.get("pending_pickup", "").lower() == "true"
        return self._follow(str(given["carrier_name"]), str(given["tracking_number"]), pending=pending)

    async def add_by_path(self, request: Request) -> Response:
        """The same by a GET, as old clients do."""
        return self._follow(request.path_params["carrier"], request.path_params["number"], pending=False)

    async def one(self, request: Request) -> Response:
        """Read a tracker by its id or number: what the aggregator knows, not what the carrier does."""
        return JSONResponse(shapes.tracker(self._tracker(request)))

    async def change(self, request: Request) -> Response:
        """Change a tracker's metadata."""
        row, given = self._tracker(request), await body(request)
        row.metadata |= mapping(given.get("metadata"))
        return JSONResponse(shapes.tracker(row))

    async def remove(self, request: Request) -> Response:
        """Delete a tracker."""
        row = self._tracker(request)
        self.courier.trackers.forget(row)
        return JSONResponse(shapes.tracker(row) | {"id": None})

    async def inject(self, request: Request) -> Response:
        """Tell a tracker of events that the carrier never heard of; only a status that is given moves it."""
        row = self.courier.trackers.rows.get(request.path_params["id"])
        if row is None:
            raise Unavailable("Tracking not found")
        given = await body(request)
        arrived = checks.injection(given)
        delivered = True if given.get("delivered") else None
        self.courier.trackers.update(row, arrived, text(given.get("status")), delivered)
        return JSONResponse({"operation": "Inject Tracking Events", "success": True})

    async def proxy(self, request: Request) -> Response:
        """What the carrier says now; no tracker learns of it."""
        given = await body(request)
        checks.carrier(given, "tracking_number")
        connection = self.courier.carriers(carrier_name=str(given["carrier_name"]))[0]
        number = str(given["tracking_number"])
        found = self.courier.trackers.look_up(number)
        if found is None:
            raise self.courier.trackers.unknown_number(connection, number)
        answer = shapes.live(connection, number, found, self.courier.new_id("trk"))
        return JSONResponse({"messages": [], "tracking": answer})

    def _follow(self, carrier_name: str, number: str, *, pending: bool) -> Response:
        connection = self.courier.carriers(carrier_name=carrier_name)[0]
        row = self.courier.trackers.follow(connection, number, pending=pending)
        return JSONResponse(shapes.tracker(row), 202)

    def _tracker(self, request: Request) -> Tracker:
        row = self.courier.trackers.find(request.path_params["id"])
        if row is None:
            raise Unavailable("Tracking not found")
        return row
