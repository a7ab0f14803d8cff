"""A masked shop's buyers: the platform alone knows them, and what cannot be done for them is said."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from connectors.contract import Broken
from sync.domain.ids import OrderId
from sync.domain.lifecycle import OrderState
from sync.flows.unreadable import keep_broken
from sync.store import broken, issues, orders, outbox, parcels
from sync.store import leases as leasing
from sync.store.rotation import SEALED
from sync.store.tables import customer_order
from tests import canaries
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)


@pytest.fixture
async def masked(daemon: Conductor) -> Conductor:
    """The world whose shop `main` is masked."""
    view = daemon.view("main")
    daemon.views[view.id] = replace(view, personal_data="masked")
    return daemon


async def opened(daemon: Conductor) -> str:
    """Everything sealed, opened."""
    found = []
    async with daemon.store.read() as tx:
        for one in SEALED:
            for row in await tx.all(sa.select(one.table)):
                for column, field in one.fields.items():
                    blob = getattr(row, column)
                    if blob is not None:
                        found.append(tx.sealer.open(one.table.name, row.id, field, blob).decode())
    return "\n".join(found)


async def test_of_a_masked_shops_buyer_nothing_is_stored_even_sealed(masked: Conductor) -> None:
    number = await masked.buy("main", TEE_02=1)
    await masked.settle()
    order = await masked.order(number)
    assert canaries.leaks(await opened(masked)) == []
    async with masked.store.read() as tx:
        row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order.row.id))
    assert row is not None
    assert (row.raw_sealed, row.email_index, row.phone_index, row.to_phone_index) == (None,) * 4


async def test_the_search_finds_a_plain_shops_buyer_once_it_is_opened(daemon: Conductor) -> None:
    await daemon.buy("main", TEE_02=1)
    await daemon.settle()
    assert canaries.leaks(await opened(daemon)) != []


async def test_a_masked_shops_record_that_cannot_be_read_is_told_but_not_kept(masked: Conductor) -> None:
    async with masked.store.write() as tx:
        fence = await leasing.take_flow(tx, masked.leases["main"], "attended", 60)
    assert fence is not None
    ctx = masked.context("main", fence)
    async with masked.store.write() as tx:
        raw = canaries.CANARY_NAME.encode()
        await keep_broken(tx, ctx, "orders", Broken("77", "no total", raw))
        (kept,) = await broken.list_open(tx, ctx.account.id)
        with pytest.raises(LookupError, match="nothing of it is kept"):
            await broken.raw(tx, kept.id)
        assert await issues.is_open(tx, f"record.broken:{ctx.account.id}:orders:77")


async def test_a_parcel_of_a_masked_shop_waits_for_the_platforms_label_under_an_issue(
    daemon: Conductor,
) -> None:
    """The courier is never asked; the issue goes when the warehouse shows a number."""
    number = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=2)
    view = daemon.view("main")
    daemon.views[view.id] = replace(view, personal_data="masked")
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="packed")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert [parcel.tracking for parcel in case.parcels] == [None]
    async with daemon.store.read() as tx:
        (issue,) = await issues.list_open(tx, kind="parcel.masked")
        writes = await outbox.of_order(tx, OrderId(case.row.id))
    assert "book" not in [write.operation for write in writes]
    assert issue.subject == f"main/{number}"
    assert issue.why == "main is `personal_data: masked`: the address is with the platform alone"
    async with daemon.store.write() as tx:
        await parcels.change(tx, case.parcels[0].id, tracking="PLATFORM-1", carrier="loopback")
        await orders.ask_review(tx, [case.row.id])
    await daemon.settle(rounds=2)
    assert "parcel.masked" not in await daemon.issue_kinds()


async def test_a_warehouse_that_needs_an_address_refuses_a_masked_order_and_that_is_said(
    masked: Conductor,
) -> None:
    number = await masked.buy("main", TEE_02=1)
    await masked.settle()
    assert (await masked.order(number)).state == OrderState.HELD
    async with masked.store.read() as tx:
        (issue,) = await issues.list_open(tx, kind="order.held")
    assert "no address" in issue.why + issue.what
