"""A supplier's price and stock list, page by page: kept by its codes, and laid on the SKUs that it sends itself.

A list is one reading: what was refused before it, or is off the supplier's shelf since, counts anew only when a
list that began later has been read to its end. A list that grows old counts nothing, and a person hears of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connectors.contract import BadAnswer, Broken, Deadline, Kind, Page
from connectors.contract.lanes import Lane
from connectors.contract.supplier import SupplierOffer
from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import Sku
from sync.flows.figures import quarantine
from sync.flows.figures.warehouses import ask_refused, meet_new_skus
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.selling.pricing import reprice_skus
from sync.flows.selling.promises import hint_pushes, recompute
from sync.flows.wakes import Wakes
from sync.store import flow_states, issues, offer_facts, offered, purchases, reservations, stock
from sync.store.database import Tx
from sync.store.offered import SAMPLE, ListState, Offered
from sync.telemetry import metrics

FEED = "offers"
BASIS = "supplier"
_SLICE = 500


class OffersFlow:
    """One supplier's lists."""

    name = FlowName.OFFERS
    kinds = frozenset({Kind.SUPPLIER})
    lane = Lane.ORDERS
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Judge the age of what is known, then read pages until the list has no more."""
        await _lay_again(ctx)
        await _age(ctx)
        await quarantine.let_approved_count(ctx, "supplier")
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled = troubled = 0
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
            try:
                page = await ctx.supplier.offers(cursor, Deadline.after(ctx.timing.call_seconds))
            except BadAnswer as error:
                await _tell_held(ctx, str(error))
                return PassResult(handled=handled, troubled=troubled + 1)
            wakes = Wakes()
            async with ctx.store.write(ctx.fence) as tx:
                await issues.clear(tx, _held_key(ctx))
                await _take_page(tx, ctx, page, cursor, wakes)
                await flow_states.save_cursor(tx, ctx.account.id, self.name, page.cursor, page.begun_at)
            wakes.send(ctx)
            ctx.progress(len(page.records), page.total)
            handled += len(page.records)
            troubled += len(page.broken)
            if page.complete or deadline.left() == 0:
                break
        await _age(ctx)
        return PassResult(more=not page.complete, handled=handled, troubled=troubled)


async def _take_page(
    tx: Tx, ctx: FlowContext, page: Page[SupplierOffer], cursor: str | None, wakes: Wakes
) -> None:
    account = ctx.account.id
    state = await offered.state(tx, account)
    news = bool(page.records or page.broken) or page.cursor not in (None, cursor)
    if state.open_at is None and not news:
        return  # the list that we know is still the newest
    begun_at = state.open_at or page.begun_at
    if state.open_at is None:
        state = ListState(state.generation, state.begun_at, begun_at, 0, "", state.stale, state.laid_with)
    rows = [_bound(ctx, offer) for offer in page.records]
    codes = [row.code for row in rows]
    before = await offer_facts.asked(tx, account, codes)
    skus = await offered.save(tx, account, rows, seen_at=page.begun_at, generation=state.generation + 1)
    costs = offer_facts.moved(before, await offer_facts.asked(tx, account, codes))
    bad, sample = _bad(state, page.broken)
    if page.broken:
        metrics.RECORDS_BROKEN.labels(ctx.account.name, FEED).inc(len(page.broken))
    await offered.change(tx, account, open_at=to_micros(begun_at), bad_rows=bad, bad_sample=sample)
    await _lay(tx, ctx, skus, page.begun_at, wakes)
    for shop in await reprice_skus(tx, ctx, costs, "cost"):
        wakes.add(shop, FlowName.PUSH_PRICES)
    if page.complete:
        await _finish(tx, ctx, begun_at, state.generation + 1, bad, sample, wakes)


def _bound(ctx: FlowContext, offer: SupplierOffer) -> Offered:
    return Offered(
        offer.code,
        offer.sku,
        ctx.rulebook.supplied_sku(ctx.account.name, offer.code, offer.sku),
        None if offer.cost is None else str(offer.cost),
        offer.currency,
        offer.stock,
        offer.lead_days,
    )


def _bad(state: ListState, records: Sequence[Broken]) -> tuple[int, str]:
    """How many rows of the list were left out, and the first of them by file and line."""
    named = state.bad_sample.splitlines()
    named += [record.why for record in records[: max(0, SAMPLE - len(named))]]
    return state.bad_rows + len(records), "\n".join(named)


async def _lay(tx: Tx, ctx: FlowContext, skus: Iterable[str], begun_at: datetime, wakes: Wakes) -> None:
    """A drop-ship supplier's stock becomes its figure: of several codes of a SKU, the one with most."""
    if not ctx.account.dropship:
        return
    wanted = sorted(set(skus))
    best = await purchases.best_offers(tx, ctx.account.id, wanted)
    figures: dict[Sku, tuple[int | None, str]] = {
        Sku(sku): (best[sku].stock, best[sku].code) if sku in best else (None, "") for sku in wanted
    }
    saved = await quarantine.save_figures(tx, ctx, figures, basis=BASIS, begun_at=begun_at, full=False)
    if saved.new:
        await meet_new_skus(tx, ctx, wakes)
    if saved.moved | saved.new:
        await ask_refused(tx, ctx, wakes)
    for account in await recompute(tx, ctx, saved.moved | saved.new, "supplier"):
        wakes.add(account, FlowName.PUSH_STOCK)


async def _finish(
    tx: Tx,
    ctx: FlowContext,
    begun_at: datetime,
    generation: int,
    bad: int,
    sample: str,
    wakes: Wakes,
) -> None:
    """The list is read to its end: what it leaves out is let go, and its supplier is believed anew."""
    account, lag = ctx.account.id, ctx.rulebook.trust(ctx.account.name).lag
    before = await offered.state(tx, account)
    await offered.change(
        tx, account, generation=generation, begun_at=to_micros(begun_at), open_at=None, stale=0
    )
    if ctx.account.dropship:
        for shop in await quarantine.judge_whole(tx, ctx, "supplier"):
            wakes.add(shop, FlowName.PUSH_STOCK)
    held = {one.sku for one in await stock.waiting(tx, account)}
    believed = [sku for sku in await offered.to_release(tx, account) if sku not in held]
    moved = await reservations.release(tx, account, believed, begun_at, lag)
    moved |= await offered.believe_again(tx, account, begun_at, lag)
    if before.stale or before.begun_at is None:
        moved |= set(await offered.all_skus(tx, account))
    if ctx.account.dropship:
        if moved:
            await ask_refused(tx, ctx, wakes)
        for shop in await recompute(tx, ctx, moved, "supplier"):
            wakes.add(shop, FlowName.PUSH_STOCK)
    await issues.clear(tx, _stale_key(ctx))
    await _tell_bad_rows(tx, ctx, bad, sample)


async def _tell_bad_rows(tx: Tx, ctx: FlowContext, bad: int, sample: str) -> None:
    key = f"supplier.bad_rows:{ctx.account.id}"
    if not bad:
        await issues.clear(tx, key)
        return
    named = sample.splitlines()
    more = f"; and {bad - len(named)} more" if bad > len(named) else ""
    await issues.raise_issue(
        tx,
        key=key,
        kind="supplier.bad_rows",
        account_id=ctx.account.id,
        subject=ctx.account.name,
        what=f"{bad} row(s) of the list of {ctx.account.name} were left out",
        why="; ".join(named) + more,
        todo="Tell the supplier, or correct how its columns are read; the next list clears this.",
    )


async def _age(ctx: FlowContext) -> None:
    """Take a list that has grown old out of every promise, once; a new one brings it back."""
    if not ctx.account.dropship:
        return
    wakes = Wakes()
    async with ctx.store.read() as tx:
        state = await offered.state(tx, ctx.account.id)
    trust = ctx.rulebook.trust(ctx.account.name)
    stale = state.begun_at is not None and ctx.clock.now() - state.begun_at > trust.max_age
    if stale == state.stale or state.begun_at is None:
        return
    async with ctx.store.write(ctx.fence) as tx:
        await offered.change(tx, ctx.account.id, stale=int(stale))
        for shop in await recompute(tx, ctx, await offered.all_skus(tx, ctx.account.id), "time"):
            wakes.add(shop, FlowName.PUSH_STOCK)
        if stale:
            await _tell_stale(tx, ctx, state.begun_at)
        else:
            await issues.clear(tx, _stale_key(ctx))
    wakes.send(ctx)


async def _tell_stale(tx: Tx, ctx: FlowContext, begun_at: datetime) -> None:
    hours = ctx.rulebook.trust(ctx.account.name).max_age.total_seconds() / 3600
    await issues.raise_issue(
        tx,
        key=_stale_key(ctx),
        kind="supplier.stale",
        account_id=ctx.account.id,
        subject=ctx.account.name,
        what=f"the last list of {ctx.account.name} is too old: nothing of its stock is sold",
        why=f"it was read at {begun_at:%Y-%m-%d %H:%M} UTC, and counts for {hours:g} hours",
        todo="Ask the supplier for a new list; its stock is sold again by itself then. "
        "How long a list counts stands in `stock: suppliers:` of the mappings.",
    )


async def _tell_held(ctx: FlowContext, why: str) -> None:
    async with ctx.store.write(ctx.fence) as tx:
        await issues.raise_issue(
            tx,
            key=_held_key(ctx),
            kind="supplier.list",
            account_id=ctx.account.id,
            subject=ctx.account.name,
            what=f"the list of {ctx.account.name} cannot be used",
            why=why,
            todo="The last figures stay until they are too old. Look at the list; it is read again by itself.",
        )


def _stale_key(ctx: FlowContext) -> str:
    return f"supplier.stale:{ctx.account.id}"


def _held_key(ctx: FlowContext) -> str:
    return f"supplier.list:{ctx.account.id}"


async def _lay_again(ctx: FlowContext) -> None:
    """Other rules, or an account that sends to buyers from now on: bind the codes anew, and lay their stock."""
    wanted = f"{ctx.rulebook.version}:{int(ctx.account.dropship)}"
    async with ctx.store.read() as tx:
        state = await offered.state(tx, ctx.account.id)
        reading = await stock.newest(tx, ctx.account.id)
    if state.laid_with == wanted:
        return
    after, moved = "", set[str]()
    while True:
        wakes = Wakes()
        async with ctx.store.write(ctx.fence) as tx:
            rows = await offered.part(tx, ctx.account.id, after, _SLICE)
            leads = {row.code: _leads(ctx, row) for row in rows}
            changed = {row.code: leads[row.code] for row in rows if row.sku != leads[row.code]}
            await offered.rebind(tx, ctx.account.id, changed)
            skus = {row.sku for row in rows} | set(leads.values())
            touched = {sku for sku in skus if sku is not None}
            moved |= touched
            await _lay(tx, ctx, touched, max(reading, from_micros(0)), wakes)
            for shop in await reprice_skus(tx, ctx, _others(rows, leads), "config"):
                wakes.add(shop, FlowName.PUSH_PRICES)
            if len(rows) < _SLICE:
                await offered.change(tx, ctx.account.id, laid_with=wanted)
        wakes.send(ctx)
        if len(rows) < _SLICE:
            break
        after = rows[-1].code
    async with ctx.store.write(ctx.fence) as tx:
        unsent = await recompute(tx, ctx, moved, "config")
    hint_pushes(ctx, unsent)


def _leads(ctx: FlowContext, row: Offered) -> str | None:
    return ctx.rulebook.supplied_sku(ctx.account.name, row.code, row.named_sku)


def _others(rows: Sequence[Offered], leads: Mapping[str, str | None]) -> set[str]:
    """The SKUs of codes that lead elsewhere now, and those that they led to."""
    turned = [row for row in rows if row.sku != leads[row.code]]
    return {sku for row in turned for sku in (row.sku, leads[row.code]) if sku is not None}
