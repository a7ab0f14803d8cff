"""Every flow of the daemon, and what happens when the configuration changes."""

from sync.domain.ids import AccountId
from sync.flows.back.feed import RequestsFlow
from sync.flows.back.looking import WayBackFlow
from sync.flows.back.receipts import ReturnReceiptsFlow
from sync.flows.figures.suppliers import OffersFlow
from sync.flows.figures.warehouses import StockFlow
from sync.flows.flow import Flow, FlowContext, FlowName
from sync.flows.fulfilling.deliveries import DeliveriesFlow
from sync.flows.fulfilling.feed import FulfilmentFlow
from sync.flows.fulfilling.labels import LabelsFlow
from sync.flows.fulfilling.reports import ReportsFlow
from sync.flows.fulfilling.tracking import TrackingFlow
from sync.flows.fulfilling.voids import VoidsFlow
from sync.flows.messages.planning import rules_changed as messages_changed
from sync.flows.messages.sending import MessagesFlow
from sync.flows.orders.feed import OrdersFlow
from sync.flows.orders.open_orders import OpenOrdersFlow
from sync.flows.orders.review import ReviewFlow
from sync.flows.selling import contents, states
from sync.flows.selling.binding import bind_listings
from sync.flows.selling.catalogue import CatalogueFlow
from sync.flows.selling.pricing import reprice
from sync.flows.selling.promises import recompute
from sync.flows.selling.push_listings import PushListingsFlow
from sync.flows.selling.push_prices import PushPricesFlow
from sync.flows.selling.push_stock import PushStockFlow
from sync.flows.sending.outbox import OutboxFlow
from sync.flows.wakes import Wakes
from sync.store import listings, merging, offers, orders

FLOWS: tuple[Flow, ...] = (
    OrdersFlow(),
    ReviewFlow(),
    OpenOrdersFlow(),
    RequestsFlow(),
    WayBackFlow(),
    PushStockFlow(),
    StockFlow(),
    OffersFlow(),
    OutboxFlow(),
    FulfilmentFlow(),
    ReportsFlow(FlowName.ACKNOWLEDGEMENTS),
    ReportsFlow(FlowName.DESPATCHES),
    ReturnReceiptsFlow(),
    LabelsFlow(),
    VoidsFlow(),
    DeliveriesFlow(),
    TrackingFlow(),
    MessagesFlow(),
    PushPricesFlow(),
    PushListingsFlow(),
    CatalogueFlow(),
)
_SLICE = 500


async def on_config(ctx: FlowContext) -> None:
    """New rules rule at once: bind every listing again, recompute what shops show, review held orders.

    Called once for every storefront account after a change of the configuration was accepted, so each call works
    out its own shop's offers, and those of others only where a binding moved. It works in slices, each in its own
    transaction.
    """
    after = ""
    while True:
        wakes = Wakes()
        async with ctx.store.write(ctx.fence) as tx:
            rows = await listings.present(tx, ctx.account.id, after, _SLICE)
            moved = await bind_listings(tx, ctx, rows)
            shown = await listings.skus_of(tx, [row.id for row in rows])
            unsent = await recompute(tx, ctx, moved, "config")
            unsent |= await recompute(tx, ctx, shown - moved, "config", of=ctx.account.id)
            for account in unsent:
                wakes.add(account, FlowName.PUSH_STOCK)
            for account in await reprice(tx, ctx, [row.id for row in rows], "config"):
                wakes.add(account, FlowName.PUSH_PRICES)
            await states.rules_changed(tx, ctx, [(row.id, row.remote.external_id) for row in rows])
            await contents.rules_changed(tx, ctx, [row.id for row in rows])
        wakes.add(ctx.account.id, FlowName.PUSH_LISTINGS)
        wakes.send(ctx)
        if len(rows) < _SLICE:
            break
        after = rows[-1].id
    async with ctx.store.write(ctx.fence) as tx:
        await messages_changed(tx, ctx)
        await merging.end_waits(tx, ctx.account.id)
        await orders.ask_review_of_held(tx)
    ctx.hint(ctx.account.id, FlowName.REVIEW)


async def on_live(ctx: FlowContext) -> None:
    """An account went live: orders placed since its cut-over are worked on, and its offers are pushed.

    It works in slices, each in its own transaction.
    """
    if ctx.account.live_from is None:
        return
    async with ctx.store.write(ctx.fence) as tx:
        await orders.revive_history(tx, ctx.account.id, ctx.account.live_from + ctx.vendor_ahead())
        await orders.ask_review_of_held(tx)
    unsent, after = {AccountId(ctx.account.id)}, ""
    while True:
        async with ctx.store.write(ctx.fence) as tx:
            skus = await offers.all_bound_skus(tx, after, _SLICE)
            unsent |= await recompute(tx, ctx, skus, "live")
        if len(skus) < _SLICE:
            break
        after = skus[-1]
    for account in unsent:
        ctx.hint(account, FlowName.PUSH_STOCK)
        ctx.hint(account, FlowName.REVIEW)
    ctx.hint(ctx.account.id, FlowName.PUSH_PRICES)
    ctx.hint(ctx.account.id, FlowName.PUSH_LISTINGS)
