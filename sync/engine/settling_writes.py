"""A person's word on a write that is held or was refused: it happened, or it is sent again."""

from sync.domain.ids import AccountId
from sync.domain.outbox import IllegalMove, OutboxState
from sync.domain.waiting import PERHAPS_SENT, Word
from sync.flows.names import FlowName
from sync.store import holds, issues, outbox
from sync.store.back import cases
from sync.store.database import Tx
from sync.store.outbox import OutboxRow

Wakes = frozenset[tuple[AccountId, FlowName]]


class WriteRefused(Exception):
    """It cannot be settled so; the text says why."""


async def happened(tx: Tx, row: OutboxRow, who: str) -> Wakes:
    """It did happen: it is not sent again. Raises WriteRefused where it is not held."""
    if row.state is not OutboxState.HELD:
        raise WriteRefused(f"that write is {row.state.value}; only a held one can be called done")
    await outbox.mark_done(tx, row.id, {"by": who})
    await _settled(tx, row, Word.APPROVED, who)
    woken = await cases.ask_review_of_order(tx, row.order_id) if row.order_id is not None else []
    return frozenset({(row.account_id, FlowName.OUTBOX), *((one, FlowName.WAY_BACK) for one in woken)})


async def again(tx: Tx, row: OutboxRow, who: str) -> tuple[OutboxState, Wakes]:
    """It is sent once more. Returns the state that it has now. Raises WriteRefused where its state forbids it."""
    try:
        state = await outbox.send_again(tx, row.id, f"sent again by {who}")
    except IllegalMove as error:
        raise WriteRefused(str(error)) from None
    await _settled(tx, row, Word.REJECTED, who)
    return state, frozenset({(row.account_id, FlowName.OUTBOX)})


async def _settled(tx: Tx, row: OutboxRow, word: Word, who: str) -> None:
    """Nobody is asked about it any more; a decision that is written already stays as it is."""
    await issues.clear(tx, f"outbox.unknown:{row.id}", by=who)
    await holds.settle_about(tx, row.id, PERHAPS_SENT, word, who=who)
