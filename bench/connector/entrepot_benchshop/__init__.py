"""The benchmark's shop: it takes quantities in batches of 100, and 10 such calls a second."""

from datetime import timedelta

from entrepot_benchsystem import Options

from connectors.contract import (
    Capability,
    Feed,
    FeedOrder,
    Kind,
    Limits,
    Manifest,
    PaceRule,
    Storefront,
    Verified,
    VerifiedBy,
)
from connectors.transport import Setup

WRITES = "writes"
"""The pace key of the calls that the shop counts."""


OPTIONS = Options

MANIFEST = Manifest(
    name="benchshop",
    kind=Kind.STOREFRONT,
    title="Bench Shop",
    capabilities=frozenset({Capability.READ_QUANTITIES, Capability.SET_QUANTITIES}),
    verified=(Verified(VerifiedBy.DOCUMENTS, "its own server"),),
    limits=Limits(pace=(PaceRule(WRITES, 10, timedelta(seconds=1), "its own server"),), batch_items=100),
    feeds={
        Feed.PRODUCTS: FeedOrder(order="keyset", blind_spots=("quantities",)),
        Feed.ORDERS: FeedOrder(order="keyset"),
    },
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from entrepot_benchshop.connector import BenchShop

    return BenchShop(setup)
