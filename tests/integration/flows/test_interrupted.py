"""Writers beside one another on PostgreSQL: they seldom wait for each other, and where it ends one, nothing is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import OperationalError

from sync.domain.ids import OrderId
from sync.domain.outbox import OutboxState
from sync.engine.faults import Fault, judge
from sync.flows.flow import FlowName
from sync.store import outbox
from sync.store.back import cases
from sync.store.tables import back_tracking
from tests.databases.servers import Server, copied
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude
from tests.integration.flows.returning import Back, bought, build, conducted

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
    """Another writer, in a transaction. Of two that wait for each other it is not the one that the server ends."""
    other = await psycopg.AsyncConnection.connect(str(daemon.place), autocommit=True)
    with contextlib.suppress(
        InsufficientPrivilege
    ):  # else it is the one that looks first, which is nearly always ours
        await other.execute("SET deadlock_timeout = '1min'")
    await other.set_autocommit(False)
    return other


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


async def test_an_answer_that_collides_is_stored_again_and_not_looked_up(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_01=1)
    await daemon.run("shopify", FlowName.ORDERS, FlowName.REVIEW)
    stored = await daemon.order(order.ours)
    other = await _others(daemon)
    collisions: list[asyncio.Task[object]] = []

    async def collide() -> None:
        """Another writer holds the order, and wants our lease as soon as we wait for it."""
        if not collisions:
            await other.execute("SELECT id FROM customer_order WHERE id = %s FOR UPDATE", (stored.row.id,))
            collisions.append(asyncio.create_task(wants()))

    async def wants() -> None:
        await _waits(daemon, sending)
        await other.execute("SELECT flow FROM flow_state WHERE flow = 'outbox' FOR UPDATE")
        await other.rollback()

    daemon.connectors["warehouse"] = Interlude(
        daemon.connectors["warehouse"], "create_fulfilment", then=collide
    )
    sending = asyncio.create_task(daemon.run("warehouse", FlowName.OUTBOX))
    async with other:
        await sending
        await collisions[0]
    async with daemon.store.read() as tx:
        (row,) = await outbox.of_order(tx, OrderId(stored.row.id))
    assert (row.operation, row.state, row.attempts) == ("create_fulfilment", OutboxState.DONE, 1)


async def test_an_order_is_read_while_somebody_writes_an_event_of_it(daemon: Conductor) -> None:
    """Whoever writes a row that refers to an order holds its key: a page of orders must not wait for that."""
    order = await bought(daemon, "shopify", TEE_01=1)
    await daemon.run("shopify", FlowName.ORDERS)
    stored = await daemon.order(order.ours)
    await daemon.act("/cancel", shop="shopify", order=order.number)
    event = "INSERT INTO order_event (id, order_id, at, kind, what) VALUES ('x', %s, 0, 'told', 'x')"
    async with await _others(daemon) as other:
        await other.execute(event, (stored.row.id,))
        await asyncio.wait_for(daemon.run("shopify", FlowName.ORDERS), 30)
        await other.rollback()
    assert (await daemon.order(order.ours)).row.status == "cancelled"


@pytest.mark.parametrize(
    ("account", "flow", "of_parcel"),
    [
        ("warehouse", FlowName.LABELS, "labelled_at"),
        ("courier", FlowName.TRACKING, "first_scan_at"),
        ("shopify", FlowName.DELIVERIES, "delivery_told_at"),
    ],
)
async def test_an_orders_row_is_held_before_its_parcels(
    daemon: Conductor, account: str, flow: FlowName, of_parcel: str
) -> None:
    """In the other order this writer and one that reviews the order would wait for each other."""
    order = await bought(daemon, "shopify", TEE_01=1)
    await daemon.settle(rounds=2)
    await order.work("packed")
    if flow is FlowName.LABELS:
        await daemon.run("warehouse", FlowName.FULFILMENT)
        await daemon.run("shopify", FlowName.REVIEW)
        await daemon.run("courier", FlowName.OUTBOX)
        await daemon.run("shopify", FlowName.REVIEW)
    else:
        await daemon.settle(rounds=3)
        await order.work("done")
        await daemon.settle(rounds=2)
        (number,) = await order.parcels()
        await daemon.act("/courier/scan", tracking=number, status="delivered")
        await daemon.later(timedelta(minutes=5))
    if flow is FlowName.DELIVERIES:
        await daemon.run("courier", FlowName.TRACKING)
    stored = await daemon.order(order.ours)
    assert getattr(stored.parcels[0], of_parcel) is None
    async with await _others(daemon) as other:
        await other.execute("SELECT id FROM customer_order WHERE id = %s FOR NO KEY UPDATE", (stored.row.id,))
        passing = asyncio.create_task(daemon.run(account, flow))
        await _waits(daemon, passing)
        assert not passing.done()
        await other.execute("UPDATE parcel SET number = number WHERE order_id = %s", (stored.row.id,))
        await other.commit()
        await passing
    assert getattr((await daemon.order(order.ours)).parcels[0], of_parcel) is not None


async def _holds_the_order_first(daemon: Conductor, order: Back, flow: FlowName, row: str) -> None:
    """A courier's pass waits for the order's row, and holds nothing that somebody else needs who has it."""
    stored = await daemon.order(order.ours)
    async with await _others(daemon) as other:
        await other.execute("SELECT id FROM customer_order WHERE id = %s FOR NO KEY UPDATE", (stored.row.id,))
        passing = asyncio.create_task(daemon.run("courier", flow))
        await _waits(daemon, passing)
        assert not passing.done()
        await other.execute(row)
        await other.commit()
        await passing


async def test_an_orders_row_is_held_before_a_label_of_it_is_given_back(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_01=1)
    await daemon.settle(rounds=2)
    await order.work("packed")
    await daemon.settle(rounds=3)
    await daemon.act("/cancel", shop="shopify", order=order.number)
    await daemon.settle(rounds=3, without=["courier"])
    (parcel,) = (await daemon.order(order.ours)).parcels
    assert parcel.voided_at is None
    await _holds_the_order_first(daemon, order, FlowName.VOIDS, "UPDATE parcel SET number = number")
    (parcel,) = (await daemon.order(order.ours)).parcels
    assert parcel.voided_at is not None


async def test_an_orders_row_is_held_before_what_comes_back_of_it_is_followed(daemon: Conductor) -> None:
    order = await bought(daemon, "shopify", TEE_01=1)
    await order.scanned(await order.sent(), "in_transit", "delivered")
    await order.asks({"TEE-01": 1})
    await daemon.settle(rounds=3)
    case = await order.case()
    async with daemon.store.read() as tx:
        (before,) = await tx.all(sa.select(back_tracking).where(back_tracking.c.case_id == case.id))
    await daemon.later(timedelta(hours=12))
    await _holds_the_order_first(
        daemon, order, FlowName.TRACKING, "UPDATE back_tracking SET written = written"
    )
    async with daemon.store.read() as tx:
        (after,) = await tx.all(sa.select(back_tracking).where(back_tracking.c.case_id == case.id))
    assert after.track_due_at > before.track_due_at
