"""A world for the guards: thirty goods on two shops and one warehouse, and what a test looks at in it.

The limits are those of the product for thirty offers, from four offers on.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import World
from sync.domain.guards import Guard
from sync.engine import approving
from sync.flows.flow import FlowName as F
from sync.store import issues
from sync.store.tables import account, listing, offer_price, offer_quantity
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor

GOODS = tuple(f"CUP-{n:02d}" for n in range(1, 31))
SHOP, OTHER = "main", "yen"
UNITS = 20
GUARDS = "guards: {from: 4 offers}\n"
MOST_TO_ZERO, MOST_CHANGING, MOST_PRICES, MOST_FIGURES = 6, 15, 9, 9
"""20 %, 50 %, 30 % and 30 % of thirty."""
HOUR = timedelta(hours=1, seconds=1)


@asynccontextmanager
async def guarded_world(
    folder: Path, database: Place, *, observed: str = "", units: int = UNITS
) -> AsyncIterator[Conductor]:
    """Everything is read and pushed once; each shop shows half of every good. One may be `observed` only."""
    world = World(1)
    for sku in GOODS:
        world.warehouse.add_product(sku, sku)
        world.warehouse.receive(sku, units)
    for name in (SHOP, OTHER):
        shop = world.open_shop(name)
        for sku in GOODS:
            world.list_good(shop, sku, sku, 1000, physical=sku, units=0)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        daemon = await Conductor.open(folder, served.ready(), control, database.address)
        try:
            await _only_observe(daemon, observed)
            await daemon.change_rules("guards.yaml", GUARDS)
            await daemon.run("warehouse", F.STOCK)
            await daemon.settle(rounds=3)
            yield daemon
        finally:
            await daemon.close()


async def _only_observe(daemon: Conductor, name: str) -> None:
    async with daemon.store.write() as tx:
        await tx.run(sa.update(account).where(account.c.name == name).values(mode="observe", live_from=None))
    await daemon.look_at_accounts()


async def shown(daemon: Conductor, shop: str = SHOP) -> dict[str, int]:
    """What a shop would still sell of every good, by its own books."""
    variants = (await daemon.books())["shops"][shop]["variants"]
    return {one["sku"]: one["saleable"] for one in variants}


async def at_zero(daemon: Conductor, shop: str = SHOP) -> int:
    """Of so many goods a shop sells nothing."""
    return sum(units <= 0 for units in (await shown(daemon, shop)).values())


async def empty(daemon: Conductor, skus: Sequence[str]) -> None:
    """The warehouse finds none of these any more."""
    for sku in skus:
        await daemon.act("/warehouse/count", sku=sku, missing=10**6)


async def push(daemon: Conductor, *shops: str) -> None:
    """The shops' pushes; what was put off comes due."""
    for _ in range(3):
        await daemon.later(timedelta(seconds=3))
        for shop in shops or (SHOP, OTHER):
            await daemon.run(shop, F.ORDERS, F.PUSH_STOCK)


async def asked(daemon: Conductor) -> list[tuple[str, str]]:
    """(kind, account) of every open issue of a guard."""
    async with daemon.store.read() as tx:
        found = await issues.list_open(tx)
    return sorted((one.kind, one.subject) for one in found if one.kind.startswith("guard."))


async def approve(daemon: Conductor, guard: Guard, account: str, **more: Any) -> dict[str, Any]:
    """What `entrepot approve` does."""
    wanted = {"guard": guard.value, "account": account, "who": "test"} | more
    told, _ = await approving.approve(daemon.store, wanted)
    (bounds,) = told["approved"]
    return dict(bounds)


async def quantities(daemon: Conductor, shop: str = SHOP) -> dict[str, Any]:
    """The stored quantities of a shop by SKU."""
    return await _offers(daemon, offer_quantity, shop)


async def prices(daemon: Conductor, shop: str = SHOP) -> dict[str, Any]:
    """The stored prices of a shop by SKU."""
    return await _offers(daemon, offer_price, shop)


async def _offers(daemon: Conductor, table: sa.Table, shop: str) -> dict[str, Any]:
    query = sa.select(table, listing.c.remote_sku).join(listing, listing.c.id == table.c.listing_id)
    async with daemon.store.read() as tx:
        rows = await tx.all(query.where(table.c.account_id == daemon.view(shop).id))
    return {row.remote_sku: row for row in rows}
