"""What a supplier writes in its books: its goods, and the orders that came in."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class NotDone(Exception):
    """The supplier does not do that."""


class OrderState(StrEnum):
    """Where an order stands."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    DESPATCHED = "despatched"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Good:
    """An article under the supplier's own code; `sku` is what the shops sell it as."""

    code: str
    sku: str
    name: str
    cents: int
    stock: int
    pack: int = 1
    lead_days: int = 2


@dataclass(slots=True)
class Order:
    """An order as it came in; all counters are in pieces by code."""

    reference: str
    number: str
    at: datetime
    lines: Counter[str]
    drop_ship: bool
    ship_to: dict[str, str] = field(default_factory=dict, repr=False)
    state: OrderState = OrderState.RECEIVED
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    despatched: Counter[str] = field(default_factory=Counter)
    tracking: list[str] = field(default_factory=list)
    cancel_asked: bool = False

    @property
    def open(self) -> Counter[str]:
        """What was accepted and has not left."""
        return self.accepted - self.despatched


@dataclass(frozen=True, slots=True)
class Said:
    """One row of an acknowledgement or a despatch note."""

    reference: str
    code: str
    quantity: int
    status: str
    at: datetime
    reason: str = ""
    tracking: str = ""
    carrier: str = ""
