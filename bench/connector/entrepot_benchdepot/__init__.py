"""The benchmark's warehouse: it tells which figures moved."""

from datetime import timedelta

from entrepot_benchsystem import Options

from connectors.contract import (
    Feed,
    FeedOrder,
    Kind,
    Limits,
    Manifest,
    StockPolicy,
    Verified,
    VerifiedBy,
    Warehouse,
)
from connectors.transport import Setup
from sync.domain.shipments import StockBasis

OPTIONS = Options

MANIFEST = Manifest(
    name="benchdepot",
    kind=Kind.WAREHOUSE,
    title="Bench Depot",
    capabilities=frozenset(),
    verified=(Verified(VerifiedBy.DOCUMENTS, "its own server"),),
    limits=Limits(page_items=500),
    feeds={Feed.STOCK: FeedOrder(order="keyset")},
    stock=StockPolicy(StockBasis.GROSS, timedelta(0)),
)


def open_connector(setup: Setup) -> Warehouse:
    """The depot behind one account. Nothing is called yet."""
    from entrepot_benchdepot.connector import BenchDepot

    return BenchDepot(setup)
