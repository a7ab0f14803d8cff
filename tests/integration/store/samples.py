"""An order as a shop tells it, for tests of the store."""

from datetime import UTC, datetime
from decimal import Decimal

from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder, RemoteOrderLine
from sync.domain.people import Address, Person


def remote_order(number: str) -> RemoteOrder:
    """One paid order of a single line."""
    price = Money(1990, "EUR")
    return RemoteOrder(
        external_id=f"x{number}",
        number=number,
        placed_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        status=OrderStatus.OPEN,
        payment=PaymentStatus.PAID,
        currency="EUR",
        lines=(RemoteOrderLine("l1", "v1", "A", "A mug", 2, 2, Decimal("9.95"), price),),
        total=price,
        shipping=Money(0, "EUR"),
        adjustments=Money(0, "EUR"),
        buyer=Person(),
        ship_to=Address(),
        raw=b"{}",
    )
