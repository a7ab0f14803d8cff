"""Send creating writes, exactly once: marked before they leave, looked up after an unknown outcome.

    queued ─► (prepare, mark sending, commit) ─► call ─► (book the outcome, commit)
    unknown ─► after its quiet time: look it up ─► done, or refused, or send again, or look again later

A row that an earlier pass left in `sending` (the process died, or could not book the answer) is unknown.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConnectorError,
    Deadline,
    Done,
    Kind,
    Operation,
    Outcome,
    Refused,
    Rejected,
    Repeat,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.outbox import OutboxState
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.sending.booking import Book
from sync.flows.sending.bringing import AnnounceReturn, BookReturn, TurnRound
from sync.flows.sending.doubt import ask_whether_it_came
from sync.flows.sending.fulfilment import CancelFulfilment, CreateFulfilment
from sync.flows.sending.purchase import CancelOrder, PlaceOrder
from sync.flows.sending.refund import GiveBack
from sync.flows.sending.sender import NotWanted, NotYet, Ready, Sender
from sync.flows.sending.shop_answers import AnswerRequest, CancelAtShop, ReceiveRequest
from sync.flows.sending.telling import Tell
from sync.flows.wakes import Wakes
from sync.store import issues, orders, outbox
from sync.store.database import Tx
from sync.store.interrupted import collided
from sync.store.outbox import OutboxRow
from sync.telemetry.logs import bound, logger

SENDERS: dict[str, Sender] = {
    sender.operation: sender
    for sender in (
        CreateFulfilment(),
        CancelFulfilment(),
        PlaceOrder(),
        CancelOrder(),
        Book(),
        Tell(),
        GiveBack(),
        AnswerRequest(),
        CancelAtShop(),
        ReceiveRequest(),
        AnnounceReturn(),
        BookReturn(),
        TurnRound(),
    )
}
_BATCH = 20
_LOOK_AGAIN = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=10)
_COLLISIONS = 5
_log = logger("flows.outbox")


class OutboxFlow:
    """The creating writes of one account."""

    name = FlowName.OUTBOX
    kinds = frozenset({Kind.STOREFRONT, Kind.WAREHOUSE, Kind.COURIER, Kind.SUPPLIER})
    lane = Lane.SHIPMENTS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """Send or look up the due heads, a few at a time."""
        async with ctx.store.write(ctx.fence) as tx:
            await outbox.recover_sending(tx, ctx.account.id)
            rows = await outbox.heads(tx, ctx.account.id, tx.now(), _BATCH)
        wakes = Wakes()
        try:
            troubled = await _side_by_side(ctx, rows, wakes)
        finally:
            wakes.send(ctx)
        return PassResult(more=len(rows) == _BATCH, handled=len(rows) - troubled, troubled=troubled)


async def _side_by_side(ctx: FlowContext, rows: Sequence[OutboxRow], wakes: Wakes) -> int:
    """Heads belong to different aggregates: as many at once as the vendor's manifest allows."""
    gate = asyncio.Semaphore(max(1, ctx.manifest.limits.concurrency))

    async def one(row: OutboxRow) -> bool:
        async with gate:
            return await _handle(ctx, row, wakes)

    results = await asyncio.gather(*(one(row) for row in rows), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return sum(not result for result in results)


async def _handle(ctx: FlowContext, row: OutboxRow, wakes: Wakes) -> bool:
    async with ctx.store.read() as tx:
        number = await orders.number_of(tx, row.order_id) if row.order_id else ""
    with bound(order=number, operation=row.operation):
        sender = SENDERS[row.operation]
        if row.state == OutboxState.UNKNOWN and not sender.absolute:
            return await _look_up(ctx, sender, row, wakes)
        return await _send(ctx, sender, row, wakes)


async def _send(ctx: FlowContext, sender: Sender, row: OutboxRow, wakes: Wakes) -> bool:
    # Begun before the row is marked: a process that froze after that finds no time left, and sends nothing. By then
    # another may have taken over, looked the write up, and sent it.
    deadline = Deadline.after(ctx.timing.call_seconds)
    async with ctx.store.write(ctx.fence) as tx:
        prepared = await sender.prepare(tx, ctx, row)
        present = await outbox.get(tx, row.id)
        if present is None or present.state is not row.state:
            return True  # withdrawn since the look at what is due: another flow, or a person, was faster
        if not isinstance(prepared, Ready):
            await _set_aside(tx, ctx, sender, row, prepared, wakes)
            return True
        limits = ctx.manifest.limits
        quiet = ctx.clock.now() + timedelta(seconds=limits.total_seconds) + limits.lag
        await outbox.mark_sending(tx, row.id, to_micros(quiet))
    try:
        outcome = await sender.send(ctx, prepared.request, deadline)
    except (Throttled, Unavailable, AuthRejected, BadAnswer, Refused) as error:
        await _book(ctx, sender, row, _as_outcome(error), wakes)
        raise
    return await _book(ctx, sender, row, outcome, wakes)


def _as_outcome(error: ConnectorError) -> Outcome[Any]:
    """Throttled, Unavailable and AuthRejected mean that nothing was sent; an odd answer may mean anything."""
    if isinstance(error, Throttled | Unavailable):
        return Retry(str(error), error.retry_after)
    if isinstance(error, AuthRejected):
        return Retry(str(error))
    if isinstance(error, Refused):
        return Rejected(str(error), error.code, error.mendable)
    return Unknown(str(error))


async def _look_up(ctx: FlowContext, sender: Sender, row: OutboxRow, wakes: Wakes) -> bool:
    declared = getattr(sender, "declared", None) or Operation(row.operation)
    repeat = ctx.manifest.repeats.get(declared, Repeat.NONE)
    if repeat == Repeat.NONE:
        async with ctx.store.write(ctx.fence) as tx:
            await outbox.hold_row(tx, row.id, "perhaps sent, and the vendor cannot be asked")
            await ask_whether_it_came(tx, ctx, row)
        return False
    async with ctx.store.read() as tx:
        request = await sender.identify(tx, ctx, row)
    if request is None:
        async with ctx.store.write(ctx.fence) as tx:
            await outbox.hold_row(tx, row.id, "what it was for is no longer stored")
        return False
    outcome = await sender.look_up(ctx, request, Deadline.after(ctx.timing.call_seconds))
    _log.info("looked up after an unknown outcome", found=type(outcome).__name__)
    return await _book(ctx, sender, row, outcome, wakes)


async def _set_aside(
    tx: Tx, ctx: FlowContext, sender: Sender, row: OutboxRow, prepared: NotWanted | NotYet, wakes: Wakes
) -> None:
    if isinstance(prepared, NotYet):
        await outbox.retry_later(tx, row.id, prepared.reason, to_micros(ctx.clock.now() + prepared.after))
        if prepared.wakes is not None:
            wakes.add(ctx.account.id, prepared.wakes)
        return
    if row.state == OutboxState.UNKNOWN:  # an absolute one: whether it was sent does not matter any more
        await outbox.retry_later(tx, row.id, prepared.reason, tx.now())
    await outbox.withdraw(tx, row.id, prepared.reason)
    await sender.dropped(tx, ctx, row, prepared.reason, wakes)


async def _book(
    ctx: FlowContext, sender: Sender, row: OutboxRow, outcome: Outcome[Any], wakes: Wakes
) -> bool:
    """Store what became of it. Returns whether it is done.

    An answer that was not stored would have to be looked up, or asked about: where the database ends us for another
    writer, it is stored again at once.
    """
    for _ in range(_COLLISIONS):
        try:
            return await _store(ctx, sender, row, outcome, wakes)
        except Exception as error:
            if not collided(error):
                raise
    return await _store(ctx, sender, row, outcome, wakes)


async def _store(
    ctx: FlowContext, sender: Sender, row: OutboxRow, outcome: Outcome[Any], wakes: Wakes
) -> bool:
    async with ctx.store.write(ctx.fence) as tx:
        if row.order_id is not None:
            await orders.hold_rows(tx, [row.order_id])
        match outcome:
            case Done():
                result = await sender.done(tx, ctx, row, outcome, wakes)
                await outbox.mark_done(tx, row.id, result)
                await issues.clear(tx, f"outbox.unknown:{row.id}")
                _log.info("sent")
                return True
            case Rejected():
                await outbox.mark_rejected(tx, row.id, outcome.reason)
                await sender.refused(tx, ctx, row, outcome.reason, wakes)
                _log.warning("refused by the vendor", code=outcome.code)
            case Retry():
                wait = outcome.after or _back_off(row.attempts)
                if row.state == OutboxState.UNKNOWN:
                    wait = timedelta(0)
                await outbox.retry_later(tx, row.id, outcome.reason, to_micros(ctx.clock.now() + wait))
            case Unknown():
                next_at = to_micros(ctx.clock.now() + _LOOK_AGAIN)
                await outbox.mark_unknown(tx, row.id, outcome.reason, next_at)
                _log.warning("no answer: it will be looked up before it is sent again")
    return False


def _back_off(attempts: int) -> timedelta:
    return min(_LONGEST_WAIT, timedelta(seconds=2 ** min(attempts, 10)))
