"""The configured accounts and their rows: an id for ever, a name that may change, and a condition.

Rules: a new account is observed only; `renamed_from` renames; a name that vanishes is paused with an issue,
never forgotten; another shop behind a known name is paused with an issue; refused credentials stop an
account until they change or a person resumes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.ids import AccountId
from sync.store import audit, issues
from sync.store.database import Tx
from sync.store.open_work import OpenWork, open_work
from sync.store.tables import account

PROGRAM = "entrepot"


class Condition(StrEnum):
    """Whether an account is worked on."""

    OK = "ok"
    NEEDS_REAUTH = "needs_reauth"
    PAUSED = "paused"


class Pause(StrEnum):
    """Why an account is paused, as its row says it."""

    VANISHED = "it is no longer in the configuration"
    OTHER_SHOP = "another shop answers under its name"
    BY_PERSON = "a person paused it"


@dataclass(frozen=True, slots=True)
class Configured:
    """An account as the configuration has it."""

    name: str
    connector: str
    kind: str
    personal_data: str = "plain"
    renamed_from: str | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as the store has it."""

    id: AccountId
    name: str
    connector: str
    kind: str
    fingerprint: str | None
    condition: Condition
    condition_reason: str
    condition_at: datetime | None
    live_from: datetime | None
    personal_data: str
    created_at: datetime


class OpenWorkLeft(Exception):
    """An account with open work cannot be removed; `left` lists the work."""

    def __init__(self, name: str, left: Sequence[OpenWork]) -> None:
        listed = ", ".join(f"{work.count} {work.what}" for work in left)
        super().__init__(f"{name} still has {listed}: close or cancel them, then remove it again")
        self.left = tuple(left)


class NameTaken(Exception):
    """`renamed_from` names an account, but the new name has a row of its own already."""


async def reconcile(tx: Tx, configured: Sequence[Configured]) -> dict[str, AccountRow]:
    """Make the rows match the configuration. Returns the configured accounts by name. Raises NameTaken."""
    await tx.alone("accounts", "")
    for wish in configured:
        await _reconcile_one(tx, wish)
    names = {wish.name for wish in configured}
    rows = {row.name: row for row in await list_all(tx)}
    for row in rows.values():
        if row.name not in names:
            await _vanish(tx, row)
    return {name: rows[name] for name in names}


async def _reconcile_one(tx: Tx, wish: Configured) -> None:
    row = await by_name(tx, wish.name)
    old = await by_name(tx, wish.renamed_from) if wish.renamed_from else None
    if old is not None:
        if row is not None:
            raise NameTaken(
                f"{wish.name} cannot take over from {old.name}: both have a history; remove one of them"
            )
        await tx.run(sa.update(account).where(account.c.id == old.id).values(name=wish.name))
        await audit.record(tx, who=PROGRAM, what="account renamed", subject=wish.name, before=old.name)
        row = await by_name(tx, wish.name)
        await issues.clear(tx, f"account.vanished:{old.id}")
    if row is None:
        await _create(tx, wish)
        return
    facts = {"connector": wish.connector, "kind": wish.kind, "personal_data": wish.personal_data}
    if (row.connector, row.kind, row.personal_data) != tuple(facts.values()):
        await tx.run(sa.update(account).where(account.c.id == row.id).values(**facts))
    if row.condition_reason == Pause.VANISHED:
        await resume(tx, row.id, who=PROGRAM)


async def _create(tx: Tx, wish: Configured) -> None:
    await tx.run(
        sa.insert(account).values(
            id=tx.new_id(),
            name=wish.name,
            connector=wish.connector,
            kind=wish.kind,
            personal_data=wish.personal_data,
            mode="observe",
            condition=Condition.OK.value,
            created_at=tx.now(),
        )
    )
    await audit.record(tx, who=PROGRAM, what="account created", subject=wish.name, connector=wish.connector)


async def _vanish(tx: Tx, row: AccountRow) -> None:
    if row.condition_reason != Pause.VANISHED:
        await _set_condition(tx, row, Condition.PAUSED, Pause.VANISHED, PROGRAM)
    await issues.raise_issue(
        tx,
        key=f"account.vanished:{row.id}",
        kind="account.vanished",
        account_id=row.id,
        subject=row.name,
        what=f"The account {row.name} is no longer in entrepot.yaml and is paused",
        why="its name is not under accounts: there, and no account says renamed_from: with it",
        todo=f"put it back, add renamed_from: {row.name} under its new name, "
        f"or run: entrepot accounts remove {row.name}",
    )


async def check_fingerprint(tx: Tx, id: AccountId, seen: str) -> bool:
    """Compare the shop that answers with the one known. False (paused, with an issue) where it differs."""
    await tx.alone("account", id)
    row = await by_id(tx, id)
    key = f"account.other_shop:{id}"
    if row.fingerprint is None:
        await tx.run(sa.update(account).where(account.c.id == id).values(fingerprint=seen))
    elif row.fingerprint != seen:
        if row.condition_reason != Pause.OTHER_SHOP:
            await _set_condition(tx, row, Condition.PAUSED, Pause.OTHER_SHOP, PROGRAM)
        await issues.raise_issue(
            tx,
            key=key,
            kind="account.other_shop",
            account_id=id,
            subject=row.name,
            what=f"Another shop answers under the name {row.name}; the account is paused",
            why=f"it was {row.fingerprint} and is now {seen}",
            todo="put the right URL and credentials back, or give the new shop an account name of its own",
        )
        return False
    await issues.clear(tx, key)
    if row.condition_reason == Pause.OTHER_SHOP:
        await resume(tx, id, who=PROGRAM)
    return True


async def refuse_credentials(tx: Tx, id: AccountId, reason: str) -> bool:
    """The vendor refused the credentials: no more calls. True where that is news; `reason` has no secret."""
    await tx.alone("account", id)
    row = await by_id(tx, id)
    new = row.condition is Condition.OK
    if new:
        await _set_condition(tx, row, Condition.NEEDS_REAUTH, reason, PROGRAM)
    await issues.raise_issue(
        tx,
        key=f"account.needs_reauth:{id}",
        kind="account.needs_reauth",
        account_id=id,
        subject=row.name,
        what=f"{row.name} refuses our credentials; nothing is read from it or sent to it",
        why=reason,
        todo=f"renew the secret of {row.name}, then run: entrepot accounts resume {row.name}",
    )
    return new


async def pause(tx: Tx, id: AccountId, *, who: str, reason: str = Pause.BY_PERSON) -> None:
    """Stop working on it."""
    await tx.alone("account", id)
    await _set_condition(tx, await by_id(tx, id), Condition.PAUSED, reason, who)


async def resume(tx: Tx, id: AccountId, *, who: str) -> None:
    """Work on it again, and close the issues that its condition had raised."""
    await tx.alone("account", id)
    await _set_condition(tx, await by_id(tx, id), Condition.OK, "", who)
    for kind in ("account.vanished", "account.needs_reauth", "account.other_shop"):
        await issues.clear(tx, f"{kind}:{id}", by=who)


async def accept_shop(tx: Tx, id: AccountId, *, who: str) -> None:
    """A person says that the shop that answers now is the same business: its fingerprint is learnt anew."""
    await tx.run(sa.update(account).where(account.c.id == id).values(fingerprint=None))
    await audit.record(tx, who=who, what="account fingerprint forgotten", subject=(await by_id(tx, id)).name)
    await resume(tx, id, who=who)


async def go_live(tx: Tx, id: AccountId, *, who: str, live_from: datetime | None = None) -> datetime:
    """From now on we write to it; orders from before `live_from` (now) are history. Returns that moment.

    It is a whole second, as shops write the time of an order, so that none of that second is lost. An account that
    is live keeps the moment that it has.
    """
    await tx.alone("account", id)
    row = await by_id(tx, id)
    if row.live_from is not None:
        return row.live_from
    moment = (live_from or tx.clock.now()).replace(microsecond=0)
    values = {"mode": "live", "live_from": to_micros(moment)}
    await tx.run(sa.update(account).where(account.c.id == id).values(**values))
    await audit.record(tx, who=who, what="account live", subject=row.name, live_from=moment.isoformat())
    return moment


async def remove(tx: Tx, id: AccountId, *, who: str) -> None:
    """Stop for good and keep the history. Raises OpenWorkLeft. Its name becomes free."""
    await tx.alone("account", id)
    row = await by_id(tx, id)
    left = await open_work(tx, id)
    if left:
        raise OpenWorkLeft(row.name, left)
    await resume(tx, id, who=who)
    await issues.clear(tx, f"account.clock_off:{id}", by=who)
    gone = {"removed_at": tx.now(), "name": f"{row.name} (removed {tx.clock.now():%Y-%m-%d} {id[-6:]})"}
    await tx.run(sa.update(account).where(account.c.id == id).values(**gone))
    await audit.record(tx, who=who, what="account removed", subject=row.name)


async def list_all(tx: Tx) -> list[AccountRow]:
    """Every account that is not removed, by name."""
    query = sa.select(account).where(account.c.removed_at.is_(None)).order_by(account.c.name)
    return [_row(row) for row in await tx.all(query)]


async def by_name(tx: Tx, name: str) -> AccountRow | None:
    """One account by its present name, removed ones left out."""
    query = sa.select(account).where(account.c.name == name, account.c.removed_at.is_(None))
    row = await tx.one(query)
    return None if row is None else _row(row)


async def by_id(tx: Tx, id: AccountId) -> AccountRow:
    """One account by its id. Raises LookupError."""
    row = await tx.one(sa.select(account).where(account.c.id == id))
    if row is None:
        raise LookupError(f"there is no account {id}")
    return _row(row)


async def _set_condition(tx: Tx, row: AccountRow, condition: Condition, reason: str, who: str) -> None:
    if (row.condition, row.condition_reason) == (condition, reason):
        return
    values = {"condition": condition.value, "condition_reason": reason, "condition_at": tx.now()}
    await tx.run(sa.update(account).where(account.c.id == row.id).values(**values))
    await audit.record(tx, who=who, what=f"account {condition}", subject=row.name, reason=reason)


def _row(row: sa.Row[Any]) -> AccountRow:
    return AccountRow(
        id=row.id,
        name=row.name,
        connector=row.connector,
        kind=row.kind,
        fingerprint=row.fingerprint,
        condition=Condition(row.condition),
        condition_reason=row.condition_reason,
        condition_at=None if row.condition_at is None else from_micros(row.condition_at),
        live_from=None if row.live_from is None else from_micros(row.live_from),
        personal_data=row.personal_data,
        created_at=from_micros(row.created_at),
    )
