"""Units held for order lines: checked and reserved in one conditional update, released only by a snapshot.

A reservation holds `quantity - released` units. `released` follows `counted` (units that the warehouse has
said are off its figure) only through a stock reading that *began* after that was observed: our request
left after their answer came, so no two clocks need to agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.routing import LineKey
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_skus
from sync.store.tables import reservation, stock_level


@dataclass(frozen=True, slots=True)
class Target:
    """The units that one order line shall hold of one SKU at one warehouse, shipped ones included."""

    key: LineKey
    account: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Held:
    """What `hold` did: SKUs whose promise moved, and units per line for which there was none."""

    skus: frozenset[str]
    short: Mapping[LineKey, int]


async def hold(tx: Tx, order_id: str, targets: Sequence[Target], rows: Sequence[sa.Row[Any]]) -> Held:
    """Make the order's reservations be `targets`; `rows` are its present reservations."""
    await lock_skus(tx, [target.key[1] for target in targets])
    for target in sorted(targets, key=lambda target: (target.key[1], target.account)):
        await expect(tx, target.account, target.key[1])
    present = {((row.order_line_id, row.sku), row.account_id): row for row in rows}
    moved: set[str] = set()
    short: dict[LineKey, int] = {}
    for target in targets:
        row = present.get((target.key, target.account))
        before = row.quantity if row is not None else 0
        if target.quantity == before:
            continue
        moved.add(target.key[1])
        if row is None:
            short[target.key] = await _open(tx, order_id, target)
        elif target.quantity > before:
            short[target.key] = await _grow(tx, row, target.quantity)
        else:
            await _shrink(tx, row, target.quantity)
    return Held(frozenset(moved), {key: units for key, units in short.items() if units})


async def _take(tx: Tx, account: str, sku: str, units: int) -> int:
    """Reserve units of a figure in one conditional statement; returns how many of them nothing stood behind."""
    level = (
        (stock_level.c.account_id == account)
        & (stock_level.c.sku == sku)
        & (stock_level.c.location == "")
        & (stock_level.c.quality == "good")
    )
    taken = await tx.run(
        sa.update(stock_level)
        .where(level, stock_level.c.on_hand - stock_level.c.reserved >= units)
        .values(reserved=stock_level.c.reserved + units)
    )
    if taken:
        return 0
    free = await tx.scalar(sa.select(stock_level.c.on_hand - stock_level.c.reserved).where(level))
    await tx.run(sa.update(stock_level).where(level).values(reserved=stock_level.c.reserved + units))
    return units - max(0, min(units, free or 0))


async def _open(tx: Tx, order_id: str, target: Target) -> int:
    short = await _take(tx, target.account, target.key[1], target.quantity)
    await tx.run(
        sa.insert(reservation).values(
            id=tx.new_id(),
            order_id=order_id,
            order_line_id=target.key[0],
            account_id=target.account,
            sku=target.key[1],
            quantity=target.quantity,
            short=short,
            created_at=tx.now(),
        )
    )
    return short


async def _grow(tx: Tx, row: sa.Row[Any], quantity: int) -> int:
    short = await _take(tx, row.account_id, row.sku, quantity - row.quantity)
    await tx.run(
        sa.update(reservation)
        .where(reservation.c.id == row.id)
        .values(quantity=quantity, short=row.short + short, closed_at=None)
    )
    return short


async def _shrink(tx: Tx, row: sa.Row[Any], quantity: int) -> None:
    await tx.run(
        sa.update(reservation)
        .where(reservation.c.id == row.id)
        .values(
            quantity=quantity,
            released=min(row.released, quantity),
            counted=min(row.counted, quantity),
            short=min(row.short, quantity),
        )
    )
    await recount(tx, row.account_id, [row.sku])


async def count(
    tx: Tx, account: str, counted: Mapping[LineKey, int], observed_at: datetime
) -> frozenset[str]:
    """The warehouse was seen to have these units off its figure, at `observed_at` (after its answer came).

    A figure that went down again (stock unassigned) takes releases back at once. Returns SKUs that moved.
    """
    await lock_skus(tx, [sku for _, sku in counted])
    rows = await tx.all(
        sa.select(reservation).where(
            reservation.c.account_id == account,
            reservation.c.order_line_id.in_([line for line, _ in counted]),
        )
    )
    moved = set()
    for row in rows:
        units = min(counted.get((row.order_line_id, row.sku), row.counted), row.quantity)
        if units == row.counted:
            continue
        if units < row.released:
            moved.add(row.sku)
        await tx.run(
            sa.update(reservation)
            .where(reservation.c.id == row.id)
            .values(
                counted=units,
                counted_at=to_micros(observed_at) if units > row.counted else row.counted_at,
                released=min(row.released, units),
            )
        )
    await recount(tx, account, moved)
    return frozenset(moved)


async def release(
    tx: Tx, account: str, skus: Sequence[str], begun_at: datetime, lag: timedelta
) -> frozenset[str]:
    """A reading of these SKUs that began at `begun_at` leaves out what was counted before (less the lag).

    Returns the SKUs of which units were released.
    """
    await lock_skus(tx, skus)
    moved: set[str] = set()
    for part in _parts(skus):
        due = sa.and_(
            reservation.c.account_id == account,
            reservation.c.sku.in_(part),
            reservation.c.counted > reservation.c.released,
            reservation.c.counted_at < to_micros(begun_at - lag),
        )
        moved |= {row.sku for row in await tx.all(sa.select(reservation.c.sku).where(due).distinct())}
        await tx.run(sa.update(reservation).where(due).values(released=reservation.c.counted))
    await recount(tx, account, moved)
    return frozenset(moved)


async def recount(tx: Tx, account: str, skus: Iterable[str]) -> None:
    """Sum the open reservations of these SKUs again.

    The SKUs are held first: an UPDATE that waits for a row sums what was committed before it waited.
    """
    skus = sorted(set(skus))
    await lock_skus(tx, skus)
    held = (
        sa.select(sa.func.coalesce(sa.func.sum(reservation.c.quantity - reservation.c.released), 0))
        .where(reservation.c.account_id == account, reservation.c.sku == stock_level.c.sku)
        .scalar_subquery()
    )
    for part in _parts(skus):
        await tx.run(
            sa.update(stock_level)
            .where(
                stock_level.c.account_id == account,
                stock_level.c.sku.in_(part),
                stock_level.c.location == "",
                stock_level.c.quality == "good",
            )
            .values(reserved=held)
        )


async def expect(tx: Tx, account: str, sku: str) -> None:
    """Make sure that a figure's row is there to reserve on, its quantity unknown where it is new."""
    await tx.run(
        upsert(stock_level)
        .values(account_id=account, sku=sku, location="", quality="good", begun_at=0)
        .on_conflict_do_nothing()
    )


async def move(tx: Tx, keys: Sequence[LineKey], before: str, after: str) -> frozenset[str]:
    """These lines' units are held at another warehouse from now on, counted anew. Returns the SKUs."""
    await lock_skus(tx, [sku for _, sku in keys])
    for sku in sorted({sku for _, sku in keys}):
        await expect(tx, after, sku)
    for line, sku in keys:
        here = (reservation.c.order_line_id == line) & (reservation.c.sku == sku)
        await tx.run(
            sa.update(reservation)
            .where(here, reservation.c.account_id == before)
            .values(account_id=after, counted=0, counted_at=None, released=0)
        )
    skus = frozenset(sku for _, sku in keys)
    for account in (before, after):
        await recount(tx, account, skus)
    return skus


def _parts(skus: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (skus[start : start + size] for start in range(0, len(skus), size))
