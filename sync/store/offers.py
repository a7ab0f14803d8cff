"""Desired and acknowledged quantities, side by side: what differs is unsent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.exposure import lowered_to
from sync.store.guarded import Condition, leaving_out
from sync.store.locking import lock_offers_of, lock_skus
from sync.store.tables import (
    account,
    listing,
    listing_component,
    offer_quantity,
)
from sync.store.tables.offers import order_caused_first, unsent_quantity

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Selling:
    """A listing that sells SKUs: everything that its share depends on."""

    listing_id: str
    account_id: AccountId
    account: str
    external_id: str
    live: bool
    published: bool
    components: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Desired:
    """A quantity that a listing shall show, with its terms; None while no warehouse has spoken."""

    listing_id: str
    account_id: AccountId
    external_id: str
    quantity: int | None
    terms: Mapping[str, object]


class UnsentOffer(msgspec.Struct, frozen=True, gc=False):
    """A quantity that the shop does not show yet. A Struct, for a thousand are made at a time."""

    id: str
    listing_id: str
    external_id: str
    location: str
    desired: int
    cause: str


async def selling(tx: Tx, skus: Sequence[str], *, mates: bool = True) -> list[Selling]:
    """Every bound, present listing that sells one of these SKUs, with all its components.

    In a writing transaction they stay as they are until it ends: a share is a part of what all of them sell. With
    their `mates` (see lock_skus), unless they are asked for as such.
    """
    await lock_skus(tx, skus, mates=mates)
    ids: set[str] = set()
    for start in range(0, len(skus), _BATCH):
        found = await tx.all(
            sa.select(listing_component.c.listing_id).where(
                listing_component.c.sku.in_(skus[start : start + _BATCH])
            )
        )
        ids |= {row.listing_id for row in found}
    result: list[Selling] = []
    ordered = sorted(ids)
    for start in range(0, len(ordered), _BATCH):
        result += await selling_of(tx, ordered[start : start + _BATCH])
    return sorted(result, key=lambda one: (one.account, one.external_id))


_SELLING = (
    sa.select(
        listing.c.id,
        listing.c.account_id,
        listing.c.external_id,
        listing.c.published,
        account.c.name,
        account.c.mode,
        listing_component.c.sku,
        listing_component.c.units,
    )
    .join(listing_component, listing_component.c.listing_id == listing.c.id)
    .join(account, account.c.id == listing.c.account_id)
    .where(listing.c.gone_at.is_(None), listing.c.bound == 1, account.c.removed_at.is_(None))
)


async def want(
    tx: Tx, desired: Sequence[Desired], *, cause: Callable[[Desired], str], config_version: str
) -> frozenset[AccountId]:
    """Store what listings shall show. Only what differs is written. Returns the accounts with unsent ones.

    `cause` says of each why it does.
    """
    present: dict[str, sa.Row[Any]] = {}
    desired = sorted(desired, key=lambda item: item.listing_id)
    ids = [item.listing_id for item in desired]
    await lock_offers_of(tx, ids)
    for start in range(0, len(ids), _BATCH):
        rows = await tx.all(
            sa.select(offer_quantity).where(offer_quantity.c.listing_id.in_(ids[start : start + _BATCH]))
        )
        present |= {row.listing_id: row for row in rows}
    unsent: set[AccountId] = set()
    fresh, changed, explained = [], [], []
    for item in desired:
        row = present.get(item.listing_id)
        terms = msgspec.json.encode(item.terms, order="deterministic").decode()
        if row is None:
            fresh.append(_new(tx, item, terms, cause(item), config_version))
        elif row.desired != item.quantity:
            changed.append(_change(tx, row, item, terms, cause(item), config_version))
        elif row.terms != terms:
            explained.append({"offer": row.id, "new_terms": terms})
        if item.quantity is not None and (row is None or row.acked != item.quantity):
            unsent.add(item.account_id)
    await tx.run(upsert(offer_quantity).on_conflict_do_nothing(), fresh)
    await tx.run(_CHANGE, changed)
    await tx.run(_EXPLAIN, explained)
    return frozenset(unsent)


_CHANGE = (
    sa.update(offer_quantity)
    .where(offer_quantity.c.id == sa.bindparam("offer"))
    .values(
        desired=sa.bindparam("quantity", type_=sa.BigInteger),
        terms=sa.bindparam("new_terms"),
        cause=sa.bindparam("why"),
        changed_at=sa.bindparam("since", type_=sa.BigInteger),
        config_version=sa.bindparam("config"),
        retry_at=None,
    )
)
_EXPLAIN = (
    sa.update(offer_quantity)
    .where(offer_quantity.c.id == sa.bindparam("offer"))
    .values(terms=sa.bindparam("new_terms"))
)


def _new(tx: Tx, item: Desired, terms: str, cause: str, config_version: str) -> dict[str, Any]:
    return {
        "id": tx.new_id(),
        "account_id": item.account_id,
        "listing_id": item.listing_id,
        "external_id": item.external_id,
        "desired": item.quantity,
        "terms": terms,
        "cause": cause,
        "changed_at": tx.now(),
        "config_version": config_version,
    }


def _change(
    tx: Tx, row: sa.Row[Any], item: Desired, terms: str, cause: str, config_version: str
) -> dict[str, Any]:
    waiting = row.desired is not None and row.desired != row.acked and row.changed_at is not None
    lowered = cause == "order" or (row.cause == "order" and waiting)
    return {
        "offer": row.id,
        "quantity": item.quantity,
        "new_terms": terms,
        "why": "order" if lowered else cause,
        "since": row.changed_at if waiting else tx.now(),
        "config": config_version,
    }


async def unsent(
    tx: Tx, account_id: AccountId, limit: int, without: Sequence[Condition] = ()
) -> list[UnsentOffer]:
    """Quantities to send now: order-caused ones first, then the oldest; refused values are left out.

    `without` are conditions of what waits for a person: it starves none behind it.
    """
    rows = await tx.all(unsent_at(account_id, limit, tx.now(), without))
    return [UnsentOffer(*tuple(row)) for row in rows]


def unsent_at(
    account_id: AccountId, limit: int, now: int, without: Sequence[Condition] = ()
) -> sa.Select[Any]:
    """The query of `unsent`. Its index holds every column that it reads: keep the two together."""
    c = offer_quantity.c
    return (
        sa.select(c.id, c.listing_id, c.external_id, c.location, c.desired, c.cause)
        .where(
            unsent_quantity,
            c.account_id == account_id,
            sa.or_(c.retry_at.is_(None), c.retry_at <= now),
            c.rejected.is_distinct_from(c.desired),
            *leaving_out(without),
        )
        .order_by(order_caused_first, c.changed_at)
        .limit(limit)
    )


async def still(tx: Tx, offer_ids: Sequence[str]) -> list[UnsentOffer]:
    """What these offers shall show now: it may have changed since they were read."""
    c = offer_quantity.c
    rows = await tx.all(
        sa.select(c.id, c.listing_id, c.external_id, c.location, c.desired, c.cause).where(
            c.id.in_(offer_ids), c.desired.is_not(None)
        )
    )
    return [UnsentOffer(*tuple(row)) for row in rows]


async def selling_of(tx: Tx, listing_ids: Sequence[str]) -> list[Selling]:
    """These listings, with their components."""
    found: dict[str, tuple[Any, dict[str, int]]] = {}
    for row in await tx.all(_SELLING.where(listing.c.id.in_(listing_ids))):
        found.setdefault(row.id, (row, {}))[1][row.sku] = row.units
    return [_selling(row, parts) for row, parts in found.values()]


def _selling(row: Any, parts: Mapping[str, int]) -> Selling:
    return Selling(
        row.id,
        AccountId(row.account_id),
        row.name,
        row.external_id,
        live=row.mode == "live",
        published=bool(row.published),
        components=parts,
    )


async def acknowledge(tx: Tx, echoed: Mapping[str, int]) -> None:
    """What the shop says it sells now, by offer id: its word, not what we sent.

    An offer whose desired value has moved meanwhile, or whose echo differs, stays unsent by itself.
    """
    await tx.run(
        sa.update(offer_quantity)
        .where(offer_quantity.c.id == sa.bindparam("offer"))
        .values(
            acked=sa.bindparam("echo", type_=sa.BigInteger),
            acked_at=tx.now(),
            **lowered_to(sa.bindparam("most", type_=sa.BigInteger), tx.now()),
            rejected=None,
            rejected_reason=None,
        ),
        [{"offer": offer, "echo": echo, "most": max(0, echo)} for offer, echo in echoed.items()],
    )


async def refuse(tx: Tx, offer: str, quantity: int, reason: str) -> None:
    """The shop refused this value: it is kept, shown, and not sent again unchanged."""
    await tx.run(
        sa.update(offer_quantity)
        .where(offer_quantity.c.id == offer)
        .values(rejected=quantity, rejected_reason=reason)
    )


async def postpone(tx: Tx, offers: Sequence[str], until: int) -> None:
    """Try these again later (microseconds)."""
    await tx.run(
        sa.update(offer_quantity)
        .where(offer_quantity.c.id == sa.bindparam("offer"))
        .values(retry_at=sa.bindparam("until", type_=sa.BigInteger)),
        [{"offer": offer, "until": until} for offer in offers],
    )


async def all_bound_skus(tx: Tx, after: str, limit: int) -> list[str]:
    """SKUs that any listing sells, in order: for a full recompute in slices."""
    rows = await tx.all(
        sa.select(listing_component.c.sku)
        .where(listing_component.c.sku > after)
        .distinct()
        .order_by(listing_component.c.sku)
        .limit(limit)
    )
    return [row.sku for row in rows]
