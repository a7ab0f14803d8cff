"""Deliveries that carry what no feed shows: kept sealed until they are worked on, each once."""

from collections.abc import Mapping
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


async def look(tx: Tx, keys: Mapping[tuple[AccountId, str], float]) -> None:
    """These (account, flow) are due in so many seconds, 0 for now, where they would be due later.

    One that backs off keeps its time, and so does one that is due and not begun. For a pass that runs now, the time
    stands for another one after it.
    """
    now = tx.now()
    due = sa.func.coalesce(flow_state.c.next_due_at, 0)
    later = sa.and_(due > sa.bindparam("at"), flow_state.c.attempts == 0)
    begun = sa.and_(due <= now, sa.func.coalesce(flow_state.c.started_at, 0) >= due)
    here = sa.and_(
        flow_state.c.account_id == sa.bindparam("account"),
        flow_state.c.flow == sa.bindparam("what"),
        sa.or_(later, begun),
    )
    await tx.run(
        sa.update(flow_state).where(here).values(next_due_at=sa.bindparam("at")),
        [
            {"account": account, "what": flow, "at": now + round(seconds * 1_000_000)}
            for (account, flow), seconds in sorted(keys.items())
        ],
    )
