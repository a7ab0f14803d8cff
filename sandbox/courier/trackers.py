"""The aggregator's trackers: what it knows of parcels, which is not always what the carrier knows.

A tracker learns only when the aggregator asks the carrier again (not within a minute of the tracker's last
change, and not after delivery), or when events are injected into it. Asking again brings an injected status
back to what the carrier's journal says.
"""

from collections.abc import Callable
from datetime import timedelta

from sandbox.clock import Clock
from sandbox.courier import events
from sandbox.courier.journal import Journal
from sandbox.courier.records import Connection, Json, Rate, Shipment, Tracker, TrackerStatus
from sandbox.courier.refusals import CarrierRefusal

REFETCH = timedelta(minutes=1)


class Trackers:
    """All trackers by id; there is one for each tracking number."""

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        shipments: dict[str, Shipment],
        new_id: Callable[[str], str],
    ) -> None:
        self.rows: dict[str, Tracker] = {}
        self._by_number: dict[str, str] = {}
        self._journal = journal
        self._clock = clock
        self._shipments = shipments
        self._new_id = new_id

    def look_up(self, tracking: str) -> list[Json] | None:
        """What the carrier answers now: its scans as events, latest first, or null for an unknown number."""
        scans = self._journal.scans(tracking)
        if scans is None:
            return None
        return [scan.plain() for scan in sorted(scans, key=lambda s: (s.date, s.time), reverse=True)]

    def find(self, identifier: str) -> Tracker | None:
        """A tracker by its id or its tracking number."""
        return self.rows.get(identifier) or self.rows.get(self._by_number.get(identifier, ""))

    def follow(self, connection: Connection, tracking: str, *, pending: bool = False) -> Tracker:
        """Start a tracker, or ask the carrier again for one that is there and was not changed for a minute.

        Raises CarrierRefusal for a number that the carrier does not know, unless `pending`.
        """
        known = self.find(tracking)
        if known is not None:
            if self._clock.now() - known.updated_at >= REFETCH and not known.delivered:
                self._refetch(known, connection)
            return known
        found = self.look_up(tracking)
        if found is None and not pending:
            raise self.unknown_number(connection, tracking)
        return self._new_tracker(connection, tracking, found)

    def unknown_number(self, connection: Connection, tracking: str) -> CarrierRefusal:
        """The carrier's answer to a number that it never sold."""
        return CarrierRefusal("NOT_FOUND", f"{tracking} not found", connection, status=404)

    def update(
        self, tracker: Tracker, arrived: list[Json], status: str | None, delivered: bool | None
    ) -> None:
        """Take new facts into a tracker, and move its shipment when the tracker changed."""
        merged = events.merge(tracker.events, arrived)
        before = (tracker.events, tracker.status, tracker.delivered)
        tracker.events = merged
        tracker.status = status if status is not None else tracker.status
        tracker.delivered = delivered if delivered is not None else tracker.delivered
        if (tracker.events, tracker.status, tracker.delivered) == before:
            return
        tracker.updated_at = self._clock.now()
        shipment = self._shipments.get(tracker.shipment or "")
        if shipment is not None:
            shipment.status = events.shipment_status(tracker.status, shipment.status)

    def forget(self, tracker: Tracker) -> None:
        """Delete a tracker."""
        self.rows.pop(tracker.id, None)
        self._by_number.pop(tracker.tracking_number, None)
        if (shipment := self._shipments.get(tracker.shipment or "")) is not None:
            shipment.tracker = None

    def start(self, shipment: Shipment, rate: Rate) -> None:
        """Begin to follow a shipment whose label was just bought."""
        now = self._clock.now()
        due = f"{now + timedelta(days=rate.transit_days):%Y-%m-%d}"
        created: Json = {
            "date": f"{now:%Y-%m-%d}",
            "description": "Shipment label created",
            "code": "CREATED",
            "time": f"{now:%I:%M %p}",
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
            "status": "created",
        }
        tracker = Tracker(
            id=self._new_id("trk"),
            created_at=now,
            updated_at=now,
            carrier_name=rate.carrier_name,
            carrier_id=rate.carrier_id,
            tracking_number=shipment.numbers[0],
            status=TrackerStatus.PENDING,
            events=[created],
            info={
                "customer_name": shipment.recipient.get("person_name"),
                "expected_delivery": due,
                "shipment_package_count": str(len(shipment.parcels)),
                "shipment_service": rate.title,
                "shipment_origin_country": shipment.shipper.get("country_code"),
                "shipment_origin_postal_code": shipment.shipper.get("postal_code"),
                "shipment_destination_country": shipment.recipient.get("country_code"),
                "shipment_destination_postal_code": shipment.recipient.get("postal_code"),
                "shipping_date": shipment.options.get("shipping_date"),
            },
            request_id=shipment.request_id,
            estimated_delivery=due,
            shipment=shipment.id,
        )
        shipment.tracker = tracker.id
        self._keep(tracker)

    def _new_tracker(self, connection: Connection, tracking: str, found: list[Json] | None) -> Tracker:
        now = self._clock.now()
        waiting: Json = {
            "date": f"{now:%Y-%m-%d}",
            "description": "Awaiting update from carrier...",
            "code": "UNKNOWN",
            "time": f"{now:%H:%M}",
        }
        unknown: Json = {
            "message": f"{tracking} not found",
            "code": "NOT_FOUND",
            "carrier_name": connection.carrier_name,
            "carrier_id": connection.carrier_id,
        }
        tracker = Tracker(
            id=self._new_id("trk"),
            created_at=now,
            updated_at=now,
            carrier_name=connection.carrier_name,
            carrier_id=connection.carrier_id,
            tracking_number=tracking,
            status=str(found[0]["status"]) if found else TrackerStatus.PENDING,
            events=events.with_pickup(found or [waiting]),
            info={},
            request_id=self._new_id("req"),
            delivered=found[0]["status"] == "delivered" if found else False,
            messages=[] if found else [unknown],
            foreign=True,
        )
        self._keep(tracker)
        return tracker

    def _refetch(self, tracker: Tracker, connection: Connection) -> None:
        found = self.look_up(tracker.tracking_number)
        if found is None:
            raise self.unknown_number(connection, tracker.tracking_number)
        status = str(found[0]["status"])
        self.update(tracker, found, status, status == "delivered")

    def _keep(self, tracker: Tracker) -> None:
        self.rows[tracker.id] = tracker
        self._by_number[tracker.tracking_number] = tracker.id
