"""Returns, stocktakes and transfers."""

from collections.abc import Sequence
from dataclasses import replace

from connectors.contract import (
    Deadline,
    Done,
    FulfilmentLine,
    Receipt,
    Rejected,
    ReturnAnnouncement,
    TransferRequest,
)
from connectors.warehouse.tryton.connector import TrytonWarehouse
from tests.peers.books.tryton import People

from .conftest import Hall

DELIVERY = "stock.shipment.in"
RETURN = "stock.shipment.out.return"
TRANSFER = "stock.shipment.internal"


def lines(*units: tuple[str, int]) -> tuple[FulfilmentLine, ...]:
    return tuple(FulfilmentLine(sku, "", number) for sku, number in units)


def receive(people: People, model: str, number: object, steps: Sequence[str] = ("receive", "do")) -> None:
    for step in steps:
        people.rest.call("POST", f"{model}/{number}/{step}")


async def test_a_return_is_announced_once_and_told_when_it_arrived(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(5)
    request = ReturnAnnouncement(hall.request().reference, lines((sku, 2)), tracking="BACK-1")
    first = await warehouse.announce_return(request, soon)
    assert isinstance(first, Done)
    assert await warehouse.announce_return(request, soon) == first
    receive(people, RETURN, first.external_id)
    records: Sequence[Receipt] = (await warehouse.return_receipts(None, soon)).records
    (receipt,) = [one for one in records if one.reference == request.reference]
    assert receipt.lines == ((sku, 2, "good"),)
    assert people.free(sku) == 7


async def test_two_living_returns_of_one_reference_are_told(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    request = ReturnAnnouncement(hall.request().reference, lines((hall.sku(5), 2)))
    other = replace(request, reference=request.reference + "-2")
    await warehouse.announce_return(request, soon)
    second = await warehouse.announce_return(other, soon)
    assert isinstance(second, Done)
    people.rest.call("PUT", f"{RETURN}/{second.external_id}", {"reference": request.reference})
    assert await warehouse.announce_return(request, soon) == Rejected(
        f"return {request.reference}: Tryton has 2 with this reference; cancel all but one of them",
        code="duplicate_reference",
    )


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
