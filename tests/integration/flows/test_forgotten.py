"""A buyer who was erased stays erased, whatever the shop tells and however often it is read."""

from datetime import timedelta

import sqlalchemy as sa

from sync.domain.people import Address, Person
from sync.flows.flow import FlowName
from sync.store import erasing, orders, people
from sync.store.database import Tx
from sync.store.people import Known
from sync.store.tables import flow_state
from tests import canaries
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.test_masked import opened

DATABASES = BOTH

SHOPS = ("main",)


async def found(tx: Tx, number: str) -> Known:
    return await people.find(tx, people.sought(tx.sealer, f"main/{number}"))


async def test_an_erased_buyer_does_not_come_back_and_the_books_add_up(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    async with daemon.store.read() as tx:
        assert await people.unfinished(tx, await found(tx, number)) != []
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="packed")
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    await daemon.settle(rounds=3)
    (parcel,) = (await daemon.order(number)).parcels
    for status in ("picked_up", "in_transit", "delivered"):
        await daemon.act("/courier/scan", tracking=parcel.tracking, status=status)
    await daemon.later(timedelta(seconds=70))
    await daemon.settle(rounds=3)
    before = await daemon.order(number)
    assert before.row.closed_at is not None
    assert canaries.leaks(await opened(daemon)) != []
    async with daemon.store.write() as tx:
        known = await found(tx, number)
        assert await people.unfinished(tx, known) == []
        await erasing.erase(tx, known)
    async with daemon.store.write() as tx:
        cursor = sa.update(flow_state).where(flow_state.c.flow == FlowName.ORDERS.value).values(cursor=None)
        await tx.run(cursor)  # everything is read again
    await daemon.run("main", FlowName.ORDERS, FlowName.REVIEW)
    await daemon.settle(rounds=3)
    after = await daemon.order(number)
    assert canaries.leaks(await opened(daemon)) == []
    async with daemon.store.read() as tx:
        buyer = await orders.buyer(tx, after.row.id)
    assert (buyer.person, buyer.ship_to) == (Person(), Address())
    for figure in ("state", "number", "total_minor", "shipping_minor", "currency", "closed_at"):
        assert getattr(after.row, figure) == getattr(before.row, figure), figure
    assert [line.quantity for line in after.lines] == [line.quantity for line in before.lines]
    assert [one.tracking for one in after.parcels] == [parcel.tracking]
    verdict = await daemon.judged()
    assert (verdict["lost_orders"], verdict["duplicate_effects"], verdict["oversold_units"]) == (0, 0, 0)
