"""Telling the shop what left, once, whatever happens on the way."""

import pytest

from connectors.contract import (
    ConfirmDelivery,
    Deadline,
    Done,
    Rejected,
    Retry,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure.connector import VendureStorefront
from tests.conformance.vendure.conftest import Street, order_of, shipment
from tests.conformance.vendure.line import (
    FAILED_INSIDE,
    Line,
    cut_short,
    lost_after,
    lost_before,
    no_connection,
)
from tests.peers.books.vendure import Staff


def told(staff: Staff, order: str) -> list[tuple[str, str, int]]:
    """(tracking number, state, units) of the order's fulfilments."""
    return sorted(
        (f["trackingCode"], f["state"], sum(line["quantity"] for line in f["lines"]))
        for f in staff.order(order)["fulfillments"]
    )


async def test_each_parcel_becomes_one_shipped_fulfilment(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 2)), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    made = {f["id"]: f["trackingCode"] for f in staff.order(order.external_id)["fulfillments"]}
    assert [made[fulfilment] for fulfilment in outcome.echo] == ["T1", "T2"]
    assert told(staff, order.external_id) == [("T1", "Shipped", 1), ("T2", "Shipped", 2)]
    assert staff.order(order.external_id)["state"] == "Shipped"


async def test_confirming_again_makes_nothing_new(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    request = shipment(order, ("T1", 1), ("T2", 2))
    first = await shop.confirm_shipment(request, soon)
    assert await shop.confirm_shipment(request, soon) == first
    assert await shop.find_shipment(request, soon) == first
    assert len(told(staff, order.external_id)) == 2


async def test_two_parcels_under_one_number_are_two(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    request = shipment(order, ("T1", 1), ("T1", 1))
    first = await shop.confirm_shipment(request, soon)
    assert await shop.confirm_shipment(request, soon) == first
    assert told(staff, order.external_id) == [("T1", "Shipped", 1), ("T1", "Shipped", 1)]


@pytest.mark.parametrize("fault", [lost_after, cut_short])
@pytest.mark.parametrize("step", ["addFulfillmentToOrder", "transitionFulfillmentToState"])
async def test_after_a_lost_answer_it_is_unknown_and_the_rest_is_made_once(
    street: Street,
    shop: VendureStorefront,
    staff: Staff,
    line: Line,
    soon: Deadline,
    fault: object,
    step: str,
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    request = shipment(order, ("T1", 1), ("T2", 2))
    line.fail(step, fault)  # type: ignore[arg-type]
    assert isinstance(await shop.confirm_shipment(request, soon), Unknown)
    found = await shop.find_shipment(request, soon)
    assert isinstance(found, Retry)
    assert "1 of 2 parcels" in found.reason
    assert isinstance(await shop.confirm_shipment(request, soon), Done)
    assert told(staff, order.external_id) == [("T1", "Shipped", 1), ("T2", "Shipped", 2)]


async def test_a_request_that_never_arrived_is_unknown_and_not_found(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail("addFulfillmentToOrder", lost_before)
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Unknown)
    assert isinstance(await shop.find_shipment(shipment(order, ("T1", 1)), soon), Retry)
    assert told(staff, order.external_id) == []


async def test_an_internal_error_of_the_shop_is_unknown(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail("addFulfillmentToOrder", FAILED_INSIDE)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(outcome, Unknown)
    assert "jane" not in outcome.reason


async def test_a_shop_that_is_away_is_told_where_nothing_was_sent(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail("addFulfillmentToOrder", no_connection, times=3)
    with pytest.raises(Unavailable):
        await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)


async def test_a_shop_that_goes_away_between_parcels_leaves_the_rest_for_later(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    request = shipment(order, ("T1", 1), ("T2", 1))
    line.fail('"T2"', no_connection, times=3)
    outcome = await shop.confirm_shipment(request, soon)
    assert isinstance(outcome, Retry)
    assert "parcel 2 of 2" in outcome.reason
    assert told(staff, order.external_id) == [("T1", "Shipped", 1)]


async def test_a_fulfilment_that_staff_left_pending_is_moved_on(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 1}))
    made = staff.fulfil(order.external_id, {sku: 1}, "DHL", "T1")
    assert await shop.confirm_shipment(shipment(order, ("T1", 1)), soon) == Done(made, (made,))
    assert told(staff, order.external_id) == [("T1", "Shipped", 1)]


async def test_units_that_staff_shipped_under_another_number_are_rejected(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 2}))
    staff.fulfil(order.external_id, {sku: 1}, "DHL", "OTHER")
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 2)), soon)
    assert isinstance(outcome, Rejected)
    assert "staff may have told of them" in outcome.reason
    assert len(told(staff, order.external_id)) == 1


async def test_a_cancelled_fulfilment_does_not_count(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 1}))
    staff.move(staff.fulfil(order.external_id, {sku: 1}, "DHL", "T1"), "Cancelled")
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Done)
    assert told(staff, order.external_id) == [("T1", "Cancelled", 1), ("T1", "Shipped", 1)]


async def test_a_parcel_without_a_number_is_known_by_what_was_there_before(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 2}))
    before = staff.fulfil(order.external_id, {sku: 1}, "van", "")
    request = shipment(order, ("", 1), before=(before,))
    first = await shop.confirm_shipment(request, soon)
    assert isinstance(first, Done)
    assert first.external_id != before
    assert await shop.confirm_shipment(request, soon) == first


async def test_more_than_the_shop_has_on_hand_cannot_be_shipped(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 2}))
    staff.set_stock(sku, 1)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 2)), soon)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "INSUFFICIENT_STOCK_ON_HAND_ERROR"
    assert "raise its stock" in outcome.reason


async def test_an_order_or_a_line_that_is_not_there_is_rejected(
    street: Street, shop: VendureStorefront, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    request = shipment(order, ("T1", 1))
    nowhere = type(request)(request.key, "987654321", request.parcels)
    outcome = await shop.confirm_shipment(nowhere, soon)
    assert isinstance(outcome, Rejected)
    assert "no order 987654321" in outcome.reason
    parcel = type(request.parcels[0])("T1", "DHL", (("987654321", 1),))
    outcome = await shop.confirm_shipment(type(request)(request.key, request.order, (parcel,)), soon)
    assert isinstance(outcome, Rejected)
    assert "no line 987654321" in outcome.reason


async def test_a_delivery_is_told_once(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    made = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(made, Done)
    delivery = ConfirmDelivery(order.external_id, str(made.external_id))
    assert await shop.confirm_delivery(delivery, soon) == Done(made.external_id)
    assert await shop.confirm_delivery(delivery, soon) == Done(made.external_id)
    assert staff.order(order.external_id)["state"] == "Delivered"
    assert isinstance(await shop.find_shipment(shipment(order, ("T1", 1)), soon), Done)


async def test_a_delivery_of_what_is_cancelled_or_unknown_is_rejected(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 1}))
    gone = staff.fulfil(order.external_id, {sku: 1}, "DHL", "T1")
    staff.move(gone, "Cancelled")
    for fulfilment, words in ((gone, "was cancelled"), ("987654321", "has no shipment")):
        outcome = await shop.confirm_delivery(ConfirmDelivery(order.external_id, fulfilment), soon)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason


async def test_a_delivery_whose_answer_is_lost_is_unknown_and_then_done(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    made = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(made, Done)
    delivery = ConfirmDelivery(order.external_id, str(made.external_id))
    line.fail("transitionFulfillmentToState", lost_after)
    assert isinstance(await shop.confirm_delivery(delivery, soon), Unknown)
    assert isinstance(await shop.confirm_delivery(delivery, soon), Done)
