"""What a case that is done leaves behind is put in order: stops, other goods, labels, who still expects a parcel."""

from dataclasses import replace

from connectors.contract import Operation
from sync.domain.aftersales import ChannelAnswer, RequestKind
from sync.domain.ids import OrderId
from sync.domain.other_goods import BY_HAND
from sync.domain.outbox import OutboxState
from sync.domain.requests import RequestState
from sync.flows.asking import ask_review
from sync.flows.back.doing import RETURN_LABEL
from sync.flows.back.situation import Matter
from sync.flows.flow import FlowContext, FlowName
from sync.flows.wakes import Wakes
from sync.store import cases as order_cases
from sync.store import issues, order_lines, outbox
from sync.store.back import cases, parcels
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.orders import OUR_LINE

_NOT_TOLD = frozenset({OutboxState.QUEUED, OutboxState.REJECTED, OutboxState.WITHDRAWN})


def given_up(matter: Matter) -> bool:
    """Whether the shop ended the request before anything came back or money moved. Announced is not come.

    What was stopped, or is too late to be, goes on although the shop calls it refused: so it books our answer.
    """
    state = matter.request.remote.state
    if not state.ended or (state is RequestState.REFUSED and matter.case.standing.answered_as):
        return False
    due = matter.case.due
    tallies = (tally for receipt in matter.custody.receipts.values() for tally in receipt.tallies.values())
    return not any(tally.arrived for tally in tallies) and (due is None or due.amount == 0)


async def leave_nothing(tx: Tx, ctx: FlowContext, matter: Matter, wakes: Wakes, *, given_up: bool) -> None:
    """Give up what the case held and did not use. Doing it twice changes nothing."""
    if not matter.case.standing.sent:
        await _give_up_the_other_goods(tx, matter, wakes)
    if given_up or matter.case.standing.answered is ChannelAnswer.REFUSED:
        await _let_leave(tx, matter, wakes)
    if given_up:
        await _give_back_the_label(tx, matter, wakes)
        await _stop_the_announcement(tx, ctx, matter)


async def _let_leave(tx: Tx, matter: Matter, wakes: Wakes) -> None:
    """What the case had stopped is sent after all, unless the shop was told that it is not, or it was paid for."""
    case, due = matter.case, matter.case.due
    stops = case.standing.stops
    if not stops or case.standing.answered_as or (due is not None and due.amount):
        return
    others = [one.standing.stops for one in matter.siblings if one.id != case.id]
    most = {
        line.id: line.at_most + stops[line.id] if any(one.get(line.id) for one in others) else None
        for line in matter.order.lines
        if line.id in stops and line.at_most is not None
    }
    await order_cases.limit_lines(tx, most)
    await cases.stand(tx, case.id, replace(case.standing, stop_asked=False, stops={}))
    order_id, pieces = OrderId(matter.order.row.id), sum(stops.values())
    what = f"{case.reference}: {pieces} piece(s) that were to be stopped may leave after all"
    await add_event(tx, order_id, "stop_taken_back", what)
    await ask_review(tx, order_id, wakes)


async def _give_up_the_other_goods(tx: Tx, matter: Matter, wakes: Wakes) -> None:
    """Nothing goes out instead any more: lines of our own hold no stock; of the shop's a person is told."""
    order_id, case = OrderId(matter.order.row.id), matter.case
    if await order_lines.give_up(tx, order_id, case.reference):
        await ask_review(tx, order_id, wakes)
    if BY_HAND in case.standing.decided:
        return
    instead = matter.request.remote.instead
    named = {one.line for one in instead}
    listings = {one.variant for one in instead if one.line is None and one.variant is not None}
    kept = [
        line
        for line in matter.order.lines
        if line.waits
        and line.quantity
        and (line.external_id in named or line.variant_external_id in listings)
        and not line.external_id.startswith(OUR_LINE)
    ]
    if case.kind == RequestKind.EXCHANGE and kept:
        pieces = sum(line.quantity for line in kept)
        key = f"return.instead_kept:{case.id}"
        await issues.raise_issue(
            tx,
            key=key,
            kind="return.instead_kept",
            account_id=matter.order.row.account_id,
            order_id=order_id,
            subject=case.reference,
            what=f"{case.reference}: {pieces} piece(s) that were wanted instead are not sent, and still held",
            why="the goods that came back do not earn them, and the shop's order still has them",
            todo="Cancel the exchange in the shop: the stock is free then. To send them all the same: "
            f"entrepot returns treat {case.reference} CONDITION --paid. Then: entrepot issues done {key}",
            owner=case.owner,
        )


async def _give_back_the_label(tx: Tx, matter: Matter, wakes: Wakes) -> None:
    await outbox.withdraw_unsent(tx, f"label:{matter.case.id}", RETURN_LABEL)
    for courier in await parcels.no_use_for(tx, matter.case.id):
        wakes.add(courier, FlowName.VOIDS)


async def _stop_the_announcement(tx: Tx, ctx: FlowContext, matter: Matter) -> None:
    """What the warehouse was not told stays untold; of what it was told, a person tells it the end."""
    order_id, case = OrderId(matter.order.row.id), matter.case
    operation, aggregate = Operation.ANNOUNCE_RETURN.value, f"back:{case.id}"
    await outbox.withdraw_unsent(tx, aggregate, operation)
    rows = [row for row in await outbox.of_order(tx, order_id) if row.aggregate == aggregate]
    told = {(row.account_id, row.payload["reference"]) for row in rows if row.state not in _NOT_TOLD}
    for account, reference in sorted(told):
        key = f"return.still_expected:{case.id}:{reference}"
        await issues.raise_issue(
            tx,
            key=key,
            kind="return.still_expected",
            account_id=account,
            order_id=order_id,
            subject=case.reference,
            what=f"{ctx.accounts[account].name} still expects {reference}, which does not come",
            why="the request was taken back, or settled in the shop, before anything came",
            todo=f"Cancel what is expected there. Then: entrepot issues done {key}",
            owner=case.owner,
        )
