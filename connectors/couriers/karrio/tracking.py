"""Karrio's tracking in our words: pure.

Karrio normalises what carriers say, and is wrong in places where the carrier is itself an aggregator:
EasyPost's pre_transit and ShipEngine's returns come as on_hold. There the aggregator's own code decides.
Events come in any order, their times in several forms and in the carrier's local time.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from connectors.couriers.karrio.payloads import EventInfo, TrackerInfo
from sync.domain.tracking import TrackingEvent, TrackingReport, TrackingStatus

STATUS = {
    "pending": TrackingStatus.PRE_TRANSIT,
    "created": TrackingStatus.PRE_TRANSIT,
    "unknown": TrackingStatus.UNKNOWN,
    "picked_up": TrackingStatus.PICKED_UP,
    "in_transit": TrackingStatus.IN_TRANSIT,
    "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
    "ready_for_pickup": TrackingStatus.AVAILABLE_FOR_PICKUP,
    "delivered": TrackingStatus.DELIVERED,
    "delivery_failed": TrackingStatus.ATTEMPT_FAILED,
    "on_hold": TrackingStatus.EXCEPTION,
    "delivery_delayed": TrackingStatus.EXCEPTION,
    "return_to_sender": TrackingStatus.RETURNING,
    "cancelled": TrackingStatus.CANCELLED,
}
"""Karrio's tracker and event statuses. `created` is its own event of the label's making."""

_EXPLAINED = frozenset({"on_hold", "delivery_delayed", "delivery_failed", "unknown", "in_transit"})
"""Statuses that an incident reason may make more exact."""

AGGREGATORS = {
    "easypost": {
        "unknown": TrackingStatus.UNKNOWN,
        "error": TrackingStatus.UNKNOWN,
        "pre_transit": TrackingStatus.PRE_TRANSIT,
        "in_transit": TrackingStatus.IN_TRANSIT,
        "out_for_delivery": TrackingStatus.OUT_FOR_DELIVERY,
        "available_for_pickup": TrackingStatus.AVAILABLE_FOR_PICKUP,
        "delivered": TrackingStatus.DELIVERED,
        "failure": TrackingStatus.EXCEPTION,
        "return_to_sender": TrackingStatus.RETURNING,
        "cancelled": TrackingStatus.CANCELLED,
    },
    "shipengine": {
        "UN": TrackingStatus.UNKNOWN,
        "NY": TrackingStatus.UNKNOWN,
        "AC": TrackingStatus.PICKED_UP,
        "IT": TrackingStatus.IN_TRANSIT,
        "SP": TrackingStatus.AVAILABLE_FOR_PICKUP,
        "DE": TrackingStatus.DELIVERED,
        "AT": TrackingStatus.ATTEMPT_FAILED,
        "EX": TrackingStatus.EXCEPTION,
    },
    "shippo": {
        "UNKNOWN": TrackingStatus.UNKNOWN,
        "PRE_TRANSIT": TrackingStatus.PRE_TRANSIT,
        "TRANSIT": TrackingStatus.IN_TRANSIT,
        "DELIVERED": TrackingStatus.DELIVERED,
        "FAILURE": TrackingStatus.EXCEPTION,
        "RETURNED": TrackingStatus.RETURNED,
    },
}
"""Aggregators behind Karrio by their own status words, which they put into an event's code."""

_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_DATES = ("%Y-%m-%d", "%m/%d/%Y")


def status_of(status: str | None, reason: str | None = None) -> TrackingStatus:
    """The common status of Karrio's word, made more exact by an incident reason where there is one."""
    plain = STATUS.get(status or "unknown", TrackingStatus.UNKNOWN)
    if not reason or (status or "unknown") not in _EXPLAINED:
        return plain
    if reason.startswith("customs_"):
        return TrackingStatus.CUSTOMS
    if reason == "consignee_refused":
        return TrackingStatus.REFUSED
    return TrackingStatus.LOST if reason == "carrier_parcel_lost" else plain


def moment(event: EventInfo, zone: ZoneInfo) -> datetime | None:
    """When it was scanned, in UTC: the timestamp where there is one, else date and time in `zone`.

    A date alone is its midnight. None where there is no date, or one that cannot be read.
    """
    if event.timestamp:
        try:
            at = datetime.fromisoformat(event.timestamp)
        except ValueError:
            at = None
        if at is not None:
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)
    day = _day(event.date)
    if day is None:
        return None
    return datetime.combine(day, _time(event.time) or time(0), zone).astimezone(UTC)


def report(tracker: TrackerInfo, zone: ZoneInfo) -> TrackingReport:
    """Everything that Karrio says of one number."""
    words = AGGREGATORS.get(tracker.carrier_name or "", {})
    events = tuple(_event(event, words, zone) for event in tracker.events)
    estimate = _day(tracker.estimated_delivery)
    return TrackingReport(
        number=tracker.tracking_number,
        status=_overall(tracker, words, zone),
        events=events,
        estimated_delivery=datetime.combine(estimate, time(0), zone).astimezone(UTC) if estimate else None,
    )


def _overall(tracker: TrackerInfo, words: dict[str, TrackingStatus], zone: ZoneInfo) -> TrackingStatus:
    if tracker.delivered:
        back = tracker.status == "return_to_sender"
        return TrackingStatus.RETURNED if back else TrackingStatus.DELIVERED
    dated = [(at, event) for event in tracker.events if (at := moment(event, zone)) is not None]
    last = max(dated, key=lambda each: each[0])[1] if dated else None
    if last is not None and last.code in words:
        return words[last.code]
    reason = last.reason if last is not None and last.status == tracker.status else None
    return status_of(tracker.status, reason)


def _event(event: EventInfo, words: dict[str, TrackingStatus], zone: ZoneInfo) -> TrackingEvent:
    code = event.code or event.status or ""
    status = words.get(code) or status_of(event.status, event.reason)
    return TrackingEvent(
        moment(event, zone), status, code, description=event.description or "", place=event.location or ""
    )


def _day(text: str | None) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime((text or "")[:10], form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _time(text: str | None) -> time | None:
    for form in _TIMES:
        try:
            return datetime.strptime((text or "").strip().upper(), form).time()  # noqa: DTZ007
        except ValueError:
            continue
    return None
