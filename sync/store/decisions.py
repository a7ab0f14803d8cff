"""What a person decided, kept with who and when."""

import json

import sqlalchemy as sa

from sync.domain.ids import OrderId
from sync.store.database import Tx
from sync.store.orders import called
from sync.store.tables import customer_order, decision


async def record(tx: Tx, *, who: str, what: str, order_id: OrderId | None = None, **bounds: object) -> None:
    """Keep a decision. `bounds` are ids and figures, never personal data."""
    await tx.run(
        sa.insert(decision).values(
            id=tx.new_id(),
            order_id=order_id,
            what=what,
            bounds=json.dumps(bounds, default=str),
            who=who,
            at=tx.now(),
        )
    )


async def order_ids(tx: Tx, number: str, account_id: str | None = None) -> list[OrderId]:
    """The orders that a person means by a number, of one shop or of any."""
    query = sa.select(customer_order.c.id).where(called(number))
    if account_id is not None:
        query = query.where(customer_order.c.account_id == account_id)
    return [OrderId(row.id) for row in await tx.all(query)]
