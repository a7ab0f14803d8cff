"""An exchange at a shop that makes its goods part of the order only when staff process it: nothing is called sent before."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.domain.requests import RequestState
from sync.domain.waiting import Via, Word
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By
from sync.store import holds
from sync.store.back import cases, requests
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import Back, bought, build, conducted, fair

RULES = """
returns:
  - {name: swap, when: {type: exchange}, do: approve, refund: at_receipt, ship: at_receipt, goods: {good: restock}}
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
