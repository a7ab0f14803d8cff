"""Order intake: every page is stored raw, confirmed, held or reserved in one transaction with its cursor."""

from connectors.contract import Broken, Deadline, Kind, Page
from connectors.contract.lanes import Lane
from sync.domain.orders import RemoteOrder
from sync.flows.deciding import decide
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.wakes import Wakes
from sync.store import broken, flow_states, issues, orders
from sync.store.database import Tx
from sync.store.intake import hold_page
from sync.telemetry import metrics
from sync.telemetry.logs import bound, logger

FEED = "orders"
_log = logger("flows.orders")


class OrdersFlow:
    """New orders of one storefront, page by page behind its cursor."""

    name = FlowName.ORDERS
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.ORDERS
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Pull pages until the feed has no more, or the pass has lasted long enough."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled = troubled = 0
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
            page = await ctx.storefront.orders(cursor, Deadline.after(ctx.timing.call_seconds))
            wakes = Wakes()
            async with ctx.store.write(ctx.fence) as tx:
                troubled += await _take_page(tx, ctx, page, wakes)
                await flow_states.save_cursor(tx, ctx.account.id, self.name, page.cursor, page.begun_at)
            wakes.send(ctx)
            handled += len(page.records)
            if page.complete or deadline.left() == 0:
                return PassResult(more=not page.complete, handled=handled, troubled=troubled)


async def _take_page(tx: Tx, ctx: FlowContext, page: Page[RemoteOrder], wakes: Wakes) -> int:
    troubled = len(page.broken)
    await hold_page(tx, ctx.account.id, page.records)
    for record in page.broken:
        await keep_broken(tx, ctx, FEED, record)
    for remote in page.records:
        troubled += not await take_order(tx, ctx, remote, wakes)
    read = [remote.external_id for remote in page.records]
    for external_id in await broken.resolve(tx, ctx.account.id, FEED, read):
        await issues.clear(tx, broken_key(ctx, FEED, external_id))
    return troubled


async def take_order(tx: Tx, ctx: FlowContext, remote: RemoteOrder, wakes: Wakes) -> bool:
    """Store one order and decide on it. A failure undoes only this one's decision: the raw record stays.

    Whether it was placed before the account went live is judged by the vendor's clock, which wrote its moment.
    """
    live_from = ctx.account.live_from
    history = live_from is None or remote.placed_at - ctx.vendor_ahead() < live_from
    masked = ctx.account.masked
    with bound(order=remote.number):
        saved = await orders.save(tx, ctx.account.id, remote, history=history, masked=masked)
        if not saved.changed:
            return True
        _log.info("order pulled" if saved.created else "order changed", status=remote.status.value)
        try:
            async with tx.savepoint():
                await decide(tx, ctx, saved.id, wakes)
        except Exception:
            _log.exception("the order could not be decided on; it is kept and tried again")
            wakes.add(ctx.account.id, FlowName.REVIEW)
            return False
    return True


async def keep_broken(tx: Tx, ctx: FlowContext, feed: str, record: Broken) -> None:
    """A record that does not fit its description is kept as it came, and told."""
    external_id = record.external_id or "unknown"
    raw = b"" if ctx.account.masked else record.raw
    fresh = await broken.keep(
        tx, account_id=ctx.account.id, feed=feed, external_id=external_id, why=record.why, raw=raw
    )
    if fresh:
        metrics.RECORDS_BROKEN.labels(ctx.account.name, feed).inc()
    await issues.raise_issue(
        tx,
        key=broken_key(ctx, feed, external_id),
        kind="record.broken",
        account_id=ctx.account.id,
        subject=f"{ctx.account.name}/{external_id}",
        what=f"a record of {feed} from {ctx.account.name} cannot be read: {external_id}",
        why=record.why,
        todo="The record is kept. Correct it at the vendor, or report it with the connector's name; "
        "it is read again by itself.",
    )


def broken_key(ctx: FlowContext, feed: str, external_id: str) -> str:
    """The issue of a record that cannot be read."""
    return f"record.broken:{ctx.account.id}:{feed}:{external_id}"
