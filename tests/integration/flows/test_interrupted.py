"""PostgreSQL ends one of two transactions that wait for each other: that is no trouble of the case or order at hand."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from sync.engine.faults import Fault, judge
from sync.flows.flow import FlowName
from sync.store.back import cases
from tests.databases.servers import Server, copied
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.returning import bought, build, conducted

RULES = """
returns:
  - {name: back, when: {type: return}, do: approve, refund: at_receipt, goods: {good: restock}}
"""


@pytest.fixture
async def daemon(tmp_path: Path, postgresql: Server) -> AsyncIterator[Conductor]:
    with copied(postgresql) as url:
        async with conducted(tmp_path, build("shopify"), url, RULES) as daemon:
            yield daemon


async def _others(daemon: Conductor) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """Another writer, in a transaction."""
    return await psycopg.AsyncConnection.connect(str(daemon.place))


async def _waits(daemon: Conductor, ours: "asyncio.Task[object]") -> None:
    """Until it waits for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with await psycopg.AsyncConnection.connect(str(daemon.place), autocommit=True) as looking:
        while not ours.done():
            row = await (await looking.execute(asked)).fetchone()
            if row is not None and row[0]:
                return
            await asyncio.sleep(0.02)


async def test_a_case_whose_look_collides_with_another_writer_is_looked_at_again_and_nobody_is_told(
    daemon: Conductor,
) -> None:
    order = await bought(daemon, "shopify", TEE_01=1)
    await order.sent()
    await daemon.act("/ask", shop="shopify", order=order.number, lines=[{"sku": "TEE-01", "quantity": 1}])
    await daemon.run("shopify", FlowName.REQUESTS)
    case, stored = await order.case(), await daemon.order(order.ours)
    async with await _others(daemon) as other:
        await other.execute("UPDATE back_case SET waits = 'x' WHERE id = %s", (case.id,))
        looking = asyncio.create_task(daemon.run("shopify", FlowName.WAY_BACK))
        await _waits(daemon, looking)
        await other.execute("SELECT id FROM customer_order WHERE id = %s FOR UPDATE", (stored.row.id,))
        with pytest.raises(OperationalError) as ended:
            await looking
        await other.rollback()
    assert judge(ended.value, "the database").fault is Fault.PATIENCE
    assert "return.stuck" not in await daemon.issue_kinds()
    await daemon.run("shopify", FlowName.WAY_BACK)
    case = await order.case()
    assert (case.state, case.verdict is not None) == (cases.OPEN, True)


async def test_an_order_that_collides_is_read_again_and_nobody_is_told(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_01=1)
    await daemon.run("shopify", FlowName.ORDERS)
    stored = await daemon.order(order.ours)
    await daemon.act("/cancel", shop="shopify", order=order.number)
    async with await _others(daemon) as other:
        await other.execute("UPDATE fulfilment SET state = state WHERE order_id = %s", (stored.row.id,))
        reading = asyncio.create_task(daemon.run("shopify", FlowName.ORDERS))
        await _waits(daemon, reading)
        await other.execute("SELECT id FROM customer_order WHERE id = %s FOR UPDATE", (stored.row.id,))
        with pytest.raises(OperationalError) as ended:
            await reading
        await other.rollback()
    assert judge(ended.value, "the database").fault is Fault.PATIENCE
    assert await daemon.issue_kinds() == []
    await daemon.settle(rounds=3)
    assert (await daemon.order(order.ours)).row.status == "cancelled"
