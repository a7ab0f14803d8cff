"""What a warehouse said about a fulfilment, laid on our lines, parcels and reservations."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sync.domain.ids import AccountId, OrderId
from sync.domain.lifecycle import WorkState
from sync.domain.parcels import spread
from sync.domain.routing import LineKey
from sync.domain.shipments import FulfilmentState, RemoteFulfilment, RemoteParcel
from sync.domain.sku import normal_sku
from sync.flows.flow import FlowContext, FlowName
from sync.flows.fulfilling.meaning import Doubt, Meaning, meaning_of
from sync.flows.selling.promises import recompute
from sync.flows.wakes import Wakes
from sync.store import fulfilments, issues, orders, parcels, reservations
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work

WHOLE = "whole"
"""The parcel of a warehouse that ships without packages: everything of the fulfilment."""
_SHOWN = 60
"""Characters of a vendor's status that are shown."""
Packed = tuple[RemoteParcel, Mapping[LineKey, int]]
"""A parcel and its units per (order line, SKU)."""


async def observe(
    tx: Tx,
    ctx: FlowContext,
    work: Work,
    remote: RemoteFulfilment,
    observed_at: datetime,
    wakes: Wakes,
    *,
    certain: bool = True,
) -> bool:
    """Store what the warehouse says. `observed_at` is our time after its answer came. Returns if it moved.

    An admin's word on its status comes first. `certain` is False for a feed's record, which may lag behind
    what a reading by id would show.
    """
    told = meaning_of(ctx, work.state, remote)
    if told is None:
        return False
    await _ask(tx, ctx, work, remote, told.doubt)
    lines = _lines(work, told)
    moved = await fulfilments.observe(
        tx, work, remote.external_id, told.state, lines, observed_at, certain=certain
    )
    packed = await _not_told_again(tx, work, _packed(work, told))
    left = told.state == FulfilmentState.SHIPPED
    if packed:
        moved |= await parcels.save_packed(
            tx, order_id=work.order_id, fulfilment_id=work.id, packed=packed, left=left
        )
    skus = await count(tx, work, observed_at)
    for account in await recompute(tx, ctx, skus, "stock"):
        wakes.add(account, FlowName.PUSH_STOCK)
    if moved:
        await _tell(tx, work, remote, told, wakes)
    return moved


def status_key(work: Work) -> str:
    """The issue of a fulfilment whose status a person must give a meaning."""
    return f"fulfilment.status:{work.id}"


async def _ask(tx: Tx, ctx: FlowContext, work: Work, remote: RemoteFulfilment, doubt: Doubt | None) -> None:
    """Ask a person what the status means; once it decides again, the question is gone."""
    if doubt is None:
        await issues.clear(tx, status_key(work))
        return
    name, status = ctx.account.name, _quoted(remote.status)
    fresh = await issues.raise_issue(
        tx,
        key=status_key(work),
        kind="fulfilment.status",
        account_id=ctx.account.id,
        order_id=OrderId(work.order_id),
        subject=work.reference,
        what=f"{name} says {status} of {work.reference}: a person must say what that means",
        why=doubt.value,
        todo=f"Look at it in the warehouse system, then give the status a meaning in the mappings, under {name} in "
        "`statuses:`. Until then the fulfilment stays as it is; it is read again by itself.",
    )
    if fresh:
        said = f"{work.reference}: the warehouse says {status}; a person is asked what that means"
        await add_event(tx, OrderId(work.order_id), "fulfilment", said, fulfilment=work.reference)


def _quoted(status: str) -> str:
    return f'"{status[:_SHOWN]}"' if status else "nothing"


async def _tell(tx: Tx, work: Work, remote: RemoteFulfilment, told: Meaning, wakes: Wakes) -> None:
    order_id = OrderId(work.order_id)
    await fulfilments.note_sent(tx, work.order_id)
    if told.doubt is None and told.state.value != work.state.value:
        by = f"{_quoted(remote.status)}, which means " if told.overridden else ""
        said = f"{work.reference}: the warehouse says {by}{told.state.value}"
        await add_event(tx, order_id, "fulfilment", said, fulfilment=work.reference)
    await orders.ask_review(tx, [order_id])
    wakes.add(await orders.shop_of(tx, work.order_id), FlowName.REVIEW)


def _units(told: Meaning, field: str) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in told.lines:
        sku = normal_sku(line.sku) or line.sku
        units[sku] = units.get(sku, 0) + int(getattr(line, field))
    return units


def _lines(work: Work, told: Meaning) -> dict[LineKey, tuple[int, int]]:
    """(assigned, shipped) units per line: the warehouse counts by SKU, our lines take their part in order."""
    asked = {key: units for key, (units, _, _) in work.lines.items()}
    if told.state == FulfilmentState.CANCELLED:
        return dict.fromkeys(asked, (0, 0))
    assigned = spread(list(_units(told, "assigned").items()), asked, {})
    shipped = spread(list(_units(told, "shipped").items()), asked, {})
    return {key: (assigned.get(key, 0), shipped.get(key, 0)) for key in asked}


def _packed(work: Work, told: Meaning) -> Sequence[Packed]:
    asked = {key: units for key, (units, _, _) in work.lines.items()}
    used: dict[LineKey, int] = {}
    result = []
    for parcel in told.parcels or _whole(told):
        normal = [(normal_sku(sku) or sku, units) for sku, units in parcel.lines]
        held = spread(normal, asked, used)
        for key, units in held.items():
            used[key] = used.get(key, 0) + units
        result.append((parcel, held))
    return result


async def _not_told_again(tx: Tx, work: Work, packed: Sequence[Packed]) -> Sequence[Packed]:
    """Of what has left, parcels that come up later hold the same goods: nobody hears of those twice."""
    if work.state is not WorkState.SHIPPED:
        return packed
    stored = await parcels.of_order(tx, work.order_id)
    known = {one.external_id for one in stored if one.fulfilment_id == work.id}
    return [one for one in packed if one[0].external_id in known] if known else packed


def _whole(told: Meaning) -> tuple[RemoteParcel, ...]:
    if told.state != FulfilmentState.SHIPPED:
        return ()
    shipped = tuple((line.sku, line.shipped) for line in told.lines if line.shipped)
    return (RemoteParcel(WHOLE, "", shipped),) if shipped else ()


async def count(tx: Tx, work: Work, observed_at: datetime) -> frozenset[str]:
    """Units off the warehouse's figure, summed over the order's fulfilments at this warehouse."""
    counted: dict[LineKey, int] = {}
    for other in await fulfilments.of_order(tx, work.order_id):
        if other.account_id != work.account_id:
            continue
        for key, (_, assigned, shipped) in other.lines.items():
            counted[key] = counted.get(key, 0) + max(assigned, shipped)
    return await reservations.count(tx, AccountId(work.account_id), counted, observed_at)
