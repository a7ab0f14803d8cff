"""A quiet world whose shops' staff are at hand: two that switch single variants, and one that switches products."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from sandbox.people import People
from sandbox.serving import serve
from sandbox.storefront.goods import Variant
from sandbox.world import World
from sync.flows.flow import FlowName as F
from tests.integration.flows.conductor import Conductor

PAIR = ("TEE-91", "TEE-92")
"""Two variants of one product of the shop `medusa`."""
GOODS = ("TEE-01", "TEE-02", "TEE-03", *PAIR)
UNITS = 60


@dataclass(slots=True)
class Shops:
    """The daemon's parts, and the world that its shops live in."""

    daemon: Conductor
    world: World
    folder: Path

    async def rules(self, text: str, **tables: str) -> None:
        """Mapping files, tables by their names, and the push that they ask for."""
        folder = self.folder / "mappings"
        folder.mkdir(exist_ok=True)
        for name, rows in tables.items():
            (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
        await self.daemon.change_rules("listings.yaml", text)

    async def push(self, *shops: str) -> None:
        """One push of the listings of these shops, of all without any."""
        for shop in shops or ("main", "yen", "medusa"):
            await self.daemon.run(shop, F.PUSH_LISTINGS)

    async def read(self, shop: str) -> None:
        """Read a shop's catalogue, then push."""
        await self.daemon.run(shop, F.CATALOGUE, F.PUSH_LISTINGS)

    async def stock(self, sku: str, units: int) -> None:
        """The warehouse has so many of it, and we know."""
        held = self.world.warehouse.stored(sku) or 0
        if units > held:
            await self.daemon.act("/warehouse/receive", sku=sku, quantity=units - held)
        elif units < held:
            await self.daemon.act("/warehouse/count", sku=sku, missing=held - units)
        await self.daemon.run("warehouse", F.STOCK)

    async def later(self, minutes: float) -> None:
        """Time passes, and every shop is pushed to."""
        await self.daemon.later(timedelta(minutes=minutes))
        await self.daemon.run("warehouse", F.STOCK)
        await self.push()

    def variant(self, shop: str, sku: str) -> Variant:
        """A listing in the shop's own books."""
        return self.world.listings[shop, sku]

    def up(self, shop: str, sku: str) -> bool:
        """Whether shoppers see it."""
        return self.variant(shop, sku).live

    def switch(self, shop: str, sku: str, up: bool) -> None:
        """The shop's staff put it up, or take it down; a product where the shop is of that kind."""
        variant, catalogue = self.variant(shop, sku), self.world.shops[shop].catalogue
        if shop == "medusa":
            variant.product.enabled = up
            variant.product.updated_at = variant.updated_at = self.world.clocks[f"shop:{shop}"].now()
        else:
            catalogue.update_variants([{"id": variant.id, "enabled": up}])

    async def state(self, shop: str, sku: str) -> Any:
        """What is stored of a listing's state."""
        async with self.daemon.store.read() as tx:
            return await tx.one(
                sa.text(
                    "SELECT s.* FROM offer_state s JOIN listing ON listing.id = s.listing_id "
                    "JOIN account ON account.id = s.account_id "
                    "WHERE listing.remote_sku = :sku AND account.name = :shop"
                ),
                {"sku": sku, "shop": shop},
            )

    async def issues(self, kind: str) -> list[Any]:
        """The open issues of a kind."""
        async with self.daemon.store.read() as tx:
            query = sa.text("SELECT * FROM issue WHERE kind = :kind AND closed_at IS NULL ORDER BY subject")
            return list(await tx.all(query, {"kind": kind}))


@asynccontextmanager
async def opened(folder: Path, address: Path | str | None) -> AsyncIterator[Shops]:
    """All accounts are live, the first stock is pushed, and nobody acts unasked."""
    world = World(1)
    main, yen, medusa = world.open_shop("main"), world.open_shop("yen"), world.open_medusa("medusa")
    for shop in (main, yen, medusa):
        shop.watching = False
    for sku in GOODS:
        world.warehouse.add_product(sku, f"T-shirt {sku}")
        world.warehouse.receive(sku, UNITS)
        for shop in (main, yen, medusa):
            if shop is not medusa or sku not in PAIR:
                world.list_good(shop, sku, f"T-shirt {sku}", 1500, physical=sku, units=0)
    _pair(world)
    for shop in (main, yen, medusa):
        shop.watching = True
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        conductor = await Conductor.open(folder, served.ready(), control, address)
        try:
            await conductor.run("warehouse", F.STOCK)
            await conductor.settle(rounds=2)
            yield Shops(conductor, world, folder)
        finally:
            await conductor.close()


def _pair(world: World) -> None:
    shop = world.shops["medusa"]
    product = shop.catalogue.create_product(
        {"translations": [{"languageCode": "en", "name": "Pair", "slug": "pair", "description": "Two"}]}
    )
    for sku in PAIR:
        change: dict[str, Any] = {
            "productId": product.id,
            "sku": sku,
            "price": 1500,
            "translations": [{"languageCode": "en", "name": sku}],
            "trackInventory": "TRUE",
            "stockOnHand": 0,
        }
        (variant,) = shop.catalogue.create_variants([change])
        variant.physical = sku
        world.listings["medusa", sku] = variant
