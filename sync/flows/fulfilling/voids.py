"""Give back labels that are not needed any more: absolute, until the courier confirms or it is too late."""

from collections.abc import Sequence

from connectors.contract import Capability, Deadline, Done, Kind, Rejected
from connectors.contract.lanes import Lane
from sync.domain.ids import OrderId
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.wakes import Wakes
from sync.store import issues, orders, parcels
from sync.store.back import parcels as back_parcels
from sync.store.back.parcels import UnusedLabel
from sync.store.events import add_event

_BATCH = 50


class VoidsFlow:
    """One courier's unused labels."""

    name = FlowName.VOIDS
    kinds = frozenset({Kind.COURIER})
    lane = Lane.CONTENT
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """One batch of labels."""
        if not ctx.manifest.can(Capability.VOID):
            return PassResult()
        async with ctx.store.read() as tx:
            rows = await parcels.to_void(tx, ctx.account.id, _BATCH)
            coming_back = await back_parcels.to_void(tx, ctx.account.id, _BATCH)
        troubled = await _give_back(ctx, coming_back)
        for row in rows:
            answer = await ctx.courier.void(row.booking_external_id, Deadline.after(ctx.timing.call_seconds))
            wakes = Wakes()
            async with ctx.store.write(ctx.fence) as tx:
                order_id = OrderId(row.order_id)
                await orders.hold_rows(tx, [order_id])
                order = await orders.named(tx, row.order_id)
                if isinstance(answer, Done):
                    await parcels.change(tx, row.id, voided_at=tx.now(), void_wanted=0)
                    await add_event(tx, order_id, "voided", f"label {row.tracking} given back")
                    await ask_review(tx, row.order_id, wakes)
                elif isinstance(answer, Rejected):
                    troubled += 1
                    await parcels.change(tx, row.id, void_wanted=0)
                    await issues.raise_issue(
                        tx,
                        key=f"parcel.not_voided:{row.id}",
                        kind="parcel.not_voided",
                        account_id=ctx.account.id,
                        order_id=order_id,
                        subject=order,
                        what=f"{ctx.account.name} does not take back label {row.tracking} of order {order}",
                        why=answer.reason,
                        todo="If the parcel has left after all, turn it back; else claim the label's price. "
                        f"Then: entrepot issues done parcel.not_voided:{row.id}",
                    )
                else:
                    troubled += 1
            wakes.send(ctx)
        count = len(rows) + len(coming_back)
        more = _BATCH in (len(rows), len(coming_back))
        return PassResult(more=more, handled=count - troubled, troubled=troubled)


async def _give_back(ctx: FlowContext, labels: Sequence[UnusedLabel]) -> int:
    """Labels of the way back that no buyer will use. How many the courier did not take."""
    troubled = 0
    for label in labels:
        answer = await ctx.courier.void(label.booking, Deadline.after(ctx.timing.call_seconds))
        if not isinstance(answer, Done):
            troubled += 1
        if not isinstance(answer, Done | Rejected):
            continue
        async with ctx.store.write(ctx.fence) as tx:
            await back_parcels.void_answered(tx, label, taken=isinstance(answer, Done))
            if isinstance(answer, Done):
                what = f"{label.reference}: label {label.number} given back"
                await add_event(tx, label.order_id, "voided", what)
                continue
            key = f"return.not_voided:{label.case_id}:{label.number}"
            await issues.raise_issue(
                tx,
                key=key,
                kind="return.not_voided",
                account_id=ctx.account.id,
                order_id=label.order_id,
                subject=label.reference,
                what=f"{ctx.account.name} does not take back label {label.number} of {label.reference}",
                why=answer.reason,
                todo="If the buyer sent the goods after all, they join by their number when they come; else claim "
                f"the label's price. Then: entrepot issues done {key}",
            )
    return troubled
