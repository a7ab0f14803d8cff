"""A decision on what waits, whoever takes it and however it comes: written once, told, and carried to its thing.

    terminal ─┐
    link ─────┼─► decide ─► hold · comment · timeline · decision · audit ─► the flow that looks again
    deadline ─┘

What a decision does to the thing is in sync.engine.deciding.effects.
"""

from dataclasses import dataclass

from sync.domain.ids import AccountId
from sync.domain.waiting import PERHAPS_SENT, Topic, Via, Word
from sync.engine.deciding.effects import By, DecisionRefused, effect_of, named
from sync.flows.names import FlowName
from sync.store import audit, cases, decisions, hold_comments, holds, issues
from sync.store.database import Tx
from sync.store.holds import Hold
from sync.telemetry import metrics

Wake = tuple[AccountId, FlowName]


@dataclass(frozen=True, slots=True)
class Done:
    """A decision that was taken. `wake` is for after the commit."""

    hold: Hold
    word: Word
    wake: frozenset[Wake]


async def decide(tx: Tx, id: str, word: Word, by: By, comment: str = "") -> Done:
    """Decide one hold, in the caller's transaction. Raises DecisionRefused: the caller lets nothing be written."""
    hold = await _decidable(tx, id, word, by)
    if hold.about.order_id is not None:
        await cases.load(tx, hold.about.order_id)  # its row is held from here on, before the hold's own
    if not await holds.decide(tx, id, word, who=by.who, via=by.via, overrule=by.overrules):
        raise DecisionRefused(f"{named(hold)} was decided by somebody else meanwhile")
    note = await hold_comments.add(tx, id, who=by.who, text=comment, word=word) if comment else ""
    wake = await effect_of(hold)(tx, hold, word, by)
    facts = {"hold": id, "via": by.via.value, "topic": hold.topic.value, "rule": hold.rule, "comment": note}
    await decisions.record(
        tx, who=by.who, what=f"{word.value} {hold.rule}", order_id=hold.about.order_id, **facts
    )
    why = {"reason": hold.reason} if by.via is not Via.DEADLINE else {"reason": "nobody decided in time"}
    await audit.record(tx, who=by.who, what=f"hold {word.value}", subject=named(hold), **facts, **why)
    metrics.DECISIONS.labels(hold.topic.value, word.value).inc()
    return Done(hold, word, wake)


async def _decidable(tx: Tx, id: str, word: Word, by: By) -> Hold:
    hold = await holds.get(tx, id)
    if hold is None:
        raise DecisionRefused(f"there is no hold {id}; see: entrepot holds list")
    if not hold.open:
        raise DecisionRefused(f"{named(hold)} waits no more: {ended(hold)}")
    if hold.word is not None and (hold.word is word or not by.overrules):
        raise DecisionRefused(f"{named(hold)} is decided already: {ended(hold)}")
    refused = "" if by.decider is None else by.decider.refused(hold.topic, hold.owner, hold.about.value)
    if refused:
        raise DecisionRefused(refused)
    return hold


def ended(hold: Hold) -> str:
    """How a hold that waits no more came to that, in words."""
    if hold.word is None or hold.decided_at is None:
        return hold.closed_by or "its cause is gone"
    return f"{hold.word.value} by {hold.decided_by} at {hold.decided_at:%Y-%m-%d %H:%M} UTC"


async def assign(tx: Tx, id: str, owner: str, who: str) -> Hold:
    """Give what waits to a person or a queue. Raises DecisionRefused."""
    hold = await holds.get(tx, id)
    if hold is None or not await holds.assign(tx, id, owner):
        raise DecisionRefused(f"there is no open hold {id}; see: entrepot holds list")
    await issues.set_owner(tx, _issue_of(hold), owner)
    await audit.record(
        tx, who=who, what="hold assigned", subject=named(hold), hold=id, owner=owner, before=hold.owner
    )
    return hold


def _issue_of(hold: Hold) -> str:
    if hold.topic is Topic.ORDER:
        return f"order.held:{hold.about.id}:{hold.rule}"
    if hold.topic is Topic.GUARD:
        return f"guard.{hold.rule}:{hold.about.id}"
    return f"outbox.unknown:{hold.about.id}" if hold.rule == PERHAPS_SENT else f"hold.waiting:{hold.id}"


async def comment(tx: Tx, id: str, text: str, who: str) -> str:
    """Write something about what waits; returns the comment's id. Raises DecisionRefused."""
    hold = await holds.get(tx, id)
    if hold is None:
        raise DecisionRefused(f"there is no hold {id}; see: entrepot holds list")
    note = await hold_comments.add(tx, id, who=who, text=checked(text))
    await audit.record(tx, who=who, what="hold commented", subject=named(hold), hold=id, comment=note)
    return note


def checked(text: str) -> str:
    """A comment that can be kept. Raises DecisionRefused."""
    said = text.strip()
    if not said:
        raise DecisionRefused("a comment says something")
    if len(said) > hold_comments.LONGEST:
        raise DecisionRefused(f"a comment has {hold_comments.LONGEST} characters at most")
    return said
