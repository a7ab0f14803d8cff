"""Telling of parcels, with the Shipment Tracking extension and without, and notes: each once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import ConfirmShipment, Deadline, Done, Rejected, Reply, Retry, ToldParcel, Unknown
from connectors.storefronts.woocommerce.parcels import reference
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sync.domain.orders import OrderStatus

from .conftest import V8, V11, new_line, new_sku, opened, order_of, shipment
from .line import Line, lost_after

RULES = {
    "11.0": V11,
    "8.6": V8,
    "11.0 with the extension": replace(V11, tracking=True),
    "8.6 with the extension": replace(V8, tracking=True),
}


@pytest.fixture(scope="module", params=list(RULES))
def street(request: pytest.FixtureRequest) -> Iterator[Street]:
    with running(RULES[request.param], clock=SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))) as found:
        yield found


def bought(street: Street, units: int = 3, **fields: object) -> str:
    sku = new_sku()
    street.staff.add_product(sku, units=10)
    return str(street.staff.buy({sku: units}, set_paid=True, **fields))


def tellings(street: Street, order: str, number: str) -> int:
    """How often the buyer is told of a number."""
    if street.shop.rules.tracking:
        told = street.staff.get(f"orders/{order}/shipment-trackings")
        return sum(each["tracking_number"] == number for each in told)
    notes = street.staff.get(f"orders/{order}/notes", type="customer")
    return sum(number in each["note"] for each in notes)


async def test_a_parcel_is_told_to_the_buyer_and_shown_with_its_lines(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    request = shipment(order, ("1Z-1", 2))
    done = await shop.confirm_shipment(request, soon)
    assert done == Done(reference(request.key, 0), (reference(request.key, 0),))
    (shown,) = (await order_of(shop, order.external_id)).shipments
    assert (shown.external_id, shown.tracking, shown.carrier) == (reference(request.key, 0), "1Z-1", "DHL")
    assert shown.lines == ((order.lines[0].external_id, 2),)
    assert tellings(street, order.external_id, "1Z-1") == 1
    await shop.close()


async def test_the_same_request_again_tells_nothing_twice(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    request = shipment(order, ("1Z-2", 1), ("1Z-3", 1))
    assert await shop.confirm_shipment(request, soon) == await shop.confirm_shipment(request, soon)
    assert tellings(street, order.external_id, "1Z-2") == 1
    assert len((await order_of(shop, order.external_id)).shipments) == 2
    await shop.close()


async def test_the_order_is_completed_when_everything_has_left(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    await shop.confirm_shipment(shipment(order, ("A1", 2), key="one"), soon)
    assert (await order_of(shop, order.external_id)).status is OrderStatus.OPEN
    await shop.confirm_shipment(shipment(order, ("A2", 1), key="two"), soon)
    assert (await order_of(shop, order.external_id)).status is OrderStatus.COMPLETED
    await shop.close()


async def test_units_that_were_refunded_are_not_waited_for(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    line = int(order.lines[0].external_id)
    body = {"amount": "0", "api_refund": False, "line_items": [{"id": line, "quantity": 1}]}
    street.staff.post(f"orders/{order.external_id}/refunds", body)
    await shop.confirm_shipment(shipment(order, ("A3", 2)), soon)
    assert (await order_of(shop, order.external_id)).status is OrderStatus.COMPLETED
    await shop.close()


@pytest.mark.parametrize("step", range(8))
async def test_whichever_answer_is_lost_the_buyer_is_told_once(
    street: Street, step: int, soon: Deadline
) -> None:
    line: Line = new_line(street)
    shop = opened(street, line)
    order = await order_of(shop, bought(street))
    number = f"LOST-{step}"
    request = shipment(order, (number, 1))
    before = len(line.sent)
    await shop.find_shipment(request, soon)
    reads = len(line.sent) - before
    line.sent.clear()
    for skipped in range(step):
        line.fail("", _honest) if skipped >= 0 else None
    line.fail("", lost_after)
    outcome = await shop.confirm_shipment(request, soon)
    line.faults.clear()
    assert reads
    if not isinstance(outcome, Done):
        assert isinstance(outcome, Unknown | Retry)
        assert isinstance(await shop.confirm_shipment(request, soon), Done)
    assert isinstance(await shop.find_shipment(request, soon), Done)
    assert tellings(street, order.external_id, number) == 1
    await shop.close()


async def _honest(line: Line, request: object) -> object:
    return await line.truly(request)  # type: ignore[arg-type]


@pytest.mark.parametrize("street", [name for name, rules in RULES.items() if rules.tracking], indirect=True)
async def test_a_number_that_staff_entered_is_not_told_again(street: Street, soon: Deadline) -> None:
    """Without the extension staff's numbers are free text."""
    shop = opened(street)
    order = await order_of(shop, bought(street))
    body = {"tracking_provider": "DHL", "tracking_number": "STAFF-1"}
    street.staff.post(f"orders/{order.external_id}/shipment-trackings", body)
    assert [each.tracking for each in (await order_of(shop, order.external_id)).shipments] == ["STAFF-1"]
    await shop.confirm_shipment(shipment(order, ("STAFF-1", 1)), soon)
    assert tellings(street, order.external_id, "STAFF-1") == 1
    (shown,) = (await order_of(shop, order.external_id)).shipments
    assert shown.lines
    await shop.close()


async def test_a_parcel_without_a_number_is_told_by_a_note(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    assert isinstance(await shop.confirm_shipment(shipment(order, ("", 1)), soon), Done)
    notes = street.staff.get(f"orders/{order.external_id}/notes", type="customer")
    assert any("on its way" in each["note"] for each in notes)
    await shop.close()


async def test_more_units_than_are_wanted_are_refused(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    refused = await shop.confirm_shipment(shipment(order, ("B1", 4)), soon)
    assert isinstance(refused, Rejected) and refused.code == "ALREADY_FULFILLED"
    await shop.close()


async def test_a_line_of_another_order_is_refused(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = bought(street)
    request = ConfirmShipment("k", order, (ToldParcel("B2", "DHL", (("99999999", 1),)),))
    refused = await shop.confirm_shipment(request, soon)
    assert isinstance(refused, Rejected) and refused.code == "NO_LINE"
    await shop.close()


async def test_a_cancelled_order_takes_no_parcel(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    order = await order_of(shop, bought(street))
    street.staff.put(f"orders/{order.external_id}", {"status": "cancelled"})
    refused = await shop.confirm_shipment(shipment(order, ("B3", 1)), soon)
    assert isinstance(refused, Rejected) and refused.code == "CANCELLED"
    await shop.close()


async def test_the_index_is_asked_once_whether_the_extension_is_there(street: Street, soon: Deadline) -> None:
    line: Line = new_line(street)
    shop = opened(street, line)
    for number in ("C1", "C2"):
        await shop.confirm_shipment(shipment(await order_of(shop, bought(street)), (number, 1)), soon)
    assert line.count("GET /wp-json/?") == 1
    await shop.close()


@pytest.mark.parametrize("private", [True, False])
async def test_a_note_is_written_once_whatever_the_shop_makes_of_its_text(
    street: Street, private: bool, soon: Deadline
) -> None:
    """`&` comes back as an entity, backslashes vanish, and the list of notes has no count."""
    shop = opened(street)
    order = bought(street)
    request = Reply(f"n:{order}", order, "Tea & Co \\ waits", private=private)
    assert isinstance(await shop.note(request, soon), Done)
    assert isinstance(await shop.note(request, soon), Done)
    notes = [each for each in street.staff.get(f"orders/{order}/notes") if "waits" in each["note"]]
    assert [each["customer_note"] for each in notes] == [not private]
    await shop.close()


async def test_a_note_whose_answer_was_lost_is_found(street: Street, soon: Deadline) -> None:
    line: Line = new_line(street)
    shop = opened(street, line)
    order = bought(street)
    line.fail("POST", lost_after)
    request = Reply(f"n:{order}", order, "Waits for stock.")
    assert isinstance(await shop.note(request, soon), Unknown)
    assert isinstance(await shop.note(request, soon), Done)
    assert sum("Waits" in each["note"] for each in street.staff.get(f"orders/{order}/notes")) == 1
    await shop.close()


async def test_a_note_on_an_order_that_is_not_there_is_refused(street: Street, soon: Deadline) -> None:
    shop = opened(street)
    assert isinstance(await shop.note(Reply("k", "99999999", "x"), soon), Rejected)
    await shop.close()
