"""Order lines of our own: goods that go out once more, or instead, which the shop has no line for."""

from collections.abc import Mapping

import sqlalchemy as sa

from sync.domain.ids import AccountId, OrderId
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.orders import OUR_LINE
from sync.store.tables import back_case, customer_order, order_line, order_line_component


def name_of(reference: str, sku: str) -> str:
    """The external id of a line of ours. No shop has one that begins so."""
    return f"{OUR_LINE}{reference}/{sku}"


async def add(tx: Tx, order_id: OrderId, reference: str, units: Mapping[str, int]) -> list[str]:
    """A line for each SKU, bound to it, at no price. Adding them twice adds none. Returns their ids."""
    names = {sku: name_of(reference, sku) for sku in sorted(units)}
    for sku, name in names.items():
        row = {
            "id": tx.new_id(),
            "order_id": order_id,
            "external_id": name,
            "remote_sku": sku,
            "title": sku,
            "ordered": units[sku],
            "quantity": units[sku],
            "unit_price": "0",
            "total_minor": 0,
            "bound": 1,
            "waits_since": tx.now(),
        }
        keys = [order_line.c.order_id, order_line.c.external_id]
        if await tx.run(upsert(order_line).values(**row).on_conflict_do_nothing(index_elements=keys)):
            part = {"order_line_id": row["id"], "sku": sku, "units": 1}
            await tx.run(sa.insert(order_line_component).values(**part))
    c = order_line.c
    found = await tx.all(sa.select(c.id).where(c.order_id == order_id, c.external_id.in_(names.values())))
    return [row.id for row in found]


async def release_late(tx: Tx, account_id: AccountId, before: int) -> list[str]:
    """Lines that came late to their orders and that no exchange claims may leave: the requests were read since.

    `before`: microseconds at which that reading began. Returns their orders.
    """
    line, order, case = order_line.c, customer_order.c, back_case.c
    claimed = sa.exists().where(case.order_id == line.order_id, case.state == "open")
    rows = await tx.all(
        sa.select(line.id, line.order_id)
        .join(customer_order, order.id == line.order_id)
        .where(order.account_id == account_id, line.waits_since < before, ~claimed)
    )
    for row in rows:
        await tx.run(sa.update(order_line).where(line.id == row.id).values(waits_since=None))
    return sorted({row.order_id for row in rows})
