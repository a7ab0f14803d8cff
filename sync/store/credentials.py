"""The token that an account works with, sealed: a restart finds it, and a backup holds it as it holds buyers."""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import credential

_TABLE, _FIELD = "credential", "token"


class StoredToken(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """What is sealed. No `repr` may show it: it is made and taken apart in one place each."""

    access: str
    refresh: str | None = None
    scopes: str = ""

    def __repr__(self) -> str:
        return "StoredToken(…)"


async def take(tx: Tx, account_id: AccountId) -> tuple[StoredToken, datetime | None] | None:
    """The token and when it ends; None where none is kept. Raises Unsealable."""
    row = await tx.one(sa.select(credential).where(credential.c.id == account_id))
    if row is None or row.token_sealed is None:
        return None
    plain = tx.sealer.open(_TABLE, account_id, _FIELD, row.token_sealed)
    ends = None if row.ends_at is None else from_micros(row.ends_at)
    return msgspec.json.decode(plain, type=StoredToken), ends


async def put(tx: Tx, account_id: AccountId, token: StoredToken, ends_at: datetime | None) -> None:
    """Keep this one in place of the one before."""
    values: dict[str, Any] = {
        "token_sealed": tx.sealer.seal(_TABLE, account_id, _FIELD, msgspec.json.encode(token)),
        "key_id": tx.sealer.key_id,
        "ends_at": None if ends_at is None else to_micros(ends_at),
        "renewed_at": tx.now(),
    }
    row = upsert(credential).values(id=account_id, **values)
    await tx.run(row.on_conflict_do_update(index_elements=["id"], set_=values))


async def forget(tx: Tx, account_id: AccountId) -> bool:
    """Let it go; whether there was one."""
    return bool(await tx.run(sa.delete(credential).where(credential.c.id == account_id)))
