"""Records of a feed that did not fit their description: kept sealed, as they came, until they fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.forgetting import names_the_forgotten
from sync.store.tables import broken_record as broken

_TABLE, _FIELD = "broken_record", "raw"


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A broken record, without its bytes (`raw` opens them)."""

    id: str
    feed: str
    external_id: str
    why: str
    seen_at: datetime


async def keep(tx: Tx, *, account_id: AccountId, feed: str, external_id: str, why: str, raw: bytes) -> bool:
    """Keep a broken record. True where it was not already kept and open.

    Of a record that names an erased person, and of an empty `raw`, only the reason is kept.
    """
    here = sa.and_(
        broken.c.account_id == account_id, broken.c.feed == feed, broken.c.external_id == external_id
    )
    await tx.alone("broken", f"{account_id}:{feed}:{external_id}")
    before = await tx.one(sa.select(broken.c.id, broken.c.resolved_at).where(here))
    record = tx.new_id() if before is None else before.id
    kept = raw if raw and not await names_the_forgotten(tx, raw) else b""
    sealed = tx.sealer.seal(_TABLE, record, _FIELD, kept) if kept else None
    values = {"why": why, "raw_sealed": sealed, "key_id": tx.sealer.key_id, "seen_at": tx.now()}
    if before is None:
        row = {"id": record, "account_id": account_id, "feed": feed, "external_id": external_id, **values}
        await tx.run(sa.insert(broken).values(**row))
        return True
    await tx.run(sa.update(broken).where(broken.c.id == record).values(resolved_at=None, **values))
    return before.resolved_at is not None


async def resolve(tx: Tx, account_id: AccountId, feed: str, external_ids: Iterable[str]) -> list[str]:
    """These records have been read rightly since. Returns the external ids that had been broken."""
    wanted = set(external_ids)
    found = [record for record in await list_open(tx, account_id, feed) if record.external_id in wanted]
    for record in found:
        await tx.run(sa.update(broken).where(broken.c.id == record.id).values(resolved_at=tx.now()))
    return [record.external_id for record in found]


async def resolve_unseen(tx: Tx, account_id: AccountId, feed: str, since: int) -> list[str]:
    """Everything was read since then (microseconds), and these were not broken in it. Returns their external ids."""
    found = [one for one in await list_open(tx, account_id, feed) if to_micros(one.seen_at) < since]
    for record in found:
        await tx.run(sa.update(broken).where(broken.c.id == record.id).values(resolved_at=tx.now()))
    return [record.external_id for record in found]


async def list_open(tx: Tx, account_id: AccountId, feed: str | None = None) -> list[KeptRecord]:
    """The account's broken records, oldest first."""
    query = sa.select(broken).where(broken.c.account_id == account_id, broken.c.resolved_at.is_(None))
    if feed is not None:
        query = query.where(broken.c.feed == feed)
    rows = await tx.all(query.order_by(broken.c.seen_at, broken.c.id))
    return [KeptRecord(r.id, r.feed, r.external_id, r.why, from_micros(r.seen_at)) for r in rows]


async def raw(tx: Tx, id: str) -> bytes:
    """The record as it came. Raises LookupError, or Unsealable."""
    blob = await tx.scalar(sa.select(broken.c.raw_sealed).where(broken.c.id == id))
    if blob is None:
        raise LookupError(f"there is no broken record {id}, or nothing of it is kept")
    return tx.sealer.open(_TABLE, id, _FIELD, blob)
