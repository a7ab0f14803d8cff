"""Pull requests after the sale, page by page behind their cursor, each into a case of its own."""

from dataclasses import replace

from connectors.contract import Capability, Deadline, Kind, Page
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.requests import RemoteRequest
from sync.flows.asking import ask_review
from sync.flows.back.opening import open_cases
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.unreadable import keep_broken, readable_again
from sync.flows.wakes import Wakes
from sync.store import broken, flow_states, order_lines, orders
from sync.store.back import cases, requests

FEED = "requests"


class RequestsFlow:
    """Returns, exchanges, claims, cancellations and wishes for money of one storefront."""

    name = FlowName.REQUESTS
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.ORDERS
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Pull pages until the feed has no more, or the pass has lasted long enough."""
        if not ctx.manifest.can(Capability.REQUESTS):
            return PassResult()
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled = troubled = 0
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
            page = await ctx.storefront.requests(cursor, Deadline.after(ctx.timing.call_seconds))
            await keep_page(ctx, page)
            ctx.progress(len(page.records), page.total)
            handled += len(page.records)
            troubled += len(page.broken)
            if page.complete or deadline.left() == 0:
                return PassResult(more=not page.complete, handled=handled, troubled=troubled)


async def keep_page(ctx: FlowContext, page: Page[RemoteRequest]) -> None:
    """Store a page and its cursor in one transaction."""
    wakes = Wakes()
    as_of = to_micros(page.begun_at)
    async with ctx.store.write(ctx.fence) as tx:
        await orders.hold_named(tx, ctx.account.id, [remote.order for remote in page.records])
        for record in page.broken:
            await keep_broken(tx, ctx, FEED, record)
        for remote in page.records:
            kept = replace(remote, raw=b"") if ctx.account.masked else remote
            changed = await requests.save(tx, ctx.account.id, kept, as_of)
            case = await cases.of_request(tx, changed) if changed is not None else None
            if case is not None:
                await cases.reopen(tx, case.id)
        await open_cases(tx, ctx)
        read = [remote.external_id for remote in page.records]
        await readable_again(tx, ctx, FEED, read)
        # a line may be wanted by a request that could not be read: it waits until that one can be
        if page.complete and not await broken.list_open(tx, ctx.account.id, FEED):
            for order_id in await order_lines.release_late(tx, ctx.account.id, as_of):
                await ask_review(tx, order_id, wakes)
        await flow_states.save_cursor(tx, ctx.account.id, FlowName.REQUESTS, page.cursor, page.begun_at)
    wakes.add(ctx.account.id, FlowName.WAY_BACK)
    wakes.send(ctx)
