"""What shops say of listing states, as they are read and as they answer a write; and what is to be sent to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.domain.listing import RemoteVariant
from sync.domain.publishing import Memory, put_up, put_up_by_people
from sync.store.database import Tx
from sync.store.locking import lock_states
from sync.store.tables import listing, offer_state
from sync.store.tables.offers import unsent_state

_BATCH = 500
_C = offer_state.c
_THIS = _C.id == sa.bindparam("offer")
_WRITTEN = sa.case((_C.sent_at > sa.func.coalesce(_C.acked_at, 0), _C.sent_at), else_=_C.acked_at)
"""When something was sent, or the shop said something; null where neither was."""


@dataclass(frozen=True, slots=True)
class UnsentState:
    """A listing that its shop does not show as it shall. `product` is the shop's id of its product."""

    id: str
    listing_id: str
    external_id: str
    product: str
    desired: bool
    acked: bool | None
    ours: bool


async def unsent(
    tx: Tx, account: AccountId, limit: int, without: Sequence[sa.ColumnElement[bool]] = ()
) -> list[UnsentState]:
    """States to send now, the oldest change first; refused values, and those of `without`, are left out."""
    query = _UNSENT.where(
        _C.account_id == account,
        sa.or_(_C.retry_at.is_(None), _C.retry_at <= tx.now()),
        _C.rejected.is_distinct_from(_C.desired),
        *(sa.not_(condition) for condition in without),
    )
    order = (_C.changed_at, listing.c.product_external_id, _C.external_id)
    return [_unsent(row) for row in await tx.all(query.order_by(*order).limit(limit))]


_UNSENT = (
    sa.select(
        _C.id,
        _C.listing_id,
        _C.external_id,
        listing.c.product_external_id,
        _C.desired,
        _C.acked,
        _C.ours,
    )
    .join(listing, listing.c.id == _C.listing_id)
    .where(unsent_state)
)


def _unsent(row: sa.Row[Any]) -> UnsentState:
    acked = None if row.acked is None else bool(row.acked)
    return UnsentState(
        row.id,
        row.listing_id,
        row.external_id,
        row.product_external_id,
        bool(row.desired),
        acked,
        bool(row.ours),
    )


async def count_unsent(tx: Tx, account: AccountId) -> int:
    """How many listings of a shop are not as they shall be, refused ones too."""
    query = sa.select(sa.func.count()).select_from(offer_state).where(unsent_state, _C.account_id == account)
    return int(await tx.scalar(query) or 0)


async def about_to_send(tx: Tx, rows: Sequence[UnsentState]) -> list[UnsentState]:
    """Mark those that shall still be so: from now on they may be. What shall be down is down because of us."""
    await lock_states(tx, [row.listing_id for row in rows])
    wanted = {row.id: row.desired for row in rows}
    ids = list(wanted)
    still: list[UnsentState] = []
    for start in range(0, len(ids), _BATCH):
        found = await tx.all(_UNSENT.where(_C.id.in_(ids[start : start + _BATCH])))
        still += [row for row in map(_unsent, found) if row.desired == wanted[row.id]]
    mark = sa.update(offer_state).where(_THIS)
    ours = sa.case((_C.desired == 0, 1), else_=_C.ours)
    await tx.run(mark.values(acked=None, sent_at=tx.now(), ours=ours), [{"offer": row.id} for row in still])
    return still


async def acknowledge(tx: Tx, listing_ids: Sequence[str], up: bool) -> None:
    """What the shop says of all these listings (our ids): its word, not what we sent."""
    now = sa.literal(tx.now(), sa.BigInteger)
    whose: dict[str, Any] = {"ours": sa.case((_C.desired == 0, 1), else_=_C.ours)}
    if up:
        whose = {"ours": 0, "put_up_at": sa.case((_C.desired == 1, now), else_=_C.put_up_at)}
    said = {"acked": int(up), "acked_at": tx.now(), "sent_at": sa.func.coalesce(_C.sent_at, now)}
    after = {"next_at": tx.now(), "retry_at": None, "rejected": None, "rejected_reason": None}
    for start in range(0, len(listing_ids), _BATCH):
        here = _C.listing_id.in_(listing_ids[start : start + _BATCH])
        await tx.run(sa.update(offer_state).where(here).values(**said, **whose, **after))


async def nothing_happened(tx: Tx, rows: Sequence[UnsentState]) -> None:
    """The shop says that it did not do it: each is as it was, unless an earlier write is in doubt."""
    before = [row for row in rows if row.acked is not None]
    await tx.run(
        sa.update(offer_state)
        .where(_THIS)
        .values(
            acked=sa.bindparam("was", type_=sa.SmallInteger),
            ours=sa.bindparam("was_ours", type_=sa.SmallInteger),
        ),
        [{"offer": row.id, "was": int(bool(row.acked)), "was_ours": int(row.ours)} for row in before],
    )


async def refuse(tx: Tx, rows: Sequence[UnsentState], reason: str) -> None:
    """The shop refused it: kept, shown, and not sent again unchanged."""
    await nothing_happened(tx, rows)
    keep = sa.update(offer_state).where(_THIS, _C.desired == sa.bindparam("value", type_=sa.SmallInteger))
    values = [{"offer": row.id, "value": int(row.desired), "refused": int(row.desired)} for row in rows]
    refused = sa.bindparam("refused", type_=sa.SmallInteger)
    await tx.run(keep.values(rejected=refused, rejected_reason=reason), values)


async def postpone(tx: Tx, offers: Sequence[str], until: int) -> None:
    """Try these again later (microseconds)."""
    later = sa.update(offer_state).where(_THIS).values(retry_at=until)
    await tx.run(later, [{"offer": offer} for offer in offers])


async def forget_refusals(tx: Tx, listing_ids: Sequence[str]) -> tuple[str, ...]:
    """What their shop refused of these listings may be tried again. Returns those of which it had refused any."""
    found: list[sa.Row[Any]] = []
    for start in range(0, len(listing_ids), _BATCH):
        part = listing_ids[start : start + _BATCH]
        query = sa.select(_C.id, _C.listing_id).where(_C.listing_id.in_(part), _C.rejected.is_not(None))
        found += await tx.all(query)
    await lock_states(tx, [row.listing_id for row in found])
    forget = sa.update(offer_state).where(_THIS).values(rejected=None, rejected_reason=None, retry_at=None)
    await tx.run(forget, [{"offer": row.id} for row in found])
    return tuple(row.listing_id for row in found)


async def newer_than(tx: Tx, account: AccountId, variants: Sequence[str], begun: datetime) -> dict[str, bool]:
    """Of a page whose reading began then: listings to which we wrote since, with what is known of them.

    Whether they are up is not believed of that page: it may tell what was before the write.
    """
    found: dict[str, bool] = {}
    for start in range(0, len(variants), _BATCH):
        rows = await tx.all(
            sa.select(_C.external_id, listing.c.published)
            .join(listing, listing.c.id == _C.listing_id)
            .where(
                _C.account_id == account,
                _C.external_id.in_(variants[start : start + _BATCH]),
                _C.sent_at.is_not(None),
                to_micros(begun) <= _WRITTEN,
            )
        )
        found |= {row.external_id: bool(row.published) for row in rows}
    return found


async def note_shown(tx: Tx, account: AccountId, variants: Sequence[RemoteVariant], begun: datetime) -> bool:
    """What the shop showed in a page whose reading began then, where no later word or write of ours is known.

    Returns whether it showed anything else than what was known. One that is up although we had taken it down was put
    up by people: then it is theirs.
    """
    shown = {variant.external_id: variant.published for variant in variants}
    names = sorted(shown)
    found: list[sa.Row[Any]] = []
    for start in range(0, len(names), _BATCH):
        query = sa.select(offer_state).where(
            _C.account_id == account,
            _C.external_id.in_(names[start : start + _BATCH]),
            sa.or_(_WRITTEN.is_(None), to_micros(begun) > _WRITTEN),
        )
        found += [row for row in await tx.all(query) if row.acked != int(shown[row.external_id])]
    await lock_states(tx, [row.listing_id for row in found])
    await tx.run(_SHOWN, [_shown(tx, row, shown[row.external_id], begun) for row in found])
    return bool(found)


_SHOWN = (
    sa.update(offer_state)
    .where(
        _THIS,
        sa.or_(_WRITTEN.is_(None), sa.bindparam("begun", type_=sa.BigInteger) > _WRITTEN),
    )
    .values(
        acked=sa.bindparam("value", type_=sa.SmallInteger),
        acked_at=sa.bindparam("at", type_=sa.BigInteger),
        ours=sa.bindparam("now_ours", type_=sa.SmallInteger),
        overruled=sa.bindparam("causes", type_=sa.Text),
        put_up_at=sa.bindparam("up_at", type_=sa.BigInteger),
        changed_at=sa.bindparam("since", type_=sa.BigInteger),
        next_at=sa.bindparam("due", type_=sa.BigInteger),
        rejected=None,
        rejected_reason=None,
    )
)


def _shown(tx: Tx, row: sa.Row[Any], published: bool, begun: datetime) -> dict[str, Any]:
    memory = _after_reading(row, published, begun)
    waiting = row.desired is not None and row.desired != row.acked and row.changed_at is not None
    return {
        "offer": row.id,
        "begun": to_micros(begun),
        "value": int(published),
        "at": to_micros(begun),
        "now_ours": int(memory.ours),
        "causes": " ".join(sorted(memory.overruled)) or row.overruled,
        "up_at": row.put_up_at if memory.put_up_at is None else to_micros(memory.put_up_at),
        "since": row.changed_at if waiting else tx.now(),
        "due": tx.now(),
    }


def _after_reading(row: sa.Row[Any], published: bool, begun: datetime) -> Memory:
    """Whose deed it is that it is up or down now."""
    put_up_at = None if row.put_up_at is None else from_micros(row.put_up_at)
    memory = Memory(ours=bool(row.ours), put_up_at=put_up_at)
    if not published or not row.ours:
        return memory
    if row.acked == 0:
        return put_up_by_people(memory)
    return put_up(memory, begun) if row.desired == 1 else Memory(put_up_at=put_up_at)
