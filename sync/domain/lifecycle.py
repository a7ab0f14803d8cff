"""The states of our own records: orders, fulfilments, holds and cancellations."""

from enum import StrEnum


class OrderState(StrEnum):
    """How far an order is with us.

        received ── held ──┐
            │  ▲      │    │
            ▼  └──────┘    ▼
        accepted ─► sent ─► part_shipped ─► shipped ─► (closed)
            │         │           │
            └────► cancelling ◄───┘ ──► cancelled ─► (closed)

    `history` is an order from before the account went live: never reserved, sent or told.
    """

    RECEIVED = "received"
    HELD = "held"
    ACCEPTED = "accepted"
    """Reserved, and on its way to a warehouse."""
    SENT = "sent"
    """A warehouse has it."""
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    HISTORY = "history"


class CancelState(StrEnum):
    """How far a wish to stop is. Asked is not stopped: until the warehouse says so, the units stay reserved."""

    NONE = "none"
    REQUESTED = "requested"
    STOPPED = "stopped"
    TOO_LATE = "too_late"


class WorkState(StrEnum):
    """How far one fulfilment of ours is. From `accepted` on, the warehouse's own words follow."""

    PLANNED = "planned"
    """Written to the outbox; the warehouse may not know it yet."""
    WAITING = "waiting"
    PART_ASSIGNED = "part_assigned"
    ASSIGNED = "assigned"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The warehouse would not take it."""
    WITHDRAWN = "withdrawn"
    """Taken back before it was ever sent."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self in _ENDED

    @property
    def open(self) -> bool:
        """Whether goods may still leave under it."""
        return self not in _ENDED


_ENDED = frozenset({WorkState.SHIPPED, WorkState.CANCELLED, WorkState.REFUSED, WorkState.WITHDRAWN})


class Release(StrEnum):
    """Who ends a hold."""

    AUTOMATIC = "automatic"
    """It ends by itself when its cause is gone."""
    MANUAL = "manual"
    """A person ends it."""
