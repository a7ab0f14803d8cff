"""Labels of parcels that go to one door: planned for all orders to it at once, one for several where rules say so.

Whoever reviews one of these orders plans for all of them, and holds them all. What was planned is looked at again
when the label is bought (`still_together`): until then a request, a hold or a cancellation keeps its parcel apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.contract import Capability, Kind
from mappings import CourierChoice
from mappings.facts import LineFacts, OrderFacts, ParcelFacts
from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId, OrderId, Sku
from sync.domain.lifecycle import CancelState, OrderState, WorkState
from sync.domain.merging import Coming, Door, Ready, Wait, flaw, labels, same_door
from sync.domain.orders import PaymentStatus
from sync.flows.flow import FlowContext
from sync.flows.orders.facts import order_facts, parcel_facts, suppliers_of
from sync.store import cases, merging, orders, parcels
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work
from sync.store.parcels import Parcel

_STOPPED = frozenset({OrderState.CANCELLING, OrderState.CANCELLED})
_GONE = frozenset({"cancelled", "gone"})
_AT_HAND = frozenset({WorkState.ASSIGNED, WorkState.PICKED})
"""The warehouse has the goods in its hands, or kept for it."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One order of those to a door, with what rules know of it and the lines that open requests are about."""

    case: StoredCase
    facts: OrderFacts
    asked: frozenset[str]

    @property
    def id(self) -> str:
        """Our id of the order."""
        return str(self.case.row.id)

    def work_of(self, parcel: Parcel) -> Work:
        """The fulfilment that a parcel of the order belongs to."""
        return next(work for work in self.case.work if work.id == parcel.fulfilment_id)


@dataclass(frozen=True, slots=True)
class ToBook:
    """Parcels of different orders under one label, the most urgent one first, each with its order."""

    parcels: tuple[tuple[Beside, Parcel], ...]


async def hold_beside(tx: Tx, ctx: FlowContext, order_id: OrderId) -> None:
    """Hold the orders that a review may plan labels for, before anything else of them is held."""
    if ctx.rulebook.merge_rules.rules:
        await merging.hold_beside(tx, order_id)


async def plan(tx: Tx, ctx: FlowContext, order_id: OrderId) -> list[ToBook]:
    """What is to be booked now of all that is packed for the order's door; what waits is written down.

    Everything is read anew: the review that asks has just held, stopped or freed something of its own order.
    """
    here = await merging.unlabelled(tx, order_id)
    if not here:
        return []
    members: dict[str, Beside] = {}
    for one in dict.fromkeys((*(one.order for one in here), *await merging.beside(tx, order_id))):
        found = await read(tx, ctx, one)
        if found is not None:
            members[one] = found
    ready = {
        one.parcel: (members[one.order], parcel)
        for one in here
        if one.order in members
        for parcel in members[one.order].case.parcels
        if parcel.id == one.parcel and labelled_here(ctx, members[one.order].work_of(parcel))
    }
    coming = [one for member in members.values() for one in _coming(ctx, member)]
    planned = labels(
        [ready_of(ctx, member, parcel) for member, parcel in ready.values()], coming, from_micros(tx.now())
    )
    for id, wait in planned.waits.items():
        await _wait(tx, *ready[id], wait, members)
    return [ToBook(tuple(ready[id] for id in booking)) for booking in planned.bookings]


async def read(tx: Tx, ctx: FlowContext, order_id: str) -> Beside | None:
    """One order as it is stored; None where there is none."""
    case = await cases.load(tx, order_id)
    if case is None:
        return None
    buyer = await orders.buyer(tx, order_id)
    facts = order_facts(ctx, case, case.lines, buyer, await suppliers_of(tx, ctx, case.lines))
    return Beside(case, facts, await merging.asked(tx, order_id))


def labelled_here(ctx: FlowContext, work: Work) -> bool:
    """Whether we buy the labels of what a place packs: neither suppliers' nor those that it books itself."""
    manifest = ctx.manifests[AccountId(work.account_id)]
    return manifest.kind is not Kind.SUPPLIER and not manifest.can(Capability.BOOKS_COURIER)


def ready_of(ctx: FlowContext, order: Beside, parcel: Parcel) -> Ready:
    """A parcel as the plan sees it."""
    row, work = order.case.row, order.work_of(parcel)
    held = {line for line, _ in parcel.lines}
    due = [line.ship_by for line in order.case.lines if line.id in held and line.ship_by is not None]
    return Ready(
        parcel=parcel.id,
        order=order.id,
        door=_door(order, work),
        lines=frozenset(held),
        packed_at=from_micros(parcel.created_at),
        ship_by=from_micros(min(due)) if due else None,
        patience=ctx.rulebook.patience(parcel_facts(ctx, order.facts, work, parcel)),
        payment=PaymentStatus(row.payment),
        held=bool(order.case.open_holds),
        stopping=_stopping(order) or work.cancel is not CancelState.NONE or work.state is WorkState.CANCELLED,
        asked=order.asked,
        left=parcel.left_at is not None,
        apart=bool(parcel.apart),
    )


def _door(order: Beside, work: Work) -> Door | None:
    row = order.case.row
    if row.ship_to_index is None:
        return None
    return Door(row.account_id, work.account_id, bytes(row.ship_to_index), row.service)


def _stopping(order: Beside) -> bool:
    row = order.case.row
    asked = bool(row.cancel_asked) or row.cancel == CancelState.REQUESTED
    return asked or row.status in _GONE or order.case.state in _STOPPED


def _coming(ctx: FlowContext, order: Beside) -> list[Coming]:
    """What is under way to be packed, its goods at hand; an order about which anything is open is not waited for."""
    if order.case.open_holds or order.asked or _stopping(order):
        return []
    short = {(row.order_line_id, row.sku) for row in order.case.reservations if row.short}
    found = []
    for work in order.case.work:
        door = _door(order, work)
        planned = work.state is WorkState.PLANNED and not short & set(work.lines)
        if door is None or work.cancel is not CancelState.NONE or not (planned or work.state in _AT_HAND):
            continue
        units = tuple(LineFacts(Sku(sku), asked) for (_, sku), (asked, _, _) in work.lines.items())
        house = ctx.accounts[AccountId(work.account_id)].name
        if ctx.rulebook.patience(ParcelFacts(order.facts, house, units)) is None:
            continue
        held = {line for line, _ in work.lines}
        due = [line.ship_by for line in order.case.lines if line.id in held and line.ship_by is not None]
        found.append(Coming(order.id, door, from_micros(min(due)) if due else None))
    return found


async def _wait(tx: Tx, order: Beside, parcel: Parcel, wait: Wait, members: dict[str, Beside]) -> None:
    until = to_micros(wait.until)
    if parcel.waits_until == until:
        return
    await parcels.change(tx, parcel.id, waits_until=until)
    if parcel.waits_until is None:
        others = ", ".join(members[one].case.row.number for one in wait.orders)
        said = f"packed; it waits until {wait.until:%Y-%m-%d %H:%M} UTC for order {others} to the same door"
        await add_event(tx, OrderId(order.id), "waits_for_others", said)


def whole(ctx: FlowContext, booking: ToBook) -> tuple[ParcelFacts, ...]:
    """The parcel that they make together, once as a parcel of each of their orders."""
    parts = [
        parcel_facts(ctx, order.facts, order.work_of(parcel), parcel) for order, parcel in booking.parcels
    ]
    units = tuple(line for part in parts for line in part.lines)
    weights = [ctx.rulebook.weight(part) for part in parts]
    known = None if None in weights else sum((weight or Decimal(0) for weight in weights), Decimal(0))
    return tuple(replace(part, lines=units, weight_kg=known) for part in parts)


def weight_of(ctx: FlowContext, booking: ToBook) -> Decimal:
    """The sum of the parcels' weights; one that nobody knows counts as 1 kg, as alone."""
    parts = (
        parcel_facts(ctx, order.facts, order.work_of(parcel), parcel) for order, parcel in booking.parcels
    )
    return sum((ctx.rulebook.weight(part) or Decimal(1) for part in parts), Decimal(0))


def one_choice(choices: Sequence[CourierChoice | None]) -> bool:
    """Whether the courier rules give the whole to the same carrier and service, whichever order it is laid to."""
    return len({None if one is None else (one.account, one.carrier, one.service) for one in choices}) == 1


async def still_together(tx: Tx, ctx: FlowContext, found: Sequence[Parcel]) -> list[str]:
    """Of parcels that shall go under one label, those that may not any more; all of them if the door is not one."""
    seen: list[tuple[Parcel, Ready | None]] = []
    for parcel in found:
        order = await read(tx, ctx, parcel.order_id)
        seen.append((parcel, None if order is None else ready_of(ctx, order, parcel)))
    apart = [
        parcel.id
        for parcel, ready in seen
        if ready is None or parcel.voided_at is not None or parcel.tracking is not None or _unfit(ready)
    ]
    doors = [ready for _, ready in seen if ready is not None]
    return apart if apart or same_door(doors) else [parcel.id for parcel in found]


def _unfit(ready: Ready) -> bool:
    """What left while its label was being bought needs its number all the same."""
    return flaw(replace(ready, left=False)) is not None


__all__ = [
    "Beside",
    "ToBook",
    "hold_beside",
    "labelled_here",
    "one_choice",
    "plan",
    "still_together",
    "weight_of",
    "whole",
]
