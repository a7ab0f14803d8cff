"""Read every open order again by its id: no feed shows every change, and a cancellation must not be missed."""

from datetime import timedelta

from connectors.contract import BadAnswer, Broken, Deadline, Kind, Refused
from connectors.contract.lanes import Lane
from sync.domain.ids import OrderId
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.orders import FEED, keep_broken, take_order
from sync.flows.wakes import Wakes
from sync.store import orders

_BATCH = 50


class OpenOrdersFlow:
    """The open orders of one storefront, the longest unread first."""

    name = FlowName.OPEN_ORDERS
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.ANSWERS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """Re-read orders that were not read within the interval."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        interval = ctx.timing.intervals.get(self.name, 60.0)
        before = ctx.clock.now() - timedelta(seconds=interval)
        async with ctx.store.read() as tx:
            due = await orders.open_ids(tx, ctx.account.id, before, _BATCH)
        handled = troubled = 0
        for order_id, external_id in due:
            troubled += not await _reread(ctx, order_id, external_id)
            handled += 1
            if deadline.left() == 0:
                break
        return PassResult(more=handled < len(due) or len(due) == _BATCH, handled=handled, troubled=troubled)


async def _reread(ctx: FlowContext, order_id: OrderId, external_id: str) -> bool:
    wakes = Wakes()
    try:
        remote = await ctx.storefront.order(external_id, Deadline.after(ctx.timing.call_seconds))
    except (Refused, BadAnswer) as error:
        sample = error.sample if isinstance(error, BadAnswer) else b""
        async with ctx.store.write(ctx.fence) as tx:
            await keep_broken(tx, ctx, FEED, Broken(external_id, str(error), sample))
            await orders.note_reread(tx, order_id)
        return False
    async with ctx.store.write(ctx.fence) as tx:
        if remote is None:
            await orders.mark_gone(tx, order_id)
            wakes.add(ctx.account.id, FlowName.REVIEW)
            fine = True
        else:
            fine = await take_order(tx, ctx, remote, wakes)
    wakes.send(ctx)
    return fine
