"""Stocktakes and transfers. Returns are in test_returns.py."""

from connectors.contract import (
    Deadline,
    Done,
    FulfilmentLine,
    Rejected,
    TransferRequest,
)
from connectors.warehouse.tryton.connector import TrytonWarehouse
from tests.peers.books.tryton import People

from .conftest import Hall

TRANSFER = "stock.shipment.internal"


def lines(*units: tuple[str, int]) -> tuple[FulfilmentLine, ...]:
    return tuple(FulfilmentLine(sku, "", number) for sku, number in units)


async def test_a_stocktake_tells_what_was_counted_and_what_was_booked(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    people.count(sku, 8)
    page = await warehouse.counts(None, soon)
    cursor = page.cursor
    found = list(page.records)
    while not page.complete:
        page = await warehouse.counts(cursor, soon)
        cursor = page.cursor
        found.extend(page.records)
    counted = [(one.booked, one.counted, one.location) for one in found if one.sku == sku]
    assert counted == [(0, 10, "STO"), (10, 8, "STO")]


async def test_a_line_that_nobody_counted_is_no_count(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    kept, emptied = hall.sku(), hall.sku()
    for sku, rule in ((kept, "keep"), (emptied, "empty")):
        body = {
            "company": 1,
            "location": people.zones.storage,
            "empty_quantity": rule,
            "lines": [["create", [{"product": people.product(sku)}]]],
        }
        number = people.rest.call("POST", "stock.inventory", body)["id"]
        people.rest.call("POST", f"stock.inventory/{number}/confirm")
    page = await warehouse.counts(None, soon)
    found = list(page.records)
    while not page.complete:
        page = await warehouse.counts(page.cursor, soon)
        found.extend(page.records)
    counted = {one.sku: one.counted for one in found}
    assert counted[emptied] == 0
    assert kept not in counted


async def test_a_transfer_is_made_once_and_assigned(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(5)
    request = TransferRequest(hall.request().reference, "WH-MAIN", "WH-2", lines((sku, 2)))
    first = await warehouse.transfer(request, soon)
    assert isinstance(first, Done)
    assert await warehouse.transfer(request, soon) == first
    (shown,) = people.rest.find(TRANSFER, [["reference", "=", request.reference]], "state")
    assert shown["state"] == "assigned"
    assert people.free(sku) == 3


async def test_a_transfer_to_an_unknown_warehouse_is_refused(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    request = TransferRequest(hall.request().reference, "WH-MAIN", "WH-9", lines((hall.sku(5), 2)))
    outcome = await warehouse.transfer(request, soon)
    assert outcome == Rejected("Tryton has 0 warehouses with the code WH-9", code="no_warehouse")
