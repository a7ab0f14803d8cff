"""Each vendor away for a while: nothing is lost, and nothing happens twice."""

from collections.abc import Callable

import pytest

from tests.peers.books.vendure import Placed
from tests.peers.scenarios.daemon import until
from tests.peers.scenarios.house import House
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure

Stocked = Callable[[int], str]
Bought = Callable[[dict[str, int]], Placed]
LONG = 600.0
"""A write of unknown outcome is looked up after its quiet time, which is longer than a minute."""


def _finish(house: House, sku: str, *orders: Placed) -> None:
    for order in orders:
        house.send_off(order, patience=LONG)
    for order in orders:
        house.in_shop(order, "Shipped", LONG)
        house.compare(order, {sku: 1})


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_a_warehouse_that_was_away_gets_every_order_once(
    house: House, stocked: Stocked, bought: Bought, tryton: Tryton, how: str
) -> None:
    sku = stocked(10)
    tryton.kill() if how == "killed" else tryton.freeze()
    try:
        orders = [bought({sku: 1}) for _ in range(3)]
        for order in orders:
            house.becomes(order, "accepted")
    finally:
        tryton.start() if how == "killed" else tryton.thaw()
    _finish(house, sku, *orders)
    house.balanced(sku, 7)


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_a_courier_that_was_away_sells_every_label_once(
    house: House, stocked: Stocked, bought: Bought, karrio: Karrio, how: str
) -> None:
    sku = stocked(10)
    order = bought({sku: 1})
    house.at_warehouse(order)
    karrio.kill() if how == "killed" else karrio.freeze()
    try:
        shipment = house.packed(order)
        until("the label is queued", lambda: "booking" in _told(house, order))
    finally:
        karrio.start() if how == "killed" else karrio.thaw()
    house.labelled(shipment, LONG)
    house.people.ship(shipment)
    house.in_shop(order, "Shipped", LONG)
    house.compare(order, {sku: 1})
    house.balanced(sku, 9)


def test_a_shop_that_was_away_hears_of_every_parcel_once(
    house: House, stocked: Stocked, bought: Bought, vendure: Vendure
) -> None:
    sku = stocked(10)
    order = bought({sku: 1})
    shipment = house.packed(order)
    house.labelled(shipment)
    vendure.freeze()
    try:
        house.people.ship(shipment)
        until("we know that it left", lambda: _fulfilment(house, order) == "shipped")
    finally:
        vendure.thaw()
    house.in_shop(order, "Shipped", LONG)
    house.compare(order, {sku: 1})
    house.balanced(sku, 9)


def _told(house: House, order: Placed) -> list[str]:
    return [event["kind"] for event in house.known(order)["timeline"]]


def _fulfilment(house: House, order: Placed) -> str:
    return str(house.known(order)["fulfilments"][0]["state"])
