"""Listings as read from storefronts, and the SKUs that each is bound to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.store import offer_contents, offer_states
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.exposure import lowered_to
from sync.store.locking import (
    lock_contents,
    lock_offers_of,
    lock_offers_of_variants,
    lock_prices,
    lock_states,
)
from sync.store.offer_prices import NOT_MANAGED
from sync.store.tables import (
    listing,
    listing_component,
    offer_content,
    offer_price,
    offer_quantity,
    offer_state,
)

_BATCH = 500
_FORM = 2
"""Of stored rows: another number has every listing stored again when it is read next."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What one piece of a listing takes: SKU → units; None with a reason where it is not bound."""

    components: Mapping[str, int] | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A stored listing, as the binding rules see it."""

    id: str
    account_id: AccountId
    remote: RemoteVariant
    bound: bool
    reason: str | None


async def save_page(
    tx: Tx, account: AccountId, variants: Sequence[RemoteVariant]
) -> tuple[Mapping[str, str], Mapping[str, str | None]]:
    """Store one page. Returns our id of every variant by the shop's, and the shop's ids to be bound (again).

    Those are what changed, and what is bound to nothing yet, that with the reason that is known already.
    """
    before = await _by_external(tx, account, [variant.external_id for variant in variants])
    ids: dict[str, str] = {}
    to_bind: dict[str, str | None] = {}
    changed: set[str] = set()
    rows = []
    for variant in variants:
        row = before.get(variant.external_id)
        ids[variant.external_id] = row.id if row is not None else tx.new_id()
        digest = _digest(variant)
        if row is None or row.content_hash != digest or row.gone_at is not None:
            changed.add(variant.external_id)
            to_bind[variant.external_id] = None
            rows.append(_row(tx, account, ids[variant.external_id], variant, digest))
        elif not row.bound:
            to_bind[variant.external_id] = row.unbound_reason
    insert = upsert(listing)
    kept = {"id", "account_id", "external_id", "bound", "unbound_reason"}
    columns = {column.name: insert.excluded[column.name] for column in listing.c if column.name not in kept}
    await tx.run(
        insert.on_conflict_do_update(index_elements=["account_id", "external_id"], set_=columns), rows
    )
    same = [row.id for name, row in before.items() if name not in changed]
    for start in range(0, len(same), _BATCH):
        await tx.run(
            sa.update(listing).where(listing.c.id.in_(same[start : start + _BATCH])).values(seen_at=tx.now())
        )
    return ids, to_bind


async def bind(tx: Tx, bounds: Mapping[str, Bound], config_version: str) -> frozenset[str]:
    """Store what listings (our ids) are bound to: rows that say so already are left alone.

    One that is bound to nothing any more keeps what its shop shows: its quantity is not ours. Returns the SKUs
    whose shares this moves, old and new.
    """
    before = await _components_of(tx, list(bounds))
    wanted = {one: dict(bound.components or {}) for one, bound in bounds.items()}
    moved = [one for one in bounds if before.get(one, {}) != wanted[one]]
    await tx.run(
        _SAY,
        [
            {
                "listing": one,
                "is_bound": int(bound.components is not None),
                "reason": bound.reason,
                "config": config_version,
            }
            for one, bound in bounds.items()
        ],
    )
    await tx.run(_UNBIND, [{"listing": one} for one in moved if one in before])
    await _let_go(tx, [one for one in moved if not wanted[one]])
    await tx.run(
        sa.insert(listing_component),
        [
            {"listing_id": one, "sku": sku, "units": units}
            for one in moved
            for sku, units in wanted[one].items()
        ],
    )
    return frozenset(sku for one in moved for sku in (*before.get(one, ()), *wanted[one]))


async def _let_go(tx: Tx, listing_ids: Sequence[str]) -> None:
    """No quantity is wanted of these listings: absent is not zero."""
    await lock_offers_of(tx, listing_ids)
    await tx.run(_LET_GO, [{"listing": one} for one in listing_ids])


_LET_GO = (
    sa.update(offer_quantity)
    .where(offer_quantity.c.listing_id == sa.bindparam("listing"), offer_quantity.c.desired.is_not(None))
    .values(desired=None)
)
_SAY = (
    sa.update(listing)
    .where(
        listing.c.id == sa.bindparam("listing"),
        sa.or_(
            listing.c.bound != sa.bindparam("is_bound", type_=sa.SmallInteger),
            listing.c.unbound_reason.is_distinct_from(sa.bindparam("reason", type_=sa.Text)),
            listing.c.config_version != sa.bindparam("config", type_=sa.Text),
        ),
    )
    .values(
        bound=sa.bindparam("is_bound", type_=sa.SmallInteger),
        unbound_reason=sa.bindparam("reason", type_=sa.Text),
        config_version=sa.bindparam("config", type_=sa.Text),
    )
)
_UNBIND = sa.delete(listing_component).where(listing_component.c.listing_id == sa.bindparam("listing"))


async def _components_of(tx: Tx, listing_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        for row in await tx.all(sa.select(listing_component).where(listing_component.c.listing_id.in_(part))):
            found.setdefault(row.listing_id, {})[row.sku] = row.units
    return found


async def note_shown(tx: Tx, account: AccountId, variants: Sequence[RemoteVariant]) -> None:
    """A listing that was never pushed to may be selling what the shop showed when it was read."""
    await lock_offers_of_variants(tx, account, [variant.external_id for variant in variants])
    await tx.run(
        sa.update(offer_quantity)
        .where(
            offer_quantity.c.account_id == sa.bindparam("shop"),
            offer_quantity.c.external_id == sa.bindparam("variant"),
            offer_quantity.c.ceiling.is_(None),
        )
        .values(ceiling=sa.bindparam("shown", type_=sa.BigInteger)),
        [
            {"shop": account, "variant": variant.external_id, "shown": max(0, variant.available)}
            for variant in variants
            if variant.available is not None
        ],
    )


async def skus_of(tx: Tx, listing_ids: Sequence[str]) -> frozenset[str]:
    """The SKUs that these listings sell."""
    found: set[str] = set()
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        rows = await tx.all(
            sa.select(listing_component.c.sku).where(listing_component.c.listing_id.in_(part)).distinct()
        )
        found |= {row.sku for row in rows}
    return frozenset(found)


async def set_published(tx: Tx, listing_ids: Sequence[str], published: bool) -> None:
    """The shop says that these listings are up, or down. They are stored anew when they are read next."""
    for start in range(0, len(listing_ids), _BATCH):
        here = listing.c.id.in_(listing_ids[start : start + _BATCH])
        await tx.run(sa.update(listing).where(here).values(published=int(published), content_hash=""))


async def of_products(tx: Tx, listing_ids: Sequence[str]) -> list[str]:
    """These listings and the others of their products, as far as they are there, in the order of our ids."""
    found: set[str] = set()
    mine = listing.alias("mine")
    same = sa.and_(
        listing.c.account_id == mine.c.account_id,
        listing.c.product_external_id == mine.c.product_external_id,
        sa.or_(mine.c.product_external_id != "", listing.c.id == mine.c.id),
    )
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        query = (
            sa.select(listing.c.id).join(mine, same).where(mine.c.id.in_(part), listing.c.gone_at.is_(None))
        )
        found |= {row.id for row in await tx.all(query.distinct())}
    return sorted(found)


async def unbound(tx: Tx, account: AccountId | None = None) -> Sequence[ListingRow]:
    """Listings that are not bound to any SKU and are still there."""
    where = [listing.c.bound == 0, listing.c.gone_at.is_(None)]
    if account is not None:
        where.append(listing.c.account_id == account)
    return [_stored(row) for row in await tx.all(sa.select(listing).where(*where))]


async def present(tx: Tx, account: AccountId, after: str, limit: int) -> Sequence[ListingRow]:
    """An account's listings in the order of our ids: for binding all of them again under new rules.

    In a writing transaction they are held: a page of the catalogue that is being stored may make one sell another
    SKU, and whoever bound it by what it was before would have the last word.
    """
    query = (
        sa.select(listing)
        .where(listing.c.account_id == account, listing.c.gone_at.is_(None), listing.c.id > after)
        .order_by(listing.c.id)
        .limit(limit)
    )
    if tx.beside_others:
        query = query.with_for_update(key_share=True)
    return [_stored(row) for row in await tx.all(query)]


async def components(tx: Tx, account: AccountId, variants: Sequence[str]) -> dict[str, dict[str, int]]:
    """The components of bound listings, by the shop's variant id."""
    found: dict[str, dict[str, int]] = {}
    for start in range(0, len(variants), _BATCH):
        rows = await tx.all(
            sa.select(listing.c.external_id, listing_component.c.sku, listing_component.c.units)
            .join(listing_component, listing_component.c.listing_id == listing.c.id)
            .where(
                listing.c.account_id == account,
                listing.c.external_id.in_(variants[start : start + _BATCH]),
                listing.c.bound == 1,
            )
        )
        for row in rows:
            found.setdefault(row.external_id, {})[row.sku] = row.units
    return found


async def not_seen_since(
    tx: Tx, account: AccountId, begun_at: datetime, limit: int
) -> Sequence[tuple[str, str]]:
    """(our id, the shop's) of listings that a sweep begun then did not meet: candidates, not facts."""
    rows = await tx.all(
        sa.select(listing.c.id, listing.c.external_id)
        .where(
            listing.c.account_id == account,
            listing.c.gone_at.is_(None),
            listing.c.seen_at < to_micros(begun_at),
        )
        .limit(limit)
    )
    return [(row.id, row.external_id) for row in rows]


async def count_present(tx: Tx, account: AccountId) -> int:
    """How many listings of an account are there."""
    return int(
        await tx.scalar(
            sa.select(sa.func.count())
            .select_from(listing)
            .where(listing.c.account_id == account, listing.c.gone_at.is_(None))
        )
        or 0
    )


async def mark_gone(tx: Tx, listing_ids: Sequence[str]) -> frozenset[str]:
    """The shop confirmed that it has no such variants. Returns the SKUs whose shares this moves."""
    rows = await tx.all(
        sa.select(listing_component.c.sku).where(listing_component.c.listing_id.in_(listing_ids)).distinct()
    )
    await lock_offers_of(tx, listing_ids)
    await tx.run(sa.update(listing).where(listing.c.id.in_(listing_ids)).values(gone_at=tx.now()))
    await tx.run(
        sa.update(offer_quantity)
        .where(offer_quantity.c.listing_id.in_(listing_ids))
        .values(desired=None, acked=None, **lowered_to(sa.literal(0, sa.BigInteger), tx.now()))
    )
    await lock_prices(tx, offer_price.c.listing_id, listing_ids)
    gone = sa.update(offer_price).where(offer_price.c.listing_id.in_(listing_ids))
    await tx.run(gone.values(acked=None, acked_at=None, **NOT_MANAGED))
    await lock_states(tx, listing_ids)
    states = sa.update(offer_state).where(offer_state.c.listing_id.in_(listing_ids))
    await tx.run(states.values(**offer_states.NOT_MANAGED))
    await lock_contents(tx, listing_ids)
    contents = sa.update(offer_content).where(offer_content.c.listing_id.in_(listing_ids))
    await tx.run(contents.values(**offer_contents.NOT_MANAGED))
    return frozenset(row.sku for row in rows)


async def _by_external(tx: Tx, account: AccountId, variants: Sequence[str]) -> dict[str, sa.Row[Any]]:
    found: dict[str, sa.Row[Any]] = {}
    for start in range(0, len(variants), _BATCH):
        rows = await tx.all(
            sa.select(
                listing.c.id,
                listing.c.external_id,
                listing.c.content_hash,
                listing.c.gone_at,
                listing.c.bound,
                listing.c.unbound_reason,
            ).where(
                listing.c.account_id == account,
                listing.c.external_id.in_(variants[start : start + _BATCH]),
            )
        )
        found |= {row.external_id: row for row in rows}
    return found


def _digest(variant: RemoteVariant) -> str:
    facts = (
        _FORM,
        variant.product_external_id,
        variant.sku,
        variant.gtin,
        variant.title,
        variant.published,
        variant.price,
        variant.currency,
        variant.price_includes_tax,
        variant.product_title,
        variant.description,
        variant.pictures,
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def _row(tx: Tx, account: AccountId, listing_id: str, variant: RemoteVariant, digest: str) -> dict[str, Any]:
    tax = variant.price_includes_tax
    return {
        "id": listing_id,
        "account_id": account,
        "external_id": variant.external_id,
        "product_external_id": variant.product_external_id,
        "remote_sku": variant.sku,
        "gtin": variant.gtin,
        "title": variant.title,
        "published": int(variant.published),
        "price": None if variant.price is None else str(variant.price),
        "currency": variant.currency,
        "price_includes_tax": None if tax is None else int(tax),
        "remote_available": variant.available,
        "content": variant.description,
        "content_hash": digest,
        "config_version": "",
        "seen_at": tx.now(),
        "gone_at": None,
        "product_title": variant.product_title,
    }


def _stored(row: sa.Row[Any]) -> ListingRow:
    remote = RemoteVariant(
        external_id=row.external_id,
        product_external_id=row.product_external_id,
        sku=row.remote_sku,
        title=row.title,
        gtin=row.gtin,
        published=bool(row.published),
        price=None if row.price is None else Decimal(row.price),
        currency=row.currency,
    )
    return ListingRow(row.id, AccountId(row.account_id), remote, bool(row.bound), row.unbound_reason)
