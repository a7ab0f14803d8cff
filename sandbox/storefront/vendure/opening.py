"""Opens a Vendure shop in a world: its books, and the door with its administrator."""

from random import Random

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.books import Shop, Terms
from sandbox.storefront.entrance import Entrance, forgetting
from sandbox.storefront.vendure import server
from sandbox.storefront.vendure.sessions import Doorkeeper

ADMINISTRATOR = "superadmin"


def enter(
    name: str, *, ledger: Ledger, clock: Clock, random: Random, terms: Terms, password: str
) -> Entrance:
    """An empty shop with an administrator."""
    shop = Shop(name, terms, ledger=ledger, clock=clock, random=random)
    door = Doorkeeper(ADMINISTRATOR, password)
    return Entrance(
        shop,
        "vendure",
        server.app(shop, door),
        secret=password,
        options={"username": ADMINISTRATOR, "password": password},
        forget=forgetting(door.expire_all),
    )
