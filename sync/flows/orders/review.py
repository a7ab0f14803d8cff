"""Decide again on the orders about which something changed, each in a transaction of its own."""

from connectors.contract import Kind
from connectors.contract.lanes import Lane
from sync.domain.ids import OrderId
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.orders.deciding import decide
from sync.flows.wakes import Wakes
from sync.store import issues, merging, orders
from sync.store.interrupted import interrupted
from sync.telemetry.logs import bound, logger

_BATCH = 100
_log = logger("flows.review")


class ReviewFlow:
    """Decisions that are due, the oldest first."""

    name = FlowName.REVIEW
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.ANSWERS
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Review what is due. An order that cannot be decided on becomes an issue and stays due."""
        async with ctx.store.read() as tx:
            asked = await orders.due_reviews(tx, ctx.account.id, _BATCH)
            waited = await merging.done_waiting(tx, ctx.account.id, _BATCH)
        due = list(dict.fromkeys((*asked, *map(OrderId, waited))))
        troubled = 0
        for order_id in due:
            troubled += not await review_one(ctx, order_id)
        return PassResult(
            more=len(due) >= _BATCH and troubled < len(due), handled=len(due) - troubled, troubled=troubled
        )


async def review_one(ctx: FlowContext, order_id: OrderId) -> bool:
    """One review in its own transaction. Returns whether it went well."""
    key = f"order.undecided:{order_id}"
    async with ctx.store.read() as tx:
        number = await orders.number_of(tx, order_id)
    wakes = Wakes()
    with bound(order=number):
        try:
            async with ctx.store.write(ctx.fence) as tx:
                await decide(tx, ctx, order_id, wakes)
                await issues.clear(tx, key)
        except Exception as error:
            if interrupted(error):
                raise
            _log.exception("the order could not be decided on")
            await _tell(ctx, order_id, number, key, error)
            return False
    wakes.send(ctx)
    return True


async def _tell(ctx: FlowContext, order_id: OrderId, number: str, key: str, error: Exception) -> None:
    async with ctx.store.write(ctx.fence) as tx:
        await orders.postpone_review(tx, order_id)
        await issues.raise_issue(
            tx,
            key=key,
            kind="order.undecided",
            account_id=ctx.account.id,
            order_id=order_id,
            subject=f"{ctx.account.name}/{number}",
            what=f"order {number} of {ctx.account.name} could not be decided on",
            why=f"an error inside the daemon: {type(error).__name__}",
            todo="Nothing is lost; it is tried again. Report it with the log lines of this order.",
        )
