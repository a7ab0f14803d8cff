"""Giving money back, once per key."""

from dataclasses import replace

import pytest

from connectors.contract import Deadline, Done, RefundRequest, Rejected, Retry, Unavailable, Unknown
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus, RemoteOrder
from tests.conformance.vendure.conftest import Street, order_of
from tests.conformance.vendure.line import Line, cut_short, lost_after, lost_before, no_connection
from tests.peers.books.vendure import Staff


def giving(order: RemoteOrder, cents: int, key: str = "refund:1", units: int = 0) -> RefundRequest:
    lines = ((order.lines[0].external_id, units),) if units else ()
    return RefundRequest(
        key=f"{key}:{order.number}",
        order=order.external_id,
        amount=Money(cents, "EUR"),
        payment=None,
        lines=lines,
        restock=False,
        reason="damaged",
    )


def refunds(staff: Staff, order: RemoteOrder) -> list[tuple[int, str]]:
    """(minor units, state) of the order's refunds."""
    payments = staff.order(order.external_id)["payments"]
    return [(refund["total"], refund["state"]) for payment in payments for refund in payment["refunds"]]


async def test_a_refund_is_made_and_settled(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    outcome = await shop.refund(giving(order, 500, units=1), soon)
    assert isinstance(outcome, Done)
    assert outcome.echo == Money(500, "EUR")
    assert refunds(staff, order) == [(500, "Settled")]


async def test_the_same_key_refunds_once_and_another_key_again(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    first = await shop.refund(giving(order, 500), soon)
    assert await shop.refund(giving(order, 500), soon) == first
    assert await shop.find_refund(giving(order, 500), soon) == first
    second = await shop.refund(giving(order, 500, key="refund:2"), soon)
    assert second != first
    assert len(refunds(staff, order)) == 2


async def test_a_refund_by_staff_is_never_taken_for_ours(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    staff.refund(order.external_id, 500, "damaged")
    assert isinstance(await shop.find_refund(giving(order, 500), soon), Retry)


async def test_what_staff_gave_back_comes_with_the_order(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    placed = street.buy({street.goods(): 2})
    staff.refund(placed.id, 500, "late")
    cursor, found = None, {}
    while True:
        page = await shop.orders(cursor, soon)
        found |= {order.external_id: order for order in page.records}
        cursor = page.cursor or cursor
        if page.complete:
            break
    shown = found[placed.id]
    (refund,) = shown.payments[0].refunds
    (made,) = staff.order(placed.id)["payments"][0]["refunds"]
    assert (refund.external_id, refund.amount, refund.reason) == (made["id"], Money(500, "EUR"), "late")
    assert refund.settled
    assert refund.at is not None
    assert shown.payment is PaymentStatus.PART_REFUNDED
    assert (await order_of(shop, placed)).payments == shown.payments


@pytest.mark.parametrize("fault", [lost_after, cut_short])
@pytest.mark.parametrize("step", ["refundOrder", "settleRefund"])
async def test_after_a_lost_answer_it_is_unknown_and_money_is_given_once(
    street: Street,
    shop: VendureStorefront,
    staff: Staff,
    line: Line,
    soon: Deadline,
    fault: object,
    step: str,
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail(step, fault)  # type: ignore[arg-type]
    assert isinstance(await shop.refund(giving(order, 500), soon), Unknown)
    assert isinstance(await shop.refund(giving(order, 500), soon), Done)
    assert isinstance(await shop.find_refund(giving(order, 500), soon), Done)
    assert refunds(staff, order) == [(500, "Settled")]


async def test_a_refund_that_waits_for_settling_is_worth_sending_again(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail("settleRefund", no_connection, times=3)
    made = await shop.refund(giving(order, 500), soon)
    assert isinstance(made, Retry)
    found = await shop.find_refund(giving(order, 500), soon)
    assert isinstance(found, Retry)
    assert "not settled" in found.reason
    assert isinstance(await shop.refund(giving(order, 500), soon), Done)
    assert refunds(staff, order) == [(500, "Settled")]


async def test_settling_may_be_left_to_others(street: Street, staff: Staff, soon: Deadline) -> None:
    shop = street.connector(settle_refunds=False)
    order = await order_of(shop, street.buy({street.goods(): 2}))
    assert isinstance(await shop.refund(giving(order, 500), soon), Done)
    assert isinstance(await shop.find_refund(giving(order, 500), soon), Done)
    assert refunds(staff, order) == [(500, "Pending")]
    await shop.close()


async def test_nothing_is_sent_where_the_shop_is_away(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail("refundOrder", no_connection, times=3)
    with pytest.raises(Unavailable):
        await shop.refund(giving(order, 500), soon)
    line.fail("refundOrder", lost_before)
    assert isinstance(await shop.refund(giving(order, 500), soon), Unknown)


async def test_more_than_was_paid_is_not_given(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    staff.refund(order.external_id, 100)
    outcome = await shop.refund(giving(order, order.total.minor), soon)
    assert isinstance(outcome, Rejected)
    assert "has that much left" in outcome.reason
    assert isinstance(await shop.refund(giving(order, order.total.minor - 100), soon), Done)


async def test_refunds_that_make_no_sense_are_rejected_in_words(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    good = giving(order, 100)
    for request, words in (
        (replace(good, amount=Money(100, "USD")), "was paid in EUR"),
        (replace(good, amount=Money(0, "EUR")), "more than 0"),
        (replace(good, payment="987654321"), "no settled payment 987654321"),
        (replace(good, order="987654321"), "no order 987654321"),
    ):
        outcome = await shop.refund(request, soon)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason
    assert refunds(staff, order) == []
