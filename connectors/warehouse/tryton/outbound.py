"""Outbound shipments: created once per reference, confirmed, assigned, and read.

Tryton takes any number of shipments with one reference, so it is looked up before anything is created. A
shipment that was created but never confirmed is found as a draft and finished. Only `wait` and `assign_try`
are ours: picking, packing and shipping belong to the warehouse's people.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from connectors.contract import (
    BadAnswer,
    ConnectorError,
    Deadline,
    Done,
    FulfilmentRequest,
    Outcome,
    Page,
    Rejected,
    Retry,
    Unknown,
)
from connectors.transport import Setup, Uncertain
from connectors.warehouse.tryton import cursors, goods, translate
from connectors.warehouse.tryton.addresses import Addresses
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.feed import LOOK_BACK, ChangeFeed, translated
from connectors.warehouse.tryton.payloads import Domain, Json, Shipment, decoded, raw_rows, wrapped_date
from connectors.warehouse.tryton.places import Customer, Places, Site
from sync.domain.shipments import RemoteFulfilment

MODEL = "stock.shipment.out"
_MOVES = ("outgoing_moves", "inventory_moves", "packages.moves")
_MOVE = ("product.code", "internal_quantity", "state")
_PACKAGE = ("number", "parent", "shipping_reference", "total_weight", "weight_uom.factor")
FIELDS = (
    *("number", "reference", "state", "partially_assigned", "shipping_reference"),
    *("create_date", "write_date", "effective_date"),
    *(f"{moves}.{field}" for moves in _MOVES for field in _MOVE),
    *(f"packages.{field}" for field in _PACKAGE),
)
OPEN: list[Json] = ["state", "in", ["draft", "waiting", "assigned", "picked", "packed"]]


@dataclass(frozen=True, slots=True)
class Found:
    """A shipment as Tryton told it, and in our words."""

    shipment: Shipment
    remote: RemoteFulfilment

    @classmethod
    def of(cls, body: bytes | msgspec.Raw) -> "Found":
        """From one record; BadAnswer where it does not fit."""
        shipment = decoded(body, Shipment)
        return cls(shipment, translate.fulfilment(shipment, bytes(body)))

    @property
    def done(self) -> Done[RemoteFulfilment]:
        """The outcome that tells of it."""
        return Done(self.remote.external_id, self.remote)


class Outbound:
    """The outbound side of one warehouse."""

    def __init__(self, client: Client, places: Places, setup: Setup, size: int, overlap: timedelta) -> None:
        self._client = client
        self._places = places
        self._setup = setup
        self._addresses = Addresses(client)
        self._size = size
        self._overlap = overlap

    async def create(self, request: FulfilmentRequest, deadline: Deadline) -> Outcome[RemoteFulfilment]:
        """One shipment for the reference: the one that is there is finished, else one is made."""
        found = await self._by_reference(request.reference, deadline)
        if found:
            return await self._recognise(request.reference, found, deadline)
        record = await self._record(request, deadline)
        what = f"shipment {request.reference}"
        try:
            answer = await self._client.create(MODEL, record, FIELDS, deadline)
        except Uncertain:
            return Unknown(f"{what}: no answer came from Tryton")
        if answer.status >= 400:
            return translate.refusal(answer.status, answer.body, what)
        try:
            made = Found.of(answer.body)
        except BadAnswer as error:
            return Unknown(f"{what}: {error}")
        return await self._finish(made, deadline)

    async def find(self, reference: str, deadline: Deadline) -> tuple[RemoteFulfilment, ...]:
        """All shipments of the company with exactly this reference, the oldest first."""
        return tuple(found.remote for found in await self._by_reference(reference, deadline))

    async def read(self, external_id: str, deadline: Deadline) -> RemoteFulfilment | None:
        """One shipment as it is now; None where Tryton says that it has none of this id."""
        found = await self._by_id(external_id, deadline)
        return found.remote if found else None

    async def assign(self, external_id: str, deadline: Deadline) -> Outcome[RemoteFulfilment]:
        """Confirm it if it is a draft, and try to assign what is not assigned; else just tell its state."""
        found = await self._by_id(external_id, deadline)
        if found is None:
            return Rejected(f"shipment {external_id}: Tryton does not have it", code="not_found")
        confirmed = await self._confirm(found, deadline)
        told = await self._assign(confirmed, deadline) if isinstance(confirmed, Found) else confirmed
        if isinstance(told, Found):
            return told.done
        return Retry(told.reason) if isinstance(told, Unknown) else told

    async def changes(self, cursor: str | None, deadline: Deadline) -> Page[RemoteFulfilment]:
        """Shipments with a reference to our customer from our warehouse that were written since."""
        site, customer = await self._places.site(deadline), await self._places.customer(deadline)
        feed = ChangeFeed(
            model=MODEL,
            domain=_ours(site, customer),
            fields=FIELDS,
            size=self._size,
            overlap=self._overlap,
            open_too=OPEN,
        )
        begun = self._setup.clock.now() - LOOK_BACK
        place = cursors.read_changes(cursor) or cursors.Changes.from_moment(begun, opening=True)
        part = await feed.read(self._client, place, deadline)
        return translated(part, Shipment, lambda shipment, raw: (translate.fulfilment(shipment, raw),))

    async def _recognise(
        self, reference: str, found: list[Found], deadline: Deadline
    ) -> Outcome[RemoteFulfilment]:
        alive = [one for one in found if one.shipment.state != "cancelled"]
        if len(alive) > 1:
            names = ", ".join(one.remote.external_id for one in alive)
            reason = f"Tryton has {len(alive)} shipments with the reference {reference} (ids {names})"
            return Rejected(f"{reason}: cancel all but one of them", code="duplicate_reference")
        return await self._finish(alive[0], deadline) if alive else found[-1].done

    async def _finish(self, found: Found, deadline: Deadline) -> Outcome[RemoteFulfilment]:
        """Confirm a draft, and assign as far as the stock allows: what cannot be assigned now waits."""
        confirmed = await self._confirm(found, deadline)
        if not isinstance(confirmed, Found):
            return confirmed
        assigned = await self._assign(confirmed, deadline)
        return assigned.done if isinstance(assigned, Found) else confirmed.done

    async def _confirm(self, found: Found, deadline: Deadline) -> Found | Rejected | Unknown:
        return await self._act(found, "wait", deadline) if found.shipment.state == "draft" else found

    async def _assign(self, found: Found, deadline: Deadline) -> Found | Rejected | Unknown:
        return await self._act(found, "assign_try", deadline) if found.shipment.state == "waiting" else found

    async def _act(self, found: Found, action: str, deadline: Deadline) -> Found | Rejected | Unknown:
        """Both actions may be repeated: a shipment that is waiting waits, and what is assigned stays so."""
        what = f"shipment {found.remote.reference or found.remote.external_id}"
        try:
            answer = await self._client.act(MODEL, found.shipment.id, action, FIELDS, deadline)
            if answer.status >= 400:
                return translate.refusal(answer.status, answer.body, f"{what}: {action}")
            return Found.of(answer.body)
        except ConnectorError:
            return Unknown(f"{what}: it is in Tryton, and {action} has not been answered")

    async def _record(self, request: FulfilmentRequest, deadline: Deadline) -> dict[str, Json]:
        site, customer = await self._places.site(deadline), await self._places.customer(deadline)
        way = goods.Way(site.company, site.output, customer.location, currency=site.currency)
        moves = await goods.moves(self._client, request.lines, way, deadline)
        address = await self._addresses.place(customer.party, request.ship_to, deadline)
        return {
            "company": site.company,
            "customer": customer.party,
            "delivery_address": address,
            "reference": request.reference.strip(),
            "planned_date": wrapped_date(self._planned(request)),
            "warehouse": site.warehouse,
            "warehouse_storage": site.picking,
            "warehouse_output": site.output,
            "outgoing_moves": moves,
        }

    def _planned(self, request: FulfilmentRequest) -> date:
        """Never none: without a date Tryton's forecast does not see the shipment."""
        return (request.planned_at or self._setup.clock.now()).astimezone(self._setup.zone).date()

    async def _by_reference(self, reference: str, deadline: Deadline) -> list[Found]:
        site = await self._places.site(deadline)
        domain: Domain = [["reference", "=", reference.strip()], ["company", "=", site.company]]
        answer = await self._client.search(MODEL, domain, FIELDS, deadline)
        return [Found.of(row) for row in raw_rows(answer.body)]

    async def _by_id(self, external_id: str, deadline: Deadline) -> Found | None:
        if not external_id.isdecimal():
            return None
        answer = await self._client.search(MODEL, [["id", "=", int(external_id)]], FIELDS, deadline)
        found = raw_rows(answer.body)
        return Found.of(found[0]) if found else None


def _ours(site: Site, customer: Customer) -> list[Json]:
    return [
        ["company", "=", site.company],
        ["warehouse", "=", site.warehouse],
        ["customer", "=", customer.party],
        ["reference", "!=", None],
    ]
