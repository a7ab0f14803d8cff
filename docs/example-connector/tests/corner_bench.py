"""The bench of the conformance kit: how the connector is opened, and the levers of its shop."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import httpx
from entrepot_cornershop import MANIFEST, OPTIONS, open_connector
from server import BUYER, KEY, STREET, Books, app

from connectors.conformance import Bench, Connector, Wire
from connectors.contract import ConfirmShipment, SetQuantity, ToldParcel
from connectors.transport import Secret, Setup
from sync.domain.clock import SystemClock


class CornerBench(Bench):
    """A shop of this bench alone."""

    manifest = MANIFEST
    secret = KEY
    personal = (BUYER, STREET)
    many = 7

    def __init__(self) -> None:
        self.books = Books()
        self.old = [self.books.add_product() for _ in range(8)]

    def wire(self) -> Wire:
        return Wire(httpx.ASGITransport(app(self.books)))

    def setup(self, wire: Wire, secret: str) -> Setup:
        """One account of the shop, with small pages."""
        options = OPTIONS(url="http://corner.test", page_items=3)
        return Setup("corner", options, Secret(secret), SystemClock(), ZoneInfo("UTC"), http=wire)

    def open(self, wire: Wire, *, secret: str) -> Connector:
        return open_connector(self.setup(wire, secret))

    async def arguments(self, method: str) -> tuple[object, ...]:
        match method:
            case "order":
                return (self.books.sell(),)
            case "set_quantities":
                return ([SetQuantity(self.books.add_product(), units) for units in (4, 5)],)
            case "confirm_shipment":
                order = self.books.sell(2)
                parcels = tuple(ToldParcel(f"T-{order}-{n}", "DHL", (("1", 1),)) for n in (1, 2))
                return (ConfirmShipment(f"confirm:{order}", order, parcels),)
        raise AssertionError(method)

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        make = self.books.sell if feed == "orders" else self.books.add_product
        return [make() for _ in range(number)]

    async def shift(self, feed: str) -> None:
        """An old product is deleted; of orders, one comes."""
        if feed == "products" and self.old:
            self.books.products.pop(int(self.old.pop(0)))
        else:
            await super().shift(feed)

    def mark(self, feed: str, key: str) -> str:
        return f"N-{key}" if feed == "orders" else f"C-{key}"

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (request,) = arguments
        if not isinstance(request, ConfirmShipment):
            raise TypeError(method)
        told = [each["tracking"] for each in self.books.shipments]
        counts = {told.count(parcel.tracking) for parcel in request.parcels}
        return max(counts)

    async def quantity(self, variant: str) -> int:
        return int(self.books.products[int(variant)]["stock"])
