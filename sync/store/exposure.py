"""The most that a listing may be selling, or may have sold unknown to us: what others' raises leave room for.

    ceiling         the most that it may be selling now
    ceiling_before  the most before the shop was last seen to sell less, or made to
    ceiling_at      when that was

A shop that sells less than before may have sold the difference, in an order that has not been read yet. So the
former ceiling counts until an order intake begun after `ceiling_at` has ended well: only then is every unit
that left the shop's figure a reservation of ours.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sync.store.database import Tx
from sync.store.tables import flow_state, offer_quantity

_BATCH = 500
_OFFER = offer_quantity.c
_INTAKE = (
    sa.select(flow_state.c.last_success_begun_at)
    .where(flow_state.c.account_id == _OFFER.account_id, flow_state.c.flow == "orders")
    .correlate(offer_quantity)
    .scalar_subquery()
)
_OPEN = sa.and_(_OFFER.ceiling_before > _OFFER.ceiling, sa.func.coalesce(_INTAKE, 0) <= _OFFER.ceiling_at)
"""Whether units that left the shop's figure may still be unknown to us."""


def lowered_to(most: sa.ColumnElement[int], now: int) -> dict[str, sa.ColumnElement[Any]]:
    """The columns of an offer whose shop sells no more than `most` from now (microseconds) on."""
    less = _OFFER.ceiling > most
    return {
        "ceiling_before": sa.case(
            (sa.and_(less, _OPEN), _OFFER.ceiling_before),
            (less, _OFFER.ceiling),
            else_=_OFFER.ceiling_before,
        ),
        "ceiling_at": sa.case((less, sa.literal(now, sa.BigInteger)), else_=_OFFER.ceiling_at),
        "ceiling": most,
    }


async def seen(tx: Tx, shown: Mapping[str, int]) -> None:
    """The shop was just seen to sell these quantities (by offer id): it sells no more than that."""
    await tx.run(
        sa.update(offer_quantity)
        .where(_OFFER.id == sa.bindparam("offer"))
        .values(**lowered_to(sa.bindparam("shown", type_=sa.BigInteger), tx.now())),
        [{"offer": offer, "shown": max(0, units)} for offer, units in shown.items()],
    )


async def about_to_send(tx: Tx, quantities: Mapping[str, int]) -> None:
    """From now on the shop may be selling up to these (by offer id), whatever becomes of the call."""
    await tx.run(
        sa.update(offer_quantity)
        .where(
            _OFFER.id == sa.bindparam("offer"), _OFFER.ceiling < sa.bindparam("units", type_=sa.BigInteger)
        )
        .values(ceiling=sa.bindparam("units", type_=sa.BigInteger)),
        [{"offer": offer, "units": units} for offer, units in quantities.items()],
    )


async def exposures(tx: Tx, listing_ids: Sequence[str]) -> dict[str, int | None]:
    """The most that each of these listings may be selling, or have sold unknown to us; None if not known."""
    most = sa.case((_OPEN, _OFFER.ceiling_before), else_=_OFFER.ceiling).label("most")
    found: dict[str, int | None] = {}
    for start in range(0, len(listing_ids), _BATCH):
        rows = await tx.all(
            sa.select(_OFFER.listing_id, most).where(
                _OFFER.listing_id.in_(listing_ids[start : start + _BATCH])
            )
        )
        found |= {row.listing_id: row.most for row in rows}
    return found
