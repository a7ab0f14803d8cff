"""Cancellations, refunds and notes."""

from connectors.contract import (
    CancelLines,
    Deadline,
    Done,
    RefundRequest,
    Rejected,
    Reply,
    Retry,
    Unknown,
)
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.storefront.shopify.builder import Street
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from tests.conformance.shopify.conftest import Staff, bought, new_sku, order_of
from tests.conformance.shopify.line import Line, lost_after, lost_before


def leaving(order: RemoteOrder, units: int) -> CancelLines:
    """So many units of the first line shall stay."""
    return CancelLines(order.external_id, ((order.lines[0].external_id, units),), "sold out")


def back(order: RemoteOrder, minor: int, key: str = "refund:1") -> RefundRequest:
    return RefundRequest(key, order.external_id, Money(minor, "EUR"), None, (), False, "late")


async def test_units_are_taken_off_by_an_edit(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=3)
    for _ in range(2):
        assert await shop.cancel_lines(leaving(order, 1), soon) == Done(order.external_id)
    assert staff.order(order.external_id)["lineItems"]["nodes"][0]["currentQuantity"] == 1
    assert (await order_of(shop, order.external_id)).lines[0].quantity == 1


async def test_the_last_unit_takes_the_order_with_it_and_no_money_moves(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    for _ in range(2):
        assert await shop.cancel_lines(leaving(order, 0), soon) == Done(order.external_id)
    now = await order_of(shop, order.external_id)
    assert now.status is OrderStatus.CANCELLED
    assert all(not payment.refunds for payment in now.payments)


async def test_a_cancellation_that_takes_its_time_is_waited_for(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    order = await bought(shop, street, units=1)
    street.walk("levers", job_seconds=0.3)
    try:
        assert await shop.cancel_lines(leaving(order, 0), soon) == Done(order.external_id)
    finally:
        street.walk("levers", job_seconds=0)


async def test_cancelled_units_are_not_put_back_on_sale(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    """What can be sold comes from the warehouse: the unit may be the one that was not there."""
    sku = new_sku()
    variant = street.goods(sku, {"1": 10})
    order = await bought(shop, street, {sku: 2})
    await shop.cancel_lines(leaving(order, 0), soon)
    assert staff.available(variant) == 8


async def test_units_that_have_left_are_not_cancelled(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street, units=2)
    staff.send(order.external_id, "T1")
    outcome = await shop.cancel_lines(leaving(order, 1), soon)
    assert isinstance(outcome, Rejected)
    assert "comes back as a return" in outcome.reason


async def test_a_lost_answer_is_unknown_and_a_repeat_cancels_no_more(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street, units=3)
    line.fail("mutation CommitEdit", lost_after)
    assert isinstance(await shop.cancel_lines(leaving(order, 2), soon), Unknown)
    assert isinstance(await shop.cancel_lines(leaving(order, 2), soon), Done)
    assert staff.order(order.external_id)["lineItems"]["nodes"][0]["currentQuantity"] == 2


async def test_an_edit_that_stopped_on_the_way_changes_nothing(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street, units=3)
    line.fail("mutation EditQuantity", lost_before, times=3)
    assert isinstance(await shop.cancel_lines(leaving(order, 2), soon), Retry)
    assert staff.order(order.external_id)["lineItems"]["nodes"][0]["currentQuantity"] == 3
    assert isinstance(await shop.cancel_lines(leaving(order, 2), soon), Done)


async def test_money_is_given_back_once_for_a_key(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street)
    first = await shop.refund(back(order, 500), soon)
    assert isinstance(first, Done)
    assert first.echo == Money(500, "EUR")
    assert await shop.refund(back(order, 500), soon) == first
    assert await shop.find_refund(back(order, 500), soon) == first
    assert isinstance(await shop.refund(back(order, 300, "refund:2"), soon), Done)
    assert len(staff.order(order.external_id)["refunds"]) == 2
    now = await order_of(shop, order.external_id)
    assert now.payment is PaymentStatus.PART_REFUNDED
    assert [refund.amount.minor for refund in now.payments[0].refunds] == [500, 300]
    assert now.total == order.total


async def test_a_lost_answer_to_a_refund_is_unknown_and_found_again(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street)
    line.fail("mutation Refund", lost_after)
    assert isinstance(await shop.refund(back(order, 500), soon), Unknown)
    assert isinstance(await shop.find_refund(back(order, 500), soon), Done)
    assert isinstance(await shop.refund(back(order, 500), soon), Done)
    assert len(staff.order(order.external_id)["refunds"]) == 1


async def test_a_refund_whose_key_the_shop_forgot_is_known_by_its_note(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street)
    line.fail("mutation Refund", lost_after)
    assert isinstance(await shop.refund(back(order, 500), soon), Unknown)
    street.walk("levers", forget_keys=True)
    assert isinstance(await shop.refund(back(order, 500), soon), Done)
    assert len(staff.order(order.external_id)["refunds"]) == 1


async def test_a_refund_that_never_arrived_is_made_under_the_same_key(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street)
    line.fail("mutation Refund", lost_before)
    assert isinstance(await shop.refund(back(order, 500), soon), Unknown)
    assert isinstance(await shop.find_refund(back(order, 500), soon), Retry)
    assert isinstance(await shop.refund(back(order, 500), soon), Done)
    keys = {each["key"] for each in line.asked("mutation Refund")}
    assert (len(keys), len(staff.order(order.external_id)["refunds"])) == (1, 1)


async def test_more_than_was_paid_is_not_given_back(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street)
    assert isinstance(await shop.refund(back(order, order.total.minor + 1), soon), Rejected)
    assert isinstance(await shop.refund(back(order, 0), soon), Rejected)
    assert staff.order(order.external_id)["refunds"] == []


async def test_a_refund_that_staff_made_is_not_ours(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await bought(shop, street)
    await shop.refund(back(order, 500, "of-another"), soon)
    assert isinstance(await shop.find_refund(back(order, 500), soon), Retry)


async def test_a_refund_of_lines_takes_them_off_the_order(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    order = await bought(shop, street, units=3)
    line = order.lines[0].external_id
    request = RefundRequest("k", order.external_id, Money(1000, "EUR"), None, ((line, 1),), False, "broken")
    assert isinstance(await shop.refund(request, soon), Done)
    assert (await order_of(shop, order.external_id)).lines[0].quantity == 2


async def test_a_note_is_added_once_and_keeps_what_was_there(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await bought(shop, street)
    line.fail("mutation NoteOrder", lost_after)
    first = Reply("note:1", order.external_id, "Waits for stock.", private=True)
    assert isinstance(await shop.note(first, soon), Unknown)
    assert await shop.note(first, soon) == Done(order.external_id)
    await shop.note(Reply("note:2", order.external_id, "Left.", private=True), soon)
    note = staff.order(order.external_id)["note"]
    assert [each.split(" #")[0] for each in note.splitlines()] == ["Waits for stock.", "Left."]
