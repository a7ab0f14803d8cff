"""What a supplier said of an order, laid on our lines, parcels and reservations: always all of it, as a level.

Each report is kept once, and what an order has come to is worked out from all of them. So reports may come in
any order, twice, or before we know that the order arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import CancelState, WorkState
from sync.domain.parcels import spread
from sync.domain.routing import LineKey
from sync.domain.shipments import RemoteParcel
from sync.domain.supply import Report, Supplied, settle, work_state
from sync.flows.asking import ask_review
from sync.flows.flow import FlowContext, FlowName
from sync.flows.fulfilling.observing import count
from sync.flows.selling.promises import recompute
from sync.flows.wakes import Wakes
from sync.store import fulfilments, issues, offered, parcels, purchases
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.purchases import Purchase


@dataclass(frozen=True, slots=True)
class _Laid:
    """Units by line and SKU; `quantity` is what is still expected, units that left included."""

    quantity: Mapping[LineKey, int]
    assigned: Mapping[LineKey, int]
    shipped: Mapping[LineKey, int]
    refused: Mapping[LineKey, int]


async def observe(tx: Tx, ctx: FlowContext, purchase: Purchase, observed_at: datetime, wakes: Wakes) -> bool:
    """Work out anew what an order to a supplier has come to. Returns whether anything moved."""
    work = await fulfilments.by_id(tx, purchase.fulfilment_id or "")
    if work is None:
        return False
    reports = await purchases.reports(tx, purchase.account_id, purchase.reference)
    if not reports:
        return False
    supplied = settle({line.code: line.quantity for line in purchase.lines}, reports)
    laid = _lay(work, purchase, supplied)
    state = _state(work, laid)
    await purchases.set_units(
        tx,
        work.id,
        {
            key: (
                laid.quantity[key],
                laid.assigned.get(key, 0),
                laid.shipped.get(key, 0),
                laid.refused.get(key, 0),
            )
            for key in work.lines
        },
    )
    await fulfilments.set_state(tx, work.id, state, _cancel(work, state))
    await fulfilments.note_observed(tx, work.id)
    await purchases.set_standing(tx, purchase, supplied.codes, _named(state), closed=state.ended)
    packed = _packed(work, purchase, supplied.parcels)
    if packed:
        await parcels.save_packed(tx, order_id=work.order_id, fulfilment_id=work.id, packed=packed, left=True)
    moved = await _refusals(tx, work, laid, supplied, observed_at)
    moved |= await count(tx, work, observed_at)
    for account in await recompute(tx, ctx, moved, "supplier"):
        wakes.add(account, FlowName.PUSH_STOCK)
    await _tell(tx, ctx, work, purchase, supplied, state)
    await fulfilments.note_sent(tx, work.order_id)
    await ask_review(tx, work.order_id, wakes)
    return True


def _lay(work: Work, purchase: Purchase, supplied: Supplied) -> _Laid:
    """By SKU onto the order's lines: what left first, then what was refused, of what was ordered at first."""
    ordered = {key: units + work.refused.get(key, 0) for key, (units, _, _) in work.lines.items()}
    sku = {line.code: line.sku for line in purchase.lines}
    codes = supplied.codes
    shipped = spread([(sku[code], one.despatched) for code, one in codes.items()], ordered, {})
    refused = spread([(sku[code], one.refused) for code, one in codes.items()], ordered, shipped)
    quantity = {key: units - refused.get(key, 0) for key, units in ordered.items()}
    accepted = spread([(sku[code], one.accepted) for code, one in codes.items()], quantity, {})
    assigned = {key: max(accepted.get(key, 0), shipped.get(key, 0)) for key in ordered}
    if work.cancel in (CancelState.REQUESTED, CancelState.STOPPED) and not any(quantity.values()):
        return _Laid(ordered, {}, {}, {})  # all of it was stopped as we asked: nothing of it was refused
    return _Laid(quantity, assigned, shipped, refused)


def _state(work: Work, laid: _Laid) -> WorkState:
    stopping = work.cancel in (CancelState.REQUESTED, CancelState.STOPPED)
    shipped = sum(laid.shipped.values())
    if work.state in (WorkState.CANCELLED, WorkState.WITHDRAWN):
        return WorkState.SHIPPED if shipped else work.state
    stopped = stopping and not laid.assigned and not laid.refused
    asked = 0 if stopped else sum(laid.quantity.values())
    return work_state(asked, sum(laid.assigned.values()), shipped, stopping=stopping)


def _cancel(work: Work, state: WorkState) -> CancelState | None:
    if state == WorkState.CANCELLED and work.cancel == CancelState.REQUESTED:
        return CancelState.STOPPED
    return CancelState.TOO_LATE if state == WorkState.SHIPPED and work.cancel != CancelState.NONE else None


def _named(state: WorkState) -> str:
    """The purchase order's own word for it."""
    named = {WorkState.SHIPPED: "despatched", WorkState.REFUSED: "refused", WorkState.CANCELLED: "cancelled"}
    return named.get(state, "placed" if state is WorkState.WAITING else "acknowledged")


def _packed(
    work: Work, purchase: Purchase, reports: Sequence[Report]
) -> Sequence[tuple[RemoteParcel, Mapping[LineKey, int]]]:
    ordered = {key: units + work.refused.get(key, 0) for key, (units, _, _) in work.lines.items()}
    sku = {line.code: line.sku for line in purchase.lines}
    used: dict[LineKey, int] = {}
    packed = []
    for report in reports:
        goods = tuple((sku[code], pieces) for code, pieces in report.lines if code in sku)
        held = spread(goods, ordered, used)
        for key, units in held.items():
            used[key] = used.get(key, 0) + units
        if held:
            parcel = RemoteParcel(report.id, report.tracking or "", goods, report.tracking, report.carrier)
            packed.append((parcel, held))
    return packed


async def _refusals(
    tx: Tx, work: Work, laid: _Laid, supplied: Supplied, observed_at: datetime
) -> frozenset[str]:
    """What is refused now and was not before: until a later list the supplier is not believed about it."""
    fresh = {key: units - work.refused.get(key, 0) for key, units in laid.refused.items()}
    fresh = {key: units for key, units in fresh.items() if units > 0}
    if not fresh:
        return frozenset()
    skus = sorted({sku for _, sku in fresh})
    await offered.doubt(tx, work.account_id, skus, observed_at)
    why = f": {'; '.join(supplied.reasons)}" if supplied.reasons else ""
    named = ", ".join(f"{units} × {sku}" for (_, sku), units in sorted(fresh.items())[:5])
    said = f"{work.reference}: the supplier will not send {named}{why}"
    await add_event(tx, OrderId(work.order_id), "refused", said, fulfilment=work.reference)
    return frozenset(skus)


async def _tell(
    tx: Tx, ctx: FlowContext, work: Work, purchase: Purchase, supplied: Supplied, state: WorkState
) -> None:
    if state != work.state:
        said = f"{work.reference}: the supplier's order is {_named(state)}"
        await add_event(tx, OrderId(work.order_id), "fulfilment", said, fulfilment=work.reference)
    key = f"supplier.extra:{purchase.id}"
    if not supplied.extra:
        await issues.clear(tx, key)
        return
    named = ", ".join(f"{pieces} × {code}" for code, pieces in sorted(supplied.extra.items())[:5])
    await issues.raise_issue(
        tx,
        key=key,
        kind="supplier.extra",
        account_id=AccountId(purchase.account_id),
        order_id=OrderId(work.order_id),
        subject=purchase.reference,
        what=f"{ctx.account.name} sent more than {purchase.reference} ordered",
        why=f"beyond the order: {named}",
        todo="Ask the supplier what is in the parcel; the buyer may have got goods that nobody paid for. "
        f"Then: entrepot issues done {key}",
    )
