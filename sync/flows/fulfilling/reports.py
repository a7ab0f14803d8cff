"""What suppliers answer to orders, and what they have sent: two feeds, each report counted once."""

from connectors.contract import Deadline, Kind, Page, Refused
from connectors.contract.lanes import Lane
from connectors.contract.supplier import SupplierReport
from sync.domain.supply import Report
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.fulfilling.supplying import observe
from sync.flows.unreadable import keep_broken
from sync.flows.wakes import Wakes
from sync.store import flow_states, issues, orders, purchases
from sync.store.database import Tx
from sync.telemetry.logs import bound

UNSUPPORTED = "UNSUPPORTED"
"""The code by which a connector says that this account has no such feed."""


class ReportsFlow:
    """One kind of report of one supplier."""

    kinds = frozenset({Kind.SUPPLIER})
    lane = Lane.SHIPMENTS
    observes = False

    def __init__(self, name: FlowName) -> None:
        self.name = name

    async def run(self, ctx: FlowContext) -> PassResult:
        """Read pages until there are no more, or the pass has lasted long enough."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled = troubled = 0
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
            try:
                page = await self._page(ctx, cursor)
            except Refused as error:
                if error.code == UNSUPPORTED:
                    return PassResult()
                raise
            wakes = Wakes()
            async with ctx.store.write(ctx.fence) as tx:
                troubled += await self._take_page(tx, ctx, page, wakes)
                await flow_states.save_cursor(tx, ctx.account.id, self.name, page.cursor, page.begun_at)
            wakes.send(ctx)
            handled += len(page.records)
            if page.complete or deadline.left() == 0:
                return PassResult(more=not page.complete, handled=handled, troubled=troubled)

    async def _page(self, ctx: FlowContext, cursor: str | None) -> Page[SupplierReport]:
        feeds = {
            FlowName.ACKNOWLEDGEMENTS: ctx.supplier.acknowledgements,
            FlowName.DESPATCHES: ctx.supplier.despatches,
        }
        return await feeds[self.name](cursor, Deadline.after(ctx.timing.call_seconds))

    async def _take_page(self, tx: Tx, ctx: FlowContext, page: Page[SupplierReport], wakes: Wakes) -> int:
        for record in page.broken:
            await keep_broken(tx, ctx, self.name.value, record)
        touched: dict[str, None] = {}
        for report in page.records:
            fresh = await purchases.save_report(
                tx, ctx.account.id, report.reference, self.name.value, self._told(report), report.at
            )
            if fresh:
                touched[report.reference] = None
        await purchases.hold(tx, ctx.account.id, list(touched))
        for reference in touched:
            await self._settle(tx, ctx, reference, wakes)
        return len(page.broken)

    def _told(self, report: SupplierReport) -> Report:
        return Report(
            report.external_id,
            report.lines,
            self.name is FlowName.DESPATCHES,
            report.refused,
            report.reason or "",
            report.tracking,
            report.carrier,
        )

    async def _settle(self, tx: Tx, ctx: FlowContext, reference: str, wakes: Wakes) -> None:
        purchase = await purchases.by_reference(tx, ctx.account.id, reference)
        key = f"supplier.stranger:{ctx.account.id}:{reference}"
        if purchase is None:
            await _tell_stranger(tx, ctx, key, reference)
            return
        await issues.clear(tx, key)
        with bound(order=await orders.number_of(tx, purchase.order_id or "")):
            await observe(tx, ctx, purchase, ctx.clock.now(), wakes)


async def _tell_stranger(tx: Tx, ctx: FlowContext, key: str, reference: str) -> None:
    await issues.raise_issue(
        tx,
        key=key,
        kind="supplier.stranger",
        account_id=ctx.account.id,
        subject=reference,
        what=f"{ctx.account.name} reports on {reference}, which is no order of ours to it",
        why="no order under this reference was written here",
        todo="If a person ordered it by hand, nothing; else ask the supplier. "
        f"Then: entrepot issues done {key}",
    )
