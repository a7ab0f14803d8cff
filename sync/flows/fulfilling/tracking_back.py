"""Parcels on the way back, asked about at their courier: the first scan is what a verdict may wait for.

They are no parcels of ours that are late: nobody hears of one that is silent. What the courier says is a fact of its
case, which is planned anew from it.
"""

from datetime import datetime, timedelta

from connectors.contract import Deadline, Done, Retry
from sync.domain.clock import to_micros
from sync.domain.tracking import ENDED, MOVING, TrackingReport, TrackingStatus, advanced
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.wakes import Wakes
from sync.store import orders
from sync.store.back import cases, parcels
from sync.store.back.parcels import ToTrack
from sync.store.database import Tx
from sync.store.events import add_event

_BATCH = 50
_UNSCANNED, _SCANNED = timedelta(minutes=10), timedelta(hours=2)
"""How often a number is asked about: before its first scan, and after it. Buyers take days to send."""
_SCANS = MOVING | ENDED - {TrackingStatus.CANCELLED, TrackingStatus.EXPIRED, TrackingStatus.LOST}


async def look(ctx: FlowContext) -> PassResult:
    """One batch of one courier account's numbers whose next look is due."""
    async with ctx.store.read() as tx:
        due = await parcels.to_track(tx, ctx.account.id, _BATCH)
    if not due:
        return PassResult()
    asked = sorted({(one.parcel.carrier, one.parcel.written) for one in due})
    answers = await ctx.courier.track(asked, Deadline.after(ctx.timing.call_seconds))
    wakes = Wakes()
    troubled = 0
    async with ctx.store.write(ctx.fence) as tx:
        await orders.hold_rows(tx, [one.order_id for one in due])
        for one in due:
            answer = answers.get(one.parcel.written)
            if isinstance(answer, Done) and answer.echo is not None:
                await _take(tx, ctx, one, answer.echo, wakes)
                continue
            known = isinstance(answer, Retry)
            after = (answer.after if isinstance(answer, Retry) else None) or (
                _UNSCANNED if known else _SCANNED
            )
            await parcels.look_again(tx, one.parcel, to_micros(ctx.clock.now() + after))
            troubled += not known
    wakes.send(ctx)
    return PassResult(more=len(due) == _BATCH, handled=len(due) - troubled, troubled=troubled)


async def _take(tx: Tx, ctx: FlowContext, one: ToTrack, report: TrackingReport, wakes: Wakes) -> None:
    parcel, now = one.parcel, ctx.clock.now()
    if is_of_another(report, one.placed_at):
        await parcels.seen(tx, parcel, TrackingStatus.UNKNOWN, scanned_at=None, at=None)
        what = f"{parcel.written} was on its way before the order was placed: it is not asked about"
        await add_event(tx, one.order_id, "tracking_back", what, tracking=parcel.written)
        return
    status = advanced(parcel.status, report)
    scanned = parcel.first_scan_at or (now if status in _SCANS else None)
    again = None if status in ENDED else to_micros(now + (_SCANNED if scanned else _UNSCANNED))
    at = None if scanned is None else to_micros(scanned)
    await parcels.seen(tx, parcel, status, scanned_at=at, at=again)
    if status != parcel.status:
        said = f"{parcel.written}, coming back: {status.value.replace('_', ' ')}"
        await add_event(tx, one.order_id, "tracking_back", said, tracking=parcel.written)
        await cases.ask_review(tx, [parcel.case_id])
        wakes.add(one.account_id, FlowName.WAY_BACK)


def is_of_another(report: TrackingReport, placed_at: datetime) -> bool:
    """Whether a number's scans are of a parcel from before the order: numbers are used again, or made up."""
    scans = [event.at for event in report.events if event.at is not None and event.status in _SCANS]
    return bool(scans) and min(scans) < placed_at - timedelta(days=1)
