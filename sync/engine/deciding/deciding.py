"""A decision on what waits, whoever takes it and however it comes: written once, told, and carried to its thing.

    terminal ─┐
    link ─────┼─► decide ─► hold · comment · timeline · decision · audit ─► the flow that looks again
    deadline ─┘

A topic without an `Effect` of its own is closed by either word, and its flow reads what was decided
(`holds.decided`): that is all that a new topic has to do.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sync.domain.guards import Guard
from sync.domain.ids import AccountId, OrderId
from sync.domain.waiting import Decider, Topic, Via, Word
from sync.engine import approving
from sync.flows.names import FlowName
from sync.store import approvals, audit, cases, decisions, hold_comments, holds, issues, orders
from sync.store.database import Tx
from sync.store.events import add_event
from sync.store.holds import Hold
from sync.telemetry import metrics

Wake = tuple[AccountId, FlowName]


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

    @property
    def overrules(self) -> bool:
        """Whether a rejection may be taken back."""
        return self.via is Via.TERMINAL


@dataclass(frozen=True, slots=True)
class Done:
    """A decision that was taken. `wake` is for after the commit."""

    hold: Hold
    word: Word
    wake: frozenset[Wake]


Effect = Callable[[Tx, Hold, Word, By], Awaitable[frozenset[Wake]]]


async def decide(tx: Tx, id: str, word: Word, by: By, comment: str = "") -> Done:
    """Decide one hold, in the caller's transaction. Raises DecisionRefused: the caller lets nothing be written."""
    hold = await _decidable(tx, id, word, by)
    if hold.topic is Topic.ORDER:
        await cases.load(tx, hold.about.id)  # its row is held from here on, before the hold's own
    if not await holds.decide(tx, id, word, who=by.who, via=by.via, overrule=by.overrules):
        raise DecisionRefused(f"{_named(hold)} was decided by somebody else meanwhile")
    note = await hold_comments.add(tx, id, who=by.who, text=comment, word=word) if comment else ""
    wake = await _EFFECTS.get(hold.topic, _closed)(tx, hold, word, by)
    facts = {"hold": id, "via": by.via.value, "topic": hold.topic.value, "rule": hold.rule, "comment": note}
    await decisions.record(
        tx, who=by.who, what=f"{word.value} {hold.rule}", order_id=hold.about.order_id, **facts
    )
    why = {"reason": hold.reason} if by.via is not Via.DEADLINE else {"reason": "nobody decided in time"}
    await audit.record(tx, who=by.who, what=f"hold {word.value}", subject=_named(hold), **facts, **why)
    metrics.DECISIONS.labels(hold.topic.value, word.value).inc()
    return Done(hold, word, wake)


async def _decidable(tx: Tx, id: str, word: Word, by: By) -> Hold:
    hold = await holds.get(tx, id)
    if hold is None:
        raise DecisionRefused(f"there is no hold {id}; see: entrepot holds list")
    if not hold.open:
        raise DecisionRefused(f"{_named(hold)} waits no more: {ended(hold)}")
    if hold.word is not None and (hold.word is word or not by.overrules):
        raise DecisionRefused(f"{_named(hold)} is decided already: {ended(hold)}")
    refused = "" if by.decider is None else by.decider.refused(hold.topic, hold.owner, hold.about.value)
    if refused:
        raise DecisionRefused(refused)
    return hold


def ended(hold: Hold) -> str:
    """How a hold that waits no more came to that, in words."""
    if hold.word is None or hold.decided_at is None:
        return hold.closed_by or "its cause is gone"
    return f"{hold.word.value} by {hold.decided_by} at {hold.decided_at:%Y-%m-%d %H:%M} UTC"


def _named(hold: Hold) -> str:
    return f"{hold.topic.value} {hold.about.subject} ({hold.rule})"


async def _order(tx: Tx, hold: Hold, word: Word, by: By) -> frozenset[Wake]:
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


async def _guard(tx: Tx, hold: Hold, word: Word, by: By) -> frozenset[Wake]:
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
        raise DecisionRefused(f"{_named(hold)}: nothing of it waits any more")
    return frozenset({(held.account_id, approving.flow_of(held))})


async def _closed(tx: Tx, hold: Hold, word: Word, by: By) -> frozenset[Wake]:
    """Either word is an answer: the question is closed, and its flow looks again."""
    await holds.close(tx, hold.id, by.who)
    if not hold.about.wakes or hold.about.account_id is None:
        return frozenset()
    return frozenset({(hold.about.account_id, FlowName(hold.about.wakes))})


_EFFECTS: Mapping[Topic, Effect] = {Topic.ORDER: _order, Topic.GUARD: _guard}


async def assign(tx: Tx, id: str, owner: str, who: str) -> Hold:
    """Give what waits to a person or a queue. Raises DecisionRefused."""
    hold = await holds.get(tx, id)
    if hold is None or not await holds.assign(tx, id, owner):
        raise DecisionRefused(f"there is no open hold {id}; see: entrepot holds list")
    await issues.set_owner(tx, _issue_of(hold), owner)
    await audit.record(
        tx, who=who, what="hold assigned", subject=_named(hold), hold=id, owner=owner, before=hold.owner
    )
    return hold


def _issue_of(hold: Hold) -> str:
    if hold.topic is Topic.ORDER:
        return f"order.held:{hold.about.id}:{hold.rule}"
    return f"guard.{hold.rule}:{hold.about.id}" if hold.topic is Topic.GUARD else f"hold.waiting:{hold.id}"


async def comment(tx: Tx, id: str, text: str, who: str) -> str:
    """Write something about what waits; returns the comment's id. Raises DecisionRefused."""
    hold = await holds.get(tx, id)
    if hold is None:
        raise DecisionRefused(f"there is no hold {id}; see: entrepot holds list")
    note = await hold_comments.add(tx, id, who=who, text=checked(text))
    await audit.record(tx, who=who, what="hold commented", subject=_named(hold), hold=id, comment=note)
    return note


def checked(text: str) -> str:
    """A comment that can be kept. Raises DecisionRefused."""
    said = text.strip()
    if not said:
        raise DecisionRefused("a comment says something")
    if len(said) > hold_comments.LONGEST:
        raise DecisionRefused(f"a comment has {hold_comments.LONGEST} characters at most")
    return said
