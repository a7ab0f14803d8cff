"""Karrio as a Courier of the contract."""

import hashlib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence

from connectors.contract import (
    BadAnswer,
    Booking,
    BookRequest,
    CoverageRequest,
    Deadline,
    Done,
    InterceptRequest,
    Manifest,
    ManifestRequest,
    Outcome,
    PickupRequest,
    Rate,
    RateRequest,
    Refused,
    Rejected,
    Unknown,
)
from connectors.couriers.karrio import MANIFEST, translate
from connectors.couriers.karrio.booking import Desk, no
from connectors.couriers.karrio.client import REFERENCE_KEY, Client
from connectors.couriers.karrio.options import Options
from connectors.couriers.karrio.watching import Watch
from connectors.transport import Setup, Uncertain
from sync.domain.tracking import TrackingReport


class KarrioCourier:
    """One account: a Karrio server and the user of its key."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("Karrio is opened with its own Options")
        self._account = setup.account
        self._options = options
        self._client = Client(setup, options, MANIFEST.limits)
        self._desk = Desk(self._client, options)
        self._watch = Watch(self._client, setup.clock, setup.zone, live=self._options.live_tracking)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """A hash of the moment when the key's user was made: it survives new keys, names and addresses."""
        since = await self._client.user_since(deadline)
        return "karrio-" + hashlib.sha256(since.encode()).hexdigest()[:32]

    async def coverage(self, request: CoverageRequest, deadline: Deadline) -> Outcome[bool]:
        """Not declared: Karrio does not know."""
        return Rejected("Karrio cannot say whether an address is served", code="unsupported", mendable=False)

    async def rates(self, request: RateRequest, deadline: Deadline) -> tuple[Rate, ...]:
        """What each carrier asked for would charge; carriers that do not answer are left out."""
        connections = [each for name in request.carriers for each in self._options.carrier(name).connections]
        wanted = translate.shipment_out(request.sender, request.ship_to, request.package, connections)
        answer = await self._client.rates(wanted, deadline)
        offers = translate.rates_in(self._client.read_rates(answer).rates)
        return tuple(each for each in offers if not request.carriers or each.carrier in request.carriers)

    async def book(self, request: BookRequest, deadline: Deadline) -> Outcome[Booking]:
        """One label for `request.reference`, once."""
        return await self._desk.book(request, deadline)

    async def find_bookings(self, reference: str, deadline: Deadline) -> Sequence[Booking]:
        """All labels bought under this reference, voided ones too, oldest first."""
        return await self._desk.find(reference, deadline)

    async def label(self, booking: Booking, deadline: Deadline) -> bytes:
        """The label as a PDF. Raises Refused where there is none, BadAnswer where it is something else."""
        path = booking.label_url
        if path is None:
            shipment = await self._client.shipment(booking.external_id, deadline)
            path = shipment.label_url if shipment is not None else None
        if path is None:
            raise Refused(f"{self._account}: label: the shipment has no label", mendable=False)
        body = await self._client.label(path, deadline)
        if not body.startswith(b"%PDF"):
            raise BadAnswer(f"{self._account}: label: the label is not a PDF", sample=body[:1000])
        return body

    async def void(self, external_id: str, deadline: Deadline) -> Outcome[None]:
        """Give a label back. Rejected as too late once the carrier has the parcel."""
        answer = await self._client.cancel(external_id, deadline)
        if answer.status < 400:
            try:
                self._client.read_shipment(answer)
            except BadAnswer as error:
                return Unknown(str(error))
            return Done(external_id)
        if answer.status == 404:
            return Rejected("Karrio has no such shipment", code="not_found", mendable=False)
        if answer.status == 424:
            code = translate.complaint(answer.body)[0]
            return Rejected("too late: the carrier does not take the label back", code=code, mendable=False)
        if answer.status == 409:
            return await self._why_kept(external_id, deadline)
        return no(answer, "Karrio refuses to void the label")

    async def intercept(self, request: InterceptRequest, deadline: Deadline) -> Outcome[str]:
        """Not declared: Karrio cannot. The reason says what a person does instead."""
        reason = "Karrio cannot turn a parcel back: ask its carrier, on the carrier's site or by phone"
        return Rejected(reason, code="unsupported", mendable=False)

    async def manifest_day(self, request: ManifestRequest, deadline: Deadline) -> Outcome[bytes]:
        """Close the day's parcels of one carrier; `bookings` are the external ids of its labels."""
        if not request.bookings:
            return Rejected("there is no parcel to close the day with", code="empty", mendable=False)
        identifiers = []
        for external_id in request.bookings:
            shipment = await self._client.shipment(external_id, deadline)
            if shipment is None or not translate.is_label(shipment):
                return Rejected(f"{external_id} is not a label that was bought", code="not_found")
            identifiers.append(shipment.shipment_identifier or shipment.tracking_number)
        wanted: dict[str, object] = {
            "carrier_name": request.carrier,
            "address": translate.address_out(request.sender),
            "shipment_identifiers": identifiers,
            "reference": request.key,
        }
        try:
            answer = await self._client.manifest(wanted, deadline)
            if answer.status >= 400:
                return no(answer, "the carrier refuses the manifest")
            manifest = self._client.read_manifest(answer).manifest
        except Uncertain as error:
            return Unknown(str(error))
        text = manifest.doc.manifest if manifest is not None and manifest.doc is not None else None
        return _document(text)

    async def pickup(self, request: PickupRequest, deadline: Deadline) -> Outcome[str]:
        """Have the van come, once for `request.key`; `echo` is the carrier's confirmation number."""
        known = await self._client.pickup_of(request.key, deadline)
        if known is not None:
            return Done(known.id, known.confirmation_number)
        wanted: dict[str, object] = {
            "carrier_code": request.carrier,
            "pickup_date": request.day.isoformat(),
            "ready_time": request.ready.strftime("%H:%M"),
            "closing_time": request.closing.strftime("%H:%M"),
            "address": translate.address_out(request.address),
            "metadata": {REFERENCE_KEY: request.key},
        }
        wanted |= {"tracking_numbers": list(request.tracking)} if request.tracking else {"parcels_count": 1}
        try:
            answer = await self._client.pickup(wanted, deadline)
            if answer.status >= 400:
                return no(answer, "the carrier refuses the pickup")
            made = self._client.read_pickup(answer)
        except Uncertain as error:
            return Unknown(str(error))
        return Done(made.id, made.confirmation_number)

    async def track(
        self, parcels: Sequence[tuple[str, str]], deadline: Deadline
    ) -> Mapping[str, Outcome[TrackingReport]]:
        """(carrier, number) in; keyed by number. A number that is not known yet is a Retry."""
        return await self._watch.track(parcels, deadline)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()

    async def _why_kept(self, external_id: str, deadline: Deadline) -> Outcome[None]:
        shipment = await self._client.shipment(external_id, deadline)
        if shipment is None or shipment.status == translate.CANCELLED:
            return Done(external_id)
        if shipment.status in (translate.CREATED, translate.DRAFT):
            return Rejected("the parcel is on a pickup: cancel the pickup in Karrio first", code="on_pickup")
        return Rejected("too late: the carrier has the parcel", code="too_late", mendable=False)


def _document(text: str | None) -> Outcome[bytes]:
    try:
        return Done(echo=b64decode(text or "", validate=True))
    except (Base64Error, ValueError):
        return Done(echo=None)
