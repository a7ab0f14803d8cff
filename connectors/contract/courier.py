"""The courier, or an aggregator of couriers: labels, and where each parcel is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Protocol

from connectors.contract.manifest import Manifest
from connectors.contract.outcome import Deadline, Outcome
from sync.domain.money import Money
from sync.domain.people import Address
from sync.domain.tracking import TrackingReport


@dataclass(frozen=True, slots=True)
class PackageSpec:
    """One physical package: weight in kilograms, sides in centimetres where they are known."""

    weight_kg: Decimal
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    height_cm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CoverageRequest:
    """Is this address served today by this carrier (and service)?"""

    carrier: str
    ship_to: Address = field(repr=False)
    service: str = ""


@dataclass(frozen=True, slots=True)
class RateRequest:
    """What would it cost?"""

    sender: Address = field(repr=False)
    ship_to: Address = field(repr=False)
    package: PackageSpec
    carriers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """One offer of a carrier."""

    carrier: str
    service: str
    charge: Money
    transit_days: int | None = None


@dataclass(frozen=True, slots=True)
class BookRequest:
    """Buy one label for one parcel, once per `reference`.

    No `service`: the cheapest of the carrier; no `carrier`: the cheapest of all.
    """

    reference: str
    carrier: str
    sender: Address = field(repr=False)
    ship_to: Address = field(repr=False)
    package: PackageSpec
    service: str = ""
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """A bought label."""

    external_id: str
    tracking: str
    carrier: str
    service: str
    charge: Money | None = None
    label_url: str | None = None
    tracking_url: str | None = None
    voided: bool = False


@dataclass(frozen=True, slots=True)
class InterceptRequest:
    """Turn a parcel back, or readdress it, while it is on its way."""

    key: str
    tracking: str
    reason: str
    new_address: Address | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ManifestRequest:
    """Close the day's parcels of one carrier."""

    key: str
    carrier: str
    sender: Address = field(repr=False)
    bookings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PickupRequest:
    """Ask the van to come."""

    key: str
    carrier: str
    address: Address = field(repr=False)
    day: date
    ready: time
    closing: time
    tracking: tuple[str, ...] = ()


class Courier(Protocol):
    """One courier account. Every method needs the capability of its name."""

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        ...

    async def identity(self, deadline: Deadline) -> str:
        """The fingerprint of the account at the courier."""
        ...

    async def coverage(self, request: CoverageRequest, deadline: Deadline) -> Outcome[bool]: ...

    async def rates(self, request: RateRequest, deadline: Deadline) -> tuple[Rate, ...]: ...

    async def book(self, request: BookRequest, deadline: Deadline) -> Outcome[Booking]: ...

    async def find_bookings(self, reference: str, deadline: Deadline) -> Sequence[Booking]:
        """All labels bought under this reference, voided ones too; empty where there is none."""
        ...

    async def label(self, booking: Booking, deadline: Deadline) -> bytes:
        """The label as a PDF."""
        ...

    async def void(self, external_id: str, deadline: Deadline) -> Outcome[None]:
        """Give an unused label back. Absolute: voiding a voided one is Done."""
        ...

    async def intercept(self, request: InterceptRequest, deadline: Deadline) -> Outcome[str]: ...

    async def manifest_day(self, request: ManifestRequest, deadline: Deadline) -> Outcome[bytes]: ...

    async def pickup(self, request: PickupRequest, deadline: Deadline) -> Outcome[str]: ...

    async def track(
        self, parcels: Sequence[tuple[str, str]], deadline: Deadline
    ) -> Mapping[str, Outcome[TrackingReport]]:
        """(carrier, number) in; keyed by number. A number that the courier does not know yet is a Retry."""
        ...

    async def close(self) -> None: ...


def arrived(report: TrackingReport) -> datetime | None:
    """When the courier says that the parcel was handed over, where it says so."""
    times = [event.at for event in report.events if event.at and event.status == "delivered"]
    return max(times, default=None)
