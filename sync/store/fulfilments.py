"""Our fulfilments: created with the outbox row that sends them, then followed at the warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.lifecycle import CancelState, WorkState
from sync.domain.routing import LineKey
from sync.domain.shipments import FulfilmentState
from sync.store.database import Tx
from sync.store.locking import lock_orders
from sync.store.tables import customer_order, fulfilment, fulfilment_line


@dataclass(frozen=True, slots=True)
class Work:
    """A stored fulfilment. `lines`: per (order line, SKU) units asked for, assigned, shipped."""

    id: str
    order_id: str
    account_id: str
    reference: str
    n: int
    external_id: str | None
    state: WorkState
    cancel: CancelState
    lines: Mapping[LineKey, tuple[int, int, int]]
    observed_at: int | None
    refused: Mapping[LineKey, int] = field(default_factory=dict)
    """Units that its supplier will not send; `lines` are without them."""
    closed_at: int | None = None
    """When it ended for us; None while it is open."""


async def create(
    tx: Tx,
    *,
    order_id: str,
    account: str,
    reference: str,
    n: int,
    lines: Mapping[LineKey, int],
    rule: str,
    config_version: str,
) -> str:
    """Write down a fulfilment that a warehouse shall be asked for. Returns its id."""
    work_id = tx.new_id()
    await tx.run(
        sa.insert(fulfilment).values(
            id=work_id,
            order_id=order_id,
            account_id=account,
            reference=reference,
            n=n,
            state=WorkState.PLANNED.value,
            rule=rule,
            created_at=tx.now(),
            config_version=config_version,
        )
    )
    await set_lines(tx, work_id, lines)
    return work_id


async def set_lines(tx: Tx, work_id: str, lines: Mapping[LineKey, int]) -> None:
    """These units are asked for, and no others; none of them is assigned or shipped yet."""
    await tx.run(sa.delete(fulfilment_line).where(fulfilment_line.c.fulfilment_id == work_id))
    await tx.run(
        sa.insert(fulfilment_line),
        [
            {"fulfilment_id": work_id, "order_line_id": line, "sku": sku, "quantity": units}
            for (line, sku), units in lines.items()
        ],
    )


async def of_order(tx: Tx, order_id: str) -> list[Work]:
    """An order's fulfilments, the first one first."""
    return await _load(tx, fulfilment.c.order_id == order_id)


async def by_id(tx: Tx, work_id: str) -> Work | None:
    """One fulfilment by our id."""
    found = await _load(tx, fulfilment.c.id == work_id)
    return found[0] if found else None


async def by_references(tx: Tx, account: str, references: Sequence[str]) -> dict[str, Work]:
    """Fulfilments of one warehouse by our references."""
    if not references:
        return {}
    found = await _load(
        tx, sa.and_(fulfilment.c.account_id == account, fulfilment.c.reference.in_(references))
    )
    return {work.reference: work for work in found}


async def anywhere(tx: Tx, reference: str) -> Work | None:
    """The fulfilment with this reference of ours, at whichever warehouse."""
    found = await _load(tx, fulfilment.c.reference == reference)
    return found[0] if found else None


async def move(tx: Tx, work_id: str, account: str) -> None:
    """It is at this warehouse, not at the one that was planned."""
    await tx.run(sa.update(fulfilment).where(fulfilment.c.id == work_id).values(account_id=account))


async def open_at(tx: Tx, account: str, before: datetime, limit: int) -> list[Work]:
    """Open fulfilments that the warehouse knows, last observed before a moment, the longest ago first."""
    seen = sa.func.coalesce(fulfilment.c.observed_at, 0)
    rows = await tx.all(
        sa.select(fulfilment.c.id)
        .where(
            fulfilment.c.account_id == account,
            fulfilment.c.closed_at.is_(None),
            fulfilment.c.external_id.is_not(None),
            seen < to_micros(before),
        )
        .order_by(seen)
        .limit(limit)
    )
    return await _load(tx, fulfilment.c.id.in_([row.id for row in rows]))


async def _load(tx: Tx, where: sa.ColumnElement[bool]) -> list[Work]:
    await lock_orders(tx, customer_order.c.id.in_(sa.select(fulfilment.c.order_id).where(where)))
    rows = await tx.all(
        sa.select(fulfilment, fulfilment_line)
        .outerjoin(fulfilment_line, fulfilment_line.c.fulfilment_id == fulfilment.c.id)
        .where(where)
        .order_by(fulfilment.c.n, fulfilment.c.id)
    )
    grouped: dict[str, tuple[sa.Row[Any], dict[LineKey, tuple[int, int, int]], dict[LineKey, int]]] = {}
    for row in rows:
        _, lines, refused = grouped.setdefault(row.id, (row, {}, {}))
        if row.order_line_id is not None:
            key = (row.order_line_id, row.sku)
            lines[key] = (row.quantity, row.assigned, row.shipped)
            if row.refused:
                refused[key] = row.refused
    return [
        Work(
            row.id,
            row.order_id,
            row.account_id,
            row.reference,
            row.n,
            row.external_id,
            WorkState(row.state),
            CancelState(row.cancel),
            lines,
            row.observed_at,
            refused,
            row.closed_at,
        )
        for row, lines, refused in grouped.values()
    ]


WAITS_FOR_STOCK = frozenset({WorkState.WAITING, WorkState.PART_ASSIGNED})
"""A feed's word on these is not enough: they are read by id again, to be assigned when goods come in."""


async def observe(
    tx: Tx,
    work: Work,
    external_id: str,
    told: FulfilmentState,
    lines: Mapping[LineKey, tuple[int, int]],
    observed_at: datetime,
    *,
    certain: bool = True,
) -> bool:
    """Store what the warehouse says: its state, and (assigned, shipped) per line. Returns whether it moved."""
    state = WorkState.WAITING if told is FulfilmentState.DRAFT else WorkState(told.value)
    after = {key: (asked, *lines.get(key, (a, s))) for key, (asked, a, s) in work.lines.items()}
    moved = state != work.state or after != dict(work.lines) or work.external_id != external_id
    stopped = state == WorkState.CANCELLED and work.cancel == CancelState.REQUESTED
    looked = {} if state in WAITS_FOR_STOCK and not certain else {"observed_at": to_micros(observed_at)}
    values: dict[str, Any] = dict(looked)
    if moved:
        values |= {
            "state": state.value,
            "external_id": external_id,
            "accepted_at": sa.func.coalesce(fulfilment.c.accepted_at, tx.now()),
            "closed_at": tx.now() if state.ended else None,
            "cancel": CancelState.STOPPED.value if stopped else work.cancel.value,
        }
    if values:
        await tx.run(sa.update(fulfilment).where(fulfilment.c.id == work.id).values(**values))
    if moved:
        await tx.run(
            _LINE,
            [
                {"work": work.id, "line": line, "item": sku, "a": assigned, "s": shipped}
                for (line, sku), (_, assigned, shipped) in after.items()
            ],
        )
    return moved


_LINE = (
    sa.update(fulfilment_line)
    .where(
        fulfilment_line.c.fulfilment_id == sa.bindparam("work"),
        fulfilment_line.c.order_line_id == sa.bindparam("line"),
        fulfilment_line.c.sku == sa.bindparam("item"),
    )
    .values(assigned=sa.bindparam("a", type_=sa.BigInteger), shipped=sa.bindparam("s", type_=sa.BigInteger))
)


async def set_state(
    tx: Tx, work_id: str, state: WorkState | None = None, cancel: CancelState | None = None
) -> None:
    """Move a fulfilment of ours to a state, or note how far its cancellation is."""
    values: dict[str, Any] = {}
    if state is not None:
        values |= {"state": state.value, "closed_at": tx.now() if state.ended else None}
    if cancel is not None:
        values["cancel"] = cancel.value
    await tx.run(sa.update(fulfilment).where(fulfilment.c.id == work_id).values(**values))


async def note_sent(tx: Tx, order_id: str) -> None:
    """Note when an order first reached a warehouse."""
    await tx.run(
        sa.update(customer_order)
        .where(customer_order.c.id == order_id, customer_order.c.sent_at.is_(None))
        .values(sent_at=tx.now())
    )


async def clear_assigned(tx: Tx, work_id: str) -> None:
    """A stopped fulfilment holds nothing: its units are back in the warehouse's figure."""
    await tx.run(
        sa.update(fulfilment_line).where(fulfilment_line.c.fulfilment_id == work_id).values(assigned=0)
    )


async def note_observed(tx: Tx, work_id: str) -> None:
    """It was asked for just now, whatever the answer was."""
    await tx.run(sa.update(fulfilment).where(fulfilment.c.id == work_id).values(observed_at=tx.now()))
