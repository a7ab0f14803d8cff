"""Order lines of our own: goods that go out once more, or instead, which the shop has no line for."""

from collections.abc import Iterable, Mapping

import msgspec
import sqlalchemy as sa

from sync.domain.ids import AccountId, OrderId
from sync.domain.requests import InsteadLine
from sync.store.back.cases import has_sent
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.orders import OUR_LINE
from sync.store.tables import back_case, customer_order, order_line, order_line_component, sale_request


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


async def take_up(tx: Tx, order_id: OrderId, reference: str) -> bool:
    """Lines of our own that were given up are wanted after all. Whether there were any."""
    c = order_line.c
    name = c.external_id.startswith(name_of(reference, ""), autoescape=True)
    here = sa.and_(c.order_id == order_id, name, c.waits_since.is_not(None), c.quantity == 0)
    return bool(await tx.run(sa.update(order_line).where(here).values(quantity=c.ordered)))


async def release_late(tx: Tx, account_id: AccountId, before: int) -> list[str]:
    """Lines that came late to their orders and that no request wants instead may leave: the requests were read since.

    A line that a request names leaves by its case alone, however that ends; so does one of our own. Where a request
    names only the listing, its line waits until the case has let the goods go. `before`: microseconds at which that
    reading began. Returns the orders.
    """
    line, order = order_line.c, customer_order.c
    rows = await tx.all(
        sa.select(line.id, line.order_id, line.external_id, line.variant_external_id)
        .join(customer_order, order.id == line.order_id)
        .where(order.account_id == account_id, line.waits_since < before)
        .where(~line.external_id.startswith(OUR_LINE, autoescape=True))
    )
    wanted = await _wanted_instead(tx, {row.order_id for row in rows})
    free = [
        row
        for row in rows
        if not wanted.get(row.order_id, set())
        & {("line", row.external_id), ("variant", row.variant_external_id)}
    ]
    for row in free:
        await tx.run(sa.update(order_line).where(line.id == row.id).values(waits_since=None))
    return sorted({row.order_id for row in free})


async def _wanted_instead(tx: Tx, orders: Iterable[str]) -> dict[str, set[tuple[str, str | None]]]:
    """By order the lines that its requests name, and the listings of those that name no line."""
    r = sale_request.c
    found: dict[str, set[tuple[str, str | None]]] = {}
    for row in await tx.all(
        sa.select(r.order_id, r.instead, back_case.c.standing)
        .outerjoin(back_case, back_case.c.request_id == r.id)
        .where(r.order_id.in_(sorted(orders)))
    ):
        for one in msgspec.json.decode(row.instead or "[]", type=tuple[InsteadLine, ...]):
            if one.line is not None:
                found.setdefault(row.order_id, set()).add(("line", one.line))
            elif not has_sent(row.standing):
                found.setdefault(row.order_id, set()).add(("variant", one.variant))
    return found


async def give_up(tx: Tx, order_id: OrderId, reference: str) -> bool:
    """Our own lines of a case that wait are wanted no more. Whether there were any."""
    c = order_line.c
    here = sa.and_(
        c.order_id == order_id,
        c.external_id.startswith(name_of(reference, ""), autoescape=True),
        c.waits_since.is_not(None),
        c.quantity > 0,
    )
    return bool(await tx.run(sa.update(order_line).where(here).values(quantity=0)))
