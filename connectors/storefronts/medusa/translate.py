"""From the shop's records to ours: orders, their money and states. Pure.

Amounts are unrounded decimals (trap 4): lines, shipping and total are rounded each for itself, so that the
sum may differ from the total by a minor unit per part. How far an order is told is counted from its
fulfilments: the shop's own `fulfillment_status` is wrong where not all of them are asked for (trap 2). A
refund beyond what is owed becomes a credit line, which lowers the shop's total; it is added again here,
for the goods still cost what they cost, and the refund stands with its payment.
"""

from collections.abc import Iterable
from decimal import Decimal

from connectors.storefronts.medusa import payloads
from sync.domain.money import Money
from sync.domain.orders import (
    OrderStatus,
    PaymentStatus,
    RemoteOrder,
    RemoteOrderLine,
    RemotePayment,
    RemoteRefund,
    RemoteShipment,
)
from sync.domain.people import Address, Person

MARK = "entrepot"
"""The key in a fulfilment's metadata under which our own reference stands."""
CARRIER = "carrier"
_REFUNDED = "payment_collection"
"""The reference of a credit line that a refund made."""

_STATUS = {
    "pending": OrderStatus.OPEN,
    "completed": OrderStatus.COMPLETED,
    "archived": OrderStatus.COMPLETED,
    "canceled": OrderStatus.CANCELLED,
    "draft": OrderStatus.PENDING,
    "requires_action": OrderStatus.PENDING,
}


class UnknownState(ValueError):
    """An order is in a state that Medusa 2.18 has not."""

    def __init__(self, state: str) -> None:
        super().__init__(
            f"the order is in state '{state}', which is none of Medusa's: is this version newer?"
        )


def order(record: payloads.Order, raw: bytes) -> RemoteOrder:
    """One order. Raises UnknownState."""
    currency = record.currency_code.upper()
    status = _status(record)
    credited = [line for line in record.credit_lines or () if line.reference != _REFUNDED]
    refunded = [line for line in record.credit_lines or () if line.reference == _REFUNDED]
    amount = Money.of(record.total + _sum(line.amount for line in refunded), currency)
    payments = tuple(_payment(payment, currency) for payment in record.payments)
    methods = record.shipping_methods or ()
    outward = [method.name for method in methods if not (method.detail and method.detail.return_id)]
    address = record.shipping_address or record.billing_address
    return RemoteOrder(
        external_id=record.id,
        number=str(record.display_id),
        placed_at=record.created_at,
        status=status,
        payment=payment_status(_wanted(amount, record), record.payments, currency),
        currency=currency,
        lines=tuple(_line(line, currency, status) for line in record.items or ()),
        total=amount,
        shipping=Money.of(_sum(method.total for method in methods), currency),
        adjustments=Money.of(-_sum(line.amount for line in credited), currency),
        buyer=Person(
            name=_name(address), email=_text(record.email), phone=_text(address.phone if address else None)
        ),
        ship_to=_address(address, record.email),
        service=",".join(outward),
        payments=payments,
        shipments=tuple(_shipment(f, record) for f in record.fulfillments or ()),
        tags=tuple(f"coupon:{code}" for code in _coupons(record)),
        updated_at=record.updated_at,
        raw=raw,
    )


def units_of(fulfilment: payloads.Fulfilment, record: payloads.Order) -> dict[str, int]:
    """Units of each order line (by id) in it. Of a kit the shop names the parts: they are reckoned back."""
    parts = {line.id: _parts(line) for line in record.items or ()}
    units: dict[str, int] = {}
    seen: dict[str, str | None] = {}
    for item in fulfilment.items or ():
        line = item.line_item_id
        if line is None or seen.setdefault(line, item.inventory_item_id) != item.inventory_item_id:
            continue
        required = parts.get(line, {}).get(item.inventory_item_id or "", 1)
        units[line] = units.get(line, 0) + item.quantity // max(1, required)
    return units


def left_to_fulfil(record: payloads.Order) -> dict[str, int]:
    """Units of each line (by id) that are wanted and in no fulfilment that stands."""
    left = {line.id: line.quantity for line in record.items or ()}
    for fulfilment in standing(record):
        for line, units in units_of(fulfilment, record).items():
            if line in left:
                left[line] -= units
    return left


def standing(record: payloads.Order) -> list[payloads.Fulfilment]:
    """The order's fulfilments but the cancelled ones."""
    return [f for f in record.fulfillments or () if f.canceled_at is None]


def _wanted(amount: Money, record: payloads.Order) -> Money:
    """What must be paid. Other goods of an exchange are in the total at once, and what comes back for them still is.

    The shop's own figure of what is pending takes them off; it counts where anything was captured.
    """
    pending = record.summary.pending_difference if record.summary else None
    captured = _sum(payment.captured for payment in record.payments)
    if pending is None or captured <= 0:
        return amount
    given = _sum(payment.refunded for payment in record.payments)
    return min(amount, Money.of(captured - given + pending, amount.currency))


def payment_status(amount: Money, payments: Iterable[payloads.Payment], currency: str) -> PaymentStatus:
    """Whether the money for `amount` is there: captured is paid, held by the provider is authorised."""
    standing_ones = [payment for payment in payments if payment.canceled_at is None]
    held = Money.of(_sum(payment.amount for payment in standing_ones), currency)
    captured = Money.of(_sum(payment.captured for payment in standing_ones), currency)
    given = Money.of(_sum(payment.refunded for payment in standing_ones), currency)
    if captured.minor > 0 and given.minor > 0:
        return PaymentStatus.REFUNDED if captured <= given else PaymentStatus.PART_REFUNDED
    if amount.minor <= 0:
        return PaymentStatus.PAID if captured.minor > 0 else PaymentStatus.FREE
    if amount <= captured:
        return PaymentStatus.PAID
    return PaymentStatus.AUTHORISED if amount <= held else PaymentStatus.UNPAID


def _status(record: payloads.Order) -> OrderStatus:
    status = _STATUS.get(record.status)
    if status is None:
        raise UnknownState(record.status)
    return OrderStatus.COMPLETED if status is OrderStatus.OPEN and _all_gone(record) else status


def _all_gone(record: payloads.Order) -> bool:
    """Medusa leaves an order pending when everything has been delivered."""
    gone = bool(record.items) and all(fulfilment.gone for fulfilment in standing(record))
    return gone and all(units <= 0 for units in left_to_fulfil(record).values())


def _parts(line: payloads.Line) -> dict[str, int]:
    items = (line.variant.inventory_items if line.variant else None) or ()
    return {part.inventory_item_id: part.required_quantity for part in items}


def _line(line: payloads.Line, currency: str, status: OrderStatus) -> RemoteOrderLine:
    titles = [line.title, line.variant_title if line.variant_title != line.title else None]
    return RemoteOrderLine(
        external_id=line.id,
        variant_external_id=line.variant_id,
        sku=line.variant_sku or None,
        title=" ".join(title for title in titles if title),
        ordered=line.quantity,
        quantity=0 if status is OrderStatus.CANCELLED else line.quantity,
        unit_price=line.unit_price,
        total=Money.of(line.total, currency),
    )


def _payment(payment: payloads.Payment, currency: str) -> RemotePayment:
    amount = Money.of(payment.amount, currency)
    cancelled = payment.canceled_at is not None
    return RemotePayment(
        external_id=payment.id,
        amount=amount,
        status=PaymentStatus.UNPAID if cancelled else payment_status(amount, [payment], currency),
        method=payment.provider_id or "",
        refunds=tuple(
            RemoteRefund(
                refund.id, Money.of(refund.amount, currency), True, refund.created_at, refund.note or ""
            )
            for refund in payment.refunds or ()
        ),
    )


def _shipment(fulfilment: payloads.Fulfilment, record: payloads.Order) -> RemoteShipment:
    numbers = [label.tracking_number for label in fulfilment.labels or () if label.tracking_number]
    return RemoteShipment(
        external_id=fulfilment.id,
        lines=tuple(units_of(fulfilment, record).items()),
        tracking=",".join(numbers) or None,
        carrier=fulfilment.noted(CARRIER) or fulfilment.provider_id or "",
        shipped=fulfilment.gone,
        delivered=fulfilment.delivered_at is not None,
        cancelled=fulfilment.canceled_at is not None,
    )


def _address(address: payloads.OrderAddress | None, email: str | None) -> Address:
    if address is None:
        return Address(email=_text(email))
    streets = (_text(address.address_1), _text(address.address_2))
    return Address(
        name=_name(address),
        company=_text(address.company),
        street=tuple(street for street in streets if street),
        city=_text(address.city),
        region=_text(address.province),
        postal_code=_text(address.postal_code),
        country=(_text(address.country_code) or "").upper() or None,
        phone=_text(address.phone),
        email=_text(email),
    )


def _name(address: payloads.OrderAddress | None) -> str | None:
    if address is None:
        return None
    names = (_text(address.first_name), _text(address.last_name))
    return " ".join(name for name in names if name) or None


def _coupons(record: payloads.Order) -> list[str]:
    codes = {a.code for line in record.items or () for a in line.adjustments or () if a.code}
    return sorted(codes)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
