"""What a courier's report means for a parcel: its new status, when to look again, and what a person hears."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.domain.tracking import ENDED, MOVING, TROUBLE, TrackingReport, TrackingStatus, advanced


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a parcel stands, as stored."""

    status: TrackingStatus
    status_at: datetime | None
    booked_at: datetime
    left_at: datetime | None
    first_scan_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must hear of a parcel."""

    kind: str
    what: str
    why: str
    todo: str


@dataclass(frozen=True, slots=True)
class Step:
    """The next state of a parcel."""

    status: TrackingStatus
    status_at: datetime
    first_scan_at: datetime | None
    delivered_at: datetime | None
    ended: bool
    look_again_after: timedelta
    alarm: Alarm | None


_TODO = {
    TrackingStatus.EXCEPTION: "Ask the courier what is wrong, and tell the buyer.",
    TrackingStatus.LOST: "Claim it from the courier; send again or refund.",
    TrackingStatus.REFUSED: "Ask the buyer why; expect the goods back, refund only then.",
    TrackingStatus.RETURNING: "Expect the goods back at the warehouse; ask the buyer about a second try.",
    TrackingStatus.RETURNED: "Check that the warehouse has booked the goods in; refund or send again.",
    TrackingStatus.EXPIRED: "The courier says nothing more: ask it, then claim or close the parcel.",
}


def follow(
    parcel: Followed,
    report: TrackingReport,
    *,
    now: datetime,
    interval: timedelta,
    stuck_after: timedelta,
    unscanned_after: timedelta,
    lost_after: timedelta,
) -> Step:
    """Take a report in. An end is final but for a correction; silence becomes `stuck`, then `lost`."""
    status = advanced(parcel.status, report)
    moved = status != parcel.status
    status_at = now if moved or parcel.status_at is None else parcel.status_at
    last = max([event.at for event in report.events if event.at] + [status_at])
    first_scan = parcel.first_scan_at
    if first_scan is None and (status in MOVING or status in ENDED - {TrackingStatus.CANCELLED}):
        first_scan = now
    if status in MOVING and now - min(last, now) > lost_after:
        status, status_at = TrackingStatus.LOST, now
    delivered = _delivered_at(report, now) if status == TrackingStatus.DELIVERED else None
    alarm = _alarm(parcel, status, min(last, now), first_scan, now, stuck_after, unscanned_after)
    return Step(status, status_at, first_scan, delivered, status in ENDED, _wait(status, interval), alarm)


def _delivered_at(report: TrackingReport, now: datetime) -> datetime:
    times = [event.at for event in report.events if event.at and event.status == TrackingStatus.DELIVERED]
    return max(times, default=now)


def _wait(status: TrackingStatus, interval: timedelta) -> timedelta:
    """Parcels near the door are looked at oftener than parcels that nobody has collected."""
    return interval * 2 if status in (TrackingStatus.UNKNOWN, TrackingStatus.PRE_TRANSIT) else interval


def _alarm(
    parcel: Followed,
    status: TrackingStatus,
    last: datetime,
    first_scan: datetime | None,
    now: datetime,
    stuck_after: timedelta,
    unscanned_after: timedelta,
) -> Alarm | None:
    if status in TROUBLE:
        named = status.value.replace("_", " ")
        return Alarm(f"parcel.{status.value}", f"is {named}", f"the courier says: {named}", _TODO[status])
    if status in ENDED:
        return None
    if first_scan is None:
        if parcel.left_at is not None and now - parcel.left_at > unscanned_after:
            return Alarm(
                "parcel.unscanned",
                "left the warehouse and was never scanned",
                f"no scan since it left at {parcel.left_at:%Y-%m-%d %H:%M} UTC",
                "Ask the warehouse whether it was handed over, and the courier whether it was lost.",
            )
        return None
    if now - last > stuck_after:
        return Alarm(
            "parcel.stuck",
            "is stuck",
            f"no news since {last:%Y-%m-%d %H:%M} UTC, status {status.value}",
            "Ask the courier to look for it, and tell the buyer.",
        )
    return None
