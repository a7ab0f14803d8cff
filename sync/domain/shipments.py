"""What leaves the warehouse: fulfilments and parcels as the warehouse tells them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class FulfilmentState(StrEnum):
    """How far the warehouse is with one fulfilment."""

    DRAFT = "draft"
    WAITING = "waiting"
    """Accepted; no stock assigned yet."""
    PART_ASSIGNED = "part_assigned"
    ASSIGNED = "assigned"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether the warehouse does no more with it."""
        return self in (FulfilmentState.SHIPPED, FulfilmentState.CANCELLED)


@dataclass(frozen=True, slots=True)
class RemoteFulfilmentLine:
    """Units of one SKU: asked for, `assigned` (already off the warehouse's figure), `shipped` (gone)."""

    sku: str
    quantity: int
    assigned: int = 0
    shipped: int = 0


@dataclass(frozen=True, slots=True)
class RemoteParcel:
    """One physical package that the warehouse packed."""

    external_id: str
    number: str
    lines: tuple[tuple[str, int], ...]
    """(SKU, units)"""
    tracking: str | None = None
    carrier: str | None = None
    weight_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RemoteFulfilment:
    """A fulfilment as the warehouse tells it now."""

    external_id: str
    reference: str
    state: FulfilmentState | None
    """What the connector makes of `status`; None where it does not know it: never guessed."""
    lines: tuple[RemoteFulfilmentLine, ...]
    parcels: tuple[RemoteParcel, ...] = ()
    """What is packed; with a `state` of None, what it would be if it were."""
    updated_at: datetime | None = None
    status: str = ""
    """The vendor's own word for how far it is, as it came; empty where it has none. `statuses:` names it."""
    raw: bytes = field(default=b"", repr=False)


class StockBasis(StrEnum):
    """What a warehouse's figure means."""

    GROSS = "gross"
    """Everything in the building, promised or not; lowered when goods leave."""
    NET_OF_ASSIGNED = "net_of_assigned"
    """Without what is assigned to an outbound order; lowered by the assignment."""


@dataclass(frozen=True, slots=True)
class StockFigure:
    """A warehouse's figure for one SKU, on its declared basis. May be negative: the vendor's word is kept."""

    sku: str
    product_external_id: str
    quantity: Decimal
    location: str = ""
    quality: str = "good"
