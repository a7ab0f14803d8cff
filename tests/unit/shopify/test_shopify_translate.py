"""From Shopify's orders to ours: states, payments, refunds, shipments and lines."""

from typing import Any

import msgspec
import pytest

from connectors.storefronts.shopify import translate
from connectors.storefronts.shopify.sums import NotAdding
from connectors.storefronts.shopify.translate import UnknownState
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from tests.unit.shopify.made import AT, fulfilment, line, order, refund, tax, transaction


def told(total: str = "20.00", *lines: dict[str, Any], **changes: Any) -> RemoteOrder:
    return translate.order(order(total, *(lines or (line(1, "20.0"),)), **changes), b"{}")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, OrderStatus.OPEN),
        ({"displayFulfillmentStatus": "PARTIALLY_FULFILLED"}, OrderStatus.OPEN),
        ({"displayFulfillmentStatus": "FULFILLED"}, OrderStatus.COMPLETED),
        ({"displayFulfillmentStatus": "ON_HOLD"}, OrderStatus.PENDING),
        ({"displayFulfillmentStatus": "SCHEDULED"}, OrderStatus.PENDING),
        ({"cancelledAt": AT}, OrderStatus.CANCELLED),
        ({"closed": True}, OrderStatus.COMPLETED),
        ({"displayFulfillmentStatus": "SOMETHING_NEW"}, OrderStatus.OPEN),
    ],
)
def test_the_order_s_state(changes: dict[str, Any], status: OrderStatus) -> None:
    assert told(**changes).status is status


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("PAID", PaymentStatus.PAID),
        ("AUTHORIZED", PaymentStatus.AUTHORISED),
        ("PENDING", PaymentStatus.UNPAID),
        ("PARTIALLY_PAID", PaymentStatus.UNPAID),
        ("EXPIRED", PaymentStatus.UNPAID),
        ("PARTIALLY_REFUNDED", PaymentStatus.PART_REFUNDED),
        ("REFUNDED", PaymentStatus.REFUNDED),
    ],
)
def test_the_payment_s_state(shown: str, status: PaymentStatus) -> None:
    paid = [transaction(1, "SALE", "20.0")]
    assert told(displayFinancialStatus=shown, paid=paid).payment is status


def test_a_state_of_payment_that_is_not_known_is_told_and_not_guessed() -> None:
    with pytest.raises(UnknownState, match="PAID_IN_SHELLS"):
        told(displayFinancialStatus="PAID_IN_SHELLS")


def test_amounts_of_several_currencies_are_told_and_not_added() -> None:
    with pytest.raises(NotAdding, match="in several currencies"):
        told("20.00", line(1, "20.0", currency="USD"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e400", "1000000000000000"])
def test_what_is_no_amount_of_money_does_not_fit(amount: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="no amount of money"):
        told(amount)


def test_an_order_of_nothing_is_free() -> None:
    assert told("0.0", line(1, "0.0")).payment is PaymentStatus.FREE


def test_a_payment_without_a_shown_state_is_judged_by_its_transactions() -> None:
    assert told(displayFinancialStatus=None, paid=[transaction(1, "SALE", "20.0")]).payment.good
    assert not told(displayFinancialStatus=None).payment.good


def test_refunds_stand_at_the_payment_that_they_come_from() -> None:
    found = told(
        paid=[transaction(1, "SALE", "12.0"), transaction(2, "SALE", "8.0")],
        refunds=[refund(7, transaction(3, "REFUND", "5.0", parent=2), note="why")],
        displayFinancialStatus="PARTIALLY_REFUNDED",
    )
    first, second = found.payments
    assert (first.refunds, first.status) == ((), PaymentStatus.PAID)
    assert second.status is PaymentStatus.PART_REFUNDED
    assert (second.refunds[0].external_id, second.refunds[0].amount) == (
        "gid://shopify/Refund/7",
        Money(500, "EUR"),
    )


def test_a_pending_refund_is_not_settled_and_a_failed_one_is_of_nothing() -> None:
    found = told(
        paid=[transaction(1, "SALE", "20.0")],
        refunds=[
            refund(7, transaction(3, "REFUND", "5.0", parent=1, status="PENDING")),
            refund(8, transaction(4, "REFUND", "9.0", parent=1, status="FAILURE")),
        ],
    )
    shown = [(each.amount.minor, each.settled) for each in found.payments[0].refunds]
    assert shown == [(500, False), (0, False)]
    assert found.payments[0].status is PaymentStatus.PART_REFUNDED


def test_a_refund_that_took_lines_off_without_money_is_none() -> None:
    assert told(paid=[transaction(1, "SALE", "20.0")], refunds=[refund(7)]).payments[0].refunds == ()


def test_money_that_is_held_is_a_payment_until_it_is_taken_or_let_go() -> None:
    held = transaction(1, "AUTHORIZATION", "20.0")
    assert [p.status for p in told(paid=[held]).payments] == [PaymentStatus.AUTHORISED]
    taken = told(paid=[held, transaction(2, "CAPTURE", "20.0", parent=1)]).payments
    assert [p.status for p in taken] == [PaymentStatus.PAID]
    assert told(paid=[held, transaction(2, "VOID", "20.0", parent=1)]).payments == ()


def test_a_failed_payment_is_none() -> None:
    assert told(paid=[transaction(1, "SALE", "20.0", status="FAILURE")]).payments == ()


def test_removed_units_are_off_the_line_and_still_ordered() -> None:
    (found,) = told("40.0", line(1, "40.0", units=2, currentQuantity=1)).lines
    assert (found.ordered, found.quantity) == (2, 1)


def test_units_that_were_refunded_after_they_left_were_wanted_all_the_same() -> None:
    """Else each refunded return looks as if its goods had left although nobody wanted them."""
    back = line(1, "60.0", units=3, currentQuantity=2, unfulfilledQuantity=2)
    (part,) = told("60.0", back, sent=[fulfilment(5, {1: 1}, "T1")]).lines
    assert (part.ordered, part.quantity) == (3, 3), "one left and came back, two are still to be sent"
    (whole,) = told("60.0", {**back, "unfulfilledQuantity": 0}, sent=[fulfilment(5, {1: 3}, "T1")]).lines
    assert whole.quantity == 3
    (dropped,) = told("60.0", back, sent=[fulfilment(5, {1: 1}, "T1", status="CANCELLED")]).lines
    assert dropped.quantity == 2


def test_a_line_that_needs_no_shipping_wants_no_units() -> None:
    gift = line(2, "10.0", requiresShipping=False, isGiftCard=True)
    found = told("30.0", line(1, "20.0"), gift)
    assert [(each.ordered, each.quantity) for each in found.lines] == [(1, 1), (1, 0)]


def test_shipments_by_whoever_made_them() -> None:
    found = told(
        sent=[
            fulfilment(5, {1: 1}, "T1"),
            fulfilment(6, {1: 1}, "T2", status="CANCELLED"),
            fulfilment(7, {1: 1}, "T3", deliveredAt=AT),
        ]
    )
    assert [(s.tracking, s.shipped, s.delivered, s.cancelled) for s in found.shipments] == [
        ("T1", True, False, False),
        ("T2", False, False, True),
        ("T3", True, True, False),
    ]
    assert found.shipments[0].lines == (("gid://shopify/LineItem/1", 1),)


def test_rules_learn_of_coupons_test_orders_and_the_marketplace_s_tax() -> None:
    taxed = line(1, "20.0", taxLines=[tax("1.0", marketplace=True)])
    found = told("21.0", taxed, tags=["vip"], discountCodes=["SPRING"], test=True)
    assert found.tags == ("vip", "coupon:SPRING", "test", "tax:marketplace")


def test_a_buyer_of_one_name_or_of_none() -> None:
    assert told().buyer.name == "Ada"
    assert told(customer=None, shippingAddress=None, email=None).buyer.name is None


def test_an_order_s_text_forms_show_no_buyer() -> None:
    shown = f"{order('20.0', line(1, '20.0'))!r} {told()!r}"
    assert "ada@example.com" not in shown
    assert "Köln" not in shown
