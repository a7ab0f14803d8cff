"""Queries for people: what `status`, `orders` and `explain` show. Nothing here decides anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.money import Money
from sync.store import cases
from sync.store.cases import StoredCase
from sync.store.database import Tx
from sync.store.orders import called
from sync.store.tables import (
    account,
    customer_order,
    listing,
    listing_component,
    offer_quantity,
    order_event,
    parcel,
    reservation,
    stock_level,
    tracking_event,
)


@dataclass(frozen=True, slots=True)
class OrderLineInList:
    """One order in a list."""

    account: str
    number: str
    state: str
    status: str
    payment: str
    total: str
    placed_at: datetime
    cancel: str


async def list_orders(
    tx: Tx, *, account_name: str | None = None, state: str | None = None, limit: int = 50
) -> list[OrderLineInList]:
    """The newest orders first."""
    c = customer_order.c
    query = sa.select(account.c.name, customer_order).join(account, account.c.id == c.account_id)
    if account_name is not None:
        query = query.where(account.c.name == account_name)
    if state is not None:
        query = query.where(c.state == state)
    return [
        OrderLineInList(
            row.name,
            row.number,
            row.state,
            row.status,
            row.payment,
            str(Money(row.total_minor, row.currency)),
            from_micros(row.placed_at),
            row.cancel,
        )
        for row in await tx.all(query.order_by(c.placed_at.desc()).limit(limit))
    ]


async def find_orders(tx: Tx, named: str) -> list[tuple[str, StoredCase]]:
    """The orders that a person means by `number` or `shop/number`: (shop's name, the case)."""
    shop, _, number = named.rpartition("/")
    query = (
        sa.select(customer_order.c.id, account.c.name)
        .join(account, account.c.id == customer_order.c.account_id)
        .where(called(number))
    )
    if shop:
        query = query.where(account.c.name == shop)
    found = []
    for row in await tx.all(query):
        case = await cases.load(tx, row.id)
        if case is not None:
            found.append((row.name, case))
    return found


async def scans(tx: Tx, parcel_ids: Sequence[str]) -> Mapping[str, list[tuple[datetime | None, str, str]]]:
    """By parcel: (time, status, the carrier's words), oldest first."""
    rows = await tx.all(
        sa.select(tracking_event)
        .where(tracking_event.c.parcel_id.in_(parcel_ids))
        .order_by(tracking_event.c.at, tracking_event.c.seen_at)
    )
    found: dict[str, list[tuple[datetime | None, str, str]]] = {}
    for row in rows:
        at = None if row.at is None else from_micros(row.at)
        found.setdefault(row.parcel_id, []).append((at, row.status, row.description))
    return found


@dataclass(frozen=True, slots=True)
class ExplainedOffer:
    """One listing of a SKU: what it shall show with every term, what it shows, and what stands between."""

    account: str
    listing: str
    title: str
    live: bool
    published: bool
    listing_id: str
    desired: int | None
    acked: int | None
    ceiling: int | None
    rejected: int | None
    rejected_reason: str | None
    terms: Mapping[str, Any]
    changed_at: datetime | None
    acked_at: datetime | None


async def explain(tx: Tx, sku: str) -> list[ExplainedOffer]:
    """Every listing that sells a SKU, in the order of the accounts' names."""
    rows = await tx.all(
        sa.select(
            account.c.name,
            account.c.mode,
            listing.c.external_id,
            listing.c.title,
            listing.c.published,
            listing.c.id.label("listing_id"),
            offer_quantity.c.desired,
            offer_quantity.c.acked,
            offer_quantity.c.ceiling,
            offer_quantity.c.rejected,
            offer_quantity.c.rejected_reason,
            offer_quantity.c.terms,
            offer_quantity.c.changed_at,
            offer_quantity.c.acked_at,
        )
        .join(listing_component, listing_component.c.listing_id == listing.c.id)
        .join(account, account.c.id == listing.c.account_id)
        .outerjoin(offer_quantity, offer_quantity.c.listing_id == listing.c.id)
        .where(listing_component.c.sku == sku, listing.c.gone_at.is_(None))
        .order_by(account.c.name, listing.c.external_id)
    )
    return [
        ExplainedOffer(
            row.name,
            row.external_id,
            row.title,
            row.mode == "live",
            bool(row.published),
            row.listing_id,
            row.desired,
            row.acked,
            row.ceiling,
            row.rejected,
            row.rejected_reason,
            msgspec.json.decode(row.terms or "{}", type=dict[str, Any]),
            None if row.changed_at is None else from_micros(row.changed_at),
            None if row.acked_at is None else from_micros(row.acked_at),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ExplainedFigure:
    """One warehouse's figure of a SKU, and who holds units that it does not leave out yet."""

    warehouse: str
    on_hand: int | None
    basis: str
    reserved: int
    read_at: datetime
    held_by: tuple[tuple[str, int], ...]


async def figures_of(tx: Tx, sku: str) -> list[ExplainedFigure]:
    """Every warehouse's figure of a SKU."""
    rows = await tx.all(
        sa.select(stock_level, account.c.name)
        .join(account, account.c.id == stock_level.c.account_id)
        .where(stock_level.c.sku == sku)
        .order_by(account.c.name)
    )
    return [
        ExplainedFigure(
            row.name,
            row.on_hand,
            row.basis,
            row.reserved,
            from_micros(row.begun_at),
            await _holders(tx, row.account_id, sku),
        )
        for row in rows
    ]


async def _holders(tx: Tx, account_id: str, sku: str) -> tuple[tuple[str, int], ...]:
    held = (reservation.c.quantity - reservation.c.released).label("held")
    rows = await tx.all(
        sa.select(customer_order.c.number, held)
        .join(customer_order, customer_order.c.id == reservation.c.order_id)
        .where(reservation.c.account_id == account_id, reservation.c.sku == sku, held > 0)
        .order_by(customer_order.c.placed_at)
    )
    return tuple((row.number, row.held) for row in rows)


async def near_skus(tx: Tx, sku: str, limit: int = 200) -> list[str]:
    """SKUs that a person may have meant."""
    pattern = f"%{sku[:3]}%"
    rows = await tx.all(
        sa.select(listing_component.c.sku)
        .where(listing_component.c.sku.like(pattern))
        .distinct()
        .limit(limit)
    )
    return [row.sku for row in rows]


async def desired_quantities(tx: Tx) -> int:
    """How many listings have a quantity to show."""
    desired = offer_quantity.c.desired.is_not(None)
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(offer_quantity).where(desired)) or 0)


async def untold_parcels(tx: Tx) -> int:
    """How many parcels have left while their shops do not know it yet."""
    untold = parcel.c.left_at.is_not(None) & parcel.c.told_at.is_(None) & parcel.c.voided_at.is_(None)
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(parcel).where(untold)) or 0)


@dataclass(frozen=True, slots=True)
class LatestEvent:
    """A line of some order's timeline."""

    at: datetime
    account: str
    number: str
    what: str


async def latest_events(tx: Tx, limit: int) -> list[LatestEvent]:
    """The newest lines of all timelines, oldest of them first."""
    rows = await tx.all(
        sa.select(order_event.c.at, order_event.c.what, account.c.name, customer_order.c.number)
        .join(customer_order, customer_order.c.id == order_event.c.order_id)
        .join(account, account.c.id == customer_order.c.account_id)
        .order_by(order_event.c.id.desc())
        .limit(limit)
    )
    return [LatestEvent(from_micros(row.at), row.name, row.number, row.what) for row in reversed(rows)]
