"""The shop's staff cancel an order at every stage: it is stopped while it can be, and said when it cannot."""

from collections.abc import Callable

import pytest

from tests.peers.books.vendure import Placed
from tests.peers.scenarios.daemon import WAREHOUSE, until
from tests.peers.scenarios.house import House, reference

Stocked = Callable[[int], str]
Bought = Callable[[dict[str, int]], Placed]


def test_a_cancel_before_it_is_sent_never_reaches_the_warehouse(
    house: House, stocked: Stocked, bought: Bought
) -> None:
    sku = stocked(5)
    house.daemon.done("accounts", "pause", WAREHOUSE)
    try:
        order = bought({sku: 1})
        house.becomes(order, "accepted")
        house.staff.cancel(order.id)
        house.becomes(order, "cancelled")
    finally:
        house.daemon.done("accounts", "resume", WAREHOUSE)
    house.shown(sku, 5)
    house.compare(order, {})
    assert house.people.shipments(reference(order)) == []


@pytest.mark.parametrize("stage", ["assigned", "picked"])
def test_a_cancel_before_packing_is_stopped(
    house: House, stocked: Stocked, bought: Bought, stage: str
) -> None:
    sku = stocked(5)
    order = bought({sku: 2})
    shipment = house.at_warehouse(order)
    house.people.work(shipment, stage)
    house.staff.cancel(order.id)
    house.at_warehouse(order, 1, "cancelled")
    house.becomes(order, "cancelled")
    house.shown(sku, 5)
    house.compare(order, {})
    house.balanced(sku, 5)


def test_a_cancel_after_packing_is_stopped_and_the_label_given_back(
    house: House, stocked: Stocked, bought: Bought
) -> None:
    sku = stocked(5)
    order = bought({sku: 1})
    house.labelled(house.packed(order))
    house.staff.cancel(order.id)
    house.at_warehouse(order, 1, "cancelled")
    (package,) = house.people.shipment(reference(order))["packages"]
    name = f"{reference(order)}#{package['number']}"
    until(
        "the label is given back",
        lambda: [label["status"] for label in house.desk.shipments(name)] == ["cancelled"],
    )
    house.shown(sku, 5)
    house.compare(order, {})
    house.balanced(sku, 5)


def test_a_cancel_after_shipping_is_too_late_and_says_so(
    house: House, stocked: Stocked, bought: Bought
) -> None:
    sku = stocked(5)
    order = bought({sku: 1})
    house.send_off(order)
    house.in_shop(order, "Shipped")
    house.staff.cancel(order.id)
    until("the issue is there", lambda: "order.too_late" in house.issues_of(order))
    house.at_warehouse(order, 1, "done")
    house.compare(order, {sku: 1})
    house.balanced(sku, 4)


def test_a_line_cancelled_from_an_order_is_not_sent(house: House, stocked: Stocked, bought: Bought) -> None:
    wanted, unwanted = stocked(5), stocked(5)
    order = bought({wanted: 1, unwanted: 2})
    house.at_warehouse(order)
    house.staff.cancel(order.id, {unwanted: 2})
    until("the first document is stopped", lambda: _states(house, order)[0] == "cancelled")
    house.send_off(order, 2)
    house.in_shop(order, "Shipped")
    house.compare(order, {wanted: 1})
    house.balanced(unwanted, 5)


def _states(house: House, order: Placed) -> list[str]:
    return [document["state"] for document in house.people.shipments(reference(order))]
