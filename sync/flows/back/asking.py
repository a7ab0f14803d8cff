"""What the way back asks people: its questions are entries of the one queue of holds, while their cause stands.

    a verdict, goods, an answer ──► topic `return`
    money                       ──► topic `refund`

A yes lets the case go on in spite of the cause; a no leaves it waiting, and nobody is asked again. A yes or a no to
the verdict itself is the verdict (sync.engine.deciding.returns).
"""

from collections.abc import Sequence
from dataclasses import replace

from sync.domain.aftersales import Answer, Verdict
from sync.domain.clock import from_micros
from sync.domain.confirm import HoldWanted
from sync.domain.ids import AccountId, OrderId
from sync.domain.money import Money
from sync.domain.waiting import About, Topic, Word
from sync.domain.way_back import asks_for_verdict, topic_of
from sync.flows.back.situation import Matter, asked_value
from sync.flows.flow import FlowName
from sync.store import holds
from sync.store.back.cases import BackCase
from sync.store.database import Tx


async def questions(tx: Tx, matter: Matter, asked: Sequence[HoldWanted]) -> None:
    """The case's questions are these now; those whose cause is gone wait no more."""
    case = matter.case
    wanted = [_with_deadline(tx, case, one) for one in asked]
    for one in wanted:
        if asks_for_verdict(one.rule):
            await holds.retime(tx, case.id, one.rule, case.due_at, one.at_deadline)
    for topic in (Topic.RETURN, Topic.REFUND):
        about = about_of(case, topic, asked_value(matter))
        await holds.keep(tx, about, [one for one in wanted if topic_of(one.rule) is topic])


async def nothing_left(tx: Tx, matter: Matter) -> None:
    """The case is done: nothing of it waits for a person."""
    await questions(tx, matter, ())


def about_of(case: BackCase, topic: Topic, value: Money | None) -> About:
    """The case as the queue knows it."""
    shop = AccountId(case.account_id)
    order = None if case.order_id is None else OrderId(case.order_id)
    return About(topic, case.id, case.reference, shop, order, value, FlowName.WAY_BACK.value)


def _with_deadline(tx: Tx, case: BackCase, one: HoldWanted) -> HoldWanted:
    """Whom it is for; of the verdict also by when, and what happens then."""
    if not asks_for_verdict(one.rule):
        return replace(one, owner=case.owner)
    within = None if case.due_at is None else case.due_at - from_micros(tx.now())
    return replace(one, owner=case.owner, within=within, at_deadline=_word(case.at_deadline))


def _word(verdict: Verdict | None) -> Word | None:
    if verdict is None or verdict.answer is Answer.ASK:
        return None
    return Word.APPROVED if verdict.answer is Answer.APPROVE else Word.REJECTED
