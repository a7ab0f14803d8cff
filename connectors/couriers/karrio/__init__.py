"""Karrio as the courier: labels, pickups, manifests and tracking of some thirty carriers, by its REST API.

Importing this package costs nothing but the manifest; the connector itself is loaded when it is opened.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.contract import (
    Capability,
    Kind,
    Limits,
    Manifest,
    Operation,
    Origin,
    PaceRule,
    Repeat,
    Source,
    Verified,
    VerifiedBy,
)
from connectors.couriers.karrio.options import Options
from connectors.transport import Setup

if TYPE_CHECKING:
    from connectors.couriers.karrio.connector import KarrioCourier

OPTIONS = Options

MANIFEST = Manifest(
    name="karrio",
    kind=Kind.COURIER,
    title="Karrio 2026.1",
    capabilities=frozenset(
        {
            Capability.RATES,
            Capability.BOOK,
            Capability.VOID,
            Capability.MANIFEST,
            Capability.PICKUP,
            Capability.TRACK,
        }
    ),
    verified=(
        Verified(
            VerifiedBy.REAL_SERVER,
            "karrio-server 2026.1.32 with a courier plugin on loopback: every operation and trap",
        ),
        Verified(
            VerifiedBy.DOCUMENTS, "the status codes of the aggregators behind it (EasyPost, ShipEngine)"
        ),
    ),
    limits=Limits(
        pace=(
            PaceRule("account", 600, timedelta(minutes=1), "karrio-server's default USER_RATE_LIMIT"),
            PaceRule(
                "carrier", 300, timedelta(minutes=1), "karrio-server's default CARRIER_REQUEST_RATE_LIMIT"
            ),
        ),
        batch_items=100,
        page_items=100,
        answer_bytes=20_000_000,
        read_seconds=60.0,
        total_seconds=90.0,
        sources={
            "answer_bytes": Source(Origin.OURS, "labels come inside the answer"),
            "read_seconds": Source(Origin.OURS, "a purchase waits for the carrier behind Karrio"),
            "total_seconds": Source(Origin.OURS, "a purchase waits for the carrier behind Karrio"),
        },
    ),
    repeats={
        Operation.BOOK: Repeat.REFERENCE,
        Operation.PICKUP: Repeat.REFERENCE,
        Operation.MANIFEST: Repeat.NONE,
    },
    secrets=("API key",),
    gaps=(
        "It cannot say whether an address is served: ask the carrier.",
        "It cannot turn a parcel back: a person asks the carrier, with the tracking number, on its site or by "
        "phone; the parcel counts as under way until a scan says that it comes back.",
        "A label for the way back is an ordinary label from the buyer to the warehouse, paid when it is bought.",
        "A parcel on an open pickup cannot be voided before the pickup is cancelled in Karrio.",
        "Archived shipments are hidden from its look-up by reference: do not archive open ones.",
        "A day's manifest cannot be looked up: one without an answer waits for a person.",
        "Its tracking pushes are not signed, so they are not used: parcels are asked for.",
    ),
)


def open_connector(setup: Setup) -> "KarrioCourier":
    """The courier of one account. Raises Refused for an address that cannot be one."""
    from connectors.couriers.karrio.connector import KarrioCourier

    return KarrioCourier(setup)
