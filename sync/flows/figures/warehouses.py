"""A warehouse's figures: full snapshots now and then, changes between; then what every shop may show.

A reading releases the reservations that it already leaves out, and only those. A SKU that a full snapshot
does not mention keeps its last figure: absent is not zero.
"""

from datetime import datetime, timedelta
from decimal import ROUND_FLOOR

from connectors.contract import Deadline, Kind, Page
from connectors.contract.lanes import Lane
from sync.domain.clock import to_micros
from sync.domain.ids import Sku
from sync.domain.shipments import StockBasis, StockFigure
from sync.domain.sku import normal_sku
from sync.flows.figures import quarantine
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.selling.binding import bind_listings
from sync.flows.selling.pricing import reprice
from sync.flows.selling.promises import hint_pushes, recompute, turn
from sync.flows.unreadable import keep_broken, readable_again, whole_again
from sync.flows.wakes import Wakes
from sync.store import flow_states, issues, listings, orders, reservations, sales, stock
from sync.store.database import Tx

FEED = "stock"


class StockFlow:
    """One warehouse's figures."""

    name = FlowName.STOCK
    kinds = frozenset({Kind.WAREHOUSE})
    lane = Lane.ORDERS
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Read pages until the feed has no more, or the pass has lasted long enough."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        await quarantine.let_approved_count(ctx, "stock")
        cursor, full = await _where(ctx)
        handled = troubled = 0
        while True:
            page = await ctx.warehouse.stock(cursor, Deadline.after(ctx.timing.call_seconds))
            wakes = Wakes()
            async with ctx.store.write(ctx.fence) as tx:
                await _take_page(tx, ctx, page, full=full, wakes=wakes)
                done = full and page.complete
                await flow_states.save_cursor(
                    tx, ctx.account.id, self.name, page.cursor, page.begun_at, full=done
                )
            wakes.send(ctx)
            cursor = page.cursor or cursor
            ctx.progress(len(page.records), page.total)
            handled += len(page.records)
            troubled += len(page.broken)
            if page.complete or deadline.left() == 0:
                break
        await turn(ctx, self.name)
        await _let_velocity_fade(ctx)
        return PassResult(more=not page.complete, handled=handled, troubled=troubled)


async def _where(ctx: FlowContext) -> tuple[str | None, bool]:
    """The cursor to read from, and whether a full snapshot is being read."""
    async with ctx.store.read() as tx:
        state = await flow_states.state(tx, ctx.account.id, FlowName.STOCK)
    if state is None or state.cursor is None or state.full_at is None:
        return (state.cursor if state else None), True
    due = state.full_at + timedelta(seconds=ctx.timing.full_stock_seconds)
    if state.more and state.cursor_at is not None and state.cursor_at >= due:
        return state.cursor, True  # the full reading that was due has begun
    return (None, True) if ctx.clock.now() >= due else (state.cursor, False)


async def _take_page(tx: Tx, ctx: FlowContext, page: Page[StockFigure], *, full: bool, wakes: Wakes) -> None:
    for record in page.broken:
        await keep_broken(tx, ctx, FEED, record)
    await readable_again(tx, ctx, FEED, [record.product_external_id for record in page.records])
    figures = whole_units(page.records)
    policy = ctx.manifest.stock
    saved = await quarantine.save_figures(
        tx,
        ctx,
        figures,
        basis=(policy.basis if policy else StockBasis.GROSS).value,
        begun_at=page.begun_at,
        full=full,
    )
    lag = policy.lag if policy else timedelta(0)
    believed = [sku for sku in figures if sku not in saved.held]
    released = await reservations.release(tx, ctx.account.id, believed, page.begun_at, lag)
    if saved.new:
        await meet_new_skus(tx, ctx, wakes)
    if saved.moved | saved.new:
        await ask_refused(tx, ctx, wakes)
    for account in await recompute(tx, ctx, saved.moved | saved.new | released, "stock"):
        wakes.add(account, FlowName.PUSH_STOCK)
    if full and page.complete:
        for account in await quarantine.judge_whole(tx, ctx, "stock"):
            wakes.add(account, FlowName.PUSH_STOCK)
        await _tell_missing(tx, ctx, page.begun_at)
        before = await flow_states.state(tx, ctx.account.id, FlowName.STOCK)
        await whole_again(tx, ctx, FEED, before.full_at if before else None)  # all of this one came after it


def whole_units(records: tuple[StockFigure, ...]) -> dict[Sku, tuple[int, str]]:
    """Whole sellable units by SKU, good quality only; parts of a unit cannot be promised."""
    figures: dict[Sku, tuple[int, str]] = {}
    for record in records:
        sku = normal_sku(record.sku)
        if sku is None or record.quality != "good":
            continue
        units = int(record.quantity.to_integral_value(ROUND_FLOOR))
        before = figures.get(sku, (0, ""))[0]
        figures[sku] = (before + units, record.product_external_id)
    return figures


async def meet_new_skus(tx: Tx, ctx: FlowContext, wakes: Wakes) -> None:
    """A SKU that no warehouse had named before may bind listings and release held orders."""
    rows = await listings.unbound(tx)
    known = [row for row in rows if row.account_id in ctx.accounts]
    moved = await bind_listings(tx, ctx, known)
    for account in await recompute(tx, ctx, moved, "stock"):
        wakes.add(account, FlowName.PUSH_STOCK)
    for account in await reprice(tx, ctx, [row.id for row in known], "catalogue"):
        wakes.add(account, FlowName.PUSH_PRICES)
    if await orders.ask_review_of_held(tx):
        for shop in ctx.of_kind(Kind.STOREFRONT):
            wakes.add(shop.id, FlowName.REVIEW)


async def ask_refused(tx: Tx, ctx: FlowContext, wakes: Wakes) -> None:
    """Goods that came in may be what an order waits for that a supplier has refused."""
    for shop in await orders.ask_review_of_refused(tx):
        wakes.add(shop, FlowName.REVIEW)


async def _tell_missing(tx: Tx, ctx: FlowContext, begun_at: datetime) -> None:
    key = f"stock.missing:{ctx.account.id}"
    missing = await stock.missing_from_full(tx, ctx.account.id, begun_at)
    if not missing:
        await issues.clear(tx, key)
        return
    await issues.raise_issue(
        tx,
        key=key,
        kind="stock.missing",
        account_id=ctx.account.id,
        subject=ctx.account.name,
        what=f"{missing} SKU(s) are no longer in the full stock list of {ctx.account.name}",
        why="absent is not zero: they keep their last figure, and no shop's quantity is raised on it",
        todo="If they are gone for good, set them to zero in the warehouse system.",
    )


async def _let_velocity_fade(ctx: FlowContext) -> None:
    """The velocity guard of what was sold lately shrinks as time passes."""
    window = timedelta(seconds=ctx.timing.velocity_window_seconds)
    since = to_micros(ctx.clock.now() - window - timedelta(seconds=60))
    async with ctx.store.read() as tx:
        skus = await sales.selling_lately(tx, since)
    if not skus:
        return
    async with ctx.store.write(ctx.fence) as tx:
        unsent = await recompute(tx, ctx, skus, "time")
    hint_pushes(ctx, unsent)
