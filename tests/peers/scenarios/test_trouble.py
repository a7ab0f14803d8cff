"""Each vendor away for a while, and the daemon killed at five moments: everything still happens once."""

from collections.abc import Callable

from tests.peers.books.people import Buyer
from tests.peers.books.vendure import Placed, Shopper
from tests.peers.scenarios.house import SHOP, House, until
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure

Visit = Callable[[], Shopper]
Goods = Callable[..., str]
Buyers = Callable[[], Buyer]
LONG = 200.0
"""An unknown outcome is looked up after its quiet time, which is longer than a minute."""


def test_a_warehouse_that_was_away_gets_every_order_once(
    house: House, goods: Goods, visit: Visit, buyers: Buyers, tryton: Tryton
) -> None:
    sku = goods(10, in_shop=0)
    house.shown(sku, 10)
    tryton.kill()
    orders = [visit().buy({sku: 1}, buyers()) for _ in range(3)]
    until("they are pulled", lambda: all(house.our_state(order) == "accepted" for order in orders))
    tryton.restart()
    for order in orders:
        house.send_off(order, patience=LONG)
        house.in_shop(order, "Shipped")
        house.compare(order, {sku: 1})


def test_a_courier_that_was_away_sells_every_label_once(
    house: House, goods: Goods, visit: Visit, buyers: Buyers, karrio: Karrio
) -> None:
    sku = goods(10, in_shop=0)
    house.shown(sku, 10)
    order = visit().buy({sku: 1}, buyers())
    shipment = house.at_warehouse(order)
    karrio.freeze()
    try:
        house.people.work(shipment, "packed")
        until("the label is queued", lambda: "booking" in _kinds(house, order))
    finally:
        karrio.thaw()
    house.labelled(shipment, LONG)
    house.people.ship(shipment)
    house.in_shop(order, "Shipped")
    house.compare(order, {sku: 1})


def test_a_shop_that_was_away_hears_of_every_parcel_once(
    house: House, goods: Goods, visit: Visit, buyers: Buyers, vendure: Vendure
) -> None:
    sku = goods(10, in_shop=0)
    house.shown(sku, 10)
    order = visit().buy({sku: 1}, buyers())
    shipment = house.at_warehouse(order)
    house.people.work(shipment, "packed")
    house.labelled(shipment)
    vendure.freeze()
    try:
        house.people.ship(shipment)
        until("we know that it left", lambda: _fulfilment(house, order) == "shipped")
    finally:
        vendure.thaw()
    house.in_shop(order, "Shipped", LONG)
    house.compare(order, {sku: 1})


def test_a_daemon_killed_at_five_moments_does_everything_once(
    house: House, goods: Goods, visit: Visit, buyers: Buyers
) -> None:
    sku = goods(20, in_shop=0)
    house.shown(sku, 20)
    moments: list[Callable[[Placed], None]] = [
        lambda order: until("pulled", lambda: house.our_state(order) != "absent"),
        lambda order: until("in Tryton", lambda: house.people.shipments(f"{SHOP}/{order.code}/1")),
        lambda order: _pack_until_bought(house, order),
        lambda order: _pack_until_labelled(house, order),
        lambda order: _ship_until_told(house, order),
    ]
    orders = []
    for moment in moments:
        order = visit().buy({sku: 1}, buyers())
        moment(order)
        house.kill()
        house.start()
        orders.append(order)
    for order in orders:
        _finish(house, order)
        house.in_shop(order, "Shipped", LONG)
        house.compare(order, {sku: 1})


def _kinds(house: House, order: Placed) -> list[str]:
    return [event["kind"] for event in house.told("orders", "show", f"{SHOP}/{order.code}")["timeline"]]


def _fulfilment(house: House, order: Placed) -> str:
    return str(house.told("orders", "show", f"{SHOP}/{order.code}")["fulfilments"][0]["state"])


def _pack(house: House, order: Placed) -> int:
    shipment = house.at_warehouse(order)
    house.people.work(shipment, "packed")
    return shipment


def _pack_until_bought(house: House, order: Placed) -> None:
    """As soon as Karrio has a shipment under the reference."""
    _pack(house, order)
    number = house.people.shipment(f"{SHOP}/{order.code}/1")["packages"][0]["number"]
    until("the label is bought", lambda: house.desk.shipments(f"{SHOP}/{order.code}/1#{number}"))


def _pack_until_labelled(house: House, order: Placed) -> None:
    """As soon as Tryton has the number."""
    house.labelled(_pack(house, order))


def _ship_until_told(house: House, order: Placed) -> None:
    """As soon as the shop has a fulfilment, shipped or not."""
    shipment = _pack(house, order)
    house.labelled(shipment)
    house.people.ship(shipment)
    until("the shop has a fulfilment", lambda: house.staff.order_by_code(order.code)["fulfillments"])


def _finish(house: House, order: Placed) -> None:
    """The warehouse does what is left to do."""
    until(
        f"{order.code} stands in Tryton",
        lambda: house.people.shipments(f"{SHOP}/{order.code}/1"),
        LONG,
    )
    shipment = house.people.shipment(f"{SHOP}/{order.code}/1")["id"]
    if house.people.state(shipment) in ("shipped", "done"):
        return
    until("it is assigned", lambda: house.people.state(shipment) not in ("draft", "waiting"), LONG)
    house.people.work(shipment, "packed")
    house.labelled(shipment, LONG)
    house.people.ship(shipment)
