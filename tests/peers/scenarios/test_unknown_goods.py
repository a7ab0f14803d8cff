"""An order of goods that no warehouse knows is held, and goes on by itself once they are known."""

import uuid
from collections.abc import Callable

from tests.peers.books.vendure import Placed
from tests.peers.scenarios.daemon import SHOP
from tests.peers.scenarios.house import House

Bought = Callable[[dict[str, int]], Placed]


def _held(house: House, bought: Bought) -> tuple[str, Placed]:
    """A SKU of the shop alone, and a held order of it."""
    sku = f"ONLY-{uuid.uuid4().hex[:8].upper()}"
    house.staff.add_product(sku, 5)
    order = bought({sku: 1})
    house.becomes(order, "held")
    assert house.issues_of(order) == ["order.held"]
    return sku, order


def test_goods_that_appear_in_the_warehouse_release_the_order(house: House, bought: Bought) -> None:
    sku, order = _held(house, bought)
    house.people.add_product(sku, 5)
    house.send_off(order)
    house.in_shop(order, "Shipped")
    assert house.issues_of(order) == []
    house.compare(order, {sku: 1})
    house.balanced(sku, 4)


def test_a_listing_that_is_bound_by_hand_releases_the_order(
    house: House, bought: Bought, goods: Callable[..., str]
) -> None:
    ours = goods(5, in_shop=0)
    sku, order = _held(house, bought)
    rule = {"listing": f"{SHOP}:sku={sku}", "sku": ours, "pack": 2}
    house.daemon.map("skus", {"overrides": [rule]})
    house.send_off(order)
    house.in_shop(order, "Shipped")
    assert house.issues_of(order) == []
    left = house.people.on_shelf(ours)
    assert left == 3, "one of the listing is a pack of two"
