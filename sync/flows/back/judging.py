"""The verdict on a request: by the admins' rules until it was answered or a person decided."""

from dataclasses import replace
from datetime import datetime

from sync.domain.aftersales import Answer, RequestKind, Verdict
from sync.domain.clock import to_micros
from sync.domain.requests import RequestState
from sync.flows.back.situation import Matter, facts
from sync.flows.flow import FlowContext
from sync.store import holds
from sync.store.back import cases
from sync.store.database import Tx
from sync.store.events import add_event

IN_THE_SHOP = "granted in the shop"
"""The rule's name where people granted a request in the shop before we answered it."""


async def judge(tx: Tx, ctx: FlowContext, matter: Matter) -> tuple[Verdict, RequestKind]:
    """The verdict that stands now, and what the request is treated as; what is new is stored."""
    case = matter.case
    kind = case.kind or matter.request.remote.kind
    if case.verdict is not None and _settled(matter):
        return case.verdict, kind
    judged = ctx.rulebook.judge(await facts(tx, ctx, matter))
    verdict, kind = judged.verdict, judged.kind or kind
    if verdict.answer == Answer.ASK and matter.request.remote.state in _GRANTED:
        verdict = replace(verdict, answer=Answer.APPROVE, rule=IN_THE_SHOP, reason="")
    due = _due(matter, verdict)
    at_deadline = judged.at_deadline if verdict.answer == Answer.ASK else None
    stored = (case.verdict, case.kind, case.due_at, case.owner, case.at_deadline)
    if (verdict, kind, due, judged.owner, at_deadline) == stored:
        return verdict, kind
    await _store(tx, ctx, matter, verdict, kind, due=due, owner=judged.owner, at_deadline=at_deadline)
    await holds.hand_on(tx, case.id, case.owner, judged.owner)
    return verdict, kind


_GRANTED = frozenset({RequestState.OPEN, RequestState.RECEIVED})


def _settled(matter: Matter) -> bool:
    """Whether the verdict stays whatever the rules say now: it was acted upon, or is a person's."""
    return matter.case.decided_by is not None or matter.case.standing.answered is not None


def _due(matter: Matter, verdict: Verdict) -> datetime | None:
    """By when a person must answer: the rule's time from when it was asked, or the platform's, if that is sooner."""
    if verdict.answer != Answer.ASK:
        return None
    by = [] if verdict.within is None else [matter.case.opened_at + verdict.within]
    if matter.request.remote.answer_by is not None:
        by.append(matter.request.remote.answer_by)
    return min(by, default=None)


async def _store(
    tx: Tx,
    ctx: FlowContext,
    matter: Matter,
    verdict: Verdict,
    kind: RequestKind,
    *,
    due: datetime | None,
    owner: str,
    at_deadline: Verdict | None,
) -> None:
    await cases.judge(
        tx,
        matter.case.id,
        verdict,
        kind=kind,
        owner=owner,
        due_at=None if due is None else to_micros(due),
        at_deadline=at_deadline,
        judged_with=ctx.rulebook.version,
    )
    until = f", until {due:%Y-%m-%d %H:%M} UTC" if due else ""
    why = f"{verdict.reason} " if verdict.reason else ""
    what = f"{matter.case.reference}: {verdict.answer.value} by {verdict.rule}: {why}{until}".rstrip(": ")
    await add_event(tx, matter.order.row.id, "judged", what, rule=verdict.rule)
