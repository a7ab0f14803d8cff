"""What comes in: announced deliveries and returns, and what arrived of them.

Both are drafts of a shipment that the warehouse's people receive. Tryton recognises no repeat, so each is
looked up by its reference before it is made.
"""

from datetime import datetime, timedelta

from connectors.contract import (
    Deadline,
    InboundRequest,
    Outcome,
    Page,
    Receipt,
    Refused,
    ReturnAnnouncement,
)
from connectors.transport import Setup
from connectors.warehouse.tryton import cursors, goods
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.feed import LOOK_BACK, ChangeFeed, translated
from connectors.warehouse.tryton.once import Once
from connectors.warehouse.tryton.payloads import Incoming, Json, wrapped_date
from connectors.warehouse.tryton.places import Places, Site
from connectors.warehouse.tryton.translate import receipt

DELIVERY = "stock.shipment.in"
RETURN = "stock.shipment.out.return"
FIELDS = (
    *("reference", "state", "create_date", "write_date"),
    *("incoming_moves.product.code", "incoming_moves.internal_quantity", "incoming_moves.state"),
)


class Inbound:
    """The inbound side of one warehouse."""

    def __init__(self, client: Client, places: Places, setup: Setup, size: int, overlap: timedelta) -> None:
        self._client = client
        self._places = places
        self._setup = setup
        self._size = size
        self._overlap = overlap

    async def announce_delivery(self, request: InboundRequest, deadline: Deadline) -> Outcome[None]:
        """A supplier's delivery that is on its way. Its goods come in at their present cost price."""
        return await Once(self._client, DELIVERY, request.reference).make(
            lambda: self._delivery(request, deadline), deadline
        )

    async def announce_return(self, request: ReturnAnnouncement, deadline: Deadline) -> Outcome[None]:
        """Goods that a buyer sends back."""
        return await Once(self._client, RETURN, request.reference).make(
            lambda: self._return(request, deadline), deadline
        )

    async def deliveries(self, cursor: str | None, deadline: Deadline) -> Page[Receipt]:
        """What suppliers delivered, whole for each delivery that changed."""
        return await self._receipts(DELIVERY, cursor, deadline)

    async def returns(self, cursor: str | None, deadline: Deadline) -> Page[Receipt]:
        """What buyers sent back, whole for each return that changed."""
        return await self._receipts(RETURN, cursor, deadline)

    async def _receipts(self, model: str, cursor: str | None, deadline: Deadline) -> Page[Receipt]:
        site = await self._places.site(deadline)
        domain: list[Json] = [
            ["company", "=", site.company],
            ["warehouse", "=", site.warehouse],
            ["reference", "!=", None],
            ["state", "in", ["received", "done"]],
        ]
        feed = ChangeFeed(model, domain, FIELDS, self._size, self._overlap)
        begun = self._setup.clock.now() - LOOK_BACK
        place = cursors.read_changes(cursor) or cursors.Changes.from_moment(begun)
        return translated(await feed.read(self._client, place, deadline), Incoming, receipt)

    async def _delivery(self, request: InboundRequest, deadline: Deadline) -> dict[str, Json]:
        site = await self._places.site(deadline)
        supplier = await self._places.party(request.supplier, deadline)
        if supplier.supplier_location is None:
            raise Refused("the supplier party has no supplier location in Tryton", code="no_location")
        source = supplier.supplier_location
        way = goods.Way(site.company, source, site.input, currency=site.currency, at_cost=True)
        return {
            **self._record(site, request.reference, request.expected_at),
            "supplier": supplier.id,
            "incoming_moves": await goods.moves(self._client, request.lines, way, deadline),
        }

    async def _return(self, request: ReturnAnnouncement, deadline: Deadline) -> dict[str, Json]:
        site, customer = await self._places.site(deadline), await self._places.customer(deadline)
        way = goods.Way(site.company, customer.location, site.input, currency=site.currency)
        return {
            **self._record(site, request.reference, None),
            "customer": customer.party,
            "incoming_moves": await goods.moves(self._client, request.lines, way, deadline),
        }

    def _record(self, site: Site, reference: str, expected: datetime | None) -> dict[str, Json]:
        day = (expected or self._setup.clock.now()).astimezone(self._setup.zone).date()
        return {
            "company": site.company,
            "reference": reference.strip(),
            "planned_date": wrapped_date(day),
            "warehouse": site.warehouse,
            "warehouse_input": site.input,
            "warehouse_storage": site.storage,
        }
