"""The pretend world holds what is odd in the real one, and its people do what they are there for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import islice
from random import Random

import pytest

from sandbox.assortment import BULK, GOODS, RESTOCKED, SHOPS, SHORT, STEADY
from sandbox.clock import SetClock
from sandbox.fake_daemon import FakeDaemon
from sandbox.fates import journey
from sandbox.mixed import REGRETS
from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.shoppers import Plot, Purchase, fill, opening, script, settle
from sandbox.storefront.orders import Order
from sandbox.world import World, build


@pytest.fixture(scope="module")
def world() -> World:
    return build(seed=1, stocked=True)


@pytest.fixture(scope="module")
def bought(world: World) -> list[Order]:
    """The opening purchases, carried out."""
    orders = []
    for purchase in opening(world.random("shoppers")):
        shop = world.shops[purchase.shop]
        cart = fill(shop, world.listings, purchase)
        assert cart is not None
        orders.append(settle(shop, cart))
    return orders


def one(orders: list[Order], test: Callable[[Order], bool]) -> Order:
    found = [order for order in orders if test(order)]
    assert found
    return found[0]


def test_an_order_has_four_hundred_lines(bought: list[Order]) -> None:
    order = one(bought, lambda order: len(order.lines) == 400)
    assert order.total_quantity == sum(4 if good.scarce else 1 for good in BULK)


def test_buyers_have_one_name_or_none(bought: list[Order]) -> None:
    names = {(o.customer.first_name, o.customer.last_name) for o in bought if o.customer}
    assert ("Pelé", "") in names
    assert ("", "") in names


def test_names_and_addresses_hold_emoji_and_chinese(bought: list[Order]) -> None:
    addresses = [order.shipping_address for order in bought]
    assert any("🎁" in (a.full_name or "") and "🦊" in (a.company or "") for a in addresses)
    assert any(a.full_name == "王小明" and a.city == "上海市" for a in addresses)


def test_one_order_is_free(bought: list[Order]) -> None:
    order = one(bought, lambda order: order.total_with_tax == 0)
    assert order.lines
    assert order.state == "PaymentSettled"


def test_one_order_has_a_line_without_a_sku(bought: list[Order], world: World) -> None:
    order = one(bought, lambda order: any(not x.product_variant.sku for x in order.lines))
    placed = next(e for e in world.ledger.entries() if e.facts.get("code") == order.code)
    assert placed.facts["lines"][""] == 1


def test_one_good_is_sold_under_two_listings(bought: list[Order], world: World) -> None:
    order = one(bought, lambda order: {x.product_variant.physical for x in order.lines} == {"DUO-1"})
    assert len(order.lines) == 2
    (override,) = world.overrides()
    assert override["sku"] == "DUO-1"
    assert override["listing"] in {f"main:{x.product_variant.id}" for x in order.lines}


def test_skus_differ_by_case_or_a_leading_zero_alone(bought: list[Order]) -> None:
    skus = {line.product_variant.sku for order in bought for line in order.lines}
    assert {"AB-1", "ab-1", "00123", "0123"} <= skus


def test_something_costs_a_hundredth(bought: list[Order]) -> None:
    assert any(line.list_price == 1 for order in bought for line in order.lines)


def test_every_plot_occurs_in_the_opening_but_for_those_of_shops_that_take_requests() -> None:
    asked_afterwards = {plot for plots in REGRETS.values() for plot in plots}
    assert {purchase.plot for purchase in opening(Random(1))} == set(Plot) - asked_afterwards


def test_the_opening_has_a_slow_checkout_and_two_orders_at_one_moment() -> None:
    purchases = opening(Random(1))
    assert any(purchase.slow for purchase in purchases)
    assert any(purchase.at_once for purchase in purchases)


def test_the_same_seed_gives_the_same_script() -> None:
    def first(seed: int) -> list[Purchase]:
        return list(islice(script(build(seed).random("shoppers")), 200))

    assert first(7) == first(7)
    assert first(7) != first(8)


def test_enough_goods_are_scarce_that_a_third_can_sell_out() -> None:
    assert len(GOODS) / 3 < sum(good.scarce for good in GOODS) < len(GOODS) / 2


def test_yen_and_dinar_keep_their_own_precision(world: World) -> None:
    terms = {name: (shop.terms.currency, shop.terms.precision) for name, shop in world.shops.items()}
    assert terms == {"main": ("EUR", 2), "yen": ("JPY", 2), "dinar": ("KWD", 3), "empty": ("EUR", 2)}


def test_the_empty_shop_is_empty(world: World) -> None:
    assert not world.shops["empty"].catalogue.products
    assert not world.shops["empty"].orders


def test_extra_skus_fill_the_main_shop_and_the_warehouse() -> None:
    plain, large = build(1), build(1, skus=500)
    for count in (
        lambda world: len(world.shops["main"].catalogue.variants),
        lambda world: len(world.warehouse.stock()),
    ):
        assert count(large) - count(plain) == 500
    assert len(large.shops["yen"].catalogue.variants) == len(plain.shops["yen"].catalogue.variants)


def test_furnishing_is_no_event_but_what_the_warehouse_received() -> None:
    assert {entry.kind for entry in build(1, stocked=True).ledger.entries()} == {"received"}


def test_shops_show_nothing_until_someone_tells_them() -> None:
    world = build(1)
    shown = [v.saleable for s in SHOPS for v in world.shops[s].catalogue.live_variants() if v.physical]
    assert set(shown) == {0}


def test_one_parcel_each_is_refused_lost_stuck_and_returning() -> None:
    ends = [journey(number)[-1].description for number in range(1, 20)]
    assert {text: ends.count(text) for text in set(ends)} == {
        "Delivered": 16,
        "Returned to the sender": 1,
        "The parcel is lost": 1,
        "Address not found, returning to the sender": 1,
    }
    assert sum(scan.status == "delivery_delayed" for n in range(20) for scan in journey(n)) == 1


# --- people at work -----------------------------------------------------------------------------------------


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    world = build(seed=1, stocked=True)
    async with serve(world, People(world, orders_per_second=200, pace=100)) as served:
        yield served


async def until(test: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not test():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_nothing_moves_before_the_start(served: Served) -> None:
    before = len(served.world.ledger.entries())
    await asyncio.sleep(0.2)
    assert len(served.world.ledger.entries()) == before
    assert served.people.at_work() == {"shoppers": False, "warehouse": False, "couriers": False}


async def test_shoppers_buy_until_they_are_stopped(served: Served) -> None:
    served.people.start("shoppers")
    await until(lambda: served.people.purchases_tried > 30)
    assert served.people.shopping()
    served.people.stop_shopping()
    await until(lambda: not served.people.shopping())
    placed = [e for e in served.world.ledger.entries() if e.kind == "order_placed"]
    assert {entry.system for entry in placed} == {"shop:main", "shop:yen", "shop:dinar"}
    served.people.stop("shoppers")
    await until(lambda: not served.people.at_work()["shoppers"])


async def test_the_slow_shopper_pays_after_the_till_with_the_cart_unmoved(served: Served) -> None:
    served.people.start("shoppers")
    await until(lambda: served.people.purchases_tried > 5)
    served.people.stop_shopping()
    await until(lambda: not served.people.shopping())
    slow = served.world.shops["main"].orders["1"]
    assert slow.order_placed_at is not None
    assert slow.updated_at < slow.order_placed_at.replace(microsecond=0)


async def test_staff_cancel_before_during_and_after_picking(served: Served) -> None:
    """The warehouse is sent every order, as a daemon would; its people pick and ship."""
    world = served.world
    shop = world.shops["main"]
    sku = STEADY[0].sku
    made = {}
    for plot in (Plot.CANCEL_BEFORE, Plot.CANCEL_DURING, Plot.CANCEL_AFTER):
        buyer = opening(Random(1))[0].buyer
        served.people.buy(Purchase("main", ((sku, 1),), buyer, plot=plot))
        made[plot] = list(shop.orders.values())[-1]
    assert made[Plot.CANCEL_BEFORE].state == "Cancelled"
    served.people.start("shoppers")
    served.people.stop_shopping()
    served.people.start("warehouse")
    async with FakeDaemon(served.ready()) as daemon:
        for plot in (Plot.CANCEL_DURING, Plot.CANCEL_AFTER):
            await daemon.send(f"main/{made[plot].code}", sku, 1)
        await until(lambda: made[Plot.CANCEL_DURING].state == "Cancelled")
        assert made[Plot.CANCEL_AFTER].state == "PaymentSettled"
        reference = f"main/{made[Plot.CANCEL_AFTER].code}"
        await until(lambda: any(v.reference == reference and v.parcels for v in world.warehouse.shipments()))
        await daemon.label(reference)
        await until(lambda: made[Plot.CANCEL_AFTER].state == "Cancelled")
    kinds = [e.kind for e in world.ledger.entries() if e.facts.get("reference") == reference]
    assert "shipment_shipped" in kinds


async def test_stock_breaks_after_an_order_and_is_replaced_later(served: Served) -> None:
    world = served.world
    purchase = next(p for p in opening(Random(1)) if p.plot is Plot.BREAK_STOCK)
    served.people.buy(purchase)
    assert world.warehouse.free(SHORT.sku) == 1
    await until(lambda: world.warehouse.free(SHORT.sku) == 1 + RESTOCKED)
    kinds = [e.kind for e in world.ledger.entries() if e.facts.get("sku") == SHORT.sku]
    assert kinds == ["received", "written_off", "received"]


async def test_a_labelled_parcel_travels_to_its_end(served: Served) -> None:
    for trade in ("warehouse", "couriers"):
        served.people.start(trade)
    async with FakeDaemon(served.ready()) as daemon:
        order = await daemon.buy(STEADY[0].sku, 1)
        reference = f"main/{order['order']}"
        await daemon.send(reference, STEADY[0].sku, 1)
        await until(lambda: any(view.parcels for view in served.world.warehouse.shipments()))
        (tracking,) = await daemon.label(reference)
    await until(lambda: served.world.courier.parcels()[tracking] == "delivered")
    kinds = [entry.kind for entry in served.world.ledger.entries()]
    assert kinds.index("shipment_shipped") < kinds.index("scan") < kinds.index("delivered")


def test_a_set_clock_stands_still_until_it_is_moved() -> None:
    clock = SetClock(build(1).clocks["courier"].now())
    first = clock.now()
    clock.advance(5)
    assert (clock.now() - first).total_seconds() == 5
