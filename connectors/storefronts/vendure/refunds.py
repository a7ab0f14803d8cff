"""Giving money back, once per key.

Vendure takes no key and has no reference, only a free `reason`. Ours ends with the key, and every call
looks for it among the order's refunds first: so an own refund is recognised with certainty, and those that
staff made are never taken for ours.
"""

from connectors.contract import (
    AuthRejected,
    Deadline,
    Done,
    Outcome,
    RefundRequest,
    Refused,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure import documents, payloads, translate
from connectors.storefronts.vendure.orders import Orders, decoded
from connectors.storefronts.vendure.refusals import refusal, refused_by
from connectors.storefronts.vendure.shop import Shop
from connectors.transport import Uncertain
from sync.domain.money import Money


def marked(request: RefundRequest) -> str:
    """The reason as the shop gets it."""
    return f"{request.reason} {_mark(request)}".strip()


def ours(order: payloads.Order, request: RefundRequest) -> payloads.Refund | None:
    """The refund that this request made, if it did."""
    refunds = (refund for payment in order.payments or () for refund in payment.refunds)
    return next((r for r in refunds if (r.reason or "").endswith(_mark(request))), None)


def _mark(request: RefundRequest) -> str:
    return f"[{request.key}]"


def payment_for(order: payloads.Order, request: RefundRequest, amount: int) -> payloads.Payment | Rejected:
    """The payment named, or the first settled one that has so much left."""
    settled = [p for p in order.payments or () if p.state == "Settled"]
    if request.payment is not None:
        settled = [p for p in settled if p.id == request.payment]
        if not settled:
            return Rejected(f"order {order.code} has no settled payment {request.payment}", code="NO_PAYMENT")
    fitting = [p for p in settled if _left(p) >= amount]
    if not fitting:
        return Rejected(
            f"order {order.code}: no single payment has that much left to refund", code="REFUND_AMOUNT_ERROR"
        )
    return fitting[0]


def _left(payment: payloads.Payment) -> int:
    return payment.amount - sum(r.total for r in payment.refunds if r.state != "Failed")


class Refunds:
    """Refunds of one shop's orders."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Make it if it is not there, settle it if it is pending."""
        order, precision = await self._order(request, deadline)
        if isinstance(order, Rejected):
            return order
        planned = _amount(order, request, precision)
        if isinstance(planned, Rejected):
            return planned
        made = ours(order, request)
        begun = False
        try:
            if made is None:
                result = await self._create(order, request, planned, deadline)
                if isinstance(result, Rejected):
                    return result
                made, begun = payloads.Refund(result.id, result.total, result.state), True
            return await self._settled(order, made, request, precision, deadline)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, f"refund of order {order.code}")
        except (AuthRejected, Throttled, Unavailable) as error:
            if not begun:
                raise
            return Retry(f"made, and not settled: {error}", getattr(error, "retry_after", None))

    async def find(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Done where it is there and settled (or the shop settles it); Retry where `refund` has work left."""
        order, precision = await self._order(request, deadline)
        if isinstance(order, Rejected):
            return order
        made = ours(order, request)
        if made is None:
            return Retry("the order shows no refund with this key")
        if made.state == "Pending" and self._shop.options.settle_refunds:
            return Retry("the refund is made and not settled")
        return _outcome(order, made, precision)

    async def _order(
        self, request: RefundRequest, deadline: Deadline
    ) -> tuple[payloads.Order | Rejected, int]:
        record, precision = await self._orders.read(request.order, deadline)
        if record is None:
            text = f"the shop has no order {request.order} (in this channel)"
            return Rejected(text, code="ENTITY_NOT_FOUND"), precision
        return decoded(record), precision

    async def _create(
        self, order: payloads.Order, request: RefundRequest, amount: int, deadline: Deadline
    ) -> payloads.Result | Rejected:
        payment = payment_for(order, request, amount)
        if isinstance(payment, Rejected):
            return payment
        variables = {
            "input": {  # each field: with `amount` alone the database refuses the row (trap 4)
                "paymentId": payment.id,
                "amount": amount,
                "lines": [{"orderLineId": line, "quantity": units} for line, units in request.lines],
                "shipping": 0,
                "adjustment": 0,
                "reason": marked(request),
            }
        }
        reply = await self._shop.client.send(documents.REFUND, variables, deadline)
        result = reply.result("refundOrder")
        return refused_by(result, f"refund of order {order.code}") or result

    async def _settled(
        self,
        order: payloads.Order,
        made: payloads.Refund,
        request: RefundRequest,
        precision: int,
        deadline: Deadline,
    ) -> Outcome[Money]:
        if made.state != "Pending" or not self._shop.options.settle_refunds:
            return _outcome(order, made, precision)
        variables = {"input": {"id": made.id, "transactionId": request.key}}
        what = f"settling the refund of order {order.code}"
        try:
            reply = await self._shop.client.send(documents.SETTLE_REFUND, variables, deadline)
            refused = refused_by(reply.result("settleRefund"), what)
        except Refused as error:  # ILLEGAL_OPERATION for a settled one, and not the union's error
            refused = refusal(error.code, what)
        if refused is None:
            return _outcome(order, made, precision)
        return await self._settled_by_others(request, refused, precision, deadline)

    async def _settled_by_others(
        self, request: RefundRequest, refused: Rejected, precision: int, deadline: Deadline
    ) -> Outcome[Money]:
        """Staff or the payment provider may have been quicker; else it stays as it is, for a person."""
        order, _ = await self._order(request, deadline)
        made = None if isinstance(order, Rejected) else ours(order, request)
        if isinstance(order, Rejected) or made is None or made.state == "Pending":
            return refused
        return _outcome(order, made, precision)


def _amount(order: payloads.Order, request: RefundRequest, precision: int) -> int | Rejected:
    if request.amount.currency != order.currency_code:
        text = f"order {order.code} was paid in {order.currency_code}, not in {request.amount.currency}"
        return Rejected(text, code="CURRENCY")
    if request.amount.minor <= 0:
        return Rejected("a refund must be more than 0", code="NOTHING_TO_REFUND_ERROR")
    try:
        return translate.units(request.amount.major, precision)
    except ValueError as error:
        return Rejected(str(error), code="PRECISION")


def _outcome(order: payloads.Order, made: payloads.Refund, precision: int) -> Outcome[Money]:
    if made.state == "Failed":
        return Rejected(
            f"refund {made.id} of order {order.code} was made, and the payment provider failed it",
            code="REFUND_FAILED",
        )
    return Done(external_id=made.id, echo=translate.Purse(precision, order.currency_code).of(made.total))
