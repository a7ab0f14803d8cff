"""Forty buyers, ten units, and the flows of two shops at once: nobody is promised what is not there."""

import asyncio
from random import Random

import sqlalchemy as sa

from sync.flows.flow import FlowName as F
from sync.store.tables import reservation, stock_level
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor

DATABASES = BOTH

SKU, UNITS, BUYERS = "TEE-03", 10, 40
SHOPS = ("main", "yen")
FLOWS = (F.ORDERS, F.REVIEW, F.PUSH_STOCK)


async def _ten_units(daemon: Conductor) -> None:
    there = int((await daemon.books())["warehouse"]["stock"][SKU])
    await daemon.act("/warehouse/receive", sku=SKU, quantity=UNITS - there)
    await daemon.settle(rounds=3)


async def _work(daemon: Conductor, shop: str, rounds: int) -> None:
    for _ in range(rounds):
        await daemon.run(shop, *FLOWS)


async def _reserved(daemon: Conductor) -> tuple[int, int]:
    """What the figure says is reserved, and the sum of what its orders hold."""
    held = sa.func.coalesce(sa.func.sum(reservation.c.quantity - reservation.c.released), 0)
    async with daemon.store.read() as tx:
        figure = await tx.scalar(sa.select(stock_level.c.reserved).where(stock_level.c.sku == SKU))
        return int(figure), int(await tx.scalar(sa.select(held).where(reservation.c.sku == SKU)))


async def test_forty_buyers_of_ten_units_beside_two_shops_flows_get_no_more_than_ten(
    daemon: Conductor,
) -> None:
    await _ten_units(daemon)
    chance = Random(4)
    sold = 0

    async def buy() -> None:
        nonlocal sold
        for _ in range(BUYERS):
            wish = {"shop": chance.choice(SHOPS), "lines": [{"sku": SKU, "quantity": 1}]}
            sold += (await daemon.control.post("/buy", json=wish)).status_code == 200
            await asyncio.sleep(0.01)

    await asyncio.gather(buy(), *(_work(daemon, shop, 5) for shop in SHOPS))
    await daemon.settle(rounds=3)
    assert 5 <= sold <= UNITS
    figure, held = await _reserved(daemon)
    assert figure == held
    verdict = await daemon.judged()
    assert (verdict["oversold_units"], verdict["duplicate_effects"]) == (0, 0), verdict


async def test_forty_orders_of_two_shops_at_once_get_ten_units_and_the_rest_is_told_short(
    daemon: Conductor,
) -> None:
    """Staff had shown more than there was: forty are sold, and both shops' orders are read at once."""
    await _ten_units(daemon)
    for shop in SHOPS:
        await daemon.act("/shop-stock", shop=shop, sku=SKU, quantity=BUYERS // 2)
        for _ in range(BUYERS // 2):
            await daemon.act("/buy", shop=shop, lines=[{"sku": SKU, "quantity": 1}])
    await asyncio.gather(*(_work(daemon, shop, 2) for shop in SHOPS))
    async with daemon.store.read() as tx:
        short = await tx.scalar(sa.select(sa.func.sum(reservation.c.short)).where(reservation.c.sku == SKU))
    assert int(short) == BUYERS - UNITS
    assert await _reserved(daemon) == (BUYERS, BUYERS)
