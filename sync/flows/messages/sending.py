"""Tell customers what was planned: marked before it leaves, told once, never again after an unknown outcome.

    planned ─► (quiet hours, lateness, words; mark sending, commit) ─► the way ─► (store the outcome, commit)

Only a shop that recognises a repeat is asked again by itself. Of everything else that may have been told, a person
decides: `message.unknown`.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from connectors.contract import (
    AuthRejected,
    Capability,
    ConnectorError,
    Deadline,
    Done,
    Kind,
    Outcome,
    Refused,
    Rejected,
    Reply,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.contract.lanes import Lane
from sync.domain.messages import CHANNEL, MessageState
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.messages import issuing
from sync.flows.messages.planning import rules_changed
from sync.flows.messages.preparing import Late, NotWanted, Ready, prepare
from sync.flows.messages.reach import recognises_repeats
from sync.store import messages
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.messages import Message
from sync.telemetry import metrics
from sync.telemetry.logs import bound, logger

_BATCH = 50
_AT_ONCE = 4
_LONGEST_WAIT = timedelta(hours=1)
_FIRST_WAIT = timedelta(seconds=30)
_WAY_WAIT = timedelta(minutes=2)
_log = logger("flows.messages")


class MessagesFlow:
    """What the customers of one shop are told."""

    name = FlowName.MESSAGES
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.SHIPMENTS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """Tell what is due: by mail and gateways first, so that a shop that is out keeps none of those waiting."""
        async with ctx.store.write(ctx.fence) as tx:
            await rules_changed(tx, ctx)
            await issuing.ways_gone(tx, ctx)
            await _recover(tx, ctx)
            rows = await messages.due(tx, ctx.account.id, _BATCH)
        troubled = 0
        for way in sorted({row.way for row in rows}, key=lambda way: (way == CHANNEL, way)):
            troubled += await _by_one_way(ctx, way, [row for row in rows if row.way == way])
        return PassResult(
            more=len(rows) == _BATCH and not troubled, handled=len(rows) - troubled, troubled=troubled
        )


async def _recover(tx: Tx, ctx: FlowContext) -> None:
    """What was left on its way is unknown. A shop that recognises a repeat is asked again."""
    for row in await messages.recover(tx, ctx.account.id):
        await issuing.unknown(tx, ctx, row, messages.INTERRUPTED)
    asked_again = 0
    restored = []
    for row in await messages.unknown(tx, ctx.account.id):
        if row.way == CHANNEL and recognises_repeats(ctx.manifest):
            await messages.plan_again(tx, row.id, row.reason, ctx.clock.now())
            await issuing.settled(tx, row)
            asked_again += 1
        elif row.reason == messages.RESTORED:
            restored.append(row)
    await issuing.restored(tx, ctx, len(restored))
    if asked_again:
        _log.info("asked again: the shop recognises what it was asked before", count=asked_again)


async def _by_one_way(ctx: FlowContext, way: str, rows: Sequence[Message]) -> int:
    """A few at once. A way that is out is left alone for a while, and its messages wait. Returns the troubled."""
    gate = asyncio.Semaphore(_AT_ONCE if way != CHANNEL else max(1, ctx.manifest.limits.concurrency))
    out: list[ConnectorError] = []

    async def one(row: Message) -> bool:
        async with gate:
            if out:
                return False
            try:
                return await _handle(ctx, row)
            except (Unavailable, AuthRejected, Throttled) as error:
                out.append(error)
                return False

    results = await asyncio.gather(*(one(row) for row in rows), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    if not out:
        return sum(not result for result in results)
    if way == CHANNEL:
        raise out[0]  # the shop's own outage: the engine knows what to do about it
    async with ctx.store.write(ctx.fence) as tx:
        await messages.put_off_way(tx, ctx.account.id, way, ctx.clock.now() + _WAY_WAIT)
        await issuing.way_out(tx, ctx, way, str(out[0]))
    _log.warning("a way to customers is out", way=way, why=str(out[0]))
    return sum(not result for result in results)


async def _handle(ctx: FlowContext, row: Message) -> bool:
    """One message. Returns whether nothing of it is left to do for now."""
    with bound(order=row.number, way=row.way):
        # begun before the row is marked: who froze after that sends nothing, for another may have taken over
        deadline = Deadline.after(ctx.timing.call_seconds)
        async with ctx.store.write(ctx.fence) as tx:
            ready = await prepare(tx, ctx, row)
            present = await messages.get(tx, row.id)
            if present is None or present.state is not MessageState.PLANNED:
                return True  # erased or settled since the look at what is due
            if not isinstance(ready, Ready):
                return await _set_aside(tx, ctx, row, ready)
            language = ready.notice.language
            await messages.mark_sending(tx, row.id, language=language, letter=ready.kept)
        outcome: Outcome[None]
        try:
            outcome = await _send(ctx, row, ready, deadline)
        except (Unavailable, AuthRejected, Throttled) as error:
            await _book(ctx, row, Retry(str(error)))
            raise
        except Refused as error:
            outcome = Rejected(str(error), error.code, error.mendable)
        except ConnectorError as error:
            outcome = Unknown(str(error))
        return await _book(ctx, row, outcome)


async def _set_aside(tx: Tx, ctx: FlowContext, row: Message, why: Late | NotWanted) -> bool:
    if isinstance(why, Late):
        await messages.put_off(tx, row.id, why.until)
        return True
    await messages.pass_over(tx, row.id, why.reason)
    await add_event(
        tx,
        row.order_id,
        "customer_not_told",
        f"the customer is not told {row.name!r}: {why.reason}",
        message=row.id,
    )
    metrics.MESSAGES.labels(ctx.account.name, MessageState.PASSED.value).inc()
    return True


async def _send(ctx: FlowContext, row: Message, ready: Ready, deadline: Deadline) -> Outcome[None]:
    if not deadline.left():
        return Retry("there was no time left to send it")
    if row.way == CHANNEL:
        request = Reply(row.key, ready.order, ready.notice.text)
        if ctx.manifest.can(Capability.MESSAGES):
            return await ctx.storefront.reply(request, deadline)
        return await ctx.storefront.note(request, deadline)
    return await ctx.notifiers[row.way].send(ready.notice, deadline)


async def _book(ctx: FlowContext, row: Message, outcome: Outcome[None]) -> bool:
    """Store what became of it. Returns whether it was told."""
    account = ctx.account.name
    async with ctx.store.write(ctx.fence) as tx:
        match outcome:
            case Done():
                await messages.mark_done(tx, row.id)
                await add_event(tx, row.order_id, "customer_told", f"{row.name} by {row.way}", message=row.id)
                await issuing.settled(tx, row)
                await issuing.way_fine(tx, ctx, row.way)
            case Rejected():
                await messages.mark_refused(tx, row.id, outcome.reason)
                await issuing.refused(tx, ctx, row, outcome.reason)
                await issuing.way_fine(tx, ctx, row.way)
            case Retry():
                wait = outcome.after or min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(row.attempts, 8))
                await messages.plan_again(tx, row.id, outcome.reason, ctx.clock.now() + wait)
            case Unknown():
                await messages.mark_unknown(tx, row.id, outcome.reason)
                if row.way != CHANNEL or not recognises_repeats(ctx.manifest):
                    await issuing.unknown(tx, ctx, row, outcome.reason)
    metrics.MESSAGES.labels(account, _OUTCOMES[type(outcome)]).inc()
    return isinstance(outcome, Done)


_OUTCOMES = {Done: "done", Rejected: "refused", Retry: "retry", Unknown: "unknown"}
