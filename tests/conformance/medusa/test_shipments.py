"""Telling the shop what left, once, whatever happens on the way."""

import pytest

from connectors.contract import (
    ConfirmDelivery,
    ConfirmShipment,
    Deadline,
    Done,
    Rejected,
    Retry,
    ToldParcel,
    Unavailable,
    Unknown,
)
from connectors.storefronts.medusa.connector import MedusaStorefront
from tests.conformance.medusa.conftest import Street, order_of, shipment
from tests.conformance.medusa.line import (
    FAILED_INSIDE,
    REFUSED,
    Line,
    cut_short,
    lost_after,
    lost_before,
    no_connection,
)
from tests.conformance.medusa.people import Staff

FULFIL = "/fulfillments?fields"


async def test_each_parcel_becomes_one_shipped_fulfilment_with_its_label(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 2)), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    labels = {
        f["id"]: f["labels"][0]["tracking_number"] for f in staff.order(order.external_id)["fulfillments"]
    }
    assert [labels[fulfilment] for fulfilment in outcome.echo] == ["T1", "T2"]
    assert staff.shipments(order.external_id) == [("T1", True, 1), ("T2", True, 2)]
    shown = await order_of(shop, order.external_id)
    assert {(s.tracking, s.carrier) for s in shown.shipments} == {("T1", "DHL"), ("T2", "DHL")}


async def test_a_label_has_all_three_fields_also_without_addresses(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    lines = ((order.lines[0].external_id, 1),)
    parcels = (
        ToldParcel("T1", "DHL", lines, tracking_url="https://example.com/T1"),
        ToldParcel("T2", "DHL", lines, tracking_url="javascript:alert(1)"),
    )
    assert isinstance(
        await shop.confirm_shipment(ConfirmShipment("k", order.external_id, parcels), soon), Done
    )
    assert line.count('"tracking_url":"https://example.com/T1","label_url":"#"') == 1
    assert line.count('"tracking_url":"#","label_url":"#"') == 1


async def test_confirming_again_makes_nothing_new(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    request = shipment(order, ("T1", 1), ("T2", 2))
    first = await shop.confirm_shipment(request, soon)
    assert await shop.confirm_shipment(request, soon) == first
    assert await shop.find_shipment(request, soon) == first
    assert len(staff.shipments(order.external_id)) == 2


async def test_two_parcels_under_one_number_are_two(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    request = shipment(order, ("T1", 1), ("T1", 1))
    first = await shop.confirm_shipment(request, soon)
    assert await shop.confirm_shipment(request, soon) == first
    assert staff.shipments(order.external_id) == [("T1", True, 1), ("T1", True, 1)]


@pytest.mark.parametrize("fault", [lost_after, cut_short])
async def test_after_a_lost_answer_it_is_unknown_and_the_rest_is_made_once(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline, fault: object
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    request = shipment(order, ("T1", 1), ("T2", 2))
    line.fail(FULFIL, fault)  # type: ignore[arg-type]
    assert isinstance(await shop.confirm_shipment(request, soon), Unknown)
    found = await shop.find_shipment(request, soon)
    assert isinstance(found, Retry)
    assert "1 of 2 parcels" in found.reason
    assert isinstance(await shop.confirm_shipment(request, soon), Done)
    assert staff.shipments(order.external_id) == [("T1", True, 1), ("T2", True, 2)]


async def test_a_shipment_whose_answer_is_lost_is_found_as_shipped(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail("/shipments", lost_after)
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Unknown)
    assert isinstance(await shop.find_shipment(shipment(order, ("T1", 1)), soon), Done)
    assert staff.shipments(order.external_id) == [("T1", True, 1)]


async def test_a_request_that_never_arrived_is_unknown_and_not_found(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail(FULFIL, lost_before)
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Unknown)
    assert isinstance(await shop.find_shipment(shipment(order, ("T1", 1)), soon), Retry)
    assert staff.shipments(order.external_id) == []


async def test_an_internal_error_of_the_shop_is_unknown(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail(FULFIL, FAILED_INSIDE)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(outcome, Unknown)
    assert "jane" not in outcome.reason


async def test_a_refusal_is_told_without_the_shop_s_words(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail(FULFIL, REFUSED)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(outcome, Rejected)
    assert "parcel 1 of 1: the shop finds the values wrong" in outcome.reason
    line.fail("/shipments", REFUSED)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(outcome, Rejected)
    assert "jane" not in outcome.reason


async def test_a_shop_that_is_away_is_told_where_nothing_was_sent(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail(FULFIL, no_connection, times=3)
    with pytest.raises(Unavailable):
        await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)


async def test_a_shop_that_goes_away_between_parcels_leaves_the_rest_for_later(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail('"T2"', no_connection, times=3)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 1)), soon)
    assert isinstance(outcome, Retry)
    assert "parcel 2 of 2" in outcome.reason
    assert ("T1", True, 1) in staff.shipments(order.external_id)


async def test_a_fulfilment_that_staff_packed_is_shipped_and_not_made_again(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 1}))
    made = staff.fulfil(order.external_id, sku, 1)
    assert await shop.confirm_shipment(shipment(order, ("T1", 1)), soon) == Done(made, (made,))
    assert staff.shipments(order.external_id) == [("T1", True, 1)]


async def test_what_staff_shipped_under_the_same_number_is_told(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 1}))
    made = staff.fulfil(order.external_id, sku, 1)
    staff.ship(order.external_id, made, "T1")
    assert await shop.confirm_shipment(shipment(order, ("T1", 1)), soon) == Done(made, (made,))


async def test_units_that_staff_shipped_under_another_number_are_rejected(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 2}))
    staff.ship(order.external_id, staff.fulfil(order.external_id, sku, 1), "OTHER")
    for outcome in (
        await shop.confirm_shipment(shipment(order, ("T1", 2)), soon),
        await shop.find_shipment(shipment(order, ("T1", 2)), soon),
    ):
        assert isinstance(outcome, Rejected)
        assert "staff may have told of them" in outcome.reason
    assert len(staff.shipments(order.external_id)) == 1


async def test_a_cancelled_fulfilment_does_not_count(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 1}))
    staff.drop(order.external_id, staff.fulfil(order.external_id, sku, 1))
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Done)
    assert staff.shipments(order.external_id) == [("T1", True, 1)]


async def test_a_parcel_without_a_number_has_no_label_and_is_known_by_our_reference(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 2}))
    before = staff.fulfil(order.external_id, sku, 1)
    staff.ship(order.external_id, before, "")
    request = shipment(order, ("", 1), before=(before,))
    first = await shop.confirm_shipment(request, soon)
    assert isinstance(first, Done)
    assert first.external_id != before
    assert await shop.confirm_shipment(request, soon) == first
    assert staff.shipments(order.external_id) == [("", True, 1), ("", True, 1)]


async def test_a_cancelled_order_cannot_be_shipped(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    staff.cancel(order.external_id)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(outcome, Rejected)
    assert "was cancelled in the shop" in outcome.reason


async def test_an_order_or_a_line_that_is_not_there_is_rejected(
    street: Street, shop: MedusaStorefront, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    request = shipment(order, ("T1", 1))
    nowhere = ConfirmShipment(request.key, "order_01XXXXXXXXXXXXXXXXXXXXXXXX", request.parcels)
    for act in (shop.confirm_shipment, shop.find_shipment):
        outcome = await act(nowhere, soon)
        assert isinstance(outcome, Rejected)
        assert "no order order_01X" in outcome.reason
    parcel = ToldParcel("T1", "DHL", (("ordli_x", 1),))
    outcome = await shop.confirm_shipment(ConfirmShipment(request.key, request.order, (parcel,)), soon)
    assert isinstance(outcome, Rejected)
    assert "no line ordli_x" in outcome.reason


async def test_a_delivery_is_told_once(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    made = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(made, Done)
    delivery = ConfirmDelivery(order.external_id, str(made.external_id))
    assert await shop.confirm_delivery(delivery, soon) == Done(made.external_id)
    assert await shop.confirm_delivery(delivery, soon) == Done(made.external_id)
    (shown,) = (await order_of(shop, order.external_id)).shipments
    assert shown.delivered
    assert isinstance(await shop.find_shipment(shipment(order, ("T1", 1)), soon), Done)


async def test_a_delivery_of_what_is_cancelled_or_unknown_is_rejected(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    id = street.buy({sku: 1})
    gone = staff.fulfil(id, sku, 1)
    staff.drop(id, gone)
    nowhere = "order_01XXXXXXXXXXXXXXXXXXXXXXXX"
    for order, fulfilment, words in (
        (id, gone, "was cancelled"),
        (id, "ful_x", "has no shipment"),
        (nowhere, gone, "no order"),
    ):
        outcome = await shop.confirm_delivery(ConfirmDelivery(order, fulfilment), soon)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason


async def test_a_delivery_whose_answer_is_lost_is_unknown_and_then_done(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    made = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(made, Done)
    delivery = ConfirmDelivery(order.external_id, str(made.external_id))
    line.fail("mark-as-delivered", lost_after)
    assert isinstance(await shop.confirm_delivery(delivery, soon), Unknown)
    assert isinstance(await shop.confirm_delivery(delivery, soon), Done)


async def test_a_delivery_that_staff_told_meanwhile_is_done_and_a_refused_one_is_not(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    made = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(made, Done)
    delivery = ConfirmDelivery(order.external_id, str(made.external_id))
    line.fail("mark-as-delivered", REFUSED)
    outcome = await shop.confirm_delivery(delivery, soon)
    assert isinstance(outcome, Rejected)
    assert "delivery" in outcome.reason

    async def staff_first(line: Line, request: object) -> object:
        staff.deliver(order.external_id, str(made.external_id))
        return await line.network.handle_async_request(request)  # type: ignore[arg-type]

    line.fail("mark-as-delivered", staff_first)  # type: ignore[arg-type]
    assert isinstance(await shop.confirm_delivery(delivery, soon), Done)
