"""Whether listings shall be up, beside whether their shops show them: what differs is unsent.

`acked` is what the shop showed last, as it was read or as it echoed a write; null while we do not know what became of
a write. `ours` is set before we send that a listing shall go down, so that one that is down is known for ours
whatever becomes of the answer; it is taken back where the shop says that nothing happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.domain.publishing import Cause, Memory
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.locking import lock_states
from sync.store.tables import listing, offer_quantity, offer_state
from sync.store.tables.offers import state_in_time

_BATCH = 500
_C = offer_state.c
NOT_MANAGED: dict[str, Any] = {
    "desired": None,
    "acked": None,
    "ours": 0,
    "reason": "",
    "below_since": None,
    "above_since": None,
    "overruled": "",
    "put_up_at": None,
    "terms": "",
    "next_at": None,
    "retry_at": None,
    "rejected": None,
    "rejected_reason": None,
}
"""The columns of a listing that is gone: whatever comes back under its id is another one."""


@dataclass(frozen=True, slots=True)
class LookAt:
    """A listing whose state may be another one now. `closely`: whatever was decided before."""

    listing_id: str
    account_id: AccountId
    external_id: str
    closely: bool


@dataclass(frozen=True, slots=True)
class StateRow:
    """A present listing of a shop with what is stored of its state. `id` None: nothing is yet.

    `potential` is what it would show if it were up, None while that is not known.
    """

    id: str | None
    listing_id: str
    external_id: str
    product: str
    bound: bool
    published: bool
    potential: int | None
    desired: bool | None
    acked: bool | None
    memory: Memory
    terms: str
    rejected: bool | None
    changed_at: int | None


@dataclass(frozen=True, slots=True)
class DecidedState:
    """What is to be stored of one listing; `terms` is JSON."""

    row: StateRow
    desired: bool | None
    memory: Memory
    causes: tuple[Cause, ...]
    terms: Mapping[str, object]
    next_at: datetime | None


async def look_again(tx: Tx, listings: Sequence[LookAt]) -> None:
    """These are decided on again by the push of their shop. What nothing was decided on yet, is."""
    ordered = sorted(listings, key=lambda one: one.listing_id)
    await lock_states(tx, [one.listing_id for one in ordered])
    rows: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for one in ordered:
        rows[one.closely].append(
            {
                "id": tx.new_id(),
                "account_id": one.account_id,
                "listing_id": one.listing_id,
                "external_id": one.external_id,
                "next_at": tx.now(),
            }
        )
    await tx.run(_LOOK, rows[True])
    await tx.run(_LOOK_WHERE_IT_MATTERS, rows[False])


_INSERT = upsert(offer_state)
_KEY = ["account_id", "external_id"]
_DUE = {"next_at": _INSERT.excluded.next_at}
_LOOK = _INSERT.on_conflict_do_update(index_elements=_KEY, set_=_DUE)
_LOOK_WHERE_IT_MATTERS = _INSERT.on_conflict_do_update(
    index_elements=_KEY,
    set_=_DUE,
    where=sa.or_(_C.below_since.is_not(None), _C.ours == 1, _C.overruled != "", _C.desired.is_not(None)),
)
"""Something to sell of a listing that is up changes nothing, unless there was nothing before."""


async def look_at_known(tx: Tx, listing_ids: Sequence[str]) -> int:
    """The same for those of these listings on which something was decided before. Returns how many."""
    await lock_states(tx, listing_ids)
    found = 0
    for start in range(0, len(listing_ids), _BATCH):
        here = _C.listing_id.in_(listing_ids[start : start + _BATCH])
        found += await tx.run(sa.update(offer_state).where(here).values(next_at=tx.now()))
    return found


async def due(tx: Tx, account: AccountId, limit: int) -> list[str]:
    """Listings to decide on now, the one due first first."""
    query = sa.select(_C.listing_id).where(state_in_time, _C.account_id == account, _C.next_at <= tx.now())
    return [row.listing_id for row in await tx.all(query.order_by(_C.next_at, _C.id).limit(limit))]


async def next_at(tx: Tx, account: AccountId) -> datetime | None:
    """When a listing of the shop is to be decided on next."""
    query = sa.select(sa.func.min(_C.next_at)).where(state_in_time, _C.account_id == account)
    found = await tx.scalar(query)
    return None if found is None else from_micros(found)


async def units(tx: Tx, listing_ids: Sequence[str], *, whole: bool) -> dict[str, list[StateRow]]:
    """These listings by the unit that is switched as one: each alone, or where `whole` with those of its product.

    A writer holds their states. Keys are a shop's ids; listings that are gone are left out.
    """
    wanted = list(listing_ids)
    await lock_states(tx, wanted)
    found: dict[str, list[StateRow]] = {}
    for start in range(0, len(wanted), _BATCH):
        query = _STORED.where(listing.c.id.in_(wanted[start : start + _BATCH]))
        for row in await tx.all(query.order_by(listing.c.external_id)):
            key = row.product_external_id if whole and row.product_external_id else row.external_id
            found.setdefault(key, []).append(_stored(row))
    return found


_STATE = tuple(
    _C[name]
    for name in (
        *("desired", "acked", "ours", "below_since", "above_since", "overruled", "put_up_at"),
        *("terms", "rejected", "changed_at"),
    )
)
_STORED = (
    sa.select(
        listing.c.id.label("listing_id"),
        listing.c.external_id,
        listing.c.product_external_id,
        listing.c.bound,
        listing.c.published,
        offer_quantity.c.terms.label("quantity_terms"),
        _C.id,
        *_STATE,
    )
    .outerjoin(offer_state, _C.listing_id == listing.c.id)
    .outerjoin(
        offer_quantity,
        sa.and_(offer_quantity.c.listing_id == listing.c.id, offer_quantity.c.location == ""),
    )
    .where(listing.c.gone_at.is_(None))
)


class _Potential(msgspec.Struct):
    potential: int | None = None


def _stored(row: sa.Row[Any]) -> StateRow:
    told = msgspec.json.decode(row.quantity_terms or "{}", type=_Potential)
    return StateRow(
        id=row.id,
        listing_id=row.listing_id,
        external_id=row.external_id,
        product=row.product_external_id,
        bound=bool(row.bound),
        published=bool(row.published),
        potential=told.potential,
        desired=_flag(row.desired),
        acked=_flag(row.acked),
        memory=_memory(row),
        terms=row.terms or "",
        rejected=_flag(row.rejected),
        changed_at=row.changed_at,
    )


def _memory(row: sa.Row[Any]) -> Memory:
    if row.id is None:
        return Memory()
    return Memory(
        ours=bool(row.ours),
        below_since=_time(row.below_since),
        above_since=_time(row.above_since),
        overruled=frozenset(Cause(name) for name in row.overruled.split()),
        put_up_at=_time(row.put_up_at),
    )


async def store(
    tx: Tx, decided: Sequence[DecidedState], *, cause: str, config_version: str
) -> tuple[str, ...]:
    """Store what was decided. Returns listings that shall be something else now than what their shop refused."""
    known = [one for one in decided if one.row.id is not None]
    freed = [one for one in known if one.row.rejected is not None and one.row.rejected != one.desired]
    await tx.run(_STORE, [_values(tx, one) for one in known])
    changed = [one for one in known if one.row.desired != one.desired]
    await tx.run(_CHANGE, [_change(tx, one, cause, config_version) for one in changed])
    await tx.run(_FREE, [{"offer": one.row.id} for one in freed])
    return tuple(one.row.listing_id for one in freed)


def _bound(*names: str) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"new_{name}", type_=_C[name].type) for name in names}


_THIS = _C.id == sa.bindparam("offer")
_STORE = (
    sa.update(offer_state)
    .where(_THIS)
    .values(
        **_bound("reason", "below_since", "above_since", "overruled", "terms", "next_at"),
        acked=sa.case((_C.sent_at.is_(None), sa.bindparam("shown", type_=sa.SmallInteger)), else_=_C.acked),
    )
)
"""What was never written to is what it was read to be."""
_CHANGE = (
    sa.update(offer_state)
    .where(_THIS)
    .values(**_bound("desired", "cause", "changed_at", "config_version"), retry_at=None)
)
_FREE = sa.update(offer_state).where(_THIS).values(rejected=None, rejected_reason=None)


def _values(tx: Tx, one: DecidedState) -> dict[str, Any]:
    return {
        "offer": one.row.id,
        "shown": int(one.row.published),
        "new_reason": " ".join(one.causes),
        "new_below_since": _micros(one.memory.below_since),
        "new_above_since": _micros(one.memory.above_since),
        "new_overruled": " ".join(sorted(one.memory.overruled)),
        "new_terms": msgspec.json.encode(one.terms, order="deterministic").decode() if one.terms else "",
        "new_next_at": _micros(one.next_at),
    }


def _change(tx: Tx, one: DecidedState, cause: str, config_version: str) -> dict[str, Any]:
    row = one.row
    waiting = row.desired is not None and row.desired != row.acked and row.changed_at is not None
    return {
        "offer": row.id,
        "new_desired": None if one.desired is None else int(one.desired),
        "new_cause": cause,
        "new_changed_at": row.changed_at if waiting else tx.now(),
        "new_config_version": config_version,
    }


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
