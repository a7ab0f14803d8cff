"""What stands beside an order whose parcels may share a label: orders to the same door, and what is asked of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from sync.domain.lifecycle import WorkState
from sync.domain.merging import label_key
from sync.domain.requests import RequestLine, RequestState
from sync.store.back.cases import OPEN
from sync.store.database import Tx
from sync.store.locking import lock_orders
from sync.store.tables import (
    account,
    back_case,
    customer_order,
    fulfilment,
    order_line,
    outbox,
    parcel,
    sale_request,
)

_MOST = 50
"""So many orders to one door are looked at together; the most urgent ones."""
_MOST_PARCELS = 200
_ENDED = [state.value for state in RequestState if state.ended]
_own = customer_order.alias("own")


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A packed parcel that has no number and for which no label is being bought."""

    parcel: str
    order: str


def _beside(order_id: str) -> sa.ColumnElement[bool]:
    """Open orders of the same shop to the same door, the order itself among them."""
    c = customer_order.c
    shop = sa.select(_own.c.account_id).where(_own.c.id == order_id).scalar_subquery()
    door = sa.select(_own.c.ship_to_index).where(_own.c.id == order_id).scalar_subquery()
    return sa.and_(c.account_id == shop, c.ship_to_index == door, c.closed_at.is_(None))


async def hold_beside(tx: Tx, order_id: str) -> None:
    """Hold all orders to the same door, in one go: whoever plans for any of them plans for all."""
    if tx.beside_others:
        await lock_orders(tx, sa.or_(customer_order.c.id == order_id, _beside(order_id)))


async def unlabelled(tx: Tx, order_id: str) -> list[Unlabelled]:
    """Packed parcels of the orders to the same door that could still share a label, the longest packed first."""
    p, f = parcel.c, fulfilment.c
    rows = await tx.all(
        sa.select(p.id, p.order_id, p.external_id, f.reference)
        .join(customer_order, customer_order.c.id == p.order_id)
        .join(fulfilment, f.id == p.fulfilment_id)
        .where(
            _beside(order_id),
            p.tracking.is_(None),
            p.booking_external_id.is_(None),
            p.voided_at.is_(None),
            p.label_of.is_(None),
            f.state == WorkState.PACKED.value,
        )
        .order_by(p.created_at, p.id)
        .limit(_MOST_PARCELS)
    )
    keys = {label_key([(row.reference, row.external_id)]): row for row in rows}
    taken = await tx.all(sa.select(outbox.c.key).where(outbox.c.key.in_(list(keys)))) if keys else ()
    known = {row.key for row in taken}
    return [Unlabelled(row.id, row.order_id) for key, row in keys.items() if key not in known]


async def beside(tx: Tx, order_id: str) -> list[str]:
    """The other orders to the same door that a warehouse is at work on, the most urgent first."""
    c = customer_order.c
    at_work = sa.exists().where(fulfilment.c.order_id == c.id, fulfilment.c.closed_at.is_(None))
    rows = await tx.all(
        sa.select(c.id)
        .where(_beside(order_id), c.id != order_id, at_work)
        .order_by(c.ship_by.is_(None), c.ship_by, c.placed_at, c.id)
        .limit(_MOST)
    )
    return [row.id for row in rows]


async def members(tx: Tx, leader: str) -> list[str]:
    """The parcels under the label of this one, itself among them; empty where it shares none."""
    rows = await tx.all(sa.select(parcel.c.id).where(parcel.c.label_of == leader).order_by(parcel.c.id))
    return [row.id for row in rows]


async def hold_members(tx: Tx, leader: str) -> None:
    """Hold the orders of the parcels under one label."""
    theirs = sa.select(parcel.c.order_id).where(parcel.c.label_of == leader)
    await lock_orders(tx, customer_order.c.id.in_(theirs))


async def alive_beside(tx: Tx, parcel_id: str, label_of: str | None) -> bool:
    """Whether another parcel goes out under the label of this one."""
    if label_of is None:
        return False
    await tx.alone("label", label_of)
    here = sa.and_(parcel.c.label_of == label_of, parcel.c.id != parcel_id, parcel.c.voided_at.is_(None))
    return await tx.scalar(sa.select(parcel.c.id).where(here).limit(1)) is not None


async def sharers(tx: Tx, order_id: str) -> Mapping[str, list[str]]:
    """By parcel of an order that shares a label: the other orders that do, as shop/number."""
    theirs = parcel.alias("theirs")
    rows = await tx.all(
        sa.select(parcel.c.id, account.c.name, customer_order.c.number)
        .join(theirs, sa.and_(theirs.c.label_of == parcel.c.label_of, theirs.c.id != parcel.c.id))
        .join(customer_order, customer_order.c.id == theirs.c.order_id)
        .join(account, account.c.id == customer_order.c.account_id)
        .where(parcel.c.order_id == order_id, theirs.c.voided_at.is_(None))
        .order_by(parcel.c.id, customer_order.c.number)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(f"{row.name}/{row.number}")
    return found


async def done_waiting(tx: Tx, shop: str, limit: int) -> list[str]:
    """Orders of a shop with a parcel that has waited long enough."""
    rows = await tx.all(
        sa.select(customer_order.c.id)
        .join(parcel, parcel.c.order_id == customer_order.c.id)
        .where(parcel.c.waits_until <= tx.now(), customer_order.c.account_id == shop)
        .group_by(customer_order.c.id)
        .order_by(sa.func.min(parcel.c.waits_until))
        .limit(limit)
    )
    return [row.id for row in rows]


async def end_waits(tx: Tx, shop: str) -> int:
    """Other rules rule: what waits is looked at now. Returns how many parcels."""
    theirs = sa.select(customer_order.c.id).where(customer_order.c.account_id == shop)
    waiting = sa.and_(parcel.c.waits_until > tx.now(), parcel.c.order_id.in_(theirs))
    return await tx.run(sa.update(parcel).where(waiting).values(waits_until=tx.now()))


async def asked(tx: Tx, order_id: str) -> frozenset[str]:
    """The lines (our ids) that open requests are about; one that names no line of the order is about all of them."""
    lines = {
        row.external_id: row.id
        for row in await tx.all(
            sa.select(order_line.c.id, order_line.c.external_id).where(order_line.c.order_id == order_id)
        )
    }
    r = sale_request.c
    rows = await tx.all(
        sa.select(r.lines)
        .join(
            customer_order,
            sa.and_(
                customer_order.c.account_id == r.account_id,
                customer_order.c.external_id == r.order_external_id,
            ),
        )
        .outerjoin(back_case, back_case.c.request_id == r.id)
        .where(
            customer_order.c.id == order_id,
            sa.or_(
                back_case.c.state == OPEN,
                sa.and_(back_case.c.id.is_(None), r.state.not_in(_ENDED)),
            ),
        )
    )
    found: set[str] = set()
    for row in rows:
        named = {one.line for one in msgspec.json.decode(row.lines or "[]", type=tuple[RequestLine, ...])}
        known = named & set(lines)
        found |= {lines[one] for one in known} if known and known == named else set(lines.values())
    return frozenset(found)
