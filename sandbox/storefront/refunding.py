"""How staff give money back, and the notes that they write on orders.

A refund is promised (Pending) and settled later; neither moves the order's updatedAt.
"""

from typing import Any

from sandbox.storefront.books import Shop
from sandbox.storefront.movements import Wanted, find_line
from sandbox.storefront.orders import Line, Order, Payment, Refund, RefundLine
from sandbox.storefront.refusals import Refused, Rejected, not_found
from sandbox.storefront.states import OrderState


def refund(shop: Shop, given: dict[str, Any]) -> Refund:
    """Promise money back (Pending); without lines, shipping and adjustment it fails as the database does."""
    wanted: Wanted = given.get("lines") or []
    amount, shipping = given.get("amount"), given.get("shipping")
    if not sum(part["quantity"] for part in wanted) and shipping == 0 and not amount:
        raise Refused("NothingToRefundError", "NOTHING_TO_REFUND_ERROR", "Nothing to refund")
    payment = shop.payments.get(given["paymentId"])
    if payment is None:
        raise not_found("Payment", given["paymentId"])
    lines = [(find_line(shop, part["orderLineId"]), int(part["quantity"])) for part in wanted]
    _refundable(payment, lines, amount)
    for name in ("shipping", "adjustment"):
        if given.get(name) is None:
            raise Rejected(f"NOT NULL constraint failed: refund.{name}", None)
    items = 0 if amount else sum(line.prorated_unit_price_with_tax * quantity for line, quantity in lines)
    total = amount or items + given["shipping"] + given["adjustment"]
    left = payment.amount - payment.refunded
    return _new_refund(shop, payment, lines, given, items=items, total=min(total, left))


def _refundable(payment: Payment, lines: list[tuple[Line, int]], amount: int | None) -> None:
    orders = {line.order.id for line, _ in lines}
    if len(orders) > 1:
        raise Refused("MultipleOrderError", "MULTIPLE_ORDER_ERROR", "errorResult.MULTIPLE_ORDER_ERROR")
    if orders and payment.order.id not in orders:
        raise Refused(
            "PaymentOrderMismatchError",
            "PAYMENT_ORDER_MISMATCH_ERROR",
            "The Payment and OrderLines do not belong to the same Order",
        )
    if payment.order.state in (OrderState.ADDING, OrderState.ARRANGING, OrderState.AUTHORISED):
        raise Refused(
            "RefundOrderStateError",
            "REFUND_ORDER_STATE_ERROR",
            f'Cannot refund an Order in the "{payment.order.state}" state',
            order_state=str(payment.order.state),
        )
    left = payment.amount - payment.refunded
    if amount and amount > left:
        raise Refused(
            "RefundAmountError",
            "REFUND_AMOUNT_ERROR",
            "The amount specified exceeds the refundable amount for this payment",
            maximum_refundable=left,
        )


def _new_refund(
    shop: Shop,
    payment: Payment,
    lines: list[tuple[Line, int]],
    given: dict[str, Any],
    *,
    items: int,
    total: int,
) -> Refund:
    if total <= 0 and payment.refunded >= payment.amount:
        raise Rejected("Could not find a Payment to refund", "INTERNAL_SERVER_ERROR")
    now = shop.second()
    made = Refund(
        id=shop.numbers.next("refund"),
        payment=payment,
        items=items,
        shipping=given["shipping"],
        adjustment=given["adjustment"],
        total=total,
        method=payment.method,
        reason=given.get("reason"),
        created_at=now,
        updated_at=now,
    )
    made.lines = [RefundLine(line, quantity, made) for line, quantity in lines]
    payment.refunds.append(made)
    shop.refunds[made.id] = made
    shop.record(
        "refunded", code=payment.order.code, refund=made.id, amount=total, currency=shop.terms.currency
    )
    return made


def settle_refund(shop: Shop, id: str, transaction_id: str) -> Refund:
    """Say that a promised refund was paid."""
    made = shop.refunds.get(id)
    if made is None:
        raise not_found("Refund", id)
    if made.state != "Pending":
        raise Rejected(f'Cannot transition Refund from "{made.state}" to "Settled"', "ILLEGAL_OPERATION")
    made.state, made.transaction_id, made.updated_at = "Settled", transaction_id, shop.second()
    shop.record("refund_settled", code=made.payment.order.code, refund=id, amount=made.total)
    return made


def add_note(shop: Shop, id: str, text: str, public: bool) -> Order:
    """Write a note on an order; its updatedAt does not move."""
    order = shop.order(id)
    shop.remember(order, "ORDER_NOTE", {"note": text}, public=public)
    shop.record("note_added", code=order.code, public=public)
    return order
