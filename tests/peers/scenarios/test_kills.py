"""The daemon killed with SIGKILL at six moments of an order's life, and started again: everything once."""

from collections.abc import Callable

from tests.peers.books.vendure import Placed
from tests.peers.scenarios.daemon import until
from tests.peers.scenarios.house import House, reference

Stocked = Callable[[int], str]
Bought = Callable[[dict[str, int]], Placed]
LONG = 600.0
"""A write of unknown outcome is looked up after its quiet time, which is longer than a minute."""


def _pulled(house: House, order: Placed) -> None:
    until("the order is pulled", lambda: house.known(order)["state"] != "absent")


def _in_the_warehouse(house: House, order: Placed) -> None:
    until("it stands in Tryton", lambda: house.people.shipments(reference(order)))


def _packed(house: House, order: Placed) -> None:
    house.packed(order)


def _label_bought(house: House, order: Placed) -> None:
    house.packed(order)
    (package,) = house.people.shipment(reference(order))["packages"]
    until("Karrio has it", lambda: house.desk.shipments(f"{reference(order)}#{package['number']}"))


def _labelled(house: House, order: Placed) -> None:
    house.labelled(house.packed(order))


def _told_to_the_shop(house: House, order: Placed) -> None:
    house.send_off(order)
    until("the shop has a fulfilment", lambda: house.staff.order_by_code(order.code)["fulfillments"])


MOMENTS = (_pulled, _in_the_warehouse, _packed, _label_bought, _labelled, _told_to_the_shop)


def test_a_daemon_killed_at_six_moments_does_everything_once(
    house: House, stocked: Stocked, bought: Bought
) -> None:
    """One order a moment, so that what each left behind is cleared up side by side."""
    sku = stocked(20)
    orders = []
    for moment in MOMENTS:
        order = bought({sku: 1})
        moment(house, order)
        house.daemon.kill()
        house.daemon.start()
        orders.append(order)
    for order in orders:
        _finish(house, order)
    for order in orders:
        house.in_shop(order, "Shipped", LONG)
        house.compare(order, {sku: 1})
    house.balanced(sku, 20 - len(MOMENTS))


def _finish(house: House, order: Placed) -> None:
    """The warehouse does what is left to do."""
    shipment = house.at_warehouse(order, 1, "assigned", "packed", "done", patience=LONG)
    house.people.work(shipment, "packed")
    if house.people.state(shipment) == "packed":
        house.labelled(shipment, LONG)
        house.people.ship(shipment)
