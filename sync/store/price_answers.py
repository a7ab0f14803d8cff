"""What shops say of prices: as they are read, and as they answer, accepted, refused or to be tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import to_micros
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.domain.money import price_text
from sync.domain.price_push import PriceOut
from sync.store.database import Tx
from sync.store.locking import lock_prices
from sync.store.offer_prices import bound, waits
from sync.store.tables import offer_price

_BATCH = 500
_C = offer_price.c


@dataclass(frozen=True, slots=True)
class Shown:
    """What reading a page moved."""

    moved: bool
    """Whether the shop showed another price than the one that it said last."""
    settled: frozenset[str]
    """Listings that show the price after all that their shop had refused."""


async def acknowledge(tx: Tx, told: Sequence[tuple[PriceOut, str]]) -> None:
    """What the shop says that it shows: its word, not what we sent. The struck-out price is what was sent.

    An offer whose desired price has moved meanwhile stays unsent by itself.
    """
    await tx.run(
        _ACKNOWLEDGE,
        [
            {"offer": sent.offer, "echo": echo, "struck": sent.compare_at, "at": tx.now()}
            for sent, echo in told
        ],
    )


_ACKNOWLEDGE = (
    sa.update(offer_price)
    .where(_C.id == sa.bindparam("offer"))
    .values(
        acked=sa.bindparam("echo", type_=sa.Text),
        acked_compare_at=sa.func.coalesce(sa.bindparam("struck", type_=sa.Text), _C.acked_compare_at),
        acked_at=sa.bindparam("at", type_=sa.BigInteger),
        retry_at=None,
        rejected=None,
        rejected_reason=None,
    )
)


async def refuse(tx: Tx, refused: Sequence[tuple[PriceOut, str]]) -> frozenset[str]:
    """(what was sent, why not): kept, shown, and not sent again unchanged. Returns the offers that still want it.

    One that is to cost something else by now is left alone: nothing was refused of that.
    """
    kept = set()
    for sent, reason in refused:
        same = sa.and_(_C.desired == sent.price, _C.desired_compare_at.is_not_distinct_from(sent.compare_at))
        keep = sa.update(offer_price).where(_C.id == sent.offer, same)
        if await tx.run(keep.values(rejected=sent.price, rejected_reason=reason)):
            kept.add(sent.offer)
    return frozenset(kept)


async def postpone(tx: Tx, offers: Sequence[str], until: int) -> None:
    """Try these again later (microseconds)."""
    await tx.run(
        sa.update(offer_price)
        .where(_C.id == sa.bindparam("offer"))
        .values(retry_at=sa.bindparam("until", type_=sa.BigInteger)),
        [{"offer": offer, "until": until} for offer in offers],
    )


async def note_shown(
    tx: Tx, account: AccountId, variants: Sequence[RemoteVariant], begun_at: datetime
) -> Shown:
    """What the shop showed in a page whose reading began then: newer words of the shop stand.

    A price that somebody changed in the shop becomes unsent so, and is put right.
    """
    prices = {one.external_id: one.price for one in variants if one.price is not None}
    found: list[sa.Row[Any]] = []
    names = sorted(prices)
    for start in range(0, len(names), _BATCH):
        query = sa.select(offer_price).where(
            _C.account_id == account,
            _C.external_id.in_(names[start : start + _BATCH]),
            sa.or_(_C.acked_at.is_(None), _C.acked_at < to_micros(begun_at)),
        )
        found += await tx.all(query)
    rows = [(row, price_text(prices[row.external_id], row.currency)) for row in found]
    rows = [(row, price) for row, price in rows if row.acked != price]
    await lock_prices(tx, _C.id, [row.id for row, _ in rows])
    await tx.run(_SHOWN, [_shown(tx, row, price, begun_at) for row, price in rows])
    settled = frozenset(row.listing_id for row, price in rows if row.rejected == price)
    return Shown(bool(rows), settled)


_SHOWN = (
    sa.update(offer_price)
    .where(
        _C.id == sa.bindparam("offer"),
        sa.or_(_C.acked_at.is_(None), _C.acked_at < sa.bindparam("begun", type_=sa.BigInteger)),
    )
    .values(**bound("acked", "acked_at", "changed_at"))
)


def _shown(tx: Tx, row: sa.Row[Any], price: str, begun_at: datetime) -> dict[str, Any]:
    return {
        "offer": row.id,
        "begun": to_micros(begun_at),
        "new_acked": price,
        "new_acked_at": to_micros(begun_at),
        "new_changed_at": row.changed_at if waits(row) else tx.now(),
    }


async def forget_refusals(tx: Tx, listing_ids: Sequence[str]) -> tuple[str, ...]:
    """These listings changed in their shop: what it refused may be tried again. Returns those that it had refused."""
    found: list[sa.Row[Any]] = []
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        found += await tx.all(
            sa.select(_C.id, _C.listing_id).where(_C.listing_id.in_(part), _C.rejected.is_not(None))
        )
    await lock_prices(tx, _C.id, [row.id for row in found])
    forget = sa.update(offer_price).where(_C.id == sa.bindparam("offer"))
    await tx.run(
        forget.values(rejected=None, rejected_reason=None, retry_at=None),
        [{"offer": row.id} for row in found],
    )
    return tuple(row.listing_id for row in found)
