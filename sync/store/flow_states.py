"""Where each flow of each account stands: when it is due, its cursor, its last success and its failures.

`next_due_at` is the only truth about when a key runs next; the engine's memory is a copy of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.store.database import Fence, Tx
from sync.store.dialect import upsert
from sync.store.tables import flow_state


@dataclass(frozen=True, slots=True)
class FlowState:
    """One key."""

    account_id: AccountId
    flow: str
    next_due_at: datetime | None
    attempts: int
    """Failures in a row."""
    cursor: str | None
    cursor_at: datetime | None
    """The `begun_at` of the page behind the cursor: what the vendor had then, we have."""
    full_at: datetime | None
    """When the last full read began."""
    more: bool
    started_at: datetime | None
    last_success_at: datetime | None
    last_success_begun_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None


_HERE = sa.and_(
    flow_state.c.account_id == sa.bindparam("of"),
    flow_state.c.flow == sa.bindparam("named"),
)
"""One key, as `_at` gives it."""
_NOW = sa.bindparam("now", type_=sa.BigInteger)
_BEGUN = sa.bindparam("begun", type_=sa.BigInteger)
_NEXT = sa.bindparam("next", type_=sa.BigInteger)
# Every pass runs these: they are built once, for building costs more than running.
_STATE = sa.select(flow_state).where(_HERE)
_CURSOR = sa.select(flow_state.c.cursor).where(_HERE)
_LAST_SUCCESS = sa.select(flow_state.c.last_success_begun_at).where(_HERE)
_WHEN = sa.func.coalesce(flow_state.c.next_due_at, 0)
_DUE = sa.select(flow_state.c.account_id, flow_state.c.flow).where(_WHEN <= _NOW).order_by(_WHEN)
_BEGIN = sa.update(flow_state).where(_HERE).values(started_at=_NOW)
_KEPT = sa.and_(flow_state.c.next_due_at > _BEGUN, flow_state.c.next_due_at < _NEXT)
_GO_ON = (
    sa.update(flow_state)
    .where(_HERE)
    .values(
        attempts=0,
        more=sa.bindparam("has_more"),
        last_error=None,
        next_due_at=sa.case((_KEPT, flow_state.c.next_due_at), else_=_NEXT),
        last_success_at=_NOW,
    )
)
_SUCCEED = _GO_ON.values(last_success_begun_at=_BEGUN)


def _at(account_id: AccountId, flow: str) -> dict[str, object]:
    return {"of": account_id, "named": flow}


def _here(account_id: AccountId, flow: str) -> sa.ColumnElement[bool]:
    return sa.and_(flow_state.c.account_id == account_id, flow_state.c.flow == flow)


async def ensure(tx: Tx, account_id: AccountId, flow: str) -> None:
    """Make the key, due at once, where it is new."""
    row = upsert(flow_state).values(account_id=account_id, flow=flow, next_due_at=tx.now())
    await tx.run(row.on_conflict_do_nothing(index_elements=[flow_state.c.account_id, flow_state.c.flow]))


async def state(tx: Tx, account_id: AccountId, flow: str) -> FlowState | None:
    """One key, None where it never ran."""
    row = await tx.one(_STATE, _at(account_id, flow))
    return None if row is None else _state(row)


async def states(tx: Tx) -> list[FlowState]:
    """Every key."""
    rows = await tx.all(sa.select(flow_state).order_by(flow_state.c.account_id, flow_state.c.flow))
    return [_state(row) for row in rows]


async def due(tx: Tx) -> list[tuple[AccountId, str]]:
    """The keys whose time has come, longest due first. A key that was never planned is due."""
    return [(row.account_id, row.flow) for row in await tx.all(_DUE, {"now": tx.now()})]


async def begin(tx: Tx, fence: Fence) -> None:
    """A pass starts under this lease."""
    await tx.run(_BEGIN, {**_at(fence.account_id, fence.flow), "now": tx.now()})


async def succeed(tx: Tx, fence: Fence, *, begun_at: datetime, next_due_at: datetime, more: bool) -> None:
    """The pass that began at `begun_at` ended well: failures are forgotten.

    A pass that has `more` to do has not read to the end, so it moves no `last_success_begun_at`. A due time that was
    set while it ran stays: what it stands for may have come after the read.
    """
    times = {"begun": to_micros(begun_at), "next": to_micros(next_due_at), "now": tx.now()}
    values = {**_at(fence.account_id, fence.flow), **times, "has_more": int(more)}
    await tx.run(_GO_ON if more else _SUCCEED, values)


async def fail(tx: Tx, fence: Fence, *, error: str, next_due_at: datetime, counts: bool = True) -> int:
    """The pass failed; `counts` is False where the vendor only asked for patience. Returns failures in a row.

    `error` holds no personal data.
    """
    here = _here(fence.account_id, fence.flow)
    await tx.run(
        sa.update(flow_state)
        .where(here)
        .values(
            attempts=flow_state.c.attempts + int(counts),
            next_due_at=to_micros(next_due_at),
            last_error=error,
            last_error_at=tx.now(),
        )
    )
    return int(await tx.scalar(sa.select(flow_state.c.attempts).where(here)) or 0)


async def make_due(tx: Tx, account_id: AccountId, flow: str | None = None) -> int:
    """Forget back-off: the account's keys (or one of them) are due now. Returns how many."""
    here = flow_state.c.account_id == account_id if flow is None else _here(account_id, flow)
    return await tx.run(sa.update(flow_state).where(here).values(next_due_at=tx.now(), attempts=0))


async def try_now(tx: Tx, account_id: AccountId, flows: Iterable[str]) -> None:
    """Cut the back-off of these keys of the account short; their failures count on until one goes well."""
    waiting = flow_state.c.next_due_at > tx.now()
    here = sa.and_(flow_state.c.account_id == account_id, flow_state.c.flow.in_(sorted(flows)), waiting)
    await tx.run(sa.update(flow_state).where(here).values(next_due_at=tx.now()))


async def pull_due_times_back(tx: Tx, latest: datetime) -> int:
    """After the clock was set back: no key waits beyond `latest`. Returns how many would have."""
    limit = to_micros(latest)
    late = flow_state.c.next_due_at > limit
    return await tx.run(sa.update(flow_state).where(late).values(next_due_at=limit))


async def save_cursor(
    tx: Tx, account_id: AccountId, flow: str, cursor: str | None, begun_at: datetime, full: bool = False
) -> None:
    """Store where to go on, in the transaction that stores the page. A cursor of None keeps the one before.

    `begun_at` is the page's; `full` says that it completed a full read, begun then.
    """
    values: dict[str, object] = {"cursor_at": to_micros(begun_at)}
    if cursor is not None:
        values["cursor"] = cursor
    if full:
        values["full_at"] = to_micros(begun_at)
    row = upsert(flow_state).values(account_id=account_id, flow=flow, **values)
    keys = [flow_state.c.account_id, flow_state.c.flow]
    await tx.run(row.on_conflict_do_update(index_elements=keys, set_=values))


async def forget_cursor(tx: Tx, account_id: AccountId, flow: str) -> None:
    """Read from the start again."""
    await tx.run(sa.update(flow_state).where(_here(account_id, flow)).values(cursor=None, cursor_at=None))


async def cursor(tx: Tx, account_id: AccountId, flow: str) -> str | None:
    """Where to go on, None at the start."""
    value: str | None = await tx.scalar(_CURSOR, _at(account_id, flow))
    return value


async def last_success_begun_at(tx: Tx, account_id: AccountId, flow: str) -> datetime | None:
    """When the last pass that ended well and had no more to do had begun."""
    return _time(await tx.scalar(_LAST_SUCCESS, _at(account_id, flow)))


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _state(row: sa.Row[Any]) -> FlowState:
    return FlowState(
        account_id=row.account_id,
        flow=row.flow,
        next_due_at=_time(row.next_due_at),
        attempts=row.attempts,
        cursor=row.cursor,
        cursor_at=_time(row.cursor_at),
        full_at=_time(row.full_at),
        more=bool(row.more),
        started_at=_time(row.started_at),
        last_success_at=_time(row.last_success_at),
        last_success_begun_at=_time(row.last_success_begun_at),
        last_error=row.last_error,
        last_error_at=_time(row.last_error_at),
    )
