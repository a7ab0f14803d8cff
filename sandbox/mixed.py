"""The world `mixed`: four shops of different make, two warehouses, and a supplier that sends to the buyer itself.

A third of its goods lies in one warehouse, a third in the other, a third in both; some only the supplier has, and
one the supplier has besides. Every third SKU is scarce. So an order may leave in three parcels from three places.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from sandbox.assortment import Good
from sandbox.shoppers import CHINESE, EMOJI, NO_NAME, ONE_NAME, Plot, Purchase, someone
from sandbox.storefront.books import Shop
from sandbox.supplier.postbox import Postbox
from sandbox.warehouse.store import MAIN, SECOND
from sandbox.world import World

SHOPS = ("main", "medusa", "shopify", "woo")
SUPPLIER = "acme"
REGRETS = {"medusa": (Plot.SEND_BACK, Plot.SWAP, Plot.AMENDS), "shopify": (Plot.SEND_BACK, Plot.AMENDS)}
"""Where buyers can ask after the sale, and what comes of it. What is wanted instead has a price at Medusa alone."""
_PLACES = ((MAIN,), (SECOND,), (MAIN, SECOND))
_SCARCE, _PLENTY = 3, 240

STORED = tuple(
    Good(f"TEE-{n:02d}", f"T-shirt {n:02d}", 1500 + 10 * n, _SCARCE if n % 3 == 2 else _PLENTY, SHOPS)
    for n in range(1, 31)
)
"""What the warehouses hold: where, by turns."""
ONLY_THERE = tuple(
    Good(f"DROP-{n:02d}", f"Garden chair {n:02d}", 4900 + 100 * n, 6 if n % 3 == 0 else 60, SHOPS)
    for n in range(1, 11)
)
"""What only the supplier has."""
BESIDES = Good("TEE-03", "T-shirt 03", 1530, 40, SHOPS)
"""What the supplier has besides the warehouses."""


def build(seed: int, *, folder: Path | None = None, stocked: bool = False) -> World:
    """The world; the supplier's papers go through `folder`, else over HTTP."""
    world = World(seed, warehouses={"hamburg": MAIN, "leipzig": SECOND})
    shops = [
        world.open_shop("main"),
        world.open_medusa("medusa"),
        world.open_shopify("shopify"),
        world.open_woocommerce("woo"),
    ]
    acme = world.open_supplier(SUPPLIER, folder=folder)
    for shop in shops:
        shop.watching = False
    for number, good in enumerate(STORED):
        _store(world, good, _PLACES[number % len(_PLACES)])
        _list(world, shops, good, stocked)
    for good in ONLY_THERE:
        world.warehouse.add_product(good.sku, good.name)
        _supply(acme, good)
        _list(world, shops, good, stocked)
    _supply(acme, BESIDES)
    acme.publish()
    for shop in shops:
        shop.watching = True
    return world


def _store(world: World, good: Good, places: tuple[str, ...]) -> None:
    world.warehouse.add_product(good.sku, good.name)
    each, odd = divmod(good.units, len(places))
    for number, place in enumerate(places):
        world.warehouse.receive(good.sku, each + (number < odd), warehouse=place)


def _supply(postbox: Postbox, good: Good) -> None:
    postbox.supplier.add_good(f"A-{good.sku}", good.sku, good.cents // 2, good.units, name=good.name)


def _list(world: World, shops: list[Shop], good: Good, stocked: bool) -> None:
    for shop in shops:
        units = good.units if stocked else 0
        world.list_good(shop, good.sku, good.name, good.cents, physical=good.sku, units=units)


def script(random: Random) -> Iterator[Purchase]:
    """All purchases of a run, without end: first the odd ones, then ordinary ones."""
    yield from _opening(random)
    while True:
        lines = {
            _chosen(random): random.choices((1, 2, 3), (6, 3, 1))[0] for _ in range(random.randint(1, 3))
        }
        plot = Plot.NOTHING
        if random.random() < 0.06:
            plot = random.choice((Plot.CANCEL_BEFORE, Plot.CANCEL_DURING, Plot.CANCEL_LINE))
        shop = random.choice(SHOPS)
        if plot is Plot.NOTHING and shop in REGRETS and random.random() < 0.06:
            plot = random.choice(REGRETS[shop])
        buyer = someone(shop, random)
        yield Purchase(shop, tuple(lines.items()), buyer, at_once=random.random() < 0.1, plot=plot)


def _chosen(random: Random) -> str:
    return random.choice(ONLY_THERE if random.random() < 0.3 else STORED).sku


def _opening(random: Random) -> list[Purchase]:
    here, there, besides = STORED[0].sku, ONLY_THERE[0].sku, BESIDES.sku
    one = someone("main", random)
    return [
        Purchase("main", ((here, 1), (there, 1)), one),
        Purchase("medusa", ((here, 1), (there, 2), (STORED[1].sku, 1)), one),
        Purchase("medusa", ((there, 1),), ONE_NAME),
        Purchase("main", ((there, 1),), NO_NAME, plot=Plot.CANCEL_BEFORE),
        Purchase("medusa", ((here, 2),), EMOJI, plot=Plot.CANCEL_DURING),
        Purchase("main", ((besides, 4),), CHINESE),
        Purchase("medusa", ((here, 1),), one, slow=True),
        Purchase("shopify", ((here, 1), (there, 1), (STORED[1].sku, 2)), one),
        Purchase("woo", ((here, 2), (there, 1)), one),
        Purchase("shopify", ((there, 1),), CHINESE, plot=Plot.CANCEL_BEFORE),
        Purchase("woo", ((STORED[1].sku, 1),), ONE_NAME, plot=Plot.CANCEL_DURING),
        Purchase("medusa", ((STORED[3].sku, 2),), one, plot=Plot.SEND_BACK),
        Purchase("shopify", ((STORED[3].sku, 2),), one, plot=Plot.SEND_BACK),
        Purchase("medusa", ((STORED[5].sku, 1),), one, plot=Plot.SWAP),
        Purchase("shopify", ((STORED[5].sku, 1),), one, plot=Plot.AMENDS),
    ]
