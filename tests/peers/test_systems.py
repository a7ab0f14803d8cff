"""The real systems come up, live through outages, and carry one order's life by hand."""

from collections.abc import Callable

import httpx
import pytest

from tests.peers.books.karrio import JOURNEY, Desk, Van
from tests.peers.books.people import LI
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Shopper, Staff
from tests.peers.systems import catalogue
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import ShopOptions, Vendure

Visit = Callable[[], Shopper]


def test_the_shop_sells_what_its_catalogue_says(staff: Staff) -> None:
    for product in catalogue.PRODUCTS:
        for variant in product.variants:
            assert staff.variants(variant.sku), variant.sku
    assert len(staff.variants(catalogue.LISTED_TWICE)) == 2
    assert staff.variant("MUG-1")["currencyCode"] == "EUR"


def test_the_warehouse_holds_what_its_stock_list_says(people: People) -> None:
    assert people.on_shelf("LT-16-256") == 50
    assert people.rest.find("product.product", [["code", "=", catalogue.UNKNOWN_TO_WAREHOUSE]]) == []


def test_the_courier_is_connected(desk: Desk) -> None:
    names = [c["carrier_name"] for c in desk.call("GET", "/v1/connections")["results"]]
    assert names == ["loopback"]


def test_one_orders_life_by_hand(
    goods: Callable[..., str], visit: Visit, staff: Staff, people: People, desk: Desk, van: Van
) -> None:
    """Bought, sent to the warehouse, picked, packed, labelled, shipped, told to the shop, delivered."""
    sku = goods(50)
    order = visit().buy({sku: 2}, LI)
    assert order.state == "PaymentSettled"
    shipment = people.order(order.code, {sku: 2}, LI)
    assert people.work(shipment, "done") == "packed"
    label = desk.buy(order.code, LI)
    assert desk.label(label).startswith(b"%PDF")
    (parcel,) = people.shipment(order.code)["packages"]
    people.stick(parcel["id"], label["tracking_number"])
    assert people.work(shipment, "done") == "done"
    assert people.free(sku) == people.on_shelf(sku) == 48
    fulfilment = staff.fulfil(order.id, None, "loopback_standard", label["tracking_number"])
    staff.move(fulfilment, "Shipped")
    van.drive(label["tracking_number"])
    assert [event["status"] for event in van.book()[label["tracking_number"]]][1:] == [s for s, _ in JOURNEY]
    desk.inject(label["tracker_id"], *JOURNEY)
    assert desk.tracker(label["tracker_id"])["status"] == "delivered"
    staff.move(fulfilment, "Delivered")
    assert staff.order(order.id)["state"] == "Delivered"
    assert staff.stock(sku) == (48, 0)


def test_short_stock_is_shipped_in_part(goods: Callable[..., str], people: People) -> None:
    sku = goods(3)
    shipment = people.order(f"short-{sku}", {sku: 5})
    assert not people.assign(shipment)
    people.assign_part(shipment)
    assert people.state(shipment) == "assigned"
    people.pick(shipment)
    people.pack(shipment, parcels=1)
    people.ship(shipment)
    (line,) = people.shipment(f"short-{sku}")["outgoing_moves"]
    assert (line["quantity"], people.on_shelf(sku)) == (3, 0)


def test_a_slow_checkout_is_placed_when_it_is_paid(
    goods: Callable[..., str], visit: Visit, staff: Staff
) -> None:
    sku = goods(9)
    slow, quick = visit(), visit()
    slow.begin({sku: 1})
    first = quick.buy({sku: 1})
    second = slow.finish()
    placed = [staff.order(order.id)["orderPlacedAt"] for order in (first, second)]
    assert placed == sorted(placed)
    assert staff.saleable(sku) == 7


def test_staff_cancel_and_refund(goods: Callable[..., str], visit: Visit, staff: Staff) -> None:
    sku = goods(9)
    order = visit().buy({sku: 3})
    staff.cancel(order.id, {sku: 1})
    assert staff.saleable(sku) == 7
    assert staff.refund(order.id, 100)["state"] == "Settled"
    assert staff.cancel(order.id)["state"] == "Cancelled"
    assert staff.stock(sku) == (9, 0)


def test_a_second_shop_has_its_own_currency_and_goods(vendure: Vendure) -> None:
    other = Vendure(ShopOptions(name="yen", currency="JPY", catalogue=catalogue.HEADINGS + "\n"))
    try:
        other.start()
        clerk = Staff(other.admin_url, other.username, other.password)
        clerk.add_product("ONLY-HERE", 4, 50000)
        assert clerk.variant("ONLY-HERE")["currencyCode"] == "JPY"
        assert clerk.variants("MUG-1") == []
        with Shopper(other.shop_url, clerk) as shopper:
            assert shopper.buy({"ONLY-HERE": 1}).state == "PaymentSettled"
        clerk.session.close()
    finally:
        other.close()


@pytest.fixture(params=["vendure", "tryton", "karrio"])
def system(request: pytest.FixtureRequest) -> Vendure | Tryton | Karrio:
    found: Vendure | Tryton | Karrio = request.getfixturevalue(request.param)
    return found


def test_a_frozen_system_answers_nobody_until_it_thaws(system: Vendure | Tryton | Karrio) -> None:
    system.freeze()
    try:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(system.url, timeout=0.3)
    finally:
        system.thaw()
    system.process.wait(system.ready)


def test_a_killed_system_comes_back_with_its_data_at_its_address(
    system: Vendure | Tryton | Karrio, goods: Callable[..., str], staff: Staff, people: People, desk: Desk
) -> None:
    sku = goods(7)
    label = desk.buy(sku)
    address = system.url
    system.kill()
    with pytest.raises(httpx.TransportError):
        httpx.get(system.url, timeout=5)
    system.start()
    assert system.url == address
    assert staff.stock(sku) == (7, 0)
    assert people.free(sku) == 7
    assert [s["id"] for s in desk.shipments(sku)] == [label["id"]]


def test_a_clone_of_the_warehouse_does_not_see_the_others_goods(
    tryton: Tryton, goods: Callable[..., str]
) -> None:
    sku = goods(5)
    name = tryton.clone()
    crew = People(tryton.url, name, tryton.key)
    assert crew.rest.find("product.product", [["code", "=", sku]]) == []
    assert crew.on_shelf("SKU-0000") == 100
    crew.rest.close()
    tryton.drop(name)
