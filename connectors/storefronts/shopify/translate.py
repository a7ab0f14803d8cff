"""From the shop's records to ours: variants and orders. Pure.

Amounts are those in the shop's own currency. An order is told as it was bought, before returns: Shopify leaves
its total and its lines so, and counts what is still wanted of a line beside it (`currentQuantity`); what was
given back stands in the refunds. sums.py demands that the parts make the total.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.sums import NotAdding, Sums, add_up
from connectors.transport import decode, web_link
from sync.domain.listing import RemoteVariant
from sync.domain.money import CurrencyMismatch, Money, total
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

UP = frozenset({"ACTIVE", "UNLISTED"})
"""An unlisted product is sold to whoever has its address."""
_WAITING = frozenset({"ON_HOLD", "SCHEDULED"})
_PAID = {
    "PAID": PaymentStatus.PAID,
    "AUTHORIZED": PaymentStatus.AUTHORISED,
    "PARTIALLY_REFUNDED": PaymentStatus.PART_REFUNDED,
    "REFUNDED": PaymentStatus.REFUNDED,
    "PENDING": PaymentStatus.UNPAID,
    "PARTIALLY_PAID": PaymentStatus.UNPAID,
    "VOIDED": PaymentStatus.UNPAID,
    "EXPIRED": PaymentStatus.UNPAID,
}
_TAKEN = frozenset({"SALE", "CAPTURE"})
_HELD = frozenset({"AUTHORIZATION", "EMV_AUTHORIZATION"})
ONLY_VARIANT = "Default Title"
"""What Shopify calls the variant of a product that has no options."""


class UnknownState(ValueError):
    """An order is paid in a way that this version of the API does not have."""

    def __init__(self, state: str) -> None:
        shown = state if state.isascii() and len(state) < 40 else "?"
        super().__init__(f"the order's payment is in the state {shown}, which this program does not know")


@dataclass(frozen=True, slots=True)
class Listed:
    """What the figures of every variant depend on."""

    currency: str
    taxes_included: bool
    location: str


def listed(shop: payloads.Shop, location: str) -> Listed:
    """For the location that is written."""
    return Listed(shop.currency_code, shop.taxes_included, location)


def product_of(head: bytes, media: Sequence[bytes]) -> payloads.Product:
    """A product of a bulk operation's file: its row, and those of its media. Raises msgspec.ValidationError."""
    product = decode(head, type=payloads.Product)
    found = [decode(row, type=payloads.Medium) for row in media]
    return msgspec.structs.replace(product, media=payloads.Nodes(found))


def remote_variant(
    variant: payloads.VariantFields, product: payloads.Product, raw: bytes, facts: Listed
) -> RemoteVariant:
    """One variant as the shop shows it."""
    pictures = (medium.url for medium in product.media.nodes)
    only = product.has_only_default_variant or variant.title == ONLY_VARIANT
    return RemoteVariant(
        external_id=variant.id,
        product_external_id=product.id,
        sku=variant.sku or None,
        title=product.title if only else f"{product.title} - {variant.title}",
        gtin=variant.barcode or None,
        published=product.status in UP and product.published_on_publication is not False,
        price=variant.price,
        currency=facts.currency,
        price_includes_tax=facts.taxes_included,
        available=available(variant.inventory_item),
        location=facts.location,
        product_title=product.title,
        description=product.description_html,
        pictures=tuple(link for picture in pictures if (link := web_link(picture))),
        updated_at=max(variant.updated_at, product.updated_at),
        raw=raw,
    )


def available(item: payloads.Item) -> int | None:
    """What the location would still sell of it: 0 where it never had it, None where nobody counts."""
    if not item.tracked:
        return None
    if item.inventory_level is None:
        return 0
    return item.inventory_level.named("available") or 0


def order(record: payloads.Order, raw: bytes) -> RemoteOrder:
    """One order. Raises UnknownState, and sums.NotAdding where its money does not add up."""
    try:
        return _order(record, raw)
    except CurrencyMismatch:
        raise NotAdding("the order's amounts are in several currencies") from None


def _order(record: payloads.Order, raw: bytes) -> RemoteOrder:
    sums = add_up(record)
    payments = _payments(record)
    shipments = tuple(_shipment(fulfilment) for fulfilment in record.fulfillments)
    return RemoteOrder(
        external_id=record.id,
        number=record.name,
        placed_at=record.processed_at,
        status=_status(record),
        payment=_payment(record, sums.total, payments),
        currency=record.currency_code,
        lines=tuple(
            _line(line, sums, shipments) for line in record.line_items.nodes if line.id in sums.lines
        ),
        total=sums.total,
        shipping=sums.shipping,
        adjustments=sums.adjustments,
        buyer=_buyer(record),
        ship_to=_address(record),
        service=",".join(
            line.code or line.title for line in record.shipping_lines.nodes if not line.is_removed
        ),
        payments=payments,
        shipments=shipments,
        note=record.note or "",
        tags=_tags(record, sums),
        updated_at=record.updated_at,
        raw=raw,
    )


def _status(record: payloads.Order) -> OrderStatus:
    if record.cancelled_at is not None:
        return OrderStatus.CANCELLED
    shippable = [line for line in record.line_items.nodes if line.requires_shipping]
    all_gone = all(line.unfulfilled_quantity <= 0 for line in shippable)
    if record.display_fulfillment_status == "FULFILLED" or (all_gone and record.standing):
        return OrderStatus.COMPLETED
    if record.closed:
        return OrderStatus.COMPLETED
    return OrderStatus.PENDING if record.display_fulfillment_status in _WAITING else OrderStatus.OPEN


def _payment(record: payloads.Order, amount: Money, payments: Sequence[RemotePayment]) -> PaymentStatus:
    shown = record.display_financial_status
    if shown is not None and shown not in _PAID:
        raise UnknownState(shown)
    nothing = Money(0, amount.currency)
    if amount <= nothing and not payments:
        return PaymentStatus.FREE
    if shown is not None:
        return _PAID[shown]
    paid = total((p.amount for p in payments if p.status.good), amount.currency)
    return PaymentStatus.PAID if amount <= paid else PaymentStatus.UNPAID


def _line(line: payloads.LineItem, sums: Sums, shipments: Sequence[RemoteShipment]) -> RemoteOrderLine:
    """Units that were refunded after they had left are off `currentQuantity`, and were wanted all the same."""
    left = sum(units for one in shipments if not one.cancelled for id, units in one.lines if id == line.id)
    waiting = min(line.current_quantity, max(0, line.unfulfilled_quantity))
    wanted = max(line.current_quantity, left + waiting)
    return RemoteOrderLine(
        external_id=line.id,
        variant_external_id=line.variant.id if line.variant else None,
        sku=line.sku or None,
        title=f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        ordered=line.quantity,
        quantity=wanted if line.requires_shipping else 0,
        unit_price=line.original_unit_price_set.shop_money.amount,
        total=sums.lines[line.id],
    )


def _payments(record: payloads.Order) -> tuple[RemotePayment, ...]:
    """Money taken or held, each with what was given back of it."""
    moved = [each for each in record.transactions if each.status == "SUCCESS"]
    taken = [each for each in moved if each.kind in _TAKEN]
    refunds = _refunds(record, taken)
    payments = [_taken(each, refunds.get(each.id, ())) for each in taken]
    released = {
        each.parent_transaction.id for each in moved if each.kind == "VOID" and each.parent_transaction
    }
    captured = {each.parent_transaction.id for each in taken if each.parent_transaction}
    for each in moved:
        if each.kind in _HELD and each.id not in released | captured:
            payments.append(
                RemotePayment(each.id, _amount(each), PaymentStatus.AUTHORISED, each.gateway or "")
            )
    return tuple(payments)


def _amount(transaction: payloads.Transaction) -> Money:
    return transaction.amount_set.shop_money.money


def _refunds(
    record: payloads.Order, taken: Sequence[payloads.Transaction]
) -> dict[str, tuple[RemoteRefund, ...]]:
    """Refunds by the payment that they come from; one without such comes from the first. A failed part is nothing."""
    found: dict[str, tuple[RemoteRefund, ...]] = {}
    known = {each.id for each in taken}
    for refund in record.refunds:
        for each in refund.transactions.nodes:
            if each.kind != "REFUND":
                continue
            parent = each.parent_transaction.id if each.parent_transaction else ""
            source = parent if parent in known else next((payment.id for payment in taken), "")
            given = Money(0, record.currency_code) if each.failed else _amount(each)
            told = RemoteRefund(
                refund.id, given, each.status == "SUCCESS", refund.created_at, refund.note or ""
            )
            found[source] = (*found.get(source, ()), told)
    return found


def _taken(payment: payloads.Transaction, refunds: tuple[RemoteRefund, ...]) -> RemotePayment:
    amount = _amount(payment)
    given = total((refund.amount for refund in refunds), amount.currency)
    status = PaymentStatus.PAID
    if given.minor > 0:
        status = PaymentStatus.REFUNDED if amount <= given else PaymentStatus.PART_REFUNDED
    return RemotePayment(payment.id, amount, status, payment.gateway or "", refunds)


def _shipment(fulfilment: payloads.Fulfilment) -> RemoteShipment:
    tracking = [each for each in fulfilment.tracking_info if (each.number or "").strip()]
    return RemoteShipment(
        external_id=fulfilment.id,
        lines=tuple(fulfilment.units.items()),
        tracking=(tracking[0].number or "").strip() if tracking else None,
        carrier=(tracking[0].company or "") if tracking else "",
        shipped=fulfilment.status == "SUCCESS",
        delivered=fulfilment.delivered and fulfilment.stands,
        cancelled=not fulfilment.stands,
    )


def _tags(record: payloads.Order, sums: Sums) -> tuple[str, ...]:
    """The shop's own, and what rules may want to know."""
    extra = [f"coupon:{code}" for code in record.discount_codes]
    extra += ["test"] if record.test else []
    extra += ["tax:marketplace"] if sums.marketplace_tax.minor else []
    return (*record.tags, *extra)


def _buyer(record: payloads.Order) -> Person:
    customer = record.customer
    if customer is None:
        name = _text(record.shipping_address.name) if record.shipping_address else None
        return Person(name=name, email=_text(record.email), phone=_text(record.phone))
    names = [name for part in (customer.first_name, customer.last_name) if (name := _text(part))]
    email, phone = customer.default_email_address, customer.default_phone_number
    return Person(
        name=" ".join(names) or _text(customer.display_name),
        email=_text(record.email) or _text(email.email_address if email else None),
        phone=_text(record.phone) or _text(phone.phone_number if phone else None),
    )


def _address(record: payloads.Order) -> Address:
    address = record.shipping_address
    if address is None:
        return Address()
    streets = (_text(address.address1), _text(address.address2))
    return Address(
        name=_text(address.name),
        company=_text(address.company),
        street=tuple(street for street in streets if street),
        city=_text(address.city),
        region=_text(address.province) or _text(address.province_code),
        postal_code=_text(address.zip),
        country=_text(address.country_code),
        phone=_text(address.phone) or _text(record.phone),
        email=_text(record.email),
    )


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
