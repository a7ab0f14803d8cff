"""The listings of a storefront: read whole in sweeps, bound to SKUs; what cannot be bound is an issue.

A sweep only nominates listings that have disappeared. The shop is asked for each by its id, and at most a
share of all is taken off in one sweep: an empty answer must never empty a shop.
"""

from collections.abc import Sequence
from datetime import datetime

from connectors.contract import Capability, Deadline, Kind, Page, Rejected
from connectors.contract.lanes import Lane
from sync.domain.listing import RemoteVariant
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.selling import contents, states
from sync.flows.selling.binding import bind_listings
from sync.flows.selling.pricing import hint_prices, refused_key, reprice_page
from sync.flows.selling.promises import hint_pushes, recompute
from sync.flows.unreadable import keep_broken, readable_again, whole_again
from sync.store import flow_states, issues, listings
from sync.store.database import Tx
from sync.store.listings import ListingRow

FEED = "products"
LARGEST_SHARE_GONE = 0.05
"""More listings than this gone in one sweep look like a fault of the feed, not like a clearance."""
_FEW = 20
_SLICE = 100


class CatalogueFlow:
    """One storefront's listings."""

    name = FlowName.CATALOGUE
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.CONTENT
    observes = True

    async def run(self, ctx: FlowContext) -> PassResult:
        """Read pages until the sweep is complete or the pass has lasted long enough."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        handled = troubled = 0
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
                state = await flow_states.state(tx, ctx.account.id, self.name)
            begun = (state.full_at if state and cursor else None) or ctx.clock.now()
            page = await ctx.storefront.products(cursor or None, Deadline.after(ctx.timing.call_seconds))
            begun = page.begun_at if not cursor else begun
            await _take_page(ctx, page, begun)
            ctx.progress(len(page.records), page.total)
            handled += len(page.records)
            troubled += len(page.broken)
            if page.complete:
                await _after_sweep(ctx, begun)
            if page.complete or deadline.left() == 0:
                return PassResult(more=not page.complete, handled=handled, troubled=troubled)


async def _take_page(ctx: FlowContext, page: Page[RemoteVariant], begun: datetime) -> None:
    async with ctx.store.write(ctx.fence) as tx:
        for record in page.broken:
            await keep_broken(tx, ctx, FEED, record)
        await readable_again(tx, ctx, FEED, [record.external_id for record in page.records])
        if page.complete:
            await whole_again(tx, ctx, FEED, begun)
        records = await states.as_known(tx, ctx, page.records, page.begun_at)
        moved, changed = await store_variants(tx, ctx, records)
        unsent = await recompute(tx, ctx, moved, "catalogue")
        await listings.note_shown(tx, ctx.account.id, page.records)
        priced = await reprice_page(tx, ctx, page.records, changed, page.begun_at)
        listed = await states.note_shown(tx, ctx, records, page.begun_at)
        listed |= await contents.reread(tx, ctx, page.records, changed, page.begun_at)
        cursor = "" if page.complete else page.cursor
        await flow_states.save_cursor(tx, ctx.account.id, FlowName.CATALOGUE, cursor, begun, full=True)
    hint_pushes(ctx, unsent)
    hint_prices(ctx, priced)
    if listed:
        ctx.hint(ctx.account.id, FlowName.PUSH_LISTINGS)


async def store_variants(
    tx: Tx, ctx: FlowContext, variants: list[RemoteVariant]
) -> tuple[frozenset[str], list[str]]:
    """Store and bind listings. Returns the SKUs whose shares this moves, and the listings that it moves."""
    ids, to_bind = await listings.save_page(tx, ctx.account.id, variants)
    rows = [
        ListingRow(ids[name], ctx.account.id, variant, bound=False, reason=to_bind[name])
        for variant in variants
        if (name := variant.external_id) in to_bind
    ]
    moved = await bind_listings(tx, ctx, rows)
    changed = [row.id for row in rows]
    shown = await listings.skus_of(tx, changed)
    return moved | shown, changed


async def _after_sweep(ctx: FlowContext, begun: datetime) -> None:
    """Ask the shop about listings that the sweep did not meet."""
    key = f"catalogue.vanished:{ctx.account.id}"
    async with ctx.store.read() as tx:
        missing = await listings.not_seen_since(tx, ctx.account.id, begun, limit=10_000)
        present = await listings.count_present(tx, ctx.account.id)
    too_many = len(missing) > max(_FEW, LARGEST_SHARE_GONE * present)
    async with ctx.store.write(ctx.fence) as tx:
        if too_many:
            await _tell_vanished(tx, ctx, key, len(missing), present)
        else:
            await issues.clear(tx, key)
    if missing and not too_many and ctx.manifest.can(Capability.READ_QUANTITIES):
        await _confirm_gone(ctx, missing)


async def _confirm_gone(ctx: FlowContext, missing: Sequence[tuple[str, str]]) -> None:
    for start in range(0, len(missing), _SLICE):
        part = {external: ours for ours, external in missing[start : start + _SLICE]}
        answers = await ctx.storefront.quantities(list(part), Deadline.after(ctx.timing.call_seconds))
        gone = [part[name] for name, answer in answers.items() if isinstance(answer, Rejected)]
        async with ctx.store.write(ctx.fence) as tx:
            moved = await listings.mark_gone(tx, gone)
            unsent = await recompute(tx, ctx, moved, "catalogue")
            for listing_id in gone:
                await issues.clear(tx, f"listing.unbound:{listing_id}")
                await issues.clear(tx, refused_key(listing_id))
                await issues.clear_all(tx, [*states.issue_keys(listing_id), contents.refused_key(listing_id)])
        hint_pushes(ctx, unsent)


async def _tell_vanished(tx: Tx, ctx: FlowContext, key: str, missing: int, present: int) -> None:
    await issues.raise_issue(
        tx,
        key=key,
        kind="catalogue.vanished",
        account_id=ctx.account.id,
        subject=ctx.account.name,
        what=f"{missing} of {present} listings of {ctx.account.name} were not in its last full list",
        why="so many at once look like a fault of the list; nothing was taken off",
        todo=f"Look at {ctx.account.name}: the list is read again by itself, and this clears when it is whole.",
    )
