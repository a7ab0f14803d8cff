"""Payments, captures and refunds as the API shows them."""

from decimal import Decimal
from typing import Any

from sandbox.storefront.medusa.amounts import both, raw, shown
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.fields import Thing
from sandbox.storefront.medusa.goods_view import moment, stamps
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.medusa.sums import order_sums, original_total
from sandbox.storefront.orders import Order, Payment
from sandbox.storefront.states import PaymentState


def collection(shop: MedusaShop, order: Order) -> Thing:
    """All payments of an order."""
    sums, amount, about = order_sums(shop, order), original_total(shop, order), shop.about(order)
    status = "completed" if sums.paid else "canceled" if about.cancelled_at else "authorized"
    figures = {
        "amount": amount,
        "authorized_amount": amount,
        "captured_amount": sums.paid,
        "refunded_amount": sums.refunded,
    }
    own: dict[str, Any] = {
        "id": outside("collection", order.id),
        "currency_code": order.currency_code.lower(),
        "completed_at": moment(about.paid_at),
        "status": status,
        "metadata": None,
        **stamps(order.created_at, order.created_at),
        **both(figures),
    }
    return Thing(own, {"payments": lambda: [payment_of(shop, each) for each in order.payments]})


def payment_of(shop: MedusaShop, payment: Payment) -> Thing:
    """One payment, as it stands below an order."""
    order = payment.order
    about = shop.about(order)
    captured = payment.state is PaymentState.SETTLED
    session = outside("session", payment.id)
    own: dict[str, Any] = {
        "id": outside("payment", payment.id),
        "currency_code": order.currency_code.lower(),
        "provider_id": "pp_system_default",
        "data": {},
        "metadata": None,
        "captured_at": moment(about.paid_at) if captured else None,
        "canceled_at": None if captured else moment(about.cancelled_at),
        "payment_collection_id": outside("collection", order.id),
        "payment_session": {"id": session},
        "raw_amount": raw(original_total(shop, order)),
        **stamps(payment.created_at, payment.updated_at),
        "payment_session_id": session,
        "amount": shown(original_total(shop, order)),
    }
    return Thing(
        own,
        {
            "captures": lambda: [_capture(shop, payment)] if captured else [],
            "refunds": lambda: [_refund(payment, *each) for each in about.refunds],
        },
    )


def _capture(shop: MedusaShop, payment: Payment) -> Thing:
    amount = original_total(shop, payment.order)
    own = {
        "id": outside("capture", payment.id),
        "created_by": None,
        "metadata": None,
        "payment_id": outside("payment", payment.id),
        **stamps(payment.updated_at, payment.updated_at),
        **both({"amount": amount}),
    }
    return Thing(own)


def _refund(payment: Payment, id: str, amount: Decimal, note: str | None, when: Any) -> Thing:
    own = {
        "id": outside("refund", id),
        "note": note,
        "created_by": outside("user", 1),
        "metadata": None,
        "payment_id": outside("payment", payment.id),
        "refund_reason_id": None,
        **stamps(when, when),
        **both({"amount": amount}),
    }
    return Thing(own, {"refund_reason": lambda: None}, along=("refund_reason",))


def payment_status(shop: MedusaShop, order: Order) -> str:
    """The order's payment as one word."""
    sums = order_sums(shop, order)
    if sums.refunded:
        return "refunded" if sums.refunded >= sums.paid else "partially_refunded"
    if sums.paid:
        return "captured"
    return "canceled" if shop.about(order).cancelled_at else "authorized"
