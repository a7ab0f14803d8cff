"""Opens a Shopify shop in a world: its books, the door with its keys, and the postman who delivers its webhooks."""

from random import Random

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.books import Terms
from sandbox.storefront.entrance import Entrance, forgetting
from sandbox.storefront.shopify import server
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


def enter(name: str, *, ledger: Ledger, clock: Clock, random: Random, secret: str) -> Entrance:
    """An empty shop in a world: EUR, two locations; its app's client secret is given."""
    shop, door = open_shop(name, ledger=ledger, clock=clock, random=random)
    door.client_secret = secret
    return Entrance(
        shop,
        "shopify",
        server.app(shop, door),
        secret=secret,
        options={"client_id": door.client_id, "key": door.static_token, "password": secret},
        forget=forgetting(door.expire_all),
    )
