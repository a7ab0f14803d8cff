"""What a decision does, by the kind of thing that waits. Each returns the flows to wake after the commit.

- an order: yes: it goes on; no: it is not sent, and its stock is free
- a guard: yes: so many may pass; no: they go on waiting
- a return: the verdict itself; goods in a condition: paid for, sent back to the buyer; else it goes on, it stays
- a refund: the money may move, it stays
- a write that was perhaps sent, of whatever kind: it happened, it is sent again
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from sync.domain.aftersales import Answer, Verdict
from sync.domain.goods_back import condition_asked
from sync.domain.guards import Guard
from sync.domain.ids import AccountId, OrderId, OutboxId
from sync.domain.waiting import PERHAPS_SENT, Decider, Topic, Via, Word, readable
from sync.domain.way_back import asks_for_verdict
from sync.engine import approving, settling_writes
from sync.engine.settling_writes import WriteRefused
from sync.flows.names import FlowName
from sync.flows.sending.refund import limited_key
from sync.store import approvals, cases, holds, issues, orders, outbox
from sync.store.back import cases as back
from sync.store.back.cases import BackCase
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.holds import Hold

Wakes = frozenset[tuple[AccountId, FlowName]]
NOT_TAKEN = "The request was not accepted."
"""What the shop is told of a refusal for which nobody gave a reason that is meant for the buyer."""


class DecisionRefused(Exception):
    """It cannot be decided, or not by this person; the text says why."""


@dataclass(frozen=True, slots=True)
class By:
    """Who decides. `decider` is asked whether they may; the terminal is its owner's, and may everything."""

    who: str
    via: Via
    decider: Decider | None = None
    most: int | None = None
    """Of what a guard keeps back, so many were seen; None: what is there now."""
    reason: str = ""
    """Why a request is refused, in words for its buyer."""

    @property
    def overrules(self) -> bool:
        """Whether a rejection may be taken back."""
        return self.via is Via.TERMINAL


Effect = Callable[[Tx, Hold, Word, By], Awaitable[Wakes]]


def effect_of(hold: Hold) -> Effect:
    """What a decision on this does. A topic without an effect of its own is closed by either word."""
    if hold.rule == PERHAPS_SENT:
        return _write
    return _EFFECTS.get(hold.topic, _closed)


def meaning_of(hold: Hold) -> str:
    """What the two words mean for this, as the texts name it."""
    if hold.rule == PERHAPS_SENT:
        return "write"
    if hold.topic is Topic.RETURN and not asks_for_verdict(hold.rule):
        return "question" if condition_asked(hold.rule) is None else "condition"
    return hold.topic.value


async def _order(tx: Tx, hold: Hold, word: Word, by: By) -> Wakes:
    """A yes ends the hold; a no keeps it, without stock, until the shop no longer wants the order."""
    order_id = OrderId(hold.about.id)
    if word is Word.APPROVED:
        await cases.end_hold(tx, order_id, hold.rule, by.who)
        await add_event(tx, order_id, "released", f"hold ended: {hold.rule}", by=by.who)
    else:
        await cases.set_hold(tx, hold.id, keep_stock=0)
        await add_event(tx, order_id, "rejected", f"rejected: {hold.rule}", by=by.who)
    await orders.ask_review(tx, [order_id])
    shop = await orders.shop_of(tx, order_id)
    return frozenset() if shop is None else frozenset({(shop, FlowName.REVIEW)})


async def _guard(tx: Tx, hold: Hold, word: Word, by: By) -> Wakes:
    """A yes is an approval of so many; a no leaves it waiting, and asks no more while it waits."""
    if word is Word.REJECTED:
        return frozenset()
    guard = Guard(hold.rule)
    kept = (
        one
        for one in await approvals.all_waiting(tx)
        if one.account_id == hold.about.id and one.guard is guard
    )
    held = next(kept, None)
    if (
        held is None
        or await approving.approve_held(tx, held, {"who": by.who, "most": by.most}, by.via) is None
    ):
        raise DecisionRefused(f"{named(hold)}: nothing of it waits any more")
    return frozenset({(held.account_id, approving.flow_of(held))})


async def _return(tx: Tx, hold: Hold, word: Word, by: By) -> Wakes:
    """A word on the verdict is the verdict. Any other question goes on by a yes; by a no it stays, unasked."""
    case = await back.get(tx, hold.about.id)
    if case is None:
        raise DecisionRefused(f"{named(hold)}: the case is no longer stored")
    if asks_for_verdict(hold.rule) and case.verdict is not None:
        if case.standing.answered is not None:
            said = case.standing.answered.value
            raise DecisionRefused(f"{named(hold)}: the shop was answered already: {said}")
        await _judge(tx, case, case.verdict, word, by)
    condition = condition_asked(hold.rule)
    if condition is not None and case.verdict is not None:
        treated = case.verdict.treating(condition, paid=word is Word.APPROVED)
        await back.judge(tx, case.id, treated, kind=case.kind, owner=case.owner, decided_by=by.who)
    if word is Word.APPROVED or asks_for_verdict(hold.rule) or condition is not None:
        await holds.close(tx, hold.id, by.who)
    await back.reopen(tx, case.id)
    if case.order_id is not None:
        said = f"{case.reference}: {word.value} by {by.who}: {readable(hold.rule)}"
        await add_event(tx, case.order_id, "decided", said, by=by.who)
    return _looks_again(hold)


async def _judge(tx: Tx, case: BackCase, verdict: Verdict, word: Word, by: By) -> None:
    """The verdict of a person, or, at the deadline, the one that the rule has for it."""
    if by.via is Via.DEADLINE:
        if case.at_deadline is None:
            raise DecisionRefused(f"{case.reference}: its rule decides nothing when the time is over")
        new = case.at_deadline
    else:
        answer = Answer.APPROVE if word is Word.APPROVED else Answer.REFUSE
        reason = "" if answer is Answer.APPROVE else by.reason or NOT_TAKEN
        new = replace(verdict, answer=answer, reason=reason, by_person=True, within=None)
    await back.judge(tx, case.id, new, kind=case.kind, owner=case.owner, decided_by=by.who)


async def _refund(tx: Tx, hold: Hold, word: Word, by: By) -> Wakes:
    """A yes lets the money move; a no leaves it waiting, unasked. Not only cases ask: the hour's limit, too."""
    if hold.about.id != hold.about.account_id:
        return await _return(tx, hold, word, by)
    await issues.clear(tx, limited_key(AccountId(hold.about.id)), by=by.who)
    if word is Word.APPROVED:
        await holds.close(tx, hold.id, by.who)
    return _looks_again(hold)


async def _write(tx: Tx, hold: Hold, word: Word, by: By) -> Wakes:
    """A yes says that it happened, a no that it did not."""
    row = await outbox.get(tx, OutboxId(hold.about.id))
    if row is None:
        raise DecisionRefused(f"{named(hold)}: the write is no longer stored")
    try:
        if word is Word.APPROVED:
            return await settling_writes.happened(tx, row, by.who)
        _, wakes = await settling_writes.again(tx, row, by.who)
    except WriteRefused as error:
        raise DecisionRefused(f"{named(hold)}: {error}") from None
    return wakes


async def _closed(tx: Tx, hold: Hold, word: Word, by: By) -> Wakes:
    """Either word is an answer: the question is closed, and its flow looks again."""
    await holds.close(tx, hold.id, by.who)
    return _looks_again(hold)


def _looks_again(hold: Hold) -> Wakes:
    if not hold.about.wakes or hold.about.account_id is None:
        return frozenset()
    return frozenset({(hold.about.account_id, FlowName(hold.about.wakes))})


def named(hold: Hold) -> str:
    """As people read it."""
    return f"{hold.topic.value} {hold.about.subject} ({readable(hold.rule)})"


_EFFECTS: Mapping[Topic, Effect] = {
    Topic.ORDER: _order,
    Topic.GUARD: _guard,
    Topic.RETURN: _return,
    Topic.REFUND: _refund,
}
