"""Medusa, a headless shop (Admin REST API, tried with 2.18.0). What it declares; opened only when used."""

from datetime import timedelta

from connectors.contract import (
    Capability,
    Feed,
    FeedOrder,
    Kind,
    Limits,
    Manifest,
    Operation,
    Origin,
    Repeat,
    Source,
    Storefront,
    Verified,
    VerifiedBy,
)
from connectors.storefronts.medusa.options import Options
from connectors.transport import Setup

OPTIONS = Options

BODY_BYTES = 500_000
"""The server took 670 KB of JSON and refused 2.7 MB (413) when it was tried; batches stay well below."""

MANIFEST = Manifest(
    name="medusa",
    kind=Kind.STOREFRONT,
    title="Medusa",
    capabilities=frozenset(
        {
            Capability.READ_QUANTITIES,
            Capability.SET_QUANTITIES,
            Capability.SET_PRICES,
            Capability.PUT_LISTINGS,
            Capability.SET_PUBLISHED,
            Capability.CONFIRM_SHIPMENT,
            Capability.SEVERAL_PARCELS,
            Capability.CONFIRM_DELIVERY,
            Capability.CANCEL_LINES,
            Capability.REQUESTS,
            Capability.ANSWER_REQUEST,
            Capability.RECEIVE_REQUEST,
            Capability.REFUND,
            Capability.NOTES,
        }
    ),
    verified=(
        Verified(VerifiedBy.REAL_SERVER, "Medusa 2.18.0 on PostgreSQL: every operation, over HTTP"),
        Verified(VerifiedBy.DOCUMENTS, "payment and fulfilment providers other than Medusa's manual ones"),
    ),
    limits=Limits(
        batch_items=100,
        body_bytes=BODY_BYTES,
        page_items=50,
        connect_seconds=5.0,
        read_seconds=30.0,
        total_seconds=60.0,
        concurrency=4,
        sources={
            "body_bytes": Source(
                Origin.MEASURED, "Medusa 2.18.0 took 670 KB of JSON and refused 2.7 MB (413)"
            ),
            "page_items": Source(Origin.OURS, "the option page_items"),
            "connect_seconds": Source(Origin.OURS, "a shop that does not take a connection is out"),
        },
    ),
    repeats={
        Operation.CONFIRM_SHIPMENT: Repeat.REFERENCE,
        Operation.REFUND: Repeat.REFERENCE,
        Operation.NOTE: Repeat.VENDOR_KEY,
    },
    feeds={
        Feed.ORDERS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "the capture of a payment",
                "a refund of no more than the shop owes the buyer",
            ),
        ),
        Feed.REQUESTS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "of exchanges and claims that staff begin and do not finish, all but the latest hundred",
            ),
        ),
        Feed.PRODUCTS: FeedOrder(
            order="offset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=("deleted variants", "quantities and reservations", "a product's sales channels"),
        ),
    },
    secrets=("a secret API key (`sk_…`), or with `email` the password of that user",),
    gaps=(
        "A request is refused by cancelling it; to grant one changes nothing in Medusa.",
        "What came back is booked in once, when nothing more is expected: Medusa counts a second receipt wrongly.",
        "A return of which some pieces never come stays partly received: Medusa cannot close it.",
        "No request for cancellation or change of address, and no messages.",
        "No listings are made; pictures are web addresses. Description and pictures are the whole product's.",
        "A variant alone cannot be taken down, only its whole product.",
        "No struck-out prices and no prices with a period: Medusa has price lists for these.",
        "A variant made of several stock items (a kit) gets no quantity: its parts do.",
        "Units of an order whose payment is only authorised are cancelled all together or not at all.",
        "A whole order that is cancelled is refunded by Medusa itself, where it was captured.",
        "Notes stand in the order's metadata, which the buyer's page may show: private ones are refused.",
    ),
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from connectors.storefronts.medusa.connector import MedusaStorefront

    return MedusaStorefront(setup)
