"""Corner Shop: what its connector declares. The connector itself is loaded when it is opened."""

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
    PaceRule,
    Repeat,
    Source,
    Storefront,
    Verified,
    VerifiedBy,
)
from connectors.transport import Setup
from entrepot_cornershop.options import Options

OPTIONS = Options

MANIFEST = Manifest(
    name="cornershop",
    kind=Kind.STOREFRONT,
    title="Corner Shop",
    capabilities=frozenset({Capability.SET_QUANTITIES, Capability.CONFIRM_SHIPMENT}),
    verified=(Verified(VerifiedBy.DOCUMENTS, "its own test server: every operation"),),
    limits=Limits(
        pace=(PaceRule("account", 100, timedelta(seconds=1), "the shop's manual, page 3", Origin.VENDOR),),
        batch_items=50,
        sources={"batch_items": Source(Origin.VENDOR, "the shop's manual, page 4")},
    ),
    repeats={Operation.CONFIRM_SHIPMENT: Repeat.VENDOR_KEY},
    feeds={
        Feed.PRODUCTS: FeedOrder(order="keyset", blind_spots=("a change of a product that was read before",)),
        Feed.ORDERS: FeedOrder(order="keyset", blind_spots=("what happens to an order after it was placed",)),
    },
    secrets=("API key",),
    gaps=("No returns, refunds, notes or messages.", "Prices and texts are kept in the shop."),
)


def open_connector(setup: Setup) -> Storefront:
    """The shop behind one account. Nothing is called yet."""
    from entrepot_cornershop.connector import CornerShop

    return CornerShop(setup)
