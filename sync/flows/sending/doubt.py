"""A write that perhaps happened, at a vendor that cannot be asked: a person looks there, and says so."""

from connectors.contract import Operation
from sync.domain.confirm import HoldWanted
from sync.domain.lifecycle import Release
from sync.domain.money import Money
from sync.domain.waiting import PERHAPS_SENT, About, Topic
from sync.flows.flow import FlowContext, FlowName
from sync.store import holds, issues, purchases, restored
from sync.store.database import Tx
from sync.store.outbox import OutboxRow

_TOPICS = {
    Operation.PLACE_ORDER.value: Topic.PURCHASE,
    Operation.REFUND.value: Topic.REFUND,
    Operation.ANNOUNCE_RETURN.value: Topic.RETURN,
}


async def ask_whether_it_came(tx: Tx, ctx: FlowContext, row: OutboxRow) -> None:
    """Put the write into the queue of holds, with an issue that says what to look at."""
    sent = f"{row.operation} was sent to {ctx.account.name} and no answer came"
    if row.attempts == 0 or await restored.look_first(tx, row.order_id) is not None:
        sent = f"{row.operation} may have been sent to {ctx.account.name} before a backup was restored"
    topic = _TOPICS.get(row.operation, Topic.WRITE)
    wakes = FlowName.OUTBOX.value
    about = About(topic, row.id, row.key, ctx.account.id, row.order_id, await _worth(tx, row, topic), wakes)
    todo = f"Look at {ctx.account.name}. Approve: it happened. Reject: it did not, and is sent again."
    why = "this vendor can neither be asked whether it happened, nor recognise a repeat"
    wanted = HoldWanted(PERHAPS_SENT, f"{sent}: {why}", todo, Release.MANUAL)
    hold = await holds.keep_one(tx, about, wanted, tell=False)
    await issues.raise_issue(
        tx,
        key=f"outbox.unknown:{row.id}",
        kind="outbox.unknown",
        account_id=ctx.account.id,
        order_id=row.order_id,
        subject=row.key,
        what=sent,
        why=why,
        todo=f"Look at {ctx.account.name}; then: entrepot holds approve {hold} (it happened), "
        f"or entrepot holds reject {hold} (it did not, and is sent again)",
    )


async def _worth(tx: Tx, row: OutboxRow, topic: Topic) -> Money | None:
    """The money that is given back, or what the supplier's goods cost."""
    if topic is Topic.REFUND:
        return Money(row.payload["amount"], row.payload["currency"])
    return await purchases.cost(tx, row.payload["fulfilment"]) if topic is Topic.PURCHASE else None
