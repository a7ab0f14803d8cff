"""What suppliers bring: announced deliveries, and what arrived of them.

A delivery is a draft of a shipment that the warehouse's people receive. Tryton recognises no repeat, so it is
looked up by its reference before it is made.
"""

from datetime import timedelta

from connectors.contract import (
    Deadline,
    InboundRequest,
    Outcome,
    Page,
    Receipt,
    Refused,
)
from connectors.transport import Setup
from connectors.warehouse.tryton import cursors, goods
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.feed import LOOK_BACK, ChangeFeed, translated
from connectors.warehouse.tryton.once import Once
from connectors.warehouse.tryton.payloads import Incoming, Json, wrapped_date
from connectors.warehouse.tryton.places import Places
from connectors.warehouse.tryton.translate import receipt

DELIVERY = "stock.shipment.in"
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

    async def deliveries(self, cursor: str | None, deadline: Deadline) -> Page[Receipt]:
        """What suppliers delivered, whole for each delivery that changed."""
        site = await self._places.site(deadline)
        domain: list[Json] = [
            ["company", "=", site.company],
            ["warehouse", "=", site.warehouse],
            ["reference", "!=", None],
            ["state", "in", ["received", "done"]],
        ]
        feed = ChangeFeed(DELIVERY, domain, FIELDS, self._size, self._overlap)
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
        expected = request.expected_at or self._setup.clock.now()
        return {
            "company": site.company,
            "reference": request.reference.strip(),
            "planned_date": wrapped_date(expected.astimezone(self._setup.zone).date()),
            "warehouse": site.warehouse,
            "warehouse_input": site.input,
            "warehouse_storage": site.storage,
            "supplier": supplier.id,
            "incoming_moves": await goods.moves(self._client, request.lines, way, deadline),
        }
