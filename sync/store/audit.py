"""Who changed what: every command of a person, and every automatic change of an account, leaves a line."""

import json
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.store.database import Tx
from sync.store.tables import audit_event


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line. `who` is the operating system's user, or `entrepot`."""

    at: datetime
    who: str
    what: str
    subject: str
    data: str
    """JSON"""


async def record(tx: Tx, *, who: str, what: str, subject: str = "", **data: object) -> None:
    """Add a line. `data` are ids and figures, never a secret or personal data."""
    text = json.dumps(data, ensure_ascii=False, default=str, separators=(",", ":"))
    row = {"id": tx.new_id(), "at": tx.now(), "who": who, "what": what, "subject": subject, "data": text}
    await tx.run(sa.insert(audit_event).values(**row))


async def latest(tx: Tx, limit: int = 50, subject: str | None = None) -> list[AuditEvent]:
    """The newest lines first."""
    query = sa.select(audit_event).order_by(audit_event.c.at.desc(), audit_event.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit_event.c.subject == subject)
    return [AuditEvent(from_micros(r.at), r.who, r.what, r.subject, r.data) for r in await tx.all(query)]
