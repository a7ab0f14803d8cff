"""What stored data know of the names that rules use: SKUs, listings, carriers, tags, shipping methods. Reads only."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.domain.sku import normal_sku
from sync.store.database import Tx
from sync.store.tables import account, customer_order, flow_state, listing, parcel, supplier_offer, variant

_BATCH = 400
_LISTINGS = 5_000
_ORDER = customer_order.c
Named = tuple[str, str]
"""(shop's account name, a listing as an override names it: its id, `product/variant`, or `sku=` and a SKU)."""


async def read_whole(tx: Tx, accounts: Collection[AccountId], flow: str) -> frozenset[AccountId]:
    """Those of the accounts that a flow has read to the end at least once: only then absence says something."""
    c = flow_state.c
    query = sa.select(c.account_id).where(c.flow == flow, c.last_success_begun_at.is_not(None))
    return frozenset(AccountId(row.account_id) for row in await tx.all(query)) & frozenset(accounts)


async def skus(tx: Tx) -> frozenset[str]:
    """Every SKU that a warehouse carries or a supplier lists."""
    listed = sa.select(supplier_offer.c.sku).where(supplier_offer.c.sku.is_not(None))
    return frozenset(row.sku for row in await tx.all(sa.union(sa.select(variant.c.sku), listed)))


async def carried(tx: Tx, wanted: Collection[str]) -> frozenset[str]:
    """Those of these SKUs, some few, that a warehouse carries or a supplier lists."""
    here = sa.select(variant.c.sku).where(variant.c.sku.in_(wanted))
    listed = sa.select(supplier_offer.c.sku).where(supplier_offer.c.sku.in_(wanted))
    return frozenset(row.sku for row in await tx.all(sa.union(here, listed)))


async def never_listed(tx: Tx, wanted: Collection[str]) -> frozenset[str]:
    """Those of these SKUs, none of which a warehouse carries, that no listing ever had as the shop's own SKU.

    All listings are looked at once, in slices: there may be a million of them.
    """
    c, left, after = listing.c, set(wanted), ""
    carried = sa.exists().where(variant.c.sku == c.remote_sku)
    query = sa.select(c.id, c.remote_sku).where(c.remote_sku.is_not(None), ~carried).order_by(c.id)
    while left:
        rows = await tx.all(query.where(c.id > after).limit(_LISTINGS))
        left -= {normal_sku(row.remote_sku) for row in rows}
        if len(rows) < _LISTINGS:
            break
        after = rows[-1].id
    return frozenset(left)


async def listings_named(tx: Tx, wanted: Collection[Named]) -> frozenset[Named]:
    """Those of them that a shop has, by any of their names."""
    by_shop: dict[str, list[str]] = defaultdict(list)
    for shop, name in sorted(wanted):
        by_shop[shop].append(name)
    found: set[Named] = set()
    for shop, names in by_shop.items():
        for start in range(0, len(names), _BATCH):
            found |= {(shop, name) for name in await _there(tx, shop, names[start : start + _BATCH])}
    return frozenset(found)


async def _there(tx: Tx, shop: str, names: Sequence[str]) -> set[str]:
    variants = {name.rpartition("/")[2] for name in names} | set(names)
    skus = {name.removeprefix("sku=") for name in names if name.startswith("sku=")}
    c = listing.c
    query = (
        sa.select(c.external_id, c.product_external_id, c.remote_sku)
        .join(account, account.c.id == c.account_id)
        .where(account.c.name == shop, c.gone_at.is_(None))
        .where(sa.or_(c.external_id.in_(sorted(variants)), sa.func.trim(c.remote_sku).in_(sorted(skus))))
    )
    there: set[str] = set()
    for row in await tx.all(query):
        there |= {row.external_id, f"{row.product_external_id}/{row.external_id}"}
        there |= {f"sku={normal_sku(row.remote_sku) or ''}"}
    return there & set(names)


async def carriers(tx: Tx, since: int) -> Mapping[str, frozenset[str]]:
    """By courier account: the carriers of its parcels made since a moment (microseconds)."""
    query = (
        sa.select(account.c.name, parcel.c.carrier)
        .join(account, account.c.id == parcel.c.courier_id)
        .where(parcel.c.created_at >= since, parcel.c.carrier != "")
        .distinct()
    )
    found: dict[str, set[str]] = defaultdict(set)
    for row in await tx.all(query):
        found[row.name].add(row.carrier)
    return {name: frozenset(all_of_them) for name, all_of_them in found.items()}


async def words(tx: Tx, since: int) -> tuple[frozenset[str], frozenset[str]]:
    """(tags, shipping methods) of the orders placed since a moment (microseconds)."""
    recent = _ORDER.placed_at >= since
    rows = await tx.all(sa.select(_ORDER.tags).where(recent).distinct())
    tags = {str(tag) for row in rows if row.tags for tag in json.loads(row.tags)}
    services = {row.service for row in await tx.all(sa.select(_ORDER.service).where(recent).distinct())}
    return frozenset(tags), frozenset(services - {""})


async def newest_orders(
    tx: Tx, accounts: Sequence[AccountId], since: int, before: str | None, limit: int
) -> list[str]:
    """A slice of these shops' orders placed since a moment, by our ids, the newest first, older than `before`."""
    query = sa.select(_ORDER.id).where(_ORDER.account_id.in_(accounts), _ORDER.placed_at >= since)
    if before is not None:
        query = query.where(_ORDER.id < before)
    return [row.id for row in await tx.all(query.order_by(_ORDER.id.desc()).limit(limit))]


async def bound_listings(tx: Tx, accounts: Sequence[AccountId], after: str, limit: int) -> list[str]:
    """A slice of the present, bound listings of these shops, by our ids, behind `after`."""
    c = listing.c
    query = sa.select(c.id).where(c.account_id.in_(accounts), c.id > after, c.gone_at.is_(None), c.bound == 1)
    return [row.id for row in await tx.all(query.order_by(c.id).limit(limit))]
