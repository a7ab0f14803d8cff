"""How far each fulfilment is: the warehouse's feed, and every open one read again by its id.

A feed of changes has blind spots, so it only makes things quicker; the re-reading makes them certain.
"""

from datetime import timedelta

from connectors.contract import BadAnswer, Capability, Deadline, Done, Kind, Refused
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.ids import OrderId
from sync.domain.lifecycle import CancelState, WorkState
from sync.domain.shipments import FulfilmentState, RemoteFulfilment
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.fulfilling import recovering
from sync.flows.fulfilling.meaning import told_state
from sync.flows.fulfilling.observing import observe, status_key
from sync.flows.fulfilling.recovering import Recovery
from sync.flows.unreadable import keep_broken, readable_again
from sync.flows.wakes import Wakes
from sync.store import flow_states, fulfilments, issues, orders, restored, stock
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.locking import lock_skus
from sync.telemetry.logs import bound

FEED = "fulfilments"
_UNREADABLE = "fulfilment.unreadable"
_BATCH = 50
_WAITS = (FulfilmentState.WAITING, FulfilmentState.PART_ASSIGNED)


class FulfilmentFlow:
    """One warehouse's fulfilments of ours."""

    name = FlowName.FULFILMENT
    kinds = frozenset({Kind.WAREHOUSE})
    lane = Lane.SHIPMENTS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """The feed first, then those that were not seen for longer than the interval."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled, troubled, complete = await _follow_feed(ctx, deadline)
        interval = timedelta(seconds=ctx.timing.intervals.get(self.name, 10.0))
        async with ctx.store.read() as tx:
            due = await fulfilments.open_at(tx, ctx.account.id, ctx.clock.now() - interval, _BATCH)
        for work in due:
            if deadline.left() == 0:
                return PassResult(more=True, handled=handled, troubled=troubled)
            troubled += not await _reread(ctx, work)
            handled += 1
        await _forget_the_ended(ctx)
        return PassResult(more=not complete or len(due) == _BATCH, handled=handled, troubled=troubled)


async def _follow_feed(ctx: FlowContext, deadline: Deadline) -> tuple[int, int, bool]:
    handled = troubled = 0
    recovery = await recovering.of_warehouse(ctx)
    if recovery is Recovery.ORDERS_FIRST:
        return handled, troubled, True
    while True:
        async with ctx.store.read() as tx:
            cursor = await flow_states.cursor(tx, ctx.account.id, FlowName.FULFILMENT)
        asked_at = to_micros(ctx.clock.now())
        page = await ctx.warehouse.fulfilments(cursor, Deadline.after(ctx.timing.call_seconds))
        seen_at = ctx.clock.now()
        wakes = Wakes()
        async with ctx.store.write(ctx.fence) as tx:
            for record in page.broken:
                await keep_broken(tx, ctx, FEED, record)
            await readable_again(tx, ctx, FEED, [remote.external_id for remote in page.records])
            references = [remote.reference for remote in page.records]
            works = await fulfilments.by_references(tx, ctx.account.id, references)
            await lock_skus(tx, {sku for work in works.values() for _, sku in work.lines})
            for remote in page.records:
                work = works.get(remote.reference)
                if work is not None and _is_ours(work, remote) and not _ended_since(work, asked_at):
                    await observe(tx, ctx, work, remote, seen_at, wakes, certain=False)
                elif work is None and recovery is Recovery.ADOPT:
                    await recovering.adopt(tx, ctx, remote, seen_at, wakes)
            if page.complete and recovery is Recovery.ADOPT:
                await restored.note_feed_read(tx, ctx.account.id)
            await flow_states.save_cursor(tx, ctx.account.id, FlowName.FULFILMENT, page.cursor, page.begun_at)
        wakes.send(ctx)
        handled += len(page.records)
        troubled += len(page.broken)
        if page.complete or deadline.left() == 0:
            return handled, troubled, page.complete


def _is_ours(work: Work, remote: RemoteFulfilment) -> bool:
    """Another document under our reference (a copy made by hand) is not the one that we follow.

    While our own creation is unanswered, its look-up decides, not this feed.
    """
    return work.external_id == remote.external_id


def _ended_since(work: Work, asked_at: int) -> bool:
    """Its cancel was answered while the page was read: what stands there may be older than its end.

    Taken for the present it would bring the fulfilment back to life, until the next page put it right.
    """
    return work.closed_at is not None and work.closed_at > asked_at


async def _reread(ctx: FlowContext, work: Work) -> bool:
    """Read one fulfilment by its id, and ask again for what came up short."""
    external_id = work.external_id or ""
    try:
        remote = await ctx.warehouse.fulfilment(external_id, Deadline.after(ctx.timing.call_seconds))
        remote = await _assign_again(ctx, work, remote)
    except (Refused, BadAnswer) as error:
        await _tell_unreadable(ctx, work, str(error))
        return False
    seen_at = ctx.clock.now()
    wakes = Wakes()
    async with ctx.store.write(ctx.fence) as tx:
        work = await fulfilments.by_id(tx, work.id) or work  # its cancel may have been answered meanwhile
        with bound(order=await orders.number_of(tx, work.order_id)):
            if work.state.ended:
                # it was open when it was asked for: what was read may be older than its end
                await issues.clear(tx, status_key(work))
            elif remote is None:
                await fulfilments.set_state(
                    tx,
                    work.id,
                    WorkState.CANCELLED,
                    CancelState.STOPPED if work.cancel == CancelState.REQUESTED else None,
                )
                gone = f"the warehouse no longer has {work.reference}"
                await add_event(tx, OrderId(work.order_id), "fulfilment", gone)
                await issues.clear(tx, status_key(work))
                await ask_review(tx, work.order_id, wakes)
            else:
                await observe(tx, ctx, work, remote, seen_at, wakes)
            await issues.clear(tx, _key(work))
    wakes.send(ctx)
    return True


async def _forget_the_ended(ctx: FlowContext) -> None:
    """What has ended is asked for no more: that it could not be read is no matter any longer."""
    async with ctx.store.read() as tx:
        told = await issues.list_open(tx, account_id=ctx.account.id, kind=_UNREADABLE)
        works = [await fulfilments.by_id(tx, one.key.removeprefix(f"{_UNREADABLE}:")) for one in told]
    ended = [one.key for one, work in zip(told, works, strict=True) if work is None or work.state.ended]
    if ended:
        async with ctx.store.write(ctx.fence) as tx:
            await issues.clear_all(tx, ended)


async def _assign_again(
    ctx: FlowContext, work: Work, remote: RemoteFulfilment | None
) -> RemoteFulfilment | None:
    """Goods may have come in for a fulfilment that waits for stock."""
    if remote is None or told_state(ctx, remote) not in _WAITS or not ctx.manifest.can(Capability.ASSIGN):
        return remote
    if work.cancel != CancelState.NONE or not await _stock_for(ctx, work):
        return remote
    answer = await ctx.warehouse.assign(remote.external_id, Deadline.after(ctx.timing.call_seconds))
    return answer.echo if isinstance(answer, Done) and answer.echo is not None else remote


async def _stock_for(ctx: FlowContext, work: Work) -> bool:
    missing = [sku for (_, sku), (asked, assigned, _) in work.lines.items() if assigned < asked]
    async with ctx.store.read() as tx:
        figures = await stock.figures(tx, missing)
    return any(
        figure.warehouse == ctx.account.id and (figure.on_hand or 0) > 0
        for rows in figures.values()
        for figure in rows
    )


async def _tell_unreadable(ctx: FlowContext, work: Work, why: str) -> None:
    async with ctx.store.write(ctx.fence) as tx:
        await fulfilments.note_observed(tx, work.id)
        await issues.raise_issue(
            tx,
            key=_key(work),
            kind="fulfilment.unreadable",
            account_id=ctx.account.id,
            order_id=OrderId(work.order_id),
            subject=work.reference,
            what=f"{ctx.account.name} gives no readable answer about {work.reference}",
            why=why,
            todo="Look at it in the warehouse system; it is asked for again by itself.",
        )


def _key(work: Work) -> str:
    return f"{_UNREADABLE}:{work.id}"
