"""Opens a WooCommerce shop in a world: its books, the door with its keys, and who delivers its webhooks."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.entrance import Entrance
from sandbox.storefront.woocommerce import intake, server
from sandbox.storefront.woocommerce.books import FIRST_ORDER, WooShop
from sandbox.storefront.woocommerce.deliveries import Postman
from sandbox.storefront.woocommerce.door import Door, Key, Permission, new_key
from sandbox.storefront.woocommerce.rules import Rate, Rules

WORLD = Rules(
    currency="EUR",
    zone=ZoneInfo("Europe/Berlin"),
    rates=(Rate(1, Decimal(20), "VAT", shipping=False),),
    base=("DE", ""),
    tracking=True,
)
"""A shop of the pretend world: 20 % of tax everywhere, none on shipping, as the shared books have it."""
IN_WORLD = 3 * 10**15
"""Orders of a shop of the pretend world are numbered from here: no other shop of it has such numbers."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A shop and those who stand at its door."""

    shop: WooShop
    door: Door
    postman: Postman


def open_shop(
    name: str,
    rules: Rules = WORLD,
    *,
    ledger: Ledger,
    clock: Clock,
    random: Random,
    first_order: int = FIRST_ORDER,
    key: Key | None = None,
) -> Opened:
    """An empty shop with new keys; `key` is the one that may do everything, where it is chosen."""
    shop = WooShop(name, rules, ledger=ledger, clock=clock, random=random, first_order=first_order)
    shop.placed = partial(intake.from_books, shop)
    shop.called_off = partial(intake.called_off, shop)
    return Opened(shop, Door(clock, key), Postman(shop))


def enter(name: str, *, ledger: Ledger, clock: Clock, random: Random, secret: str) -> Entrance:
    """An empty shop in a world: EUR, in Berlin; its key's secret is given."""
    key = Key(new_key(Permission.BOTH).key, secret)
    made = open_shop(name, ledger=ledger, clock=clock, random=random, first_order=IN_WORLD, key=key)
    return Entrance(
        made.shop,
        "woocommerce",
        server.app(made.shop, made.door),
        secret=f"{key.key}:{key.secret}",
        options={"key": key.key, "password": key.secret},
        keep_delivering=made.postman.keep_delivering,
    )
