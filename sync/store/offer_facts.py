"""What is known of listings for rules about prices: their components, what suppliers ask, and what was sold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.tables import (
    account,
    customer_order,
    listing,
    listing_component,
    offer_price,
    order_line,
    supplier_offer,
)
from sync.store.tables.offers import price_capped

_BATCH = 500
BETWEEN = "\n"
"""Between the names of the promotions in `offer_price.capped`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A bound, present listing, as the shop showed it last. `price` is in major units of `currency`."""

    listing_id: str
    account_id: AccountId
    account: str
    external_id: str
    currency: str | None
    includes_tax: bool | None
    price: Decimal | None
    components: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Supplied:
    """One row of a supplier's list that leads to a SKU. `cost` is Decimal text; `stock` None: not known."""

    sku: str
    account_id: AccountId
    cost: str | None
    currency: str | None
    stock: int | None


async def listed(tx: Tx, listing_ids: Sequence[str]) -> list[Listed]:
    """Those of them that are bound and present, in the order of their ids."""
    found: dict[str, tuple[sa.Row[Any], dict[str, int]]] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        for row in await tx.all(_LISTED.where(listing.c.id.in_(part))):
            found.setdefault(row.id, (row, {}))[1][row.sku] = row.units
    return [_listed(*found[key]) for key in sorted(found)]


_LISTED = (
    sa.select(
        listing.c.id,
        listing.c.account_id,
        listing.c.external_id,
        listing.c.currency,
        listing.c.price,
        listing.c.price_includes_tax,
        account.c.name,
        listing_component.c.sku,
        listing_component.c.units,
    )
    .join(listing_component, listing_component.c.listing_id == listing.c.id)
    .join(account, account.c.id == listing.c.account_id)
    .where(listing.c.gone_at.is_(None), listing.c.bound == 1, account.c.removed_at.is_(None))
)


def _listed(row: sa.Row[Any], parts: Mapping[str, int]) -> Listed:
    tax = row.price_includes_tax
    return Listed(
        listing_id=row.id,
        account_id=AccountId(row.account_id),
        account=row.name,
        external_id=row.external_id,
        currency=row.currency,
        includes_tax=None if tax is None else bool(tax),
        price=None if row.price is None else Decimal(row.price),
        components=parts,
    )


async def skus_of(tx: Tx, listing_ids: Sequence[str]) -> list[str]:
    """The SKUs that these listings sell."""
    found: set[str] = set()
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        query = sa.select(listing_component.c.sku).where(listing_component.c.listing_id.in_(part)).distinct()
        found |= {row.sku for row in await tx.all(query)}
    return sorted(found)


async def listings_of(tx: Tx, skus: Sequence[str]) -> list[str]:
    """The listings that sell one of these SKUs, in the order of their ids."""
    found: set[str] = set()
    for start in range(0, len(skus), _BATCH):
        part = skus[start : start + _BATCH]
        query = sa.select(listing_component.c.listing_id).where(listing_component.c.sku.in_(part)).distinct()
        found |= {row.listing_id for row in await tx.all(query)}
    return sorted(found)


async def supplied(tx: Tx, skus: Sequence[str]) -> dict[str, list[Supplied]]:
    """By SKU: what suppliers' lists say of it, in the order of their accounts and codes."""
    found: dict[str, list[Supplied]] = {}
    for start in range(0, len(skus), _BATCH):
        rows = await tx.all(
            sa.select(supplier_offer)
            .where(supplier_offer.c.sku.in_(skus[start : start + _BATCH]))
            .order_by(supplier_offer.c.account_id, supplier_offer.c.code)
        )
        for row in rows:
            one = Supplied(row.sku, AccountId(row.account_id), row.cost, row.currency, row.stock)
            found.setdefault(row.sku, []).append(one)
    return found


async def asked(tx: Tx, supplier: AccountId, codes: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """By code: what a supplier's list says of it that prices rest on, to be compared with itself later."""
    found: dict[str, tuple[object, ...]] = {}
    c = supplier_offer.c
    for start in range(0, len(codes), _BATCH):
        query = sa.select(c.code, c.sku, c.cost, c.currency, (c.stock <= 0).label("out"))
        part = codes[start : start + _BATCH]
        for row in await tx.all(query.where(c.account_id == supplier, c.code.in_(part))):
            found[row.code] = (row.sku, row.cost, row.currency, bool(row.out))
    return found


def moved(
    before: Mapping[str, tuple[object, ...]], after: Mapping[str, tuple[object, ...]]
) -> frozenset[str]:
    """The SKUs, old and new, of codes of which a list says something else than before."""
    turned = [code for code in {*before, *after} if before.get(code) != after.get(code)]
    found = {said[code][0] for said in (before, after) for code in turned if code in said}
    return frozenset(str(sku) for sku in found if sku is not None)


async def capped(tx: Tx, accounts: Collection[AccountId]) -> frozenset[str]:
    """What `offer_price.capped` says in these shops: sets of promotions whose units are limited."""
    query = sa.select(offer_price.c.capped).where(price_capped, offer_price.c.account_id.in_(accounts))
    return frozenset(row.capped for row in await tx.all(query.distinct()))


async def capped_shops(tx: Tx) -> list[AccountId]:
    """The shops that have listings in promotions whose units are limited."""
    rows = await tx.all(sa.select(offer_price.c.account_id).where(price_capped).distinct())
    return sorted(AccountId(row.account_id) for row in rows)


async def in_promotions(tx: Tx, shop: AccountId, sets: Collection[str], after: str, limit: int) -> list[str]:
    """Listings of a shop in these sets of promotions, by id, behind `after`."""
    c = offer_price.c
    query = sa.select(c.listing_id).where(c.account_id == shop, price_capped, c.capped.in_(sets))
    rows = await tx.all(query.where(c.listing_id > after).order_by(c.listing_id).limit(limit))
    return [row.listing_id for row in rows]


async def sold(tx: Tx, promotion: str, accounts: Collection[AccountId], since: datetime) -> int:
    """Pieces of the listings in a promotion that were ordered in these shops since then and are still wanted.

    Orders from before an account went live are left out, and so are units that were cancelled.
    """
    sets = [one for one in await capped(tx, accounts) if promotion in one.split(BETWEEN)]
    if not sets:
        return 0
    query = _SOLD.where(
        customer_order.c.account_id.in_(accounts),
        customer_order.c.placed_at >= to_micros(since),
        offer_price.c.capped.in_(sets),
    )
    return int(await tx.scalar(query) or 0)


_SOLD = (
    sa.select(sa.func.sum(order_line.c.quantity))
    .select_from(customer_order)
    .join(order_line, order_line.c.order_id == customer_order.c.id)
    .join(
        offer_price,
        sa.and_(
            offer_price.c.account_id == customer_order.c.account_id,
            offer_price.c.external_id == order_line.c.variant_external_id,
        ),
    )
    .where(customer_order.c.state != "history", customer_order.c.status.not_in(("cancelled", "gone")))
)
