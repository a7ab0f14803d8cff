"""The people of the pretend warehouse: what they do, and what they leave alone."""

import pytest
from tryton_door import OUT, Door


@pytest.fixture
def door() -> Door:
    return Door()


async def _label(door: Door, row: int) -> None:
    for parcel in await door.find("stock.package", [["shipment", "=", f"{OUT},{row}"]]):
        await door.ok("PUT", f"stock.package/{parcel['id']}", {"shipping_reference": f"T-{parcel['id']}"})


async def test_a_draft_is_nobody_s_work(door: Door) -> None:
    row = await door.ship("R", MUG=1)
    assert door.warehouse.work(row, "done") == "draft"


async def test_people_stop_where_they_are_told(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    for until in ("assigned", "picked", "packed"):
        assert door.warehouse.work(row, until) == until


async def test_a_parcel_without_a_tracking_number_is_not_handed_over(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    assert door.warehouse.work(row, "shipped") == "packed"
    await _label(door, row)
    assert door.warehouse.work(row, "shipped") == "shipped"
    assert door.warehouse.work(row, "done") == "done"
    (entry,) = door.entries("shipment_shipped")
    assert entry.facts["tracking"] == ["T-1"]


async def test_a_parcel_without_a_number_leaves_when_people_are_told_so(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    assert door.warehouse.work(row, "done", unlabelled=True) == "done"


async def test_two_parcels_hold_all_units_and_both_need_a_number(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=3)
    assert door.warehouse.work(row, "packed", parcels=2) == "packed"
    found = await door.read(OUT, row, "packages.moves.quantity")
    assert sorted(move["quantity"] for box in found["packages"] for move in box["moves"]) == [1.0, 2.0]
    await door.ok("PUT", "stock.package/1", {"shipping_reference": "T-1"})
    assert door.warehouse.work(row, "shipped") == "packed"
    await _label(door, row)
    assert door.warehouse.work(row, "shipped") == "shipped"
    assert door.entries("shipment_packed")[0].facts["parcels"] == 2
    assert door.entries("shipment_shipped")[0].facts["lines"] == {"MUG": 3.0}


async def test_parcels_that_the_order_brought_along_are_left_as_they_are(door: Door) -> None:
    row = await door.ship("R", "wait", "assign_try", "pick", MUG=3)
    await door.ok("POST", "stock.package.type", {"name": "Box"}, fields=["id"])
    outgoing = (await door.read(OUT, row, "outgoing_moves"))["outgoing_moves"]
    body = {"company": 1, "type": 1, "shipment": f"{OUT},{row}", "moves": [["add", outgoing]]}
    await door.ok("POST", "stock.package", body)
    door.warehouse.work(row, "packed", parcels=2)
    assert len(await door.find("stock.package", [])) == 1


async def test_short_stock_goes_on_without_the_rest(door: Door) -> None:
    row = await door.ship("R", "wait", CAP=12, MUG=1)
    assert door.warehouse.work(row, "packed") == "packed"
    assert door.warehouse.open_shipments()[0].lines == {"CAP": 10.0, "MUG": 1.0}


async def test_short_stock_waits_when_people_are_told_to_ship_whole_orders(door: Door) -> None:
    row = await door.ship("R", "wait", CAP=12)
    assert door.warehouse.work(row, "packed", part=False) == "waiting"
    door.warehouse.receive("CAP", 2)
    assert door.warehouse.work(row, "packed", part=False) == "packed"


async def test_a_shipment_of_which_nothing_is_there_waits_for_goods() -> None:
    door = Door({"MUG": 0})
    row = await door.ship("R", "wait", MUG=2)
    assert door.warehouse.work(row, "packed") == "waiting"
    door.warehouse.receive("MUG", 2)
    assert door.warehouse.work(row, "packed") == "packed"


async def test_a_cancelled_shipment_is_nobody_s_work(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1)
    door.warehouse.cancel(row)
    assert door.warehouse.work(row, "done") == "cancelled"
    assert door.warehouse.open_shipments() == []


async def test_open_shipments_say_what_they_ask_for(door: Door) -> None:
    row = await door.ship("R", "wait", MUG=1, CAP=2)
    (shipment,) = door.warehouse.open_shipments()
    assert (shipment.id, shipment.reference, shipment.state) == (row, "R", "waiting")
    assert shipment.lines == {"CAP": 2.0, "MUG": 1.0}
    assert door.warehouse.find("R") == [row]
    assert door.warehouse.state() == {
        "stock": {"MUG": 100, "CAP": 10},
        "shipments": [
            {
                "id": row,
                "reference": "R",
                "state": "waiting",
                "lines": {"CAP": 2.0, "MUG": 1.0},
                "tracking": [],
                "parcels": 0,
            }
        ],
        "returns": [],
    }


async def test_free_units_are_those_that_no_shipment_holds(door: Door) -> None:
    await door.ship("R", "wait", "assign_try", CAP=4)
    assert (door.warehouse.stock()["CAP"], door.warehouse.free("CAP")) == (10, 6)


def test_goods_of_an_unknown_sku_cannot_arrive(door: Door) -> None:
    with pytest.raises(KeyError):
        door.warehouse.receive("NOPE", 1)


async def test_the_same_seed_packs_the_same_parcels() -> None:
    counts = []
    for _ in range(2):
        door = Door()
        for number in range(20):
            row = await door.ship(f"R{number}", "wait", MUG=2)
            door.warehouse.work(row, "packed")
        counts.append([shipment.parcels for shipment in door.warehouse.open_shipments()])
    assert counts[0] == counts[1]
    assert set(counts[0]) == {1, 2}
