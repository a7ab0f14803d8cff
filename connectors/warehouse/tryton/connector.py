"""The warehouse contract for Tryton: each method hands its work to the part that knows it.

Writes answer with an Outcome for everything that Tryton says; they raise only where nothing was sent.
"""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from connectors.contract import (
    BadAnswer,
    CancelVerdict,
    Count,
    Deadline,
    FulfilmentRequest,
    InboundRequest,
    LabelParcel,
    Manifest,
    Outcome,
    Page,
    Receipt,
    Refused,
    Rejected,
    Retry,
    ReturnAnnouncement,
    ReturnReceipt,
    TransferRequest,
)
from connectors.transport import Setup, bearer
from connectors.warehouse.tryton import OVERLAP, labels, outbound, stopping
from connectors.warehouse.tryton.client import BROKEN, Client
from connectors.warehouse.tryton.inbound import Inbound
from connectors.warehouse.tryton.inside import Inside
from connectors.warehouse.tryton.options import Options
from connectors.warehouse.tryton.outbound import Outbound
from connectors.warehouse.tryton.places import Places
from connectors.warehouse.tryton.returns import Returns
from connectors.warehouse.tryton.shelves import Shelvings
from connectors.warehouse.tryton.stock import Stock
from sync.domain.shipments import RemoteFulfilment, StockFigure

T = TypeVar("T")


class TrytonWarehouse:
    """One warehouse of one Tryton database, for one company."""

    def __init__(self, setup: Setup, manifest: Manifest) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("the options of a Tryton account are those of its own package")
        self._manifest = manifest
        limits = manifest.limits
        transport = setup.transport(options.base_url, limits, auth=bearer(setup.secret))
        self._client = Client(transport, options.database, options.company)
        self._places = Places(self._client, options)
        self._shelvings = Shelvings(self._client, self._places, options)
        self._stock = Stock(
            self._client,
            self._places,
            self._shelvings,
            options.warehouse,
            size=limits.page_items,
            batch=limits.batch_items,
            overlap=OVERLAP,
        )
        batch = limits.batch_items
        self._outbound = Outbound(self._client, self._places, setup, batch, OVERLAP)
        self._inbound = Inbound(self._client, self._places, setup, batch, OVERLAP)
        self._returns = Returns(self._client, self._places, self._shelvings, setup, batch, OVERLAP)
        self._inside = Inside(self._client, self._places, setup, batch, OVERLAP)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return self._manifest

    async def identity(self, deadline: Deadline) -> str:
        """The fingerprint of database, company and warehouse. Refused where a module or a shelf is missing."""
        site = await self._places.site(deadline)
        await self._places.customer(deadline)
        await self._shelvings.read(deadline)
        answer = await self._client.search(
            outbound.MODEL, [], outbound.FIELDS, deadline, size=1, accept=frozenset({BROKEN})
        )
        if answer.status == BROKEN:
            missing = "Tryton cannot tell of shipments with their packages: is the module"
            raise Refused(f"{missing} stock_package_shipping activated?", code="missing_module")
        return site.fingerprint

    async def stock(self, cursor: str | None, deadline: Deadline) -> Page[StockFigure]:
        """Net of what is assigned; a full snapshot without a cursor, then what stock moves touched."""
        return await self._stock.read(cursor, deadline)

    async def create_fulfilment(
        self, request: FulfilmentRequest, deadline: Deadline
    ) -> Outcome[RemoteFulfilment]:
        """A shipment, confirmed and assigned as far as the stock allows. Short stock leaves it waiting."""
        return await _told(self._outbound.create(request, deadline))

    async def find_fulfilments(self, reference: str, deadline: Deadline) -> Sequence[RemoteFulfilment]:
        """All shipments that bear exactly this reference."""
        return await self._outbound.find(reference, deadline)

    async def fulfilment(self, external_id: str, deadline: Deadline) -> RemoteFulfilment | None:
        """A shipment as it is now."""
        return await self._outbound.read(external_id, deadline)

    async def fulfilments(self, cursor: str | None, deadline: Deadline) -> Page[RemoteFulfilment]:
        """Shipments to our customer that were written since; the first pass takes all open ones."""
        return await self._outbound.changes(cursor, deadline)

    async def assign(self, external_id: str, deadline: Deadline) -> Outcome[RemoteFulfilment]:
        """Try again to assign what is not yet assigned. Absolute: what is assigned stays so."""
        return await _told(self._outbound.assign(external_id, deadline))

    async def cancel_fulfilment(self, external_id: str, deadline: Deadline) -> Outcome[CancelVerdict]:
        """Stop a shipment whose goods are still in the building."""
        return await _told(stopping.cancel(self._client, external_id, deadline))

    async def label_parcel(self, request: LabelParcel, deadline: Deadline) -> Outcome[str]:
        """Put the tracking number on a package, also after it left."""
        return await _told(labels.label(self._client, request, deadline))

    async def announce_inbound(self, request: InboundRequest, deadline: Deadline) -> Outcome[None]:
        """A supplier's delivery, as a draft that the warehouse receives; the supplier is a party's code."""
        return await _told(self._inbound.announce_delivery(request, deadline))

    async def receipts(self, cursor: str | None, deadline: Deadline) -> Page[Receipt]:
        """What suppliers delivered."""
        return await self._inbound.deliveries(cursor, deadline)

    async def announce_return(self, request: ReturnAnnouncement, deadline: Deadline) -> Outcome[None]:
        """Goods that come back, as a draft that the warehouse receives."""
        return await _told(self._returns.announce(request, deadline))

    async def return_receipts(self, cursor: str | None, deadline: Deadline) -> Page[ReturnReceipt]:
        """What buyers sent back, announced or not: totals so far of each return that changed."""
        return await self._returns.receipts(cursor, deadline)

    async def counts(self, cursor: str | None, deadline: Deadline) -> Page[Count]:
        """The results of stocktakes."""
        return await self._inside.counts(cursor, deadline)

    async def transfer(self, request: TransferRequest, deadline: Deadline) -> Outcome[None]:
        """Units from one warehouse to another, both named by their codes."""
        return await _told(self._inside.transfer(request, deadline))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()


async def _told(work: Awaitable[Outcome[T]]) -> Outcome[T]:
    """What was refused before anything was sent, as an outcome."""
    try:
        return await work
    except Refused as error:
        return Rejected(str(error), code=error.code, mendable=error.mendable)
    except BadAnswer as error:
        return Retry(str(error))
