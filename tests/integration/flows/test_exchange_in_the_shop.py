"""An exchange at a shop that makes its goods part of the order only when staff process it: nothing is called sent before."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.contract import Deadline
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RequestState
from sync.domain.waiting import Via, Word
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By
from sync.flows.flow import FlowContext, FlowName
from sync.flows.orders.feed import take_order
from sync.flows.wakes import Wakes
from sync.store import holds
from sync.store.back import cases, requests
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude
from tests.integration.flows.returning import Back, bought, build, conducted, fair

RULES = """
returns:
  - {name: swap, when: {type: exchange}, do: approve, refund: at_receipt, ship: at_receipt, goods: {good: restock}}
"""

DENYING = """
returns:
  - name: swap
    when: {type: exchange}
    do: approve
    refund: at_receipt
    ship: after_inspection
    denies: [damaged]
    goods: {good: restock, damaged: scrap}
"""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with conducted(tmp_path, build("shopify"), database.address, RULES) as daemon:
        yield daemon


async def _asked(order: Back) -> dict[str, str]:
    """The questions of its last case: rule to hold."""
    case = await order.case()
    async with order.daemon.store.read() as tx:
        return {one.rule: one.id for one in await holds.open_about(tx, case.id)}


async def _yes(order: Back, rule: str) -> None:
    hold = (await _asked(order))[rule]
    async with order.daemon.store.write() as tx:
        await decide(tx, hold, Word.APPROVED, By("ann", Via.TERMINAL))
    await order.daemon.settle(rounds=3)


async def _state(order: Back) -> RequestState:
    async with order.daemon.store.read() as tx:
        request = await requests.get(tx, str((await order.case()).request_id))
    assert request is not None
    return request.remote.state


async def test_goods_that_the_order_has_not_are_not_called_sent(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_01=1)
    await order.sent()
    await order.asks({"TEE-01": 1}, instead=[{"sku": "TEE-02", "quantity": 1}])
    await _yes(order, "price unknown")
    await order.received()
    assert list(await _asked(order)) == ["exchange not processed"]
    case = await order.case()
    assert (case.standing.sent, case.state) == (False, cases.OPEN)
    assert await daemon.open_shipments() == []
    assert await _state(order) is RequestState.RECEIVED, "open, so that staff can process it"
    await _yes(order, "exchange not processed")
    case = await order.case()
    assert (case.standing.sent, case.state) == (False, cases.DONE)
    assert await _state(order) is RequestState.CLOSED
    assert await order.refunds() == []
    await fair(daemon)


async def test_a_line_that_comes_after_its_exchange_has_ended_unearned_is_told(daemon: Conductor) -> None:
    """Staff process in the shop what did not earn it: the line is held, and a person must hear of that."""
    await daemon.change_rules("returns.yaml", DENYING)
    order = await bought(daemon, "shopify", TEE_01=1)
    await order.sent()
    await order.asks({"TEE-01": 1}, instead=[{"sku": "TEE-02", "quantity": 1}])
    await _yes(order, "price unknown")
    await order.received({"sku": "TEE-01", "damaged": 1})
    case = await order.case()
    assert (case.standing.sent, case.state) == (False, cases.DONE)
    assert "return.instead_kept" not in await daemon.issue_kinds(), "the shop's order has nothing else yet"
    await _processed(order, "TEE-02")
    await daemon.run("shopify", FlowName.WAY_BACK)
    assert (await order.case()).state == cases.DONE
    assert "return.instead_kept" in await daemon.issue_kinds()
    lines = (await daemon.order(order.ours)).lines
    assert {line.remote_sku: line.waits for line in lines} == {"TEE-01": False, "TEE-02": True}


async def _processed(order: Back, sku: str) -> None:
    """From now on the shop shows the order with a line of this SKU, too; it is read."""
    variant = (await order.daemon.offers(sku))[order.shop].external_id

    def with_it(remote: RemoteOrder) -> RemoteOrder:
        late = replace(remote.lines[0], external_id="late", variant_external_id=variant, sku=sku)
        return replace(remote, lines=(*remote.lines, late))

    async def read_again(ctx: FlowContext) -> None:
        remote = await ctx.storefront.order(stored.row.external_id, Deadline.after(20))
        assert remote is not None
        async with ctx.store.write(ctx.fence) as tx:
            await take_order(tx, ctx, remote, Wakes())

    stored, connectors = await order.daemon.order(order.ours), order.daemon.connectors
    connectors[order.shop] = Interlude(connectors[order.shop], "order", after=with_it)
    await order.daemon.under_lease(order.shop, read_again)
