"""Every parcel followed to its end; what is stuck, lost, refused or coming back becomes an issue."""

from datetime import timedelta

from connectors.contract import Capability, Deadline, Done, Kind, Outcome, Retry
from connectors.contract.lanes import Lane
from sync.domain.clock import from_micros, to_micros
from sync.domain.following import Followed, Step, follow
from sync.domain.ids import OrderId
from sync.domain.tracking import TrackingReport
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.fulfilling import tracking_back
from sync.flows.wakes import Wakes
from sync.store import issues, orders, parcels
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.parcels import Parcel, micros
from sync.telemetry.logs import bound

_BATCH = 50


class TrackingFlow:
    """The parcels of one courier account."""

    name = FlowName.TRACKING
    kinds = frozenset({Kind.COURIER})
    lane = Lane.SHIPMENTS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """One batch of parcels on their way out, and one of those on the way back, whose next look is due."""
        if not ctx.manifest.can(Capability.TRACK):
            return PassResult()
        out, back = await _out(ctx), await tracking_back.look(ctx)
        return PassResult(
            more=out.more or back.more,
            handled=out.handled + back.handled,
            troubled=out.troubled + back.troubled,
        )


async def _out(ctx: FlowContext) -> PassResult:
    """Parcels on the way to buyers."""
    async with ctx.store.read() as tx:
        due = await parcels.to_track(tx, ctx.account.id, _BATCH)
    if not due:
        return PassResult()
    asked = list(dict.fromkeys((parcel.carrier, parcel.tracking or "") for parcel in due))
    answers = await ctx.courier.track(asked, Deadline.after(ctx.timing.call_seconds))
    wakes = Wakes()
    troubled = 0
    async with ctx.store.write(ctx.fence) as tx:
        await orders.hold_rows(tx, [parcel.order_id for parcel in due])
        for parcel in due:
            troubled += not await _take(tx, ctx, parcel, answers.get(parcel.tracking or ""), wakes)
    wakes.send(ctx)
    return PassResult(more=len(due) == _BATCH, handled=len(due) - troubled, troubled=troubled)


async def _take(
    tx: Tx, ctx: FlowContext, parcel: Parcel, answer: Outcome[TrackingReport] | None, wakes: Wakes
) -> bool:
    interval = timedelta(seconds=ctx.timing.intervals.get(FlowName.TRACKING, 120.0))
    if not isinstance(answer, Done) or answer.echo is None:
        after = answer.after if isinstance(answer, Retry) and answer.after else interval
        await parcels.change(tx, parcel.id, track_due_at=to_micros(ctx.clock.now() + after))
        return False
    with bound(order=await orders.number_of(tx, parcel.order_id)):
        await parcels.save_events(tx, parcel.id, answer.echo)
        step = follow(
            _followed(parcel),
            answer.echo,
            now=ctx.clock.now(),
            interval=interval,
            stuck_after=timedelta(seconds=ctx.timing.stuck_after_seconds),
            unscanned_after=timedelta(seconds=ctx.timing.unscanned_after_seconds),
            lost_after=timedelta(seconds=ctx.timing.lost_after_seconds),
        )
        await _store(tx, ctx, parcel, step)
        await _alarm(tx, ctx, parcel, step)
        if step.status != parcel.status:
            said = f"{parcel.tracking}: {step.status.value.replace('_', ' ')}"
            await add_event(tx, OrderId(parcel.order_id), "tracking", said, tracking=parcel.tracking)
            await ask_review(tx, parcel.order_id, wakes)
            wakes.add(await orders.shop_of(tx, parcel.order_id), FlowName.DELIVERIES)
    return True


def _followed(parcel: Parcel) -> Followed:
    return Followed(
        status=parcel.status,
        status_at=None if parcel.status_at is None else from_micros(parcel.status_at),
        booked_at=from_micros(parcel.booked_at or parcel.created_at),
        left_at=None if parcel.left_at is None else from_micros(parcel.left_at),
        first_scan_at=None if parcel.first_scan_at is None else from_micros(parcel.first_scan_at),
    )


async def _store(tx: Tx, ctx: FlowContext, parcel: Parcel, step: Step) -> None:
    await parcels.change(
        tx,
        parcel.id,
        status=step.status.value,
        status_at=to_micros(step.status_at),
        first_scan_at=micros(step.first_scan_at),
        delivered_at=parcel.delivered_at or micros(step.delivered_at),
        ended_at=(parcel.ended_at or tx.now()) if step.ended else None,
        tracked_at=tx.now(),
        track_due_at=to_micros(ctx.clock.now() + step.look_again_after),
    )


async def _alarm(tx: Tx, ctx: FlowContext, parcel: Parcel, step: Step) -> None:
    """One issue a kind; the others of this parcel are over."""
    prefix = f"parcel.trouble:{parcel.id}:"
    keep = {prefix + step.alarm.kind} if step.alarm else set()
    await issues.clear_except(tx, prefix, keep)
    if step.alarm is None:
        return
    order = await orders.named(tx, parcel.order_id)
    await issues.raise_issue(
        tx,
        key=prefix + step.alarm.kind,
        kind=step.alarm.kind,
        account_id=ctx.account.id,
        order_id=OrderId(parcel.order_id),
        subject=order,
        what=f"parcel {parcel.tracking} of order {order} {step.alarm.what}",
        why=step.alarm.why,
        todo=step.alarm.todo,
    )
