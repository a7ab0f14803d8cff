"""Forty price-protection claims on delivered lines: money alone, once each, though answers get lost; no stock moves."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.domain.aftersales import RequestKind
from sync.flows.flow import FlowName
from sync.store.back import cases
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import Back, bought, build, conducted, entries, fair

pytestmark = [pytest.mark.parametrize("database", ["sqlite"], indirect=True), pytest.mark.timeout(900)]
ORDERS, CLAIM = 4, 150
GOODS = {f"TEE-{n:02d}": 1500 + 10 * n for n in range(10)}
RULES = """
returns:
  - {name: cheaper now, when: {type: price_protection, value_below: 5 EUR}, do: approve}
"""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with conducted(tmp_path, build("vendure", goods=GOODS), database.address, RULES) as daemon:
        yield daemon


async def _delivered(daemon: Conductor) -> list[Back]:
    """Orders of all goods, none like another: equal ones of one buyer would be held."""
    lines = {sku.replace("-", "_"): 1 for sku in GOODS}
    orders = [await bought(daemon, "main", **{**lines, "TEE_00": n + 1}) for n in range(ORDERS)]
    await daemon.settle(rounds=2)
    for until in ("packed", "done"):
        await daemon.act("/warehouse/work", until=until)
        await daemon.settle(rounds=3)
    for order in orders:
        for tracking in await order.parcels():
            await daemon.act("/courier/scan", tracking=tracking, status="delivered")
    await daemon.settle(rounds=1)
    return orders


async def test_forty_claims_are_paid_once_each_and_move_no_stock(daemon: Conductor) -> None:
    orders = await _delivered(daemon)
    before = await daemon.books()
    labels = len(await entries(daemon, "label_bought"))
    assert len(await entries(daemon, "shipment_shipped")) == ORDERS
    losses = {"kind": "drop_after", "match": "refundOrder", "calls": [2, 9, 21, 30]}
    assert (await daemon.control.put("/faults", json={"shop:main": [losses]})).status_code == 200
    for order in orders:
        for sku in GOODS:
            await order.entered(RequestKind.PRICE_PROTECTION, {sku: (0, CLAIM)})
    for _ in range(2 * len(GOODS) + 8):
        await daemon.settle(rounds=1)
        for _ in range(3):
            await daemon.run("main", FlowName.WAY_BACK, FlowName.OUTBOX)
        if sum([len(await order.refunds()) for order in orders]) >= ORDERS * len(GOODS):
            break
    await daemon.settle(rounds=12)  # what got no answer is looked up after its quiet time
    for order in orders:
        assert await order.refunds() == [CLAIM] * len(GOODS)
        async with daemon.store.read() as tx:
            known = await cases.of_order(tx, (await daemon.order(order.ours)).row.id)
        assert [case.state for case in known] == [cases.DONE] * len(GOODS)
    after = await daemon.books()
    assert after["warehouse"]["stock"] == before["warehouse"]["stock"]
    shelves = [
        [(one["sku"], one["saleable"]) for one in books["shops"]["main"]["variants"]]
        for books in (before, after)
    ]
    assert shelves[0] == shelves[1]
    for kind in ("returned", "restocked", "return_announced", "order_cancelled"):
        assert await entries(daemon, kind) == []
    assert len(await entries(daemon, "label_bought")) == labels
    await fair(daemon)
