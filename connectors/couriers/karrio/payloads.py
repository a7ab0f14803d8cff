"""Karrio's JSON, the parts that are read. Source: its OpenAPI page and the answers of 2026.1.32."""

from typing import Any

import msgspec


class RateInfo(msgspec.Struct, frozen=True):
    """One carrier's offer; `total_charge` is a float in major units."""

    id: str
    carrier_name: str
    service: str | None = None
    currency: str | None = None
    total_charge: float | None = None
    transit_days: int | None = None


class ShipmentInfo(msgspec.Struct, frozen=True):
    """A shipment: a draft with rates, or a bought label."""

    id: str
    status: str
    shipment_identifier: str | None = None
    shipper: dict[str, Any] = {}
    recipient: dict[str, Any] = {}
    parcels: list[dict[str, Any]] = []
    carrier_ids: list[str] = []
    reference: str | None = None
    carrier_name: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    service: str | None = None
    selected_rate: RateInfo | None = None
    label_url: str | None = None
    rates: list[RateInfo] = []
    created_at: str = ""

    def __repr__(self) -> str:
        return f"ShipmentInfo({self.id!r}, {self.status!r})"


class Listing(msgspec.Struct, frozen=True):
    """One page; each record is decoded by itself."""

    count: int
    results: list[msgspec.Raw]
    next: str | None = None


class Rates(msgspec.Struct, frozen=True):
    """The answer of /v1/proxy/rates."""

    rates: list[RateInfo]


class EventInfo(msgspec.Struct, frozen=True):
    """A carrier's scan: local date, a time in one of several forms, and a timestamp only at times."""

    date: str | None = None
    time: str | None = None
    timestamp: str | None = None
    status: str | None = None
    code: str | None = None
    reason: str | None = None
    description: str | None = None
    location: str | None = None


class TrackerInfo(msgspec.Struct, frozen=True):
    """What Karrio knows of one number."""

    tracking_number: str
    carrier_name: str | None = None
    status: str | None = None
    delivered: bool | None = None
    estimated_delivery: str | None = None
    events: list[EventInfo] = []
    meta: dict[str, Any] | None = None


class LiveTracking(msgspec.Struct, frozen=True):
    """The answer of /v1/proxy/tracking."""

    tracking: TrackerInfo


class PickupInfo(msgspec.Struct, frozen=True):
    """A van that was ordered."""

    id: str
    status: str | None = None
    confirmation_number: str | None = None
    metadata: dict[str, Any] | None = None


class ManifestDocument(msgspec.Struct, frozen=True):
    """The manifest's file in base64."""

    manifest: str | None = None


class ManifestInfo(msgspec.Struct, frozen=True):
    """The day's closing at one carrier."""

    doc: ManifestDocument | None = None


class Manifested(msgspec.Struct, frozen=True):
    """The answer of /v1/proxy/manifest."""

    manifest: ManifestInfo | None = None


class Said(msgspec.Struct, frozen=True):
    """One error or message; its text may name people, so only its code is used, and a field's name."""

    code: str | None = None
    message: str | None = None


class Complaint(msgspec.Struct, frozen=True):
    """Karrio's own errors, or the carrier's messages (424)."""

    errors: list[Said] = []
    messages: list[Said] = []


class UserInfo(msgspec.Struct, frozen=True):
    """The key's user; nothing of it but the moment at which it was made."""

    date_joined: str


class UserData(msgspec.Struct, frozen=True):
    """GraphQL's data."""

    user: UserInfo | None = None


class UserAnswer(msgspec.Struct, frozen=True):
    """The answer of the identity query."""

    data: UserData | None = None
