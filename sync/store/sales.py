"""What was ordered lately: units by SKU, for the velocity guard.

Only orders whose ids were made lately are looked at, so that what an answer costs depends on how much is sold and
not on how much was ever sold. An id is made by our clock when its order is first read, and an order is placed by
the shop's, which may be ahead.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.row_ids import earliest
from sync.store.tables import customer_order, order_line, order_line_component

FEW = 100
"""Up to so many SKUs are looked up one by one; for more of them the late orders are read through once."""
_BATCH = 500
_AHEAD = 3_600_000_000
"""Microseconds by which a shop's clock may be ahead of ours."""


async def sold_since(
    tx: Tx, skus: Sequence[str], since: int, account_id: AccountId | None = None
) -> dict[str, int]:
    """Units ordered per SKU since a moment (microseconds) and still wanted, history left out.

    Of all shops, or of one.
    """
    if len(skus) > FEW and account_id is None:
        rows = (await tx.exec(SOLD, (earliest(since - _AHEAD), since))).all()
        wanted = frozenset(skus)
        return {row.sku: int(row.units) for row in rows if row.sku in wanted}
    query = SOLD_OF if account_id is None else SOLD_OF.where(customer_order.c.account_id == account_id)
    first, units = earliest(since - _AHEAD), dict[str, int]()
    for start in range(0, len(skus), _BATCH):
        part = list(skus[start : start + _BATCH])
        rows = await tx.all(query, {"skus": part, "since": since, "first": first})
        units |= {row.sku: int(row.units) for row in rows}
    return units


async def selling_lately(tx: Tx, since: int) -> list[str]:
    """SKUs ordered since a moment: their velocity guard moves with time."""
    rows = (await tx.exec(f"SELECT DISTINCT part.sku {_LATELY}", (earliest(since - _AHEAD), since))).all()
    return [row.sku for row in rows]


SOLD_OF = (
    sa.select(
        order_line_component.c.sku,
        sa.func.sum(order_line_component.c.units * order_line.c.quantity).label("units"),
    )
    .join(order_line, order_line.c.id == order_line_component.c.order_line_id)
    .join(customer_order, customer_order.c.id == order_line.c.order_id)
    .where(
        order_line_component.c.sku.in_(sa.bindparam("skus", expanding=True)),
        order_line_component.c.order_line_id >= sa.bindparam("first"),
        customer_order.c.state != "history",
        customer_order.c.placed_at >= sa.bindparam("since"),
    )
    .group_by(order_line_component.c.sku)
)
# SQLite joins in the order in which CROSS JOIN names the tables; for PostgreSQL it is a join like any other.
_LATELY = (
    "FROM customer_order AS placed CROSS JOIN order_line AS line CROSS JOIN order_line_component AS part "
    "WHERE placed.id >= ? AND placed.placed_at >= ? AND placed.state <> 'history' "
    "AND line.order_id = placed.id AND part.order_line_id = line.id"
)
SOLD = f"SELECT part.sku, sum(part.units * line.quantity) AS units {_LATELY} GROUP BY part.sku"
