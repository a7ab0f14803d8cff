"""Tell the shop that a parcel has arrived: absolute, until the shop says so too."""

from connectors.contract import Capability, ConfirmDelivery, Deadline, Done, Kind, Rejected
from connectors.contract.lanes import Lane
from sync.domain.clock import from_micros
from sync.domain.ids import OrderId
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName, PassResult
from sync.flows.wakes import Wakes
from sync.store import orders, parcels
from sync.store.events import add_event
from sync.telemetry.logs import bound

_BATCH = 50


class DeliveriesFlow:
    """Delivered parcels of one storefront's orders."""

    name = FlowName.DELIVERIES
    kinds = frozenset({Kind.STOREFRONT})
    lane = Lane.SHIPMENTS
    observes = False

    async def run(self, ctx: FlowContext) -> PassResult:
        """One batch of parcels."""
        async with ctx.store.read() as tx:
            rows = await parcels.to_tell_delivered(tx, ctx.account.id, _BATCH)
        troubled = 0
        can = ctx.manifest.can(Capability.CONFIRM_DELIVERY)
        for row in rows:
            request = ConfirmDelivery(row.order, row.told_external_id, from_micros(row.delivered_at))
            call = ctx.storefront.confirm_delivery
            answer = await call(request, Deadline.after(ctx.timing.call_seconds)) if can else Done()
            wakes = Wakes()
            async with ctx.store.write(ctx.fence) as tx:
                await orders.hold_rows(tx, [row.order_id])
                with bound(order=await orders.number_of(tx, row.order_id)):
                    if isinstance(answer, Done | Rejected):
                        await parcels.change(tx, row.id, delivery_told_at=tx.now())
                        said = "the shop shows it as delivered" if isinstance(answer, Done) else answer.reason
                        await add_event(tx, OrderId(row.order_id), "delivery_told", said)
                        await ask_review(tx, row.order_id, wakes)
                    else:
                        troubled += 1
            wakes.send(ctx)
        return PassResult(
            more=len(rows) == _BATCH and not troubled, handled=len(rows) - troubled, troubled=troubled
        )
