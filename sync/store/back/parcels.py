"""Parcels on the way back: what is known of each number that a case's goods come back under."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.custody import plain_number
from sync.domain.ids import AccountId, OrderId
from sync.domain.tracking import TrackingStatus
from sync.store.back.cases import OPEN
from sync.store.database import Tx
from sync.store.tables import back_case, back_tracking, customer_order


@dataclass(frozen=True, slots=True)
class BackParcel:
    """One number. `written` is the number as it was told; `courier_id` is whom to ask about it."""

    case_id: str
    number: str
    written: str
    courier_id: AccountId | None
    carrier: str
    booked: bool
    """A label of ours."""
    label_url: str | None
    tracking_url: str | None
    status: TrackingStatus
    first_scan_at: datetime | None
    voided_at: datetime | None
    """When its courier took the label back."""


@dataclass(frozen=True, slots=True)
class ToTrack:
    """A parcel that a courier is asked about, and what it belongs to."""

    parcel: BackParcel
    account_id: AccountId
    """The shop's."""
    order_id: OrderId
    placed_at: datetime
    """When its order was placed: a scan from before is of another parcel."""


async def of_case(tx: Tx, case_id: str) -> tuple[BackParcel, ...]:
    """The parcels of a case, by their numbers."""
    c = back_tracking.c
    rows = await tx.all(sa.select(back_tracking).where(c.case_id == case_id).order_by(c.number))
    return tuple(_parcel(row) for row in rows)


async def booked(
    tx: Tx,
    case_id: str,
    number: str,
    *,
    courier: AccountId,
    carrier: str,
    booking: str | None,
    label_url: str | None,
    tracking_url: str | None,
) -> None:
    """The number, which the case awaits, is that of a label of ours."""
    await _set(
        tx,
        case_id,
        number,
        courier_id=courier,
        carrier=carrier,
        booked=1,
        booking_external_id=booking,
        label_url=label_url,
        tracking_url=tracking_url,
        track_due_at=tx.now(),
    )


async def ask_about(tx: Tx, case_id: str, number: str, courier: AccountId, carrier: str) -> None:
    """This courier is asked about a number that somebody told."""
    await _set(tx, case_id, number, courier_id=courier, carrier=carrier, track_due_at=tx.now())


async def to_track(tx: Tx, courier: AccountId, limit: int) -> list[ToTrack]:
    """Parcels of open cases whose next look is due, the longest due first."""
    c, case, order = back_tracking.c, back_case.c, customer_order.c
    rows = await tx.all(
        sa.select(back_tracking, case.account_id, case.order_id, order.placed_at)
        .join(back_case, case.id == c.case_id)
        .join(customer_order, order.id == case.order_id)
        .where(c.courier_id == courier, c.track_due_at <= tx.now(), c.ended_at.is_(None), case.state == OPEN)
        .order_by(c.track_due_at, c.number)
        .limit(limit)
    )
    return [
        ToTrack(_parcel(row), AccountId(row.account_id), OrderId(row.order_id), from_micros(row.placed_at))
        for row in rows
    ]


async def look_again(tx: Tx, parcel: BackParcel, at: int) -> None:
    """The courier said nothing of it: ask at this moment (microseconds)."""
    await _set(tx, parcel.case_id, parcel.number, track_due_at=at)


async def seen(
    tx: Tx, parcel: BackParcel, status: TrackingStatus, *, scanned_at: int | None, at: int | None
) -> None:
    """What the courier said. `at`: when to ask again, None for never."""
    values: dict[str, Any] = {"status": status.value, "first_scan_at": scanned_at, "track_due_at": at}
    await _set(tx, parcel.case_id, parcel.number, **values, ended_at=tx.now() if at is None else None)


async def no_use_for(tx: Tx, case_id: str) -> set[AccountId]:
    """Labels of ours that nobody has used shall be given back. Returns their couriers."""
    c = back_tracking.c
    unused = sa.and_(
        c.case_id == case_id,
        c.booking_external_id.is_not(None),
        c.courier_id.is_not(None),
        c.first_scan_at.is_(None),
        c.voided_at.is_(None),
    )
    rows = await tx.all(sa.select(c.courier_id).where(unused))
    await tx.run(sa.update(back_tracking).where(unused).values(void_wanted=1))
    return {AccountId(row.courier_id) for row in rows}


@dataclass(frozen=True, slots=True)
class UnusedLabel:
    """A label of the way back that shall be given back."""

    case_id: str
    number: str
    order_id: OrderId
    reference: str
    """The case's."""
    booking: str


async def to_void(tx: Tx, courier: AccountId, limit: int) -> list[UnusedLabel]:
    """Labels to be given back to this courier."""
    c, case = back_tracking.c, back_case.c
    rows = await tx.all(
        sa.select(c.case_id, c.number, c.booking_external_id, case.order_id, case.reference)
        .join(back_case, case.id == c.case_id)
        .where(c.courier_id == courier, c.void_wanted == 1, c.booking_external_id.is_not(None))
        .order_by(c.number)
        .limit(limit)
    )
    return [
        UnusedLabel(row.case_id, row.number, OrderId(row.order_id), row.reference, row.booking_external_id)
        for row in rows
    ]


async def void_answered(tx: Tx, label: UnusedLabel, *, taken: bool) -> None:
    """The courier took the label back, or never will."""
    values: dict[str, Any] = {"voided_at": tx.now(), "track_due_at": None} if taken else {}
    await _set(tx, label.case_id, label.number, void_wanted=0, **values)


async def erase(tx: Tx, order_id: str) -> None:
    """Labels and tracking pages of an order's parcels name the person: their addresses go."""
    theirs = sa.select(back_case.c.id).where(back_case.c.order_id == order_id)
    await tx.run(
        sa.update(back_tracking)
        .where(back_tracking.c.case_id.in_(theirs))
        .values(label_url=None, tracking_url=None)
    )


async def _set(tx: Tx, case_id: str, number: str, **values: object) -> None:
    here = (back_tracking.c.case_id == case_id, back_tracking.c.number == plain_number(number))
    await tx.run(sa.update(back_tracking).where(*here).values(**values))


def _parcel(row: sa.Row[Any]) -> BackParcel:
    return BackParcel(
        case_id=row.case_id,
        number=row.number,
        written=row.written or row.number,
        courier_id=None if row.courier_id is None else AccountId(row.courier_id),
        carrier=row.carrier,
        booked=bool(row.booked),
        label_url=row.label_url,
        tracking_url=row.tracking_url,
        status=TrackingStatus(row.status),
        first_scan_at=None if row.first_scan_at is None else from_micros(row.first_scan_at),
        voided_at=None if row.voided_at is None else from_micros(row.voided_at),
    )
