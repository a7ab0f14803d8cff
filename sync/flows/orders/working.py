"""Fulfilments of an order: created with the outbox row that sends them, stopped through the same queue."""

from connectors.contract import Kind, Operation
from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import CancelState, WorkState
from sync.domain.review import NewWork, Plan
from sync.flows.flow import FlowContext, FlowName
from sync.flows.wakes import Wakes
from sync.store import fulfilments, issues, merging, outbox, parcels, purchases
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event

CANCEL = "cancel_fulfilment"
"""The outbox operation that stops a fulfilment; it queues behind the creation of the same fulfilment."""
CANCEL_PURCHASE = "cancel_order"
"""The same for an order to a supplier."""


def aggregate(work_id: str) -> str:
    """The outbox queue of one fulfilment."""
    return f"fulfilment:{work_id}"


async def apply(tx: Tx, ctx: FlowContext, case: StoredCase, decision: Plan, wakes: Wakes) -> bool:
    """Create what is missing, stop what is not wanted, and say where it is too late.

    Returns whether the order has to be decided on once more at once: a fulfilment ended right here.
    """
    for new in decision.create:
        await _create(tx, ctx, case, new, wakes)
    again = False
    for work_id in decision.stop:
        again |= await _stop(tx, ctx, case, work_id, wakes)
    await _void_labels(tx, case, wakes)
    await _tell_too_late(tx, ctx, case, decision)
    return again


async def _create(tx: Tx, ctx: FlowContext, case: StoredCase, new: NewWork, wakes: Wakes) -> None:
    shop = ctx.accounts[AccountId(case.row.account_id)].name
    order_id = OrderId(case.row.id)
    reference = f"{shop}/{case.row.number}/{new.n}"
    work_id = await fulfilments.create(
        tx,
        order_id=order_id,
        account=new.account,
        reference=reference,
        n=new.n,
        lines=new.lines,
        rule="",
        config_version=ctx.rulebook.version,
    )
    supplier = ctx.kind_of(new.account) is Kind.SUPPLIER
    if supplier:
        await _write_purchase(tx, ctx, case, new, reference, work_id)
    operation = _creation(ctx, new.account)
    n = f"po:{new.n}" if supplier else f"{new.n}"
    await outbox.enqueue(
        tx,
        account_id=AccountId(new.account),
        operation=operation,
        key=f"{operation}:{case.row.account_id}:{case.row.external_id}:{n}",
        aggregate=aggregate(work_id),
        payload={"fulfilment": work_id},
        order_id=order_id,
        order_version=case.row.version,
        config_version=ctx.rulebook.version,
    )
    units = sum(new.lines.values())
    await add_event(
        tx, order_id, "queued", f"fulfilment {reference} to be sent, {units} unit(s)", fulfilment=reference
    )
    wakes.add(new.account, FlowName.OUTBOX)


def _creation(ctx: FlowContext, account: str) -> str:
    """The operation by which work at this account begins."""
    placed = ctx.kind_of(account) is Kind.SUPPLIER
    return (Operation.PLACE_ORDER if placed else Operation.CREATE_FULFILMENT).value


async def _write_purchase(
    tx: Tx, ctx: FlowContext, case: StoredCase, new: NewWork, reference: str, work_id: str
) -> None:
    units: dict[str, int] = {}
    for (_, sku), count in new.lines.items():
        units[sku] = units.get(sku, 0) + count
    await purchases.create(
        tx,
        account=new.account,
        reference=reference,
        order_id=case.row.id,
        fulfilment_id=work_id,
        units=units,
        config_version=ctx.rulebook.version,
    )


async def _stop(tx: Tx, ctx: FlowContext, case: StoredCase, work_id: str, wakes: Wakes) -> bool:
    """An unsent creation is withdrawn (True); what the warehouse may know is asked to stop."""
    work = next(work for work in case.work if work.id == work_id)
    order_id = OrderId(case.row.id)
    if await outbox.withdraw_unsent(tx, aggregate(work_id), _creation(ctx, work.account_id)):
        await fulfilments.set_state(tx, work_id, WorkState.WITHDRAWN, CancelState.STOPPED)
        await purchases.close(tx, work_id, "withdrawn")
        await add_event(
            tx, order_id, "withdrawn", f"fulfilment {work.reference} taken back before it was sent"
        )
        wakes.add(case.row.account_id, FlowName.REVIEW)
        return True
    await fulfilments.set_state(tx, work_id, cancel=CancelState.REQUESTED)
    operation = CANCEL_PURCHASE if ctx.kind_of(work.account_id) is Kind.SUPPLIER else CANCEL
    await outbox.enqueue(
        tx,
        account_id=AccountId(work.account_id),
        operation=operation,
        key=f"{operation}:{case.row.account_id}:{case.row.external_id}:{work.n}",
        aggregate=aggregate(work_id),
        payload={"fulfilment": work_id},
        order_id=order_id,
        order_version=case.row.version,
        config_version=ctx.rulebook.version,
    )
    await add_event(tx, order_id, "cancel_requested", f"asked to stop {work.reference}")
    wakes.add(work.account_id, FlowName.OUTBOX)
    return False


async def _void_labels(tx: Tx, case: StoredCase, wakes: Wakes) -> None:
    """Labels of parcels that will not leave are given back; a shared one with the last of its parcels."""
    stopped = {work.id for work in case.work if work.state == WorkState.CANCELLED}
    for parcel in case.parcels:
        unused = parcel.fulfilment_id in stopped and parcel.left_at is None and parcel.voided_at is None
        if not unused:
            continue
        used = await merging.alive_beside(tx, parcel.id, parcel.label_of)
        if parcel.booking_external_id is None or used:
            await parcels.change(tx, parcel.id, voided_at=tx.now(), waits_until=None)
            if used:
                said = "it stays behind; the label that it shared is used for the others"
                await add_event(tx, OrderId(case.row.id), "voided", said)
        else:
            await parcels.change(tx, parcel.id, void_wanted=1)
            wakes.add(parcel.courier_id, FlowName.VOIDS)


async def _tell_too_late(tx: Tx, ctx: FlowContext, case: StoredCase, decision: Plan) -> None:
    key = f"order.too_late:{case.row.id}"
    if not decision.shipped_too_many:
        await issues.clear(tx, key)
        return
    account = AccountId(case.row.account_id)
    shop = ctx.accounts[account].name
    units = ", ".join(f"{count} × {sku}" for (_, sku), count in sorted(decision.shipped_too_many.items())[:5])
    tracking = ", ".join(parcel.tracking for parcel in case.parcels if parcel.tracking) or "none known"
    await issues.raise_issue(
        tx,
        key=key,
        kind="order.too_late",
        account_id=account,
        order_id=OrderId(case.row.id),
        subject=f"{shop}/{case.row.number}",
        what=f"order {case.row.number} of {shop}: goods left that the shop no longer wants",
        why=f"already shipped: {units}; tracking: {tracking}",
        todo="Ask the courier to turn the parcel back, or expect the goods as a return; refund only then.",
    )
