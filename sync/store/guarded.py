"""Which unsent changes a guard counts, and so keeps from going out: as conditions of the very queries that send.

A change that waits is left out in SQL, so that it starves none behind it. No condition looks at what was: only
at desired beside acknowledged, at the cause, and at what a person approved of this one record.

    quantities  not what an order caused, or a reserve's clock. Less to sell counts only where the rules were
                changed, or nothing is left: with a lower figure, or another shop that sells it too, holding it
                back would oversell. Where that other shop gets the last of it, even nothing left does not count.
    prices      not where only the struck-out price differs; the first one that we set is a change from what the
                listing was read to cost, so it may move too far, but is none of many that change at once; nor
                what a promotion's start or end has made, whose hour stands in the rules
    states      only what was up and shall be down
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from sync.domain.guards import PRICE_WINDOW, Guard, Guards
from sync.domain.ids import AccountId
from sync.domain.plan import Field
from sync.store.database import Tx
from sync.store.dialect import json_text
from sync.store.tables import listing, offer_price, offer_quantity, offer_state
from sync.store.tables.offers import order_caused_first, unsent_price, unsent_quantity, unsent_state

Condition = sa.ColumnElement[bool]
GUARDS: Mapping[Field, tuple[Guard, ...]] = {
    Field.QUANTITY: (Guard.GOING_TO_ZERO, Guard.QUANTITIES_CHANGING),
    Field.PRICE: (Guard.PRICE_MOVE, Guard.PRICES_CHANGING),
    Field.STATE: (Guard.GOING_DOWN,),
}
_TABLES: Mapping[Field, tuple[sa.Table, Condition]] = {
    Field.QUANTITY: (offer_quantity, unsent_quantity),
    Field.PRICE: (offer_price, unsent_price),
    Field.STATE: (offer_state, unsent_state),
}
_BATCH = 500
_DAY = int(PRICE_WINDOW.total_seconds()) * 1_000_000
_SLACK = Decimal("1.000001")
"""SQLite divides as floating point does: a move of exactly the limit is within it."""
_RULES = "config"
"""The cause of a quantity that changed rules have made."""
PROMOTION = "promotion"
"""The cause of a price that a promotion's start or end has made: it is deliberate."""
RESERVE = "reserve"
"""The cause of a quantity that the start or end of a reserve or a pre-sale has made: it is as deliberate."""
SHARING = "sharing"
"""The cause of a quantity of nothing where the few units that there are went to a shop that sells them, too."""


@dataclass(frozen=True, slots=True)
class Largest:
    """One change that waits, as a person reads it."""

    external_id: str
    title: str
    before: str
    after: str


LEAST = json_text(offer_price.c.terms, "least")
"""The lowest price that may be sent, as text: the floor, or what may be advertised; null where there is neither."""


def condition(guard: Guard, guards: Guards, now: int) -> Condition:
    """What one guard counts of the unsent changes of its field; `now` in microseconds."""
    match guard:
        case Guard.GOING_TO_ZERO:
            quantity = offer_quantity.c
            return sa.and_(_quantity(now), sa.not_(_LESS_OF_NEED), quantity.desired <= 0, _SHOWN > 0)
        case Guard.QUANTITIES_CHANGING:
            return sa.and_(_quantity(now), sa.not_(_LESS_OF_NEED))
        case Guard.PRICES_CHANGING:
            return sa.and_(_price(now), offer_price.c.acked_at.is_not(None))
        case Guard.PRICE_MOVE:
            return sa.and_(_price(now), _too_far(guards, now))
        case Guard.GOING_DOWN:
            state = offer_state.c
            return sa.and_(state.desired == 0, state.acked == 1, _unapproved(offer_state, now))
    raise KeyError(guard)


def never(field: Field) -> tuple[Condition, ...]:
    """What no approval lets out: a price under its floor, or under what may be advertised."""
    if field is not Field.PRICE:
        return ()
    least = sa.cast(LEAST, sa.Numeric)
    return (sa.func.coalesce(sa.cast(offer_price.c.desired, sa.Numeric) < least, sa.false()),)


def leaving_out(without: Sequence[Condition]) -> tuple[Condition, ...]:
    """Conditions that a query of unsent rows has besides its own."""
    return tuple(sa.not_(condition) for condition in without)


_SHOWN: sa.ColumnElement[int] = sa.func.coalesce(
    offer_quantity.c.acked, sa.case((offer_quantity.c.acked_at.is_not(None), offer_quantity.c.ceiling))
)
"""What the shop shows, or the most that it may since it moved; null before the first push."""
_LESS_OF_NEED = sa.and_(
    offer_quantity.c.cause != _RULES,
    sa.or_(offer_quantity.c.desired > 0, offer_quantity.c.cause == SHARING),
    offer_quantity.c.desired < _SHOWN,
)


def _unapproved(table: sa.Table, now: int) -> Condition:
    """Not let through one by one; and not refused by the shop, for then it does not go out anyway."""
    c = table.c
    return sa.and_(
        sa.or_(
            c.approved.is_distinct_from(c.desired),
            sa.func.coalesce(c.approved_until, sa.literal(0, sa.BigInteger)) <= now,
        ),
        c.rejected.is_distinct_from(c.desired),
    )


def _quantity(now: int) -> Condition:
    return sa.and_(
        order_caused_first == 1,
        offer_quantity.c.cause != RESERVE,
        _SHOWN.is_not(None),
        offer_quantity.c.desired != _SHOWN,
        _unapproved(offer_quantity, now),
    )


def _price(now: int) -> Condition:
    c = offer_price.c
    return sa.and_(c.cause != PROMOTION, c.desired.is_distinct_from(c.acked), _unapproved(offer_price, now))


def _too_far(guards: Guards, now: int) -> Condition:
    """Further from the price a day ago than its rule, or else the guard, allows. Where none is known, it is not."""
    c = offer_price.c
    day_ago = sa.case((c.base_at > now - _DAY, c.base), else_=None)
    shown = (
        sa.select(listing.c.price)
        .where(listing.c.id == c.listing_id)
        .correlate(offer_price)
        .scalar_subquery()
    )
    before = sa.cast(sa.func.coalesce(day_ago, c.acked, shown), sa.Numeric)
    own = sa.cast(json_text(c.terms, "largest_move"), sa.Numeric)
    share = own if guards.price_move is None else sa.func.coalesce(own, _number(guards.price_move))
    move = sa.func.abs(sa.cast(c.desired, sa.Numeric) - before)
    return sa.func.coalesce(move > share * before * _number(_SLACK), sa.false())


def _number(value: Decimal) -> sa.ColumnElement[Any]:
    return sa.cast(sa.literal(str(value), sa.Text), sa.Numeric)


def _counted(field: Field) -> tuple[Condition, ...]:
    """What a guard may count at all of a field's table."""
    differs = _TABLES[field][1]
    return (differs, order_caused_first == 1) if field is Field.QUANTITY else (differs,)


_ANYTHING = {
    field: sa.select(table.c.id).where(table.c.account_id == sa.bindparam("of"), *_counted(field)).limit(1)
    for field, (table, _) in _TABLES.items()
}


async def anything(tx: Tx, account_id: AccountId, field: Field) -> bool:
    """Whether a shop has anything unsent that a guard may count: most passes find nothing."""
    async with by_index(tx):
        return await tx.scalar(_ANYTHING[field], {"of": account_id}) is not None


async def count(
    tx: Tx, account_id: AccountId, field: Field, conditions: Mapping[Guard, Condition]
) -> dict[Guard, int]:
    """How many unsent changes of a shop each guard counts: one query by the partial index."""
    table, _ = _TABLES[field]
    sums = [
        sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0).label(guard.value)
        for guard, condition in conditions.items()
    ]
    query = sa.select(*sums).select_from(table).where(table.c.account_id == account_id, *_counted(field))
    async with by_index(tx):
        row = await tx.one(query)
    return {guard: 0 if row is None else int(getattr(row, guard.value)) for guard in conditions}


@asynccontextmanager
async def by_index(tx: Tx) -> AsyncIterator[None]:
    """PostgreSQL takes nearly every row for unsent and would read them all: here it may not."""
    if tx.dialect != "postgresql":
        yield
        return
    await tx.exec("SET LOCAL enable_seqscan = off")
    yield
    await tx.exec("SET LOCAL enable_seqscan = on")


async def flagged(
    tx: Tx, field: Field, offers: Sequence[str], conditions: Mapping[Guard, Condition]
) -> dict[str, frozenset[Guard]]:
    """Of these offers (our ids), those that guards count, with which."""
    table, _ = _TABLES[field]
    flags = [sa.case((condition, 1), else_=0).label(guard.value) for guard, condition in conditions.items()]
    found: dict[str, frozenset[Guard]] = {}
    for start in range(0, len(offers), _BATCH):
        here = table.c.id.in_(offers[start : start + _BATCH])
        for row in await tx.all(sa.select(table.c.id, *flags).where(here, sa.or_(*conditions.values()))):
            found[row.id] = frozenset(guard for guard in conditions if getattr(row, guard.value))
    return found


async def count_offers(tx: Tx, account_id: AccountId, field: Field) -> int:
    """Against how many a share is counted: offers with a quantity, prices that are ours, listings that are there."""
    if field is Field.STATE:
        where = [listing.c.account_id == account_id, listing.c.gone_at.is_(None)]
        return int(await tx.scalar(sa.select(sa.func.count()).select_from(listing).where(*where)) or 0)
    table, _ = _TABLES[field]
    where = [table.c.account_id == account_id, table.c.desired.is_not(None)]
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0)


async def largest(
    tx: Tx, account_id: AccountId, field: Field, condition: Condition, limit: int
) -> list[Largest]:
    """The changes that move furthest among those that a guard counts."""
    table, differs = _TABLES[field]
    before: sa.ColumnElement[Any] = table.c.acked
    far: sa.ColumnElement[Any] = table.c.changed_at
    if field is Field.QUANTITY:
        before = _SHOWN
        far = sa.func.abs(table.c.desired - _SHOWN).desc()
    elif field is Field.PRICE:
        before = sa.func.coalesce(table.c.acked, listing.c.price)
        was = sa.cast(before, sa.Numeric)
        now = sa.cast(table.c.desired, sa.Numeric)
        far = (sa.func.abs(now - was) / sa.func.nullif(was, sa.literal(0, sa.Numeric))).desc()
    query = (
        sa.select(table.c.external_id, listing.c.title, before.label("before"), table.c.desired)
        .join(listing, listing.c.id == table.c.listing_id)
        .where(table.c.account_id == account_id, differs, condition)
        .order_by(far, table.c.external_id)
        .limit(limit)
    )
    async with by_index(tx):
        rows = await tx.all(query)
    return [
        Largest(row.external_id, row.title, _told(field, row.before), _told(field, row.desired))
        for row in rows
    ]


def _told(field: Field, value: Any) -> str:
    if field is Field.STATE:
        return "up" if value else "down"
    return "" if value is None else str(value)
