"""Orders through the real shop, warehouse and courier, with the daemon between them."""

from collections.abc import Callable, Iterator

from tests.peers.books.people import LI, Buyer
from tests.peers.books.vendure import Placed, Shopper
from tests.peers.scenarios.daemon import until
from tests.peers.scenarios.house import House

Visit = Callable[[], Shopper]
Stocked = Callable[[int], str]
Bought = Callable[[dict[str, int]], Placed]


def test_an_order_goes_from_the_shop_to_the_door(house: House, stocked: Stocked, visit: Visit) -> None:
    sku = stocked(20)
    order = visit().buy({sku: 2}, LI)
    (tracking,) = house.send_off(order)
    house.in_shop(order, "Shipped")
    house.van.drive(tracking)
    house.in_shop(order, "Delivered")
    until("the daemon has closed it", lambda: house.known(order)["closed_at"])
    house.compare(order, {sku: 2})
    house.balanced(sku, 18)


def test_a_change_of_stock_in_the_warehouse_shows_in_the_shop(house: House, stocked: Stocked) -> None:
    sku = stocked(5)
    house.people.receive(sku, 4)
    house.shown(sku, 9)
    house.people.count(sku, 3)
    house.shown(sku, 3)
    house.balanced(sku, 3)


def test_two_parcels_of_one_order_are_told_apart(house: House, stocked: Stocked, bought: Bought) -> None:
    one, two = stocked(5), stocked(5)
    order = bought({one: 1, two: 2})
    assert len(house.send_off(order, parcels=2)) == 2
    house.in_shop(order, "Shipped")
    house.compare(order, {one: 1, two: 2})
    house.balanced(two, 3)


def test_short_stock_ships_in_part_and_the_rest_follows(
    house: House, stocked: Stocked, bought: Bought
) -> None:
    sku = stocked(3)
    house.staff.set_stock(sku, 8)  # staff promise more than there is
    order = bought({sku: 5})
    shipment = house.at_warehouse(order, 1, "waiting")
    until("the shortage is told", lambda: "order.short" in house.issues_of(order))
    house.people.assign_part(shipment)
    house.people.work(shipment, "packed")
    house.labelled(shipment)
    house.people.ship(shipment)
    house.in_shop(order, "PartiallyShipped")
    house.at_warehouse(order, 2, "waiting")
    house.people.receive(sku, 4)
    house.send_off(order, 2)
    house.in_shop(order, "Shipped")
    until("nothing is short any more", lambda: house.issues_of(order) == [])
    house.compare(order, {sku: 5})
    house.balanced(sku, 2)


def test_orders_of_one_second_and_a_slow_checkout_are_all_seen(
    house: House, stocked: Stocked, visit: Visit, buyers: Iterator[Buyer]
) -> None:
    """How many it takes until two fall into one second depends on the machine: three at least."""
    sku = stocked(30)
    slow, *quick = (visit() for _ in range(12))
    for shopper in (slow, *quick):
        shopper.begin({sku: 1}, next(buyers))
        shopper.to_the_till()
    orders, seconds = [], set()
    while len(orders) < 3 or len(seconds) == len(orders):
        assert quick, "no two were placed in the same second"
        orders.append(quick.pop().pay())
        seconds.add(house.staff.order(orders[-1].id)["orderPlacedAt"][:19])
    for order in orders:
        house.at_warehouse(order)
    late = slow.pay()
    for order in (late, *orders):
        house.send_off(order)
    for order in (late, *orders):
        house.in_shop(order, "Shipped")
        house.compare(order, {sku: 1})
    house.balanced(sku, 29 - len(orders))
