"""What comes back to the pretend warehouse: its people at the dock, and what its books say of it."""

from typing import Any

import pytest
from tryton_door import Door, date

from sandbox.deeds import read
from sandbox.judge import judge
from sandbox.warehouse.dock import Found, NoReturn
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.store import BACK


@pytest.fixture
def door() -> Door:
    return Door()


def announcement(door: Door, reference: str = "s/1/R1", **lines: float) -> dict[str, Any]:
    moves = [
        door.move(sku, units, from_location=door.customers, to_location=door.input)
        for sku, units in lines.items()
    ]
    return {
        "company": 1,
        "customer": door.customer,
        "reference": reference,
        "planned_date": date(),
        "warehouse": door.main,
        "warehouse_storage": door.storage,
        "warehouse_input": door.input,
        "incoming_moves": [["create", moves]],
    }


async def announced(door: Door, reference: str = "s/1/R1", **lines: float) -> int:
    row: int = (await door.ok("POST", BACK, announcement(door, reference, **lines)))["id"]
    return row


async def opened(door: Door, *found: Found, reference: str = "s/1/R1") -> None:
    row = door.warehouse.dock.announced(reference)
    door.warehouse.dock.receive(row, found or None)
    door.warehouse.dock.put_away(row, found or None)


def books(door: Door) -> dict[str, dict[str, int]]:
    deeds = read(door.ledger.entries())
    return {
        "returned": dict(deeds.returned),
        "restocked": dict(deeds.restocked),
        "scrapped": dict(deeds.scrapped),
        "shelved": dict(deeds.shelved),
    }


async def test_all_that_was_announced_comes_and_is_good(door: Door) -> None:
    row = await announced(door, MUG=2, CAP=1)
    await opened(door)
    assert door.warehouse.returns() == [
        {
            "id": row,
            "reference": "s/1/R1",
            "state": "done",
            "lines": {"CAP": 1.0, "MUG": 2.0},
            "places": {"Storage Zone": {"CAP": 1.0, "MUG": 2.0}},
        }
    ]
    assert books(door)["returned"] == books(door)["restocked"] == {"CAP": 1, "MUG": 2}
    assert door.warehouse.free("MUG") == 102


async def test_damaged_goods_become_waste_and_leave_the_stock(door: Door) -> None:
    await announced(door, MUG=3)
    await opened(door, Found("MUG", good=1, damaged=2))
    assert books(door)["scrapped"] == {"MUG": 2}
    assert door.warehouse.stock()["MUG"] == 101
    (waste,) = await door.find("stock.location", [["code", "=", "WASTE"]], "type", "waste_warehouses")
    assert (waste["type"], waste["waste_warehouses"]) == ("lost_found", [door.main])
    assert await door.read("stock.location", door.main, "waste_locations") == {
        "id": door.main,
        "__name__": "stock.location",
        "waste_locations": [waste["id"]],
    }


async def test_fewer_none_and_more_may_come(door: Door) -> None:
    await announced(door, MUG=3, CAP=2)
    await opened(door, Found("MUG", good=5))
    assert books(door)["returned"] == {"MUG": 5}
    assert door.warehouse.returns()[0]["lines"] == {"CAP": 0.0, "MUG": 5.0}


async def test_another_good_in_place_of_the_one_expected_names_it(door: Door) -> None:
    row = await announced(door, MUG=2)
    await opened(door, Found("MUG", good=1, wrong={"CAP": 1}))
    found = await door.read(
        BACK, row, "incoming_moves.product.code", "incoming_moves.origin", "incoming_moves.quantity"
    )
    mug = next(each for each in found["incoming_moves"] if each["product"]["code"] == "MUG")
    cap = next(each for each in found["incoming_moves"] if each["product"]["code"] == "CAP")
    assert (cap["origin"], cap["quantity"]) == (f"stock.move,{mug['id']}", 1.0)
    assert books(door)["restocked"] == {"MUG": 1, "CAP": 1}


async def test_goods_that_nobody_has_looked_at_wait_in_the_input_zone(door: Door) -> None:
    await announced(door, MUG=2)
    row = door.warehouse.dock.announced("s/1/R1")
    door.warehouse.dock.receive(row)
    assert await door.quantity("MUG", door.input) == 2
    assert (books(door)["returned"], books(door)["restocked"]) == ({"MUG": 2}, {})


async def test_a_place_in_storage_keeps_goods_apart(door: Door) -> None:
    shelf = {"name": "Damaged", "code": "DMG", "type": "storage", "parent": door.storage}
    await door.ok("POST", "stock.location", shelf, fields=["id"])
    await announced(door, MUG=2)
    await opened(door, Found("MUG", good=1, places={"DMG": 1}))
    assert books(door)["shelved"] == {"MUG": 1}
    assert door.warehouse.returns()[0]["places"] == {"Damaged": {"MUG": 1.0}, "Storage Zone": {"MUG": 1.0}}


async def test_a_parcel_that_nobody_announced_is_booked_under_its_number(door: Door) -> None:
    row = door.warehouse.dock.unannounced("JD0001", [Found("MUG", good=1)])
    door.warehouse.dock.receive(row, [Found("MUG", good=1)])
    shown = await door.read(BACK, row.id, "reference", "state", "customer.code", "number")
    assert (shown["reference"], shown["state"], shown["customer"]["code"]) == ("JD0001", "received", "CUS-1")
    assert shown["number"]


async def test_an_announcement_is_found_with_a_tracking_number_behind_it(door: Door) -> None:
    row = await announced(door, "s/1/R1 | JD0001", MUG=1)
    assert door.warehouse.dock.announced("s/1/R1").id == row
    with pytest.raises(NoReturn):
        door.warehouse.dock.announced("s/1/R")


async def test_more_than_came_cannot_be_put_away_and_nothing_is_done(door: Door) -> None:
    await announced(door, MUG=1)
    row = door.warehouse.dock.announced("s/1/R1")
    door.warehouse.dock.receive(row)
    with pytest.raises(ValueError, match="1 more of MUG"):
        door.warehouse.dock.put_away(row, [Found("MUG", damaged=2)])
    assert door.warehouse.returns()[0]["state"] == "received"
    with pytest.raises(Refusal, match="no place NOWHERE"):
        door.warehouse.dock.put_away(row, [Found("MUG", places={"NOWHERE": 1})])


@pytest.mark.parametrize("until", ["received", "done"])
async def test_a_return_that_is_cancelled_is_taken_off_the_books(door: Door, until: str) -> None:
    row = await announced(door, MUG=2)
    await door.press(row, *(["receive"] if until == "received" else ["receive", "do"]), model=BACK)
    assert await door.press(row, "cancel", model=BACK) == "cancelled"
    assert set(books(door)["returned"].values()) | set(books(door)["restocked"].values()) <= {0}
    assert door.warehouse.stock()["MUG"] == 100


async def test_goods_are_put_away_in_storage_or_as_waste_only(door: Door) -> None:
    row = await announced(door, MUG=1)
    await door.press(row, "receive", model=BACK)
    (move,) = (await door.read(BACK, row, "inventory_moves"))["inventory_moves"]
    for place, status in ((door.output, 400), (4, 400), (door.storage, 200)):
        change = {"inventory_moves": [["write", [move], {"to_location": place}]]}
        assert (await door.call("PUT", f"{BACK}/{row}", change)).status_code == status
    await door.ok(
        "PUT", f"stock.location/{door.main}", {"waste_locations": [["add", [4]]]}, fields=["waste_locations"]
    )
    change = {"inventory_moves": [["write", [move], {"to_location": 4}]]}
    assert (await door.call("PUT", f"{BACK}/{row}", change)).status_code == 200


async def test_other_units_than_came_are_put_away_only_when_confirmed(door: Door) -> None:
    row = await announced(door, MUG=2)
    await door.press(row, "receive", model=BACK)
    (move,) = (await door.read(BACK, row, "inventory_moves"))["inventory_moves"]
    change = {"inventory_moves": [["write", [move], {"quantity": 1.0}]]}
    await door.ok("PUT", f"{BACK}/{row}", change)
    asked = await door.call("POST", f"{BACK}/{row}/do", context={"company": 1})
    assert "are different by [MUG] Product MUG: -1" in asked.json()["message"]
    assert await door.press(row, "do", model=BACK) == "done"


async def test_a_return_straight_into_storage_is_done_when_it_is_received(door: Door) -> None:
    body = announcement(door)
    move = door.move("MUG", 2, from_location=door.customers, to_location=door.storage)
    body |= {"warehouse_input": door.storage, "incoming_moves": [["create", [move]]]}
    row = (await door.ok("POST", BACK, body))["id"]
    assert await door.press(row, "receive", model=BACK) == "done"
    assert books(door)["restocked"] == {"MUG": 2}


async def test_what_was_restocked_may_be_sold_again(door: Door) -> None:
    """The judge counts what came back as goods that are there; waste is not."""
    ledger = door.ledger
    for code in ("A" * 16, "B" * 16):
        ledger.record("shop:s", "order_placed", code=code, paid=1, lines={"HAT": 1})
    ledger.record("warehouse", "received", sku="HAT", quantity=1)
    assert judge(ledger.entries()).oversold == {"HAT": 1}
    facts = {"document": 1, "reference": "s/1/R1", "sku": "HAT", "quantity": 1}
    ledger.record("warehouse", "returned", **facts)
    ledger.record("warehouse", "scrapped", **facts)
    assert judge(ledger.entries()).oversold == {"HAT": 1}
    ledger.record("warehouse", "returned", **facts)
    ledger.record("warehouse", "restocked", **facts)
    verdict = judge(ledger.entries())
    assert verdict.oversold == {}
    assert (verdict.units_returned, verdict.units_restocked, verdict.units_scrapped) == (2, 1, 1)
