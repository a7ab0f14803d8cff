"""Shopify (Admin GraphQL API of 2026-07). What it declares; opened only when used."""

from datetime import timedelta

from pydantic import BaseModel

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
    WebhookReader,
)
from connectors.storefronts.shopify.options import Options
from connectors.storefronts.shopify.topics import TOPICS
from connectors.transport import CodeGrant, Secret, Setup

OPTIONS = Options

MANIFEST = Manifest(
    name="shopify",
    kind=Kind.STOREFRONT,
    title="Shopify",
    capabilities=frozenset(
        {
            Capability.READ_QUANTITIES,
            Capability.SET_QUANTITIES,
            Capability.COMPARE_AND_SET,
            Capability.SET_PRICES,
            Capability.COMPARE_AT,
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
            Capability.WEBHOOKS,
        }
    ),
    verified=(
        Verified(VerifiedBy.SPECIFICATION, "every document against the schema of 2026-07"),
        Verified(VerifiedBy.RECORDED, "answers recorded from test shops with 2026-04, errors included"),
        Verified(
            VerifiedBy.DOCUMENTS, "what no recording shows: duties, several currencies, throttling, webhooks"
        ),
    ),
    limits=Limits(
        batch_items=250,
        body_bytes=1_000_000,
        page_items=25,
        answer_bytes=50_000_000,
        connect_seconds=10.0,
        read_seconds=60.0,
        total_seconds=90.0,
        concurrency=4,
        lag=timedelta(seconds=5),
        sources={
            "batch_items": Source(Origin.VENDOR, "shopify.dev, API limits: 250 items in an input array"),
            "page_items": Source(Origin.OURS, "the option page_items; Shopify gives at most 250"),
            "read_seconds": Source(Origin.OURS, "mutations of 250 items take their time"),
            "total_seconds": Source(Origin.OURS, "one read and what comes before it"),
            "lag": Source(Origin.OURS, "an order is read by its id, which needs no search"),
        },
    ),
    repeats={
        Operation.CONFIRM_SHIPMENT: Repeat.FINGERPRINT,
        Operation.REFUND: Repeat.VENDOR_KEY,
        Operation.NOTE: Repeat.REFERENCE,
    },
    feeds={
        Feed.ORDERS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "orders older than 60 days, unless the app has the access scope read_all_orders",
                "orders that were deleted",
            ),
            settles_after=timedelta(seconds=30),
        ),
        Feed.REQUESTS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "returns of orders older than 60 days, as above",
                "goods that staff book in, until the order changes besides",
            ),
            settles_after=timedelta(seconds=30),
        ),
        Feed.PRODUCTS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=("deleted variants", "publications that a product was put on or taken off"),
            settles_after=timedelta(seconds=30),
        ),
    },
    secrets=("an admin access token (`shpat_…`), or with `client_id` the app's client secret",),
    gaps=(
        "No request for cancellation or change of address, and no messages.",
        "An exchange is told without what the other goods cost, and they are not made part of the order.",
        "What came back can be booked in for a return that is open, never taken back.",
        "No prices with a period; prices of markets and catalogues are left alone.",
        "A variant alone cannot be put up or described, only its whole product.",
        "Of several locations one is written; what the others hold is sold besides.",
        "A note is seen by staff only.",
        "Nothing is known of failed webhook deliveries until Shopify takes the subscription away.",
    ),
    webhook_topics=TOPICS,
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from connectors.storefronts.shopify.connector import ShopifyStorefront

    return ShopifyStorefront(setup)


def code_grant(setup: Setup) -> CodeGrant:
    """A token by the shop owner's yes; the secret is the app's client secret."""
    from connectors.storefronts.shopify.grant import Grant

    if not isinstance(setup.options, Options):
        raise TypeError("a Shopify account is connected with Shopify's options")
    return Grant(setup, setup.options, MANIFEST.limits)


SIGNED_WITH = "the app's client secret"


def webhook_reader(secret: Secret, options: BaseModel) -> WebhookReader:
    """Reads the deliveries of one account; `secret` is the app's client secret."""
    from connectors.storefronts.shopify.reader import Reader

    if not isinstance(options, Options):
        raise TypeError("a Shopify account is read with Shopify's options")
    return Reader(secret, options)
