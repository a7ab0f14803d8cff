"""Everything that the metrics and `status` show, in a few queries that use the partial indexes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.tracking import ENDED, TROUBLE
from sync.store.accounts import AccountRow, list_all
from sync.store.approvals import all_waiting
from sync.store.back.cases import OPEN
from sync.store.database import Tx
from sync.store.flow_states import FlowState, states
from sync.store.tables import (
    back_case,
    broken_record,
    customer_order,
    hold,
    issue,
    offer_content,
    offer_price,
    offer_quantity,
    offer_state,
    outbox,
    parcel,
    reservation,
)
from sync.store.tables.offers import unsent_content, unsent_price, unsent_quantity, unsent_state
from sync.store.tables.orders import open_hold
from sync.store.tables.people import open_issue
from sync.store.tables.work import open_work

UNANNOUNCED = "unannounced"
_asked_for = sa.func.coalesce(back_case.c.kind, UNANNOUNCED)


@dataclass(frozen=True, slots=True)
class Backlog:
    """So many open things, and since when the oldest has waited."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """One moment of the whole house. Accounts are named, never by id."""

    at: datetime
    accounts: tuple[AccountRow, ...]
    flows: tuple[tuple[str, FlowState], ...]
    """(account's name, state)"""
    unsent: Mapping[tuple[str, str], Backlog]
    """(account, quantity, price, state or content); without what the shop rejected, which waits for a change"""
    rejected: Mapping[tuple[str, str], int]
    """(account, quantity, price, state or content): unsent because the shop rejected the very value that we want"""
    outbox: Mapping[tuple[str, str, str], Backlog]
    """(account, operation, state)"""
    orders: Mapping[tuple[str, str], int]
    """(account, our state); closed ones too"""
    holds: Mapping[str, int]
    issues: Mapping[str, int]
    broken: Mapping[tuple[str, str], int]
    """(account, feed)"""
    reserved_units: int
    short_units: int
    parcels: Mapping[str, int]
    """by tracking status; parcels that have not ended"""
    parcels_troubled: int
    """whose courier reports trouble"""
    guards: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(account, guard): changes that wait for a person"""
    cases: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(account, kind of request): open cases of the way back"""


async def figures(tx: Tx) -> Figures:
    """Read them all, from one view of the database."""
    accounts = await list_all(tx)
    names: dict[str, str] = {account.id: account.name for account in accounts}
    parcels = await _parcels(tx)
    unsent, rejected = await _offers(tx, names)
    reserved, short = await _units(tx)
    return Figures(
        at=tx.clock.now(),
        accounts=tuple(accounts),
        flows=tuple((names[s.account_id], s) for s in await states(tx) if s.account_id in names),
        unsent=unsent,
        rejected=rejected,
        outbox=await _outbox(tx, names),
        orders=await _pairs(tx, names, customer_order.c.account_id, customer_order.c.state),
        holds={names[row.account_id]: row.held for row in await tx.all(_held()) if row.account_id in names},
        issues={row.kind: row.open for row in await tx.all(_issues())},
        broken=await _pairs(
            tx, names, broken_record.c.account_id, broken_record.c.feed, broken_record.c.resolved_at.is_(None)
        ),
        reserved_units=reserved,
        short_units=short,
        parcels=parcels,
        parcels_troubled=sum(parcels.get(status, 0) for status in TROUBLE - ENDED),
        guards={(one.account, one.guard.value): one.what.waiting for one in await all_waiting(tx)},
        cases=await _pairs(tx, names, back_case.c.account_id, _asked_for, back_case.c.state == OPEN),
    )


def _held() -> sa.Select[Any, int]:
    """Things that wait, by account: an order with three holds is one."""
    things = sa.func.count(sa.distinct(hold.c.topic + ":" + hold.c.about)).label("held")
    account = sa.func.coalesce(hold.c.account_id, customer_order.c.account_id)
    query = sa.select(account.label("account_id"), things).outerjoin_from(
        hold, customer_order, hold.c.order_id == customer_order.c.id
    )
    return query.where(open_hold).group_by(account)


def _issues() -> sa.Select[Any]:
    query = sa.select(issue.c.kind, sa.func.count().label("open"))
    return query.where(open_issue).group_by(issue.c.kind)


async def _offers(
    tx: Tx, names: Mapping[str, str]
) -> tuple[dict[tuple[str, str], Backlog], dict[tuple[str, str], int]]:
    unsent: dict[tuple[str, str], Backlog] = {}
    rejected: dict[tuple[str, str], int] = {}
    tables = (
        ("quantity", offer_quantity, unsent_quantity),
        ("price", offer_price, unsent_price),
        ("state", offer_state, unsent_state),
        ("content", offer_content, unsent_content),
    )
    for named, table, differs in tables:
        for row in await tx.all(_unsent(table, differs)):
            if row.account_id not in names:
                continue
            where = (names[row.account_id], named)
            if row.refused:
                rejected[where] = row.open
            else:
                unsent[where] = Backlog(row.open, _time(row.oldest))
    return unsent, rejected


def _unsent(table: sa.Table, differs: sa.ColumnElement[bool]) -> sa.Select[Any]:
    refused = sa.func.coalesce(table.c.rejected == table.c.desired, sa.false()).label("refused")
    what = (sa.func.count().label("open"), sa.func.min(table.c.changed_at).label("oldest"))
    return sa.select(table.c.account_id, refused, *what).where(differs).group_by(table.c.account_id, refused)


async def _outbox(tx: Tx, names: Mapping[str, str]) -> dict[tuple[str, str, str], Backlog]:
    by = (outbox.c.account_id, outbox.c.operation, outbox.c.state)
    what = (sa.func.count().label("open"), sa.func.min(outbox.c.created_at).label("oldest"))
    rows = await tx.all(sa.select(*by, *what).where(open_work).group_by(*by))
    return {
        (names[row.account_id], row.operation, row.state): Backlog(row.open, _time(row.oldest))
        for row in rows
        if row.account_id in names
    }


async def _pairs(
    tx: Tx,
    names: Mapping[str, str],
    account: sa.ColumnElement[Any],
    by: sa.ColumnElement[Any],
    *where: sa.ColumnElement[bool],
) -> dict[tuple[str, str], int]:
    query = sa.select(account.label("account"), by.label("by"), sa.func.count().label("rows"))
    found = await tx.all(query.where(*where).group_by(account, by))
    return {(names[row.account], row.by): row.rows for row in found if row.account in names}


async def _units(tx: Tx) -> tuple[int, int]:
    row = await tx.one(
        sa.select(
            sa.func.sum(reservation.c.quantity - reservation.c.released).label("held"),
            sa.func.sum(reservation.c.short).label("short"),
        ).where(reservation.c.closed_at.is_(None))
    )
    return (0, 0) if row is None else (int(row.held or 0), int(row.short or 0))


async def _parcels(tx: Tx) -> dict[str, int]:
    query = sa.select(parcel.c.status, sa.func.count().label("parcels")).where(parcel.c.ended_at.is_(None))
    return {row.status: row.parcels for row in await tx.all(query.group_by(parcel.c.status))}


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
