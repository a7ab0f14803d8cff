"""What a page of orders will touch, held before anything of it is written: see sync.store.locking."""

from collections.abc import Sequence

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.domain.orders import RemoteOrder
from sync.store.database import Tx
from sync.store.locking import lock_levels, lock_offers_of_variants, lock_orders
from sync.store.tables import customer_order, listing, listing_component

_BATCH = 500


async def hold_page(tx: Tx, account_id: AccountId, page: Sequence[RemoteOrder]) -> None:
    """Hold the page's orders, the figures that they reserve of, and the offers that they change."""
    if not tx.beside_others:
        return
    names = sorted({remote.external_id for remote in page})
    await tx.alone("order", *(f"{account_id}:{name}" for name in names))
    for start in range(0, len(names), _BATCH):
        part = customer_order.c.external_id.in_(names[start : start + _BATCH])
        await lock_orders(tx, part & (customer_order.c.account_id == account_id))
    variants = sorted({line.variant_external_id for one in page for line in one.lines} - {None}, key=str)
    await lock_levels(tx, await _skus(tx, account_id, variants))
    await lock_offers_of_variants(tx, account_id, [str(variant) for variant in variants])


async def _skus(tx: Tx, account_id: AccountId, variants: Sequence[str | None]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(variants), _BATCH):
        rows = await tx.all(
            sa.select(listing_component.c.sku)
            .join(listing, listing.c.id == listing_component.c.listing_id)
            .where(
                listing.c.account_id == account_id,
                listing.c.external_id.in_(variants[start : start + _BATCH]),
            )
        )
        found |= {row.sku for row in rows}
    return found
