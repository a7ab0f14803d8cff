"""What a warehouse said about a fulfilment, laid on our lines, parcels and reservations."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sync.domain.ids import AccountId, OrderId
from sync.domain.parcels import spread
from sync.domain.routing import LineKey
from sync.domain.shipments import FulfilmentState, RemoteFulfilment, RemoteParcel
from sync.domain.sku import normal_sku
from sync.flows.flow import FlowContext, FlowName
from sync.flows.selling.promises import recompute
from sync.flows.wakes import Wakes
from sync.store import fulfilments, orders, parcels, reservations
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.fulfilments import Work

WHOLE = "whole"
"""The parcel of a warehouse that ships without packages: everything of the fulfilment."""


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

    `certain` is False for a feed's record, which may lag behind what a reading by id would show.
    """
    lines = _lines(work, remote)
    moved = await fulfilments.observe(tx, work, remote, lines, observed_at, certain=certain)
    packed = _packed(work, remote)
    left = remote.state == FulfilmentState.SHIPPED
    if packed:
        moved |= await parcels.save_packed(
            tx, order_id=work.order_id, fulfilment_id=work.id, packed=packed, left=left
        )
    skus = await count(tx, work, observed_at)
    for account in await recompute(tx, ctx, skus, "stock"):
        wakes.add(account, FlowName.PUSH_STOCK)
    if moved:
        await _tell(tx, work, remote, wakes)
    return moved


async def _tell(tx: Tx, work: Work, remote: RemoteFulfilment, wakes: Wakes) -> None:
    order_id = OrderId(work.order_id)
    await fulfilments.note_sent(tx, work.order_id)
    if remote.state.value != work.state.value:
        said = f"{work.reference}: the warehouse says {remote.state.value}"
        await add_event(tx, order_id, "fulfilment", said, fulfilment=work.reference)
    await orders.ask_review(tx, [order_id])
    wakes.add(await orders.shop_of(tx, work.order_id), FlowName.REVIEW)


def _units(remote: RemoteFulfilment, field: str) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in remote.lines:
        sku = normal_sku(line.sku) or line.sku
        units[sku] = units.get(sku, 0) + int(getattr(line, field))
    return units


def _lines(work: Work, remote: RemoteFulfilment) -> dict[LineKey, tuple[int, int]]:
    """(assigned, shipped) units per line: the warehouse counts by SKU, our lines take their part in order."""
    asked = {key: units for key, (units, _, _) in work.lines.items()}
    if remote.state == FulfilmentState.CANCELLED:
        return dict.fromkeys(asked, (0, 0))
    assigned = spread(list(_units(remote, "assigned").items()), asked, {})
    shipped = spread(list(_units(remote, "shipped").items()), asked, {})
    return {key: (assigned.get(key, 0), shipped.get(key, 0)) for key in asked}


def _packed(work: Work, remote: RemoteFulfilment) -> Sequence[tuple[RemoteParcel, Mapping[LineKey, int]]]:
    asked = {key: units for key, (units, _, _) in work.lines.items()}
    used: dict[LineKey, int] = {}
    result = []
    for parcel in remote.parcels or _whole(remote):
        normal = [(normal_sku(sku) or sku, units) for sku, units in parcel.lines]
        held = spread(normal, asked, used)
        for key, units in held.items():
            used[key] = used.get(key, 0) + units
        result.append((parcel, held))
    return result


def _whole(remote: RemoteFulfilment) -> tuple[RemoteParcel, ...]:
    if remote.state != FulfilmentState.SHIPPED:
        return ()
    shipped = tuple((line.sku, line.shipped) for line in remote.lines if line.shipped)
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
