"""Put the tracking numbers that we bought on the warehouse's parcels: absolute, until it shows them."""

from typing import Any

from connectors.contract import Capability, Deadline, Done, Kind, LabelParcel, Rejected
from connectors.contract.lanes import Lane
from sync.domain.ids import OrderId
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.fulfilling.observing import WHOLE
from sync.flows.wakes import Wakes
from sync.store import issues, orders, parcels
from sync.store.events import add_event
from sync.telemetry.logs import bound

_BATCH = 50


class LabelsFlow:
    """Parcels of one warehouse that lack the number on their label."""

    name = FlowName.LABELS
    kinds = frozenset({Kind.WAREHOUSE})
    lane = Lane.SHIPMENTS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """One batch of parcels."""
        async with ctx.store.read() as tx:
            rows = await parcels.to_label(tx, ctx.account.id, _BATCH)
        troubled = 0
        for row in rows:
            async with ctx.store.read() as tx:
                number = await orders.number_of(tx, row.order_id)
            with bound(order=number):
                troubled += not await _label(ctx, row, number)
        return PassResult(
            more=len(rows) == _BATCH and not troubled, handled=len(rows) - troubled, troubled=troubled
        )


async def _label(ctx: FlowContext, row: Any, number: str) -> bool:
    key = f"parcel.not_labelled:{row.id}"
    if row.external_id == WHOLE or not ctx.manifest.can(Capability.LABEL_PARCELS):
        answer: Done[str] | object = Done(None, row.tracking)
    else:
        request = LabelParcel(row.fulfilment, row.external_id, row.tracking, row.carrier)
        answer = await ctx.warehouse.label_parcel(request, Deadline.after(ctx.timing.call_seconds))
    wakes = Wakes()
    async with ctx.store.write(ctx.fence) as tx:
        await orders.hold_rows(tx, [row.order_id])
        if isinstance(answer, Done):
            await parcels.change(tx, row.id, labelled_at=tx.now())
            await issues.clear(tx, key)
            await add_event(tx, OrderId(row.order_id), "labelled", f"the warehouse has {row.tracking}")
            await ask_review(tx, row.order_id, wakes)
        elif isinstance(answer, Rejected):
            await issues.raise_issue(
                tx,
                key=key,
                kind="parcel.not_labelled",
                account_id=ctx.account.id,
                order_id=OrderId(row.order_id),
                subject=await orders.named(tx, row.order_id),
                what=f"{ctx.account.name} does not take tracking number {row.tracking} of order {number}",
                why=answer.reason,
                todo="Write the number on the parcel by hand in the warehouse system; it is tried again.",
            )
    wakes.send(ctx)
    return isinstance(answer, Done)
