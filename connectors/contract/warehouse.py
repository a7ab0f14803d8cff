"""The warehouse system: what is there, what it shall send, how far it is, and what came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from connectors.contract.manifest import Manifest
from connectors.contract.outcome import Deadline, Outcome, Page
from sync.domain.people import Address
from sync.domain.receipts import Tally
from sync.domain.shipments import RemoteFulfilment, StockFigure


@dataclass(frozen=True, slots=True)
class FulfilmentLine:
    """Units of one SKU to send; `product` is the warehouse's own id of it, as its stock feed gave it."""

    sku: str
    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class FulfilmentRequest:
    """Send these lines to one consignee, once. `reference` is ours, unique, and is shown to the packers."""

    reference: str
    lines: tuple[FulfilmentLine, ...]
    ship_to: Address = field(repr=False)
    order_number: str = ""
    service: str = ""
    ship_by: datetime | None = None
    planned_at: datetime | None = None
    note: str = field(default="", repr=False)


class CancelVerdict(StrEnum):
    """What the warehouse did with our wish to stop."""

    STOPPED = "stopped"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class LabelParcel:
    """Put the tracking number that we bought on a packed parcel. Absolute: may be repeated."""

    fulfilment: str
    parcel: str
    tracking: str
    carrier: str


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """Goods that are on their way to the warehouse (ASN)."""

    reference: str
    supplier: str
    lines: tuple[FulfilmentLine, ...]
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReturnAnnouncement:
    """Goods that a buyer sends back."""

    reference: str
    lines: tuple[FulfilmentLine, ...]
    sender: Address = field(default=Address(), repr=False)
    tracking: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What arrived of an announced delivery, by its reference."""

    external_id: str
    reference: str
    lines: tuple[tuple[str, int, str], ...]
    """(SKU, units, quality)"""
    at: datetime
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """What came back under one of the warehouse's documents: totals so far, never a difference."""

    external_id: str
    reference: str | None
    """Our announcement's; None: nobody announced it."""
    tallies: Mapping[str, Tally]
    """By SKU. One that is left out is not told of, which is not zero."""
    at: datetime
    """When the document changed last, by the warehouse's clock."""
    complete: bool = False
    """Nothing more is expected under it."""
    tracking: str | None = None
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Count:
    """One result of a stocktake."""

    external_id: str
    sku: str
    location: str
    counted: Decimal
    booked: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class TransferRequest:
    """Move units between two warehouses."""

    reference: str
    source: str
    target: str
    lines: tuple[FulfilmentLine, ...]


class Warehouse(Protocol):
    """One warehouse. Methods beyond stock and fulfilments need the capability of their name."""

    @property
    def manifest(self) -> Manifest:
        """What this connector declares; `manifest.stock` is its basis."""
        ...

    async def identity(self, deadline: Deadline) -> str:
        """The fingerprint of the database and warehouse behind this account."""
        ...

    async def stock(self, cursor: str | None, deadline: Deadline) -> Page[StockFigure]:
        """With `cursor` None a full snapshot begins; it may be read in several pages, each with a cursor.

        Once complete, the cursor asks for what changed since. A full snapshot's first page says so by a
        `begun_at` that all its pages share.
        """
        ...

    async def create_fulfilment(
        self, request: FulfilmentRequest, deadline: Deadline
    ) -> Outcome[RemoteFulfilment]: ...

    async def find_fulfilments(self, reference: str, deadline: Deadline) -> Sequence[RemoteFulfilment]:
        """All that bear exactly this reference, cancelled ones too; empty where there is none."""
        ...

    async def fulfilment(self, external_id: str, deadline: Deadline) -> RemoteFulfilment | None:
        """Its present state; None only where the warehouse says that it does not exist."""
        ...

    async def fulfilments(self, cursor: str | None, deadline: Deadline) -> Page[RemoteFulfilment]: ...

    async def assign(self, external_id: str, deadline: Deadline) -> Outcome[RemoteFulfilment]:
        """Try to assign what came up short (ASSIGN). Absolute: what is assigned stays so."""
        ...

    async def cancel_fulfilment(self, external_id: str, deadline: Deadline) -> Outcome[CancelVerdict]:
        """Stop it if the goods have not left. Absolute: stopping what is stopped is Done(STOPPED)."""
        ...

    async def label_parcel(self, request: LabelParcel, deadline: Deadline) -> Outcome[str]:
        """`echo` is the tracking number that the warehouse now shows."""
        ...

    async def announce_inbound(self, request: InboundRequest, deadline: Deadline) -> Outcome[None]: ...

    async def receipts(self, cursor: str | None, deadline: Deadline) -> Page[Receipt]: ...

    async def announce_return(self, request: ReturnAnnouncement, deadline: Deadline) -> Outcome[None]: ...

    async def return_receipts(self, cursor: str | None, deadline: Deadline) -> Page[ReturnReceipt]: ...

    async def counts(self, cursor: str | None, deadline: Deadline) -> Page[Count]: ...

    async def transfer(self, request: TransferRequest, deadline: Deadline) -> Outcome[None]: ...

    async def close(self) -> None: ...
