"""Decide on one order and do what was decided, in one transaction: bind, check, hold, reserve, send, stop, tell.

Everything that may have changed something about an order only asks for a review; this is what a review is.
It reads the order's whole present state, plans with `sync.domain.review.plan`, and writes the difference.
Doing it twice does nothing.
"""

from sync.domain.clock import from_micros
from sync.domain.confirm import checks
from sync.domain.ids import OrderId
from sync.domain.lifecycle import OrderState
from sync.domain.review import Plan, plan
from sync.flows.flow import FlowContext, FlowName
from sync.flows.messages.again import sent_again
from sync.flows.messages.happened import happened
from sync.flows.messages.planning import tell
from sync.flows.orders import holding, merging, placing, shipping, working
from sync.flows.orders.facts import case_of, order_check, order_facts, suppliers_of
from sync.flows.orders.refusing import held_at, refused_of
from sync.flows.orders.shown import said, shipped_elsewhere
from sync.flows.selling.binding import bind_order
from sync.flows.selling.promises import recompute
from sync.flows.wakes import Wakes
from sync.store import cases, orders
from sync.store.back import cases as back_cases
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event

DOUBLED_WITHIN_MICROS = 60_000_000
"""Two equal orders of one buyer within a minute look like one that was sent twice."""


async def decide(tx: Tx, ctx: FlowContext, order_id: OrderId, wakes: Wakes) -> None:
    """Review one order."""
    await merging.hold_beside(tx, ctx, order_id)
    ctx = ctx.ruled_now()
    case = await cases.load(tx, order_id)
    if case is None or case.state == OrderState.HISTORY:
        await cases.set_order(tx, order_id, review_at=None)
        return
    case = await _with_elsewhere(tx, case)
    lines = await bind_order(tx, ctx, case)
    buyer = await orders.buyer(tx, order_id)
    listed = await suppliers_of(tx, ctx, lines)
    facts = order_facts(ctx, case, lines, buyer, listed)
    doubled = await cases.doubled(tx, case.row, DOUBLED_WITHIN_MICROS)
    wanted_holds = holding.rejected(case)  # before the others: what a person said comes first
    wanted_holds += checks(order_check(ctx, case, lines, buyer, doubled)) + holding.by_rules(ctx, facts)
    refused = refused_of(ctx, case)
    reserved_at = held_at(case, refused)
    decision = plan(case_of(ctx, case, lines, wanted_holds, reserved_at))
    if decision.unplaced:
        placed = await placing.place(tx, ctx, case, facts, decision.unplaced, refused)
        reserved_at |= placed.by
        wanted_holds += placed.holds
        decision = plan(case_of(ctx, case, lines, wanted_holds, reserved_at))
    moved = await placing.reserve(tx, ctx, case, decision)
    await holding.apply(tx, ctx, case, decision.holds)
    again = await working.apply(tx, ctx, case, decision, wakes)
    await shipping.plan_parcels(tx, ctx, case, lines, facts, wakes)
    await _settle(tx, ctx, case, decision, again=again)
    for account in await back_cases.ask_review_of_order(tx, order_id):
        wakes.add(account, FlowName.WAY_BACK)
    closed_at = (case.row.closed_at or tx.now()) if decision.closed else None
    ended = None if closed_at is None else from_micros(closed_at)
    what = happened(case, decision.state, ended, await sent_again(tx, case))
    await tell(tx, ctx, case.row, buyer, what, wakes)
    for account in await recompute(tx, ctx, moved, "order"):
        wakes.add(account, FlowName.PUSH_STOCK)


async def _with_elsewhere(tx: Tx, case: StoredCase) -> StoredCase:
    """Bring up to date what the shop shows as shipped by others."""
    pieces = shipped_elsewhere(case, await said(tx, case))
    if all(pieces[line.id] == line.shipped_elsewhere for line in case.lines):
        return case
    await cases.set_elsewhere(tx, pieces)
    return await cases.load(tx, case.row.id) or case


async def _settle(tx: Tx, ctx: FlowContext, case: StoredCase, decision: Plan, *, again: bool) -> None:
    """Store the order's own state, and tell its timeline when that moved."""
    row = case.row
    now = tx.now()
    values: dict[str, object] = {
        "state": decision.state.value,
        "cancel": decision.cancel.value,
        "review_at": now if again else None,
        "config_version": ctx.rulebook.version,
        "closed_at": (row.closed_at or now) if decision.closed else None,
    }
    if decision.state != OrderState.HELD and row.accepted_at is None:
        values["accepted_at"] = now
    if decision.state == OrderState.SHIPPED and row.shipped_at is None:
        values["shipped_at"] = now
    await cases.set_order(tx, row.id, **values)
    if decision.closed and row.closed_at is None:
        await cases.close_reservations(tx, row.id)
    if decision.state != case.state:
        await add_event(
            tx,
            OrderId(row.id),
            "state",
            f"{case.state.value} → {decision.state.value}",
            holds=[hold.rule for hold in decision.holds],
        )
