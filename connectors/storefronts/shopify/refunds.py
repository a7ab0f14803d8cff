"""Giving money back, once per key.

Shopify takes a key of ours (`@idempotent`) and answers a repeat with the first result. Besides, each refund's
note ends with our key, and every call looks for it among the order's refunds first: so an own refund is
recognised however long ago it was, and those that staff made are never taken for ours. A key whose first
attempt failed is spent: the next attempt gets its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256

from connectors.contract import (
    Deadline,
    Done,
    Outcome,
    RefundRequest,
    Refused,
    Rejected,
    Retry,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.orders import Orders, decoded
from connectors.storefronts.shopify.refusals import code_of, no_order, refusal
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import Uncertain
from sync.domain.money import Money, exponent, total

ATTEMPTS = 3
"""Keys that are tried where Shopify says that the attempt under the one before failed."""
SPENT = frozenset({"IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"})
"""The key was used for an attempt that left no refund behind: the order was just read."""
_TAKEN = frozenset({"SALE", "CAPTURE"})


@dataclass(frozen=True, slots=True)
class Source:
    """A payment and how much of it is still there, in the shop's currency and in the buyer's."""

    payment: payloads.Transaction
    left: Money
    left_there: Decimal

    def in_buyers(self, part: Money) -> Decimal:
        """`part` of it in the currency that the buyer paid in: all of it to the last unit, else by its own rate."""
        bag = self.payment.amount_set
        if part == self.left:
            return self.left_there
        there = bag.presentment_money or bag.shop_money
        digits = Decimal(1).scaleb(-exponent(there.currency_code))
        return (part.major * payloads.ratio(bag)).quantize(digits, ROUND_HALF_UP)


def mark(request: RefundRequest) -> str:
    """What the note ends with."""
    return f"[{request.key}]"


def ours(order: payloads.Order, request: RefundRequest) -> payloads.Refund | None:
    """The refund that this request made, if it did."""
    return next((r for r in order.refunds if (r.note or "").endswith(mark(request))), None)


def sources(order: payloads.Order, request: RefundRequest) -> list[tuple[Source, Money]] | Rejected:
    """From which payments how much is to be given back: the one named, else the earliest that have something left."""
    found = [
        _source(order, each)
        for each in order.transactions
        if each.kind in _TAKEN and each.status == "SUCCESS"
    ]
    if request.payment is not None:
        found = [each for each in found if each.payment.id == request.payment]
        if not found:
            return Rejected(f"order {order.name} has no payment {request.payment}", code="NO_PAYMENT")
    wanted, parts = request.amount, list[tuple[Source, Money]]()
    for source in found:
        part = Money(min(wanted.minor, source.left.minor), wanted.currency)
        if part.minor > 0:
            parts.append((source, part))
            wanted -= part
    if wanted.major > sum((payloads.rounding(source.payment.amount_set) for source, _ in parts), Decimal(0)):
        return Rejected(
            f"order {order.name}: its payments have not that much left to refund", code="REFUND_TOO_MUCH"
        )
    return parts


def _source(order: payloads.Order, payment: payloads.Transaction) -> Source:
    given = [
        each
        for refund in order.refunds
        for each in refund.transactions.nodes
        if each.kind == "REFUND" and not each.failed and _parent(each, order) == payment.id
    ]
    bag = payment.amount_set
    taken = bag.shop_money.money
    there = (bag.presentment_money or bag.shop_money).amount
    back = sum(
        ((e.amount_set.presentment_money or e.amount_set.shop_money).amount for e in given), Decimal(0)
    )
    left = taken - total((each.amount_set.shop_money.money for each in given), taken.currency)
    return Source(payment, left, there - back)


def _parent(refund: payloads.Transaction, order: payloads.Order) -> str:
    """The payment that a refund came from; the first where Shopify does not say."""
    if refund.parent_transaction is not None:
        return refund.parent_transaction.id
    return next((each.id for each in order.transactions if each.kind in _TAKEN), "")


class Refunds:
    """Refunds of one shop's orders."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Make it if it is not there; `echo` is what Shopify says was given, in the shop's currency."""
        order = await self._order(request, deadline)
        if isinstance(order, Rejected):
            return order
        made = ours(order, request)
        if made is not None:
            return _outcome(made, order, request)
        parts = _objection(order, request) or sources(order, request)
        if isinstance(parts, Rejected):
            return parts
        body = await self._input(order, request, parts, deadline)
        try:
            return await self._send(order, request, body, deadline)
        except Uncertain as error:
            return Unknown(str(error))

    async def find(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Done where it is there; Retry where it surely is not."""
        order = await self._order(request, deadline)
        if isinstance(order, Rejected):
            return order
        made = ours(order, request)
        if made is None:
            return Retry("the order shows no refund with this key")
        return _outcome(made, order, request)

    async def _order(self, request: RefundRequest, deadline: Deadline) -> payloads.Order | Rejected:
        record = await self._orders.read(request.order, deadline)
        return no_order(request.order) if record is None else decoded(record)

    async def _send(
        self, order: payloads.Order, request: RefundRequest, body: dict[str, object], deadline: Deadline
    ) -> Outcome[Money]:
        what = f"refund of order {order.name}"
        code = ""
        for attempt in range(ATTEMPTS):
            variables = {"input": body, "key": key_of(request, attempt)}
            try:
                reply = await self._shop.client.send(documents.REFUND, variables, deadline)
            except Refused as error:
                code = error.code
                if code not in SPENT:
                    break
                continue
            result = reply.read(payloads.Refunded).refund_create
            if result is not None and not result.user_errors and result.refund is not None:
                return _outcome(result.refund, order, request)
            if result is None or not result.user_errors:
                raise Uncertain(f"{what}: the shop does not say which refund it made")
            code = code_of(result.user_errors)
            if code not in SPENT:
                break
        return refusal(code, what)

    async def _input(
        self,
        order: payloads.Order,
        request: RefundRequest,
        parts: Sequence[tuple[Source, Money]],
        deadline: Deadline,
    ) -> dict[str, object]:
        location = await self._shop.location(deadline) if request.restock else None
        return {
            "orderId": order.id,
            "currency": order.presentment_currency_code or order.currency_code,
            "note": f"{request.reason} {mark(request)}".strip(),
            "notify": self._shop.options.notify_buyers,
            "refundLineItems": [_line(order, line, units, location) for line, units in request.lines],
            "transactions": [
                {
                    "orderId": order.id,
                    "parentId": source.payment.id,
                    "gateway": source.payment.gateway or "manual",
                    "kind": "REFUND",
                    "amount": f"{source.in_buyers(part):f}",
                }
                for source, part in parts
            ],
        }


def key_of(request: RefundRequest, attempt: int) -> str:
    """The idempotency key: made of ours, and telling nothing of it."""
    return sha256(f"refund {request.order} {request.key} {attempt}".encode()).hexdigest()[:40]


def _line(order: payloads.Order, line: str, units: int, location: str | None) -> dict[str, object]:
    """Units of a line that the money is for. Put back into stock only where a location is given."""
    if location is None:
        return {"lineItemId": line, "quantity": units, "restockType": "NO_RESTOCK"}
    unsent = next((each.unfulfilled_quantity for each in order.line_items.nodes if each.id == line), 0)
    kind = "CANCEL" if unsent >= units else "RETURN"
    return {"lineItemId": line, "quantity": units, "restockType": kind, "locationId": location}


def _objection(order: payloads.Order, request: RefundRequest) -> Rejected | None:
    if request.amount.currency != order.currency_code:
        text = f"order {order.name} is kept in {order.currency_code}, not in {request.amount.currency}"
        return Rejected(text, code="CURRENCY")
    moved = [*order.transactions, *(each for refund in order.refunds for each in refund.transactions.nodes)]
    if any(each.amount_set.shop_money.currency_code != order.currency_code for each in moved):
        return Rejected(f"order {order.name}: its payments are in several currencies", code="CURRENCY")
    if request.amount.minor <= 0:
        return Rejected("a refund must be more than 0", code="NOTHING")
    return None


def _outcome(made: payloads.Refund, order: payloads.Order, request: RefundRequest) -> Outcome[Money]:
    """What went back or is on its way: of several payments' parts the provider may have failed some.

    An amount that differs from the one asked for only by rounding in the buyer's currency is the one asked for.
    """
    moved = [each for each in made.transactions.nodes if each.kind == "REFUND"]
    given = [each for each in moved if not each.failed]
    if moved and not given:
        return Rejected("the refund was made, and the payment provider failed it", code="REFUND_FAILED")
    whole = made.total_refunded_set.money
    if moved:
        whole = total((each.amount_set.shop_money.money for each in given), whole.currency)
    rounded = abs(whole.major - request.amount.major) <= _rounding(given, order)
    return Done(external_id=made.id, echo=request.amount if rounded else whole)


def _rounding(given: Sequence[payloads.Transaction], order: payloads.Order) -> Decimal:
    payments = {each.id: each for each in order.transactions}
    sources = [payments[parent] for each in given if (parent := _parent(each, order)) in payments]
    return sum((payloads.rounding(payment.amount_set) for payment in sources), Decimal(0))
