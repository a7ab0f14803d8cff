"""The links by which people decide, one for each person and thing, and how far the message with it is.

    queued ──> sending ──> told
      ^  │        ├──────> refused     the chat says no: an issue
      └──┘        └──────> unknown     no answer: it may have come, and is not said twice
    nothing was sent

`sending` is committed before the message leaves, so that a person hears of a thing once at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros, to_micros
from sync.domain.money import Money
from sync.domain.waiting import OF_MONEY, Decider
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.holds import standing
from sync.store.tables import hold, hold_link
from sync.store.tables.orders import open_hold, untold_link


class LinkState(StrEnum):
    """How far a message is."""

    QUEUED = "queued"
    SENDING = "sending"
    TOLD = "told"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    """It was decided, is no longer this person's, or its link ended, before anything was said."""


@dataclass(frozen=True, slots=True)
class Link:
    """One person's link to one hold."""

    id: str
    hold_id: str
    person: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: LinkState
    attempts: int
    error: str


async def make(tx: Tx, hold_id: str, person: str, lasts: timedelta) -> bool:
    """A link that is to be told. False where the person has one: nobody is told twice.

    One that was withdrawn before anything was said is made anew.
    """
    c = hold_link.c
    fresh: dict[str, Any] = {
        "id": tx.new_id(),
        "made_at": tx.now(),
        "expires_at": to_micros(tx.clock.now() + lasts),
        "next_at": tx.now(),
    }
    here = (c.hold_id == hold_id, c.person == person, c.state == LinkState.WITHDRAWN.value)
    anew = {"state": LinkState.QUEUED.value, "attempts": 0, "error": "", "used_at": None}
    if await tx.run(sa.update(hold_link).where(*here).values(**fresh, **anew)):
        return True
    row = upsert(hold_link).values(hold_id=hold_id, person=person, **fresh)
    return await tx.run(row.on_conflict_do_nothing(index_elements=[c.hold_id, c.person])) > 0


async def get(tx: Tx, id: str) -> Link | None:
    """One link."""
    row = await tx.one(sa.select(hold_link).where(hold_link.c.id == id))
    return None if row is None else _link(row)


async def of(tx: Tx, hold_id: str) -> list[Link]:
    """The links to one hold."""
    query = sa.select(hold_link).where(hold_link.c.hold_id == hold_id)
    return [_link(row) for row in await tx.all(query.order_by(hold_link.c.person))]


async def use(tx: Tx, id: str) -> bool:
    """Use a link up. False where it was used before, by whomever, or its time is over."""
    c = hold_link.c
    free = (c.id == id, c.used_at.is_(None), c.expires_at > tx.now())
    return await tx.run(sa.update(hold_link).where(*free).values(used_at=tx.now())) > 0


async def unlinked(tx: Tx, person: Decider, limit: int) -> list[str]:
    """The holds that wait for a decision which this person may take, and has no link to; the oldest first.

    A link that was withdrawn before anything was said is none.
    """
    c = hold.c
    has = sa.exists().where(
        hold_link.c.hold_id == c.id,
        hold_link.c.person == person.name,
        hold_link.c.state != LinkState.WITHDRAWN.value,
    )
    query = sa.select(c.id).where(
        open_hold,
        standing,
        c.asks == 1,
        c.word == "",
        c.topic.in_([topic.value for topic in person.decides]),
        c.owner.in_(["", person.name, *sorted(person.owns)]),
        _within(person.up_to),
        ~has,
    )
    return [row.id for row in await tx.all(query.order_by(c.opened_at, c.id).limit(limit))]


def _within(limits: Sequence[Money]) -> sa.ColumnElement[bool]:
    if not limits:
        return sa.true()
    c = hold.c
    within = (sa.and_(c.value_currency == one.currency, c.value_minor <= one.minor) for one in limits)
    unknown = sa.and_(c.value_minor.is_(None), c.topic.not_in([topic.value for topic in OF_MONEY]))
    return sa.or_(unknown, *within)


async def untold(tx: Tx, tries: int) -> frozenset[str]:
    """People who may not know of something that waits: its message was lost, or has been tried so often in vain."""
    c = hold_link.c
    lost = c.state.in_([LinkState.REFUSED.value, LinkState.UNKNOWN.value])
    in_vain = sa.and_(
        c.state.in_([LinkState.QUEUED.value, LinkState.SENDING.value]), c.attempts >= tries, c.error != ""
    )
    query = sa.select(c.person).join(hold, hold.c.id == c.hold_id).distinct()
    rows = await tx.all(query.where(open_hold, standing, hold.c.word == "", sa.or_(lost, in_vain)))
    return frozenset(row.person for row in rows)


async def queued(tx: Tx, limit: int) -> list[Link]:
    """The messages whose time has come."""
    ready = (hold_link.c.state == LinkState.QUEUED.value, hold_link.c.next_at <= tx.now())
    query = sa.select(hold_link).where(*ready, untold_link).order_by(hold_link.c.next_at, hold_link.c.id)
    return [_link(row) for row in await tx.all(query.limit(limit))]


async def begin(tx: Tx, id: str) -> bool:
    """Mark a message as being sent. False where it is no longer queued."""
    here = (hold_link.c.id == id, hold_link.c.state == LinkState.QUEUED.value)
    values = {"state": LinkState.SENDING.value, "attempts": hold_link.c.attempts + 1}
    return await tx.run(sa.update(hold_link).where(*here).values(**values)) > 0


async def end(tx: Tx, id: str, state: LinkState, error: str = "", again: timedelta | None = None) -> None:
    """What became of a message; `again`: try once more after so long."""
    next_at = None if again is None else to_micros(tx.clock.now() + again)
    values: dict[str, Any] = {"state": state.value, "error": error, "next_at": next_at}
    await tx.run(sa.update(hold_link).where(hold_link.c.id == id).values(**values))


async def sending(tx: Tx) -> bool:
    """Whether a message is marked as being sent."""
    here = (hold_link.c.state == LinkState.SENDING.value, untold_link)
    return await tx.scalar(sa.select(hold_link.c.id).where(*here).limit(1)) is not None


async def recover(tx: Tx) -> list[Link]:
    """What was being sent when its outcome was lost: nobody knows whether it came, so that it is not said again."""
    dead = hold_link.c.state == LinkState.SENDING.value
    rows = await tx.all(sa.select(hold_link).where(dead))
    await tx.run(sa.update(hold_link).where(dead).values(state=LinkState.UNKNOWN.value, next_at=None))
    return [_link(row) for row in rows]


def _link(row: sa.Row[Any]) -> Link:
    return Link(
        id=row.id,
        hold_id=row.hold_id,
        person=row.person,
        made_at=from_micros(row.made_at),
        expires_at=from_micros(row.expires_at),
        used_at=None if row.used_at is None else from_micros(row.used_at),
        state=LinkState(row.state),
        attempts=row.attempts,
        error=row.error,
    )
