"""Opens a Shopify shop in a world: its books, the door with its keys, and the postman who delivers its webhooks."""

from random import Random

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.books import LOCATIONS, TERMS, ShopifyShop
from sandbox.storefront.shopify.doors import Door


def open_shop(
    name: str,
    *,
    ledger: Ledger,
    clock: Clock,
    random: Random,
    terms: Terms = TERMS,
    locations: tuple[str, ...] = LOCATIONS,
) -> tuple[ShopifyShop, Door]:
    """An empty shop, and its door with new credentials; `terms.precision` must be the currency's own digits."""
    shop = ShopifyShop(name, ledger=ledger, clock=clock, random=random, terms=terms, locations=locations)
    return shop, Door(clock.seconds)
