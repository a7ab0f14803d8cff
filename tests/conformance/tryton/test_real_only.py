"""What the sandbox does not play, tried on the real Tryton: deliveries of suppliers, and weights."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from connectors.contract import Deadline, Done, FulfilmentLine, InboundRequest, Rejected
from connectors.warehouse.tryton.connector import TrytonWarehouse
from tests.peers.books.tryton import People

from .conftest import Hall

pytestmark = [pytest.mark.peers, pytest.mark.timeout(900)]
DELIVERY = "stock.shipment.in"


@pytest.fixture
def hall(real_hall: Hall) -> Hall:
    return real_hall


def lines(*units: tuple[str, int]) -> tuple[FulfilmentLine, ...]:
    return tuple(FulfilmentLine(sku, "", number) for sku, number in units)


def receive(people: People, model: str, number: object, steps: Sequence[str] = ("receive", "do")) -> None:
    for step in steps:
        people.rest.call("POST", f"{model}/{number}/{step}")


async def test_a_delivery_is_announced_once_and_told_when_it_arrived(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku()
    request = InboundRequest(hall.request().reference, "SUP-1", lines((sku, 7)))
    first = await warehouse.announce_inbound(request, soon)
    assert isinstance(first, Done)
    assert await warehouse.announce_inbound(request, soon) == first
    before = await warehouse.receipts(None, soon)
    receive(people, DELIVERY, first.external_id)
    after = await warehouse.receipts(before.cursor, soon)
    assert request.reference not in {receipt.reference for receipt in before.records}
    (receipt,) = [one for one in after.records if one.reference == request.reference]
    assert (receipt.external_id, receipt.lines) == (first.external_id, ((sku, 7, "good"),))
    assert people.free(sku) == 7


async def test_a_delivery_that_was_received_and_not_yet_put_away_has_arrived(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku()
    request = InboundRequest(hall.request().reference, "SUP-1", lines((sku, 2)))
    made = await warehouse.announce_inbound(request, soon)
    assert isinstance(made, Done)
    receive(people, DELIVERY, made.external_id, ("receive",))
    arrived = [one.lines for one in (await warehouse.receipts(None, soon)).records]
    assert ((sku, 2, "good"),) in arrived


async def test_goods_come_in_at_their_present_cost(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku()
    request = InboundRequest(hall.request().reference, "SUP-1", lines((sku, 2)))
    made = await warehouse.announce_inbound(request, soon)
    assert isinstance(made, Done)
    shown = people.rest.call("GET", f"{DELIVERY}/{made.external_id}", fields=["incoming_moves.unit_price"])
    price = shown["incoming_moves"][0]["unit_price"]["decimal"]
    assert Decimal(price) == 5


async def test_a_supplier_that_tryton_does_not_know_is_refused(
    hall: Hall, warehouse: TrytonWarehouse, soon: Deadline
) -> None:
    request = InboundRequest(hall.request().reference, "SUP-9", lines((hall.sku(), 7)))
    outcome = await warehouse.announce_inbound(request, soon)
    assert outcome == Rejected("Tryton has 0 parties with the code SUP-9", code="no_party")


async def test_a_parcel_weighs_what_its_products_weigh(
    hall: Hall, warehouse: TrytonWarehouse, people: People, soon: Deadline
) -> None:
    sku = hall.sku(10)
    (gram,) = people.rest.find("product.uom", [["symbol", "=", "g"]])
    (product,) = people.rest.find("product.product", [["code", "=", sku]], "template.id")
    weight = {"weight": 250.0, "weight_uom": gram["id"]}
    people.rest.call("PUT", f"product.template/{product['template']['id']}", weight, fields=["id"])
    number = people.order("HEAVY", {sku: 3})
    people.work(number, "packed")
    seen = await warehouse.fulfilment(str(number), soon)
    assert seen is not None
    assert [parcel.weight_kg for parcel in seen.parcels] == [Decimal("0.75")]
