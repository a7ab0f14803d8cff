"""Orders from the shop to the door, by hand, over the real flows, connectors and store."""

from datetime import timedelta

from sync.domain.lifecycle import CancelState, OrderState, WorkState
from sync.flows.flow import FlowName
from sync.store import flow_states
from tests.integration.flows.conductor import Conductor

SHOPS = ("main",)
TEE = "TEE-02"


async def _labelled(daemon: Conductor, number: str, n: int = 1) -> str:
    """Pack the fulfilment and let its label be bought; returns the tracking number."""
    await daemon.act("/warehouse/work", reference=f"main/{number}/{n}", until="packed")
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    parcels = [one for one in case.parcels if one.fulfilment_id == case.work[n - 1].id]
    assert parcels[0].tracking
    return parcels[0].tracking


async def _shipped(daemon: Conductor, number: str, n: int = 1) -> str:
    tracking = await _labelled(daemon, number, n)
    await daemon.act("/warehouse/work", reference=f"main/{number}/{n}", until="done")
    await daemon.settle(rounds=3)
    return tracking


async def test_an_order_goes_from_the_shop_to_the_door_and_is_closed(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.SENT
    tracking = await _shipped(daemon, number)
    for status in ("picked_up", "in_transit", "delivered"):
        await daemon.act("/courier/scan", tracking=tracking, status=status)
    await daemon.later(timedelta(seconds=70))
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert case.state == OrderState.SHIPPED
    assert case.row.closed_at is not None
    kinds = await daemon.timeline(number)
    wanted = ["pulled", "queued", "sent", "booked", "labelled", "told", "delivery_told"]
    assert [kind for kind in kinds if kind in wanted] == wanted
    verdict = await daemon.judged()
    assert verdict["parcels_delivered"] == 1
    assert (verdict["lost_orders"], verdict["duplicate_effects"], verdict["oversold_units"]) == (0, 0, 0)


async def test_the_warehouse_gets_the_order_once_however_often_it_is_read(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=5)
    shipments = (await daemon.books())["warehouse"]["shipments"]
    found = [one for one in shipments if number in str(one)]
    assert len(found) == 1


async def test_units_are_held_from_intake_until_a_later_reading_leaves_them_out(daemon: Conductor) -> None:
    before = await daemon.level(TEE)
    number = await daemon.buy("main", TEE_02=3)
    await daemon.run("main", FlowName.ORDERS)
    assert await daemon.held_units(number) == 3
    assert (await daemon.level(TEE)).reserved == before.reserved + 3
    await daemon.run("warehouse", FlowName.OUTBOX)
    assert await daemon.held_units(number) == 3, "assigned, but our figure is older than that"
    await daemon.run("warehouse", FlowName.STOCK)
    after = await daemon.level(TEE)
    assert await daemon.held_units(number) == 0
    assert (after.on_hand, after.reserved) == (before.on_hand - 3, before.reserved)


async def test_an_order_at_one_shop_lowers_the_others(daemon: Conductor) -> None:
    await daemon.buy("main", TEE_02=12)
    await daemon.settle(rounds=4)
    level = await daemon.level(TEE)
    offers = await daemon.offers(TEE)
    assert sum(offer.acked for offer in offers.values()) == level.on_hand - level.reserved


async def test_what_a_part_shipment_leaves_over_is_sent_when_goods_arrive(daemon: Conductor) -> None:
    number = await daemon.buy("main", SHORT_1=5)
    await daemon.settle(rounds=2)
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="assigned")
    await daemon.settle(rounds=1)
    assert (await daemon.order(number)).work[0].state == WorkState.ASSIGNED


async def test_an_order_cancelled_before_picking_is_stopped_and_frees_its_units(daemon: Conductor) -> None:
    before = await daemon.level(TEE)
    number = await daemon.buy("main", TEE_02=2)
    await daemon.settle(rounds=2)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=4)
    case = await daemon.order(number)
    assert (case.state, case.row.closed_at is not None) == (OrderState.CANCELLED, True)
    assert case.work[0].cancel == CancelState.STOPPED
    after = await daemon.level(TEE)
    assert after.on_hand - after.reserved == before.on_hand - before.reserved
    assert (await daemon.judged())["cancelled_shipped"] == 0


async def test_an_order_cancelled_before_it_is_sent_never_reaches_the_warehouse(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=2)
    await daemon.run("main", FlowName.ORDERS)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.run("main", FlowName.OPEN_ORDERS, FlowName.REVIEW)
    await daemon.settle(rounds=3)
    case = await daemon.order(number)
    assert (case.state, case.work[0].state) == (OrderState.CANCELLED, WorkState.WITHDRAWN)
    assert number not in str((await daemon.books())["warehouse"]["shipments"])


async def test_a_cancel_after_packing_stops_it_and_gives_the_label_back(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=2)
    await _labelled(daemon, number)
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=5)
    case = await daemon.order(number)
    assert case.state == OrderState.CANCELLED
    assert case.parcels[0].voided_at is not None
    assert (await daemon.judged())["duplicate_effects"] == 0


async def test_a_cancel_after_shipping_is_too_late_and_says_so(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await daemon.settle(rounds=2)
    await _labelled(daemon, number)
    await daemon.act("/warehouse/work", reference=f"main/{number}/1", until="done")
    await daemon.act("/cancel", shop="main", order=number)
    await daemon.settle(rounds=5)
    case = await daemon.order(number)
    assert case.row.cancel == CancelState.TOO_LATE
    assert "order.too_late" in await daemon.issue_kinds()


async def test_a_line_that_shrinks_is_sent_again_smaller(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=3, TEE_03=1)
    await daemon.settle(rounds=2)
    await daemon.act("/cancel", shop="main", order=number, lines=[{"sku": TEE, "quantity": 2}])
    await daemon.settle(rounds=6)
    case = await daemon.order(number)
    assert [work.state for work in case.work] == [WorkState.CANCELLED, WorkState.ASSIGNED]
    assert sorted(asked for asked, _, _ in case.work[1].lines.values()) == [1, 1]


async def test_a_line_without_a_sku_holds_the_order_until_an_override_binds_it(daemon: Conductor) -> None:
    books = await daemon.books()
    variant = next(one["id"] for one in books["shops"]["main"]["variants"] if not one["sku"])
    made = await daemon.act("/buy", shop="main", lines=[{"variant": variant, "quantity": 1}])
    await daemon.settle(rounds=2)
    assert (await daemon.order(made["order"])).state == OrderState.HELD
    assert "order.held" in await daemon.issue_kinds()
    await daemon.change_rules(
        "skus.yaml",
        f'skus:\n  match: [sku]\n  overrides:\n    - {{listing: "main:{variant}", sku: "PENNY-1"}}\n',
    )
    await daemon.settle(rounds=3)
    assert (await daemon.order(made["order"])).state == OrderState.SENT
    assert "order.held" not in await daemon.issue_kinds()


async def test_two_listings_of_one_sku_share_it(daemon: Conductor) -> None:
    books = await daemon.books()
    gift = next(one["id"] for one in books["shops"]["main"]["variants"] if one["sku"] == "DUO-1-GIFT")
    await daemon.change_rules(
        "skus.yaml", f'skus:\n  match: [sku]\n  overrides:\n    - {{listing: "main:{gift}", sku: "DUO-1"}}\n'
    )
    await daemon.settle(rounds=4)
    level = await daemon.level("DUO-1")
    shown = {
        one["sku"]: one["saleable"]
        for shop in (await daemon.books())["shops"].values()
        for one in shop["variants"]
        if one["sku"] in ("DUO-1", "DUO-1-GIFT")
    }
    assert set(shown) == {"DUO-1", "DUO-1-GIFT"}
    offers = (await daemon.offers("DUO-1")) | {"gift": (await daemon.offers("DUO-1-GIFT"))["main"]}
    assert sum(offer.acked for offer in offers.values()) == level.on_hand - level.reserved


async def test_an_order_that_the_shop_no_longer_knows_gives_its_units_back(daemon: Conductor) -> None:
    """Some shops show an order for a moment and take it back, when the last unit was gone before it was paid."""
    number = await daemon.buy("main", TEE_02=4)
    await daemon.run("main", FlowName.ORDERS)
    assert await daemon.held_units(number) == 4
    await daemon.act("/hide", shop="main", order=number)
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.CANCELLED
    assert await daemon.held_units(number) == 0
    assert (await daemon.level(TEE)).reserved == 0
    assert (await daemon.timeline(number)).count("gone") == 1
    assert number not in str(await daemon.open_shipments())


async def test_an_order_that_comes_back_is_worked_on_again(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=4)
    await daemon.run("main", FlowName.ORDERS)
    await daemon.act("/hide", shop="main", order=number)
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.CANCELLED
    await daemon.act("/hide", shop="main", order=number, back=True)
    async with daemon.store.write() as tx:
        await flow_states.forget_cursor(tx, daemon.view("main").id, FlowName.ORDERS)
    await daemon.settle(rounds=3)
    assert (await daemon.order(number)).state == OrderState.SENT
    assert (await daemon.timeline(number)).count("sent") == 1


async def test_a_shop_that_forgets_many_orders_at_once_is_not_believed(daemon: Conductor) -> None:
    numbers = [await daemon.buy("main", TEE_02=units) for units in (1, 2, 3, 4)]
    await daemon.run("main", FlowName.ORDERS)
    for number in numbers:
        await daemon.act("/hide", shop="main", order=number)
    await daemon.later(timedelta(seconds=3))
    await daemon.run("main", FlowName.OPEN_ORDERS, FlowName.REVIEW)
    assert "order.vanished" in await daemon.issue_kinds()
    assert [await daemon.held_units(number) for number in numbers] == [1, 2, 3, 4]
    for number in numbers:
        await daemon.act("/hide", shop="main", order=number, back=True)
    await daemon.settle(rounds=2)
    assert "order.vanished" not in await daemon.issue_kinds()
    assert {(await daemon.order(number)).state for number in numbers} == {OrderState.SENT}


async def test_a_hold_rule_parks_an_order_and_its_end_releases_it(daemon: Conductor) -> None:
    rule = "holds:\n  - {name: large, when: {total_above: 100 EUR}, release: automatic, owner: ops, within: 2 hours}\n"
    await daemon.change_rules("holds.yaml", rule)
    number = await daemon.buy("main", TEE_02=9)
    await daemon.settle(rounds=2)
    assert (await daemon.order(number)).state == OrderState.HELD
    assert await daemon.held_units(number) == 9
    await daemon.change_rules("holds.yaml", "holds: []\n")
    await daemon.settle(rounds=3)
    assert (await daemon.order(number)).state == OrderState.SENT


async def test_the_personal_data_of_a_buyer_are_nowhere_in_the_database_in_plain(daemon: Conductor) -> None:
    buyer = {
        "first_name": "Canaria",
        "last_name": "Zwitscher",
        "full_name": "Canaria Zwitscher",
        "street": "Vogelweg 77",
        "city": "Berlin",
        "postal_code": "10115",
        "country": "DE",
        "email": "canaria.zwitscher@example.com",
    }
    await daemon.act("/buy", shop="main", lines=[{"sku": TEE, "quantity": 1}], buyer=buyer)
    await daemon.settle(rounds=3)
    for file in daemon.folder.glob("entrepot.sqlite3*"):
        stored = file.read_bytes()
        for word in (b"Canaria", b"Zwitscher", b"Vogelweg", b"canaria.zwitscher"):
            assert word not in stored, f"{word!r} stands in {file.name}"
