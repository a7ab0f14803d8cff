"""Cases of the way back: the verdict on each, what was done for it, what it is owed, and what people said of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from sync.domain.aftersales import (
    ChannelAnswer,
    Interception,
    RequestKind,
    Standing,
    Verdict,
)
from sync.domain.clock import from_micros
from sync.domain.ids import AccountId, OrderId
from sync.domain.ledger import Due
from sync.domain.receipts import Disposal
from sync.domain.waiting import Topic, Word
from sync.store import issues
from sync.store.database import Tx
from sync.store.dialect import upsert
from sync.store.tables import back_case, hold

OPEN, DONE, JOINED = "open", "done", "joined"
TOPICS = (Topic.RETURN.value, Topic.REFUND.value)
"""Under these the queue of holds has a case's questions; what people said yes to is in its standing."""
# Every review of an order asks this: it is built once.
_OPEN_OF_ORDER = sa.select(back_case.c.id, back_case.c.account_id).where(
    back_case.c.order_id == sa.bindparam("order"), back_case.c.state == OPEN
)


@dataclass(frozen=True, slots=True)
class BackCase:
    """One case. `request_id` None: goods that nobody announced, `account_id` the warehouse's."""

    id: str
    account_id: AccountId
    request_id: str | None
    order_id: OrderId | None
    reference: str
    """What the warehouse knows it by."""
    n: int
    """The nth case of its order."""
    kind: RequestKind | None
    state: str
    verdict: Verdict | None
    judged_with: str
    """The version of the rules that it was judged with."""
    judged_at: datetime | None
    decided_by: str | None
    """The person whose word the verdict is."""
    owner: str
    due_at: datetime | None
    at_deadline: Verdict | None
    due: Due | None
    told: "Told"
    """What the shop was told is back."""
    waits: str
    opened_at: datetime
    closed_at: datetime | None
    review_at: int | None = None
    """When it is to be looked at (microseconds), as it was asked for when this was read."""
    standing: Standing = field(default_factory=Standing)


class Told(msgspec.Struct, frozen=True):
    """By the shop's line: pieces back that are sold again, and those that are not; whether that is all."""

    lines: dict[str, tuple[int, int]] = {}
    complete: bool = False


class _Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """`Standing` as it is kept: keys of several parts as rows."""

    stop_asked: bool = False
    stops: dict[str, int] = {}
    answered: ChannelAnswer | None = None
    answered_as: int = 0
    interception: Interception = Interception.NONE
    label: bool = False
    announced: tuple[tuple[str, str, int], ...] = ()
    instructed: tuple[tuple[str, str, Disposal, int], ...] = ()
    scanned: bool = False
    reserved: bool = False
    charge_asked: bool = False
    charged: bool = False
    sent: bool = False


async def open_case(
    tx: Tx,
    *,
    account_id: AccountId,
    reference: str,
    n: int,
    kind: RequestKind | None,
    request_id: str | None = None,
    order_id: OrderId | None = None,
) -> str:
    """A case for a request, or for goods that nobody announced. Its id; that of the one that is there already."""
    row = {
        "id": tx.new_id(),
        "account_id": account_id,
        "request_id": request_id,
        "order_id": order_id,
        "reference": reference,
        "n": n,
        "kind": None if kind is None else kind.value,
        "opened_at": tx.now(),
        "review_at": tx.now(),
    }
    insert = upsert(back_case).values(**row).on_conflict_do_nothing(index_elements=[back_case.c.reference])
    if await tx.run(insert):
        return str(row["id"])
    return str(await tx.scalar(sa.select(back_case.c.id).where(back_case.c.reference == reference)))


async def next_n(tx: Tx, order_id: OrderId) -> int:
    """The number of the next case of an order, whose row must be held."""
    found = sa.select(sa.func.max(back_case.c.n)).where(back_case.c.order_id == order_id)
    return int(await tx.scalar(found) or 0) + 1


async def get(tx: Tx, id: str) -> BackCase | None:
    """One case."""
    found = await _where(tx, back_case.c.id == id)
    return found[0] if found else None


async def named(tx: Tx, reference: str) -> BackCase | None:
    """One case by its reference."""
    found = await _where(tx, back_case.c.reference == reference)
    return found[0] if found else None


async def of_order(tx: Tx, order_id: OrderId) -> list[BackCase]:
    """All cases of an order, the first one first."""
    return await _where(tx, back_case.c.order_id == order_id)


async def of_request(tx: Tx, request_id: str) -> BackCase | None:
    """The case that follows from a request."""
    found = await _where(tx, back_case.c.request_id == request_id)
    return found[0] if found else None


async def listed(
    tx: Tx, *, account_id: AccountId | None = None, state: str | None = OPEN, limit: int = 200
) -> list[BackCase]:
    """Cases, the one due first on top, then the oldest."""
    query = sa.select(back_case)
    if account_id is not None:
        query = query.where(back_case.c.account_id == account_id)
    if state is not None:
        query = query.where(back_case.c.state == state)
    c = back_case.c
    rows = await tx.all(query.order_by(c.due_at.is_(None), c.due_at, c.opened_at, c.id).limit(limit))
    return await _cases(tx, rows)


async def due_reviews(tx: Tx, account_id: AccountId, limit: int) -> Sequence[str]:
    """Cases about which something changed, or whose deadline has come, the oldest change first."""
    c = back_case.c
    due = sa.or_(
        c.review_at <= tx.now(),
        sa.and_(c.state == OPEN, c.at_deadline.is_not(None), c.due_at <= tx.now()),
    )
    rows = await tx.all(
        sa.select(c.id).where(c.account_id == account_id, due).order_by(c.review_at, c.id).limit(limit)
    )
    return [row.id for row in rows]


async def ask_review(tx: Tx, ids: Iterable[str], at: int | None = None) -> None:
    """Something about these cases changed: look again, now or at a moment (microseconds)."""
    when = tx.now() if at is None else at
    c = back_case.c
    for id in sorted(set(ids)):
        sooner = sa.case((c.review_at < when, c.review_at), else_=sa.literal(when, sa.BigInteger))
        values = sa.update(back_case).where(c.id == id, c.state == OPEN).values(review_at=sooner)
        await tx.run(values)


async def ask_review_of_order(tx: Tx, order_id: OrderId) -> list[AccountId]:
    """Something about an order changed: its open cases get another look. Returns their accounts."""
    rows = await tx.all(_OPEN_OF_ORDER, {"order": order_id})
    await ask_review(tx, [row.id for row in rows])
    return sorted({AccountId(row.account_id) for row in rows})


async def judge(
    tx: Tx,
    id: str,
    verdict: Verdict,
    *,
    kind: RequestKind | None,
    owner: str = "",
    due_at: int | None = None,
    at_deadline: Verdict | None = None,
    judged_with: str = "",
    decided_by: str | None = None,
) -> None:
    """The verdict that stands now, of a rule or of a person."""
    await _set(
        tx,
        id,
        kind=None if kind is None else kind.value,
        answer=verdict.answer.value,
        rule=verdict.rule,
        verdict=msgspec.json.encode(verdict).decode(),
        owner=owner,
        due_at=due_at,
        at_deadline=None if at_deadline is None else msgspec.json.encode(at_deadline).decode(),
        judged_with=judged_with,
        judged_at=tx.now(),
        decided_by=decided_by,
    )


async def stand(tx: Tx, id: str, standing: Standing) -> None:
    """What was done for it by now; the answers of people are kept in the queue of holds."""
    kept = _Standing(
        stop_asked=standing.stop_asked,
        stops=dict(standing.stops),
        answered=standing.answered,
        answered_as=standing.answered_as,
        interception=standing.interception,
        label=standing.label,
        announced=tuple((line, sku, units) for (line, sku), units in sorted(standing.announced.items())),
        instructed=tuple(
            (line, sku, goes, units) for ((line, sku), goes), units in sorted(standing.instructed.items())
        ),
        scanned=standing.scanned,
        reserved=standing.reserved,
        charge_asked=standing.charge_asked,
        charged=standing.charged,
        sent=standing.sent,
    )
    await _set(tx, id, standing=msgspec.json.encode(kept).decode())


async def not_intercepted(tx: Tx, case: BackCase) -> None:
    """The courier would not turn its parcel round."""
    await stand(tx, case.id, replace(case.standing, interception=Interception.FAILED))


async def owe(tx: Tx, id: str, due: Due) -> None:
    """What it is owed in all."""
    await _set(tx, id, due=msgspec.json.encode(due).decode())


async def tell(tx: Tx, id: str, told: "Told") -> None:
    """What the shop is told of in all."""
    await _set(tx, id, told=msgspec.json.encode(told).decode())


async def reopen(tx: Tx, id: str) -> None:
    """Something new is known of it, whether it was done or not: look again."""
    here = sa.and_(back_case.c.id == id, back_case.c.state != JOINED)
    values = {"state": OPEN, "closed_at": None, "review_at": tx.now()}
    await tx.run(sa.update(back_case).where(here).values(**values))


async def reopen_of_order(tx: Tx, order_id: OrderId) -> list[AccountId]:
    """The order is another: its cases that are done get another look, too. Returns their accounts."""
    c = back_case.c
    rows = await tx.all(sa.select(c.id, c.account_id).where(c.order_id == order_id, c.state == DONE))
    for row in rows:
        await reopen(tx, row.id)
    return sorted({AccountId(row.account_id) for row in rows})


async def settle(
    tx: Tx, id: str, *, done: bool, waits: str, review_at: int | None, read_at: int | None = None
) -> bool:
    """It was looked at: what it waits for now, and when it is looked at next without a cause.

    `read_at`: the `review_at` with which it was read. Where that is another by now, something came that was not
    looked at: then nothing is written, and it is looked at again. Returns whether it was written.
    """
    c = back_case.c
    here = c.id == id if read_at is None else sa.and_(c.id == id, c.review_at == read_at)
    values = {
        "state": DONE if done else OPEN,
        "waits": waits,
        "closed_at": tx.now() if done else None,
        "review_at": review_at,
    }
    return bool(await tx.run(sa.update(back_case).where(here).values(**values)))


async def join(tx: Tx, id: str) -> None:
    """Goods that nobody announced have found their request: this case is no more, and nobody looks for its owner."""
    await _set(tx, id, state=JOINED, closed_at=tx.now(), review_at=None)
    await issues.clear(tx, unannounced_key(id))


def unannounced_key(id: str) -> str:
    """The issue of goods that nobody announced."""
    return f"return.unannounced:{id}"


async def _set(tx: Tx, id: str, **values: object) -> None:
    await tx.run(sa.update(back_case).where(back_case.c.id == id).values(**values))


async def _where(tx: Tx, where: sa.ColumnElement[bool]) -> list[BackCase]:
    return await _cases(tx, await tx.all(sa.select(back_case).where(where).order_by(back_case.c.n)))


async def _cases(tx: Tx, rows: Sequence[sa.Row[Any]]) -> list[BackCase]:
    h = hold.c
    said_yes: dict[str, set[str]] = {}
    about = (h.topic.in_(TOPICS), h.about.in_([row.id for row in rows]), h.word == Word.APPROVED.value)
    for one in await tx.all(sa.select(h.about, h.rule).where(*about)) if rows else ():
        said_yes.setdefault(one.about, set()).add(one.rule)
    return [_case(row, said_yes.get(row.id, set())) for row in rows]


def _case(row: sa.Row[Any], said_yes: set[str]) -> BackCase:
    return BackCase(
        id=row.id,
        account_id=AccountId(row.account_id),
        request_id=row.request_id,
        order_id=None if row.order_id is None else OrderId(row.order_id),
        reference=row.reference,
        n=row.n,
        kind=None if row.kind is None else RequestKind(row.kind),
        state=row.state,
        verdict=msgspec.json.decode(row.verdict, type=Verdict) if row.verdict else None,
        judged_with=row.judged_with,
        judged_at=None if row.judged_at is None else from_micros(row.judged_at),
        decided_by=row.decided_by,
        owner=row.owner,
        due_at=None if row.due_at is None else from_micros(row.due_at),
        at_deadline=msgspec.json.decode(row.at_deadline, type=Verdict) if row.at_deadline else None,
        due=msgspec.json.decode(row.due, type=Due) if row.due else None,
        told=msgspec.json.decode(row.told, type=Told) if row.told else Told(),
        waits=row.waits,
        opened_at=from_micros(row.opened_at),
        closed_at=None if row.closed_at is None else from_micros(row.closed_at),
        review_at=row.review_at,
        standing=_standing(row.standing, said_yes),
    )


def has_sent(standing: str | None) -> bool:
    """Whether a case of which this is stored has let the other goods go."""
    return bool(standing) and msgspec.json.decode(standing or "{}", type=_Standing).sent


def _standing(text: str, said_yes: set[str]) -> Standing:
    kept = msgspec.json.decode(text, type=_Standing) if text else _Standing()
    announced: Mapping[Any, int] = {(line, sku): units for line, sku, units in kept.announced}
    return Standing(
        stop_asked=kept.stop_asked,
        stops=kept.stops,
        answered=kept.answered,
        answered_as=kept.answered_as,
        interception=kept.interception,
        label=kept.label,
        announced=announced,
        instructed={((line, sku), goes): units for line, sku, goes, units in kept.instructed},
        scanned=kept.scanned,
        reserved=kept.reserved,
        charge_asked=kept.charge_asked,
        charged=kept.charged,
        sent=kept.sent,
        decided=frozenset(said_yes),
    )
