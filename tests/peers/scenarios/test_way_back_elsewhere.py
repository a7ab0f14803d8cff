"""The way back where a shop knows no requests, and where the daemon is killed on it."""

from collections.abc import Callable

from tests.peers.books.dock import Dock
from tests.peers.books.vendure import Placed
from tests.peers.scenarios.bazaar import Bazaar
from tests.peers.scenarios.daemon import SHOP, until
from tests.peers.scenarios.house import House

LONG = 600.0
"""A write of unknown outcome is looked up after its quiet time, which is longer than a minute."""
PIECE = 13.09


def given(house: House, order: Placed) -> int:
    """What Vendure's books show as given back, in minor units."""
    payments = house.staff.order_by_code(order.code)["payments"]
    return sum(one["total"] for each in payments for one in each["refunds"] if one["state"] != "Failed")


def test_part_of_a_vendure_order_comes_back_is_paid_back_and_sold_again(
    house: House, bazaar: Bazaar, stocked: Callable[[int], str], bought: Callable[[dict[str, int]], Placed]
) -> None:
    """Vendure has no requests: the return is entered here. One of four pieces is a quarter of what was paid."""
    sku = stocked(6)
    order = bought({sku: 4})
    house.send_off(order)
    house.in_shop(order, "Shipped")
    name = f"{SHOP}/{order.code}"
    house.daemon.done("returns", "enter", name, "--kind", "return", "--line", f"{sku}=1")
    dock = Dock(house.people)
    number = until("the dock has it", lambda: bazaar.draft(f"{name}/R1")) or 0
    dock.count(number, {sku: 1})
    assert dock.step(number, "receive", "do") == "done"
    wanted = order.total_with_tax / 4
    until("the money is back", lambda: abs(given(house, order) - wanted) <= 1)
    until("the case is done", lambda: house.daemon.told("returns", "show", f"{name}/R1")["state"] == "done")
    assert abs(given(house, order) - wanted) <= 1
    house.balanced(sku, 3)


def test_what_vendure_s_staff_refund_and_restock_is_not_sold_before_it_is_here(
    house: House, stocked: Callable[[int], str], bought: Callable[[dict[str, int]], Placed]
) -> None:
    """Their cancel puts a piece back on the shop's shelf; the warehouse has not seen it."""
    sku = stocked(6)
    order = bought({sku: 4})
    house.send_off(order)
    house.in_shop(order, "Shipped")
    house.staff.cancel(order.id, {sku: 1})
    house.staff.refund(order.id, 990)
    house.balanced(sku, 2)
    assert given(house, order) == 990


def _asked(bazaar: Bazaar, order: str, sku: str) -> None:
    until("the case is there", lambda: bazaar.case(order))


def _announced(bazaar: Bazaar, order: str, sku: str) -> None:
    bazaar.announced(order)


def _received(bazaar: Bazaar, order: str, sku: str) -> None:
    bazaar.received(bazaar.announced(order), sku, came=1)


def _paid(bazaar: Bazaar, order: str, sku: str) -> None:
    _received(bazaar, order, sku)
    until("money went back", lambda: bazaar.after.refunds(order))


def _shown(bazaar: Bazaar, order: str, sku: str) -> None:
    _received(bazaar, order, sku)
    until("the shop shows it as back", lambda: bazaar.after.booked(order))


MOMENTS = (_asked, _announced, _received, _paid, _shown)


def test_a_daemon_killed_at_five_moments_of_the_way_back_pays_and_books_once(bazaar: Bazaar) -> None:
    """One order a moment, so that what each left behind is cleared up side by side."""
    daemon = bazaar.house.daemon
    sku = bazaar.listed(30)
    orders = [bazaar.sold({sku: 5}) for _ in MOMENTS]
    for moment, order in zip(MOMENTS, orders, strict=True):
        bazaar.after.asks_back(order, {sku: 1})
        moment(bazaar, order, sku)
        daemon.kill()
        daemon.start()
    for moment, order in zip(MOMENTS, orders, strict=True):
        if moment in (_asked, _announced):
            bazaar.received(bazaar.announced(order), sku, came=1)
    for order in orders:
        bazaar.paid_back(order, PIECE, patience=LONG)
        bazaar.shows_back(order, sku, 1, patience=LONG)
        bazaar.ends(order)
    for order in orders:
        assert bazaar.after.refunds(order) == [PIECE]
        assert bazaar.after.booked(order) == {sku: (1, 0)}
    bazaar.sells(sku, 30 - 5 * len(MOMENTS) + len(MOMENTS))
