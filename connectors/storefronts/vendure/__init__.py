"""Vendure, a headless shop (Admin GraphQL API, tried with 3.7.3). What it declares; opened only when used."""

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
from connectors.storefronts.vendure.options import Options
from connectors.transport import Setup

OPTIONS = Options

BODY_BYTES = 80_000
"""The server takes 100 KB (102,400 bytes) of JSON and answers HTTP 500 above it; a fifth is kept free."""

MANIFEST = Manifest(
    name="vendure",
    kind=Kind.STOREFRONT,
    title="Vendure",
    capabilities=frozenset(
        {
            Capability.READ_QUANTITIES,
            Capability.SET_QUANTITIES,
            Capability.SET_PRICES,
            Capability.PUT_LISTINGS,
            Capability.SET_PUBLISHED,
            Capability.PUBLISH_VARIANTS,
            Capability.CONFIRM_SHIPMENT,
            Capability.SEVERAL_PARCELS,
            Capability.CONFIRM_DELIVERY,
            Capability.CANCEL_LINES,
            Capability.REFUND,
            Capability.NOTES,
            Capability.PUBLIC_NOTES,
        }
    ),
    verified=(
        Verified(VerifiedBy.REAL_SERVER, "Vendure 3.7.3 on sql.js: every operation, over HTTP"),
        Verified(VerifiedBy.DOCUMENTS, "several stock locations, other payment handlers than the dummy one"),
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
                Origin.MEASURED, "Vendure 3.7.3 answers HTTP 500 above 102,400 bytes (Express's default)"
            ),
            "page_items": Source(Origin.VENDOR, "apiOptions.adminListQueryLimit is 1,000; ours is smaller"),
            "connect_seconds": Source(Origin.OURS, "a shop that does not take a connection is out"),
        },
    ),
    repeats={
        Operation.CONFIRM_SHIPMENT: Repeat.FINGERPRINT,
        Operation.REFUND: Repeat.FINGERPRINT,
        Operation.NOTE: Repeat.REFERENCE,
    },
    feeds={
        Feed.ORDERS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "what happens to an order after it was placed: payment, fulfilment, cancellation, refund",
                "orders that a person imports with a date of placing in the past",
            ),
        ),
        Feed.PRODUCTS: FeedOrder(
            order="offset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=("deleted variants", "units allocated to orders", "changes of tax rates"),
        ),
    },
    secrets=("the administrator's password (with `username`), or an API key",),
    gaps=(
        "No requests after the sale (returns, exchanges): what a buyer wants back is agreed elsewhere, and shows as "
        "a refund alone. Units that staff take out of a sent order are seen in the shop's quantity.",
        "No request for cancellation or change of address, and no messages.",
        "No struck-out prices and no prices with a period.",
        "A shipment has a tracking number and a carrier's name, no tracking link.",
        "A refund does not restock in Vendure: the quantity comes from the warehouse.",
        "Of several stock locations one is written; what the others hold is sold besides.",
    ),
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from connectors.storefronts.vendure.connector import VendureStorefront

    return VendureStorefront(setup)
