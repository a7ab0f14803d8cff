"""Outbound shipments of the pretend warehouse, with every trap of the real one."""

import pytest
from tryton_door import CONTEXT, OUT, Door, date, decimal


@pytest.fixture
def door() -> Door:
    return Door()


async def test_a_shipment_goes_step_by_step_to_done(door: Door) -> None:
    row = await door.ship("R", MUG=2)
    states = [
        await door.press(row, button) for button in ("wait", "assign_try", "pick", "pack", "ship", "do")
    ]
    assert states == ["waiting", "assigned", "picked", "packed", "shipped", "done"]
    assert (await door.read(OUT, row, "effective_date"))["effective_date"] == date()
    assert await door.quantity("MUG", door.main) == 98


async def test_the_same_reference_is_accepted_again_and_again(door: Door) -> None:
    for _ in range(3):
        await door.ship("SAME", MUG=1)
    assert len(await door.find(OUT, [["reference", "=", "SAME"]])) == 3


async def test_searching_by_outgoing_moves_breaks_the_server_and_by_moves_does_not(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    broken = await door.call("GET", OUT, d="W1sib3V0Z29pbmdfbW92ZXMucHJvZHVjdCIsICI9IiwgMV1d")
    assert broken.status_code == 500
    assert "Missing search function for field &#34;Outgoing Moves&#34;" in broken.text
    assert [one["id"] for one in await door.find(OUT, [["moves.product.code", "=", "MUG"]])] == [row]


async def test_moves_are_found_by_their_shipment_s_reference_only_with_its_model(door: Door) -> None:
    await door.ship("R", MUG=1)
    assert len(await door.find("stock.move", [["shipment.reference", "=", "R", OUT]])) == 1
    assert (
        await door.call("GET", "stock.move", d="W1sic2hpcG1lbnQucmVmZXJlbmNlIiwgIj0iLCAiUiJdXQ==")
    ).status_code == 500


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("delivery_address", "Delivery Address"),
        ("warehouse", "Warehouse"),
        ("warehouse_storage", "Warehouse Storage"),
        ("warehouse_output", "Warehouse Output"),
        ("customer", "Customer"),
    ],
)
async def test_nothing_is_filled_in_by_rest(door: Door, field: str, label: str) -> None:
    body = door.order("R", door.move("MUG", 1))
    del body[field]
    answer = await door.call("POST", OUT, body)
    assert answer.json()["message"] == (
        f'A value is required for field "{label}" in record "[R]" of "Stock Shipment Out".'
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit_price": None}, 'A value is required for field "Unit Price"'),
        ({"currency": None}, 'A value is required for field "Currency"'),
        ({"product": None}, 'A value is required for field "Product"'),
        ({"quantity": -1.0}, 'The value "-1.0" for field "Quantity"'),
        ({"quantity": 1.5}, 'The number of digits in the value "\'1.5\'" for field "Quantity"'),
        ({"unit_price": decimal("1.23456")}, "The number of digits in the value \"'1.23456'\""),
        ({"from_location": 3}, 'for field "Moves" in record "[R]" of "Stock Shipment Out" is not valid'),
        ({"to_location": 4}, "is not valid according to its domain."),
        ({"product": 99}, 'You are trying to read records "99" of "Product" that don\'t exist.'),
        ({"to_location": 2}, "The source and destination of stock move must be different."),
    ],
)
async def test_an_unsound_line_refuses_the_whole_order(
    door: Door, change: dict[str, object], message: str
) -> None:
    body = door.order("R", door.move("MUG", 1), door.move("CAP", 1) | change)
    answer = await door.call("POST", OUT, body)
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert await door.find(OUT, []) == []
    assert await door.find("stock.move", [["state", "=", "draft"]]) == []
    assert door.entries("shipment_created") == []


async def test_the_address_must_be_the_customer_s_own(door: Door) -> None:
    answer = await door.call("POST", OUT, door.order("R", door.move("MUG", 1), delivery_address=1))
    assert 'for field "Delivery Address"' in answer.json()["message"]


@pytest.mark.parametrize(
    ("done", "button"),
    [
        ((), "pick"),
        (("wait",), "pack"),
        (("wait", "assign_try"), "ship"),
        (("wait", "assign_try"), "draft"),
        (("wait", "assign_try", "pick"), "do"),
        (("cancel",), "cancel"),
        (("wait", "assign_try", "pick", "pack", "do"), "wait"),
    ],
)
async def test_a_button_that_is_not_shown_is_refused(door: Door, done: tuple[str, ...], button: str) -> None:
    row = await door.ship("R", *done, MUG=1)
    answer = await door.call("POST", f"{OUT}/{row}/{button}")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f'You can not call "{button}" on ')


async def test_warnings_refuse_unless_they_are_skipped(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", "pick", MUG=1)
    answer = await door.call("POST", f"{OUT}/{row}/pack", context={"company": 1})
    assert answer.status_code == 400
    assert (
        answer.json()["message"]
        == 'Stock moves "1\N{NO-BREAK SPACE}u [MUG] Product MUG @ 1 [R]" have no origin.'
    )
    assert (await door.read(OUT, row, "state"))["state"] == "picked"
    assert await door.press(row, "pack") == "packed"


async def test_short_stock_answers_200_and_stays_waiting(door: Door) -> None:
    row = await door.ship("R", "wait", CAP=12)
    answer = await door.call("POST", f"{OUT}/{row}/assign_try", fields=["state", "partially_assigned"])
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["partially_assigned"]) == ("waiting", True)
    assert [one["id"] for one in await door.find(OUT, [["partially_assigned", "=", True]])] == [row]


async def test_no_stock_at_all_is_not_even_partially_assigned() -> None:
    door = Door({"MUG": 0})
    row = await door.ship("R", "wait", "assign_try", MUG=1)
    found = await door.read(OUT, row, "state", "partially_assigned")
    assert (found["state"], found["partially_assigned"]) == ("waiting", False)


async def test_a_second_try_takes_what_has_arrived_meanwhile(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", CAP=12)
    door.warehouse.receive("CAP", 5)
    assert await door.press(row, "assign_try") == "assigned"


async def test_units_held_for_one_shipment_are_not_given_to_another(door: Door) -> None:
    await door.ship("A", "wait", "assign_try", CAP=7)
    row = await door.ship("B", "wait", "assign_try", CAP=7)
    assert {(move["state"], move["quantity"]) for move in await door.moves(row) if move["origin"]} == {
        ("assigned", 3.0),
        ("draft", 4.0),
    }


async def _ignore(door: Door, row: int, moves: list[int] | None) -> None:
    context = {**CONTEXT, "active_model": OUT, "active_id": row, "active_ids": [row]}
    wizard = "wizard.stock.shipment.assign"
    session, start, end = (await door.rpc(f"{wizard}.create", context=context))["result"]
    assert (start, end) == ("start", "end")
    view = (await door.rpc(f"{wizard}.execute", session, {}, "start", context=context))["result"]["view"]
    assert view["state"] == "partial"
    data = {} if moves is None else {"partial": {"moves": moves}}
    assert (await door.rpc(f"{wizard}.execute", session, data, "ignore", context=context))["result"] == {}
    assert (await door.rpc(f"{wizard}.delete", session, context=context))["result"] is None


async def test_the_part_shipment_wizard_without_moves_silently_does_nothing(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", CAP=12)
    await _ignore(door, row, None)
    assert (await door.read(OUT, row, "state"))["state"] == "waiting"


async def test_a_part_shipment_ships_what_is_there_and_the_rest_vanishes(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", CAP=12)
    missing = [move["id"] for move in await door.moves(row) if move["origin"] and move["state"] == "draft"]
    await _ignore(door, row, missing)
    assert (await door.read(OUT, row, "state"))["state"] == "assigned"
    await door.press(row, "pick", "pack", "ship", "do")
    found = await door.read(OUT, row, "outgoing_moves.quantity")
    assert [move["quantity"] for move in found["outgoing_moves"]] == [10.0]
    assert await door.find("stock.move", [["state", "=", "draft"]]) == []
    (entry,) = door.entries("shipment_shipped")
    assert entry.facts["lines"] == {"CAP": 10.0}


async def test_a_force_ships_what_is_not_there(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_force", "pick", "pack", "ship", "do", CAP=12)
    assert await door.quantity("CAP", door.main) == -2
    assert [m["quantity"] for m in await door.moves(row)] == [12.0, 12.0]


async def test_a_parcel_is_made_before_packing_and_gets_its_number_later_even_when_done(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", "pick", MUG=1)
    assert await door.find("stock.package.type", []) == []
    kind = await door.ok("POST", "stock.package.type", {"name": "Box"}, fields=["id"])
    outgoing = (await door.read(OUT, row, "outgoing_moves"))["outgoing_moves"]
    body = {"company": 1, "type": kind["id"], "shipment": f"{OUT},{row}", "moves": [["add", outgoing]]}
    made = await door.ok("POST", "stock.package", body, fields=["number", "state", "write_date"])
    assert (made["number"], made["state"], made["write_date"]) == ("1", "open", None)
    await door.press(row, "pack", "ship", "do")
    path = f"stock.package/{made['id']}"
    set_ = await door.ok("PUT", path, {"shipping_reference": "T-1"}, fields=["shipping_reference", "state"])
    assert (set_["shipping_reference"], set_["state"]) == ("T-1", "closed")
    found = await door.find(OUT, [["packages.shipping_reference", "=", "T-1"]])
    assert [one["id"] for one in found] == [row]
    (entry,) = door.entries("tracking_set")
    assert entry.facts == {"package": made["id"], "shipment": row, "tracking": "T-1"}


async def test_a_closed_parcel_cannot_be_repacked(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", "pick", "pack", MUG=1)
    await door.ok("POST", "stock.package.type", {"name": "Box"}, fields=["id"])
    body = {"company": 1, "type": 1, "shipment": f"{OUT},{row}"}
    answer = await door.call("POST", "stock.package", body)
    assert answer.json()["message"].startswith('You are not allowed to modify the field "Type"')


async def test_once_there_is_a_parcel_all_moves_must_be_packed(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", "pick", MUG=1, CAP=1)
    await door.ok("POST", "stock.package.type", {"name": "Box"}, fields=["id"])
    outgoing = (await door.read(OUT, row, "outgoing_moves"))["outgoing_moves"]
    body = {"company": 1, "type": 1, "shipment": f"{OUT},{row}", "moves": [["add", outgoing[:1]]]}
    await door.ok("POST", "stock.package", body)
    answer = await door.call("POST", f"{OUT}/{row}/pack")
    assert answer.json()["message"] == 'To process shipment "1 [R]", you must pack all its moves.'


@pytest.mark.parametrize("steps", range(7))
async def test_cancelling_in_any_state_returns_the_stock(door: Door, steps: int) -> None:
    buttons = ("wait", "assign_try", "pick", "pack", "ship", "do")[:steps]
    row = await door.ship("R", *buttons, MUG=4)
    assert await door.press(row, "cancel") == "cancelled"
    assert await door.quantity("MUG", door.storage, assign=True) == 100
    assert await door.quantity("MUG", door.main, field="forecast_quantity") == 100
    (entry,) = door.entries("shipment_cancelled")
    assert (entry.facts["reference"], entry.facts["lines"]) == ("R", {"MUG": 4.0})


async def test_what_is_not_a_draft_can_be_deleted_only_after_cancelling(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    refused = await door.call("DELETE", f"{OUT}/{row}")
    assert refused.json()["message"] == 'To delete shipment "1 [R]" you must cancel it.'
    await door.press(row, "cancel")
    assert (await door.call("DELETE", f"{OUT}/{row}")).status_code == 204
    assert await door.find(OUT, []) == []


async def test_a_shipment_s_lines_are_fixed_once_it_waits_but_its_reference_is_not(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    for change in ({"customer": 1}, {"planned_date": None}, {"outgoing_moves": [["delete", [1]]]}):
        answer = await door.call("PUT", f"{OUT}/{row}", change)
        assert answer.json()["message"].startswith("You are not allowed to modify the field")
    await door.ok("PUT", f"{OUT}/{row}", {"reference": "S"})


async def test_a_stale_write_is_accepted_silently(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    for reference in ("first", "second"):
        await door.ok("PUT", f"{OUT}/{row}", {"reference": reference})
    assert (await door.read(OUT, row, "reference"))["reference"] == "second"


async def test_lines_of_a_draft_are_changed_by_commands(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    (move,) = (await door.read(OUT, row, "outgoing_moves"))["outgoing_moves"]
    commands = [["write", [move], {"quantity": 3.0}], ["create", [door.move("CAP", 2)]]]
    await door.ok("PUT", f"{OUT}/{row}", {"outgoing_moves": commands})
    (entry,) = door.entries("shipment_changed")
    assert entry.facts["lines"] == {"MUG": 3.0, "CAP": 2.0}
    await door.ok("PUT", f"{OUT}/{row}", {"outgoing_moves": [["delete", [move]]]})
    assert door.warehouse.shipments()[0].lines == {"CAP": 2.0}


async def test_locked_rows_answer_503_and_a_later_try_succeeds(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    door.warehouse.lock_rows(2)
    for _ in range(2):
        answer = await door.call("POST", f"{OUT}/{row}/assign_try")
        assert answer.status_code == 503
        assert "could not obtain lock on row" in answer.text
    assert await door.press(row, "assign_try") == "assigned"


async def test_the_ledger_tells_each_step_once(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", "pick", "pack", "ship", "do", MUG=2)
    kinds = [entry.kind for entry in door.ledger.entries() if entry.facts.get("shipment") == row]
    assert kinds == [
        *("shipment_created", "shipment_assigned", "shipment_picked", "shipment_packed"),
        *("shipment_shipped", "shipment_done"),
    ]
    assert door.entries("shipment_created")[0].facts["lines"] == {"MUG": 2.0}
