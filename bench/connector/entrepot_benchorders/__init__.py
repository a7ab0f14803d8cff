"""The benchmark's shop of orders: pages of 250 whole orders, behind a keyset."""

from entrepot_benchsystem import Options

from connectors.contract import (
    Capability,
    Feed,
    FeedOrder,
    Kind,
    Limits,
    Manifest,
    Storefront,
    Verified,
    VerifiedBy,
)
from connectors.transport import Setup

OPTIONS = Options

MANIFEST = Manifest(
    name="benchorders",
    kind=Kind.STOREFRONT,
    title="Bench Orders",
    capabilities=frozenset({Capability.READ_QUANTITIES, Capability.SET_QUANTITIES}),
    verified=(Verified(VerifiedBy.DOCUMENTS, "its own server"),),
    limits=Limits(page_items=250),
    feeds={
        Feed.PRODUCTS: FeedOrder(order="keyset", blind_spots=("quantities",)),
        Feed.ORDERS: FeedOrder(order="keyset"),
    },
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from entrepot_benchorders.connector import BenchOrders

    return BenchOrders(setup)
