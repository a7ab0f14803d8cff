"""Cancels, refunds and notes."""

import pytest

from connectors.contract import CancelLines, Deadline, Done, RefundRequest, Rejected, Reply, Retry, Unknown
from connectors.storefronts.medusa.connector import MedusaStorefront
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from tests.conformance.medusa.conftest import Street, order_of
from tests.conformance.medusa.line import (
    FAILED_INSIDE,
    REFUSED,
    Line,
    answering,
    lost_after,
    lost_before,
    refused_after,
)
from tests.conformance.medusa.people import Staff

NOWHERE = "order_01XXXXXXXXXXXXXXXXXXXXXXXX"


def cancelling(order: RemoteOrder, left: int) -> CancelLines:
    return CancelLines(order.external_id, tuple((line.external_id, left) for line in order.lines), "sold out")


def refunding(
    order: RemoteOrder, minor: int, *, key: str = "", currency: str = "EUR", payment: str | None = None
) -> RefundRequest:
    amount = Money(minor, currency)
    return RefundRequest(
        key or f"refund:{order.external_id}", order.external_id, amount, payment, (), False, "late"
    )


async def test_a_whole_order_is_cancelled_once_and_its_units_are_free(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    assert await shop.cancel_lines(cancelling(order, 0), soon) == Done(order.external_id)
    assert await shop.cancel_lines(cancelling(order, 0), soon) == Done(order.external_id)
    assert (await order_of(shop, order.external_id)).status is OrderStatus.CANCELLED
    assert staff.stock(sku) == (10, 0)


async def test_cancelling_a_captured_order_refunds_it(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """The shop itself does (trap 7): nothing is left to refund."""
    id = street.buy({street.goods(): 1})
    staff.capture(id)
    order = await order_of(shop, id)
    assert isinstance(await shop.cancel_lines(cancelling(order, 0), soon), Done)
    now = await order_of(shop, id)
    assert (now.payment, now.payments[0].refunds[0].amount) == (PaymentStatus.REFUNDED, order.total)


async def test_what_is_in_a_shipment_is_not_cancelled(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """The shop refuses while any fulfilment stands, shipped or not (trap 7)."""
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 3}))
    packed = staff.fulfil(order.external_id, sku, 1)
    outcome = await shop.cancel_lines(cancelling(order, 0), soon)
    assert isinstance(outcome, Rejected)
    assert "comes back as a return" in outcome.reason
    staff.drop(order.external_id, packed)
    assert isinstance(await shop.cancel_lines(cancelling(order, 0), soon), Done)


async def test_part_of_an_order_that_is_only_authorised_is_not_cancelled(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """The shop would let the payment go."""
    order = await order_of(shop, street.buy({street.goods(): 3}))
    outcome = await shop.cancel_lines(cancelling(order, 1), soon)
    assert isinstance(outcome, Rejected)
    assert "capture it first" in outcome.reason
    assert (await order_of(shop, order.external_id)).payment is PaymentStatus.AUTHORISED


async def test_more_left_than_wanted_is_nothing_to_do(
    street: Street, shop: MedusaStorefront, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    assert isinstance(await shop.cancel_lines(cancelling(order, 3), soon), Done)


async def test_a_cancel_of_what_is_not_there_is_rejected(
    street: Street, shop: MedusaStorefront, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    outcome = await shop.cancel_lines(CancelLines(NOWHERE, (("ordli_x", 0),), "x"), soon)
    assert isinstance(outcome, Rejected)
    assert "no order" in outcome.reason
    outcome = await shop.cancel_lines(CancelLines(order.external_id, (("ordli_x", 1),), "x"), soon)
    assert isinstance(outcome, Rejected)
    assert "no line ordli_x" in outcome.reason


async def test_a_cancel_without_answer_is_unknown_and_then_done(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail("/cancel", lost_after)
    assert isinstance(await shop.cancel_lines(cancelling(order, 0), soon), Unknown)
    assert isinstance(await shop.cancel_lines(cancelling(order, 0), soon), Done)


async def test_a_refused_cancel_is_told_without_the_shop_s_words(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    line.fail("/cancel", REFUSED)
    outcome = await shop.cancel_lines(cancelling(order, 0), soon)
    assert isinstance(outcome, Rejected)
    assert "cancelling units of order" in outcome.reason
    assert "jane" not in outcome.reason


async def test_a_refund_is_made_once_per_key(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    id = street.buy({street.goods(): 1})
    staff.capture(id)
    order = await order_of(shop, id)
    assert isinstance(await shop.find_refund(refunding(order, 150), soon), Retry)
    made = await shop.refund(refunding(order, 150), soon)
    assert isinstance(made, Done)
    assert made.echo == Money(150, "EUR")
    assert await shop.refund(refunding(order, 150), soon) == made
    assert await shop.find_refund(refunding(order, 150), soon) == made
    assert await shop.refund(refunding(order, 150, key="another"), soon) != made
    assert len((await order_of(shop, id)).payments[0].refunds) == 2


async def test_all_that_was_paid_goes_back_though_the_shop_captured_unrounded(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    id = street.buy({street.goods(price=17.37): 1})
    staff.capture(id)
    order = await order_of(shop, id)
    made = await shop.refund(refunding(order, order.total.minor), soon)
    assert isinstance(made, Done), made
    assert made.echo == order.total
    after = await order_of(shop, id)
    assert [one.amount for one in after.payments[0].refunds] == [order.total]


@pytest.mark.parametrize("fault", [lost_after, lost_before, FAILED_INSIDE])
async def test_a_refund_without_answer_is_unknown_and_made_once(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline, fault: object
) -> None:
    id = street.buy({street.goods(): 1})
    staff.capture(id)
    order = await order_of(shop, id)
    line.fail("/refund", fault)  # type: ignore[arg-type]
    assert isinstance(await shop.refund(refunding(order, 150), soon), Unknown)
    assert isinstance(await shop.refund(refunding(order, 150), soon), Done)
    assert len((await order_of(shop, id)).payments[0].refunds) == 1


async def test_a_refund_that_cannot_be_made_says_why(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    id = street.buy({street.goods(): 1})
    order = await order_of(shop, id)
    cases = [
        (refunding(order, 150), "no single captured payment has that much left"),
        (refunding(order, 150, payment="pay_x"), "has no captured payment pay_x"),
        (refunding(order, 150, currency="USD"), "was paid in EUR, not in USD"),
        (refunding(order, 0), "more than 0"),
        (RefundRequest("k", NOWHERE, Money(1, "EUR"), None, (), False, ""), "no order"),
    ]
    for request, words in cases:
        outcome = await shop.refund(request, soon)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason
    assert isinstance(await shop.find_refund(cases[-1][0], soon), Rejected)
    staff.capture(id)
    line.fail("/refund", REFUSED)
    outcome = await shop.refund(refunding(order, 150), soon)
    assert isinstance(outcome, Rejected)
    assert "jane" not in outcome.reason
    line.fail("/refund", answering(200, '{"payment":{"id":"pay_x","amount":1}}'))
    assert isinstance(await shop.refund(refunding(order, 150), soon), Unknown)


async def test_a_note_is_written_once_beside_others(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    id = street.buy({street.goods(): 1})
    staff.post(f"orders/{id}", {"metadata": {"theirs": "stays"}})
    for key in ("one", "one", "two"):
        assert await shop.note(Reply(key, id, f"note {key}"), soon) == Done(id)
    told = staff.order(id)["metadata"]
    assert sorted(told.values()) == ["note one", "note two", "stays"]


async def test_a_note_that_cannot_be_written_says_why(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    id = street.buy({street.goods(): 1})
    cases = [(Reply("k", id, "x", private=True), "only staff see"), (Reply("k", NOWHERE, "x"), "no order")]
    for request, words in cases:
        outcome = await shop.note(request, soon)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason
    line.fail(f"POST /admin/orders/{id}", REFUSED)
    refused = await shop.note(Reply("k", id, "x"), soon)
    assert isinstance(refused, Rejected)
    assert "note on the order" in refused.reason
    for fault in (FAILED_INSIDE, answering(200, '{"order":{"metadata":null}}')):
        line.fail(f"POST /admin/orders/{id}", fault)
        assert isinstance(await shop.note(Reply("k", id, "x"), soon), Unknown)


async def test_a_refund_that_is_made_and_called_refused_is_done(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    """So the shop does where the credit line beside it fails."""
    id = street.buy({street.goods(): 2})
    staff.capture(id)
    request = refunding(await order_of(shop, id), 500)
    line.fail("/refund", refused_after)
    outcome = await shop.refund(request, soon)
    assert isinstance(outcome, Done)
    assert outcome.echo == Money(500, "EUR")
    assert len(staff.payment(id)["refunds"]) == 1


async def test_no_refund_is_asked_for_while_the_order_is_being_changed(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """The shop would give the money back and refuse the credit line."""
    id = street.buy({street.goods(): 2})
    staff.capture(id)
    request = refunding(await order_of(shop, id), 500)
    staff.post("order-edits", {"order_id": id})
    assert isinstance(await shop.refund(request, soon), Retry)
    assert staff.payment(id)["refunds"] == []
