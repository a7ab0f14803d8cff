"""How the aggregator merges tracking events, with its own surprises.

New events are told from known ones by comparing them whole, then all are sorted with the latest first. When
no event says picked_up, the earliest in_transit is rewritten to it; so the same scan read again counts as a
new event. Times are read with or without seconds, in 24 or in 12 hours; an event without a date sorts last.
"""

import json
from datetime import datetime

from sandbox.courier.records import Json, ShipmentStatus, TrackerStatus

_DATES = ("%Y-%m-%d", "%m/%d/%Y")
_TIMES = ("%I:%M %p", "%H:%M:%S", "%H:%M", "%I:%M")
_MOVES = {
    TrackerStatus.DELIVERED: ShipmentStatus.DELIVERED,
    TrackerStatus.PICKED_UP: ShipmentStatus.SHIPPED,
    TrackerStatus.OUT_FOR_DELIVERY: ShipmentStatus.OUT_FOR_DELIVERY,
    TrackerStatus.DELIVERY_FAILED: ShipmentStatus.DELIVERY_FAILED,
    TrackerStatus.ON_HOLD: ShipmentStatus.NEEDS_ATTENTION,
    TrackerStatus.DELIVERY_DELAYED: ShipmentStatus.NEEDS_ATTENTION,
}


def merge(known: list[Json], arrived: list[Json]) -> list[Json]:
    """The events after others have arrived."""
    if not arrived:
        return known
    if not known:
        return arrived
    seen = {json.dumps(event) for event in known}
    fresh = [event for event in arrived if json.dumps(event) not in seen]
    if not fresh:
        return known
    return with_pickup(sorted([*known, *fresh], key=_moment, reverse=True))


def with_pickup(events: list[Json]) -> list[Json]:
    """The events (latest first) with the earliest in_transit as the pickup, where none says so."""
    if any(event.get("status") == "picked_up" for event in events):
        return events
    moving = [place for place, event in enumerate(events) if event.get("status") == "in_transit"]
    if not moving:
        return events
    return [{**e, "status": "picked_up"} if place == moving[-1] else e for place, e in enumerate(events)]


def shipment_status(tracker: str, present: ShipmentStatus) -> ShipmentStatus:
    """Where a tracker's status puts its shipment."""
    if tracker == TrackerStatus.PENDING:
        return present
    return _MOVES.get(TrackerStatus(tracker), ShipmentStatus.IN_TRANSIT)


def _moment(event: Json) -> tuple[int, datetime]:
    day = _parse(event.get("date"), _DATES)
    if day is None:
        return 0, datetime(1, 1, 1)  # noqa: DTZ001 - as naive as the others
    hour = _parse(event.get("time"), _TIMES)
    return 1, datetime.combine(day.date(), hour.time()) if hour else day


def _parse(text: object, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(str(text), form)  # noqa: DTZ007 - the carrier's own local text
        except ValueError:
            continue
    return None
