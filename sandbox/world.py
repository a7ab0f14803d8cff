"""The pretend world: shops, a warehouse and a courier, with their books, goods and one ledger.

Building it is not an event: the ledger begins with the goods that the warehouse received. Everything after
that happens through the systems' own operations.
"""

import gc
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sandbox.assortment import BULK, EXTRA, GOODS, Good, ballast
from sandbox.clock import Clock
from sandbox.courier.books import CARRIER, Courier
from sandbox.ledger import Ledger
from sandbox.storefront.books import Shop, Terms
from sandbox.storefront.entrance import Entrance
from sandbox.storefront.goods import Variant
from sandbox.storefront.medusa import opening as medusa
from sandbox.storefront.shopify import opening as shopify
from sandbox.storefront.vendure import opening as vendure
from sandbox.storefront.woocommerce import opening as woocommerce
from sandbox.supplier.books import Supplier
from sandbox.supplier.dialect import PLAIN, Dialect
from sandbox.supplier.postbox import Postbox
from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.store import MAIN

CANARY_WORD = "kanarie-of-the-house"
"""Every secret of a world begins with it, so that whoever searches a program's files for it finds any secret."""
DATABASE = "warehouse"
FREE = "FREE"
"""The coupon that makes an order cost nothing."""

TERMS = {
    "main": Terms("EUR", 2, prices_include_tax=False, tax_rate=20, shipping_prices=(500, 1000)),
    "yen": Terms("JPY", 2, prices_include_tax=True, tax_rate=10, shipping_prices=(80000, 160000)),
    "dinar": Terms("KWD", 3, prices_include_tax=False, tax_rate=0, shipping_prices=(1500, 3000)),
    "empty": Terms("EUR", 2),
}
_PER_CENT = {"main": 1.0, "yen": 160.0, "dinar": 3.3, "empty": 1.0}
"""Minor units of a shop's currency, as it stores them, for one euro cent."""


def new_secret() -> str:
    """A secret that nobody can guess, and that a search can find."""
    return f"{CANARY_WORD}-{secrets.token_hex(8)}"


@dataclass(slots=True)
class World:
    """All systems of one run. `stocked` says whether the shops show the warehouse's figures at the start."""

    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    shops: dict[str, Shop] = field(default_factory=dict)
    entrances: dict[str, Entrance] = field(default_factory=dict)
    """How each shop is reached."""
    clocks: dict[str, Clock] = field(default_factory=dict)
    listings: dict[tuple[str, str], Variant] = field(default_factory=dict)
    warehouse_key: str = field(default_factory=new_secret)
    courier_key: str = field(default_factory=lambda: f"key_{new_secret()}")
    warehouses: dict[str, str] = field(default_factory=lambda: {"warehouse": MAIN})
    """The warehouses that a daemon works with, all in one system's books: account → the code there."""
    suppliers: dict[str, Postbox] = field(default_factory=dict)
    supplier_keys: dict[str, str] = field(default_factory=dict)
    warehouse: Warehouse = field(init=False)
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        for system in ("warehouse", "courier"):
            self.clocks[system] = Clock()
        self.warehouse = Warehouse(self.ledger, self.clocks["warehouse"], self.random("warehouse"))
        self.courier = Courier(self.ledger, self.clocks["courier"], self.random("courier"))
        self.courier.connect(CARRIER, CARRIER)

    def random(self, who: str) -> Random:
        """The seed's own chance for one part of the world, independent of all others."""
        return Random(f"{self.seed}/{who}")

    def open_shop(self, name: str) -> Shop:
        """Open an empty shop of the Vendure kind, with an administrator whose password is new."""
        return self._opened(name, partial(vendure.enter, terms=TERMS[name], password=new_secret()))

    def open_medusa(self, name: str) -> Shop:
        """Open an empty shop of the Medusa kind: EUR, two stock locations, new keys."""
        return self._opened(name, partial(medusa.enter, secret=new_secret()))

    def open_shopify(self, name: str) -> Shop:
        """Open an empty shop of the Shopify kind: EUR, two locations, new credentials."""
        return self._opened(name, partial(shopify.enter, secret=new_secret()))

    def open_woocommerce(self, name: str) -> Shop:
        """Open an empty shop of the WooCommerce kind: EUR, in Berlin, a new key."""
        return self._opened(name, partial(woocommerce.enter, secret=new_secret()))

    def _opened(self, name: str, enter: Callable[..., Entrance]) -> Shop:
        clock = self.clocks[f"shop:{name}"] = Clock()
        entrance = enter(name, ledger=self.ledger, clock=clock, random=self.random(f"shop:{name}"))
        entrance.shop.add_coupon(FREE, "everything free", 100, free_shipping=True)
        self.entrances[name], self.shops[name] = entrance, entrance.shop
        return entrance.shop

    def open_supplier(self, name: str, *, folder: Path | None = None, dialect: Dialect = PLAIN) -> Postbox:
        """Open a supplier without goods; its papers go through `folder`, else over HTTP with a new key."""
        clock = self.clocks[f"supplier:{name}"] = Clock()
        supplier = Supplier(name, self.ledger, clock, self.random(f"supplier:{name}"))
        self.supplier_keys[name] = new_secret()
        self.suppliers[name] = Postbox(supplier, folder, dialect)
        return self.suppliers[name]

    def list_good(
        self, shop: Shop, sku: str, name: str, cents: int, *, physical: str | None, units: int
    ) -> Variant:
        """Put a listing into a shop: a product with one variant, its stock counted."""
        product = shop.catalogue.create_product(
            {"translations": [{"languageCode": "en", "name": name, "slug": name, "description": name}]}
        )
        change: dict[str, Any] = {
            "productId": product.id,
            "sku": sku,
            "price": max(1, round(cents * _PER_CENT.get(shop.name, 1.0))),
            "translations": [{"languageCode": "en", "name": name}],
            "trackInventory": "TRUE",
            "stockOnHand": units,
        }
        (variant,) = shop.catalogue.create_variants([change])
        variant.physical = physical
        self.listings[shop.name, sku] = variant
        return variant

    def overrides(self) -> list[dict[str, str]]:
        """Listings whose own SKU is not that of what they sell."""
        return [
            {"listing": f"{shop}:{variant.id}", "sku": variant.physical}
            for (shop, sku), variant in self.listings.items()
            if variant.physical is not None and variant.physical != sku
        ]

    def unbindable(self) -> list[dict[str, str]]:
        """Listings of which nobody can say what they sell."""
        return [
            {"listing": f"{shop}:{variant.id}", "reason": "no SKU"}
            for (shop, _), variant in self.listings.items()
            if variant.physical is None
        ]

    def state(self) -> dict[str, Any]:
        """The present books of every system, without personal data."""
        return {
            "shops": {name: shop.state() for name, shop in self.shops.items()},
            "warehouse": self.warehouse.state(),
            "courier": self.courier.state(),
            **{f"supplier:{name}": postbox.supplier.state() for name, postbox in self.suppliers.items()},
        }


def build(seed: int, *, skus: int = 0, stocked: bool = False, bulk: bool = True) -> World:
    """The world `demo`, with so many extra SKUs; `stocked` shops show all that the warehouse has.

    Without `bulk` nobody lists the 400 goods of the largest order: a small world that is soon in step.
    """
    gc.disable()  # nothing here is garbage, and looking for it among 200,000 SKUs takes as long as the rest
    try:
        return _built(World(seed), skus, stocked, bulk)
    finally:
        gc.freeze()
        gc.enable()


def _built(world: World, skus: int, stocked: bool, bulk: bool) -> World:
    for name in TERMS:
        world.open_shop(name).watching = False
    goods = GOODS if bulk else tuple(good for good in GOODS if good not in BULK)
    for good in (*goods, *ballast(skus)):
        _furnish(world, good, stocked)
    for extra in EXTRA:
        units = 1000 if extra.physical is None else world.warehouse.free(extra.physical) * stocked
        shop = world.shops[extra.shop]
        world.list_good(shop, extra.sku, extra.name, extra.cents, physical=extra.physical, units=units)
    for shop in world.shops.values():
        shop.watching = True
    return world


def _furnish(world: World, good: Good, stocked: bool) -> None:
    world.warehouse.add_product(good.sku, good.name)
    world.warehouse.receive(good.sku, good.units)
    for name in good.shops:
        units = good.units if stocked else 0
        world.list_good(world.shops[name], good.sku, good.name, good.cents, physical=good.sku, units=units)
