"""Parcels, their tracking numbers, and stopping a shipment before they leave."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from connectors.contract import CancelVerdict, Deadline, Done, LabelParcel, Rejected
from connectors.warehouse.tryton.connector import TrytonWarehouse
from sync.domain.shipments import FulfilmentState, RemoteFulfilment
from tests.peers.books.tryton import OUT, People

from .conftest import Hall

STEPS = ("wait", "assign_try", "pick", "pack", "ship", "do")


@dataclass(frozen=True, slots=True)
class Bench:
    """One shipment on the packing bench, and who reads of it."""

    warehouse: TrytonWarehouse
    people: People
    number: int
    soon: Deadline

    async def seen(self) -> RemoteFulfilment:
        found = await self.warehouse.fulfilment(str(self.number), self.soon)
        assert found is not None
        return found

    async def label(self, parcel: str, tracking: str) -> object:
        request = LabelParcel(str(self.number), parcel, tracking, "loopback")
        return await self.warehouse.label_parcel(request, self.soon)

    async def cancel(self) -> object:
        return await self.warehouse.cancel_fulfilment(str(self.number), self.soon)

    def steps(self, steps: Sequence[str]) -> None:
        for step in steps:
            self.people.step(self.number, step)


@pytest.fixture
async def bench(hall: Hall, warehouse: TrytonWarehouse, soon: Deadline) -> Bench:
    """Two SKUs, 2 and 4 units, picked."""
    request = hall.request((hall.sku(10), 2), (hall.sku(10), 4))
    made = await warehouse.create_fulfilment(request, soon)
    assert isinstance(made, Done)
    hall.people.pick(int(str(made.external_id)))
    return Bench(warehouse, hall.people, int(str(made.external_id)), soon)


async def test_each_package_is_a_parcel_with_its_own_lines(bench: Bench) -> None:
    ids = bench.people.pack(bench.number, parcels=2)
    seen = await bench.seen()
    assert seen.state is FulfilmentState.PACKED
    assert [parcel.external_id for parcel in seen.parcels] == [str(number) for number in ids]
    packed = sorted(line for parcel in seen.parcels for line in parcel.lines)
    assert packed == sorted((line.sku, line.quantity) for line in seen.lines)
    assert all(len(parcel.lines) == 1 and parcel.number for parcel in seen.parcels)
    assert [parcel.tracking for parcel in seen.parcels] == [None, None]


async def test_a_package_that_is_still_open_is_no_parcel_yet(bench: Bench) -> None:
    moves = bench.people.rest.call("GET", f"{OUT}/{bench.number}", fields=["outgoing_moves.id"])
    bench.people._parcel(bench.number, [move["id"] for move in moves["outgoing_moves"]])
    assert (await bench.seen()).parcels == ()


async def test_a_label_is_put_on_its_parcel_and_may_be_repeated(bench: Bench) -> None:
    first, second = bench.people.pack(bench.number, parcels=2)
    for _ in range(2):
        assert await bench.label(str(first), "TRACK-1") == Done(str(first), "TRACK-1")
    tracked = {parcel.external_id: parcel.tracking for parcel in (await bench.seen()).parcels}
    assert tracked == {str(first): "TRACK-1", str(second): None}


async def test_a_label_can_be_changed_after_the_parcel_left(bench: Bench) -> None:
    (parcel,) = bench.people.pack(bench.number)
    await bench.label(str(parcel), "TRACK-1")
    bench.people.ship(bench.number)
    assert await bench.label(str(parcel), "TRACK-2") == Done(str(parcel), "TRACK-2")
    assert [one.tracking for one in (await bench.seen()).parcels] == ["TRACK-2"]


async def test_a_shipment_packed_without_packages_is_one_parcel(bench: Bench) -> None:
    bench.people.step(bench.number, "pack")
    (parcel,) = (await bench.seen()).parcels
    assert sorted(units for _, units in parcel.lines) == [2, 4]
    assert parcel.tracking is None
    assert await bench.label(parcel.external_id, "WHOLE-1") == Done(parcel.external_id, "WHOLE-1")
    bench.people.ship(bench.number)
    assert [one.tracking for one in (await bench.seen()).parcels] == ["WHOLE-1"]


@pytest.mark.parametrize("name", ["99999999", "shipment:99999999", "elsewhere"])
async def test_a_parcel_that_does_not_exist_takes_no_label(bench: Bench, name: str) -> None:
    missing = Rejected(f"parcel {name}: Tryton does not have it", code="not_found")
    assert await bench.label(name, "TRACK-1") == missing


async def test_a_parcel_of_another_shipment_takes_no_label(
    hall: Hall, warehouse: TrytonWarehouse, bench: Bench
) -> None:
    (parcel,) = bench.people.pack(bench.number)
    request = LabelParcel("99999999", str(parcel), "TRACK-1", "loopback")
    assert await warehouse.label_parcel(request, bench.soon) == Rejected(
        f"parcel {parcel} is not of shipment 99999999 in Tryton", code="other_shipment"
    )
    assert bench.people.labels(bench.number) == [None]


@pytest.mark.parametrize("done", range(5), ids=("draft", *STEPS[:4]))
async def test_a_shipment_in_the_building_is_stopped_and_its_units_come_back(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline, done: int
) -> None:
    sku = hall.sku(10)
    number = people.order("STOP", {sku: 4})
    people.step(number, "draft")
    bench = Bench(warehouse, people, number, soon)
    bench.steps(STEPS[:done])
    for _ in range(2):
        assert await bench.cancel() == Done(str(number), CancelVerdict.STOPPED)
    assert people.state(number) == "cancelled"
    assert people.free(sku) == 10


@pytest.mark.parametrize("done", [5, 6], ids=STEPS[4:])
async def test_it_is_too_late_for_a_shipment_that_left_and_tryton_is_not_asked(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline, done: int
) -> None:
    sku = hall.sku(10)
    number = people.order("LATE", {sku: 4})
    bench = Bench(warehouse, people, number, soon)
    bench.steps(STEPS[:done])
    before = people.state(number)
    assert await bench.cancel() == Done(str(number), CancelVerdict.TOO_LATE)
    assert people.state(number) == before


async def test_a_shipment_that_was_done_and_then_cancelled_needs_a_person(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    number = people.order("BOOKED BACK", {hall.sku(10): 4})
    bench = Bench(warehouse, people, number, soon)
    bench.steps((*STEPS, "cancel"))
    assert await bench.cancel() == Rejected(
        f"shipment {number} was done before it was cancelled: its goods may have left, though Tryton "
        "has booked them as back; look where they are",
        code="cancelled_after_done",
    )


async def test_a_cancelled_shipment_keeps_its_numbers_for_the_label_that_must_be_voided(bench: Bench) -> None:
    (parcel,) = bench.people.pack(bench.number)
    await bench.label(str(parcel), "TRACK-1")
    assert await bench.cancel() == Done(str(bench.number), CancelVerdict.STOPPED)
    seen = await bench.seen()
    assert seen.state is FulfilmentState.CANCELLED
    assert [one.tracking for one in seen.parcels] == ["TRACK-1"]
    assert [line.assigned for line in seen.lines] == [0, 0]


async def test_a_parcel_without_known_weights_has_none(bench: Bench) -> None:
    bench.people.pack(bench.number)
    assert [parcel.weight_kg for parcel in (await bench.seen()).parcels] == [None]


async def test_packages_inside_a_package_are_one_parcel(bench: Bench) -> None:
    rest = bench.people.rest
    moves = rest.call("GET", f"{OUT}/{bench.number}", fields=["outgoing_moves.id"])["outgoing_moves"]
    outer, inner = (bench.people._parcel(bench.number, [move["id"]]) for move in moves)
    rest.call("PUT", f"stock.package/{inner}", {"parent": outer}, fields=["id"])
    bench.people.step(bench.number, "pack")
    (parcel,) = (await bench.seen()).parcels
    assert parcel.external_id == str(outer)
    assert sorted(units for _, units in parcel.lines) == [2, 4]
