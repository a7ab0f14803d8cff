"""A backup of an hour ago is put back while shop, warehouse and courier have moved on: nothing happens twice.

The sandbox's own books judge: none doubled, none lost, none oversold.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.contract import Kind
from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import build
from sync.domain.lifecycle import OrderState, WorkState
from sync.domain.outbox import OutboxState
from sync.flows.flow import FlowName
from sync.store import fulfilments, outbox, reservations
from tests.databases.fixtures import Place, database, found_server, migrated_file, postgresql
from tests.integration.backup.copies import HOUR, QUIET, converged, copied, restored
from tests.integration.flows.conductor import Conductor, with_shops

__all__ = ["database", "found_server", "migrated_file", "postgresql"]

SHOPS = ("main", "yen")


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    world = build(seed=1, stocked=False, bulk=False)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        conductor = await Conductor.open(
            tmp_path, with_shops(served.ready(), SHOPS), control, database.address
        )
        try:
            await conductor.settle(rounds=3)
            yield conductor
        finally:
            await conductor.close()


async def _shipped(daemon: Conductor, *numbers: str, rounds: int = 3) -> None:
    """Packed, labelled, gone, and told to the shop."""
    for until in ("packed", "done"):
        for number in numbers:
            await daemon.act("/warehouse/work", reference=f"main/{number}/1", until=until)
        await daemon.settle(rounds=rounds)


async def _trackings(daemon: Conductor, number: str) -> list[str]:
    """The numbers of an order's parcels."""
    return sorted(parcel.tracking or "" for parcel in (await daemon.order(number)).parcels)


async def _fair(daemon: Conductor) -> Any:
    verdict = await daemon.judged()
    wrong = (
        verdict["lost_orders"],
        verdict["duplicate_effects"],
        verdict["oversold_units"],
        verdict["cancelled_shipped"],
    )
    assert wrong == (0, 0, 0, 0), verdict
    return verdict


async def _open_writes(daemon: Conductor) -> list[str]:
    found = []
    async with daemon.store.read() as tx:
        for view in daemon.views.values():
            far = 2**62
            found += [f"{row.operation} {row.state}" for row in await outbox.heads(tx, view.id, far, 100)]
    return found


async def _shops_show_the_promise(daemon: Conductor, sku: str) -> None:
    level = await daemon.level(sku)
    offers = await daemon.offers(sku)
    assert sum(offer.acked for offer in offers.values()) == level.on_hand - level.reserved


async def test_everything_that_was_done_since_the_copy_is_found_and_done_once(daemon: Conductor) -> None:
    waiting = await daemon.buy("main", TEE_02=1)
    sent_before = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    file = copied(daemon)

    unsent_in_copy = await daemon.buy("main", TEE_02=3)
    told = await daemon.buy("main", TEE_02=4)
    packed = await daemon.buy("main", TEE_02=5)
    await daemon.settle(rounds=3)
    await _shipped(daemon, sent_before, told)
    trackings = [await _trackings(daemon, number) for number in (sent_before, told)]
    assert all(trackings)
    assert all(all(numbers) for numbers in trackings)
    await daemon.act("/warehouse/work", reference=f"main/{packed}/1", until="packed")
    await daemon.settle(rounds=3)
    labels = len((await daemon.books())["courier"]["shipments"])
    await daemon.later(HOUR)

    await restored(daemon, file)
    await converged(daemon)

    assert await _open_writes(daemon) == []
    assert len((await daemon.books())["courier"]["shipments"]) == labels
    for number, tracking in zip((sent_before, told), trackings, strict=True):
        case = await daemon.order(number)
        assert case.state == OrderState.SHIPPED
        assert await _trackings(daemon, number) == tracking
        assert all(parcel.told_external_id for parcel in case.parcels)
    for number in (waiting, unsent_in_copy, packed):
        assert (await daemon.order(number)).state == OrderState.SENT
    await _shops_show_the_promise(daemon, "TEE-02")
    await _shipped(daemon, waiting, unsent_in_copy, packed, rounds=5)
    await _fair(daemon)


async def test_after_the_restore_work_goes_on_as_ever(daemon: Conductor) -> None:
    file = copied(daemon)
    lost = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=3)
    await restored(daemon, file)
    await converged(daemon)
    fresh = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=4)
    await _shipped(daemon, lost, fresh, rounds=5)
    for number in (lost, fresh):
        assert (await daemon.order(number)).state == OrderState.SHIPPED
    verdict = await _fair(daemon)
    assert verdict["orders_shipped"] >= 2, verdict
    await _shops_show_the_promise(daemon, "TEE-02")


async def test_an_order_that_was_cancelled_meanwhile_is_stopped_at_the_warehouse(daemon: Conductor) -> None:
    file = copied(daemon)
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=3)
    await daemon.act("/cancel", shop="main", order=number)
    await restored(daemon, file)
    await converged(daemon)
    case = await daemon.order(number)
    assert (case.state, [work.state for work in case.work]) == (OrderState.CANCELLED, [WorkState.CANCELLED])
    await _fair(daemon)
    await _shops_show_the_promise(daemon, "TEE-02")


async def test_nothing_is_sent_before_the_quiet_time_is_over(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await daemon.run("main", FlowName.ORDERS)
    file = copied(daemon)
    await daemon.settle(rounds=2)
    done = await restored(daemon, file)
    assert done.writes_unknown == 1
    before = (await daemon.books())["warehouse"]["shipments"]
    await daemon.settle(rounds=3)
    async with daemon.store.read() as tx:
        (row,) = await outbox.of_order(tx, (await daemon.order(number)).row.id)
    assert (row.state, row.attempts) == (OutboxState.UNKNOWN, 0)
    await converged(daemon)
    async with daemon.store.read() as tx:
        (row,) = await outbox.of_order(tx, (await daemon.order(number)).row.id)
    assert (row.state, row.attempts) == (OutboxState.DONE, 0), "found, not sent"
    assert len((await daemon.books())["warehouse"]["shipments"]) == len(before)


async def test_a_part_shipment_and_its_back_order_are_found_as_they_were_split(daemon: Conductor) -> None:
    level = await daemon.level("TEE-02")
    file = copied(daemon)
    number = await daemon.buy("main", TEE_02=3)
    await daemon.settle(rounds=3)
    await _shipped(daemon, number)
    shipments = len((await daemon.books())["warehouse"]["shipments"])
    await restored(daemon, file)
    await converged(daemon)
    await _fair(daemon)
    assert len((await daemon.books())["warehouse"]["shipments"]) == shipments
    after = await daemon.level("TEE-02")
    assert (after.on_hand, after.reserved) == (level.on_hand - 3, level.reserved)


async def test_what_another_warehouse_has_is_taken_back_in_there(daemon: Conductor) -> None:
    file = copied(daemon)
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=3)
    daemon.conf["annex"] = daemon.conf["warehouse"]
    await restored(daemon, file)
    for view in list(daemon.views.values()):
        if view.kind is Kind.STOREFRONT:
            await daemon.run(view.name, FlowName.ORDERS)
    (work,) = (await daemon.order(number)).work
    warehouse, annex = daemon.view("warehouse").id, daemon.view("annex").id
    async with daemon.store.write() as tx:  # as if it were routed to the annex now
        await fulfilments.move(tx, work.id, annex)
        await reservations.move(tx, list(work.lines), warehouse, annex)
    await daemon.run("warehouse", FlowName.FULFILMENT)
    case = await daemon.order(number)
    assert [(one.account_id, one.state) for one in case.work] == [(warehouse, WorkState.ASSIGNED)]
    assert [(row.account_id, row.quantity) for row in case.reservations] == [(warehouse, 2)]
    assert "found" in await daemon.timeline(number)


async def test_with_several_warehouses_nothing_is_created_until_all_were_read(daemon: Conductor) -> None:
    file = copied(daemon)
    daemon.conf["annex"] = daemon.conf["warehouse"]
    await restored(daemon, file)
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2, without=["annex"])
    await daemon.later(QUIET + timedelta(seconds=5))
    await daemon.settle(rounds=3, without=["annex"])
    async with daemon.store.read() as tx:
        (row,) = await outbox.of_order(tx, (await daemon.order(number)).row.id)
    assert (row.state, row.attempts) == (OutboxState.QUEUED, 0)
    assert row.last_error == "the other warehouses are being read since a backup was restored"
    await daemon.run("annex", FlowName.FULFILMENT)
    await daemon.later(timedelta(seconds=35))
    await daemon.settle(rounds=2, without=["annex"])
    assert (await daemon.order(number)).state == OrderState.SENT
