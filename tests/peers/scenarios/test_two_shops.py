"""One stock pool in two real shops of different make, and what a supplier sends by itself."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.peers.books.medusa import Visitor
from tests.peers.books.people import LI, Buyer
from tests.peers.books.vendure import Placed, Shopper, ShopRefused
from tests.peers.scenarios.daemon import SECOND_SHOP, SHOP, until
from tests.peers.scenarios.house import House

Visit = Callable[[], Shopper]
Pooled = Callable[[int], str]
Bought = Callable[[dict[str, int]], Placed]


def _name(house: House, order: str) -> str:
    """What the second shop's order is called with us."""
    return f"{SECOND_SHOP}/{house.clerk.order(order)['display_id']}"


def _assigned(house: House, reference: str) -> int:
    def there() -> int | None:
        found = house.people.shipments(reference)
        return found[0]["id"] if [one["state"] for one in found] == ["assigned"] else None

    return until(f"{reference} is assigned in Tryton, once", there) or 0


def _sent_off(house: House, reference: str) -> str:
    shipment = _assigned(house, reference)
    house.people.work(shipment, "packed")
    (tracking,) = house.labelled(shipment)
    house.people.ship(shipment)
    return tracking


def _numbers(house: House, order: str) -> list[str]:
    """What the second shop tells its buyer."""
    made = house.clerk.order(order)["fulfillments"]
    return [label["tracking_number"] for one in made for label in one["labels"]]


def test_an_order_in_either_shop_lowers_the_other(
    house: House, pooled: Pooled, bought: Bought, medusa_visit: Callable[[], Visitor], buyers: Iterator[Buyer]
) -> None:
    sku = pooled(20)
    there = medusa_visit().buy({sku: 4}, next(buyers))
    house.clerk.capture(there)
    house.pooled(sku, 16)
    here = bought({sku: 5})
    house.pooled(sku, 11)
    tracking = _sent_off(house, f"{_name(house, there)}/1")
    until("the second shop shows the parcel, once", lambda: _numbers(house, there) == [tracking])
    house.send_off(here)
    house.in_shop(here, "Shipped")
    house.compare(here, {sku: 5})
    house.van.drive(tracking)
    until(
        "the second shop shows it delivered",
        lambda: house.clerk.order(there)["fulfillments"][0]["delivered_at"],
    )
    assert (house.people.on_shelf(sku), house.people.free(sku)) == (11, 11)
    house.pooled(sku, 11)


def _finished(shopper: Shopper) -> Placed | None:
    """The order; None where the shop had sold out meanwhile."""
    try:
        return shopper.finish()
    except ShopRefused:
        return None


def test_the_last_units_bought_in_both_shops_at_once_are_never_more_than_there_are(
    house: House, pooled: Pooled, visit: Visit, medusa_visit: Callable[[], Visitor], buyers: Iterator[Buyer]
) -> None:
    sku = pooled(8)
    here = [visit() for _ in range(4)]
    there = [medusa_visit() for _ in range(4)]
    for shopper in here:
        shopper.begin({sku: 1}, next(buyers))
    for visitor in there:
        assert visitor.begin({sku: 1}, next(buyers)).status_code == 200
    with ThreadPoolExecutor(2) as doors:
        ours = doors.submit(lambda: [_finished(shopper) for shopper in here])
        theirs = doors.submit(lambda: [visitor.finish().json().get("order") for visitor in there])
        orders = [order for order in ours.result() if order]
        placed = [order["id"] for order in theirs.result() if order]
    sold = len(orders) + len(placed)
    assert 4 <= sold <= 8, "whoever came too late was told so by the shop"
    for order in placed:
        house.clerk.capture(order)
    for bought in orders:
        house.at_warehouse(bought)
    for order in placed:
        _assigned(house, f"{_name(house, order)}/1")
    assert (house.people.on_shelf(sku), house.people.free(sku)) == (8, 8 - sold)
    house.pooled(sku, 8 - sold)


def test_a_line_that_only_the_supplier_has_is_sent_by_the_supplier(
    house: House, stocked: Callable[[int], str], visit: Visit
) -> None:
    ours, chair = stocked(6), f"CHAIR-{uuid.uuid4().hex[:8].upper()}"
    house.staff.add_product(chair, 0, 4900)
    house.supplier.offer(chair, 7)
    house.shown(chair, 7)
    order = visit().buy({ours: 1, chair: 2}, LI)
    names = [f"{SHOP}/{order.code}/{n}" for n in (1, 2)]
    (bought,) = until(
        "the supplier has its order", lambda: [row for n in names for row in house.supplier.orders(n)]
    )
    assert (bought["code"], bought["pieces"], bought["name"]) == (f"A-{chair}", "2", LI.full_name)
    purchase = bought["reference"]
    (own,) = [name for name in names if name != purchase]
    house.supplier.acknowledge(purchase, {chair: 2})
    house.supplier.despatch(purchase, {chair: 2}, "ACME-1", "dhl")
    tracking = _sent_off(house, own)
    seen = house.in_shop(order, "Shipped")
    assert sorted(one["trackingCode"] for one in seen["fulfillments"]) == sorted(["ACME-1", tracking])
    assert house.issues_of(order) == []
    # a list that says the same as the last one is no newer reading: this one has one row more
    house.supplier.offer(f"STOOL-{uuid.uuid4().hex[:8].upper()}", 1)
    house.shown(chair, 4)  # five are left; two sold in ten minutes hold back one
