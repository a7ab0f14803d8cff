"""The stock figures of the pretend warehouse: which context means what, and what tells of a change."""

from datetime import timedelta

import pytest
from tryton_door import CONTEXT, START, Door, b64, date, moment

STEPS = ("wait", "assign_try", "pick", "pack", "ship", "do")


@pytest.fixture
def door() -> Door:
    return Door()


async def test_without_locations_every_quantity_is_nought(door: Door) -> None:
    assert (await door.read("product.product", 1, "quantity"))["quantity"] == 0.0


async def test_an_unknown_location_is_refused(door: Door) -> None:
    context = {**CONTEXT, "locations": [99]}
    answer = await door.call("GET", "product.product", fields=["quantity"], context=context)
    assert answer.json()["message"] == (
        'You are trying to read records "99" of "Stock Location" that don\'t exist.'
    )


async def _series(door: Door, location: int, *, assign: bool, field: str = "quantity") -> list[float]:
    row = await door.ship("R", MUG=4)
    figures = []
    for step in STEPS:
        await door.press(row, step)
        figures.append(await door.quantity("MUG", location, assign=assign, field=field))
    return figures


async def test_the_storage_zone_less_assigned_units_is_right_from_assignment_on(door: Door) -> None:
    assert await _series(door, door.storage, assign=True) == [100, 96, 96, 96, 96, 96]


async def test_the_warehouse_less_assigned_units_jumps_back_between_picking_and_packing(door: Door) -> None:
    assert await _series(door, door.main, assign=True) == [100, 96, 100, 96, 96, 96]


async def test_the_storage_zone_alone_drops_at_picking(door: Door) -> None:
    assert await _series(door, door.storage, assign=False) == [100, 100, 96, 96, 96, 96]


async def test_the_warehouse_alone_drops_when_the_shipment_is_done(door: Door) -> None:
    assert await _series(door, door.main, assign=False) == [100, 100, 100, 100, 100, 96]


async def test_the_forecast_counts_a_shipment_from_its_draft_on(door: Door) -> None:
    assert await _series(door, door.main, assign=False, field="forecast_quantity") == [96] * 6


async def test_a_forecast_up_to_today_misses_shipments_without_a_planned_date(door: Door) -> None:
    for planned in (None, date()):
        body = door.order("R", door.move("MUG", 4), planned_date=planned)
        await door.ok("POST", "stock.shipment.out", body)
    known = {"field": "forecast_quantity", "stock_date_end": date()}
    assert await door.quantity("MUG", door.main, **known) == 96
    assert await door.quantity("MUG", door.main, field="forecast_quantity") == 92


async def test_a_past_day_is_answered_from_the_moves_of_that_time(door: Door) -> None:
    door.clock.advance(86400)
    door.warehouse.receive("MUG", 7)
    assert await door.quantity("MUG", door.main) == 107
    assert await door.quantity("MUG", door.main, stock_date_end=date(START)) == 100


async def test_several_locations_are_added_without_their_children_unless_all_are_warehouses(
    door: Door,
) -> None:
    door.warehouse.receive("MUG", 9, warehouse="WH-2")
    context = {**CONTEXT, "locations": [5, 12]}
    assert (await door.read("product.product", 1, "quantity", context=context))["quantity"] == 109
    context = {**CONTEXT, "locations": [5, 3]}
    assert (await door.read("product.product", 1, "quantity", context=context))["quantity"] == 100


async def test_stock_movements_do_not_touch_the_product(door: Door) -> None:
    before = await door.read("product.product", 1, "write_date")
    door.clock.advance(60)
    await door.ship("R", *STEPS, MUG=1)
    assert await door.read("product.product", 1, "write_date") == before


async def test_what_changed_since_is_found_by_the_moves_dates(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    door.clock.advance(60)
    since = moment(START + timedelta(seconds=30))
    assert await door.find("stock.move", [["last_modified_at", ">", since]]) == []
    await door.press(row, "assign_try")
    door.warehouse.receive("CAP", 1)
    domain = ["OR", ["write_date", ">", since], ["create_date", ">", since]]
    found = await door.find("stock.move", domain, "product.code")
    assert [move["product"]["code"] for move in found] == ["CAP", "MUG"]


async def test_a_record_that_was_never_changed_has_no_write_date(door: Door) -> None:
    kind = await door.ok("POST", "stock.package.type", {"name": "Box"}, fields=["write_date"])
    assert kind["write_date"] is None
    assert len(await door.find("stock.package.type", [["write_date", "=", None]])) == 1
    changed = await door.ok("PUT", f"stock.package.type/{kind['id']}", {"name": "Bag"}, fields=["write_date"])
    assert changed["write_date"] == moment(START)


async def test_goods_that_arrive_are_told_to_the_ledger(door: Door) -> None:
    door.warehouse.receive("CAP", 5)
    assert [(e.facts["sku"], e.facts["quantity"]) for e in door.entries("received")] == [
        ("MUG", 100),
        ("CAP", 10),
        ("CAP", 5),
    ]
    assert door.warehouse.stock() == {"MUG": 100, "CAP": 15}


async def _count(door: Door, sku: str, quantity: float | None, **more: object) -> dict[str, object]:
    lines = [["create", [{"product": door.product[sku], "quantity": quantity}]]]
    body = {"company": 1, "location": door.storage, "empty_quantity": "keep", "lines": lines, **more}
    made = await door.ok("POST", "stock.inventory", body, fields=["id", "lines.expected_quantity"])
    answer: dict[str, object] = (await door.call("POST", f"stock.inventory/{made['id']}/confirm")).json()
    return answer


async def test_a_stocktake_moves_the_difference_and_tells_which_way(door: Door) -> None:
    assert (await _count(door, "CAP", 12.0))["state"] == "done"
    assert (await _count(door, "MUG", 95.0))["state"] == "done"
    assert door.warehouse.stock() == {"MUG": 95, "CAP": 12}
    assert door.entries("received")[-1].facts == {"sku": "CAP", "quantity": 2.0}
    assert door.entries("written_off")[0].facts == {"sku": "MUG", "quantity": 5.0}


async def test_a_line_that_was_not_counted_is_kept_emptied_or_refused(door: Door) -> None:
    await _count(door, "CAP", None)
    assert door.warehouse.stock()["CAP"] == 10
    refused = await _count(door, "CAP", None, empty_quantity=None)
    assert "you must select an option for empty quantity." in str(refused["message"])
    await _count(door, "CAP", None, empty_quantity="empty")
    assert door.warehouse.stock()["CAP"] == 0


async def test_the_second_warehouse_has_no_place_for_differences(door: Door) -> None:
    refused = await _count(door, "CAP", 3.0, location=11)
    assert "you must set a lost and found on a parent of location" in str(refused["message"])


async def test_a_product_can_be_counted_only_once_in_a_stocktake(door: Door) -> None:
    lines = [["create", [{"product": 1, "quantity": 1.0}, {"product": 1, "quantity": 2.0}]]]
    body = {"company": 1, "location": 3, "lines": lines}
    made = await door.ok("POST", "stock.inventory", body)
    answer = await door.call("POST", f"stock.inventory/{made['id']}/confirm")
    assert 'Inventory line "[MUG] Product MUG" is not unique' in answer.json()["message"]


BACK = "stock.shipment.out.return"


async def test_a_customer_return_is_received_and_put_away(door: Door) -> None:
    move = door.move("CAP", 2, from_location=door.customers, to_location=door.input)
    body = {
        "company": 1,
        "customer": 3,
        "contact_address": 3,
        "reference": "RMA-1",
        "warehouse": 5,
        "warehouse_storage": 3,
        "warehouse_input": 1,
        "incoming_moves": [["create", [move]]],
    }
    row = (await door.ok("POST", BACK, body))["id"]
    warned = await door.call("POST", f"{BACK}/{row}/receive", context={"company": 1})
    assert warned.status_code == 400
    assert await door.press(row, "receive", model=BACK) == "received"
    assert (await door.quantity("CAP", door.main), await door.quantity("CAP", door.storage)) == (12, 10)
    assert await door.press(row, "do", model=BACK) == "done"
    assert await door.quantity("CAP", door.storage) == 12
    told = {"document": row, "reference": "RMA-1", "sku": "CAP", "quantity": 2.0}
    assert [(entry.kind, entry.facts) for entry in door.entries("returned", "restocked")] == [
        ("returned", told),
        ("restocked", told),
    ]
    lacking = {name: value for name, value in body.items() if name != "warehouse_input"}
    assert (await door.call("POST", BACK, lacking)).status_code == 400


INTERNAL = "stock.shipment.internal"


async def test_a_transfer_between_warehouses_passes_through_transit(door: Door) -> None:
    line = {"product": 1, "unit": 1, "quantity": 5.0, "company": 1, "from_location": 3, "to_location": 11}
    body = {
        "company": 1,
        "from_location": 3,
        "to_location": 11,
        "planned_date": date(),
        "moves": [["create", [line]]],
    }
    refused = await door.call("POST", INTERNAL, body)
    assert 'A value is required for field "Planned Start Date"' in refused.json()["message"]
    row = (await door.ok("POST", INTERNAL, body | {"planned_start_date": date()}))["id"]
    states = [
        await door.press(row, button, model=INTERNAL) for button in ("wait", "assign_try", "pack", "ship")
    ]
    assert states == ["waiting", "assigned", "packed", "shipped"]
    assert (await door.quantity("MUG", door.main), await door.quantity("MUG", 12)) == (95, 0)
    assert await door.press(row, "do", model=INTERNAL) == "done"
    assert await door.quantity("MUG", 12) == 5


async def test_a_page_of_a_large_catalogue_is_cut_from_one_order() -> None:
    door = Door({f"S{number:05d}": 0 for number in range(3000)})
    found = await door.find("product.product", [], "code", s=1000, p=1500)
    assert (found[0]["code"], found[-1]["code"]) == ("S01500", "S02499")
    assert len(await door.find("product.product", [["id", ">", 2500]], s=1000, o=b64([["id", "ASC"]]))) == 500
