"""The queue of everything that waits for a person: one open hold for each thing and rule.

Whoever plans from a level says each time what waits (`keep`), and reads what was decided (`decided`):

    about = About(Topic.RETURN, case_id, "shop/10042 return 1", account, order, value, FlowName.RETURNS)
    await holds.keep(tx, about, plan.questions)
    standing.decided = frozenset(await holds.decided(tx, Topic.RETURN, case_id))

An order's holds are kept by sync.flows.orders.holding, since they also say what becomes of its stock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.money import Money
from sync.domain.waiting import About, Topic, Via, Word, readable
from sync.store import issues
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import account, hold
from sync.store.tables.orders import open_hold, open_other_hold

CAUSE_GONE = "cause gone"
standing = sa.or_(
    hold.c.account_id.is_(None),
    hold.c.account_id.not_in(sa.select(account.c.id).where(account.c.removed_at.is_not(None))),
)
"""Nothing of an account that was removed waits any more."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One entry of the queue. It may be open and decided: a rejected order is held on."""

    id: str
    about: About
    rule: str
    reason: str
    todo: str
    owner: str
    keep_stock: bool
    release: str
    asks: bool
    """Whether a person's decision is wanted: people are told, and their links decide it."""
    opened_at: datetime
    due_at: datetime | None
    at_deadline: Word | None
    word: Word | None
    decided_at: datetime | None
    decided_by: str | None
    decided_via: Via | None
    closed_at: datetime | None
    closed_by: str | None

    @property
    def topic(self) -> Topic:
        """What kind of thing waits."""
        return self.about.topic

    @property
    def open(self) -> bool:
        """Whether it stands, decided or not."""
        return self.closed_at is None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.open and self.word is None


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided last about one rule of one thing."""

    word: Word
    who: str
    via: Via
    at: datetime


async def keep(tx: Tx, about: About, wanted: Sequence[HoldWanted]) -> None:
    """Make what waits about one thing (not an order) be `wanted`: opened, renewed, or ended as its cause is gone.

    What a person has decided is not opened again while `wanted` goes on naming it: leave it out by `decided`.
    """
    for one in wanted:
        await keep_one(tx, about, one)
    rules = [one.rule for one in wanted]
    here = (hold.c.topic == about.topic.value, hold.c.about == about.id, open_other_hold)
    gone = await tx.all(sa.select(hold.c.id).where(*here, hold.c.rule.not_in(rules)))
    for row in gone:
        await close(tx, row.id, CAUSE_GONE)


async def keep_one(tx: Tx, about: About, wanted: HoldWanted, *, tell: bool = True) -> str:
    """Open or renew one hold; returns its id. `tell`: raise the issue `hold.waiting` of what asks."""
    words = {"reason": wanted.reason, "todo": wanted.todo, "subject": about.subject}
    here = (hold.c.topic == about.topic.value, hold.c.about == about.id, hold.c.rule == wanted.rule)
    renew = sa.update(hold).where(*here, open_other_hold).values(**words, **_worth(about.value))
    if not await tx.run(renew):
        row = upsert(hold).values(id=tx.new_id(), about=about.id, **row_of(tx, about, wanted))
        added = row.on_conflict_do_nothing(
            index_elements=[hold.c.topic, hold.c.about, hold.c.rule], index_where=open_other_hold
        )
        await tx.run(added)
    found = await tx.one(sa.select(hold).where(*here, open_other_hold))
    assert found is not None  # noqa: S101  (written above, in this transaction)
    kept = _hold(found)
    if tell and kept.waits and kept.asks:
        await _tell(tx, kept)
    return kept.id


def row_of(tx: Tx, about: About, wanted: HoldWanted) -> dict[str, Any]:
    """The columns of a new hold, but for its id and what it is about."""
    due = None if wanted.within is None else to_micros(tx.clock.now() + wanted.within)
    return {
        "topic": about.topic.value,
        "order_id": about.order_id,
        "account_id": about.account_id,
        "subject": about.subject,
        "wakes": about.wakes,
        "rule": wanted.rule,
        "reason": wanted.reason,
        "todo": wanted.todo,
        "release": wanted.release.value,
        "keep_stock": int(wanted.keep_stock),
        "asks": int(wanted.asks),
        "owner": wanted.owner,
        "due_at": due,
        "at_deadline": "" if wanted.at_deadline is None else wanted.at_deadline.value,
        "opened_at": tx.now(),
        **_worth(about.value),
    }


def _worth(value: Money | None) -> dict[str, Any]:
    return {
        "value_minor": None if value is None else value.minor,
        "value_currency": None if value is None else value.currency,
    }


async def _tell(tx: Tx, one: Hold) -> None:
    await issues.raise_issue(
        tx,
        key=_issue(one.id),
        kind="hold.waiting",
        account_id=one.about.account_id,
        order_id=one.about.order_id,
        subject=one.about.subject,
        what=f"{one.topic.value} {one.about.subject} waits for a decision: {readable(one.rule)}",
        why=one.reason,
        todo=f"{one.todo} Decide with: entrepot holds show {one.id}",
        owner=one.owner,
        due_at=one.due_at,
    )


def _issue(id: str) -> str:
    return f"hold.waiting:{id}"


async def close(tx: Tx, id: str, by: str) -> bool:
    """End a hold: its cause is gone, or a person said so. False where it was not open."""
    ended = sa.update(hold).where(hold.c.id == id, open_hold).values(released_at=tx.now(), released_by=by)
    await issues.clear(tx, _issue(id), by=by)
    return await tx.run(ended) > 0


async def close_about(tx: Tx, topic: Topic, about: str, rule: str, by: str) -> None:
    """End the open hold of one rule of one thing, where there is one."""
    here = (hold.c.topic == topic.value, hold.c.about == about, hold.c.rule == rule)
    for row in await tx.all(sa.select(hold.c.id).where(*here, open_hold)):
        await close(tx, row.id, by)


async def decide(tx: Tx, id: str, word: Word, *, who: str, via: Via, overrule: bool = False) -> bool:
    """Write the decision down, once: False where somebody was before us, or it is no longer there.

    `overrule`: a decision that stands on an open hold may be changed into its opposite.
    """
    free = hold.c.word != word.value if overrule else hold.c.word == ""
    values = {"word": word.value, "decided_at": tx.now(), "decided_by": who, "decided_via": via.value}
    if not await tx.run(sa.update(hold).where(hold.c.id == id, open_hold, free).values(**values)):
        return False
    await issues.clear(tx, _issue(id), by=who)
    await issues.clear(tx, f"hold.overdue:{id}", by=who)
    return True


async def settle(tx: Tx, topic: Topic, about: str, rule: str, word: Word, *, who: str, via: Via) -> None:
    """Write a decision down that was taken elsewhere, and close the hold, where there is one."""
    here = (hold.c.topic == topic.value, hold.c.about == about, hold.c.rule == rule)
    for row in await tx.all(sa.select(hold.c.id).where(*here, open_hold)):
        await decide(tx, row.id, word, who=who, via=via, overrule=True)
        await close(tx, row.id, who)


async def open_about(tx: Tx, about: str) -> list[Hold]:
    """What is open about one thing (not an order), whatever its topic, the oldest first."""
    query = sa.select(hold).where(hold.c.about == about, open_other_hold)
    return [_hold(row) for row in await tx.all(query.order_by(hold.c.opened_at, hold.c.rule))]


async def settle_about(tx: Tx, about: str, rule: str, word: Word, *, who: str) -> None:
    """Close what is open about one thing and rule, whatever its topic; what nobody decided yet is decided so."""
    here = (hold.c.about == about, hold.c.rule == rule, open_other_hold)
    for row in await tx.all(sa.select(hold.c.id).where(*here)):
        await decide(tx, row.id, word, who=who, via=Via.TERMINAL)
        await close(tx, row.id, who)


async def decided(tx: Tx, topic: Topic, about: str) -> Mapping[str, Decided]:
    """By rule, what was decided last about one thing."""
    query = sa.select(hold).where(hold.c.topic == topic.value, hold.c.about == about, hold.c.word != "")
    rows = await tx.all(query.order_by(hold.c.decided_at, hold.c.id))
    return {
        row.rule: Decided(
            Word(row.word), row.decided_by or "", Via(row.decided_via), from_micros(row.decided_at)
        )
        for row in rows
    }


async def assign(tx: Tx, id: str, owner: str) -> bool:
    """Give it to a person or a queue. False where it is not open."""
    return await tx.run(sa.update(hold).where(hold.c.id == id, open_hold).values(owner=owner)) > 0


async def hand_on(tx: Tx, about: str, before: str, owner: str) -> None:
    """What nobody decided about one thing (not an order) is for its new owner now, but for what people assigned."""
    theirs = (hold.c.about == about, open_other_hold, hold.c.word == "", hold.c.owner == before)
    await tx.run(sa.update(hold).where(*theirs).values(owner=owner))


async def retime(tx: Tx, about: str, rule: str, due: datetime | None, at_deadline: Word | None) -> None:
    """What nobody decided about one thing (not an order) is due then, and this is decided then."""
    here = (hold.c.about == about, hold.c.rule == rule, open_other_hold, hold.c.word == "")
    values = {
        "due_at": None if due is None else to_micros(due),
        "at_deadline": "" if at_deadline is None else at_deadline.value,
    }
    await tx.run(sa.update(hold).where(*here).values(**values))


async def get(tx: Tx, id: str) -> Hold | None:
    """One hold by its id, open or not."""
    row = await tx.one(sa.select(hold).where(hold.c.id == id))
    return None if row is None else _hold(row)


async def queue(
    tx: Tx, *, topic: Topic | None = None, owner: str | None = None, asking: bool = False
) -> list[Hold]:
    """What is open, that which is due first on top, then the oldest. `asking`: only what wants a decision."""
    query = sa.select(hold).where(open_hold, standing)
    if topic is not None:
        query = query.where(hold.c.topic == topic.value)
    if owner is not None:
        query = query.where(hold.c.owner == owner)
    if asking:
        query = query.where(hold.c.asks == 1, hold.c.word == "")
    rows = await tx.all(query.order_by(hold.c.due_at.is_(None), hold.c.due_at, hold.c.opened_at, hold.c.id))
    return [_hold(row) for row in rows]


async def due(tx: Tx, limit: int) -> list[Hold]:
    """What nobody decided in its time, and what is to be decided then first."""
    late = (open_hold, standing, hold.c.word == "", hold.c.due_at <= tx.now())
    query = sa.select(hold).where(*late).order_by(hold.c.at_deadline == "", hold.c.due_at, hold.c.id)
    return [_hold(row) for row in await tx.all(query.limit(limit))]


def _hold(row: sa.Row[Any]) -> Hold:
    value = None if row.value_minor is None else Money(row.value_minor, row.value_currency)
    return Hold(
        id=row.id,
        about=About(
            Topic(row.topic),
            row.about or row.order_id or "",
            row.subject,
            None if row.account_id is None else AccountId(row.account_id),
            None if row.order_id is None else OrderId(row.order_id),
            value,
            row.wakes,
        ),
        rule=row.rule,
        reason=row.reason,
        todo=row.todo,
        owner=row.owner,
        keep_stock=bool(row.keep_stock),
        release=row.release,
        asks=bool(row.asks),
        opened_at=from_micros(row.opened_at),
        due_at=_moment(row.due_at),
        at_deadline=Word(row.at_deadline) if row.at_deadline else None,
        word=Word(row.word) if row.word else None,
        decided_at=_moment(row.decided_at),
        decided_by=row.decided_by,
        decided_via=Via(row.decided_via) if row.decided_via else None,
        closed_at=_moment(row.released_at),
        closed_by=row.released_by,
    )


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
