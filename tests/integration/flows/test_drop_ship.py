"""Drop-shipping over the real store, flows and connectors: a supplier that is a folder of files, and its people."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import World
from sync.domain.ids import AccountId
from sync.domain.lifecycle import CancelState, OrderState, WorkState
from sync.domain.money import Money
from sync.flows.flow import FlowName
from sync.store import issues, purchases, reports
from sync.store.tables import reservation
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

ONLY, BOTH = "CHAIR-1", "TEE-02"
RULES = """
stock:
  suppliers:
    acme: {lag: 1 second}
routing:
  - {name: normal, to: nearest_with_everything, otherwise: split}
"""


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    """One warehouse, and a supplier of chairs that has some of the warehouse's T-shirts besides."""
    world = World(1)
    shop = world.open_shop("main")
    (tmp_path / "acme").mkdir()
    acme = world.open_supplier("acme", folder=tmp_path / "acme")
    acme.supplier.add_good("A-1", ONLY, 2000, 10)
    acme.supplier.add_good("A-2", BOTH, 500, 4)
    for sku, units in ((ONLY, 0), (BOTH, 20)):
        world.warehouse.add_product(sku, sku)
        world.warehouse.receive(sku, units)
        world.list_good(shop, sku, sku, 4900, physical=sku, units=0)
    acme.publish()
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        ready = served.ready()
        ready["accounts"]["acme"]["list"]["guard"] = {"fewer_rows": "60%"}
        conductor = await Conductor.open(tmp_path, ready, control, database.address)
        try:
            await conductor.change_rules("rules.yaml", RULES)
            await conductor.settle(rounds=4)
            yield conductor
        finally:
            await conductor.close()


def _name(daemon: Conductor, account: str) -> str:
    return daemon.views[AccountId(account)].name


async def _figure(daemon: Conductor, sku: str = ONLY) -> Any:
    async with daemon.store.read() as tx:
        return next(one for one in await reports.figures_of(tx, sku) if one.warehouse == "acme")


async def _counted(daemon: Conductor, number: str) -> int:
    """Units of an order that its supplier has said are off its shelf."""
    order_id = (await daemon.order(number)).row.id
    async with daemon.store.read() as tx:
        counted = sa.select(sa.func.sum(reservation.c.counted)).where(reservation.c.order_id == order_id)
        return int(await tx.scalar(counted) or 0)


async def _terms(daemon: Conductor, sku: str = ONLY) -> Any:
    async with daemon.store.read() as tx:
        return (await reports.explain(tx, sku))[0].terms["skus"][0]


async def _why(daemon: Conductor, kind: str) -> list[str]:
    async with daemon.store.read() as tx:
        return [one.why for one in await issues.list_open(tx, kind=kind)]


async def _orders(daemon: Conductor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await daemon.books())["supplier:acme"]["orders"]
    return found


async def _sent(daemon: Conductor, **lines: int) -> str:
    """A shopper buys, and the supplier has collected what we ordered of it."""
    number = await daemon.buy("main", **lines)
    await daemon.settle(rounds=3)
    await daemon.act("/supplier/collect")
    return number


async def _list(daemon: Conductor) -> None:
    """The supplier writes a new list, and it is read."""
    await daemon.later(timedelta(seconds=5))
    await daemon.act("/supplier/publish")
    await daemon.settle(rounds=2)


async def test_a_suppliers_stock_is_sold_and_explained(daemon: Conductor) -> None:
    assert (await daemon.offers(ONLY))["main"].acked == 10
    term = await _terms(daemon)
    told = term["suppliers"][0]
    assert (told["supplier"], told["said"], told["free"], told["standing"]) == ("acme", 10, 10, "counted")
    assert term["promise"] == term["on_hand"] - term["reserved"] + told["free"]


async def test_what_an_order_costs_is_known_by_the_suppliers_list(daemon: Conductor) -> None:
    (work,) = (await daemon.order(await _sent(daemon, CHAIR_1=2))).work
    async with daemon.store.read() as tx:
        assert await purchases.cost(tx, work.id) == Money(4_000, "EUR")


async def test_only_the_believed_part_of_a_suppliers_stock_is_sold(daemon: Conductor) -> None:
    await daemon.change_rules(
        "rules.yaml", RULES.replace("lag: 1 second", "lag: 1 second, use: 50%, less: 2")
    )
    await daemon.settle(rounds=3)
    assert (await daemon.offers(ONLY))["main"].acked == 3


async def test_a_line_that_only_the_supplier_has_is_ordered_once_and_told_with_its_own_number(
    daemon: Conductor,
) -> None:
    number = await _sent(daemon, CHAIR_1=2)
    (order,) = await _orders(daemon)
    assert (order["reference"], order["lines"], order["drop_ship"]) == (f"main/{number}/1", {"A-1": 2}, True)
    await daemon.act("/supplier/acknowledge", reference=order["reference"])
    await daemon.act("/supplier/despatch", reference=order["reference"], tracking="ACM1", carrier="loopback")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, case.work[0].state) == (OrderState.SHIPPED, WorkState.SHIPPED)
    (parcel,) = case.parcels
    assert (parcel.tracking, parcel.carrier, parcel.told_at is not None) == ("ACM1", "loopback", True)
    assert parcel.courier_id == daemon.view("courier").id
    assert len(await _orders(daemon)) == 1


async def test_an_order_of_warehouse_and_supplier_lines_leaves_in_two_parcels_each_told_with_its_number(
    daemon: Conductor,
) -> None:
    number = await _sent(daemon, CHAIR_1=1, TEE_02=1)
    case = await daemon.order(number)
    accounts = {_name(daemon, work.account_id): work for work in case.work}
    assert set(accounts) == {"warehouse", "acme"}
    assert [sku for _, sku in accounts["acme"].lines] == [ONLY]
    assert [sku for _, sku in accounts["warehouse"].lines] == [BOTH]
    await daemon.act("/supplier/acknowledge", reference=accounts["acme"].reference)
    await daemon.act("/supplier/despatch", reference=accounts["acme"].reference, tracking="ACM2")
    await daemon.act("/warehouse/work", reference=accounts["warehouse"].reference, until="packed")
    await daemon.settle(rounds=3)
    await daemon.act("/warehouse/work", reference=accounts["warehouse"].reference, until="done")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert case.state == OrderState.SHIPPED
    numbers = {parcel.tracking for parcel in case.parcels}
    assert len(numbers) == 2
    assert {shipment.tracking for shipment in case.shipments} | {"ACM2"} == numbers
    assert all(parcel.told_at for parcel in case.parcels)


async def test_a_part_despatch_is_told_at_once_and_the_rest_follows(daemon: Conductor) -> None:
    number = await _sent(daemon, CHAIR_1=3)
    reference = f"main/{number}/1"
    await daemon.act("/supplier/acknowledge", reference=reference)
    await daemon.act("/supplier/despatch", reference=reference, lines={"A-1": 1}, tracking="P1")
    await daemon.settle(rounds=2)
    case = await daemon.order(number)
    assert (case.state, [parcel.told_at is not None for parcel in case.parcels]) == (
        OrderState.PART_SHIPPED,
        [True],
    )
    await daemon.act("/supplier/despatch", reference=reference, tracking="P2")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, sorted(str(parcel.tracking) for parcel in case.parcels)) == (
        OrderState.SHIPPED,
        ["P1", "P2"],
    )


async def test_what_the_supplier_refuses_goes_to_the_warehouse_that_has_it(daemon: Conductor) -> None:
    rule = "  - {name: drop, when: {all_lines: {supplier: acme}}, to: acme}\n"
    await daemon.change_rules("rules.yaml", RULES.replace("routing:\n", f"routing:\n{rule}"))
    number = await _sent(daemon, TEE_02=2)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1", refuse=["A-2"])
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert [(_name(daemon, w.account_id), w.state.open) for w in case.work] == [
        ("acme", False),
        ("warehouse", True),
    ]
    assert case.state == OrderState.SENT
    assert "order.held" not in await daemon.issue_kinds()


async def test_a_refused_part_of_a_line_leaves_the_rest_at_the_supplier(daemon: Conductor) -> None:
    rule = "  - {name: drop, when: {any_line: {supplier: acme}}, to: acme}\n"
    await daemon.change_rules("rules.yaml", RULES.replace("routing:\n", f"routing:\n{rule}"))
    number = await _sent(daemon, TEE_02=1, CHAIR_1=1)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1", refuse=["A-2"])
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    open_lines = {
        _name(daemon, work.account_id): {key[1]: units for key, (units, _, _) in work.lines.items() if units}
        for work in case.work
    }
    assert open_lines == {"acme": {ONLY: 1}, "warehouse": {BOTH: 1}}


async def test_a_refusal_that_nobody_else_can_mend_asks_a_person_and_the_sku_is_no_longer_sold(
    daemon: Conductor,
) -> None:
    """A supplier cancels a drop-ship line on a Saturday."""
    number = await _sent(daemon, CHAIR_1=2)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1", refuse=["A-1"], reason="sold out")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, list(case.open_holds)) == (OrderState.HELD, ["supplier refused 1"])
    (why,) = await _why(daemon, "order.held")
    assert why == f"acme will not send 2 × {ONLY} (sold out), and nobody else has it in time"
    assert (await daemon.offers(ONLY))["main"].acked == 0
    assert (await _terms(daemon))["suppliers"][0]["standing"] == "refused"
    assert len(case.work) == 1, "it is not simply asked again"


async def test_a_list_begun_later_is_believed_again_and_the_order_goes_on(daemon: Conductor) -> None:
    number = await _sent(daemon, CHAIR_1=2)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1", refuse=["A-1"])
    await daemon.settle(rounds=2)
    await _list(daemon)
    assert (await _terms(daemon))["suppliers"][0]["standing"] == "counted"
    async with daemon.store.write(None) as tx:
        await tx.run(
            sa.text("UPDATE hold SET released_at = 1, released_by = 'ada' WHERE released_at IS NULL")
        )
        await tx.run(sa.text("UPDATE customer_order SET review_at = 1 WHERE closed_at IS NULL"))
    await daemon.settle(rounds=2)
    await daemon.act("/supplier/collect")
    assert [order["reference"] for order in await _orders(daemon)] == [f"main/{number}/1", f"main/{number}/2"]


async def test_goods_that_come_into_the_warehouse_release_a_refused_line(daemon: Conductor) -> None:
    number = await _sent(daemon, CHAIR_1=1)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1", refuse=["A-1"])
    await daemon.settle(rounds=2)
    await daemon.act("/warehouse/receive", sku=ONLY, quantity=5)
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, case.open_holds) == (OrderState.SENT, {})
    assert _name(daemon, case.work[-1].account_id) == "warehouse"


async def test_units_stay_reserved_until_a_list_begun_after_the_acknowledgement(daemon: Conductor) -> None:
    number = await _sent(daemon, CHAIR_1=3)
    assert (await _figure(daemon)).reserved == 3
    await _list(daemon)
    assert (await _figure(daemon)).reserved == 3, "nothing was acknowledged yet"
    acknowledged: list[str] = []

    async def in_the_middle() -> None:
        if not acknowledged:
            acknowledged.append(f"main/{number}/1")
            await daemon.act("/supplier/acknowledge", reference=acknowledged[0])
            await daemon.run("acme", FlowName.ACKNOWLEDGEMENTS)

    daemon.connectors["acme"] = Interlude(daemon.connectors["acme"], "offers", then=in_the_middle)
    await daemon.act("/supplier/publish")
    await daemon.run("acme", FlowName.OFFERS)
    assert acknowledged
    assert await _counted(daemon, number) == 3
    assert (await _figure(daemon)).reserved == 3, "the list was begun before that"
    await _list(daemon)
    figure = await _figure(daemon)
    assert (figure.on_hand, figure.reserved) == (7, 0)
    assert (await daemon.offers(ONLY))["main"].acked == 7


async def test_an_old_list_sells_nothing_and_says_so_until_the_next(daemon: Conductor) -> None:
    await daemon.later(timedelta(hours=25))
    await daemon.settle(rounds=3)
    assert (await daemon.offers(ONLY))["main"].acked == 0
    assert "supplier.stale" in await daemon.issue_kinds()
    assert (await _terms(daemon))["suppliers"][0]["standing"] == "stale"
    await _list(daemon)
    await daemon.settle(rounds=2)
    assert (await daemon.offers(ONLY))["main"].acked == 10
    assert "supplier.stale" not in await daemon.issue_kinds()


async def test_bad_rows_of_a_list_are_one_issue_that_names_file_and_line(daemon: Conductor) -> None:
    await daemon.act("/supplier/publish", slip="bad_rows")
    await daemon.settle(rounds=2)
    (why,) = await _why(daemon, "supplier.bad_rows")
    assert why.startswith("stock.csv line 2: ")
    await _list(daemon)
    assert "supplier.bad_rows" not in await daemon.issue_kinds()


async def test_a_list_that_lost_most_of_its_stock_is_held_and_the_last_figures_stay(
    daemon: Conductor,
) -> None:
    await daemon.act("/supplier/publish", slip="sold_out")
    await daemon.settle(rounds=2)
    assert "supplier.list" in await daemon.issue_kinds()
    assert (await daemon.offers(ONLY))["main"].acked == 10


async def test_an_order_cancelled_before_it_is_placed_never_reaches_the_supplier(daemon: Conductor) -> None:
    number = await daemon.buy("main", CHAIR_1=1)
    await daemon.run("main", FlowName.ORDERS)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.run("main", FlowName.OPEN_ORDERS, FlowName.REVIEW)
    await daemon.settle(rounds=2)
    await daemon.act("/supplier/collect")
    assert await _orders(daemon) == []
    assert (await daemon.order(number)).state == OrderState.CANCELLED


async def test_a_cancel_waits_for_the_supplier_and_is_stopped_when_it_says_so(daemon: Conductor) -> None:
    number = await _sent(daemon, CHAIR_1=1)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1")
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, case.row.cancel) == (OrderState.CANCELLING, CancelState.REQUESTED)
    assert await daemon.held_units(number) == 1, "asked is not stopped"
    await daemon.act("/supplier/collect")
    await daemon.act("/supplier/answer-cancel", reference=f"main/{number}/1", stopped=True)
    await daemon.later(timedelta(minutes=5))
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, case.work[0].cancel) == (OrderState.CANCELLED, CancelState.STOPPED)
    assert await daemon.held_units(number) == 0


async def test_a_cancel_after_the_despatch_is_too_late_and_says_so(daemon: Conductor) -> None:
    number = await _sent(daemon, CHAIR_1=1)
    await daemon.act("/supplier/acknowledge", reference=f"main/{number}/1")
    await daemon.act("/supplier/despatch", reference=f"main/{number}/1", tracking="LATE1")
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.later(timedelta(minutes=5))
    await daemon.settle(rounds=4)
    case = await daemon.order(number)
    assert case.row.cancel == CancelState.TOO_LATE
    assert "order.too_late" in await daemon.issue_kinds()


async def test_what_is_short_goes_to_the_supplier_and_not_to_a_warehouse_that_never_had_it(
    daemon: Conductor,
) -> None:
    """It had refused, so nothing of it is believed; a back-order at the warehouse would wait for ever."""
    await _sent(daemon, CHAIR_1=1)
    await daemon.act(
        "/supplier/acknowledge", reference=(await _orders(daemon))[0]["reference"], refuse=["A-1"]
    )
    await daemon.settle(rounds=2)
    assert (await daemon.offers(ONLY))["main"].acked == 0
    await daemon.act("/shop-stock", shop="main", sku=ONLY, quantity=5)
    second = await _sent(daemon, CHAIR_1=2)
    (work,) = (await daemon.order(second)).work
    assert _name(daemon, work.account_id) == "acme"
    assert f"main/{second}/1" in {order["reference"] for order in await _orders(daemon)}


async def test_a_warehouse_whose_figure_is_not_known_still_carries_the_sku(daemon: Conductor) -> None:
    """Absent is not zero: what is short waits there as before, until it is known that nothing is there."""
    await _sent(daemon, CHAIR_1=1)
    await daemon.act(
        "/supplier/acknowledge", reference=(await _orders(daemon))[0]["reference"], refuse=["A-1"]
    )
    await daemon.settle(rounds=2)
    await daemon.act("/shop-stock", shop="main", sku=ONLY, quantity=5)
    async with daemon.store.write(None) as tx:
        unknown = "UPDATE stock_level SET on_hand = NULL WHERE sku = :sku AND account_id = :account"
        await tx.run(sa.text(unknown), {"sku": ONLY, "account": daemon.view("warehouse").id})
    number = await daemon.buy("main", CHAIR_1=2)
    await daemon.run("main", FlowName.ORDERS)
    (held,) = (await daemon.order(number)).reservations
    assert _name(daemon, held.account_id) == "warehouse"


async def test_an_order_whose_answer_was_lost_is_looked_up_and_not_placed_twice(daemon: Conductor) -> None:
    """The process dies between the writing of the file and the commit."""
    number = await daemon.buy("main", CHAIR_1=1)
    await daemon.run("main", FlowName.ORDERS)
    await daemon.run("acme", FlowName.OUTBOX)
    async with daemon.store.write(None) as tx:
        await tx.run(
            sa.text("UPDATE outbox SET state = 'sending', closed_at = NULL WHERE operation = 'place_order'")
        )
        await tx.run(sa.text("UPDATE fulfilment SET state = 'planned', external_id = NULL"))
    await daemon.act("/supplier/collect")
    await daemon.later(timedelta(minutes=5))
    await daemon.settle(rounds=2)
    await daemon.act("/supplier/collect")
    assert len(await _orders(daemon)) == 1
    case = await daemon.order(number)
    assert (case.work[0].state, case.work[0].external_id is not None) == (WorkState.WAITING, True)


async def test_a_report_on_an_order_that_is_not_ours_is_told(daemon: Conductor) -> None:
    row = "reference,code,quantity,date,status,reason\nSTRANGE/1,A-1,1,2026-11-20T10:00:00+00:00,accepted,\n"
    path = daemon.folder / "acme" / "acks" / "strange.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(row, encoding="utf-8")
    path.with_name("strange.csv.done").touch()
    await daemon.settle(rounds=1)
    assert "supplier.stranger" in await daemon.issue_kinds()


async def test_who_works_on_an_order_to_a_supplier_waits_for_who_was_first(daemon: Conductor) -> None:
    """An acknowledgement and a despatch that are read at once: the second sees what the first has made of it."""
    number = await _sent(daemon, CHAIR_1=1)
    acme, reference = daemon.view("acme").id, f"main/{number}/1"
    had = asyncio.Event()

    async def second() -> None:
        async with daemon.store.write(None) as tx:
            await purchases.by_reference(tx, acme, reference)
            had.set()

    async with daemon.store.write(None) as tx:
        await purchases.hold(tx, acme, [reference])
        waiting = asyncio.create_task(second())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(had.wait(), 1)
    await asyncio.wait_for(waiting, 20)
    assert had.is_set()
