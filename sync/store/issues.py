"""What a person must look at: one open issue a key, closed by itself when its cause is gone.

`key` starts with the kind and names the cause, such as `sku.unknown:ACCOUNT:ORDER:LINE`; `what`, `why` and
`todo` are sentences for a person and hold no personal data.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId, IssueId, OrderId
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import issue
from sync.store.tables.people import open_issue

_CHUNK = 500
# Passes run these whether or not there is anything to say: they are built once.
_IS_OPEN = sa.select(issue.c.id).where(issue.c.key == sa.bindparam("named"), open_issue)
_CLEAR = (
    sa.update(issue)
    .where(issue.c.key.in_(sa.bindparam("named", expanding=True)), open_issue)
    .values(closed_at=sa.bindparam("now"), closed_by=sa.bindparam("whoever"))
)


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue as a person reads it."""

    id: IssueId
    key: str
    kind: str
    account_id: AccountId | None
    order_id: OrderId | None
    subject: str
    what: str
    why: str
    todo: str
    owner: str
    due_at: datetime | None
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    closed_by: str | None


async def raise_issue(
    tx: Tx,
    *,
    key: str,
    kind: str,
    what: str,
    why: str,
    todo: str,
    account_id: AccountId | None = None,
    order_id: OrderId | None = None,
    subject: str = "",
    owner: str = "",
    due_at: datetime | None = None,
) -> bool:
    """Open the issue, or renew the open one of this key. True where it is new."""
    due = None if due_at is None else to_micros(due_at)
    words = {"kind": kind, "what": what, "why": why, "todo": todo, "subject": subject, "owner": owner}
    links = {"account_id": account_id, "order_id": order_id, "due_at": due}
    renew = sa.update(issue).where(issue.c.key == key, open_issue).values(seen_at=tx.now(), **words, **links)
    if await tx.run(renew):
        return False
    row = {"id": tx.new_id(), "key": key, "opened_at": tx.now(), "seen_at": tx.now(), **words, **links}
    insert = upsert(issue).values(**row)
    if await tx.run(insert.on_conflict_do_nothing(index_elements=[issue.c.key], index_where=open_issue)):
        return True
    await tx.run(renew)  # another opened it meanwhile
    return False


async def clear(tx: Tx, key: str, by: str = "cause gone") -> bool:
    """Close the open issue of this key. False where there is none."""
    return await tx.run(_CLEAR, {"named": [key], "now": tx.now(), "whoever": by}) > 0


async def clear_all(tx: Tx, keys: Sequence[str], by: str = "cause gone") -> None:
    """Close the open issues of these keys, as far as there are any."""
    for at in range(0, len(keys), _CHUNK):
        await tx.run(_CLEAR, {"named": list(keys[at : at + _CHUNK]), "now": tx.now(), "whoever": by})


async def clear_except(tx: Tx, prefix: str, keep: Set[str], by: str = "cause gone") -> int:
    """Close the open issues whose key starts with `prefix` and is not in `keep`. Returns how many."""
    found = await tx.all(
        sa.select(issue.c.key).where(open_issue, issue.c.key.startswith(prefix, autoescape=True))
    )
    # startswith is LIKE, which ignores case on SQLite
    gone = [row.key for row in found if row.key.startswith(prefix) and row.key not in keep]
    for at in range(0, len(gone), _CHUNK):
        await tx.run(_CLEAR, {"named": gone[at : at + _CHUNK], "now": tx.now(), "whoever": by})
    return len(gone)


async def set_owner(tx: Tx, key: str, owner: str) -> None:
    """The open issue of this key belongs to somebody else now."""
    await tx.run(sa.update(issue).where(issue.c.key == key, open_issue).values(owner=owner))


async def is_open(tx: Tx, key: str) -> bool:
    """Whether there is an open issue of this key."""
    return await tx.scalar(_IS_OPEN, {"named": key}) is not None


async def list_open(
    tx: Tx,
    *,
    account_id: AccountId | None = None,
    order_id: OrderId | None = None,
    kind: str | None = None,
    limit: int | None = None,
) -> list[Issue]:
    """Open issues, the one due first on top, then the oldest."""
    query = sa.select(issue).where(open_issue)
    wanted = ((issue.c.account_id, account_id), (issue.c.order_id, order_id), (issue.c.kind, kind))
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    query = query.order_by(issue.c.due_at.is_(None), issue.c.due_at, issue.c.opened_at, issue.c.id)
    return [_issue(row) for row in await tx.all(query.limit(limit))]


async def get(tx: Tx, id: IssueId) -> Issue | None:
    """One issue by its id, open or closed."""
    row = await tx.one(sa.select(issue).where(issue.c.id == id))
    return None if row is None else _issue(row)


def _time(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _issue(row: sa.Row[Any]) -> Issue:
    return Issue(
        id=row.id,
        key=row.key,
        kind=row.kind,
        account_id=row.account_id,
        order_id=row.order_id,
        subject=row.subject,
        what=row.what,
        why=row.why,
        todo=row.todo,
        owner=row.owner,
        due_at=_time(row.due_at),
        opened_at=from_micros(row.opened_at),
        seen_at=from_micros(row.seen_at),
        closed_at=_time(row.closed_at),
        closed_by=row.closed_by,
    )
