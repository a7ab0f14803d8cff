"""An order's timeline: what happened to it, in words for a person, without personal data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.ids import OrderId
from sync.store.database import Tx
from sync.store.tables import order_event


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One line of the timeline."""

    at: datetime
    kind: str
    what: str
    data: Mapping[str, Any]


async def add_event(tx: Tx, order_id: OrderId, kind: str, what: str, **data: object) -> None:
    """Add a line. `data` are ids and figures; a value that JSON does not know is stored as its text."""
    await tx.run(
        sa.insert(order_event).values(
            id=tx.new_id(),
            order_id=order_id,
            at=tx.now(),
            kind=kind,
            what=what,
            data=json.dumps(data, ensure_ascii=False, default=str, separators=(",", ":")),
        )
    )


async def timeline(tx: Tx, order_id: OrderId) -> list[OrderEvent]:
    """The order's lines, oldest first."""
    query = sa.select(order_event).where(order_event.c.order_id == order_id)
    rows = await tx.all(query.order_by(order_event.c.at, order_event.c.id))
    return [OrderEvent(from_micros(r.at), r.kind, r.what, json.loads(r.data or "{}")) for r in rows]
