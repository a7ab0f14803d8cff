"""The feed of fulfilments: what it shows, what it leaves to a look by id, and how it turns pages."""

from connectors.contract import Deadline, Done
from connectors.warehouse.tryton.connector import TrytonWarehouse
from connectors.warehouse.tryton.cursors import Changes, written
from sync.domain.clock import SystemClock
from sync.domain.shipments import FulfilmentState, RemoteFulfilment
from tests.peers.books.tryton import OUT, People

from .conftest import Hall
from .line import World


async def made(hall: Hall, warehouse: TrytonWarehouse, soon: Deadline, units: int = 1) -> RemoteFulfilment:
    outcome = await warehouse.create_fulfilment(hall.request((hall.sku(10), units)), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.echo


async def feed(
    warehouse: TrytonWarehouse, cursor: str | None, soon: Deadline
) -> tuple[dict[str, RemoteFulfilment], str | None]:
    """Everything that the feed has for now, by reference, and where it goes on."""
    found: dict[str, RemoteFulfilment] = {}
    while True:
        page = await warehouse.fulfilments(cursor, soon)
        assert page.broken == ()
        found.update({record.reference: record for record in page.records})
        cursor = page.cursor
        if page.complete:
            return found, cursor


def from_now() -> str:
    return written(Changes.from_moment(SystemClock().now()))


async def test_a_first_read_shows_what_is_there_and_the_next_what_changed(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    one = await made(hall, warehouse, soon)
    found, cursor = await feed(warehouse, None, soon)
    assert found[one.reference] == one
    people.pick(int(one.external_id))
    found, _ = await feed(warehouse, cursor, soon)
    assert found[one.reference].state is FulfilmentState.PICKED


async def test_every_step_of_the_people_moves_the_feed(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    one = await made(hall, warehouse, soon)
    seen = []
    for step in ("pick", "pack", "ship", "do"):
        cursor = from_now()
        people.step(int(one.external_id), step)
        found, _ = await feed(warehouse, cursor, soon)
        seen.append(found[one.reference].state)
    assert seen == [
        FulfilmentState.PICKED,
        FulfilmentState.PACKED,
        FulfilmentState.SHIPPED,
        FulfilmentState.SHIPPED,
    ]


async def test_a_shipment_that_is_made_after_a_read_is_seen_by_the_next(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    cursor = from_now()
    one = await made(hall, warehouse, soon)
    found, _ = await feed(warehouse, cursor, soon)
    assert one.reference in found


async def test_a_shipment_that_was_never_written_is_seen_by_its_creation(world: World) -> None:
    """Tryton dates a shipment as written when it is made; the books say here that it was not."""
    cursor = from_now()
    one = await world.made()
    world.books.store.shipments.one(int(one.external_id)).write_date = None
    page = await world.warehouse.fulfilments(cursor, world.soon)
    assert [record.reference for record in page.records] == [one.reference]


async def test_pages_lose_and_double_nothing_while_shipments_are_added(hall: Hall, soon: Deadline) -> None:
    warehouse = hall.connector(batch_items=2)
    cursor = from_now()
    wanted = {(await made(hall, warehouse, soon)).reference for _ in range(5)}
    first = await warehouse.fulfilments(cursor, soon)
    late = (await made(hall, warehouse, soon)).reference
    records = list(first.records)
    page = first
    while not page.complete:
        page = await warehouse.fulfilments(page.cursor, soon)
        records.extend(page.records)
    references = [record.reference for record in records]
    assert len(first.records) == 2
    assert wanted | {late} == set(references)
    assert len(references) == len(set(references))
    await warehouse.close()


async def test_packages_and_labels_are_blind_spots_that_a_look_by_id_shows(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    one = await made(hall, warehouse, soon)
    number = int(one.external_id)
    people.pick(number)
    (parcel,) = people.pack(number)
    cursor = from_now()
    people.stick(parcel, "BY HAND")
    assert (await feed(warehouse, cursor, soon))[0] == {}
    seen = await warehouse.fulfilment(one.external_id, soon)
    assert seen is not None
    assert [parcel.tracking for parcel in seen.parcels] == ["BY HAND"]


async def test_a_part_assignment_is_a_blind_spot_that_a_look_by_id_shows(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku()
    outcome = await warehouse.create_fulfilment(hall.request((sku, 5)), soon)
    assert isinstance(outcome, Done)
    people.count(sku, 2)
    cursor = from_now()
    people.assign(int(str(outcome.external_id)))
    assert (await feed(warehouse, cursor, soon))[0] == {}
    seen = await warehouse.fulfilment(str(outcome.external_id), soon)
    assert seen is not None
    assert seen.state is FulfilmentState.PART_ASSIGNED


async def test_shipments_of_other_customers_are_left_out(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    reference = hall.request().reference
    people.order(reference, {hall.sku(1): 1})
    found, _ = await feed(warehouse, None, soon)
    assert reference not in found


async def test_shipments_of_another_warehouse_are_left_out(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    one = await made(hall, warehouse, soon)
    elsewhere = hall.connector(warehouse="WH-2")
    found, _ = await feed(elsewhere, None, soon)
    assert one.reference not in found
    await elsewhere.close()


async def test_a_shipment_that_people_deleted_is_none(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    one = await made(hall, warehouse, soon)
    people.cancel(int(one.external_id))
    people.rest.call("DELETE", f"{OUT}/{one.external_id}")
    assert await warehouse.fulfilment(one.external_id, soon) is None
    assert await warehouse.find_fulfilments(one.reference, soon) == ()
