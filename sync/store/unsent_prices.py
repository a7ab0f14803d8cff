"""Prices that are to be sent, that come due by time, or that wait for something: what pushes look for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.ids import AccountId
from sync.domain.plan import Field
from sync.domain.price_push import UnsentPrice, promotions_of
from sync.store import guarded
from sync.store.database import Tx
from sync.store.locking import lock_prices
from sync.store.offer_prices import bound
from sync.store.tables import offer_price
from sync.store.tables.offers import price_in_time, price_missing, unsent_price

_BATCH = 500
_REASONS = 20
_C = offer_price.c


@dataclass(frozen=True, slots=True)
class Kept:
    """From where the day's moves of a price are measured, since when (microseconds), and what its shop shows."""

    base: str | None
    base_at: int | None
    acked: str | None
    terms: str

    @property
    def promoted(self) -> bool:
        """Whether a promotion made it what it is to be."""
        return bool(promotions_of(msgspec.json.decode(self.terms or "{}")))


@dataclass(frozen=True, slots=True)
class Missing:
    """Listings of one shop whose price cannot be worked out for one reason."""

    what: str
    count: int
    first: tuple[str, ...]
    """The shop's ids of some."""


@dataclass(frozen=True, slots=True)
class UnderFloor:
    """A price below its floor, or below what may be advertised."""

    listing: str
    variant: str
    """The shop's id."""
    price: str
    acked: str | None
    """What the shop said last that it asks."""
    currency: str
    least: str
    """The lowest price that would be sent."""


async def unsent(
    tx: Tx, account: AccountId, limit: int, without: Sequence[sa.ColumnElement[bool]] = ()
) -> list[UnsentPrice]:
    """Prices to send now, the oldest change first; refused values, and those of `without`, are left out."""
    rows = await tx.all(
        sa.select(*(_C[name] for name in UnsentPrice.__struct_fields__))
        .where(
            unsent_price,
            _C.account_id == account,
            sa.or_(_C.retry_at.is_(None), _C.retry_at <= tx.now()),
            _C.rejected.is_distinct_from(_C.desired),
            *(sa.not_(condition) for condition in without),
        )
        .order_by(_C.changed_at, _C.id)
        .limit(limit)
    )
    return [UnsentPrice(*tuple(row)) for row in rows]


async def still(tx: Tx, offers: Sequence[str]) -> list[UnsentPrice]:
    """Which of these are unsent now, as they are now; a writer holds them."""
    await lock_prices(tx, _C.id, offers)
    found: list[UnsentPrice] = []
    for start in range(0, len(offers), _BATCH):
        rows = await tx.all(
            sa.select(*(_C[name] for name in UnsentPrice.__struct_fields__))
            .where(
                unsent_price,
                _C.id.in_(offers[start : start + _BATCH]),
                _C.rejected.is_distinct_from(_C.desired),
            )
            .order_by(_C.changed_at, _C.id)
        )
        found += [UnsentPrice(*tuple(row)) for row in rows]
    return found


async def count_unsent(tx: Tx, account: AccountId) -> int:
    """How many prices of a shop are not there yet, refused ones too."""
    query = sa.select(sa.func.count()).select_from(offer_price).where(unsent_price, _C.account_id == account)
    return int(await tx.scalar(query) or 0)


async def kept(tx: Tx, listing_ids: Sequence[str]) -> dict[str, Kept]:
    """By listing: what is kept of its price."""
    found: dict[str, Kept] = {}
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        query = sa.select(_C.listing_id, _C.base, _C.base_at, _C.acked, _C.terms)
        for row in await tx.all(query.where(_C.listing_id.in_(part))):
            found[row.listing_id] = Kept(row.base, row.base_at, row.acked, row.terms)
    return found


async def due(tx: Tx, account: AccountId, limit: int) -> list[str]:
    """Listings whose price may change by time now, the one due first first."""
    rows = await tx.all(
        sa.select(_C.listing_id)
        .where(price_in_time, _C.account_id == account, _C.next_at <= tx.now())
        .order_by(_C.next_at)
        .limit(limit)
    )
    return [row.listing_id for row in rows]


async def next_at(tx: Tx, account: AccountId) -> datetime | None:
    """When a price of the shop may change by time next."""
    query = sa.select(sa.func.min(_C.next_at)).where(price_in_time, _C.account_id == account)
    found = await tx.scalar(query)
    return None if found is None else from_micros(found)


async def missing(tx: Tx, account: AccountId, sample: int) -> list[Missing]:
    """By what is missing: how many listings lack it, and some of them. Of very many reasons, the largest."""
    here = sa.and_(price_missing, _C.account_id == account)
    groups = await tx.all(
        sa.select(_C.missing, sa.func.count().label("listings"))
        .where(here)
        .group_by(_C.missing)
        .order_by(sa.func.count().desc(), _C.missing)
        .limit(_REASONS)
    )
    result = []
    for group in sorted(groups, key=lambda row: str(row.missing)):
        query = sa.select(_C.external_id).where(here, _C.missing == group.missing)
        first = await tx.all(query.order_by(_C.external_id).limit(sample))
        result.append(Missing(group.missing, group.listings, tuple(row.external_id for row in first)))
    return result


async def under_floor(tx: Tx, account: AccountId, limit: int, also: Sequence[str] = ()) -> list[UnderFloor]:
    """Unsent prices that no approval lets out: so many of a shop, and all of the listings `also` (our ids)."""
    least = guarded.LEAST.label("least")
    query = (
        sa.select(_C.listing_id, _C.external_id, _C.desired, _C.acked, _C.currency, least)
        .where(_C.account_id == account, unsent_price, *guarded.never(Field.PRICE))
        .order_by(_C.changed_at, _C.id)
    )
    async with guarded.by_index(tx):
        rows = list(await tx.all(query.limit(limit)))
        for start in range(0, len(also), _BATCH):
            rows += await tx.all(query.where(_C.listing_id.in_(also[start : start + _BATCH])))
    found = {row.listing_id: UnderFloor(*tuple(row)) for row in rows}
    return list(found.values())


async def keep_base(tx: Tx, bases: Iterable[tuple[str, str | None, int | None]]) -> None:
    """(offer, price, since when) from which the day's moves are measured, before they are sent."""
    await tx.run(
        sa.update(offer_price).where(_C.id == sa.bindparam("offer")).values(**bound("base", "base_at")),
        [{"offer": offer, "new_base": base, "new_base_at": at} for offer, base, at in bases],
    )
