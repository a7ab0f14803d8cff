"""Shipments, their labels, pickups and manifests."""

import base64

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from sandbox.courier.books import Courier
from sandbox.courier.karrio import checks, lists, shapes
from sandbox.courier.karrio.requests import body, mapping, text, texts
from sandbox.courier.labels import label
from sandbox.courier.records import Json, Pickup, Shipment, ShipmentStatus
from sandbox.courier.refusals import Unavailable

BROKEN = (
    '\n<!doctype html>\n<html lang="en">\n<head>\n  <title>Server Error (500)</title>\n</head>\n<body>\n'
    "  <h1>Server Error (500)</h1><p></p>\n</body>\n</html>\n"
)


class Shipping:
    """The routes of shipments, pickups and manifests."""

    def __init__(self, courier: Courier) -> None:
        self.courier = courier

    async def all(self, request: Request) -> Response:
        """List shipments."""
        rows = lists.shipments(self.courier.shipments.values(), request.query_params)
        return JSONResponse(lists.page(request, rows, shapes.shipment))

    async def create(self, request: Request) -> Response:
        """Make a draft with rates or, with `service`, buy at once."""
        given = await body(request)
        checks.shipment(given)
        row = self._draft(given)
        service = text(given.get("service"))
        if service:
            self.courier.buy(row, service=service)
        self.courier.shipments[row.id] = row
        return JSONResponse(shapes.shipment(row, documents=True), 201)

    async def one(self, request: Request) -> Response:
        """Read a shipment."""
        return JSONResponse(shapes.shipment(self._shipment(request)))

    async def change(self, request: Request) -> Response:
        """Change a draft; once the label is bought not even the metadata can be changed."""
        row, given = self._shipment(request), await body(request)
        self.courier.must_be_draft(row)
        row.metadata |= mapping(given.get("metadata"))
        row.options |= mapping(given.get("options"))
        row.reference = text(given["reference"]) if "reference" in given else row.reference
        return JSONResponse(shapes.shipment(row))

    async def rates(self, request: Request) -> Response:
        """Ask for fresh rates."""
        row, given = self._shipment(request), await body(request)
        self.courier.must_be_draft(row)
        connections = self.courier.carriers(texts(given.get("carrier_ids")) or row.carrier_ids)
        row.rates = self.courier.rate(row.parcels, connections, texts(given.get("services")) or row.services)
        return JSONResponse(shapes.shipment(row))

    async def purchase(self, request: Request) -> Response:
        """Buy a draft's label."""
        row, given = self._shipment(request), await body(request)
        rate, service = text(given.get("selected_rate_id")), text(given.get("service"))
        if row.status is ShipmentStatus.DRAFT and not rate and not service:
            raise checks.Invalid(
                "Either 'selected_rate_id' or 'service' must be provided.", code="validation_error"
            )
        if given.get("reference"):
            row.reference = text(given["reference"])
        self.courier.buy(row, rate_id=rate, service=service)
        return JSONResponse(shapes.shipment(row, documents=True))

    async def cancel(self, request: Request) -> Response:
        """Void a shipment; a repeat answers 202."""
        row = self.courier.shipments.get(request.path_params["id"])
        if row is None:
            raise Unavailable("Resource not found")
        voided = self.courier.cancel(row)
        return JSONResponse(shapes.shipment(row), 200 if voided else 202)

    async def document(self, request: Request) -> Response:
        """The label as base64 in JSON."""
        row = self._shipment(request)
        kind = request.path_params["kind"]
        if kind != "label" or row.selected is None:
            text = f"Shipment '{row.id}' not found or has no {kind}"
            return JSONResponse({"errors": [{"message": text}]}, 404)
        return JSONResponse(shapes.document(row, content=True) | {"print_format": None})

    async def label(self, request: Request) -> Response:
        """The label as a file; a shipment without one breaks the server."""
        row = self.courier.shipments.get(request.path_params["id"])
        if row is None or row.selected is None:
            return HTMLResponse(BROKEN, 500)
        return Response(label(str(row.tracking_number)), media_type="application/pdf")

    async def proxy_rates(self, request: Request) -> Response:
        """Rates without a shipment."""
        given = await body(request)
        checks.shipment(given)
        connections = self.courier.carriers(texts(given.get("carrier_ids")))
        offers = self.courier.rate(self._parcels(given), connections, texts(given.get("services")))
        return JSONResponse({"messages": [], "rates": [shapes.rate(offer) for offer in offers]})

    async def manifest(self, request: Request) -> Response:
        """A list of shipments for the driver."""
        given = await body(request)
        checks.carrier(given, "address", "shipment_identifiers")
        connection = self.courier.carriers(carrier_name=str(given["carrier_name"]))[0]
        lines = "\n".join(texts(given["shipment_identifiers"])).encode()
        manifest: Json = {
            "id": self.courier.new_id("manf"),
            "object_type": "manifest",
            "carrier_name": connection.carrier_name,
            "carrier_id": connection.carrier_id,
            "doc": {"manifest": base64.b64encode(lines).decode()},
            "meta": {"ext": connection.carrier_name},
            "test_mode": False,
        }
        return JSONResponse({"messages": [], "manifest": manifest})

    async def manifests(self, request: Request) -> Response:
        """No manifest is ever kept."""
        return JSONResponse(lists.page(request, [], shapes.shipment))

    async def broken_manifest(self, request: Request) -> Response:
        """The aggregator's own way to make a manifest does not work in this version."""
        error = {"level": "error", "message": "Object of type Address is not JSON serializable"}
        return JSONResponse({"errors": [error]}, 500)

    async def pickups(self, request: Request) -> Response:
        """List collections."""
        rows = list(self.courier.pickups.values())[::-1]
        return JSONResponse(lists.page(request, rows, shapes.pickup))

    async def order_pickup(self, request: Request) -> Response:
        """Order a collection of labelled shipments, or of so many parcels."""
        given = await body(request)
        checks.required(given, "pickup_date", "ready_time", "closing_time")
        numbers = texts(given.get("tracking_numbers"))
        shipments = self._collected(numbers)
        if not shipments and not given.get("parcels_count"):
            raise checks.Invalid(
                "non_field_errors: At least one of tracking_numbers or parcels_count must be provided"
            )
        connection = self.courier.carriers(carrier_name=text(given.get("carrier_code")))[0]
        address = given.get("address") or (shipments[0].shipper if shipments else None)
        count = given.get("parcels_count")
        row = Pickup(
            id=self.courier.new_id("pck"),
            carrier_name=connection.carrier_name,
            carrier_id=connection.carrier_id,
            confirmation_number=f"PU{self.courier.random.randrange(10**6):06d}",
            pickup_date=str(given["pickup_date"]),
            ready_time=str(given["ready_time"]),
            closing_time=str(given["closing_time"]),
            address=checks.complete_address(address, None),
            parcels=[parcel for shipment in shipments for parcel in shipment.parcels],
            shipments=[shipment.id for shipment in shipments],
            request_id=self.courier.new_id("req"),
            parcels_count=count if isinstance(count, int) else None,
            instruction=text(given.get("instruction")),
            package_location=text(given.get("package_location")),
            options=mapping(given.get("options")),
            metadata=mapping(given.get("metadata")),
        )
        self.courier.pickups[row.id] = row
        return JSONResponse(shapes.pickup(row), 201)

    async def pickup(self, request: Request) -> Response:
        """Read a collection."""
        return JSONResponse(shapes.pickup(self._pickup(request, "Pickup not found")))

    async def cancel_pickup(self, request: Request) -> Response:
        """Cancel a collection; a repeat answers 409."""
        row = self._pickup(request, "Resource not found")
        status = 409 if row.status == "cancelled" else 200
        row.status = "cancelled"
        return JSONResponse(shapes.pickup(row), status)

    def _draft(self, given: Json) -> Shipment:
        courier, now = self.courier, self.courier.clock.now()
        carriers = courier.carriers(texts(given.get("carrier_ids")))
        service = text(given.get("service"))
        services = [service] if service else texts(given.get("services"))
        parcels = self._parcels(given)
        options = {"shipping_date": f"{now:%Y-%m-%dT%H:%M}", "shipment_date": f"{now:%Y-%m-%d}"}
        payment: Json = {"paid_by": "sender", "currency": None, "account_number": None}
        return Shipment(
            id=courier.new_id("shp"),
            created_at=now,
            shipper=checks.complete_address(given["shipper"], self._address_id),
            recipient=checks.complete_address(given["recipient"], self._address_id),
            parcels=parcels,
            carrier_ids=texts(given.get("carrier_ids")),
            services=services,
            options={**mapping(given.get("options")), **options},
            payment=payment | mapping(given.get("payment")),
            reference=text(given.get("reference")),
            order_id=text(given.get("order_id")),
            metadata=mapping(given.get("metadata")),
            label_type=str(given.get("label_type") or "PDF"),
            request_id=courier.new_id("req"),
            rates=courier.rate(parcels, carriers, services),
            customs=mapping(given.get("customs")) or None,
        )

    def _parcels(self, given: Json) -> list[Json]:
        parcels = given["parcels"] if isinstance(given["parcels"], list) else []
        return [checks.complete_parcel(parcel, self.courier.new_id("pcl", 12)) for parcel in parcels]

    def _address_id(self) -> str:
        return self.courier.new_id("adr", 12)

    def _collected(self, numbers: list[str]) -> list[Shipment]:
        found = {number: self.courier.by_number(number) for number in numbers}
        if missing := [number for number, row in found.items() if row is None]:
            text = f"tracking_numbers: Shipment with the tracking numbers: {missing} not found"
            raise checks.Invalid(text)
        rows = {number: row for number, row in found.items() if row is not None}
        if waiting := [number for number, row in rows.items() if self.courier.pickup_of(row)]:
            text = f"tracking_numbers: The following shipments {waiting} are already scheduled for pickups"
            raise checks.Invalid(text)
        return list(rows.values())

    def _shipment(self, request: Request) -> Shipment:
        row = self.courier.shipments.get(request.path_params["id"])
        if row is None:
            raise Unavailable("Shipment not found")
        return row

    def _pickup(self, request: Request, missing: str) -> Pickup:
        row = self.courier.pickups.get(request.path_params["id"])
        if row is None:
            raise Unavailable(missing)
        return row
