"""One order with everything that a decision about it rests on, read in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.lifecycle import OrderState
from sync.domain.orders import RemoteShipment
from sync.domain.waiting import Topic
from sync.store import fulfilments, parcels
from sync.store.database import Tx
from sync.store.fulfilments import Work
from sync.store.locking import lock_orders
from sync.store.parcels import Parcel
from sync.store.tables import (
    customer_order,
    hold,
    order_line,
    order_line_component,
    outbox,
    reservation,
)
from sync.store.tables.orders import open_order_hold


@dataclass(frozen=True, slots=True)
class StoredLine:
    """An order line with the components of one piece, None while it is unbound."""

    id: str
    external_id: str
    variant_external_id: str | None
    remote_sku: str | None
    title: str
    ordered: int
    quantity: int
    unit_price: str
    total_minor: int
    components: Mapping[str, int] | None
    reason: str | None
    shipped_elsewhere: int
    at_most: int | None = None
    """Pieces that may leave in all although more are wanted; None: no limit."""
    waits: bool = False
    """Reserved, and not to be sent yet."""
    ship_by: int | None = None
    """The channel's deadline (microseconds)."""
    charged: int | None = None
    """Pieces that the total is for; None: all that were ordered."""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """The order's own row, and what belongs to it."""

    row: Any
    """The columns of `customer_order`."""
    lines: tuple[StoredLine, ...]
    work: tuple[Work, ...]
    parcels: tuple[Parcel, ...]
    reservations: Sequence[sa.Row[Any]]
    open_holds: Mapping[str, Any]
    """By rule, the columns of `hold`: also those that a person has rejected, which go on holding."""
    decided: frozenset[str]
    refusals: Mapping[str, str]
    """Why a fulfilment was refused, by its id."""

    @property
    def state(self) -> OrderState:
        """The state that was stored last."""
        return OrderState(self.row.state)

    @property
    def placed_at(self) -> datetime:
        """When the buyer placed it."""
        return from_micros(self.row.placed_at)

    @property
    def shipments(self) -> list[RemoteShipment]:
        """The shipments that the shop shows."""
        return msgspec.json.decode(self.row.shipments or "[]", type=list[RemoteShipment])

    @property
    def tags(self) -> list[str]:
        """The shop's tags."""
        return msgspec.json.decode(self.row.tags or "[]", type=list[str])


async def load(tx: Tx, order_id: str) -> StoredCase | None:
    """The whole present state of one order, or None where there is none."""
    await lock_orders(tx, customer_order.c.id == order_id)
    row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order_id))
    if row is None:
        return None
    holds = await tx.all(
        sa.select(hold).where(hold.c.order_id == order_id, hold.c.topic == Topic.ORDER.value)
    )
    work = tuple(await fulfilments.of_order(tx, order_id))
    return StoredCase(
        row=row,
        lines=await lines(tx, order_id),
        work=work,
        parcels=tuple(await parcels.of_order(tx, order_id)) if work else (),
        reservations=await tx.all(sa.select(reservation).where(reservation.c.order_id == order_id)),
        open_holds={item.rule: item for item in holds if item.released_at is None},
        decided=frozenset(item.rule for item in holds if item.released_by not in (None, "cause gone")),
        refusals=await _refusals(tx, order_id) if any(w.state == "refused" for w in work) else {},
    )


async def lines(tx: Tx, order_id: str) -> tuple[StoredLine, ...]:
    """The lines of one order, in their order."""
    rows = await tx.all(
        sa.select(order_line, order_line_component.c.sku, order_line_component.c.units)
        .outerjoin(order_line_component, order_line_component.c.order_line_id == order_line.c.id)
        .where(order_line.c.order_id == order_id)
        .order_by(order_line.c.id)
    )
    grouped: dict[str, tuple[sa.Row[Any], dict[str, int]]] = {}
    for row in rows:
        parts = grouped.setdefault(row.id, (row, {}))[1]
        if row.sku is not None:
            parts[row.sku] = row.units
    return tuple(
        StoredLine(
            row.id,
            row.external_id,
            row.variant_external_id,
            row.remote_sku,
            row.title,
            row.ordered,
            row.quantity,
            row.unit_price,
            row.total_minor,
            parts if row.bound else None,
            row.unbound_reason,
            row.shipped_elsewhere,
            row.at_most,
            row.waits_since is not None,
            row.ship_by,
            row.charged,
        )
        for row, parts in grouped.values()
    )


async def _refusals(tx: Tx, order_id: str) -> dict[str, str]:
    rows = await tx.all(
        sa.select(outbox.c.aggregate, outbox.c.last_error).where(
            outbox.c.order_id == order_id, outbox.c.state == "rejected"
        )
    )
    return {row.aggregate.removeprefix("fulfilment:"): row.last_error or "" for row in rows}


async def doubled(tx: Tx, case: Any, within_micros: int) -> str | None:
    """The number of an earlier order of the same buyer, cart and total, placed within so short a time."""
    if case.email_index is None:
        return None
    c = customer_order.c
    number = await tx.scalar(
        sa.select(c.number)
        .where(
            c.account_id == case.account_id,
            c.email_index == case.email_index,
            c.cart_hash == case.cart_hash,
            c.id != case.id,
            c.status.not_in(["cancelled", "gone"]),
            c.placed_at <= case.placed_at,
            c.placed_at >= case.placed_at - within_micros,
        )
        .limit(1)
    )
    return None if number is None else str(number)


async def bind_lines(tx: Tx, bound: Mapping[str, tuple[Mapping[str, int] | None, str | None]]) -> None:
    """Store what order lines are made of: by line id, (components or None, the reason why not)."""
    await tx.run(
        sa.update(order_line)
        .where(order_line.c.id == sa.bindparam("line"))
        .values(bound=sa.bindparam("is_bound"), unbound_reason=sa.bindparam("reason")),
        [
            {"line": line, "is_bound": int(parts is not None), "reason": reason}
            for line, (parts, reason) in bound.items()
        ],
    )
    await tx.run(
        sa.insert(order_line_component),
        [
            {"order_line_id": line, "sku": sku, "units": units}
            for line, (parts, _) in bound.items()
            for sku, units in (parts or {}).items()
        ],
    )


async def set_elsewhere(tx: Tx, pieces: Mapping[str, int]) -> None:
    """Pieces per line that the shop shows as shipped by somebody else."""
    await tx.run(
        sa.update(order_line)
        .where(order_line.c.id == sa.bindparam("line"))
        .values(shipped_elsewhere=sa.bindparam("pieces", type_=sa.BigInteger)),
        [{"line": line, "pieces": count} for line, count in pieces.items()],
    )


async def limit_lines(tx: Tx, most: Mapping[str, int | None]) -> None:
    """No more pieces of these lines may leave in all, whatever the shop wants: by line, absolute; None: no limit."""
    for line, pieces in sorted(most.items()):
        await tx.run(sa.update(order_line).where(order_line.c.id == line).values(at_most=pieces))


async def let_wait(tx: Tx, lines: Iterable[str], *, wait: bool) -> int:
    """These lines are held without being sent, or may go now. Returns how many it was otherwise for."""
    changed = 0
    for line in sorted(set(lines)):
        since = order_line.c.waits_since
        here = sa.and_(order_line.c.id == line, since.is_(None) if wait else since.is_not(None))
        changed += await tx.run(
            sa.update(order_line).where(here).values(waits_since=tx.now() if wait else None)
        )
    return changed


async def close_reservations(tx: Tx, order_id: str) -> None:
    """Nothing more will be held for this order."""
    await tx.run(
        sa.update(reservation)
        .where(reservation.c.order_id == order_id, reservation.c.closed_at.is_(None))
        .values(closed_at=tx.now())
    )


async def set_order(tx: Tx, order_id: str, **values: object) -> None:
    """Set columns of one order."""
    await tx.run(sa.update(customer_order).where(customer_order.c.id == order_id).values(**values))


async def open_hold(tx: Tx, order_id: str, /, **values: object) -> None:
    """Write down why an order waits."""
    known = {"topic": Topic.ORDER.value, "about": order_id, "order_id": order_id, "opened_at": tx.now()}
    await tx.run(sa.insert(hold).values(id=tx.new_id(), **(known | values)))


async def set_hold(tx: Tx, id: str, **values: object) -> None:
    """Set columns of one hold."""
    await tx.run(sa.update(hold).where(hold.c.id == id).values(**values))


async def end_hold(tx: Tx, order_id: str, rule: str, by: str) -> bool:
    """End one hold; `by` is a person, or `cause gone`. Returns whether it was open."""
    return bool(
        await tx.run(
            sa.update(hold)
            .where(hold.c.order_id == order_id, hold.c.rule == rule, open_order_hold)
            .values(released_at=tx.now(), released_by=by)
        )
    )
