"""Creating writes that wait to be sent, in the order of their aggregate.

A row is committed in the transaction that caused it. Only the head (the lowest open seq) of an aggregate is
sendable. Every change of state is one conditional UPDATE by the table of moves in `sync.domain.outbox`; a
move that the table does not have raises IllegalMove and changes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.ids import AccountId, OrderId, OutboxId
from sync.domain.outbox import OutboxState, check_move, sources
from sync.store import restored
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import outbox
from sync.store.tables.work import open_work


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One creating write. `next_at` and `quiet_until` are microseconds since 1970."""

    id: OutboxId
    account_id: AccountId
    operation: str
    key: str
    aggregate: str
    seq: int
    payload: Mapping[str, Any]
    state: OutboxState
    order_id: OrderId | None
    order_version: int | None
    attempts: int
    """How often it has been sent."""
    next_at: int
    quiet_until: int | None
    sent_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    """When it ended; None while it is open."""
    last_error: str | None
    result: Mapping[str, Any] | None
    config_version: str


async def enqueue(
    tx: Tx,
    *,
    account_id: AccountId,
    operation: str,
    key: str,
    aggregate: str,
    payload: Mapping[str, Any],
    order_id: OrderId | None = None,
    order_version: int | None = None,
    config_version: str = "",
) -> bool:
    """Queue a creating write behind the others of its aggregate. False where the key exists: it counts once.

    `key` is made of business ids; `payload` holds ids and figures, never personal data. What a restored
    database may have sent already, in the time that it does not know of, is born unknown: looked up first.
    """
    await tx.alone("outbox", aggregate)
    first = await restored.look_first(tx, order_id)
    state = OutboxState.QUEUED if first is None else OutboxState.UNKNOWN
    seq = sa.select(sa.func.coalesce(sa.func.max(outbox.c.seq), 0) + 1).where(outbox.c.aggregate == aggregate)
    insert = upsert(outbox).values(
        id=tx.new_id(),
        account_id=account_id,
        operation=operation,
        key=key,
        aggregate=aggregate,
        seq=seq.scalar_subquery(),
        payload=json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        state=state.value,
        order_id=order_id,
        order_version=order_version,
        next_at=tx.now() if first is None else max(tx.now(), first.quiet_until),
        quiet_until=None if first is None else first.quiet_until,
        created_at=tx.now(),
        config_version=config_version,
    )
    return await tx.run(insert.on_conflict_do_nothing(index_elements=[outbox.c.key])) == 1


_earlier = outbox.alias("earlier")
_HEADS = (
    sa.select(outbox)
    .where(
        outbox.c.account_id == sa.bindparam("account"),
        open_work,
        outbox.c.next_at <= sa.bindparam("now"),
        sa.or_(
            outbox.c.state == OutboxState.QUEUED.value,
            sa.and_(
                outbox.c.state == OutboxState.UNKNOWN.value,
                sa.func.coalesce(outbox.c.quiet_until, 0) <= sa.bindparam("now"),
            ),
        ),
        ~sa.exists().where(
            _earlier.c.aggregate == outbox.c.aggregate,
            _earlier.c.seq < outbox.c.seq,
            _earlier.c.closed_at.is_(None),
        ),
    )
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(sa.bindparam("most"))
)


async def heads(tx: Tx, account_id: AccountId, now: int, limit: int) -> list[OutboxRow]:
    """The due heads of the account's aggregates, longest due first.

    Queued ones are to be sent; unknown ones, whose quiet time has passed, are to be looked up.
    """
    rows = await tx.all(_HEADS, {"account": account_id, "now": now, "most": limit})
    return [_row(row) for row in rows]


async def get(tx: Tx, id: OutboxId) -> OutboxRow | None:
    """One row by its id."""
    row = await tx.one(sa.select(outbox).where(outbox.c.id == id))
    return None if row is None else _row(row)


async def by_key(tx: Tx, key: str) -> OutboxRow | None:
    """One row by its idempotency key."""
    row = await tx.one(sa.select(outbox).where(outbox.c.key == key))
    return None if row is None else _row(row)


async def of_order(tx: Tx, order_id: OrderId) -> list[OutboxRow]:
    """Everything that an order caused, oldest first."""
    rows = await tx.all(sa.select(outbox).where(outbox.c.order_id == order_id).order_by(outbox.c.id))
    return [_row(row) for row in rows]


async def open_of(tx: Tx, aggregate: str) -> list[OutboxRow]:
    """What an aggregate has not ended yet, in its order."""
    query = sa.select(outbox).where(outbox.c.aggregate == aggregate, open_work).order_by(outbox.c.seq)
    return [_row(row) for row in await tx.all(query)]


async def count_of(tx: Tx, aggregate: str) -> int:
    """How many writes an aggregate has had, whatever became of them."""
    query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.aggregate == aggregate)
    return int(await tx.scalar(query) or 0)


async def mark_sending(tx: Tx, id: OutboxId, quiet_until: int) -> None:
    """Commit this before the request leaves: from here on a missing answer means unknown."""
    values = {"attempts": outbox.c.attempts + 1, "sent_at": tx.now(), "quiet_until": quiet_until}
    await _move(tx, id, OutboxState.SENDING, values)


async def mark_unknown(tx: Tx, id: OutboxId, reason: str, next_at: int) -> None:
    """No answer came, or a look-up could not say: look again at `next_at`, after the quiet time."""
    await _move(tx, id, OutboxState.UNKNOWN, {"last_error": reason, "next_at": next_at})


async def mark_done(tx: Tx, id: OutboxId, result: Mapping[str, Any]) -> None:
    """It happened."""
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    await _move(tx, id, OutboxState.DONE, {"result": text, "last_error": None})


async def mark_rejected(tx: Tx, id: OutboxId, reason: str) -> None:
    """The vendor said no."""
    await _move(tx, id, OutboxState.REJECTED, {"last_error": reason})


async def retry_later(tx: Tx, id: OutboxId, reason: str, next_at: int) -> None:
    """Nothing happened (or a look-up found nothing): it is sent at `next_at`."""
    await _move(tx, id, OutboxState.QUEUED, {"last_error": reason, "next_at": next_at})


async def send_again(tx: Tx, id: OutboxId, reason: str) -> OutboxState:
    """A person wants it sent: at once, or after a look-up where a restored database may have sent it already.

    Returns the state that it has now.
    """
    row = await get(tx, id)
    first = await restored.look_first(tx, row.order_id) if row is not None else None
    if row is not None and row.state is OutboxState.REJECTED and first is not None:
        next_at = max(tx.now(), first.quiet_until)
        await _move(tx, id, OutboxState.UNKNOWN, {"last_error": reason, "next_at": next_at})
        return OutboxState.UNKNOWN
    await retry_later(tx, id, reason, tx.now())
    return OutboxState.QUEUED


async def hold_row(tx: Tx, id: OutboxId, reason: str) -> None:
    """A person decides. Later rows of the aggregate wait."""
    await _move(tx, id, OutboxState.HELD, {"last_error": reason})


async def withdraw(tx: Tx, id: OutboxId, reason: str) -> None:
    """It is no longer wanted, and has not happened."""
    await _move(tx, id, OutboxState.WITHDRAWN, {"last_error": reason})


async def withdraw_unsent(tx: Tx, aggregate: str, operation: str) -> list[OutboxRow]:
    """Withdraw what was queued and never sent (a create and its cancel annihilate). Returns those rows."""
    unsent = sa.and_(
        outbox.c.aggregate == aggregate,
        outbox.c.operation == operation,
        outbox.c.state == OutboxState.QUEUED.value,
        outbox.c.attempts == 0,
    )
    query = sa.select(outbox).where(unsent).order_by(outbox.c.seq).with_for_update(key_share=True)
    rows = [_row(row) for row in await tx.all(query)]
    for row in rows:
        await withdraw(tx, row.id, "no longer wanted before it was sent")
    return rows


async def recover_sending(tx: Tx, account_id: AccountId) -> int:
    """What a dead process left in `sending` becomes unknown, due after its quiet time. Returns how many."""
    left = outbox.c.state == OutboxState.SENDING.value
    return await tx.run(
        sa.update(outbox)
        .where(outbox.c.account_id == account_id, left)
        .values(
            state=OutboxState.UNKNOWN.value,
            next_at=sa.func.coalesce(outbox.c.quiet_until, tx.now()),
            last_error="the process ended while this was being sent",
        )
    )


async def _move(tx: Tx, id: OutboxId, after: OutboxState, values: Mapping[str, Any]) -> None:
    closed = tx.now() if after.ended else None
    allowed = [state.value for state in sources(after)]
    moved = await tx.run(
        sa.update(outbox)
        .where(outbox.c.id == id, outbox.c.state.in_(allowed))
        .values(state=after.value, closed_at=closed, **values)
    )
    if moved != 1:
        before = await tx.scalar(sa.select(outbox.c.state).where(outbox.c.id == id))
        if before is None:
            raise LookupError(f"there is no creating write {id}")
        check_move(OutboxState(before), after)


def _row(row: sa.Row[Any]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        account_id=row.account_id,
        operation=row.operation,
        key=row.key,
        aggregate=row.aggregate,
        seq=row.seq,
        payload=json.loads(row.payload),
        state=OutboxState(row.state),
        order_id=row.order_id,
        order_version=row.order_version,
        attempts=row.attempts,
        next_at=row.next_at,
        quiet_until=row.quiet_until,
        sent_at=None if row.sent_at is None else from_micros(row.sent_at),
        created_at=from_micros(row.created_at),
        closed_at=None if row.closed_at is None else from_micros(row.closed_at),
        last_error=row.last_error,
        result=None if row.result is None else json.loads(row.result),
        config_version=row.config_version,
    )
