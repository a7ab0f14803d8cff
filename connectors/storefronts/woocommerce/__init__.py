"""WooCommerce, the shop plugin of WordPress (REST API v3; 11.0 and 8.6). What it declares; opened only when used."""

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
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.topics import TOPICS
from connectors.transport import Secret, Setup

OPTIONS = Options

BODY_BYTES = 500_000
"""Half of what nginx takes by default (client_max_body_size 1m)."""

MANIFEST = Manifest(
    name="woocommerce",
    kind=Kind.STOREFRONT,
    title="WooCommerce",
    capabilities=frozenset(
        {
            Capability.READ_QUANTITIES,
            Capability.SET_QUANTITIES,
            Capability.SET_PRICES,
            Capability.COMPARE_AT,
            Capability.PUT_LISTINGS,
            Capability.SET_PUBLISHED,
            Capability.PUBLISH_VARIANTS,
            Capability.CONFIRM_SHIPMENT,
            Capability.SEVERAL_PARCELS,
            Capability.CANCEL_LINES,
            Capability.REFUND,
            Capability.NOTES,
            Capability.PUBLIC_NOTES,
            Capability.WEBHOOKS,
        }
    ),
    verified=(
        Verified(
            VerifiedBy.SPECIFICATION,
            "the official REST discovery document and its examples: every route that is called",
        ),
        Verified(
            VerifiedBy.RECORDED,
            "332 recordings of WooCommerce 11.0.1 and 8.6.1 servers: orders, refunds, products, webhooks, refusals",
        ),
        Verified(
            VerifiedBy.DOCUMENTS,
            "the Shipment Tracking extension, the upload of pictures, gateways that refund by themselves",
        ),
    ),
    limits=Limits(
        batch_items=100,
        body_bytes=BODY_BYTES,
        page_items=50,
        connect_seconds=5.0,
        read_seconds=90.0,
        total_seconds=120.0,
        concurrency=4,
        sources={
            "batch_items": Source(
                Origin.VENDOR, "create, update and delete together; more is 413 (REST API, batch update)"
            ),
            "body_bytes": Source(Origin.OURS, "half of nginx's default client_max_body_size"),
            "page_items": Source(Origin.OURS, "the option page_items; the shop gives at most 100"),
            "connect_seconds": Source(Origin.OURS, "a shop that does not take a connection is out"),
            "read_seconds": Source(Origin.MEASURED, "100 stock levels took up to 22 s on 11.0.1 under load"),
            "total_seconds": Source(Origin.MEASURED, "100 stock levels took up to 22 s on 11.0.1 under load"),
        },
    ),
    repeats={
        Operation.CONFIRM_SHIPMENT: Repeat.REFERENCE,
        Operation.REFUND: Repeat.FINGERPRINT,
        Operation.NOTE: Repeat.REFERENCE,
    },
    feeds={
        Feed.ORDERS: FeedOrder(
            order="keyset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "notes",
                "an order that was put into the trash or deleted",
                "a status whose plugin was switched off",
                "a refund that was deleted",
            ),
        ),
        Feed.PRODUCTS: FeedOrder(
            order="offset",
            overlap=timedelta(seconds=120),
            clock="vendor",
            blind_spots=(
                "products that were put into the trash or deleted",
                "quantities that orders took off",
                "a change of a variation that leaves its product alone",
            ),
        ),
    },
    secrets=("the consumer key and the consumer secret of a read/write REST key: `ck_…:cs_…`",),
    gaps=(
        "WooCommerce has no compare-and-set: an order that comes between reading and writing a quantity (about "
        "a second) is put right by the next push.",
        "A quantity is refused where `Manage stock?` is off, or where the variation uses its product's stock.",
        "A struck-out price that is not ours cannot be kept: a price that is written becomes the regular one and "
        "ends a sale.",
        "WooCommerce has no shipments: a parcel is told by the Shipment Tracking extension where it is "
        "installed, else by a note to the buyer; what is in it stands in the order's metadata.",
        "Parcels that staff told of show a number and not their lines.",
        "No requests after the sale (returns, exchanges): what a buyer wants back is agreed elsewhere, and shows "
        "as a refund alone, with the units that are no longer wanted; one that restocks raises the quantity.",
        "No requests for cancellation or change of address, no messages, no time of delivery.",
        "Units are cancelled by a refund of no money, of which the shop may send the buyer an e-mail; a whole "
        "order by its status, which gives no money back. The money is a refund of its own.",
        "A refund has no key in WooCommerce: ours stands at the end of its reason, and is looked for there.",
        "Pictures are fetched by the shop itself: only web addresses can be given.",
        "A variation has no title of its own, and one picture.",
        "Grouped and external products are not listed: the shop itself does not sell them.",
    ),
    webhook_topics=tuple(TOPICS),
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from connectors.storefronts.woocommerce.connector import WooCommerceStorefront

    return WooCommerceStorefront(setup)


def webhook_reader(secret: Secret, options: BaseModel) -> WebhookReader:
    """Reads the deliveries of one account; `secret` is the one that its webhooks were made with."""
    from connectors.storefronts.woocommerce.webhooks import Webhooks

    return Webhooks(secret)
