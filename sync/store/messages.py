"""What customers are told: planned with the order that it is about, marked before it leaves, kept once it has.

A row is unique by (event key, way), so that each event is told once by each way. Every change of state is one
conditional UPDATE by the moves of `sync.domain.messages`; one that they do not have raises IllegalMessageMove.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.messages import MOVES, Event, MessageState, Planned
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import account, customer_order, message, message_rule
from sync.store.tables.messages import open_message

RESTORED = "it may have been told before a backup was restored"
INTERRUPTED = "the program ended while it was being told"
ERASED = "the customer's data were erased"


class IllegalMessageMove(Exception):
    """A message cannot go from this state to that one."""

    def __init__(self, before: MessageState, after: MessageState) -> None:
        super().__init__(f"a message that is {before.value} cannot become {after.value}")


class Letter(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was sent: sealed at rest. It holds personal data, and its text form says nothing."""

    to: str = ""
    subject: str = ""
    text: str = ""

    def __repr__(self) -> str:
        return "Letter(…)"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, without what it says. Times are aware."""

    id: str
    account_id: AccountId
    order_id: OrderId
    event_key: str
    way: str
    event: Event
    name: str
    state: MessageState
    facts: Mapping[str, str] = field(repr=False)
    language: str
    reason: str
    happened_at: datetime
    created_at: datetime
    next_at: datetime
    wished_at: datetime | None
    """When a person had it told again."""
    attempts: int
    sent_at: datetime | None
    shop: str
    number: str
    """The order's number at the shop."""

    @property
    def key(self) -> str:
        """What every try of it has in common, at whoever is told."""
        return f"message:{self.event_key}:{self.way}"


async def in_force(
    tx: Tx, account_id: AccountId, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Since when (microseconds) each (event, ways) is told to a shop's customers; what is new is from now on."""
    since = await _since(tx, account_id)
    fresh = [key for key in dict.fromkeys(wanted) if key not in since]
    if fresh:
        rows = [
            {"account_id": account_id, "event": event, "ways": ways, "since": tx.now()}
            for event, ways in fresh
        ]
        await tx.run(upsert(message_rule).on_conflict_do_nothing(), rows)
        since = await _since(tx, account_id)
    return since


async def _since(tx: Tx, account_id: AccountId) -> dict[tuple[str, str], int]:
    rows = await tx.all(sa.select(message_rule).where(message_rule.c.account_id == account_id))
    return {(row.event, row.ways): row.since for row in rows}


async def keep_in_force(tx: Tx, account_id: AccountId, wanted: Collection[tuple[str, str]]) -> None:
    """These are told from now on, and no others: one that is taken out and written again begins anew."""
    gone = set(await in_force(tx, account_id, wanted)) - set(wanted)
    for event, ways in gone:
        c = message_rule.c
        await tx.run(
            sa.delete(message_rule).where(c.account_id == account_id, c.event == event, c.ways == ways)
        )


async def told(tx: Tx, order_id: str) -> set[tuple[str, str]]:
    """The (event key, way) of every message of an order, whatever became of it."""
    rows = await tx.all(sa.select(message.c.event_key, message.c.way).where(message.c.order_id == order_id))
    return {(row.event_key, row.way) for row in rows}


async def add(
    tx: Tx,
    *,
    account_id: AccountId,
    order_id: OrderId,
    one: Planned,
    state: MessageState,
    reason: str,
    version: str,
) -> str | None:
    """Store a message that was planned. Its id; None where it is there already."""
    row = {
        "id": tx.new_id(),
        "account_id": account_id,
        "order_id": order_id,
        "event_key": one.occurred.key,
        "way": one.way,
        "event": one.occurred.event.value,
        "name": one.name,
        "state": state.value,
        "facts": json.dumps(one.occurred.facts, ensure_ascii=False, separators=(",", ":")),
        "reason": reason,
        "happened_at": to_micros(one.occurred.at),
        "created_at": tx.now(),
        "next_at": tx.now(),
        "closed_at": tx.now() if state.ended else None,
        "config_version": version,
    }
    there = [message.c.event_key, message.c.way]
    added = await tx.run(upsert(message).values(row).on_conflict_do_nothing(index_elements=there))
    return str(row["id"]) if added else None


_ROWS = (
    sa.select(message, account.c.name.label("shop"), customer_order.c.number)
    .join(account, account.c.id == message.c.account_id)
    .join(customer_order, customer_order.c.id == message.c.order_id)
)


async def due(tx: Tx, account_id: AccountId, limit: int, without: Collection[str] = ()) -> list[Message]:
    """What is to be told now, the longest due first; nothing by the ways `without`."""
    rows = await tx.all(
        _ROWS.where(
            message.c.account_id == account_id,
            open_message,
            message.c.state == MessageState.PLANNED.value,
            message.c.next_at <= tx.now(),
            message.c.way.not_in(list(without)),
        )
        .order_by(message.c.next_at, message.c.id)
        .limit(limit)
    )
    return [_message(row) for row in rows]


async def unknown(tx: Tx, account_id: AccountId, reason: str | None = None) -> list[Message]:
    """Those of which nobody knows whether they were told, for this reason (None: for any)."""
    query = _ROWS.where(
        message.c.account_id == account_id, open_message, message.c.state == MessageState.UNKNOWN.value
    )
    if reason is not None:
        query = query.where(message.c.reason == reason)
    return [_message(row) for row in await tx.all(query.order_by(message.c.id))]


async def recover(tx: Tx, account_id: AccountId) -> list[Message]:
    """What a dead process, or a pass that was cut off, left on its way becomes unknown. Returns those."""
    query = _ROWS.where(
        message.c.account_id == account_id, open_message, message.c.state == MessageState.SENDING.value
    )
    found = [_message(row) for row in await tx.all(query)]
    for one in found:
        await mark_unknown(tx, one.id, INTERRUPTED)
    return found


async def get(tx: Tx, id: str) -> Message | None:
    """One message by its id."""
    row = await tx.one(_ROWS.where(message.c.id == id))
    return None if row is None else _message(row)


async def listed(
    tx: Tx,
    *,
    account_id: str | None = None,
    order_ids: Sequence[str] | None = None,
    state: MessageState | None = None,
    limit: int = 100,
) -> list[Message]:
    """The latest messages, the newest first."""
    query = _ROWS
    if account_id is not None:
        query = query.where(message.c.account_id == account_id)
    if order_ids is not None:
        query = query.where(message.c.order_id.in_(order_ids))
    if state is not None:
        query = query.where(message.c.state == state.value)
    return [_message(row) for row in await tx.all(query.order_by(message.c.id.desc()).limit(limit))]


async def mark_sending(tx: Tx, id: str, *, language: str, letter: Letter | None) -> None:
    """Commit this before it leaves: from here on a missing answer means unknown. A masked one keeps no letter."""
    sealed = None if letter is None else tx.sealer.seal("message", id, "letter", msgspec.json.encode(letter))
    await _move(
        tx,
        id,
        MessageState.SENDING,
        attempts=message.c.attempts + 1,
        sent_at=tx.now(),
        language=language,
        letter_sealed=sealed,
        key_id=tx.sealer.key_id,
    )


async def mark_done(tx: Tx, id: str, by: str = "") -> None:
    """The customer was told; `by` is a person who says so."""
    await _move(tx, id, MessageState.DONE, reason=by)


async def mark_refused(tx: Tx, id: str, reason: str) -> None:
    """Whoever should have told it says no."""
    await _move(tx, id, MessageState.REFUSED, reason=reason)


async def mark_unknown(tx: Tx, id: str, reason: str) -> None:
    """No answer came."""
    await _move(tx, id, MessageState.UNKNOWN, reason=reason)


async def pass_over(tx: Tx, id: str, reason: str) -> None:
    """It will not be told."""
    await _move(tx, id, MessageState.PASSED, reason=reason)


async def plan_again(tx: Tx, id: str, reason: str, next_at: datetime) -> None:
    """It surely was not told: it is due at `next_at`."""
    await _move(tx, id, MessageState.PLANNED, reason=reason, next_at=to_micros(next_at))


async def wish_again(tx: Tx, id: str, reason: str) -> None:
    """A person wants it told again: it is due now, however long ago it happened."""
    await _move(tx, id, MessageState.PLANNED, reason=reason, next_at=tx.now(), wished_at=tx.now())


async def put_off(tx: Tx, id: str, next_at: datetime) -> None:
    """It is not told yet."""
    await _move(tx, id, MessageState.PLANNED, next_at=to_micros(next_at))


async def put_off_way(tx: Tx, account_id: AccountId, way: str, next_at: datetime) -> None:
    """Nothing of a shop is told by this way before `next_at`."""
    await tx.run(
        sa.update(message)
        .where(
            message.c.account_id == account_id,
            open_message,
            message.c.way == way,
            message.c.state == MessageState.PLANNED.value,
            message.c.next_at < to_micros(next_at),
        )
        .values(next_at=to_micros(next_at))
    )


async def make_unknown(tx: Tx) -> int:
    """After a restore: what was to be told may have been told since the copy was made. Returns how many."""
    waiting = message.c.state.in_([MessageState.PLANNED.value, MessageState.SENDING.value])
    values = {"state": MessageState.UNKNOWN.value, "reason": RESTORED}
    return await tx.run(sa.update(message).where(open_message, waiting).values(**values))


async def forget(tx: Tx, order_id: str) -> None:
    """Erase words, address and links of an order's messages; what was not told yet is not told any more."""
    of_order = message.c.order_id == order_id
    await tx.run(sa.update(message).where(of_order).values(letter_sealed=None, facts="{}"))
    waiting = message.c.state == MessageState.PLANNED.value
    over = {"state": MessageState.PASSED.value, "reason": ERASED, "closed_at": tx.now()}
    await tx.run(sa.update(message).where(of_order, waiting).values(**over))


async def _move(tx: Tx, id: str, after: MessageState, **values: Any) -> None:
    sources = [before.value for before, targets in MOVES.items() if after in targets]
    closed = tx.now() if after.ended else None
    update = sa.update(message).where(message.c.id == id, message.c.state.in_(sources))
    if await tx.run(update.values(state=after.value, closed_at=closed, **values)) == 1:
        return
    before = await tx.scalar(sa.select(message.c.state).where(message.c.id == id))
    if before is None:
        raise LookupError(f"there is no message {id}")
    raise IllegalMessageMove(MessageState(before), after)


def _message(row: sa.Row[Any]) -> Message:
    return Message(
        id=row.id,
        account_id=row.account_id,
        order_id=row.order_id,
        event_key=row.event_key,
        way=row.way,
        event=Event(row.event),
        name=row.name,
        state=MessageState(row.state),
        facts=json.loads(row.facts or "{}"),
        language=row.language,
        reason=row.reason,
        happened_at=from_micros(row.happened_at),
        created_at=from_micros(row.created_at),
        next_at=from_micros(row.next_at),
        wished_at=None if row.wished_at is None else from_micros(row.wished_at),
        attempts=row.attempts,
        sent_at=None if row.sent_at is None else from_micros(row.sent_at),
        shop=row.shop,
        number=row.number,
    )
