"""Deliveries that carry what no feed shows: kept sealed until they are worked on, each once."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import flow_state, inbox


async def keep(tx: Tx, account_id: AccountId, key: str, topic: str, payload: bytes) -> bool:
    """Keep one delivery; False where it is here already. `key` is the vendor's id of it, or its content's."""
    row_id = tx.new_id()
    values: dict[str, Any] = {
        "id": row_id,
        "account_id": account_id,
        "key": key,
        "topic": topic,
        "payload_sealed": tx.sealer.seal("inbox", row_id, "payload", payload),
        "key_id": tx.sealer.key_id,
        "received_at": tx.now(),
    }
    statement = upsert(inbox).values(values)
    return bool(await tx.run(statement.on_conflict_do_nothing(index_elements=["account_id", "key"])))


async def look_now(tx: Tx, keys: Collection[tuple[AccountId, str]]) -> None:
    """These (account, flow) are due now. One that backs off after failures keeps its time."""
    here = sa.and_(
        flow_state.c.account_id == sa.bindparam("account"),
        flow_state.c.flow == sa.bindparam("what"),
        flow_state.c.attempts == 0,
        sa.func.coalesce(flow_state.c.next_due_at, 0) > tx.now(),
    )
    await tx.run(
        sa.update(flow_state).where(here).values(next_due_at=tx.now()),
        [{"account": account, "what": flow} for account, flow in sorted(keys)],
    )
