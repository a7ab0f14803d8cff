"""The warehouses' figures, and the SKUs that they make known."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.guards import Reading, Verdict, explained
from sync.domain.ids import Sku
from sync.domain.stock import Figure
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_new_skus, lock_skus
from sync.store.tables import stock_level, variant
from sync.store.tables.catalogue import figure_waits

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SavedFigures:
    """SKUs whose figure moved, and SKUs that no warehouse had named before."""

    moved: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    """Those that read zero and wait for a person: their figure before stays."""
    held_before: frozenset[str] = frozenset()
    """Those that had waited before."""
    by_approval: int = 0
    """So many count by a person's approval alone."""


@dataclass(frozen=True, slots=True)
class WaitingFigure:
    """A figure that waits for a person, beside the one that stays in force."""

    sku: str
    on_hand: int
    waiting: int


Judge = Callable[[Reading], Awaitable[Verdict]]
"""Whether figures that read zero may count."""


async def save_figures(
    tx: Tx,
    account: str,
    figures: Mapping[Sku, tuple[int | None, str]],
    *,
    basis: str,
    begun_at: datetime,
    full: bool,
    judge: Judge | None = None,
) -> SavedFigures:
    """Store one page: SKU → (units, the warehouse's product id). An older reading never replaces a newer.

    Figures that read zero all at once are put to `judge`: those that may not count wait beside the one before.
    """
    if not figures:
        return SavedFigures()
    new = await _name_variants(tx, list(figures))
    await lock_skus(tx, figures)
    before = await _levels(tx, account, list(figures))
    moment = to_micros(begun_at)
    held, by_approval = await _held(tx, account, figures, before, moment, judge)
    await tx.run(
        _WAIT, [{"place": account, "goods": sku, "units": 0, "at": tx.now()} for sku in sorted(held)]
    )
    insert = upsert(stock_level)
    values: dict[str, Any] = {
        name: insert.excluded[name] for name in ("on_hand", "basis", "product_external_id", "begun_at")
    }
    values["full_at"] = sa.func.coalesce(insert.excluded.full_at, stock_level.c.full_at)
    values |= {"waiting_on_hand": None, "waiting_since": None}
    statement = insert.on_conflict_do_update(
        index_elements=["account_id", "sku", "location", "quality"],
        set_=values,
        where=stock_level.c.begun_at <= insert.excluded.begun_at,
    )
    rows = [
        {
            "account_id": account,
            "sku": sku,
            "location": "",
            "quality": "good",
            "on_hand": units,
            "basis": basis,
            "product_external_id": product,
            "begun_at": moment,
            "full_at": moment if full else None,
        }
        for sku, (units, product) in sorted(figures.items())
        if sku not in held
    ]
    await tx.run(statement, rows)
    moved = {sku for sku, (units, _) in figures.items() if sku not in before or before[sku].on_hand != units}
    waited = frozenset(sku for sku, row in before.items() if row.waiting_on_hand is not None)
    return SavedFigures(frozenset(moved) - held, new, held, waited, by_approval)


async def _held(
    tx: Tx,
    account: str,
    figures: Mapping[Sku, tuple[int | None, str]],
    before: Mapping[str, sa.Row[Any]],
    moment: int,
    judge: Judge | None,
) -> tuple[frozenset[str], int]:
    """The SKUs whose zero waits, and how many count by approval alone."""
    there = {sku: row for sku, row in before.items() if (row.on_hand or 0) > 0 and row.begun_at <= moment}
    to_zero = sorted(
        sku
        for sku, row in there.items()
        if figures[Sku(sku)][0] == 0 and not explained(row.on_hand, row.reserved)
    )
    if judge is None or not to_zero:
        return frozenset(), 0
    here = sum(row.waiting_on_hand is not None for row in before.values())
    elsewhere = await count_waiting(tx, account) - here
    verdict = await judge(Reading(len(there), len(to_zero), elsewhere))
    if verdict.allowance is None:
        return frozenset(), 0
    return frozenset(to_zero[verdict.allowance :]), min(verdict.allowance, len(to_zero))


_WAIT = (
    sa.update(stock_level)
    .where(
        stock_level.c.account_id == sa.bindparam("place"),
        stock_level.c.sku == sa.bindparam("goods"),
        stock_level.c.location == "",
        stock_level.c.quality == "good",
    )
    .values(
        waiting_on_hand=sa.bindparam("units", type_=sa.BigInteger),
        waiting_since=sa.func.coalesce(stock_level.c.waiting_since, sa.bindparam("at", type_=sa.BigInteger)),
    )
)


async def count_waiting(tx: Tx, account: str) -> int:
    """How many figures of an account wait for a person."""
    query = sa.select(sa.func.count()).select_from(stock_level)
    return int(await tx.scalar(query.where(stock_level.c.account_id == account, figure_waits)) or 0)


async def count_above_zero(tx: Tx, account: str) -> int:
    """How many figures of an account are above zero."""
    query = sa.select(sa.func.count()).select_from(stock_level)
    return int(
        await tx.scalar(query.where(stock_level.c.account_id == account, stock_level.c.on_hand > 0)) or 0
    )


async def waiting(tx: Tx, account: str, limit: int | None = None) -> list[WaitingFigure]:
    """Figures that wait for a person, the most units first."""
    rows = await tx.all(
        sa.select(stock_level)
        .where(stock_level.c.account_id == account, figure_waits)
        .order_by(stock_level.c.on_hand.desc(), stock_level.c.sku)
        .limit(limit)
    )
    return [WaitingFigure(row.sku, row.on_hand, row.waiting_on_hand) for row in rows]


async def let_count(tx: Tx, account: str, skus: Sequence[str]) -> None:
    """What waited of these SKUs is their figure from now on."""
    await lock_skus(tx, skus)
    for start in range(0, len(skus), _BATCH):
        part = stock_level.c.sku.in_(skus[start : start + _BATCH])
        await tx.run(
            sa.update(stock_level)
            .where(stock_level.c.account_id == account, figure_waits, part)
            .values(on_hand=stock_level.c.waiting_on_hand, waiting_on_hand=None, waiting_since=None)
        )


async def _levels(tx: Tx, account: str, skus: Sequence[str]) -> dict[str, sa.Row[Any]]:
    found: dict[str, sa.Row[Any]] = {}
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(stock_level).where(
                stock_level.c.account_id == account,
                stock_level.c.sku.in_(skus[start : start + _BATCH]),
                stock_level.c.location == "",
                stock_level.c.quality == "good",
            )
        )
        found |= {row.sku: row for row in rows}
    return found


async def _name_variants(tx: Tx, skus: Sequence[str]) -> frozenset[str]:
    known = await known_skus(tx, skus)
    fresh = [sku for sku in skus if sku not in known]
    await tx.run(
        upsert(variant).on_conflict_do_nothing(),
        [{"sku": sku, "created_at": tx.now()} for sku in sorted(fresh)],
    )
    return frozenset(fresh)


async def known_skus(tx: Tx, skus: Sequence[str]) -> frozenset[str]:
    """Those of these SKUs that a warehouse carries.

    In a writing transaction those that nobody carries stay unknown until it ends: what rests on their absence is
    not overtaken.
    """
    found = await _named(tx, skus)
    unknown = [sku for sku in skus if sku not in found]
    if unknown and tx.beside_others:
        await lock_new_skus(tx)
        found |= await _named(tx, unknown)
    return found


async def _named(tx: Tx, skus: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for start in range(0, len(skus), _BATCH):
        part = skus[start : start + _BATCH]
        rows = await tx.all(sa.select(variant.c.sku).where(variant.c.sku.in_(part)))
        found |= {row.sku for row in rows}
    return frozenset(found)


async def figures(tx: Tx, skus: Sequence[str]) -> dict[str, list[Figure]]:
    """Every warehouse's figure of these SKUs, by SKU; `warehouse` is the account's id.

    In a writing transaction they stay as they are until it ends: what rests on them is not overtaken.
    """
    await lock_skus(tx, skus)
    found: dict[str, list[Figure]] = {}
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(
                stock_level.c.sku, stock_level.c.account_id, stock_level.c.on_hand, stock_level.c.reserved
            )
            .where(stock_level.c.sku.in_(skus[start : start + _BATCH]), stock_level.c.quality == "good")
            .order_by(stock_level.c.account_id)
        )
        for row in rows:
            found.setdefault(row.sku, []).append(Figure(row.account_id, row.on_hand, row.reserved))
    return found


async def products(tx: Tx, account: str, skus: Sequence[str]) -> dict[str, str]:
    """The warehouse's own product ids of these SKUs."""
    levels = await _levels(tx, account, skus)
    return {sku: row.product_external_id for sku, row in levels.items()}


async def newest(tx: Tx, account: str) -> datetime:
    """When the newest of an account's figures was read; 1970 where there is none."""
    here = sa.select(sa.func.max(stock_level.c.begun_at)).where(stock_level.c.account_id == account)
    return from_micros(int(await tx.scalar(here) or 0))


async def confirmed_since(tx: Tx, account: str, skus: Sequence[str], since: int) -> frozenset[str]:
    """Those of these SKUs whose figure this warehouse has told in a reading begun since then."""
    levels = await _levels(tx, account, skus)
    return frozenset(sku for sku, row in levels.items() if max(row.full_at or 0, row.begun_at) >= since)


async def missing_from_full(tx: Tx, account: str, begun_at: datetime) -> int:
    """How many known figures a complete snapshot that began then did not contain."""
    return int(
        await tx.scalar(
            sa.select(sa.func.count())
            .select_from(stock_level)
            .where(
                stock_level.c.account_id == account,
                stock_level.c.on_hand.is_not(None),
                sa.func.coalesce(stock_level.c.full_at, 0) < to_micros(begun_at),
                stock_level.c.begun_at < to_micros(begun_at),
                stock_level.c.waiting_on_hand.is_(None),
            )
        )
        or 0
    )
