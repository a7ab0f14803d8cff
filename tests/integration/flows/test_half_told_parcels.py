"""A shop is read while it is being told of a parcel: what it shows of our word already is not somebody else's parcel.

Medusa makes a fulfilment first and puts the number on it by a second call; a shop that gives no number to goods
without one shows nothing by which to know them until its answer has come.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.domain.lifecycle import CancelState, OrderState, WorkState
from sync.flows.flow import FlowName
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import Back, bought, build, conducted, entries

SKU = "TEE-01"
GOODS, STORED = {SKU: 1500}, 4


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with conducted(tmp_path, build("medusa", goods=GOODS, stored=STORED), database.address) as daemon:
        yield daemon


async def _leaves(order: Back, rule: dict[str, Any], *, parcels: int = 1, unlabelled: bool = False) -> None:
    """The first shipment leaves, the shop is told under this fault, and it is read before we know what came of it."""
    daemon, shop = order.daemon, order.shop
    work = {"reference": f"{shop}/{order.ours}/1", "parcels": parcels, "unlabelled": unlabelled}
    await daemon.act("/warehouse/work", **work, until="packed")
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", **work, until="done")
    await daemon.run("warehouse", FlowName.FULFILMENT)
    await daemon.run(shop, FlowName.REVIEW)
    await _faults(daemon, shop, rule)
    await daemon.run(shop, FlowName.OUTBOX)
    await daemon.later(timedelta(seconds=8))
    await daemon.run(shop, FlowName.ORDERS, FlowName.OPEN_ORDERS, FlowName.REVIEW)


async def _faults(daemon: Conductor, shop: str, *rules: dict[str, Any]) -> None:
    answer = await daemon.control.put("/faults", json={f"shop:{shop}": list(rules)})
    assert answer.status_code == 200, answer.text


async def _half_told(order: Back, parcels: int = 1) -> None:
    """Medusa makes a fulfilment for the first parcel, and the call that tells its number is lost."""
    await _leaves(order, {"kind": "drop_before", "match": "/shipments", "rate": 1}, parcels=parcels)
    case = await order.daemon.order(order.ours)
    (shown,) = case.shipments
    assert (shown.shipped, shown.tracking, case.parcels[0].told_at) == (False, None, None)


async def _told(daemon: Conductor, shop: str) -> None:
    """The look-up finds what is there, and what is missing is sent."""
    await _faults(daemon, shop)
    await daemon.later(timedelta(minutes=5))
    await daemon.settle(rounds=4)


async def _made(daemon: Conductor) -> set[str]:
    """The ids of all fulfilments that were ever made in the shop."""
    return {facts["fulfilment"] for facts in await entries(daemon, "fulfilment_created")}


async def test_the_rest_of_the_order_is_not_stopped_meanwhile(daemon: Conductor) -> None:
    await daemon.act("/shop-stock", shop="medusa", sku=SKU, quantity=STORED + 2)
    order = await bought(daemon, "medusa", TEE_01=STORED + 2)
    await daemon.settle(rounds=3)
    await _half_told(order)
    case = await daemon.order(order.ours)
    assert [work.cancel for work in case.work] == [CancelState.NONE] * len(case.work)
    assert [line.shipped_elsewhere for line in case.lines] == [0]
    await _told(daemon, "medusa")
    case = await daemon.order(order.ours)
    assert [(work.state, work.cancel) for work in case.work] == [
        (WorkState.SHIPPED, CancelState.NONE),
        (WorkState.WAITING, CancelState.NONE),
    ]
    assert case.state == OrderState.PART_SHIPPED
    assert len(await _made(daemon)) == 1


async def test_nobody_is_told_that_goods_left_which_nobody_wanted(daemon: Conductor) -> None:
    order = await bought(daemon, "medusa", TEE_01=2)
    await daemon.settle(rounds=2)
    await _half_told(order, parcels=2)
    assert "order.too_late" not in await daemon.issue_kinds()
    assert (await daemon.order(order.ours)).row.cancel == CancelState.NONE
    await _told(daemon, "medusa")
    case = await daemon.order(order.ours)
    assert all(parcel.told_at for parcel in case.parcels)
    assert len(await _made(daemon)) == 2


@pytest.mark.parametrize(
    ("make", "shop", "call"),
    [("vendure", "main", "addFulfillment"), ("shopify", "shopify", "fulfillmentCreate")],
)
async def test_a_parcel_without_a_number_is_told_once_though_the_shop_was_read_before_the_answer(
    tmp_path: Path, database: Place, make: str, shop: str, call: str
) -> None:
    """The look-up knows it by what the shop showed when the word was decided, not by what it shows since."""
    world = build(make, goods=GOODS)
    async with conducted(tmp_path, world, database.address, without="courier") as daemon:
        order = await bought(daemon, shop, TEE_01=3)
        await daemon.settle(rounds=2)
        await _leaves(order, {"kind": "drop_after", "match": call, "calls": [1]}, unlabelled=True)
        case = await daemon.order(order.ours)
        assert [(one.tracking, case.parcels[0].told_at) for one in case.shipments] == [(None, None)]
        assert [line.shipped_elsewhere for line in case.lines] == [0]
        assert "order.too_late" not in await daemon.issue_kinds()
        await _told(daemon, shop)
        case = await daemon.order(order.ours)
        told = case.parcels[0].told_external_id
        assert (told, case.state) == (case.shipments[0].external_id, OrderState.SHIPPED)
        assert len(await _made(daemon)) == 1
        assert "parcel.not_told" not in await daemon.issue_kinds()
