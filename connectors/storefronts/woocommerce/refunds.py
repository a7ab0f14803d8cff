"""Giving money back, once per key.

WooCommerce takes no key: the same request twice makes two refunds. Only the reason is free, so ours ends with a
mark made of the key, and every call looks for it among the order's refunds first. A refusal comes as 500 with an
integer for `data`; any other failure leaves it unknown.

The shop itself would refund an order that nobody paid, and more units than were bought: both are refused here.
"""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256

from connectors.contract import Deadline, Done, Outcome, RefundRequest, Refused, Rejected, Retry, Unknown
from connectors.storefronts.woocommerce import payloads, translate
from connectors.storefronts.woocommerce.client import make
from connectors.storefronts.woocommerce.orders import Orders, Record
from connectors.storefronts.woocommerce.parcels import added
from connectors.storefronts.woocommerce.refusals import MISSING, no_order, refusal
from connectors.storefronts.woocommerce.shop import Shop
from connectors.transport import Uncertain
from sync.domain.money import Money


def mark(key: str) -> str:
    """Ten hexadecimal digits: the buyer may see the reason, and our keys are not for buyers."""
    return f"#{sha256(key.encode()).hexdigest()[:10]}"


def reason(request: RefundRequest) -> str:
    """The reason as the shop gets it."""
    return f"{request.reason} {mark(request.key)}".strip()


def ours(record: Record, request: RefundRequest) -> payloads.Refund | None:
    """The refund that this request made, if it did."""
    for refund in record.refunds:
        if (refund.reason or "").rstrip().endswith(mark(request.key)):
            return refund
    return None


def objection(record: Record, request: RefundRequest) -> Rejected | None:
    """Why the refund cannot be, where it cannot."""
    order, currency = record.order, record.order.currency.upper()
    what = f"order {order.number or order.id}"
    if request.amount.currency != currency:
        return Rejected(f"{what} was paid in {currency}, not in {request.amount.currency}", code="CURRENCY")
    if request.amount.minor <= 0:
        return Rejected("a refund must be more than 0", code="NOTHING")
    if order.date_paid_gmt is None and order.status not in ("processing", "completed", "refunded"):
        return Rejected(f"{what} was not paid: nothing can be given back", code="NOT_PAID")
    left = Money.of(order.total, currency) - translate.refunded(order, record.refunds)
    if left < request.amount:
        return Rejected(f"{what}: no more than {left} is left to give back", code="TOO_MUCH")
    return _lines_objection(what, translate.wanted(order, record.refunds), added(request.lines))


def _lines_objection(what: str, left: Mapping[int, int], units: Mapping[int, int]) -> Rejected | None:
    for line, count in units.items():
        if line not in left:
            return Rejected(f"{what} has no such line", code="NO_LINE", mendable=False)
        if count > left[line]:
            return Rejected(
                f"{what}: {count} units of line {line} cannot be given back, {left[line]} are left",
                code="TOO_MANY",
            )
    return None


class Refunds:
    """Refunds of one shop's orders."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Make it if it is not there."""
        record = await self._orders.read(request.order, deadline)
        if record is None:
            return no_order(request.order)
        made = ours(record, request)
        if made is not None:
            return _outcome(record, made)
        refused = objection(record, request)
        if refused is not None:
            return refused
        return await self._make(record, request, deadline)

    async def find(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Done where it is there; Retry where it surely is not."""
        record = await self._orders.read(request.order, deadline)
        if record is None:
            return no_order(request.order)
        made = ours(record, request)
        return Retry("the order shows no refund with this key") if made is None else _outcome(record, made)

    async def _make(self, record: Record, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        body: dict[str, object] = {
            "amount": plain(min(request.amount.major, left(record))),
            "reason": reason(request),
            "api_refund": self._shop.options.refund_by_gateway,
            "api_restock": request.restock,
        }
        if request.lines:
            body["line_items"] = units_only(added(request.lines))
        asked = make("refund", "orders", str(record.order.id), "refunds", body=body)
        try:
            made = (await self._shop.client.send(asked, deadline)).read(payloads.Refund)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            missing = error.code in MISSING
            what = f"refund of order {record.order.number or record.order.id}"
            return no_order(request.order) if missing else refusal(error.code, what)
        return _outcome(record, made)


def left(record: Record) -> Decimal:
    """What the shop would still give back, with all its digits: it may keep more than the currency has."""
    return record.order.total - sum((refund.amount for refund in record.refunds), Decimal(0))


def units_only(units: Mapping[int, int]) -> list[dict[str, object]]:
    """The lines of a refund that say how many, and no money: that stands in its amount."""
    return [{"id": line, "quantity": count, "refund_total": 0} for line, count in units.items()]


def plain(amount: Decimal) -> str:
    """The shop takes an amount as a text only."""
    return f"{amount:f}"


def _outcome(record: Record, made: payloads.Refund) -> Done[Money]:
    return Done(external_id=str(made.id), echo=Money.of(made.amount, record.order.currency.upper()))
