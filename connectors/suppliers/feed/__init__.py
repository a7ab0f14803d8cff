"""A supplier by files: lists, orders, acknowledgements and despatch notes. What it declares."""

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
    Supplier,
    Verified,
    VerifiedBy,
)
from connectors.suppliers.feed.options import Options
from connectors.transport import Setup

OPTIONS = Options

MANIFEST = Manifest(
    name="feed",
    kind=Kind.SUPPLIER,
    title="Files of a supplier (CSV, TSV, XLSX, JSON Lines)",
    capabilities=frozenset(
        {
            Capability.PLACE_ORDER,
            Capability.DROP_SHIP,
            Capability.CANCEL_ORDER,
            Capability.ACKNOWLEDGEMENTS,
            Capability.DESPATCHES,
        }
    ),
    verified=(
        Verified(VerifiedBy.DOCUMENTS, "RFC 4180, ECMA-376 by openpyxl 3.1, RFC 9110; a supplier of our own"),
    ),
    limits=Limits(
        batch_items=1,
        page_items=500,
        read_seconds=60.0,
        total_seconds=120.0,
        concurrency=2,
        sources={
            "batch_items": Source(Origin.OURS, "an order is a file of its own"),
            "page_items": Source(Origin.OURS, "the option page_items"),
            "answer_bytes": Source(Origin.OURS, "the option max_bytes"),
            "read_seconds": Source(Origin.OURS, "some servers make the list when it is asked for"),
            "total_seconds": Source(Origin.OURS, "a list of 50 MB on a slow line"),
            "concurrency": Source(Origin.OURS, "a file server of a supplier's may be a small one"),
        },
    ),
    repeats={Operation.PLACE_ORDER: Repeat.REFERENCE},
    feeds={
        Feed.OFFERS: FeedOrder(
            order="snapshot",
            blind_spots=("a code that came and went between two lists",),
        ),
        Feed.ACKNOWLEDGEMENTS: FeedOrder(order="keyset"),
        Feed.DESPATCHES: FeedOrder(order="keyset"),
    },
    secrets=("the password (with `username`), or a Bearer token; none for a folder",),
    gaps=(
        "Each row of an acknowledgement or a despatch note must name code and quantity.",
        "A cancellation is unknown until an acknowledgement or a despatch answers it.",
        "Over HTTPS each list and each kind of report is one document; folders are not listed.",
        "No XLS, ODS, PDF or EDIFACT, and no order as XLSX.",
        "What vanished from a list is noticed only while the marks in `state` are kept.",
    ),
)


def open_connector(setup: Setup) -> Supplier:
    """The supplier behind one account. Nothing is read yet."""
    from connectors.suppliers.feed.connector import FeedSupplier

    return FeedSupplier(setup)
