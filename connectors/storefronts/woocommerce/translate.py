"""From the shop's records to ours: orders, their money and states. Pure.

Totals are strings without tax, with the tax beside each. Lines, shipping and fees, each with its own tax, make the
total; where taxes are rounded at the subtotal they do not, and the order's `total_tax` counts. Then at most a
minor unit is left, and stands with the adjustments; what is more is left to be seen.

A refund lowers neither the order's total nor its lines: it is a document beside it, whose lines say what is no
longer wanted. One by amount or by status has no lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.naming import Name
from sync.domain.money import Money, exponent, total
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

_STATUS = {
    "pending": OrderStatus.PENDING,
    "on-hold": OrderStatus.PENDING,
    "failed": OrderStatus.PENDING,
    "checkout-draft": OrderStatus.PENDING,
    "auto-draft": OrderStatus.PENDING,
    "processing": OrderStatus.OPEN,
    "completed": OrderStatus.COMPLETED,
    "cancelled": OrderStatus.CANCELLED,
    "trash": OrderStatus.CANCELLED,
}
_REFUNDED = "refunded"
REFUNDED_LINE = "_refunded_item_id"


class UnknownState(ValueError):
    """An order is in a status that WooCommerce itself has not, and that the options do not explain."""

    def __init__(self, state: str) -> None:
        super().__init__(
            f"the order is in status '{state}', which a plugin has made: say in `states` what it means"
        )


def order(
    record: payloads.Order,
    refunds: Sequence[payloads.Refund],
    raw: bytes,
    states: Mapping[str, OrderStatus],
    shipments: Sequence[RemoteShipment] = (),
) -> RemoteOrder:
    """One order with its refunds. Raises UnknownState."""
    currency = record.currency.upper()
    status = status_of(record, states)
    charged = Money.of(record.total, currency)
    payment = payment_status(record, status, refunds)
    left = wanted(record, refunds) if status is not OrderStatus.CANCELLED else {}
    lines = tuple(_line(line, currency, left.get(line.id, 0)) for line in record.line_items or ())
    shipping = Money.of(_gross(record.shipping_lines or ()), currency)
    address = _whole(record.shipping) or record.billing
    email = _text(record.billing.email) if record.billing else None
    phone = _text(record.billing.phone) if record.billing else None
    return RemoteOrder(
        external_id=str(record.id),
        number=record.number or str(record.id),
        placed_at=_placed(record),
        status=status,
        payment=payment,
        currency=currency,
        lines=lines,
        total=charged,
        shipping=shipping,
        adjustments=_adjustments(record, charged, lines, shipping),
        buyer=Person(name=_name(record.billing) or _name(address), email=email, phone=phone),
        ship_to=_address(address, email, phone),
        service=",".join(_service(line) for line in record.shipping_lines or ()),
        payments=_payments(record, charged, payment, refunds),
        shipments=tuple(shipments),
        note=unescape(record.customer_note or ""),
        tags=tuple(f"coupon:{unescape(coupon.code)}" for coupon in record.coupon_lines or ()),
        updated_at=moment(record.date_modified_gmt),
        raw=raw,
    )


def status_of(record: payloads.Order, states: Mapping[str, OrderStatus]) -> OrderStatus:
    """What the shop says of the order as a whole.

    A refunded one wants no more work; it was completed where it had been so before the refund.
    """
    name = record.status.removeprefix("wc-")
    if name in states:
        return states[name]
    if name == _REFUNDED:
        return OrderStatus.COMPLETED if record.date_completed_gmt else OrderStatus.CANCELLED
    status = _STATUS.get(name)
    if status is None:
        raise UnknownState(name)
    return status


def payment_status(
    record: payloads.Order, status: OrderStatus, refunds: Sequence[payloads.Refund]
) -> PaymentStatus:
    """Paid is what has a date of payment; what is worked on without one is paid on delivery."""
    if record.status.removeprefix("wc-") == _REFUNDED:
        return PaymentStatus.REFUNDED
    charged = Money.of(record.total, record.currency.upper())
    worked_on = status in (OrderStatus.OPEN, OrderStatus.COMPLETED)
    if charged.minor <= 0:
        return PaymentStatus.FREE
    if record.date_paid_gmt is None and not worked_on:
        return PaymentStatus.UNPAID
    back = refunded(record, refunds)
    if back.minor > 0:
        return PaymentStatus.REFUNDED if charged <= back else PaymentStatus.PART_REFUNDED
    return PaymentStatus.AUTHORISED if record.date_paid_gmt is None else PaymentStatus.PAID


def refunded(record: payloads.Order, refunds: Sequence[payloads.Refund]) -> Money:
    """All that was given back, by the refunds' amounts: their lines need not make them."""
    currency = record.currency.upper()
    amounts = [refund.amount for refund in refunds] or [-head.total for head in record.refunds or ()]
    return total((Money.of(amount, currency) for amount in amounts), currency)


def wanted(record: payloads.Order, refunds: Iterable[payloads.Refund]) -> dict[int, int]:
    """Units of each line (by id) that are still wanted: a refund may take more than were bought."""
    left = {line.id: line.quantity for line in record.line_items or ()}
    for refund in refunds:
        for line in refund.line_items or ():
            bought = refunded_line(line)
            if bought in left:
                left[bought] -= abs(line.quantity)
    return {line: max(0, units) for line, units in left.items()}


def refunded_line(line: payloads.RefundLine) -> int:
    """The id of the order's line that a refund's line speaks of; 0 where it does not say."""
    for entry in line.meta_data or ():
        if entry.key == REFUNDED_LINE and str(entry.value).isdigit():
            return int(entry.value)
    return 0


def moment(at: datetime | None) -> datetime | None:
    """An aware time of one of the `_gmt` fields."""
    return None if at is None else at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _placed(record: payloads.Order) -> datetime:
    at = moment(record.date_created_gmt) or moment(record.date_modified_gmt)
    if at is None:
        raise ValueError("the order has no date")
    return at


def _line(line: payloads.Line, currency: str, left: int) -> RemoteOrderLine:
    name = Name(line.product_id, line.variation_id or None)
    return RemoteOrderLine(
        external_id=str(line.id),
        variant_external_id=str(name) if line.product_id else None,
        sku=line.sku or None,
        title=unescape(line.name or "").strip(),
        ordered=line.quantity,
        quantity=left,
        unit_price=line.price if line.price is not None else Decimal(0),
        total=Money.of(line.total + line.total_tax, currency),
    )


def _gross(lines: Iterable[payloads.ShippingLine | payloads.FeeLine]) -> Decimal:
    return sum((line.total + line.total_tax for line in lines), Decimal(0))


def _adjustments(
    record: payloads.Order, charged: Money, lines: Sequence[RemoteOrderLine], shipping: Money
) -> Money:
    """The fees, and what rounding leaves over; a difference that rounding does not explain is left out."""
    fees = Money.of(_gross(record.fee_lines or ()), charged.currency)
    parts = (*(record.line_items or ()), *(record.shipping_lines or ()), *(record.fee_lines or ()))
    net = sum((part.total for part in parts), Decimal(0))
    gross = net + sum((part.total_tax for part in parts), Decimal(0))
    off = min(abs(record.total - gross), abs(record.total - net - record.total_tax))
    if off > _rounding(record.total, charged.currency, len(parts)):
        return fees
    return charged - shipping - total((line.total for line in lines), charged.currency)


def _rounding(shown: Decimal, currency: str, parts: int) -> Decimal:
    """What rounding explains: a minor unit; where fewer digits are shown, half of the last one for each figure.

    A shop that shows no cents adds them up all the same: 2.50, 2.50 and 2.50 stand there as 3, 3, 3, in all 8.
    """
    minor = Decimal(1).scaleb(-exponent(currency))
    digits = shown.as_tuple().exponent
    last = Decimal(1).scaleb(digits) if isinstance(digits, int) and digits <= 0 else Decimal(1)
    return minor if last <= minor else last * (parts + 1) / 2


def _payments(
    record: payloads.Order, charged: Money, status: PaymentStatus, refunds: Sequence[payloads.Refund]
) -> tuple[RemotePayment, ...]:
    if charged.minor <= 0:
        return ()
    given = tuple(
        RemoteRefund(
            external_id=str(refund.id),
            amount=Money.of(refund.amount, charged.currency),
            settled=True,
            at=moment(refund.date_created_gmt),
            reason=unescape(refund.reason or ""),
        )
        for refund in refunds
    )
    external_id = record.transaction_id or str(record.id)
    return (RemotePayment(external_id, charged, status, record.payment_method or "", given),)


def _service(line: payloads.ShippingLine) -> str:
    method = line.method_id or line.method_title or ""
    return f"{method}:{line.instance_id}" if line.instance_id else method


def _whole(address: payloads.OrderAddress | None) -> payloads.OrderAddress | None:
    """The address, if it says anything of where to."""
    told = address is not None and any((address.address_1, address.city, address.postcode))
    return address if told else None


def _address(address: payloads.OrderAddress | None, email: str | None, phone: str | None) -> Address:
    if address is None:
        return Address(email=email, phone=phone)
    streets = (_text(address.address_1), _text(address.address_2))
    return Address(
        name=_name(address),
        company=_text(address.company),
        street=tuple(street for street in streets if street),
        city=_text(address.city),
        region=_text(address.state),
        postal_code=_text(address.postcode),
        country=(_text(address.country) or "").upper() or None,
        phone=_text(address.phone) or phone,
        email=email,
    )


def _name(address: payloads.OrderAddress | None) -> str | None:
    if address is None:
        return None
    names = (_text(address.first_name), _text(address.last_name))
    return " ".join(name for name in names if name) or None


def _text(value: str | None) -> str | None:
    return unescape(value or "").strip() or None
