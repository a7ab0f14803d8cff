"""What a person decides on messages to customers: told, to be told again, or let be."""

from typing import Any

from sync.domain.messages import MessageState
from sync.store import audit, issues, messages
from sync.store.accounts import AccountRow
from sync.store.database import Tx
from sync.store.messages import IllegalMessageMove, Message


class MessageRefused(Exception):
    """What a person asks of a message cannot be done; the text says why."""


async def tell_again(tx: Tx, row: Message, who: str) -> dict[str, Any]:
    """A message that was refused, or perhaps told, is due again."""
    try:
        await messages.wish_again(tx, row.id, f"told again by {who}")
    except IllegalMessageMove as error:
        raise MessageRefused(str(error)) from None
    await _settled(tx, row, who)
    await audit.record(tx, who=who, what="message told again", subject=row.key)
    return {"write": row.key, "state": MessageState.PLANNED.value}


async def was_told(tx: Tx, row: Message, who: str) -> None:
    """A message that was perhaps told counts as told."""
    if row.state is not MessageState.UNKNOWN:
        raise MessageRefused(
            f"that message is {row.state.value}; only one whose outcome is unknown can be settled"
        )
    await messages.mark_done(tx, row.id, f"settled by {who}")
    await _settled(tx, row, who)


async def settle_all(tx: Tx, account: AccountRow, who: str) -> int:
    """Every message of a shop that was perhaps told counts as told. Returns how many."""
    rows = await messages.unknown(tx, account.id)
    for row in rows:
        await was_told(tx, row, who)
    await issues.clear(tx, f"message.unknown:{account.id}", by=who)
    await audit.record(tx, who=who, what="messages settled", subject=account.name, count=len(rows))
    return len(rows)


async def _settled(tx: Tx, row: Message, who: str) -> None:
    for kind in ("message.unknown", "message.refused"):
        await issues.clear(tx, f"{kind}:{row.id}", by=who)
