"""Tryton as the warehouse: stock, outbound shipments, parcels, receipts, stocktakes and transfers, by REST.

Importing this package costs nothing but the manifest; the connector itself is loaded when it is opened.
"""

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
    StockPolicy,
    Verified,
    VerifiedBy,
    Warehouse,
)
from connectors.transport import Setup
from connectors.warehouse.tryton.options import Options
from sync.domain.shipments import StockBasis

OVERLAP = timedelta(minutes=5)
"""Tryton stamps a change with the start of its transaction: one that took long shows up behind the others."""

OPTIONS = Options

MANIFEST = Manifest(
    name="tryton",
    kind=Kind.WAREHOUSE,
    title="Tryton 8.2",
    capabilities=frozenset(
        {
            Capability.ASSIGN,
            Capability.CANCEL_FULFILMENT,
            Capability.LABEL_PARCELS,
            Capability.PART_SHIPMENTS,
            Capability.INBOUND,
            Capability.RETURN_RECEIPTS,
            Capability.COUNTS,
            Capability.TRANSFERS,
        }
    ),
    verified=(Verified(VerifiedBy.REAL_SERVER, "trytond 8.2.1 on PostgreSQL: every operation and trap"),),
    limits=Limits(
        batch_items=100,
        page_items=500,
        read_seconds=60.0,
        total_seconds=120.0,
        sources={
            "page_items": Source(Origin.OURS, "trytond 8.2 has no limit of its own"),
            "read_seconds": Source(Origin.OURS, "assigning a long shipment is one request"),
            "total_seconds": Source(Origin.OURS, "twice the silence"),
        },
    ),
    repeats={
        Operation.CREATE_FULFILMENT: Repeat.REFERENCE,
        Operation.ANNOUNCE_INBOUND: Repeat.REFERENCE,
        Operation.ANNOUNCE_RETURN: Repeat.REFERENCE,
        Operation.TRANSFER: Repeat.REFERENCE,
    },
    feeds={
        Feed.STOCK: FeedOrder(
            order="keyset",
            overlap=OVERLAP,
            blind_spots=("an assigned move that is cancelled and deleted between two reads",),
        ),
        Feed.FULFILMENTS: FeedOrder(
            order="keyset",
            overlap=OVERLAP,
            blind_spots=(
                "a part of the stock is assigned",
                "a package is added or changed",
                "a tracking number is put on a package",
            ),
        ),
        Feed.RECEIPTS: FeedOrder(
            order="keyset",
            overlap=OVERLAP,
            blind_spots=(
                "a return that nobody announced is received, cancelled and made a draft between two reads",
            ),
        ),
        Feed.COUNTS: FeedOrder(order="keyset", overlap=OVERLAP),
    },
    stock=StockPolicy(basis=StockBasis.NET_OF_ASSIGNED),
    secrets=("the key of a user application of kind REST",),
    gaps=(
        "what a part shipment leaves over is dropped: it is ordered again under a new reference",
        "a shipment cancelled in the moment that a packer ships it is cancelled in Tryton's books too",
        "a region, and a country that Tryton does not know, are written behind the city",
        "the buyer's note, the service and the order number are not passed on",
        "products that need a lot wait until a person gives the lots",
        "what suppliers deliver counts as good",
        "a return's tracking number stands behind our reference, in the same field",
        "where returned goods go after they were put away, to buyers or suppliers too, is not told",
    ),
)


def open_connector(setup: Setup) -> Warehouse:
    """The connector for one account."""
    from connectors.warehouse.tryton.connector import TrytonWarehouse

    return TrytonWarehouse(setup, MANIFEST)
