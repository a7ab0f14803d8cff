"""What waits, as people look at it: the list, and one thing with what its decision rests on.

Nothing here is a buyer's: an order is its number, its lines and its total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.domain.money import Money
from sync.domain.requests import RequestLine
from sync.domain.waiting import Topic
from sync.engine import approving
from sync.engine.deciding.effects import DecisionRefused
from sync.store import cases, hold_comments, hold_links, holds
from sync.store.back import cases as back
from sync.store.back import requests
from sync.store.database import Tx
from sync.store.hold_comments import Comment
from sync.store.hold_links import Link
from sync.store.holds import Hold

ROWS = 20
"""Lines or moves that are shown of one thing."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of an order, or a move that a guard keeps back: what it is of, and how much."""

    name: str
    code: str
    said: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits, with what a decision on it needs."""

    hold: Hold
    rows: tuple[Row, ...]
    more: int
    """Rows that are not shown."""
    count: int
    """What a guard keeps back; 0 for all else."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    id: str
    topic: str
    subject: str
    rule: str
    owner: str
    since: datetime
    due_at: datetime | None
    at_deadline: str
    stock: str
    """parked: it keeps its stock; locked: it gave it back; empty where there is none."""
    value: Money | None
    word: str
    asks: bool


async def one_of(tx: Tx, name: str) -> str:
    """The hold that a person names: by its id, or as subject or topic/subject where one thing of it is open.

    Raises DecisionRefused.
    """
    if await holds.get(tx, name) is not None:
        return name
    topic, _, subject = name.partition(":")
    found = [
        one.id
        for one in await holds.queue(tx)
        if one.about.subject == name or (one.topic.value, one.about.subject) == (topic, subject)
    ]
    if len(found) > 1:
        raise DecisionRefused(
            f"{len(found)} things of {name} wait: name one by its id; see: entrepot holds list"
        )
    if not found:
        raise DecisionRefused(f"there is no hold {name}; see: entrepot holds list")
    return found[0]


def entry(hold: Hold) -> Entry:
    """A hold as the list shows it."""
    parked = "parked" if hold.keep_stock else "locked"
    return Entry(
        hold.id,
        hold.topic.value,
        hold.about.subject,
        hold.rule,
        hold.owner,
        hold.opened_at,
        hold.due_at,
        hold.at_deadline.value if hold.at_deadline else "",
        parked if hold.topic is Topic.ORDER else "",
        hold.about.value,
        hold.word.value if hold.word else "",
        hold.asks,
    )


async def listed(tx: Tx, *, topic: Topic | None, owner: str | None, everything: bool) -> list[Entry]:
    """The queue; without `everything` only what wants a person, those rejected included."""
    found = await holds.queue(tx, topic=topic, owner=owner)
    return [entry(one) for one in found if everything or one.asks or one.word is not None]


async def matter(tx: Tx, hold: Hold) -> Matter:
    """What the decision rests on, as it is now."""
    if hold.topic is Topic.GUARD:
        return await _guarded(tx, hold)
    if hold.about.order_id is None:
        return Matter(hold, (), 0, 0)
    if hold.topic in (Topic.RETURN, Topic.REFUND):
        return await _asked_back(tx, hold)
    return await _ordered(tx, hold)


async def _guarded(tx: Tx, hold: Hold) -> Matter:
    account = hold.about.account_id
    waits = None if account is None else await approving.waits_of(tx, account, hold.rule, ROWS)
    if waits is None:
        return Matter(hold, (), 0, 0)
    rows = tuple(
        Row(one.title or one.external_id, one.external_id, f"{one.before} → {one.after}")
        for one in waits.largest
    )
    return Matter(hold, rows, max(0, waits.waiting - len(rows)), waits.waiting)


async def _ordered(tx: Tx, hold: Hold) -> Matter:
    lines: Sequence[cases.StoredLine] = await cases.lines(tx, hold.about.order_id or "")
    rows = tuple(Row(one.title, one.remote_sku or "", f"{one.quantity} ×") for one in lines[:ROWS])
    return Matter(hold, rows, len(lines) - len(rows), 0)


async def _asked_back(tx: Tx, hold: Hold) -> Matter:
    """The lines that the request is about, with the pieces and the money that are asked for."""
    case = await back.get(tx, hold.about.id)
    request = None if case is None or case.request_id is None else await requests.get(tx, case.request_id)
    if request is None:
        return await _ordered(tx, hold)
    lines = {line.external_id: line for line in await cases.lines(tx, hold.about.order_id or "")}
    rows = []
    for one in request.remote.lines:
        line = lines.get(one.line)
        if line is not None:
            rows.append(Row(line.title, line.remote_sku or "", _said(hold, one)))
    return Matter(hold, tuple(rows[:ROWS]), max(0, len(rows) - ROWS), 0)


def _said(hold: Hold, one: RequestLine) -> str:
    """Pieces, and the money that is asked for without goods."""
    value = hold.about.value
    money = f" {Money(one.allowance, value.currency)}" if one.allowance and value is not None else ""
    return f"{one.units} ×{money}"


@dataclass(frozen=True, slots=True)
class Story:
    """One thing with all that was said and done about it."""

    matter: Matter
    comments: tuple[Comment, ...]
    links: tuple[Link, ...]


async def story(tx: Tx, id: str) -> Story:
    """Raises DecisionRefused where there is no such hold."""
    hold = await holds.get(tx, id)
    if hold is None:
        raise DecisionRefused(f"there is no hold {id}; see: entrepot holds list")
    return Story(
        await matter(tx, hold),
        tuple(await hold_comments.of(tx, id)),
        tuple(await hold_links.of(tx, id)),
    )
