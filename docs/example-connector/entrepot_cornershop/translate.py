"""From the shop's words to the contract's. No I/O."""

from datetime import UTC, datetime
from decimal import Decimal

from entrepot_cornershop.payloads import Line, Order, Product
from sync.domain.listing import RemoteVariant
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder, RemoteOrderLine
from sync.domain.people import Address, Person


def variant(product: Product, raw: bytes) -> RemoteVariant:
    """A product is its only variant."""
    return RemoteVariant(product.id, product.id, product.sku, product.title, available=product.stock, raw=raw)


def order(found: Order, raw: bytes) -> RemoteOrder:
    """An order as it was placed; the shop takes no unpaid ones."""
    lines = tuple(_line(each, found.currency) for each in found.lines)
    goods = sum(each.quantity * each.price for each in found.lines)
    return RemoteOrder(
        external_id=found.id,
        number=found.number,
        placed_at=datetime.fromtimestamp(found.at, UTC),
        status=OrderStatus.OPEN,
        payment=PaymentStatus.PAID,
        currency=found.currency,
        lines=lines,
        total=Money(goods + found.shipping, found.currency),
        shipping=Money(found.shipping, found.currency),
        adjustments=Money(0, found.currency),
        buyer=Person(name=found.buyer),
        ship_to=Address(found.buyer, street=(found.street,), city=found.city, country=found.country),
        raw=raw,
    )


def _line(line: Line, currency: str) -> RemoteOrderLine:
    return RemoteOrderLine(
        external_id=line.id,
        variant_external_id=line.product,
        sku=line.sku,
        title=line.title,
        ordered=line.quantity,
        quantity=line.quantity,
        unit_price=Decimal(line.price) / 100,
        total=Money(line.quantity * line.price, currency),
    )
