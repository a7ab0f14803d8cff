"""Whom a writing transaction waits for on PostgreSQL, where writers run beside one another.

    orders   the order's row stands for everything that belongs to it: fulfilments, parcels, holds, reservations
    skus     a SKU's row stands for what is promised of it: figures, reservations, and what listings may show
    offers   what a listing shall show and what its shop says
    names    where there is no row yet: `Tx.alone`

Always in this order, and each kind in sorted order, so that two transactions seldom wait for one another. Every lock
is FOR NO KEY UPDATE: whoever writes a row that refers to an order (an event, a parcel) holds that order's key, and
FOR UPDATE would wait for that writer while it waits for the order. Where two wait for one another all the same,
PostgreSQL ends one of them, and its pass is run again. What a decision rests on is read after it is held: whoever
changes any of it holds the same rows before it ends. On SQLite, which has one writer, and in a reading transaction
nothing happens here.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.tables import (
    customer_order,
    listing_component,
    offer_content,
    offer_price,
    offer_quantity,
    offer_state,
    variant,
)

_BATCH = 500


async def lock_orders(tx: Tx, where: sa.ColumnElement[bool]) -> None:
    """Hold the rows of the orders that match until the transaction ends."""
    if tx.beside_others:
        query = sa.select(customer_order.c.id).where(where).order_by(customer_order.c.id)
        await tx.all(query.with_for_update(key_share=True))


async def lock_skus(tx: Tx, skus: Iterable[str], *, mates: bool = True) -> None:
    """Hold these SKUs until the transaction ends; those that nobody has named stay unnamed until then.

    With their `mates`, which a listing sells together with one of them: what a bundle may show rests on all of its
    parts, so whoever works it out needs them, too. Held later, after other SKUs, they would be out of order.

    Not the figures' rows: of a SKU that several places carry, one may have its first figure while another's is
    held, and who has waited would not see that it holds less than it reads.
    """
    if not tx.beside_others:
        return
    wanted = set(skus)
    if mates:
        wanted |= await _mates(tx, sorted(wanted))
    unnamed = wanted - await _hold_skus(tx, wanted)
    if unnamed:
        await lock_new_skus(tx)
        await _hold_skus(tx, unnamed)


async def _mates(tx: Tx, skus: list[str]) -> set[str]:
    mine, theirs = listing_component.alias("mine"), listing_component.alias("theirs")
    found: set[str] = set()
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(theirs.c.sku)
            .join(mine, mine.c.listing_id == theirs.c.listing_id)
            .where(mine.c.sku.in_(skus[start : start + _BATCH]))
            .distinct()
        )
        found |= {row.sku for row in rows}
    return found


async def _hold_skus(tx: Tx, skus: set[str]) -> set[str]:
    found: set[str] = set()
    ordered = sorted(skus)
    for start in range(0, len(ordered), _BATCH):
        query = sa.select(variant.c.sku).where(variant.c.sku.in_(ordered[start : start + _BATCH]))
        rows = await tx.all(query.order_by(variant.c.sku).with_for_update(key_share=True))
        found |= {row.sku for row in rows}
    return found


async def lock_new_skus(tx: Tx) -> None:
    """Keep others from naming a SKU for the first time, or from resting on its absence, until we end.

    There is no row to hold yet. A SKU's first figure and the first listing or order line that wants it, written at
    once, would each miss the other, and the listing would stay unbound. One name for all: whoever names a SKU looks
    at every listing that is unbound.
    """
    await tx.alone("sku", "new")


async def lock_offers(tx: Tx, offers: Iterable[str]) -> None:
    """Hold the rows of these offers (their ids)."""
    await _hold_offers(tx, offer_quantity.c.id, offers)


async def lock_offers_of(tx: Tx, listings: Iterable[str]) -> None:
    """Hold the rows of these listings' offers."""
    await _hold_offers(tx, offer_quantity.c.listing_id, listings)


async def lock_offers_of_variants(tx: Tx, account_id: AccountId, variants: Iterable[str]) -> None:
    """Hold the rows of the offers of these variants of a shop."""
    shops = offer_quantity.c.account_id == account_id
    await _hold_offers(tx, offer_quantity.c.external_id, variants, shops)


async def lock_prices(tx: Tx, column: sa.ColumnElement[str], values: Iterable[str]) -> None:
    """Hold the prices whose `column` of offer_price has one of these values; after SKUs and quantities."""
    if not tx.beside_others:
        return
    wanted = sorted(set(values))
    found: list[str] = []
    for start in range(0, len(wanted), _BATCH):
        query = sa.select(offer_price.c.id).where(column.in_(wanted[start : start + _BATCH]))
        found += [row.id for row in await tx.all(query)]
    found.sort()
    for start in range(0, len(found), _BATCH):
        query = sa.select(offer_price.c.id).where(offer_price.c.id.in_(found[start : start + _BATCH]))
        await tx.all(query.order_by(offer_price.c.id).with_for_update(key_share=True))


async def lock_states(tx: Tx, listings: Iterable[str]) -> None:
    """Hold whether these listings shall be up; after SKUs, quantities and prices."""
    await _hold_of_listings(tx, offer_state, listings)


async def lock_contents(tx: Tx, listings: Iterable[str]) -> None:
    """Hold what these listings shall say; last of all."""
    await _hold_of_listings(tx, offer_content, listings)


async def _hold_of_listings(tx: Tx, table: sa.Table, listings: Iterable[str]) -> None:
    if not tx.beside_others:
        return
    wanted = sorted(set(listings))
    for start in range(0, len(wanted), _BATCH):
        query = sa.select(table.c.id).where(table.c.listing_id.in_(wanted[start : start + _BATCH]))
        await tx.all(query.order_by(table.c.listing_id).with_for_update(key_share=True))


async def _hold_offers(
    tx: Tx, column: sa.ColumnElement[str], values: Iterable[str], *where: sa.ColumnElement[bool]
) -> None:
    """By the offers' ids, whatever they are found by: one order for every writer."""
    if not tx.beside_others:
        return
    wanted = sorted(set(values))
    found: list[str] = []
    for start in range(0, len(wanted), _BATCH):
        query = sa.select(offer_quantity.c.id).where(column.in_(wanted[start : start + _BATCH]), *where)
        found += [row.id for row in await tx.all(query)]
    found.sort()
    for start in range(0, len(found), _BATCH):
        query = sa.select(offer_quantity.c.id).where(offer_quantity.c.id.in_(found[start : start + _BATCH]))
        await tx.all(query.order_by(offer_quantity.c.id).with_for_update(key_share=True))
