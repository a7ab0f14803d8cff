"""How a cart becomes an order: to the till, and paid; one function for each step of the Shop API."""

from typing import Any

from sandbox.storefront.books import Shop
from sandbox.storefront.goods import Variant
from sandbox.storefront.orders import Order, Payment
from sandbox.storefront.refusals import Refused, Rejected, not_found, wrong_order_state
from sandbox.storefront.states import AFTER_ORDER, OrderState, PaymentState

PAYMENT_METHOD = "dummy-payment"
PAID_LATER = "paid-later"
METHODS = {PAYMENT_METHOD: PaymentState.SETTLED, PAID_LATER: PaymentState.AUTHORISED}
"""How one can pay, and where that leaves a payment that is not declined."""


def _hindrance(order: Order) -> str | None:
    text = 'Cannot transition Order to the "ArrangingPayment" state'
    if not order.lines:
        return f"{text} when it is empty"
    if order.customer is None:
        return f"{text} without Customer details"
    if not order.shipping_lines:
        return f"{text} without a ShippingMethod"
    short = [v.name for v in (line.product_variant for line in order.lines) if v.saleable < _wanted(order, v)]
    return f"{text} due to insufficient stock of {', '.join(short)}" if short else None


def _wanted(order: Order, variant: Variant) -> int:
    return sum(line.quantity for line in order.lines if line.product_variant is variant)


def transition(shop: Shop, order: Order, state: str) -> Order:
    """Move a cart to payment, back, or away."""
    if state not in AFTER_ORDER[order.state]:
        error = f'Cannot transition Order from "{order.state}" to "{state}"'
        raise wrong_order_state(error, order.state, state)
    if state == OrderState.ARRANGING and (hindrance := _hindrance(order)):
        raise wrong_order_state(hindrance, order.state, state)
    if state == OrderState.PAID and (order.paid < order.total_with_tax or not order.payments):
        error = (
            'Cannot transition Order to the "PaymentSettled" state when the total is not covered by settled '
            "Payments"
        )
        raise wrong_order_state(error, order.state, state)
    if state not in (OrderState.ARRANGING, OrderState.ADDING, OrderState.CANCELLED, OrderState.PAID):
        raise wrong_order_state(f'Cannot transition Order to the "{state}" state', order.state, state)
    shop.remember(order, "ORDER_STATE_TRANSITION", {"from": str(order.state), "to": state})
    order.state = OrderState(state)
    order.updated_at = shop.second()
    if state == OrderState.CANCELLED:
        order.active = False
    return order


def pay(shop: Shop, order: Order, method: str, metadata: dict[str, Any]) -> Order:
    """Pay the whole order; it is then placed, and its units are allocated. Its updatedAt does not move."""
    if order.state is not OrderState.ARRANGING:
        raise Refused(
            "OrderPaymentStateError",
            "ORDER_PAYMENT_STATE_ERROR",
            'A Payment may only be added when Order is in "ArrangingPayment" state',
        )
    if method not in METHODS:
        raise Rejected("error.payment-method-not-found")
    declined = bool(metadata.get("shouldDecline"))
    now = shop.second()
    payment = Payment(
        id=shop.numbers.next("payment"),
        order=order,
        method=method,
        amount=order.total_with_tax - order.paid,
        state=PaymentState.DECLINED if declined else METHODS[method],
        transaction_id=None if declined else f"t{shop.random.getrandbits(40):010x}",
        created_at=now,
        updated_at=now,
    )
    order.payments.append(payment)
    shop.payments[payment.id] = payment
    step = {"paymentId": int(payment.id), "from": "Created", "to": str(payment.state)}
    shop.remember(order, "ORDER_PAYMENT_TRANSITION", step)
    if declined:
        raise Refused(
            "PaymentDeclinedError",
            "PAYMENT_DECLINED_ERROR",
            "The payment was declined",
            payment_error_message="The payment was declined",
        )
    paid = payment.state is PaymentState.SETTLED
    _move_to(shop, order, OrderState.PAID if paid else OrderState.AUTHORISED)
    _place(shop, order)
    return order


def settle(shop: Shop, payment_id: str) -> Payment:
    """Take the money of an authorised payment; a settled one stays as it is."""
    payment = shop.payments.get(payment_id)
    if payment is None:
        raise not_found("Payment", payment_id)
    order = payment.order
    if payment.state is PaymentState.AUTHORISED:
        step = {"paymentId": int(payment.id), "from": str(payment.state), "to": str(PaymentState.SETTLED)}
        shop.remember(order, "ORDER_PAYMENT_TRANSITION", step)
        payment.state, payment.updated_at = PaymentState.SETTLED, shop.second()
        if order.state is OrderState.AUTHORISED:
            _move_to(shop, order, OrderState.PAID)
        shop.record("payment_settled", code=order.code, payment=payment.id, amount=payment.amount)
    return payment


def _move_to(shop: Shop, order: Order, state: OrderState) -> None:
    shop.remember(order, "ORDER_STATE_TRANSITION", {"from": str(order.state), "to": str(state)})
    order.state = state


def _place(shop: Shop, order: Order) -> None:
    order.active = False
    order.order_placed_at = shop.millisecond()
    units: dict[str, int] = {}
    for line in order.lines:
        line.order_placed_quantity = line.quantity
        line.allocations += line.quantity
        if line.product_variant.tracked:
            line.product_variant.allocated += line.quantity
            line.product_variant.stock_moved_at = shop.second()
        physical = line.product_variant.physical or ""
        units[physical] = units.get(physical, 0) + line.quantity
    shop.record(
        "order_placed",
        order=order.id,
        code=order.code,
        paid=order.paid,
        lines=units,
        listings=[
            {
                "variant": x.product_variant.id,
                "sku": x.product_variant.sku,
                "quantity": x.quantity,
                "line": x.id,
            }
            for x in order.lines
        ],
        total=order.total_with_tax,
        currency=order.currency_code,
    )
