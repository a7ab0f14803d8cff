"""Whatever happens in whatever order, shops never offer more than warehouse and supplier have together."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import World
from sync.flows.flow import FlowName
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor

SKU, CODE = "CHAIR-1", "A-1"
RULES = """
stock: {suppliers: {acme: {lag: 1 second}}}
routing:
  - {name: normal, to: nearest_with_everything, otherwise: split}
"""
PASSES = (
    ("main", FlowName.ORDERS),
    ("main", FlowName.REVIEW),
    ("main", FlowName.PUSH_STOCK),
    ("warehouse", FlowName.STOCK),
    ("warehouse", FlowName.OUTBOX),
    ("warehouse", FlowName.FULFILMENT),
    ("acme", FlowName.OFFERS),
    ("acme", FlowName.OUTBOX),
    ("acme", FlowName.ACKNOWLEDGEMENTS),
    ("acme", FlowName.DESPATCHES),
)


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    world = World(2)
    shop = world.open_shop("main")
    (tmp_path / "acme").mkdir()
    acme = world.open_supplier("acme", folder=tmp_path / "acme")
    acme.supplier.add_good(CODE, SKU, 2000, 8)
    world.warehouse.add_product(SKU, SKU)
    world.warehouse.receive(SKU, 6)
    world.list_good(shop, SKU, SKU, 4900, physical=SKU, units=0)
    acme.publish()
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        conductor = await Conductor.open(tmp_path, served.ready(), control, database.address)
        try:
            await conductor.change_rules("rules.yaml", RULES)
            await conductor.settle(rounds=3)
            yield conductor
        finally:
            await conductor.close()


@pytest.mark.parametrize("seed", [1, 2])
async def test_never_more_is_offered_than_warehouse_and_supplier_have(daemon: Conductor, seed: int) -> None:
    chance = Random(seed)
    seen: Counter[str] = Counter()
    for _ in range(70):
        await _something(daemon, chance, seen)
        _check(await daemon.books())
    await daemon.settle(rounds=3)
    _check(await daemon.books())
    await daemon.act("/supplier/collect")
    assert seen["sold"] > 5
    assert (await daemon.books())["supplier:acme"]["orders"], (
        "the supplier has to get something to say something"
    )


async def _something(daemon: Conductor, chance: Random, seen: Counter[str]) -> None:
    what = chance.random()
    if what < 0.6:
        name, flow = chance.choice(PASSES)
        await daemon.run(name, flow)
    elif what < 0.8:
        await daemon.later(timedelta(minutes=2))  # else one buyer's orders look doubled
        lines = [{"sku": SKU, "quantity": chance.randint(1, 2)}]
        answer = await daemon.control.post("/buy", json={"shop": "main", "lines": lines})
        seen["sold" if answer.status_code == 200 else "sold out"] += 1
    elif what < 0.88:
        await daemon.act("/supplier/publish")
    else:
        await _clerk(daemon, chance)


async def _clerk(daemon: Conductor, chance: Random) -> None:
    """The supplier reads its post, accepts an order or sends one."""
    await daemon.act("/supplier/collect")
    orders = (await daemon.books())["supplier:acme"]["orders"]
    if not orders:
        return
    order = chance.choice(orders)
    if order["state"] == "received":
        await daemon.act("/supplier/acknowledge", reference=order["reference"])
    elif order["state"] == "acknowledged" and not order["refused"]:
        await daemon.act("/supplier/despatch", reference=order["reference"])


def _check(books: dict[str, Any]) -> None:
    supplier = books["supplier:acme"]
    there = int(books["warehouse"]["stock"][SKU]) + supplier["goods"][CODE]["stock"]
    left = 0
    for order in supplier["orders"]:
        gone = order["despatched"].get(CODE, 0)
        left += gone
        if order["state"] in ("acknowledged", "despatched"):
            there += order["lines"][CODE] - order["refused"].get(CODE, 0) - gone
    for shipment in books["warehouse"]["shipments"]:
        if shipment["state"] in ("shipped", "done"):
            left += int(shipment["lines"].get(SKU, 0))
    shop = books["shops"]["main"]
    saleable = sum(max(0, one["saleable"]) for one in shop["variants"] if one["physical"] == SKU)
    bought = sum(line["quantity"] for order in shop["orders"] for line in order["lines"])
    assert saleable + bought - left <= there, (saleable, bought, left, there)
