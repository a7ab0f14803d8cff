"""From the shop's records to ours: orders, their money and states. Pure.

Every money integer of Vendure counts at the shop's one precision, whatever the currency: 500 yen are 50000
at precision 2. The sum of lines, shipping and adjustments is not forced to the total: who checks it, checks
the shop.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from connectors.storefronts.vendure import payloads
from sync.domain.money import Money, total
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
    "Created": OrderStatus.PENDING,
    "Draft": OrderStatus.PENDING,
    "AddingItems": OrderStatus.PENDING,
    "ArrangingPayment": OrderStatus.PENDING,
    "PaymentAuthorized": OrderStatus.OPEN,
    "PaymentSettled": OrderStatus.OPEN,
    "PartiallyShipped": OrderStatus.OPEN,
    "PartiallyDelivered": OrderStatus.OPEN,
    "Shipped": OrderStatus.COMPLETED,
    "Delivered": OrderStatus.COMPLETED,
    "Cancelled": OrderStatus.CANCELLED,
    "Modifying": OrderStatus.PENDING,
    "ArrangingAdditionalPayment": OrderStatus.PENDING,
}
"""The default order process. While staff change an order, nobody else works on it: pending."""

_GONE = frozenset({"Shipped", "Delivered"})
_FAILED = "Failed"
_REFUNDS = frozenset({"Pending", "Settled", _FAILED})


class UnknownState(ValueError):
    """An order is in a state of the shop's own making."""

    def __init__(self, state: str) -> None:
        super().__init__(
            f"the order is in state '{state}', which is not one of Vendure's own: say what it means "
            "(pending, open, completed or cancelled) under `options.states` of this account"
        )


def order(
    record: payloads.Order, raw: bytes, precision: int, states: Mapping[str, OrderStatus]
) -> RemoteOrder:
    """One order. Raises UnknownState where neither Vendure nor `states` knows its state."""
    money = Purse(precision, record.currency_code)
    payments = tuple(_payment(payment, money) for payment in record.payments or ())
    amount = money.of(record.total_with_tax)
    return RemoteOrder(
        external_id=record.id,
        number=record.code,
        placed_at=record.order_placed_at or record.created_at,
        status=_status(record, states),
        payment=payment_status(amount, payments),
        currency=record.currency_code,
        lines=tuple(_line(line, money) for line in record.lines),
        total=amount,
        shipping=money.sum(line.discounted_price_with_tax for line in record.shipping_lines),
        adjustments=money.sum(surcharge.price_with_tax for surcharge in record.surcharges),
        buyer=_buyer(record.customer),
        ship_to=_address(record.shipping_address, record.customer),
        service=",".join(line.shipping_method.code for line in record.shipping_lines),
        payments=payments,
        shipments=tuple(_shipment(fulfilment) for fulfilment in record.fulfillments or ()),
        tags=tuple(f"coupon:{code}" for code in record.coupon_codes),
        updated_at=record.updated_at,
        raw=raw,
    )


class Purse:
    """Integers of one shop in one currency."""

    def __init__(self, precision: int, currency: str) -> None:
        self._precision = precision
        self._currency = currency

    def of(self, units: int) -> Money:
        """One amount."""
        return Money.from_scaled(units, self._precision, self._currency)

    def sum(self, units: Iterable[int]) -> Money:
        """Added before rounding."""
        return self.of(sum(units))

    def major(self, units: int) -> Decimal:
        """Unrounded, in major units."""
        return major(units, self._precision)


def major(units: int, precision: int) -> Decimal:
    """A shop's integer in major units, exactly."""
    return Decimal(units).scaleb(-precision)


def units(amount: Decimal, precision: int) -> int:
    """Major units as the shop's integer; ValueError where it has more digits than the shop keeps."""
    scaled = amount.scaleb(precision)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError(f"{amount} has more than the {precision} decimal digits that the shop keeps")
    return whole


def left_to_fulfil(record: payloads.Order) -> dict[str, int]:
    """Units of each line (by id) that are wanted and in no fulfilment that stands."""
    left = {line.id: line.quantity for line in record.lines}
    for fulfilment in standing(record):
        for line in fulfilment.lines:
            if line.order_line_id in left:
                left[line.order_line_id] -= line.quantity
    return left


def standing(record: payloads.Order) -> list[payloads.Fulfilment]:
    """The order's fulfilments but the cancelled ones."""
    return [f for f in record.fulfillments or () if f.state != "Cancelled"]


def _status(record: payloads.Order, states: Mapping[str, OrderStatus]) -> OrderStatus:
    status = states.get(record.state) or _STATUS.get(record.state)
    if status is None:
        raise UnknownState(record.state)
    if record.state in ("PartiallyShipped", "PartiallyDelivered") and _all_gone(record):
        return OrderStatus.COMPLETED
    return status


def _all_gone(record: payloads.Order) -> bool:
    """Vendure leaves a PartiallyShipped order in that state when its unshipped rest is cancelled."""
    gone = all(fulfilment.state in _GONE for fulfilment in standing(record))
    return gone and all(units <= 0 for units in left_to_fulfil(record).values())


def payment_status(amount: Money, payments: Iterable[RemotePayment]) -> PaymentStatus:
    """Whether the money for `amount` is there; refunds that are under way count as given."""
    nothing = Money(0, amount.currency)
    listed = tuple(payments)
    settled = [p for p in listed if p.status not in (PaymentStatus.UNPAID, PaymentStatus.AUTHORISED)]
    paid = total((p.amount for p in settled), amount.currency)
    given = total((r.amount for p in settled for r in p.refunds), amount.currency)
    held = total((p.amount for p in listed if p.status is PaymentStatus.AUTHORISED), amount.currency)
    if nothing < given:
        return PaymentStatus.REFUNDED if paid <= given else PaymentStatus.PART_REFUNDED
    if amount <= nothing and paid == nothing and held == nothing:
        return PaymentStatus.FREE
    if amount <= paid:
        return PaymentStatus.PAID
    return PaymentStatus.AUTHORISED if amount <= paid + held else PaymentStatus.UNPAID


def _payment(payment: payloads.Payment, money: Purse) -> RemotePayment:
    refunds = tuple(
        RemoteRefund(
            external_id=refund.id,
            amount=money.of(0 if refund.state == _FAILED else refund.total),
            settled=refund.state == "Settled",
            at=refund.created_at,
            reason=refund.reason or "",
        )
        for refund in payment.refunds
        if refund.state in _REFUNDS
    )
    amount = money.of(payment.amount)
    return RemotePayment(
        external_id=payment.id,
        amount=amount,
        status=_one_payment(payment.state, amount, refunds),
        method=payment.method,
        refunds=refunds,
    )


def _one_payment(state: str, amount: Money, refunds: tuple[RemoteRefund, ...]) -> PaymentStatus:
    if state == "Authorized":
        return PaymentStatus.AUTHORISED
    if state != "Settled":
        return PaymentStatus.UNPAID
    given = total((refund.amount for refund in refunds), amount.currency)
    if given.minor <= 0:
        return PaymentStatus.PAID
    return PaymentStatus.REFUNDED if amount <= given else PaymentStatus.PART_REFUNDED


def _line(line: payloads.OrderLine, money: Purse) -> RemoteOrderLine:
    """A line's price falls with its quantity. One that staff added or raised was placed with fewer units, or none."""
    return RemoteOrderLine(
        external_id=line.id,
        variant_external_id=line.product_variant.id,
        sku=line.product_variant.sku or None,
        title=line.product_variant.name,
        ordered=max(line.order_placed_quantity, line.quantity),
        quantity=line.quantity,
        unit_price=money.major(line.unit_price_with_tax),
        total=money.of(line.prorated_line_price_with_tax),
        charged=line.quantity,
    )


def _shipment(fulfilment: payloads.Fulfilment) -> RemoteShipment:
    return RemoteShipment(
        external_id=fulfilment.id,
        lines=tuple((line.order_line_id, line.quantity) for line in fulfilment.lines),
        tracking=fulfilment.tracking_code or None,
        carrier=fulfilment.method,
        shipped=fulfilment.state in _GONE,
        delivered=fulfilment.state == "Delivered",
        cancelled=fulfilment.state == "Cancelled",
    )


def _buyer(customer: payloads.Customer | None) -> Person:
    if customer is None:
        return Person()
    names = (_text(customer.first_name), _text(customer.last_name))
    return Person(
        name=" ".join(name for name in names if name) or None,
        email=_text(customer.email_address),
        phone=_text(customer.phone_number),
    )


def _address(address: payloads.OrderAddress | None, customer: payloads.Customer | None) -> Address:
    if address is None:
        return Address()
    streets = (_text(address.street_line1), _text(address.street_line2))
    return Address(
        name=_text(address.full_name),
        company=_text(address.company),
        street=tuple(street for street in streets if street),
        city=_text(address.city),
        region=_text(address.province),
        postal_code=_text(address.postal_code),
        country=_text(address.country_code),
        phone=_text(address.phone_number) or (_text(customer.phone_number) if customer else None),
        email=_text(customer.email_address) if customer else None,
    )


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
