"""The records of the aggregator and of the carrier behind it.

Times are aware UTC; addresses and parcels stay as the JSON objects that they arrived as, completed with every
field that the aggregator shows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Json = dict[str, object]


class ShipmentStatus(StrEnum):
    """The aggregator's view of a shipment; a tracker's change moves it."""

    DRAFT = "draft"
    CREATED = "created"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    NEEDS_ATTENTION = "needs_attention"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERY_FAILED = "delivery_failed"


class TrackerStatus(StrEnum):
    """Where a parcel is, in the aggregator's words."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"
    DELIVERED = "delivered"
    IN_TRANSIT = "in_transit"
    DELIVERY_DELAYED = "delivery_delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERY_FAILED = "delivery_failed"
    RETURN_TO_SENDER = "return_to_sender"
    PICKED_UP = "picked_up"


@dataclass(frozen=True, slots=True)
class Scan:
    """One dated line of the carrier's journal; the date and time are the carrier's own text."""

    date: str
    time: str
    code: str
    status: str
    description: str
    reason: str | None = None

    def plain(self) -> Json:
        """The line as an event of a tracker; what is absent is left out."""
        event: Json = {
            "date": self.date,
            "time": self.time,
            "code": self.code,
            "status": self.status,
            "description": self.description,
        }
        return event | ({"reason": self.reason} if self.reason else {})


@dataclass(slots=True, kw_only=True)
class Connection:
    """An account at a carrier."""

    id: str
    carrier_name: str
    carrier_id: str
    active: bool = True
    config: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """An offer of one service; money is in the carrier's currency, in whole units with decimals."""

    id: str
    carrier_name: str
    carrier_id: str
    connection: str
    service: str
    title: str
    currency: str
    total_charge: float
    transit_days: int


@dataclass(slots=True, kw_only=True)
class Shipment:
    """A shipment at the aggregator: a draft with rates until its label is bought."""

    id: str
    created_at: datetime
    shipper: Json
    recipient: Json
    parcels: list[Json]
    carrier_ids: list[str]
    services: list[str]
    options: Json
    payment: Json
    reference: str | None
    order_id: str | None
    metadata: Json
    label_type: str
    request_id: str
    rates: list[Rate]
    messages: list[Json] = field(default_factory=list)
    customs: Json | None = None
    return_address: Json | None = None
    billing_address: Json | None = None
    status: ShipmentStatus = ShipmentStatus.DRAFT
    selected: Rate | None = None
    numbers: list[str] = field(default_factory=list)
    tracker: str | None = None

    @property
    def tracking_number(self) -> str | None:
        """The number of the first parcel, which stands for the whole shipment."""
        return self.numbers[0] if self.numbers else None


@dataclass(slots=True, kw_only=True)
class Tracker:
    """What the aggregator knows of a parcel; it learns more only when it asks the carrier or is told."""

    id: str
    created_at: datetime
    updated_at: datetime
    carrier_name: str
    carrier_id: str
    tracking_number: str
    status: str
    events: list[Json]
    info: Json
    request_id: str
    delivered: bool = False
    estimated_delivery: str | None = None
    shipment: str | None = None
    metadata: Json = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    foreign: bool = False


@dataclass(slots=True, kw_only=True)
class Pickup:
    """A collection that was ordered; its status is scheduled or cancelled."""

    id: str
    carrier_name: str
    carrier_id: str
    confirmation_number: str
    pickup_date: str
    ready_time: str
    closing_time: str
    address: Json | None
    parcels: list[Json]
    shipments: list[str]
    request_id: str
    status: str = "scheduled"
    parcels_count: int | None = None
    instruction: str | None = None
    package_location: str | None = None
    options: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Where the aggregator would send its events; the secret is shown to whoever asks."""

    id: str
    url: str
    enabled_events: list[str]
    secret: str
    description: str | None = None
    disabled: bool = False
