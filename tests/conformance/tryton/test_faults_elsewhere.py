"""Bad answers, wrong options, and a bad line for all that is not a shipment."""

import pytest

from connectors.contract import (
    BadAnswer,
    Done,
    FulfilmentLine,
    FulfilmentRequest,
    InboundRequest,
    LabelParcel,
    Refused,
    Rejected,
    Retry,
    ReturnAnnouncement,
    TransferRequest,
    Unknown,
)
from sync.domain.shipments import FulfilmentState

from .line import ADA, World, answering, opened


async def test_one_bad_shipment_does_not_lose_the_page(world: World) -> None:
    bad = '{"id": 7, "state": "draft", "create_date": 3}, {"state": 3}'
    good = '{"id": 8, "state": "draft", "reference": "F-8"}'
    world.line.fail("GET", "stock.shipment.out", answering(200, f"[{bad}, {good}]"))
    page = await world.warehouse.fulfilments(None, world.soon)
    assert [record.reference for record in page.records] == ["F-8"]
    assert [(one.external_id, one.why) for one in page.broken] == [
        ("7", "a record of Tryton does not fit Shipment"),
        (None, "a record of Tryton does not fit Shipment"),
    ]


async def test_a_product_without_a_quantity_is_kept_as_broken(world: World) -> None:
    world.line.fail("GET", "product.product", answering(200, '[{"id": 7, "code": "A", "quantity": null}]'))
    page = await world.warehouse.stock(None, world.soon)
    assert page.records == ()
    assert [one.why for one in page.broken] == ["a product came without a quantity or code"]


async def test_a_stocktake_without_a_time_is_kept_as_broken(world: World) -> None:
    row = '{"id": 7, "state": "done", "location": {"id": 3}, "lines": []}'
    world.line.fail("GET", "stock.inventory", answering(200, f"[{row}]"))
    page = await world.warehouse.counts(None, world.soon)
    assert [one.why for one in page.broken] == ["a stocktake came without a time"]


async def test_a_part_of_a_unit_is_kept_as_broken(world: World) -> None:
    move = '{"id": 1, "product": {"id": 1, "code": "A"}, "internal_quantity": 1.5}'
    row = f'{{"id": 7, "state": "draft", "outgoing_moves": [{move}]}}'
    world.line.fail("GET", "stock.shipment.out", answering(200, f"[{row}]"))
    page = await world.warehouse.fulfilments(None, world.soon)
    assert [one.why for one in page.broken] == ["a quantity is not a whole number of units"]


async def test_an_answer_that_is_no_list_is_a_bad_answer_and_before_a_write_a_retry(world: World) -> None:
    world.line.fail("GET", "stock.shipment.out", answering(200, "{}"), times=2)
    with pytest.raises(BadAnswer, match="not a list of records"):
        await world.warehouse.find_fulfilments("F-1", world.soon)
    outcome = await world.warehouse.create_fulfilment(world.request(), world.soon)
    assert outcome == Retry("Tryton's answer is not a list of records")


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("warehouse", "WH-9", "Tryton has 0 warehouses with the code WH-9"),
        ("company", 9, "Tryton has no company 9"),
        ("customer", "CUS-9", "Tryton has 0 parties with the code CUS-9"),
    ],
)
async def test_an_option_that_names_nothing_is_told(
    world: World, option: str, value: object, text: str
) -> None:
    lost = opened(world.line, **{option: value})
    with pytest.raises(Refused) as refused:
        await lost.identity(world.soon)
    assert str(refused.value) == text
    await lost.close()


async def test_a_customer_without_a_location_is_told(world: World) -> None:
    world.line.fail("GET", "party.party", answering(200, '[{"id": 3, "customer_location": null}]'))
    with pytest.raises(Refused, match="the customer party has no customer location in Tryton"):
        await world.warehouse.identity(world.soon)


async def test_a_supplier_without_a_location_is_told(world: World) -> None:
    world.line.fail("GET", "stock.shipment.in", answering(200, "[]"))
    world.line.fail("GET", "party.party", answering(200, '[{"id": 3, "supplier_location": null}]'))
    request = InboundRequest("D-1", "SUP-1", world.request().lines)
    assert await world.warehouse.announce_inbound(request, world.soon) == Rejected(
        "the supplier party has no supplier location in Tryton", code="no_location"
    )


async def test_a_module_that_is_missing_is_named(world: World) -> None:
    world.line.fail("GET", "stock.shipment.out", answering(500))
    with pytest.raises(Refused) as refused:
        await world.warehouse.identity(world.soon)
    assert str(refused.value) == (
        "Tryton cannot tell of shipments with their packages: is the module stock_package_shipping activated?"
    )


async def test_a_label_that_is_refused_is_told(world: World) -> None:
    made = await world.made()
    (number,) = world.books.find("F-1")
    world.books.work(number, "packed", parcels=1)
    seen = await world.warehouse.fulfilment(made.external_id, world.soon)
    assert seen is not None
    (parcel,) = seen.parcels
    world.line.fail("PUT", parcel.external_id, answering(400, "{}"))
    request = LabelParcel(made.external_id, parcel.external_id, "TRACK-1", "loopback")
    assert await world.warehouse.label_parcel(request, world.soon) == Rejected(
        f"parcel {parcel.external_id}: Tryton refused it", code="refused"
    )


async def test_an_announced_return_that_is_refused_is_told(world: World) -> None:
    world.line.fail("POST", "stock.shipment.out.return", answering(400, "{}"))
    outcome = await world.warehouse.announce_return(
        ReturnAnnouncement("s/1/R1", world.request().lines), world.soon
    )
    assert outcome == Rejected("return s/1/R1: Tryton refused it", code="refused")


async def test_a_transfer_that_could_not_be_assigned_is_unknown_and_finished_later(world: World) -> None:
    request = TransferRequest("T-1", "WH-MAIN", "WH-2", world.request().lines)
    world.line.fail("POST", "assign_try", answering(503), times=3)
    outcome = await world.warehouse.transfer(request, world.soon)
    assert outcome == Unknown("transfer T-1: it is in Tryton, and assign_try has not been answered")
    assert isinstance(await world.warehouse.transfer(request, world.soon), Done)
    assert world.count("stock.shipment.internal") == 1


async def test_a_transfer_that_is_refused_is_told(world: World) -> None:
    request = TransferRequest("T-1", "WH-MAIN", "WH-2", world.request().lines)
    world.line.fail("POST", "wait", answering(404))
    outcome = await world.warehouse.transfer(request, world.soon)
    assert outcome == Rejected("transfer T-1: wait: Tryton does not have it", code="not_found")


async def test_an_order_of_400_lines_is_one_shipment_and_no_url_is_longer_than_servers_allow(
    world: World,
) -> None:
    lines = []
    for number in range(400):
        sku = f"A-RATHER-LONG-SKU-{number:04d}"
        world.books.add_product(sku, sku)
        world.books.receive(sku, 1)
        lines.append(FulfilmentLine(sku, "", 1))
    request = FulfilmentRequest("F-400", tuple(lines), ADA)
    outcome = await world.warehouse.create_fulfilment(request, world.soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert len(outcome.echo.lines) == 400
    assert outcome.echo.state is FulfilmentState.ASSIGNED
    page = await world.warehouse.stock(None, world.soon)
    while page.records:
        page = await world.warehouse.stock(page.cursor, world.soon)
        if page.complete:
            break
    assert world.line.longest < 4000


async def test_one_move_that_cannot_be_read_does_not_hide_the_others(world: World) -> None:
    page = await world.warehouse.stock(None, world.soon)
    world.line.fail("GET", "stock.move", answering(200, '[{"id": 7, "product": "odd"}]'))
    page = await world.warehouse.stock(page.cursor, world.soon)
    assert [(one.external_id, one.why) for one in page.broken] == [
        ("7", "a record of Tryton does not fit ChangedMove")
    ]
    assert page.complete
