"""What waits for a person's word, and what a person has approved: bounds with an end, never single values.

What waits is what the last pass found, kept for those who look (`entrepot approve`, the metrics). It decides
nothing: each pass judges anew, and writes or removes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.guards import Approved, Guard
from sync.domain.ids import AccountId
from sync.store import guard_tallies, meta
from sync.store.database import Tx
from sync.store.tables import account, approval
from sync.store.tables import meta as facts

_PREFIX = "guard_waits:"
_NAMED = sa.select(facts).where(facts.c.name.in_(sa.bindparam("names", expanding=True)))


class Waiting(msgspec.Struct, frozen=True):
    """What one guard keeps back at one account. Moments in microseconds."""

    guard: str
    waiting: int
    """So many wait."""
    unsent: int
    """So many would go out, those that may among them."""
    sent: int
    """So many went out within the hour, unasked."""
    limit: int
    of: int
    since: int
    told_at: int
    share: str | None = None
    """The guard's own share, a fraction in text."""
    lasts: int = 7200
    """So many seconds an approval lasts by the admins' files."""


@dataclass(frozen=True, slots=True)
class Held:
    """What waits, with the account that it waits at."""

    account_id: AccountId
    account: str
    kind: str
    what: Waiting

    @property
    def guard(self) -> Guard:
        """The guard that keeps it back."""
        return Guard(self.what.guard)


async def waiting(tx: Tx, account_id: AccountId, guards: Sequence[Guard]) -> dict[Guard, Waiting]:
    """What these guards keep back at an account, as the last pass found it."""
    rows = await tx.all(_NAMED, {"names": [_name(account_id, guard) for guard in guards]})
    found = [_read(row) for row in rows]
    return {Guard(one.guard): one for one in found}


async def all_waiting(tx: Tx) -> list[Held]:
    """Everything that waits, by account and guard."""
    rows = await tx.all(sa.select(facts).where(facts.c.name.startswith(_PREFIX, autoescape=True)))
    named = {row.id: row for row in await tx.all(sa.select(account).where(account.c.removed_at.is_(None)))}
    held = []
    for row in rows:
        account_id = row.name.rpartition(":")[2]
        if account_id in named:
            shop = named[account_id]
            held.append(Held(AccountId(account_id), shop.name, shop.kind, _read(row)))
    return sorted(held, key=lambda one: (one.account, one.what.guard))


async def note(tx: Tx, account_id: AccountId, found: Waiting) -> None:
    """It waits."""
    await meta.write(tx, _name(account_id, Guard(found.guard)), msgspec.json.encode(found).decode())


async def note_gone(tx: Tx, account_id: AccountId, guard: Guard) -> None:
    """Nothing waits any more."""
    await meta.forget(tx, _name(account_id, guard))


def _name(account_id: AccountId, guard: Guard) -> str:
    return f"{_PREFIX}{guard.value}:{account_id}"


def _read(row: sa.Row[Any]) -> Waiting:
    return msgspec.json.decode(row.value, type=Waiting)


async def approve(
    tx: Tx, account_id: AccountId, guard: Guard, *, most: int, expires_at: datetime, who: str
) -> None:
    """Let so many pass until then. It takes the place of what was approved of this guard before."""
    here = (approval.c.account_id == account_id) & (approval.c.guard == guard.value)
    await tx.run(
        sa.update(approval).where(here, approval.c.expires_at > tx.now()).values(expires_at=tx.now())
    )
    await tx.run(
        sa.insert(approval).values(
            id=tx.new_id(),
            account_id=account_id,
            guard=guard.value,
            most=most,
            created_at=tx.now(),
            expires_at=to_micros(expires_at),
            who=who,
        )
    )


async def in_force(tx: Tx, account_id: AccountId, guard: Guard) -> Approved | None:
    """What was approved of this guard and still counts."""
    c = approval.c
    row = await tx.one(
        sa.select(approval)
        .where(c.account_id == account_id, c.guard == guard.value, c.expires_at > tx.now())
        .order_by(c.created_at.desc(), c.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    spent = await guard_tallies.used(tx, account_id, guard, row.created_at)
    return Approved(row.most, spent, from_micros(row.expires_at))
