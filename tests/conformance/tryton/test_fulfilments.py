"""Fulfilments: one shipment per reference, whatever happened to the one before."""

import datetime as dt
from dataclasses import replace

import pytest

from connectors.contract import Deadline, Done, FulfilmentLine, Refused, Rejected
from connectors.warehouse.tryton.connector import TrytonWarehouse
from sync.domain.people import Address
from sync.domain.shipments import FulfilmentState, RemoteFulfilment, RemoteFulfilmentLine
from tests.peers.books.tryton import OUT, People, date

from .conftest import ADA, Hall


def told(outcome: object) -> RemoteFulfilment:
    """The fulfilment of an outcome that says that it is there."""
    assert isinstance(outcome, Done), outcome
    assert isinstance(outcome.echo, RemoteFulfilment)
    assert outcome.external_id == outcome.echo.external_id
    return outcome.echo


def draft(hall: Hall, reference: str, sku: str, units: int) -> int:
    """A shipment that was created but never confirmed, as a crash leaves it."""
    people = hall.people
    (customer,) = people.rest.find("party.party", [["code", "=", "CUS-1"]], "id", "addresses.id")
    body = {
        "company": 1,
        "customer": customer["id"],
        "delivery_address": customer["addresses"][0]["id"],
        "reference": reference,
        "warehouse": people.zones.warehouse,
        "warehouse_storage": people.zones.storage,
        "warehouse_output": people.zones.output,
        "outgoing_moves": [["create", [people._move(sku, units)]]],
    }
    return int(people.rest.call("POST", OUT, body)["id"])


async def test_a_fulfilment_is_created_confirmed_and_assigned(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    one, two = hall.sku(10), hall.sku(5)
    request = hall.request((one, 3), (two, 1))
    made = told(await warehouse.create_fulfilment(request, soon))
    assert made.state is FulfilmentState.ASSIGNED
    assert made.reference == request.reference
    assert set(made.lines) == {
        RemoteFulfilmentLine(one, 3, assigned=3),
        RemoteFulfilmentLine(two, 1, assigned=1),
    }
    assert made.parcels == ()
    assert made.updated_at is not None


async def test_products_are_taken_by_the_warehouses_own_id_where_it_is_known(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    line = FulfilmentLine("OUR-NAME-OF-IT", str(people.product(sku)), 2)
    made = told(await warehouse.create_fulfilment(replace(hall.request(), lines=(line,)), soon))
    assert made.lines == (RemoteFulfilmentLine(sku, 2, assigned=2),)


async def test_a_shipment_bears_the_day_of_its_plan_so_that_forecasts_see_it(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    made = told(await warehouse.create_fulfilment(hall.request((hall.sku(1), 1)), soon))
    shown = people.rest.call("GET", f"{OUT}/{made.external_id}", fields=["planned_date", "create_date"])
    assert shown["planned_date"] is not None


async def test_a_draft_that_a_crash_left_is_found_and_finished(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    request = hall.request((sku, 2))
    number = draft(hall, request.reference, sku, 2)
    (found,) = await warehouse.find_fulfilments(request.reference, soon)
    assert found.state is FulfilmentState.DRAFT
    finished = told(await warehouse.create_fulfilment(request, soon))
    assert (finished.external_id, finished.state) == (str(number), FulfilmentState.ASSIGNED)
    assert len(people.shipments(request.reference)) == 1


async def test_a_repeat_leaves_a_shipment_that_packers_work_on_as_it_is(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    request = hall.request((hall.sku(10), 3))
    number = int(told(await warehouse.create_fulfilment(request, soon)).external_id)
    people.pick(number)
    assert told(await warehouse.create_fulfilment(request, soon)).state is FulfilmentState.PICKED
    assert people.state(number) == "picked"


async def test_two_living_shipments_of_one_reference_are_told_and_neither_is_touched(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    request = hall.request((sku, 2))
    numbers = [people.order(request.reference, {sku: 2}) for _ in range(2)]
    outcome = await warehouse.create_fulfilment(request, soon)
    names = ", ".join(map(str, numbers))
    assert outcome == Rejected(
        f"Tryton has 2 shipments with the reference {request.reference} (ids {names}): "
        "cancel all but one of them",
        code="duplicate_reference",
    )
    assert [found.external_id for found in await warehouse.find_fulfilments(request.reference, soon)] == [
        str(number) for number in numbers
    ]
    assert [people.state(number) for number in numbers] == ["waiting", "waiting"]


async def test_of_two_shipments_the_one_that_is_not_cancelled_is_finished(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    request = hall.request((sku, 2))
    stays, goes = (people.order(request.reference, {sku: 2}) for _ in range(2))
    people.cancel(goes)
    assert told(await warehouse.create_fulfilment(request, soon)).external_id == str(stays)


async def test_a_cancelled_shipment_is_told_and_not_created_again(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    request = hall.request((hall.sku(10), 2))
    first = told(await warehouse.create_fulfilment(request, soon))
    people.cancel(int(first.external_id))
    again = told(await warehouse.create_fulfilment(request, soon))
    assert (again.external_id, again.state) == (first.external_id, FulfilmentState.CANCELLED)
    assert again.lines == (replace(first.lines[0], assigned=0),)


async def test_references_are_found_exactly(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    reference = hall.request().reference
    people.order(reference + "-2", {sku: 1})
    people.order(reference.upper() + "-x", {sku: 1})
    assert await warehouse.find_fulfilments(reference, soon) == ()


async def test_short_stock_is_assigned_in_part_and_the_rest_when_goods_come(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(3)
    made = told(await warehouse.create_fulfilment(hall.request((sku, 5)), soon))
    assert made.state is FulfilmentState.PART_ASSIGNED
    assert made.lines == (RemoteFulfilmentLine(sku, 5, assigned=3),)
    people.count(sku, 10)
    whole = told(await warehouse.assign(made.external_id, soon))
    assert whole.state is FulfilmentState.ASSIGNED
    assert whole.lines == (RemoteFulfilmentLine(sku, 5, assigned=5),)


async def test_without_stock_a_shipment_waits_and_another_try_changes_nothing(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    sku = hall.sku()
    made = told(await warehouse.create_fulfilment(hall.request((sku, 5)), soon))
    assert made.state is FulfilmentState.WAITING
    assert told(await warehouse.assign(made.external_id, soon)).state is FulfilmentState.WAITING


async def test_assigning_confirms_a_draft_and_leaves_a_packed_shipment_alone(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    number = draft(hall, hall.request().reference, sku, 1)
    assert told(await warehouse.assign(str(number), soon)).state is FulfilmentState.ASSIGNED
    people.work(number, "packed")
    assert told(await warehouse.assign(str(number), soon)).state is FulfilmentState.PACKED


@pytest.mark.parametrize("name", ["99999999", "not-a-number"])
async def test_a_shipment_that_does_not_exist_is_none_and_cannot_be_assigned(
    warehouse: TrytonWarehouse, soon: Deadline, name: str
) -> None:
    assert await warehouse.fulfilment(name, soon) is None
    missing = Rejected(f"shipment {name}: Tryton does not have it", code="not_found")
    assert await warehouse.assign(name, soon) == missing
    assert await warehouse.cancel_fulfilment(name, soon) == missing


async def test_a_database_that_is_not_there_is_no_proof_that_a_shipment_is_gone(
    hall: Hall, soon: Deadline
) -> None:
    lost = hall.connector(database="elsewhere")
    with pytest.raises(Refused):
        await lost.fulfilment("1", soon)
    await lost.close()


async def test_an_unknown_sku_is_refused_before_anything_is_sent(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    request = hall.request((hall.sku(1), 1), ("NO-SUCH-SKU", 1))
    outcome = await warehouse.create_fulfilment(request, soon)
    assert outcome == Rejected("Tryton has no product for the SKU NO-SUCH-SKU", code="unknown_product")
    assert people.shipments(request.reference) == []


async def test_a_product_that_was_put_away_is_refused(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(1)
    number = people.product(sku)
    people.rest.call("PUT", f"product.product/{number}", {"active": False}, fields=["id"])
    for line in (FulfilmentLine(sku, "", 1), FulfilmentLine(sku, str(number), 1)):
        outcome = await warehouse.create_fulfilment(replace(hall.request(), lines=(line,)), soon)
        assert outcome == Rejected(f"Tryton has no product for the SKU {sku}", code="unknown_product")


async def test_a_request_without_units_is_refused(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    nothing = Rejected("there is no line, or one without units", code="no_units", mendable=False)
    assert await warehouse.create_fulfilment(hall.request(), soon) == nothing
    assert await warehouse.create_fulfilment(hall.request((hall.sku(1), 0)), soon) == nothing


async def test_a_request_without_an_address_is_refused(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    request = hall.request((hall.sku(1), 1), to=Address(name="Ada"))
    outcome = await warehouse.create_fulfilment(request, soon)
    assert outcome == Rejected("the order has no address that a packer could use", code="no_address")


def consignee(people: People, made: RemoteFulfilment) -> dict[str, object]:
    fields = [
        f"delivery_address.{name}" for name in ("party_name", "street", "postal_code", "city", "country.code")
    ]
    shown = people.rest.call("GET", f"{OUT}/{made.external_id}", fields=fields)
    return dict(shown["delivery_address"])


async def test_the_packer_sees_the_consignee_in_the_buyers_own_script(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    to = Address(name="李 小明 🏮", street=("南京东路 100 号", " 3 楼 "), city="上海", country="de")
    made = told(await warehouse.create_fulfilment(hall.request((hall.sku(1), 1), to=to), soon))
    shown = consignee(people, made)
    assert (shown["party_name"], shown["street"]) == ("李 小明 🏮", "南京东路 100 号\n3 楼")
    assert (shown["city"], shown["postal_code"]) == ("上海", None)


async def test_one_address_is_used_for_every_parcel_that_goes_there(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    one, two = [told(await warehouse.create_fulfilment(hall.request((sku, 1)), soon)) for _ in range(2)]
    other = replace(ADA, street=("Hauptstr. 1", "Hof"))
    three = told(await warehouse.create_fulfilment(hall.request((sku, 1), to=other), soon))
    ids = [consignee(people, made)["id"] for made in (one, two, three)]
    assert ids[0] == ids[1] != ids[2]


async def test_a_region_and_an_unknown_country_stand_behind_the_city(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    to = replace(ADA, city="Springfield", region="IL", country="ZZ")
    made = told(await warehouse.create_fulfilment(hall.request((hall.sku(1), 1), to=to), soon))
    shown = consignee(people, made)
    assert (shown["city"], shown["country"]) == ("Springfield, IL, ZZ", None)


async def test_a_part_shipment_shrinks_the_lines_to_what_leaves(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(3)
    made = told(await warehouse.create_fulfilment(hall.request((sku, 5)), soon))
    number = int(made.external_id)
    people.assign_part(number)
    people.pick(number)
    picked = await warehouse.fulfilment(made.external_id, soon)
    assert picked is not None
    assert picked.lines == (RemoteFulfilmentLine(sku, 3, assigned=3),)
    people.pack(number)
    people.ship(number)
    gone = await warehouse.fulfilment(made.external_id, soon)
    assert gone is not None
    assert gone.lines == (RemoteFulfilmentLine(sku, 3, assigned=3, shipped=3),)


async def test_shipped_and_done_are_both_gone(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(3)
    made = told(await warehouse.create_fulfilment(hall.request((sku, 2)), soon))
    number = int(made.external_id)
    people.work(number, "packed")
    for step in ("ship", "do"):
        people.step(number, step)
        gone = await warehouse.fulfilment(made.external_id, soon)
        assert gone is not None
        assert gone.state is FulfilmentState.SHIPPED
        assert gone.lines == (RemoteFulfilmentLine(sku, 2, assigned=2, shipped=2),)


async def test_the_day_that_was_planned_is_kept(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    at = dt.datetime(2031, 5, 1, 23, 30, tzinfo=dt.UTC)
    request = replace(hall.request((hall.sku(1), 1)), planned_at=at)
    made = told(await warehouse.create_fulfilment(request, soon))
    shown = people.rest.call("GET", f"{OUT}/{made.external_id}", fields=["planned_date"])
    assert shown["planned_date"] == date(dt.date(2031, 5, 2))
