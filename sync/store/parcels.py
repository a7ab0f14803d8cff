"""Parcels: packed by the warehouse, labelled by a courier, told to the shop, tracked to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.routing import LineKey
from sync.domain.shipments import RemoteParcel
from sync.domain.tracking import TrackingReport, TrackingStatus
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_orders
from sync.store.tables import customer_order, fulfilment, parcel, parcel_line, tracking_event


@dataclass(frozen=True, slots=True)
class Parcel:
    """A stored parcel with the units in it per (order line, SKU). Times are microseconds."""

    id: str
    order_id: str
    fulfilment_id: str
    external_id: str
    number: str
    weight_kg: str | None
    tracking: str | None
    carrier: str
    courier_id: str | None
    booking_external_id: str | None
    tracking_url: str | None
    status: TrackingStatus
    status_at: int | None
    booked_at: int | None
    labelled_at: int | None
    left_at: int | None
    told_at: int | None
    told_external_id: str | None
    first_scan_at: int | None
    delivered_at: int | None
    delivery_told_at: int | None
    ended_at: int | None
    voided_at: int | None
    created_at: int
    lines: Mapping[LineKey, int]
    label_of: str | None = None
    """The parcel whose label it goes out under, its own id for that one; None: it shares none."""
    waits_until: int | None = None
    """It waits so long for others that could share its label."""
    apart: int = 0
    """Whether it shares no label any more."""


_OWN = tuple(name for name in Parcel.__dataclass_fields__ if name != "lines")


async def of_order(tx: Tx, order_id: str) -> list[Parcel]:
    """An order's parcels, the oldest first."""
    return await _load(tx, parcel.c.order_id == order_id)


async def by_id(tx: Tx, parcel_id: str) -> Parcel | None:
    """One parcel by our id."""
    found = await _load(tx, parcel.c.id == parcel_id)
    return found[0] if found else None


async def _load(tx: Tx, where: sa.ColumnElement[bool]) -> list[Parcel]:
    await lock_orders(tx, customer_order.c.id.in_(sa.select(parcel.c.order_id).where(where)))
    rows = await tx.all(
        sa.select(parcel, parcel_line.c.order_line_id, parcel_line.c.sku, parcel_line.c.quantity)
        .outerjoin(parcel_line, parcel_line.c.parcel_id == parcel.c.id)
        .where(where)
        .order_by(parcel.c.created_at, parcel.c.id)
    )
    grouped: dict[str, tuple[sa.Row[Any], dict[LineKey, int]]] = {}
    for row in rows:
        lines = grouped.setdefault(row.id, (row, {}))[1]
        if row.order_line_id is not None:
            lines[(row.order_line_id, row.sku)] = row.quantity
    return [
        Parcel(
            **{name: getattr(row, name) for name in _OWN} | {"status": TrackingStatus(row.status)},
            lines=lines,
        )
        for row, lines in grouped.values()
    ]


async def save_packed(
    tx: Tx,
    *,
    order_id: str,
    fulfilment_id: str,
    packed: Sequence[tuple[RemoteParcel, Mapping[LineKey, int]]],
    left: bool,
) -> bool:
    """Store the parcels that a warehouse shows for one fulfilment. Returns whether anything moved."""
    before = {item.external_id: item for item in await _load(tx, parcel.c.fulfilment_id == fulfilment_id)}
    moved = False
    for remote, lines in packed:
        known = before.get(remote.external_id)
        if known is None:
            await _insert(tx, order_id, fulfilment_id, remote, lines, left=left)
            moved = True
            continue
        moved |= await _refresh(tx, known, remote, lines, left=left)
    return moved


async def _insert(
    tx: Tx,
    order_id: str,
    fulfilment_id: str,
    remote: RemoteParcel,
    lines: Mapping[LineKey, int],
    *,
    left: bool,
) -> None:
    parcel_id = tx.new_id()
    await tx.run(
        sa.insert(parcel).values(
            id=parcel_id,
            order_id=order_id,
            fulfilment_id=fulfilment_id,
            external_id=remote.external_id,
            number=remote.number,
            tracking=remote.tracking,
            carrier=remote.carrier or "",
            weight_kg=None if remote.weight_kg is None else str(remote.weight_kg),
            labelled_at=tx.now() if remote.tracking else None,
            left_at=tx.now() if left else None,
            created_at=tx.now(),
        )
    )
    await _put_lines(tx, parcel_id, lines)


async def _put_lines(tx: Tx, parcel_id: str, lines: Mapping[LineKey, int]) -> None:
    await tx.run(sa.delete(parcel_line).where(parcel_line.c.parcel_id == parcel_id))
    await tx.run(
        sa.insert(parcel_line),
        [
            {"parcel_id": parcel_id, "order_line_id": line, "sku": sku, "quantity": units}
            for (line, sku), units in lines.items()
        ],
    )


async def _refresh(
    tx: Tx, known: Parcel, remote: RemoteParcel, lines: Mapping[LineKey, int], *, left: bool
) -> bool:
    values: dict[str, Any] = {}
    if left and known.left_at is None:
        values["left_at"] = tx.now()
    if remote.tracking and known.tracking is None:
        values |= {"tracking": remote.tracking, "carrier": remote.carrier or "", "labelled_at": tx.now()}
    if remote.tracking and remote.tracking == known.tracking and known.labelled_at is None:
        values["labelled_at"] = tx.now()
    if dict(lines) != dict(known.lines) and known.told_at is None:
        await _put_lines(tx, known.id, lines)
        values["number"] = remote.number
    if not values:
        return False
    await tx.run(sa.update(parcel).where(parcel.c.id == known.id).values(**values))
    return True


async def change(tx: Tx, parcel_id: str, **values: object) -> None:
    """Set columns of one parcel."""
    await tx.run(sa.update(parcel).where(parcel.c.id == parcel_id).values(**values))


async def to_label(tx: Tx, warehouse: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Parcels whose bought number the warehouse does not show yet: id, tracking, carrier, and both its ids."""
    return await tx.all(
        sa.select(
            parcel.c.id,
            parcel.c.order_id,
            parcel.c.external_id,
            parcel.c.tracking,
            parcel.c.carrier,
            fulfilment.c.external_id.label("fulfilment"),
        )
        .join(fulfilment, fulfilment.c.id == parcel.c.fulfilment_id)
        .where(
            fulfilment.c.account_id == warehouse,
            parcel.c.tracking.is_not(None),
            parcel.c.labelled_at.is_(None),
            parcel.c.voided_at.is_(None),
            parcel.c.void_wanted == 0,
            parcel.c.ended_at.is_(None),
        )
        .limit(limit)
    )


async def to_void(tx: Tx, courier: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Bought labels that are not needed any more."""
    return await tx.all(
        sa.select(parcel.c.id, parcel.c.order_id, parcel.c.booking_external_id, parcel.c.tracking)
        .where(
            parcel.c.courier_id == courier,
            parcel.c.void_wanted == 1,
            parcel.c.voided_at.is_(None),
            parcel.c.ended_at.is_(None),
            parcel.c.booking_external_id.is_not(None),
        )
        .limit(limit)
    )


async def to_tell_delivered(tx: Tx, shop: str, limit: int) -> Sequence[sa.Row[Any]]:
    """Delivered parcels that the shop still shows as on their way."""
    return await tx.all(
        sa.select(
            parcel.c.id,
            parcel.c.order_id,
            parcel.c.told_external_id,
            parcel.c.delivered_at,
            customer_order.c.external_id.label("order"),
        )
        .join(customer_order, customer_order.c.id == parcel.c.order_id)
        .where(
            customer_order.c.account_id == shop,
            parcel.c.delivered_at.is_not(None),
            parcel.c.told_external_id.is_not(None),
            parcel.c.delivery_told_at.is_(None),
        )
        .limit(limit)
    )


async def to_track(tx: Tx, courier: str, limit: int) -> list[Parcel]:
    """Parcels on their way whose next look is due."""
    rows = await tx.all(
        sa.select(parcel.c.id)
        .where(
            parcel.c.courier_id == courier,
            parcel.c.tracking.is_not(None),
            parcel.c.ended_at.is_(None),
            parcel.c.voided_at.is_(None),
            sa.or_(parcel.c.track_due_at.is_(None), parcel.c.track_due_at <= tx.now()),
        )
        .order_by(sa.func.coalesce(parcel.c.track_due_at, 0))
        .limit(limit)
    )
    return await _load(tx, parcel.c.id.in_([row.id for row in rows]))


async def is_on_its_way_out(tx: Tx, number: str) -> bool:
    """Whether a parcel of ours bears this tracking number, however it is written."""
    plain = "".join(number.split()).replace("-", "")
    forms = {form for one in (number, plain) for form in (one, one.upper(), one.lower())}
    return (
        await tx.scalar(sa.select(parcel.c.id).where(parcel.c.tracking.in_(sorted(forms))).limit(1))
        is not None
    )


async def save_events(tx: Tx, parcel_id: str, report: TrackingReport) -> int:
    """Store a courier's statements, each once. Returns how many were new."""
    statement = upsert(tracking_event).on_conflict_do_nothing()
    fresh = 0
    for event in report.events:
        fresh += await tx.run(
            statement,
            {
                "parcel_id": parcel_id,
                "event_key": event.key,
                "status": event.status.value,
                "at": to_micros(event.at) if event.at else None,
                "vendor_code": event.vendor_code,
                "description": event.description,
                "place": event.place,
                "seen_at": tx.now(),
            },
        )
    return fresh


def micros(at: datetime | None) -> int | None:
    """A time for a column that may be empty."""
    return None if at is None else to_micros(at)
