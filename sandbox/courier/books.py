"""The aggregator's books and the carrier behind them.

A draft shipment carries rates; buying one of them makes the carrier sell a label per parcel and starts a
tracker. Nothing recognises a repeated order.
"""

from collections.abc import Iterable
from random import Random

from sandbox.clock import Clock
from sandbox.courier import tariff
from sandbox.courier.journal import Book, Journal, NotVoidable
from sandbox.courier.records import (
    Connection,
    Json,
    Pickup,
    Rate,
    Scan,
    Shipment,
    ShipmentStatus,
    TrackerStatus,
    Webhook,
)
from sandbox.courier.refusals import CarrierRefusal, StateError, Unavailable
from sandbox.courier.trackers import Trackers

CARRIER = "loopback"
_WHO = ("person_name", "company_name", "address_line1", "postal_code", "city", "country_code")
"""What two addresses of one party have in common."""


class Courier:
    """One aggregator account. `random` gives ids and tracking numbers, so that seeded runs repeat."""

    def __init__(self, ledger: Book, clock: Clock | None = None, random: Random | None = None) -> None:
        self.clock = clock or Clock()
        self.random = random or Random(0)
        self.journal = Journal(ledger, self.clock)
        self.connections: dict[str, Connection] = {}
        self.shipments: dict[str, Shipment] = {}
        self.trackers = Trackers(self.journal, self.clock, self.shipments, self.new_id)
        self.pickups: dict[str, Pickup] = {}
        self.webhooks: dict[str, Webhook] = {}
        self._senders: set[tuple[object, ...]] = set()
        self._consignees: set[tuple[object, ...]] = set()

    def new_id(self, prefix: str, digits: int = 32) -> str:
        """A fresh id: the prefix and so many hexadecimal digits."""
        return f"{prefix}_{self.random.getrandbits(4 * digits):0{digits}x}"

    def scan(self, tracking: str, status: str, description: str = "", *, reason: str | None = None) -> None:
        """The carrier scans a parcel; the aggregator does not know of it until it asks."""
        self.journal.scan(tracking, TrackerStatus(status).value, description or status, reason)

    def accept(self, tracking: str) -> None:
        """A supplier announces a parcel of its own: the carrier knows the number from now on."""
        self.journal.accept(tracking)

    def parcels(self) -> dict[str, str]:
        """What the carrier says of every parcel: the status of its latest scan by tracking number."""
        return {number: self._latest(number).status for number in self.journal.numbers()}

    def state(self) -> Json:
        """The books in short, as JSON can hold them."""
        shipments = [
            {
                "id": shipment.id,
                "reference": shipment.reference,
                "status": shipment.status.value,
                "tracking": list(shipment.numbers),
            }
            for shipment in self.shipments.values()
        ]
        parcels = {
            number: [scan.plain() for scan in self.journal.scans(number) or []]
            for number in self.journal.numbers()
        }
        return {"shipments": shipments, "parcels": parcels}

    def connect(self, carrier_name: str, carrier_id: str, *, active: bool = True) -> Connection:
        """Open an account at a carrier; the same name can be used twice."""
        connection = Connection(
            id=self.new_id("car"), carrier_name=carrier_name, carrier_id=carrier_id, active=active
        )
        self.connections[connection.id] = connection
        return connection

    def carriers(self, carrier_ids: Iterable[str] = (), carrier_name: str | None = None) -> list[Connection]:
        """The active connections, of those ids or that carrier when named; raises Unavailable for none."""
        wanted = set(carrier_ids)
        found = [
            connection
            for connection in self.connections.values()
            if connection.active
            and (not wanted or connection.carrier_id in wanted)
            and carrier_name in (None, connection.carrier_name)
        ]
        if not found:
            raise Unavailable("No active carrier connection found to process the request")
        return found

    def rate(self, parcels: list[Json], connections: list[Connection], services: list[str]) -> list[Rate]:
        """What the parcels cost with each service; too heavy parcels get no offer, without a word.

        Unknown names among `services` are ignored.
        """
        if any(tariff.weigh(parcel) <= 0 for parcel in parcels):
            text = "'>=' not supported between instances of 'NoneType' and 'float'"
            raise CarrierRefusal("SHIPPING_SDK_INTERNAL_ERROR", text, connections[0])
        rates = []
        named = [service for service in tariff.SERVICES if service.code in services]
        for connection in connections:
            for service in named or tariff.SERVICES:
                self._too_heavy(service, parcels, connection, named=bool(named))
                charge = tariff.price(service, parcels)
                if charge is not None:
                    rates.append(self._offer(connection, service, charge))
        return rates

    def buy(self, shipment: Shipment, *, rate_id: str | None = None, service: str | None = None) -> None:
        """Buy the label of a draft; raises StateError for anything else, Unavailable for a strange rate."""
        if shipment.status is ShipmentStatus.CREATED:
            raise StateError("The shipment is 'created' and cannot be purchased again")
        self.must_be_draft(shipment)
        chosen = [r for r in shipment.rates if r.id == rate_id or (service and r.service == service)]
        if not chosen:
            raise Unavailable(
                "The service you selected is not available for this shipment.",
                code="service_unavailable",
                status=400,
            )
        shipment.selected = chosen[0]
        back = self._comes_back(shipment)
        for parcel in shipment.parcels:
            self.journal.sell(str(parcel["reference_number"]), shipment.id, shipment.reference, back=back)
        shipment.numbers = [str(parcel["reference_number"]) for parcel in shipment.parcels]
        shipment.status = ShipmentStatus.CREATED
        shipment.request_id = self.new_id("req")
        self.trackers.start(shipment, chosen[0])

    def _comes_back(self, shipment: Shipment) -> bool:
        """Whether the sender is known as a consignee only: then it is a label for the way back."""
        sender, consignee = (
            tuple(address.get(name) for name in _WHO) for address in (shipment.shipper, shipment.recipient)
        )
        if sender in self._consignees and sender not in self._senders:
            return True
        self._senders.add(sender)
        self._consignees.add(consignee)
        return False

    def must_be_draft(self, shipment: Shipment) -> None:
        """Raise StateError for a shipment that can no longer be changed."""
        if shipment.status is not ShipmentStatus.DRAFT:
            raise StateError(f"Shipment is {shipment.status} and cannot be updated anymore...")

    def cancel(self, shipment: Shipment) -> bool:
        """Void a shipment; false when it was cancelled before. Raises StateError or CarrierRefusal."""
        if shipment.status is ShipmentStatus.CANCELLED:
            return False
        if shipment.status not in (ShipmentStatus.DRAFT, ShipmentStatus.CREATED):
            raise StateError(f"The shipment is '{shipment.status}' and can not be cancelled anymore...")
        if (pickup := self.pickup_of(shipment)) is not None:
            raise StateError(
                f"This shipment is scheduled for pickup '{pickup.id}' "
                "Please cancel this shipment pickup before."
            )
        if shipment.selected is not None:
            try:
                self.journal.void(shipment.numbers)
            except NotVoidable as error:
                connection = self.connections[shipment.selected.connection]
                raise CarrierRefusal("NOT_VOIDABLE", str(error), connection) from None
        shipment.status = ShipmentStatus.CANCELLED
        if shipment.tracker is not None:
            self.trackers.forget(self.trackers.rows[shipment.tracker])
        return True

    def by_number(self, tracking: str) -> Shipment | None:
        """The shipment with this tracking number."""
        return next((s for s in self.shipments.values() if s.tracking_number == tracking), None)

    def pickup_of(self, shipment: Shipment) -> Pickup | None:
        """The collection that waits for this shipment."""
        waiting = (pickup for pickup in self.pickups.values() if pickup.status == "scheduled")
        return next((pickup for pickup in waiting if shipment.id in pickup.shipments), None)

    def _latest(self, number: str) -> Scan:
        return (self.journal.scans(number) or [])[-1]

    def _offer(self, connection: Connection, service: tariff.Service, charge: float) -> Rate:
        return Rate(
            id=self.new_id("rat"),
            carrier_name=connection.carrier_name,
            carrier_id=connection.carrier_id,
            connection=connection.id,
            service=service.code,
            title=service.title,
            currency=tariff.CURRENCY,
            total_charge=charge,
            transit_days=service.transit_days,
        )

    @staticmethod
    def _too_heavy(
        service: tariff.Service, parcels: list[Json], connection: Connection, *, named: bool
    ) -> None:
        if named and any(tariff.weigh(parcel) > tariff.HEAVIEST for parcel in parcels):
            text = f"the weight exceeds service {service.code} max weight"
            raise CarrierRefusal("invalid_weight", text, connection)
