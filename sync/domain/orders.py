"""Orders as storefronts tell them. Raw bytes travel with them, so that nothing is ever lost in translation."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sync.domain.money import Money
from sync.domain.people import Address, Person


class OrderStatus(StrEnum):
    """What the shop says of the order as a whole."""

    PENDING = "pending"
    """Placed, and not yet to be worked on (unpaid, under review)."""
    OPEN = "open"
    COMPLETED = "completed"
    """Everything shipped or delivered."""
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """Whether the money is there."""

    UNPAID = "unpaid"
    AUTHORISED = "authorised"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    FREE = "free"
    """Nothing was to be paid."""

    @property
    def good(self) -> bool:
        """Whether the goods may leave."""
        return self in (
            PaymentStatus.AUTHORISED,
            PaymentStatus.PAID,
            PaymentStatus.FREE,
            PaymentStatus.PART_REFUNDED,
        )


@dataclass(frozen=True, slots=True)
class RemoteOrderLine:
    """A line: `ordered` units at the start, `quantity` units still wanted (cancelled ones are off it)."""

    external_id: str
    variant_external_id: str | None
    sku: str | None
    title: str
    ordered: int
    quantity: int
    unit_price: Decimal
    """Gross or net as the shop shows it, major units."""
    total: Money
    """What the line costs the buyer, discounts taken off, tax included."""
    ship_by: datetime | None = None
    charged: int | None = None
    """Units that `total` is for; None: all that were ordered, whatever was cancelled since."""


@dataclass(frozen=True, slots=True)
class RemoteRefund:
    """Money given back, as the shop's books show it; 0 where it failed."""

    external_id: str
    amount: Money
    settled: bool
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RemotePayment:
    """One payment of an order."""

    external_id: str
    amount: Money
    status: PaymentStatus
    method: str = ""
    refunds: tuple[RemoteRefund, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteShipment:
    """A shipment that the shop already shows for an order (by us, by staff or by another system)."""

    external_id: str
    lines: tuple[tuple[str, int], ...]
    """(order line's external id, units)"""
    tracking: str | None
    carrier: str = ""
    shipped: bool = True
    delivered: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """One order as the shop tells it now: the whole present state, never a difference."""

    external_id: str
    number: str
    placed_at: datetime
    status: OrderStatus
    payment: PaymentStatus
    currency: str
    lines: tuple[RemoteOrderLine, ...]
    total: Money
    shipping: Money
    adjustments: Money
    """What is neither a line nor shipping: surcharges, order discounts not spread over lines (signed)."""
    buyer: Person = field(default=Person(), repr=False)
    ship_to: Address = field(default=Address(), repr=False)
    service: str = ""
    """The shipping method that the buyer chose, the shop's code."""
    payments: tuple[RemotePayment, ...] = ()
    shipments: tuple[RemoteShipment, ...] = ()
    note: str = field(default="", repr=False)
    tags: tuple[str, ...] = ()
    updated_at: datetime | None = None
    cancel_asked: bool = False
    """The buyer asked to cancel and the shop waits for our answer."""
    raw: bytes = field(default=b"", repr=False)
