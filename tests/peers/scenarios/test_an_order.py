"""Orders through real Vendure, Tryton and Karrio, with the daemon between them."""

from collections.abc import Callable

from tests.peers.books.people import LI, Buyer
from tests.peers.books.vendure import Shopper
from tests.peers.scenarios.house import SHOP, House, until

Visit = Callable[[], Shopper]
Goods = Callable[..., str]
Buyers = Callable[[], Buyer]


def test_an_order_goes_from_the_shop_to_the_door(house: House, goods: Goods, visit: Visit) -> None:
    sku = goods(20, in_shop=0)
    house.shown(sku, 20)
    order = visit().buy({sku: 2}, LI)
    (tracking,) = house.send_off(order)
    seen = house.in_shop(order, "Shipped")
    assert [f["trackingCode"] for f in seen["fulfillments"]] == [tracking]
    house.van.drive(tracking)
    house.in_shop(order, "Delivered")
    until(
        "the daemon has closed it", lambda: house.told("orders", "show", f"{SHOP}/{order.code}")["closed_at"]
    )
    house.compare(order, {sku: 2})
    assert house.people.on_shelf(sku) == 18


def test_a_change_of_stock_in_the_warehouse_shows_in_the_shop(house: House, goods: Goods) -> None:
    sku = goods(5, in_shop=0)
    house.shown(sku, 5)
    house.people.receive(sku, 4)
    house.shown(sku, 9)
    house.people.count(sku, 3)
    house.shown(sku, 3)


def test_two_parcels_of_one_order_are_told_apart(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    one, two = goods(5, in_shop=0), goods(5, in_shop=0)
    house.shown(one, 5)
    house.shown(two, 5)
    order = visit().buy({one: 1, two: 2}, buyers())
    shipment = house.at_warehouse(order)
    house.people.pick(shipment)
    house.people.pack(shipment, parcels=2)
    assert len(house.labelled(shipment)) == 2
    house.people.ship(shipment)
    house.in_shop(order, "Shipped")
    house.compare(order, {one: 1, two: 2})


def test_short_stock_ships_in_part_and_the_rest_follows(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(3, in_shop=0)
    house.shown(sku, 3)
    house.staff.set_stock(sku, 8)  # staff promise more than there is
    order = visit().buy({sku: 5}, buyers())
    shipment = house.at_warehouse(order, state="waiting")
    until("the shortage is told", lambda: "order.short" in house.issues_of(order))
    house.people.assign_part(shipment)
    house.people.work(shipment, "packed")
    house.labelled(shipment)
    house.people.ship(shipment)
    house.in_shop(order, "PartiallyShipped")
    house.at_warehouse(order, n=2, state="waiting")
    house.people.receive(sku, 4)
    house.send_off(order, n=2)
    house.in_shop(order, "Shipped")
    house.compare(order, {sku: 5})


def test_a_cancel_before_it_is_sent_never_reaches_the_warehouse(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(5, in_shop=0)
    house.shown(sku, 5)
    assert house.run("accounts", "pause", "hamburg").returncode == 0
    try:
        order = visit().buy({sku: 1}, buyers())
        until("it is pulled", lambda: house.our_state(order) == "accepted")
        house.staff.cancel(order.id)
        until("it is cancelled with us", lambda: house.our_state(order) == "cancelled")
    finally:
        assert house.run("accounts", "resume", "hamburg").returncode == 0
    house.shown(sku, 5)
    house.compare(order, {})
    assert house.people.shipments(f"{SHOP}/{order.code}/1") == []


def test_a_cancel_while_it_is_picked_is_stopped(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(5, in_shop=0)
    house.shown(sku, 5)
    order = visit().buy({sku: 2}, buyers())
    shipment = house.at_warehouse(order)
    house.people.work(shipment, "picked")
    house.staff.cancel(order.id)
    until("Tryton has stopped it", lambda: house.people.state(shipment) == "cancelled")
    until("it is cancelled with us", lambda: house.our_state(order) == "cancelled")
    house.shown(sku, 5)
    house.compare(order, {})


def test_a_cancel_after_packing_is_stopped_and_the_label_given_back(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(5, in_shop=0)
    house.shown(sku, 5)
    order = visit().buy({sku: 1}, buyers())
    shipment = house.at_warehouse(order)
    house.people.work(shipment, "packed")
    house.labelled(shipment)
    house.staff.cancel(order.id)
    until("Tryton has stopped it", lambda: house.people.state(shipment) == "cancelled")
    number = house.people.shipment(f"{SHOP}/{order.code}/1")["packages"][0]["number"]
    labels = lambda: [one["status"] for one in house.desk.shipments(f"{SHOP}/{order.code}/1#{number}")]  # noqa: E731
    until("the label is given back", lambda: labels() == ["cancelled"])
    house.compare(order, {})


def test_a_cancel_after_shipping_is_too_late_and_says_so(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(5, in_shop=0)
    house.shown(sku, 5)
    order = visit().buy({sku: 1}, buyers())
    house.send_off(order)
    house.in_shop(order, "Shipped")
    house.staff.cancel(order.id)
    until("the issue is there", lambda: "order.too_late" in house.issues_of(order))
    assert house.people.state(house.people.shipment(f"{SHOP}/{order.code}/1")["id"]) == "done"


def test_an_unknown_sku_holds_the_order_until_a_warehouse_carries_it(
    house: House, visit: Visit, buyers: Buyers
) -> None:
    sku = f"NEW-{id(house)}"
    house.staff.add_product(sku, 5)
    order = visit().buy({sku: 1}, buyers())
    until("it is held", lambda: house.our_state(order) == "held")
    assert house.issues_of(order) == ["order.held"]
    house.people.add_product(sku, 5)
    house.send_off(order)
    house.in_shop(order, "Shipped")
    assert house.issues_of(order) == []
    house.compare(order, {sku: 1})


def test_orders_of_one_second_and_a_slow_checkout_are_all_seen(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(30, in_shop=0)
    house.shown(sku, 30)
    slow = visit()
    slow.begin({sku: 1}, buyers())
    quick = [visit().buy({sku: 1}, buyers()) for _ in range(4)]
    for order in quick:
        house.at_warehouse(order)
    late = slow.finish()
    house.at_warehouse(late)
    for order in (*quick, late):
        house.send_off(order)
        house.in_shop(order, "Shipped")
        house.compare(order, {sku: 1})
