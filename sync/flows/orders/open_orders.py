"""Read every open order again by its id: no feed shows every change, and a cancellation must not be missed.

An order that its shop no longer knows is not wanted any more: some shops show one for a moment and take it back.
Where many are unknown at once, the shop or our access to it is at fault, and no order is let go.
"""

from datetime import timedelta

from connectors.contract import BadAnswer, Broken, Deadline, Kind, Refused
from connectors.contract.lanes import Lane
from sync.domain.ids import OrderId
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.orders.feed import FEED, take_order
from sync.flows.unreadable import keep_broken, readable_again
from sync.flows.wakes import Wakes
from sync.store import issues, orders
from sync.store.intake import hold_page

_BATCH = 50
_FEW, _LARGEST_SHARE = 3, 0.1
"""More unknown orders than this in one pass look like a fault."""


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
        gone: list[OrderId] = []
        for order_id, external_id in due:
            troubled += not await _reread(ctx, order_id, external_id, gone)
            handled += 1
            if deadline.left() == 0:
                break
        if handled:
            await _let_go(ctx, gone, handled)
        return PassResult(more=handled < len(due) or len(due) == _BATCH, handled=handled, troubled=troubled)


async def _let_go(ctx: FlowContext, gone: list[OrderId], handled: int) -> None:
    """What was asked for in these orders is not wanted any more, unless they are too many to be believed."""
    key = f"order.vanished:{ctx.account.id}"
    async with ctx.store.write(ctx.fence) as tx:
        if len(gone) > max(_FEW, _LARGEST_SHARE * handled):
            await issues.raise_issue(
                tx,
                key=key,
                kind="order.vanished",
                account_id=ctx.account.id,
                subject=ctx.account.name,
                what=f"{ctx.account.name} no longer knows {len(gone)} of {handled} open orders",
                why="so many at once look like a fault of the shop or of our access to it; none was let go",
                todo=f"Look at {ctx.account.name} and at what the account may read; this clears by itself.",
            )
            return
        await issues.clear(tx, key)
        for order_id in gone:
            await orders.mark_gone(tx, order_id)
    if gone:
        ctx.hint(ctx.account.id, FlowName.REVIEW)


async def _reread(ctx: FlowContext, order_id: OrderId, external_id: str, gone: list[OrderId]) -> bool:
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
            gone.append(order_id)
            await orders.note_reread(tx, order_id)
            fine = True
        else:
            await hold_page(tx, ctx.account.id, [remote])
            fine = await take_order(tx, ctx, remote, wakes)
        await readable_again(tx, ctx, FEED, [external_id])  # though its feed may never show it again
    wakes.send(ctx)
    return fine
