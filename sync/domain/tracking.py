"""One tracking status for every courier, and what a person must hear about.

The table that maps each courier's codes to it is in that courier's `translate.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TrackingStatus(StrEnum):
    """Where a parcel is, in the words that all couriers can be mapped to."""

    UNKNOWN = "unknown"
    PRE_TRANSIT = "pre_transit"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    DELIVERED = "delivered"
    ATTEMPT_FAILED = "attempt_failed"
    EXCEPTION = "exception"
    LOST = "lost"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


ENDED = frozenset(
    {
        TrackingStatus.DELIVERED,
        TrackingStatus.RETURNED,
        TrackingStatus.CANCELLED,
        TrackingStatus.LOST,
        TrackingStatus.EXPIRED,
    }
)
TROUBLE = frozenset(
    {
        TrackingStatus.EXCEPTION,
        TrackingStatus.LOST,
        TrackingStatus.REFUSED,
        TrackingStatus.RETURNING,
        TrackingStatus.RETURNED,
        TrackingStatus.EXPIRED,
    }
)
MOVING = frozenset(TrackingStatus) - ENDED - {TrackingStatus.UNKNOWN, TrackingStatus.PRE_TRANSIT}


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """A carrier's dated statement about a parcel. `vendor_code` is kept as it came."""

    at: datetime | None
    status: TrackingStatus
    vendor_code: str
    description: str = ""
    place: str = ""

    @property
    def key(self) -> str:
        """What makes two deliveries of one statement the same."""
        moment = self.at.isoformat() if self.at else ""
        return f"{moment}|{self.vendor_code}|{self.description}"


@dataclass(frozen=True, slots=True)
class TrackingReport:
    """Everything that a courier says of one number now. Events come in any order."""

    number: str
    status: TrackingStatus
    events: tuple[TrackingEvent, ...] = ()
    estimated_delivery: datetime | None = None


def advanced(before: TrackingStatus, report: TrackingReport) -> TrackingStatus:
    """The status to keep: an end is never taken back by a later `unknown` or `pre_transit` answer.

    Couriers reset and reorder their events; `delivered` is left only for an explicit return or loss.
    """
    after = report.status
    if after in (TrackingStatus.UNKNOWN, TrackingStatus.PRE_TRANSIT) and before != TrackingStatus.UNKNOWN:
        return before
    corrections = {TrackingStatus.RETURNING, TrackingStatus.RETURNED, TrackingStatus.LOST}
    if before == TrackingStatus.DELIVERED and after not in corrections:
        return before
    if before in ENDED - {TrackingStatus.DELIVERED} and after not in ENDED | {TrackingStatus.RETURNING}:
        return before
    return after
