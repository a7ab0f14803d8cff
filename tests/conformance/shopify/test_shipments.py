"""Shipments and deliveries, told once."""

from datetime import UTC, datetime

import pytest

from connectors.contract import (
    ConfirmDelivery,
    ConfirmShipment,
    Deadline,
    Done,
    Rejected,
    Retry,
    ToldParcel,
    Unknown,
)
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.storefront.shopify.builder import Street
from tests.conformance.shopify.conftest import Staff, bought, new_sku, opened, order_of, shipment
from tests.conformance.shopify.line import Line, lost_after, lost_before


def tracking(staff: Staff, order: str) -> list[list[str]]:
    return [[each["number"] for each in f["trackingInfo"]] for f in staff.order(order)["fulfillments"]]


async def test_one_fulfilment_for_each_parcel(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=3)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 2)), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    assert len(set(outcome.echo)) == 2
    assert sorted(tracking(staff, order.external_id)) == [["T1"], ["T2"]]
    assert staff.order(order.external_id)["displayFulfillmentStatus"] == "FULFILLED"


async def test_further_boxes_give_the_fulfilment_several_tracking_numbers(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 2), ("T2", 0), ("T3", 0)), soon)
    assert isinstance(outcome, Done)
    assert tracking(staff, order.external_id) == [["T1", "T2", "T3"]]
    assert len(outcome.echo or ()) == 3


async def test_telling_again_changes_nothing(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    first = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert await shop.confirm_shipment(shipment(order, ("T1", 1)), soon) == first
    assert await shop.find_shipment(shipment(order, ("T1", 1)), soon) == first
    assert len(tracking(staff, order.external_id)) == 1


async def test_after_a_lost_answer_the_rest_is_told_and_no_more(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    request = shipment(order, ("T1", 1), ("T2", 1))
    line.fail("mutation Fulfil", lost_after)
    assert isinstance(await shop.confirm_shipment(request, soon), Unknown)
    assert isinstance(await shop.find_shipment(request, soon), Retry)
    assert isinstance(await shop.confirm_shipment(request, soon), Done)
    assert sorted(tracking(staff, order.external_id)) == [["T1"], ["T2"]]


async def test_what_never_arrived_is_found_missing(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street, units=1)
    line.fail("mutation Fulfil", lost_before)
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Unknown)
    assert isinstance(await shop.find_shipment(shipment(order, ("T1", 1)), soon), Retry)
    assert tracking(staff, order.external_id) == []


async def test_a_parcel_that_staff_told_of_is_not_told_twice(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    made = staff.send(order.external_id, "T1")
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 2)), soon)
    assert outcome == Done(made, (made,))


async def test_units_that_staff_sent_otherwise_are_refused_in_words(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    staff.send(order.external_id, "STAFF-1")
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 2)), soon)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "ALREADY_FULFILLED"


async def test_a_held_order_is_refused_with_the_reason(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street)
    street.walk("hold", order=order.external_id, reason="INCORRECT_ADDRESS")
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, "incorrect address" in outcome.reason) == ("HELD", True)
    street.walk("hold", order=order.external_id)
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 1)), soon), Done)


async def test_lines_that_another_location_was_given_are_refused_with_its_name(
    street: Street, soon: Deadline
) -> None:
    sku = new_sku()
    street.goods(sku, {"2": 10})
    shop = opened(street, locations=["Main WH"])
    order = await bought(shop, street, {sku: 2})
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 2)), soon)
    assert isinstance(outcome, Rejected)
    assert (outcome.code, "Second WH" in outcome.reason) == ("WRONG_LOCATION", True)
    await shop.close()


async def test_lines_that_another_location_was_given_are_moved_where_the_options_say_so(
    street: Street, staff: Staff, soon: Deadline
) -> None:
    sku = new_sku()
    street.goods(sku, {"1": 0, "2": 10})
    shop = opened(street, locations=["Main WH"], move_fulfilment_orders=True)
    order = await bought(shop, street, {sku: 2})
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 2)), soon), Retry)
    assert isinstance(await shop.confirm_shipment(shipment(order, ("T1", 2)), soon), Done)
    assert tracking(staff, order.external_id) == [["T1"]]
    await shop.close()


async def test_a_parcel_of_two_locations_lines_is_two_fulfilments_of_one_number(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    """One fulfilment cannot come from two locations."""
    here, there = new_sku(), new_sku()
    street.goods(here, {"1": 10})
    street.goods(there, {"2": 10})
    order = await bought(shop, street, {here: 1, there: 1})
    lines = tuple((line.external_id, 1) for line in order.lines)
    request = ConfirmShipment("key", order.external_id, (ToldParcel("T1", "DHL", lines),))
    first = await shop.confirm_shipment(request, soon)
    assert isinstance(first, Done)
    assert tracking(staff, order.external_id) == [["T1"], ["T1"]]
    assert await shop.confirm_shipment(request, soon) == first


async def test_an_order_of_many_lines_is_sent_whole(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    skus = [new_sku() for _ in range(70)]
    for sku in skus:
        street.goods(sku)
    order = await bought(shop, street, dict.fromkeys(skus, 1))
    lines = tuple((line.external_id, 1) for line in order.lines)
    request = ConfirmShipment("key", order.external_id, (ToldParcel("T1", "DHL", lines),))
    assert isinstance(await shop.confirm_shipment(request, soon), Done)
    (told,) = (await order_of(shop, order.external_id)).shipments
    assert sorted(told.lines) == sorted(lines)


async def test_more_lines_than_shopify_takes_at_once_are_two_fulfilments_of_one_number_and_told_once(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    rows = [{"sku": new_sku(), "option": f"{n}", "units": {"1": 1}} for n in range(255)]
    street.walk("products", title="Beads", variants=rows)
    order = await bought(shop, street, {str(row["sku"]): 1 for row in rows})
    lines = tuple((line.external_id, 1) for line in order.lines)
    request = ConfirmShipment("key", order.external_id, (ToldParcel("T1", "DHL", lines),))
    for _ in range(2):
        outcome = await shop.confirm_shipment(request, soon)
        assert isinstance(outcome, Done)
        assert outcome.echo is not None
        assert len(outcome.echo) == 1
    assert tracking(staff, order.external_id) == [["T1"], ["T1"]]
    shipments = (await order_of(shop, order.external_id)).shipments
    assert sorted(len(shipment.lines) for shipment in shipments) == [5, 250]


@pytest.mark.parametrize("order", ["gid://shopify/Order/987654321", "17"])
async def test_an_order_that_is_not_there_is_rejected(
    shop: ShopifyStorefront, soon: Deadline, order: str
) -> None:
    request = ConfirmShipment("key", order, (ToldParcel("T1", "DHL", (("x", 1),)),))
    assert isinstance(await shop.confirm_shipment(request, soon), Rejected)
    assert isinstance(await shop.find_shipment(request, soon), Rejected)


async def test_a_delivery_is_told_once_with_its_own_time(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street)
    made = staff.send(order.external_id, "T1")
    request = ConfirmDelivery(order.external_id, made, datetime(2026, 3, 1, 12, tzinfo=UTC))
    for _ in range(2):
        assert await shop.confirm_delivery(request, soon) == Done(made)
    assert len(line.asked("mutation Deliver")) == 1
    assert (await order_of(shop, order.external_id)).shipments[0].delivered
