"""Ask a warehouse to send lines, once; and ask it to stop."""

from datetime import timedelta
from typing import Any

from connectors.contract import (
    CancelVerdict,
    Deadline,
    Done,
    FulfilmentLine,
    FulfilmentRequest,
    Operation,
    Outcome,
    Retry,
    Unknown,
)
from sync.domain.clock import from_micros
from sync.domain.ids import OrderId
from sync.domain.lifecycle import CancelState, WorkState
from sync.domain.outbox import OutboxState
from sync.domain.shipments import FulfilmentState, RemoteFulfilment
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName
from sync.flows.fulfilling import recovering
from sync.flows.fulfilling.meaning import told_state
from sync.flows.fulfilling.observing import observe, status_key
from sync.flows.orders.working import CANCEL
from sync.flows.sending.sender import NotWanted, NotYet, Prepared, Ready
from sync.flows.wakes import Wakes
from sync.store import cases, fulfilments, issues, orders, restored, stock
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.outbox import OutboxRow


class CreateFulfilment:
    """The warehouse order: created once by its reference, or found."""

    operation = Operation.CREATE_FULFILMENT.value
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
            return NotYet("the other warehouses are being read since a backup was restored")
        if case.row.review_at is not None:
            return NotYet("the order has changed and is being decided on", timedelta(seconds=1))
        return Ready(await self._request(tx, work, case.row))

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> FulfilmentRequest | None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        case = await cases.load(tx, work.order_id) if work is not None else None
        return None if work is None or case is None else await self._request(tx, work, case.row)

    async def _request(self, tx: Tx, work: Work, order: Any) -> FulfilmentRequest:
        units: dict[str, int] = {}
        for (_, sku), (asked, _, _) in work.lines.items():
            units[sku] = units.get(sku, 0) + asked
        products = await stock.products(tx, work.account_id, list(units))
        buyer = await orders.buyer(tx, work.order_id)
        return FulfilmentRequest(
            reference=work.reference,
            lines=tuple(FulfilmentLine(sku, products.get(sku, ""), count) for sku, count in units.items()),
            ship_to=buyer.ship_to,
            order_number=order.number,
            service=order.service,
            ship_by=from_micros(order.ship_by) if order.ship_by else None,
            planned_at=tx.clock.now(),
            note=buyer.note,
        )

    async def send(
        self, ctx: FlowContext, request: FulfilmentRequest, deadline: Deadline
    ) -> Outcome[RemoteFulfilment]:
        return await ctx.warehouse.create_fulfilment(request, deadline)

    async def look_up(
        self, ctx: FlowContext, request: FulfilmentRequest, deadline: Deadline
    ) -> Outcome[RemoteFulfilment]:
        found = await ctx.warehouse.find_fulfilments(request.reference, deadline)
        living = [one for one in found if told_state(ctx, one) != FulfilmentState.CANCELLED]
        if not found:
            return Retry("the warehouse has nothing under this reference")
        if living and living[0].state == FulfilmentState.DRAFT:
            return Retry("the warehouse has a draft under this reference: it is finished, not doubled")
        chosen = (living or list(found))[0]
        return Done(chosen.external_id, chosen)

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[RemoteFulfilment], wakes: Wakes
    ) -> dict[str, Any]:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None and outcome.echo is not None:
            if row.state == OutboxState.UNKNOWN and await restored.last(tx) is not None:
                work = await recovering.take_over(tx, ctx, work, outcome.echo, wakes)
            await add_event(
                tx,
                OrderId(work.order_id),
                "sent",
                f"{work.reference} is at the warehouse",
                warehouse_id=outcome.external_id,
            )
            await observe(tx, ctx, work, outcome.echo, ctx.clock.now(), wakes)
            await ask_review(tx, work.order_id, wakes)
        return {"external_id": outcome.external_id}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None:
            await fulfilments.set_state(tx, work.id, WorkState.REFUSED)
            await add_event(
                tx, OrderId(work.order_id), "refused", f"the warehouse refused {work.reference}: {reason}"
            )
            await ask_review(tx, work.order_id, wakes)

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None and work.state == WorkState.PLANNED:
            await fulfilments.set_state(tx, work.id, WorkState.WITHDRAWN, CancelState.STOPPED)
            await add_event(
                tx, OrderId(work.order_id), "withdrawn", f"{work.reference} was not sent: {reason}"
            )
            await ask_review(tx, work.order_id, wakes)


class CancelFulfilment:
    """Stop a fulfilment if the goods have not left. It queues behind the creation of the same one."""

    operation = CANCEL
    absolute = True

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is None or work.state.ended or work.external_id is None:
            return NotWanted("the fulfilment has ended already")
        return Ready(work.external_id)

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> str | None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        return None if work is None else work.external_id

    async def send(self, ctx: FlowContext, request: str, deadline: Deadline) -> Outcome[CancelVerdict]:
        return await ctx.warehouse.cancel_fulfilment(request, deadline)

    async def look_up(self, ctx: FlowContext, request: str, deadline: Deadline) -> Outcome[CancelVerdict]:
        del ctx, request, deadline
        return Unknown("it is sent again instead")

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[CancelVerdict], wakes: Wakes
    ) -> dict[str, Any]:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        verdict = outcome.echo or CancelVerdict.TOO_LATE
        if work is not None:
            if verdict == CancelVerdict.STOPPED:
                await fulfilments.set_state(tx, work.id, WorkState.CANCELLED, CancelState.STOPPED)
                await fulfilments.clear_assigned(tx, work.id)
                await issues.clear(tx, status_key(work))
            else:
                await fulfilments.set_state(tx, work.id, cancel=CancelState.TOO_LATE)
                wakes.add(work.account_id, FlowName.FULFILMENT)
            said = "stopped" if verdict == CancelVerdict.STOPPED else "too late to stop"
            await add_event(tx, OrderId(work.order_id), "cancel_answered", f"{work.reference}: {said}")
            await ask_review(tx, work.order_id, wakes)
        return {"verdict": verdict.value}

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None:
            await fulfilments.set_state(tx, work.id, cancel=CancelState.TOO_LATE)
            await add_event(
                tx, OrderId(work.order_id), "cancel_answered", f"{work.reference} cannot be stopped: {reason}"
            )
            await ask_review(tx, work.order_id, wakes)

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        work = await fulfilments.by_id(tx, row.payload["fulfilment"])
        if work is not None:
            stopped = work.state != WorkState.SHIPPED
            await fulfilments.set_state(
                tx, work.id, cancel=CancelState.STOPPED if stopped else CancelState.TOO_LATE
            )
            await ask_review(tx, work.order_id, wakes)
