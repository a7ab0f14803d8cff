"""Suppliers' lists as they were read last: cost, stock and lead time by their codes, and when that was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import reservation, supplier_list, supplier_offer

_BATCH = 500
SAMPLE = 20
"""Bad rows that are named."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One row of a list, bound: `sku` is None where the code leads to none of ours."""

    code: str
    named_sku: str | None
    sku: str | None
    cost: str | None
    currency: str | None
    stock: int | None
    lead_days: int | None


@dataclass(frozen=True, slots=True)
class ListState:
    """Where the reading of one supplier's lists stands."""

    generation: int = 0
    begun_at: datetime | None = None
    open_at: datetime | None = None
    bad_rows: int = 0
    bad_sample: str = ""
    stale: bool = False
    laid_with: str = ""


async def state(tx: Tx, account: str) -> ListState:
    """One supplier's; an empty one where no list was ever read."""
    row = await tx.one(sa.select(supplier_list).where(supplier_list.c.account_id == account))
    if row is None:
        return ListState()
    return ListState(
        row.generation,
        None if row.begun_at is None else from_micros(row.begun_at),
        None if row.open_at is None else from_micros(row.open_at),
        row.bad_rows,
        row.bad_sample,
        bool(row.stale),
        row.laid_with,
    )


async def change(tx: Tx, account: str, **values: object) -> None:
    """Set columns of one supplier's list."""
    row = upsert(supplier_list).values(account_id=account, **values)
    await tx.run(row.on_conflict_do_update(index_elements=["account_id"], set_=values))


async def begun(tx: Tx) -> dict[str, datetime]:
    """By account: when the reading of the last whole list began."""
    rows = await tx.all(sa.select(supplier_list).where(supplier_list.c.begun_at.is_not(None)))
    return {row.account_id: from_micros(row.begun_at) for row in rows}


async def save(
    tx: Tx, account: str, offers: Sequence[Offered], *, seen_at: datetime, generation: int
) -> frozenset[str]:
    """Store rows of a list. Returns the SKUs that they lead to, and led to before."""
    touched: set[str] = {one.sku for one in offers if one.sku is not None}
    codes = [one.code for one in offers]
    for start in range(0, len(codes), _BATCH):
        rows = await tx.all(
            sa.select(supplier_offer.c.sku).where(
                supplier_offer.c.account_id == account,
                supplier_offer.c.code.in_(codes[start : start + _BATCH]),
                supplier_offer.c.sku.is_not(None),
            )
        )
        touched |= {row.sku for row in rows}
    insert = upsert(supplier_offer)
    named = ("named_sku", "sku", "cost", "currency", "stock", "lead_days", "seen_at", "generation")
    values: dict[str, Any] = {name: insert.excluded[name] for name in named}
    await tx.run(
        insert.on_conflict_do_update(index_elements=["account_id", "code"], set_=values),
        [
            {
                "account_id": account,
                "code": one.code,
                "named_sku": one.named_sku,
                "sku": one.sku,
                "cost": one.cost,
                "currency": one.currency,
                "stock": one.stock,
                "lead_days": one.lead_days,
                "seen_at": to_micros(seen_at),
                "generation": generation,
            }
            for one in offers
        ],
    )
    return frozenset(touched)


async def part(tx: Tx, account: str, after: str, limit: int) -> list[Offered]:
    """A slice of the stored offers in the order of their codes."""
    rows = await tx.all(
        sa.select(supplier_offer)
        .where(supplier_offer.c.account_id == account, supplier_offer.c.code > after)
        .order_by(supplier_offer.c.code)
        .limit(limit)
    )
    return [
        Offered(row.code, row.named_sku, row.sku, row.cost, row.currency, row.stock, row.lead_days)
        for row in rows
    ]


async def rebind(tx: Tx, account: str, skus: Mapping[str, str | None]) -> None:
    """Other rules: these codes lead to other SKUs now."""
    await tx.run(
        sa.update(supplier_offer)
        .where(supplier_offer.c.account_id == account, supplier_offer.c.code == sa.bindparam("at"))
        .values(sku=sa.bindparam("leads_to")),
        [{"at": code, "leads_to": sku} for code, sku in skus.items()],
    )


async def carriers_of(tx: Tx, skus: Sequence[str]) -> dict[str, frozenset[str]]:
    """The supplier accounts that list each SKU."""
    found: dict[str, set[str]] = {}
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(supplier_offer.c.sku, supplier_offer.c.account_id).where(
                supplier_offer.c.sku.in_(skus[start : start + _BATCH])
            )
        )
        for row in rows:
            found.setdefault(row.sku, set()).add(row.account_id)
    return {sku: frozenset(accounts) for sku, accounts in found.items()}


async def doubt(tx: Tx, account: str, skus: Sequence[str], at: datetime) -> None:
    """The supplier refused these: its present list is not believed about them."""
    await tx.run(
        sa.update(supplier_offer)
        .where(supplier_offer.c.account_id == account, supplier_offer.c.sku.in_(skus))
        .values(doubted_at=to_micros(at))
    )


async def doubted(tx: Tx, skus: Sequence[str]) -> frozenset[tuple[str, str]]:
    """(account, SKU) of those that were refused since the last list."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(supplier_offer.c.account_id, supplier_offer.c.sku).where(
                supplier_offer.c.sku.in_(skus[start : start + _BATCH]),
                supplier_offer.c.doubted_at.is_not(None),
            )
        )
        found |= {(row.account_id, row.sku) for row in rows}
    return frozenset(found)


async def believe_again(tx: Tx, account: str, begun_at: datetime, lag: timedelta) -> frozenset[str]:
    """A list begun later speaks anew of what was refused before it. Returns those SKUs."""
    due = sa.and_(
        supplier_offer.c.account_id == account, supplier_offer.c.doubted_at < to_micros(begun_at - lag)
    )
    skus = {row.sku for row in await tx.all(sa.select(supplier_offer.c.sku).where(due).distinct())}
    await tx.run(sa.update(supplier_offer).where(due).values(doubted_at=None))
    return frozenset(sku for sku in skus if sku is not None)


async def to_release(tx: Tx, account: str) -> list[str]:
    """SKUs of which the supplier has said that ordered units are off its shelf, while we still hold them."""
    rows = await tx.all(
        sa.select(reservation.c.sku)
        .where(reservation.c.account_id == account, reservation.c.counted > reservation.c.released)
        .distinct()
    )
    return [row.sku for row in rows]


async def all_skus(tx: Tx, account: str) -> list[str]:
    """Every SKU that the supplier lists."""
    rows = await tx.all(
        sa.select(supplier_offer.c.sku)
        .where(supplier_offer.c.account_id == account, supplier_offer.c.sku.is_not(None))
        .distinct()
    )
    return [row.sku for row in rows]
