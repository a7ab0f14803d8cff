"""A supplier cancels a line: another one that can still send it in time takes over, else a person is asked."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import World
from sync.domain.clock import to_micros
from sync.domain.lifecycle import OrderState
from sync.store import issues
from sync.store.tables import customer_order
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor

SKU = "CHAIR-1"
RULES = """
stock: {suppliers: {acme: {lag: 1 second}, bolt: {lag: 1 second}}}
routing:
  - {name: normal, to: nearest_with_everything, otherwise: split}
"""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    """Two suppliers of one chair: acme sends in two days, bolt in two as well unless a test says otherwise."""
    world = World(3)
    shop = world.open_shop("main")
    world.warehouse.add_product(SKU, SKU)
    world.list_good(shop, SKU, SKU, 4900, physical=SKU, units=0)
    for name, code, units in (("acme", "A-1", 5), ("bolt", "B-1", 4)):
        (tmp_path / name).mkdir()
        supplier = world.open_supplier(name, folder=tmp_path / name)
        supplier.supplier.add_good(code, SKU, 2000, units)
        supplier.publish()
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        conductor = await Conductor.open(tmp_path, served.ready(), control, database.address)
        try:
            await conductor.change_rules("rules.yaml", RULES)
            await conductor.settle(rounds=4)
            yield conductor
        finally:
            await conductor.close()


async def _placed(daemon: Conductor) -> tuple[str, str, str]:
    """A shopper buys two. Gives the order's number, and which supplier has it under which code."""
    number = await daemon.buy("main", CHAIR_1=2)
    await daemon.settle(rounds=3)
    for name, code in (("acme", "A-1"), ("bolt", "B-1")):
        if (await daemon.act("/supplier/collect", supplier=name))["orders"]:
            return number, name, code
    raise AssertionError("no supplier has the order")


async def _refused(daemon: Conductor, number: str, name: str, code: str) -> None:
    await daemon.act(
        "/supplier/acknowledge", supplier=name, reference=f"main/{number}/1", refuse=[code], reason="sold out"
    )
    await daemon.settle(rounds=3)


async def _to_leave_within(daemon: Conductor, number: str, span: timedelta) -> None:
    """The shop promised it by then."""
    async with daemon.store.write() as tx:
        by = to_micros(daemon.clock.now() + span)
        await tx.run(sa.update(customer_order).where(customer_order.c.number == number).values(ship_by=by))


async def test_both_suppliers_stock_is_sold(daemon: Conductor) -> None:
    assert (await daemon.offers(SKU))["main"].acked == 9


async def test_another_supplier_takes_over_what_one_has_cancelled(daemon: Conductor) -> None:
    number, first, code = await _placed(daemon)
    other = "bolt" if first == "acme" else "acme"
    await _refused(daemon, number, first, code)
    assert (await daemon.act("/supplier/collect", supplier=other))["orders"] == [f"main/{number}/2"]
    assert (await daemon.order(number)).state == OrderState.SENT
    assert "order.held" not in await daemon.issue_kinds()
    left = {"acme": 5, "bolt": 4}[other] - 2
    assert (await daemon.offers(SKU))["main"].acked == left, "the one that cancelled is not believed"
    await daemon.act("/supplier/acknowledge", supplier=other, reference=f"main/{number}/2")
    await daemon.act("/supplier/despatch", supplier=other, reference=f"main/{number}/2")
    await daemon.settle(rounds=4)
    assert (await daemon.order(number)).state == OrderState.SHIPPED


async def test_nobody_takes_over_who_would_send_it_too_late(daemon: Conductor) -> None:
    number, first, code = await _placed(daemon)
    await _to_leave_within(daemon, number, timedelta(days=1))
    await _refused(daemon, number, first, code)
    assert (await daemon.order(number)).state == OrderState.HELD
    (why,) = await _why(daemon)
    assert why == f"{first} will not send 2 × {SKU} (sold out), and nobody else has it in time"


async def test_a_supplier_that_is_quick_enough_takes_over(daemon: Conductor) -> None:
    number, first, code = await _placed(daemon)
    await _to_leave_within(daemon, number, timedelta(days=3))
    await _refused(daemon, number, first, code)
    assert (await daemon.order(number)).state == OrderState.SENT


async def _why(daemon: Conductor) -> list[Any]:
    async with daemon.store.read() as tx:
        return [one.why for one in await issues.list_open(tx, kind="order.held")]
