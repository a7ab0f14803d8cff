"""Read what came back to a warehouse, and find the case that each receipt belongs to."""

from connectors.contract import Capability, Deadline, Kind, Page, ReturnReceipt
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.receipts import Receipt, Tally
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.unreadable import keep_broken, readable_again
from sync.flows.wakes import Wakes
from sync.store import flow_states
from sync.store.back import cases, goods

FEED = "return_receipts"


class ReturnReceiptsFlow:
    """Goods that came back to one warehouse."""

    name = FlowName.RETURN_RECEIPTS
    kinds = frozenset({Kind.WAREHOUSE})
    lane = Lane.ANSWERS
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Read pages until the feed has no more, or the pass has lasted long enough."""
        if not ctx.manifest.can(Capability.RETURN_RECEIPTS):
            return PassResult()
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled = troubled = 0
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
            page = await ctx.warehouse.return_receipts(cursor, Deadline.after(ctx.timing.call_seconds))
            await _keep(ctx, page)
            handled += len(page.records)
            troubled += len(page.broken)
            if page.complete or deadline.left() == 0:
                return PassResult(more=not page.complete, handled=handled, troubled=troubled)


async def _keep(ctx: FlowContext, page: Page[ReturnReceipt]) -> None:
    wakes = Wakes()
    async with ctx.store.write(ctx.fence) as tx:
        for broken_one in page.broken:
            await keep_broken(tx, ctx, FEED, broken_one)
        for record in page.records:
            for id in await goods.receive(tx, ctx.account.id, receipt_of(ctx, record)):
                case = await cases.get(tx, id)
                if case is not None:
                    await cases.reopen(tx, id)
                    wakes.add(case.account_id, FlowName.WAY_BACK)
        read = [record.external_id for record in page.records]
        await readable_again(tx, ctx, FEED, read)
        await flow_states.save_cursor(
            tx, ctx.account.id, FlowName.RETURN_RECEIPTS, page.cursor, page.begun_at
        )
    wakes.send(ctx)


def receipt_of(ctx: FlowContext, record: ReturnReceipt) -> Receipt:
    """A warehouse's document as the domain knows it: its time of change counts upwards at its source."""
    as_of = to_micros(record.at)
    reference = (record.reference or "").partition("+")[0] or None
    return Receipt(
        id=goods.receipt_id(ctx.account.id, record.external_id),
        as_of=as_of,
        tallies={
            sku: Tally(as_of, one.received, one.conditions, one.disposed)
            for sku, one in record.tallies.items()
        },
        complete=record.complete,
        reference=reference,
        tracking=record.tracking,
    )
