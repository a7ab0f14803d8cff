"""Goods that buyers send back: announced as drafts that the warehouse's people receive, and what came of them.

People book a parcel that nobody announced as a return of the customer that stands for all buyers, and scan its
number into the field Reference. Tryton recognises no repeat, so a return is looked up before it is announced.
"""

from datetime import timedelta

from connectors.contract import (
    Deadline,
    Done,
    Outcome,
    Page,
    Rejected,
    ReturnAnnouncement,
    ReturnReceipt,
)
from connectors.transport import Setup
from connectors.warehouse.tryton import cursors, goods
from connectors.warehouse.tryton import reference as references
from connectors.warehouse.tryton.addresses import Addresses
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.feed import LOOK_BACK, ChangeFeed, translated
from connectors.warehouse.tryton.once import FIELDS as ONCE_FIELDS
from connectors.warehouse.tryton.once import Once
from connectors.warehouse.tryton.payloads import Domain, Incoming, Json, wrapped_date
from connectors.warehouse.tryton.places import Customer, Places, Site
from connectors.warehouse.tryton.return_payloads import ComingBack
from connectors.warehouse.tryton.shelves import Shelvings
from connectors.warehouse.tryton.tallies import return_receipt
from connectors.warehouse.tryton.translate import refusal
from sync.domain.people import Address

RETURN = "stock.shipment.out.return"
_MOVE = ("product.code", "internal_quantity", "state", "origin", "to_location.type")
_ABOVE = ("to_location.parent.id", "to_location.parent.parent.id")
FIELDS = (
    *("reference", "state", "create_date", "write_date", "warehouse_input", "warehouse_storage"),
    "incoming_moves.effective_date",
    *(f"{moves}.{part}" for moves in ("incoming_moves", "inventory_moves") for part in (*_MOVE, *_ABOVE)),
)
OPEN: list[Json] = ["state", "in", ["draft", "received"]]
TOLD: list[Json] = ["OR", ["state", "!=", "draft"], ["reference", "like", "%/%"]]
"""Drafts that nobody announced are what people are still typing."""


class Announced(Once):
    """The return of one announcement, with or without a tracking number behind its reference."""

    def domain(self) -> Domain:
        """Those that may be it."""
        like: list[Json] = ["reference", "like", references.pattern(self._reference)]
        return [["OR", ["reference", "=", self._reference], like]]

    def fits(self, found: Incoming) -> bool:
        """Whether it is."""
        return references.read(found.reference)[0] == self._reference


class Returns:
    """The returns of one warehouse."""

    def __init__(
        self,
        client: Client,
        places: Places,
        shelvings: Shelvings,
        setup: Setup,
        size: int,
        overlap: timedelta,
    ) -> None:
        self._client = client
        self._places = places
        self._shelvings = shelvings
        self._addresses = Addresses(client)
        self._setup = setup
        self._size = size
        self._overlap = overlap

    async def announce(self, request: ReturnAnnouncement, deadline: Deadline) -> Outcome[None]:
        """A draft under our reference. Said again with a tracking number, the number is put on it."""
        if (reason := references.unfit(request.reference)) is not None:
            return Rejected(reason, code="reference_form", mendable=False)
        once = Announced(self._client, RETURN, request.reference)
        made = await once.record(lambda: self._record(request, deadline), deadline)
        return await self._number(made, request, deadline) if isinstance(made, Incoming) else made

    async def receipts(self, cursor: str | None, deadline: Deadline) -> Page[ReturnReceipt]:
        """The totals of each return that changed since, announced or not; the first pass takes all open ones."""
        site, customer = await self._places.site(deadline), await self._places.customer(deadline)
        shelves = (await self._shelvings.read(deadline)).shelves
        feed = ChangeFeed(RETURN, [*_ours(site, customer), TOLD], FIELDS, self._size, self._overlap, [OPEN])
        begun = self._setup.clock.now() - LOOK_BACK
        place = cursors.read_changes(cursor) or cursors.Changes.from_moment(begun, opening=True)
        part = await feed.read(self._client, place, deadline)
        return translated(part, ComingBack, lambda back, raw: return_receipt(back, raw, shelves))

    async def _number(self, made: Incoming, request: ReturnAnnouncement, deadline: Deadline) -> Outcome[None]:
        number = references.written(request.reference, request.tracking)
        if not request.tracking or made.state == "cancelled" or made.reference == number:
            return Done(str(made.id))
        answer = await self._client.write(RETURN, made.id, {"reference": number}, ONCE_FIELDS, deadline)
        if answer.status >= 400:
            return refusal(answer.status, answer.body, f"return {request.reference}: its tracking number")
        return Done(str(made.id))

    async def _record(self, request: ReturnAnnouncement, deadline: Deadline) -> dict[str, Json]:
        site, customer = await self._places.site(deadline), await self._places.customer(deadline)
        way = goods.Way(site.company, customer.location, site.input, currency=site.currency)
        moves = await goods.moves(self._client, request.lines, way, deadline)
        record: dict[str, Json] = {
            "company": site.company,
            "customer": customer.party,
            "reference": references.written(request.reference, request.tracking),
            "planned_date": wrapped_date(self._setup.clock.now().astimezone(self._setup.zone).date()),
            "warehouse": site.warehouse,
            "warehouse_input": site.input,
            "warehouse_storage": site.storage,
            "incoming_moves": moves,
        }
        if _has_place(request.sender):
            record["contact_address"] = await self._addresses.place(customer.party, request.sender, deadline)
        return record


def _has_place(address: Address) -> bool:
    return bool(any(address.street) or address.city or address.postal_code)


def _ours(site: Site, customer: Customer) -> list[Json]:
    return [
        ["company", "=", site.company],
        ["warehouse", "=", site.warehouse],
        ["customer", "=", customer.party],
    ]
