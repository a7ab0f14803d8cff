"""What a Shopify shop keeps that the shared books do not: places, levels, what must leave and what left, sheets."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sandbox.storefront.orders import Fulfilment, Line, Order, Refund

ONLINE_STORE = "1"
"""The id of the publication that is the shop's own web site."""


@dataclass(slots=True)
class Place:
    """A location; orders are routed to the first that has the goods."""

    id: str
    name: str
    country: str
    created_at: datetime
    active: bool = True


@dataclass(slots=True)
class Level:
    """The stock of one item at one place; what is committed comes off it to give what is available."""

    item: str
    place: str
    on_hand: int
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Portion:
    """Units of an order's line that one place must send: a fulfilment order's line."""

    id: str
    line: Line
    errand: "Errand"
    total: int
    remaining: int


@dataclass(slots=True)
class Errand:
    """What one place must send of one order: a fulfilment order."""

    id: str
    order: Order
    place: str
    created_at: datetime
    updated_at: datetime
    portions: list[Portion] = field(default_factory=list)
    hold: str | None = None
    """Why it must not leave, while it must not."""

    @property
    def open(self) -> bool:
        """Whether something of it is still to leave."""
        return any(portion.remaining for portion in self.portions)


@dataclass(frozen=True, slots=True)
class Tracking:
    """One parcel's number, as the buyer is told it."""

    number: str | None
    company: str | None
    url: str | None


@dataclass(slots=True)
class Scan:
    """One event that a fulfilment was said to have."""

    id: str
    status: str
    happened_at: datetime
    created_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Departure:
    """What is known of a fulfilment beside the books; `taken` are the portions' units that left with it."""

    place: str
    tracking: list[Tracking]
    taken: list[tuple[Portion, int]]
    scans: list[Scan] = field(default_factory=list)
    cancelled_at: datetime | None = None


@dataclass(slots=True)
class RepaidLine:
    """Units of a line that a refund was for; amounts in minor units."""

    id: str
    line: Line
    quantity: int
    restock: str
    place: str | None
    subtotal: int
    tax: int


@dataclass(slots=True)
class Repayment:
    """Money given back; `shipping` is (price, tax); `adjustment` is what went beyond goods and shipping."""

    id: str
    order: Order
    note: str | None
    created_at: datetime
    lines: list[RepaidLine]
    shipping: tuple[int, int]
    adjustment: int
    total: int
    books: list[Refund] = field(default_factory=list)


class ReturnState(StrEnum):
    """Where a return stands."""

    REQUESTED = "REQUESTED"
    OPEN = "OPEN"
    DECLINED = "DECLINED"
    CLOSED = "CLOSED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class Disposition:
    """Units that came back, and where they went: RESTOCKED at a place, or some other way."""

    id: str
    kind: str
    units: int
    place: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Units of a variant that a buyer wants instead."""

    id: str
    variant: str
    units: int


@dataclass(slots=True)
class SentBack:
    """Units of one fulfilled line that a buyer wants to send back."""

    id: str
    line: Line
    fulfilment: Fulfilment
    quantity: int
    reason: str
    note: str | None
    dispositions: list[Disposition] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """Units of which nobody said yet where they went."""
        return self.quantity - sum(each.units for each in self.dispositions)


@dataclass(slots=True)
class Return:
    """A buyer's wish to send goods back, and what became of it."""

    id: str
    name: str
    order: Order
    created_at: datetime
    lines: list[SentBack]
    state: ReturnState = ReturnState.REQUESTED
    approved_at: datetime | None = None
    closed_at: datetime | None = None
    declined: tuple[str, str | None] | None = None
    instead: list[Exchanged] = field(default_factory=list)
    parcels: list[str] = field(default_factory=list)
    """Tracking numbers under which the goods come back."""


@dataclass(slots=True)
class Particulars:
    """What Shopify knows of an order besides the books; `returned` counts units refunded after they had left."""

    note: str | None = None
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str]] = field(default_factory=list)
    email: str | None = None
    phone: str | None = None
    po_number: str | None = None
    edited: bool = False
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    staff_note: str | None = None
    closed_at: datetime | None = None
    paid_at: datetime | None = None
    channel_liable: bool = False
    returned: dict[str, int] = field(default_factory=dict)
    repayments: list[Repayment] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)


@dataclass(slots=True)
class Picture:
    """A product's picture; it is being processed for a moment after it came."""

    id: str
    source: str
    alt: str | None
    created_at: datetime
    ready_at: datetime


@dataclass(slots=True)
class Sheet:
    """What a product has beside the books; `published` is since when, by publication."""

    status: str = "ACTIVE"
    published: dict[str, datetime] = field(default_factory=dict)
    vendor: str = ""
    kind: str = ""
    tags: list[str] = field(default_factory=list)
    seo_title: str | None = None
    seo_description: str | None = None
    pictures: list[Picture] = field(default_factory=list)


@dataclass(slots=True)
class Extras:
    """What a variant has beside the books."""

    barcode: str | None = None
    compare_at: int | None = None
    taxable: bool = True
    requires_shipping: bool = True


@dataclass(slots=True)
class Edit:
    """An edit of a placed order that is not committed yet: by line, what shall be left, and whether to restock."""

    id: str
    order: Order
    wanted: dict[str, tuple[int, bool]] = field(default_factory=dict)
    committed: bool = False


@dataclass(slots=True)
class Job:
    """Something that the shop does a moment later."""

    id: str
    due: datetime
    done: bool = False
    order: str = ""


@dataclass(slots=True)
class Pace:
    """How long things take that Shopify does later, in seconds of the shop's clock; levers for tests."""

    job: float = 0.2
    bulk: float = 0.5
    picture: float = 0.5
    search: float = 0.0
    """How long after its purchase an order is first found by a search."""
    retries: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
    """Between the attempts to deliver a webhook: eight in all, as Shopify does within four hours."""
