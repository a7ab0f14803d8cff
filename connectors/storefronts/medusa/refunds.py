"""Giving money back, once per key.

Medusa takes no key, only a free `note` with each refund. Ours ends with the key, and every call looks for
it among the order's refunds first: so an own refund is recognised with certainty, and those that staff made
are never taken for ours. Only what was captured can be given back.

What goes beyond the sum owed becomes a credit line, which is a change of the order: while another one is under way
the shop gives the money back, fails at the credit line, and answers with a refusal. So no refund is asked for then,
and after any refusal the order is read again before it is believed.
"""

from decimal import Decimal

from connectors.contract import (
    AuthRejected,
    BadAnswer,
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
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import make
from connectors.storefronts.medusa.orders import Orders, decoded
from connectors.storefronts.medusa.refusals import no_order, refusal
from connectors.storefronts.medusa.requests import Requests
from connectors.storefronts.medusa.returned import ACTIVE
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import Uncertain
from sync.domain.money import Money


def marked(request: RefundRequest) -> str:
    """The note as the shop gets it."""
    return f"{request.reason} {_mark(request)}".strip()


def ours(order: payloads.Order, request: RefundRequest) -> payloads.Refund | None:
    """The refund that this request made, if it did."""
    refunds = (refund for payment in order.payments for refund in payment.refunds or ())
    return next((r for r in refunds if (r.note or "").endswith(_mark(request))), None)


def payment_for(
    order: payloads.Order, request: RefundRequest, amount: Decimal
) -> payloads.Payment | Rejected:
    """The payment named, or the first captured one that has so much left, in the currency's smallest unit.

    Medusa captures unrounded: 26.537 EUR are left where a buyer paid 26.54.
    """
    captured = [p for p in order.payments if p.captured > 0]
    if request.payment is not None:
        captured = [p for p in captured if p.id == request.payment]
        if not captured:
            text = f"order {order.display_id} has no captured payment {request.payment}"
            return Rejected(text, code="NO_PAYMENT")
    currency = order.currency_code.upper()
    fitting = [
        p for p in captured if Money.of(p.captured - p.refunded, currency) >= Money.of(amount, currency)
    ]
    if not fitting:
        return Rejected(
            f"order {order.display_id}: no single captured payment has that much left to refund",
            code="TOO_MUCH",
        )
    return fitting[0]


def _mark(request: RefundRequest) -> str:
    return f"[{request.key}]"


class Refunds:
    """Refunds of one shop's orders."""

    def __init__(self, shop: Shop, orders: Orders, requests: Requests) -> None:
        self._shop = shop
        self._orders = orders
        self._requests = requests

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Make it if it is not there."""
        order = await self._order(request, deadline)
        if isinstance(order, Rejected):
            return order
        made = ours(order, request)
        if made is not None:
            return _outcome(order, made)
        refused = _objection(order, request)
        if refused is not None:
            return refused
        payment = payment_for(order, request, request.amount.major)
        if isinstance(payment, Rejected):
            return payment
        async with self._shop.stock_moves:
            changes = await self._requests.changes(request.order, deadline)
            if any(change.status in ACTIVE for change in changes):
                return Retry(f"order {order.display_id} is being changed: no refund before that is finished")
            return await self._make(order, payment, request, deadline)

    async def _make(
        self, order: payloads.Order, payment: payloads.Payment, request: RefundRequest, deadline: Deadline
    ) -> Outcome[Money]:
        body = {
            "amount": min(request.amount.major, payment.captured - payment.refunded),
            "note": marked(request),
        }
        asked = make("refund", "payments", payment.id, "refund", body=body)
        try:
            written = (await self._shop.client.send(asked, deadline)).read(payloads.PaymentWritten).payment
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return await self._after_refusal(error, request, deadline)
        refund = next((r for r in written.refunds or () if (r.note or "").endswith(_mark(request))), None)
        return (
            Unknown("the shop does not say which refund it made")
            if refund is None
            else _outcome(order, refund)
        )

    async def _after_refusal(
        self, refused: Refused, request: RefundRequest, deadline: Deadline
    ) -> Outcome[Money]:
        """Whether the money went back all the same."""
        what = f"refund of {request.order}"
        try:
            order = await self._order(request, deadline)
        except (AuthRejected, BadAnswer, Refused, Throttled, Unavailable) as error:
            return Unknown(f"{what}: refused, and not seen whether it was made: {error}")
        made = None if isinstance(order, Rejected) else ours(order, request)
        if made is not None and not isinstance(order, Rejected):
            return _outcome(order, made)
        return refusal(refused.code, what)

    async def find(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Done where it is there; Retry where it surely is not."""
        order = await self._order(request, deadline)
        if isinstance(order, Rejected):
            return order
        made = ours(order, request)
        return Retry("the order shows no refund with this key") if made is None else _outcome(order, made)

    async def _order(self, request: RefundRequest, deadline: Deadline) -> payloads.Order | Rejected:
        record = await self._orders.read(request.order, deadline)
        return no_order(request.order) if record is None else decoded(record)


def _objection(order: payloads.Order, request: RefundRequest) -> Rejected | None:
    currency = order.currency_code.upper()
    if request.amount.currency != currency:
        text = f"order {order.display_id} was paid in {currency}, not in {request.amount.currency}"
        return Rejected(text, code="CURRENCY")
    if request.amount.minor <= 0:
        return Rejected("a refund must be more than 0", code="NOTHING")
    return None


def _outcome(order: payloads.Order, made: payloads.Refund) -> Done[Money]:
    return Done(external_id=made.id, echo=Money.of(made.amount, order.currency_code.upper()))
