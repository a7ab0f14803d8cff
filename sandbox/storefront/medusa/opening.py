"""Opens a Medusa shop in a world: its books, and the door with its keys."""

import secrets
from functools import partial
from random import Random

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.entrance import Entrance, forgetting
from sandbox.storefront.medusa import server
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.deeds import settle_cancelled
from sandbox.storefront.medusa.doors import Door


def open_shop(name: str, *, ledger: Ledger, clock: Clock, random: Random) -> tuple[MedusaShop, Door]:
    """An empty shop, and its door with a new password and new keys."""
    shop = MedusaShop(name, ledger=ledger, clock=clock, random=random)
    shop.cancelled = partial(settle_cancelled, shop)
    return shop, Door(secrets.token_urlsafe(12))


def enter(name: str, *, ledger: Ledger, clock: Clock, random: Random, secret: str) -> Entrance:
    """An empty shop in a world: EUR, two stock locations; what follows `sk_` in its secret key is given."""
    shop, door = open_shop(name, ledger=ledger, clock=clock, random=random)
    door.secret_key = f"sk_{secret}"
    return Entrance(
        shop,
        "medusa",
        server.app(shop, door),
        secret=door.secret_key,
        options={
            "email": door.email,
            "password": door.password,
            "key": door.secret_key,
            "publishable_key": door.publishable_key,
        },
        forget=forgetting(door.expire_all),
    )
