"""Look at a case: read its order's money from the shop, judge, plan, and write the difference: a level, no edge."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from connectors.contract import BadAnswer, Capability, Deadline, Kind, Refused
from connectors.contract.lanes import Lane
from sync.domain.aftersales import Answer, Standing, Verdict
from sync.domain.clock import to_micros
from sync.domain.custody import figures, plain_number
from sync.domain.ids import OrderId
from sync.domain.orders import PaymentStatus, RemoteOrder, RemoteRefund
from sync.domain.other_goods import CHARGE
from sync.domain.requests import RemoteRequest
from sync.domain.way_back import Plan, plan
from sync.flows.back import asking, ending, numbers, opening, telling
from sync.flows.back.doing import Doer, dispose_key
from sync.flows.back.happened import tell_buyer
from sync.flows.back.judging import judge
from sync.flows.back.situation import Matter, read, situation, turns_round
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.orders.feed import take_order
from sync.flows.selling.binding import bind_order
from sync.flows.wakes import Wakes
from sync.store import issues, orders
from sync.store.back import cases, money, requests
from sync.store.back.cases import BackCase
from sync.store.database import Tx
from sync.store.intake import hold_page
from sync.store.interrupted import interrupted
from sync.telemetry.logs import bound, logger

_BATCH = 50
_LOOK_AGAIN = timedelta(minutes=10)
"""How often a case that waits for something is looked at without a cause: people refund in the shop unseen."""
_AFTER_TROUBLE = timedelta(minutes=5)
_MOST_ROUNDS = 8
_log = logger("flows.back")


class WayBackFlow:
    """The cases of one shop, and of one warehouse the goods that nobody announced."""

    name = FlowName.WAY_BACK
    kinds = frozenset({Kind.STOREFRONT, Kind.WAREHOUSE})
    lane = Lane.ANSWERS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """Look at the cases that are due; one that fails stops none of the others."""
        deadline = Deadline.after(ctx.timing.pass_seconds)
        async with ctx.store.write(ctx.fence) as tx:
            if ctx.account.kind is Kind.STOREFRONT:
                await opening.open_cases(tx, ctx)
            due = await cases.due_reviews(tx, ctx.account.id, _BATCH)
        handled = troubled = 0
        for id in due:
            wakes = Wakes()
            try:
                fine = await look(ctx, id, wakes)
            finally:
                wakes.send(ctx)
            handled += 1
            troubled += not fine
            if deadline.left() == 0:
                break
        more = handled < len(due) or len(due) == _BATCH
        return PassResult(more=more, handled=handled, troubled=troubled)


async def look(ctx: FlowContext, id: str, wakes: Wakes) -> bool:
    """Look at one case. Whether all went well; what did not is kept, told and tried again. Raises what interrupts."""
    async with ctx.store.read() as tx:
        case = await cases.get(tx, id)
        matter = await read(tx, ctx, case) if case is not None else None
    if case is None or case.state == cases.JOINED:
        return True
    if matter is None:
        async with ctx.store.write(ctx.fence) as tx:
            await telling.unannounced(tx, ctx, case)
        return True
    with bound(case=case.reference):
        begun = to_micros(ctx.clock.now())
        try:
            remote, asked = await _in_the_shop(ctx, matter)
        except (Refused, BadAnswer) as error:
            await _later(ctx, case, str(error))
            return False
        try:
            async with ctx.store.write(ctx.fence) as tx:
                await hold_page(tx, ctx.account.id, [] if remote is None else [remote])
                await orders.hold_rows(tx, [matter.order.row.id])
                if asked is not None:
                    await requests.save(tx, ctx.account.id, asked, begun)
                if remote is not None:
                    await take_order(tx, ctx, remote, wakes)
                await settle(tx, ctx, case, remote, begun, wakes)
        except Exception as error:
            if interrupted(error):
                raise
            _log.exception("a case could not be decided on; it is kept and tried again")
            await _later(ctx, case, "it could not be decided on; the log says why")
            return False
    return True


async def _in_the_shop(ctx: FlowContext, matter: Matter) -> tuple[RemoteOrder | None, RemoteRequest | None]:
    """The order and the request as the shop has them now: not every change of either moves it in its feed.

    None for an order that the shop has not, and for a request that it has not or never told of.
    """
    seconds, request = ctx.timing.call_seconds, matter.request
    order = await ctx.storefront.order(matter.order.row.external_id, Deadline.after(seconds))
    if request.entered_by is not None or not ctx.manifest.can(Capability.REQUESTS):
        return order, None
    kind, name = request.remote.kind, request.remote.external_id
    return order, await ctx.storefront.request(kind, name, Deadline.after(seconds))


async def _later(ctx: FlowContext, case: BackCase, why: str) -> None:
    async with ctx.store.write(ctx.fence) as tx:
        at = to_micros(ctx.clock.now() + _AFTER_TROUBLE)
        await cases.settle(tx, case.id, done=False, waits=case.waits, review_at=at)
        await telling.stuck(tx, ctx, case, why)


async def settle(
    tx: Tx, ctx: FlowContext, case: BackCase, remote: RemoteOrder | None, as_of: int, wakes: Wakes
) -> None:
    """Everything that follows from the case's present state, in one transaction."""
    ctx = ctx.ruled_now()
    matter = await read(tx, ctx, case)
    if matter is None:
        return
    read_at = matter.case.review_at
    if any(line.components is None for line in matter.order.lines):  # orders of history were never bound
        await bind_order(tx, ctx, matter.order)
        matter = await read(tx, ctx, case) or matter
    if remote is not None:
        await money.see(tx, matter.order, seen_of(remote, as_of))
    else:
        await money.still(tx, OrderId(matter.order.row.id), as_of)
    await opening.announce(tx, ctx, matter.case, matter.request, matter.order)
    matter = await read(tx, ctx, case) or matter
    unanswered = matter.case.standing.answered is None
    if unanswered and ending.given_up(matter):
        await _end(tx, ctx, matter, wakes, read_at, given_up=True)
        return
    verdict, planned = await _rounds(tx, ctx, case, wakes)
    matter = await read(tx, ctx, case)
    if matter is None:
        return
    if await money.let_go(tx, OrderId(matter.order.row.id)):
        wakes.add(ctx.account.id, FlowName.OUTBOX)
    await tell_buyer(tx, ctx, matter, wakes)
    await numbers.tell(tx, ctx, matter, wakes)
    await _clear_disposed(tx, matter)
    await asking.questions(tx, matter, planned.questions)
    given_up = ending.given_up(matter)
    if (planned.done and verdict.answer != Answer.ASK) or given_up:
        await _end(tx, ctx, matter, wakes, read_at, given_up=given_up)
        return
    await issues.clear(tx, telling.stuck_key(case))
    again = to_micros(ctx.clock.now() + _LOOK_AGAIN)
    waits = "; ".join(planned.waits)
    await cases.settle(tx, case.id, done=False, waits=waits, review_at=again, read_at=read_at)


async def _end(
    tx: Tx, ctx: FlowContext, matter: Matter, wakes: Wakes, read_at: int | None, *, given_up: bool
) -> None:
    """The case is done, unless something came for it meanwhile."""
    await issues.clear(tx, telling.stuck_key(matter.case))
    if not await cases.settle(tx, matter.case.id, done=True, waits="", review_at=None, read_at=read_at):
        return
    await asking.nothing_left(tx, matter)
    await ending.leave_nothing(tx, ctx, matter, wakes, given_up=given_up)


async def _rounds(tx: Tx, ctx: FlowContext, case: BackCase, wakes: Wakes) -> tuple[Verdict, Plan]:
    """Judge, plan and do until nothing is left to be done now."""
    for _ in range(_MOST_ROUNDS):
        matter = await read(tx, ctx, case)
        if matter is None:
            break
        verdict, kind = await judge(tx, ctx, matter)
        matter = await read(tx, ctx, case)
        if matter is None:
            break
        standing = _observed(matter)
        doer = Doer(tx, ctx, matter, wakes, standing)
        if await doer.came_up() or await doer.balance():
            continue
        now = situation(replace(matter, case=replace(matter.case, standing=standing)), verdict, kind)
        found = plan(now)
        for deed in found.deeds:
            await doer.do(deed)
        await doer.show(stays_open=found.exchange_open)
        if not found.deeds:
            return verdict, found
    raise RuntimeError(f"the plan of {case.reference} does not come to rest")


def _observed(matter: Matter) -> Standing:
    """What was done, and what couriers, buyers and people have said since."""
    standing = matter.case.standing
    turned = {plain_number(one.tracking) for one in matter.order.parcels if one.tracking and turns_round(one)}
    on_their_way = any(one.first_scan_at is not None for one in matter.parcels)
    scanned = standing.scanned or on_their_way or not turned.isdisjoint(matter.custody.tracking)
    return replace(standing, scanned=scanned, charged=standing.charged or CHARGE in standing.decided)


async def _clear_disposed(tx: Tx, matter: Matter) -> None:
    gone = {one.key: one.disposed for one in figures(matter.custody).lines}
    for (key, disposal), units in matter.case.standing.instructed.items():
        if gone.get(key, {}).get(disposal, 0) >= units:
            await issues.clear(tx, dispose_key(matter.case.id, key[1], disposal.value))


def seen_of(remote: RemoteOrder, as_of: int) -> money.Seen:
    """The order's money as a reading that began at `as_of` showed it."""
    captured = (PaymentStatus.PAID, PaymentStatus.PART_REFUNDED, PaymentStatus.REFUNDED)
    paid = sum(one.amount.minor for one in remote.payments if one.status in captured)
    if not remote.payments and remote.payment in captured:
        paid = remote.total.minor
    return money.Seen(paid, tuple(_refunds(remote)), as_of)


def _refunds(remote: RemoteOrder) -> Iterator[tuple[str, int, str, int | None]]:
    """Each refund once, whole: the shop shows a part of it at every payment that it went back to."""
    parts: dict[str, list[RemoteRefund]] = {}
    for payment in remote.payments:
        for refund in payment.refunds:
            parts.setdefault(refund.external_id, []).append(refund)
    for id, shown in parts.items():
        key = next((key for part in shown if (key := money.key_in(part.reason))), "")
        at = min((to_micros(part.at) for part in shown if part.at is not None), default=None)
        yield id, sum(part.amount.minor for part in shown), key, at


__all__ = ["WayBackFlow", "look", "seen_of", "settle"]
