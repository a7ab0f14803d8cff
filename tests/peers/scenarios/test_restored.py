"""A backup of before, restored while orders are under way: nothing is sent, booked or told twice."""

from collections.abc import Callable
from pathlib import Path

from tests.peers.books.vendure import Placed
from tests.peers.scenarios.house import House

Stocked = Callable[[int], str]
Bought = Callable[[dict[str, int]], Placed]
LONG = 600.0
"""What may have been done since the backup is looked up after its quiet time, which is longer than a minute."""


def test_a_backup_restored_in_mid_flight_does_nothing_twice(
    house: House, stocked: Stocked, bought: Bought, tmp_path: Path
) -> None:
    """Four orders: sent before the backup, labelled after it, pulled after it, and shipped whole after it."""
    sku = stocked(12)
    sent, labelled = bought({sku: 1}), bought({sku: 1})
    house.at_warehouse(sent)
    house.at_warehouse(labelled)
    copy = tmp_path / "before.backup"
    house.daemon.done("backup", str(copy))
    house.labelled(house.packed(labelled))
    pulled, shipped = bought({sku: 1}), bought({sku: 1})
    house.at_warehouse(pulled)
    house.send_off(shipped)
    house.in_shop(shipped, "Shipped")
    house.daemon.kill()
    house.daemon.done("restore", str(copy))
    house.daemon.start()
    shipment = house.at_warehouse(labelled, 1, "packed")
    house.labelled(shipment)
    house.people.ship(shipment)
    for order in (sent, pulled):
        house.send_off(order, patience=LONG)
    orders = (sent, labelled, pulled, shipped)
    for order in orders:
        house.in_shop(order, "Shipped", LONG)
    for order in orders:
        house.becomes(order, "shipped", LONG)
        house.compare(order, {sku: 1})
    house.balanced(sku, 8)
