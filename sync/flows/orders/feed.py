"""Order intake: every page is stored raw, confirmed, held or reserved in one transaction with its cursor."""

from collections import Counter
from collections.abc import Sequence

from connectors.contract import Capability, Deadline, Kind, Page
from connectors.contract.lanes import Lane
from sync.domain.ids import OrderId
from sync.domain.orders import RemoteOrder
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.orders.deciding import decide
from sync.flows.orders.many import MANY, Fresh, take_many
from sync.flows.selling.promises import settle
from sync.flows.unreadable import keep_broken, readable_again
from sync.flows.wakes import Wakes
from sync.store import flow_states, intake, offer_facts, order_rows, orders
from sync.store.back import cases, money
from sync.store.database import Tx
from sync.store.intake import hold_page
from sync.store.interrupted import interrupted
from sync.telemetry.logs import bound, logger

FEED = "orders"
LONGEST_PUT_OFF = 5.0
"""Seconds for which a large intake may put off working out what other shops show; more where that takes long."""
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
        await settle(ctx)
        put_off = Deadline.after(LONGEST_PUT_OFF)
        while True:
            async with ctx.store.read() as tx:
                cursor = await flow_states.cursor(tx, ctx.account.id, self.name)
            page = await ctx.storefront.orders(cursor, Deadline.after(ctx.timing.call_seconds))
            troubled += await _keep(ctx, page)
            ctx.progress(len(page.records), page.total)
            handled += len(page.records)
            ends = page.complete or deadline.left() == 0
            if ends or put_off.left() == 0:
                took = await settle(ctx)
                put_off = Deadline.after(max(LONGEST_PUT_OFF, 10 * took))
            if ends:
                return PassResult(more=not page.complete, handled=handled, troubled=troubled)


class NotTogether(Exception):
    """The new orders of a page could not be taken in together."""


async def _keep(ctx: FlowContext, page: Page[RemoteOrder]) -> int:
    """Store a page and its cursor in one transaction. Returns how many of its records have trouble.

    What fails together is undone whole, and taken in one by one in a transaction of its own. A savepoint would do,
    too, but SQLite would write down every page of the file as it was before it.
    """
    try:
        return await _write(ctx, page, together=True)
    except NotTogether:
        _log.exception("the new orders of a page could not be taken in together; they are taken one by one")
        return await _write(ctx, page, together=False)


async def _write(ctx: FlowContext, page: Page[RemoteOrder], *, together: bool) -> int:
    wakes = Wakes()
    async with ctx.store.write(ctx.fence) as tx:
        troubled = await _take_page(tx, ctx, page, wakes, together=together)
        for shop in await offer_facts.capped_shops(tx) if page.records else ():
            wakes.add(shop, FlowName.PUSH_PRICES)  # its last piece may have been sold
        await flow_states.save_cursor(tx, ctx.account.id, FlowName.ORDERS, page.cursor, page.begun_at)
    wakes.send(ctx)
    return troubled


async def _take_page(
    tx: Tx, ctx: FlowContext, page: Page[RemoteOrder], wakes: Wakes, *, together: bool
) -> int:
    troubled = len(page.broken)
    await hold_page(tx, ctx.account.id, page.records)
    left, undecided = await _take_what_is_alike(tx, ctx, page.records, wakes, together=together)
    for record in page.broken:
        await keep_broken(tx, ctx, FEED, record)
    for order_id in undecided:
        troubled += not await _decide(tx, ctx, order_id, wakes)
    for remote in left:
        troubled += not await take_order(tx, ctx, remote, wakes)
    await readable_again(tx, ctx, FEED, [remote.external_id for remote in page.records])
    return troubled


async def _take_what_is_alike(
    tx: Tx, ctx: FlowContext, records: Sequence[RemoteOrder], wakes: Wakes, *, together: bool
) -> tuple[list[RemoteOrder], list[OrderId]]:
    """Note what has not changed, and take in what is new where that is much.

    Returns what is left to be taken in one by one, and orders that were stored and have yet to be decided on.
    Raises NotTogether.
    """
    times = Counter(remote.external_id for remote in records)
    known = await intake.known(tx, ctx.account.id, sorted(times))
    same: list[str] = []
    fresh: dict[int, Fresh] = {}
    left: dict[int, RemoteOrder] = {}
    for at, remote in enumerate(records):
        row = known.get(remote.external_id)
        digest = order_rows.digest(tx.sealer, remote)
        if times[remote.external_id] > 1:
            left[at] = remote  # what it says last, counts
        elif row is None:
            fresh[at] = Fresh(remote, digest, _is_history(ctx, remote))
        elif row.remote_hash == digest:
            same.append(row.id)
        else:
            left[at] = remote
    await orders.note_reread(tx, *same)
    if len(fresh) < MANY or not together:
        left |= {at: one.remote for at, one in fresh.items()}
        return [left[at] for at in sorted(left)], []
    try:
        undecided = await take_many(tx, ctx, list(fresh.values()))
    except Exception as error:  # one by one each order is alone with what is wrong with it
        if interrupted(error):
            raise
        raise NotTogether(str(NotTogether.__doc__)) from error
    wakes.add(ctx.account.id, FlowName.REVIEW)
    _log.info("many orders pulled", count=len(fresh), decided_at_once=len(undecided))
    return list(left.values()), undecided


def _is_history(ctx: FlowContext, remote: RemoteOrder) -> bool:
    """Whether it was placed before the account went live, by the vendor's clock, which wrote its moment."""
    live_from = ctx.account.live_from
    return live_from is None or remote.placed_at - ctx.vendor_ahead() < live_from


async def take_order(tx: Tx, ctx: FlowContext, remote: RemoteOrder, wakes: Wakes) -> bool:
    """Store one order and decide on it. A failure undoes only this one's decision: the raw record stays."""
    history, masked = _is_history(ctx, remote), ctx.account.masked
    with bound(order=remote.number):
        saved = await orders.save(
            tx,
            ctx.account.id,
            remote,
            history=history,
            masked=masked,
            late_lines_wait=ctx.manifest.can(Capability.REQUESTS),
        )
        if not saved.changed:
            return True
        await money.reopen_failed(tx, ctx.account.id, remote)
        if saved.late:  # it may be what a case that is done would not send: then a person hears of it
            for account in await cases.reopen_of_order(tx, saved.id):
                wakes.add(account, FlowName.WAY_BACK)
        _log.info("order pulled" if saved.created else "order changed", status=remote.status.value)
        return await _decide(tx, ctx, saved.id, wakes)


async def _decide(tx: Tx, ctx: FlowContext, order_id: OrderId, wakes: Wakes) -> bool:
    try:
        async with tx.savepoint():
            await decide(tx, ctx, order_id, wakes)
    except Exception as error:
        if interrupted(error):
            raise
        _log.exception("the order could not be decided on; it is kept and tried again", id=order_id)
        wakes.add(ctx.account.id, FlowName.REVIEW)
        return False
    return True
