"""Order lines from a supplier that sends them to the buyer, once; and ask it to stop."""

from datetime import timedelta
from typing import Any

from connectors.contract import Deadline, Done, Operation, Outcome, Retry, Unknown
from connectors.contract.supplier import PlaceOrder as Request
from sync.domain.clock import from_micros
from sync.domain.ids import OrderId
from sync.domain.lifecycle import CancelState, WorkState
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName
from sync.flows.fulfilling import recovering
from sync.flows.fulfilling.supplying import observe
from sync.flows.orders.working import CANCEL_PURCHASE
from sync.flows.selling.promises import recompute
from sync.flows.sending.sender import NotWanted, NotYet, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import cases, fulfilments, orders, purchases
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.outbox import OutboxRow


class PlaceOrder:
    """The order to the supplier: placed once by its reference, or found."""

    operation = Operation.PLACE_ORDER.value
    absolute = False

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is None or work.state != WorkState.PLANNED:
            return NotWanted("the fulfilment is no longer planned")
        case = await cases.load(tx, work.order_id)
        if case is None or work.cancel != CancelState.NONE or case.row.status in ("cancelled", "gone"):
            return NotWanted("the order was cancelled before this was sent")
        if case.open_holds:
            return NotWanted("the order is held again")
        if await recovering.others_unread(tx, ctx):
            return NotYet("the warehouses are being read since a backup was restored")
        if case.row.review_at is not None:
            return NotYet("the order has changed and is being decided on", timedelta(seconds=1))
        request = await self._request(tx, work, case.row)
        return Ready(request) if request is not None else NotWanted("its lines are no longer stored")

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Request | None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        case = await cases.load(tx, work.order_id) if work is not None else None
        return None if work is None or case is None else await self._request(tx, work, case.row)

    async def _request(self, tx: Tx, work: Work, order: Any) -> Request | None:
        purchase = await purchases.of_fulfilment(tx, work.id)
        if purchase is None:
            return None
        buyer = await orders.buyer(tx, work.order_id)
        return Request(
            reference=work.reference,
            lines=tuple((line.code, line.quantity) for line in purchase.lines),
            ship_to=buyer.ship_to,
            drop_ship=True,
            ship_by=from_micros(order.ship_by) if order.ship_by else None,
            note=buyer.note,
        )

    async def send(self, ctx: FlowContext, request: Request, deadline: Deadline) -> Outcome[None]:
        return await ctx.supplier.place_order(request, deadline)

    async def look_up(self, ctx: FlowContext, request: Request, deadline: Deadline) -> Outcome[None]:
        found = await ctx.supplier.find_orders(request.reference, deadline)
        return Done(found[0]) if found else Retry("the supplier has nothing under this reference")

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[None], wakes: Wakes
    ) -> dict[str, Any]:
        purchase = await purchases.of_fulfilment(tx, row.payload["fulfilment"])
        if purchase is not None and purchase.order_id is not None:
            await purchases.mark_placed(tx, purchase, outcome.external_id)
            await fulfilments.note_sent(tx, purchase.order_id)
            said = f"{purchase.reference} is at the supplier"
            await add_event(tx, OrderId(purchase.order_id), "sent", said, supplier_id=outcome.external_id)
            await observe(tx, ctx, purchase, ctx.clock.now(), wakes)
            await ask_review(tx, purchase.order_id, wakes)
        return {"external_id": outcome.external_id}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None:
            await fulfilments.set_state(tx, work.id, WorkState.REFUSED)
            await purchases.close(tx, work.id, "refused")
            said = f"the supplier's side refused {work.reference}: {reason}"
            await add_event(tx, OrderId(work.order_id), "refused", said)
            await ask_review(tx, work.order_id, wakes)

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None and work.state == WorkState.PLANNED:
            await fulfilments.set_state(tx, work.id, WorkState.WITHDRAWN, CancelState.STOPPED)
            await purchases.close(tx, work.id, "withdrawn")
            said = f"{work.reference} was not sent: {reason}"
            await add_event(tx, OrderId(work.order_id), "withdrawn", said)
            await ask_review(tx, work.order_id, wakes)


class CancelOrder:
    """Stop an order to a supplier if it has not left. Until the supplier answers it is asked for again."""

    operation = CANCEL_PURCHASE
    absolute = True

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is None or work.state.ended or work.external_id is None:
            return NotWanted("the fulfilment has ended already")
        return Ready(work.reference)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> str | None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        return None if work is None else work.reference

    async def send(self, ctx: FlowContext, request: str, deadline: Deadline) -> Outcome[bool]:
        return await ctx.supplier.cancel_order(request, deadline)

    async def look_up(self, ctx: FlowContext, request: str, deadline: Deadline) -> Outcome[bool]:
        del ctx, request, deadline
        return Unknown("it is sent again instead")

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[bool], wakes: Wakes
    ) -> dict[str, Any]:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        stopped = bool(outcome.echo)
        if work is not None and not work.state.ended:
            if stopped:
                await fulfilments.set_state(tx, work.id, WorkState.CANCELLED, CancelState.STOPPED)
                await fulfilments.clear_assigned(tx, work.id)
                await purchases.close(tx, work.id, "cancelled")
                for account in await recompute(tx, ctx, {sku for _, sku in work.lines}, "supplier"):
                    wakes.add(account, FlowName.PUSH_STOCK)
            else:
                await fulfilments.set_state(tx, work.id, cancel=CancelState.TOO_LATE)
                wakes.add(work.account_id, FlowName.DESPATCHES)
            said = "stopped" if stopped else "too late to stop"
            await add_event(tx, OrderId(work.order_id), "cancel_answered", f"{work.reference}: {said}")
            await ask_review(tx, work.order_id, wakes)
        return {"stopped": stopped}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None:
            await fulfilments.set_state(tx, work.id, cancel=CancelState.TOO_LATE)
            said = f"{work.reference} cannot be stopped: {reason}"
            await add_event(tx, OrderId(work.order_id), "cancel_answered", said)
            await ask_review(tx, work.order_id, wakes)

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None:
            left = work.state == WorkState.SHIPPED
            await fulfilments.set_state(
                tx, work.id, cancel=CancelState.TOO_LATE if left else CancelState.STOPPED
            )
            await ask_review(tx, work.order_id, wakes)
