"""What a person must know of messages that were not told, or of which nobody knows whether they were."""

from sync.domain.ids import OrderId
from sync.flows.flow import FlowContext
from sync.store import issues
from sync.store.database import Tx
from sync.store.messages import Message


async def unknown(tx: Tx, ctx: FlowContext, row: Message, why: str) -> None:
    """It was given away and no answer came."""
    await issues.raise_issue(
        tx,
        key=_key("message.unknown", row.id),
        kind="message.unknown",
        account_id=ctx.account.id,
        order_id=OrderId(row.order_id),
        subject=f"{row.shop}/{row.number}",
        what=f"the customer of order {row.number} was perhaps told {row.name!r} by {row.way}",
        why=why,
        todo=f"Look whether it arrived (the mail server's log, the gateway); if it did, or is not worth a second "
        f"one: entrepot issues done {row.id}; to tell it again: entrepot issues retry {row.id}",
    )


async def refused(tx: Tx, ctx: FlowContext, row: Message, why: str) -> None:
    """Whoever should have told it said no."""
    await issues.raise_issue(
        tx,
        key=_key("message.refused", row.id),
        kind="message.refused",
        account_id=ctx.account.id,
        order_id=OrderId(row.order_id),
        subject=f"{row.shop}/{row.number}",
        what=f"the customer of order {row.number} could not be told {row.name!r} by {row.way}",
        why=why,
        todo=f"Correct the customer's address in the shop, or the settings of {row.way}, and run: entrepot issues "
        f"retry {row.id}; or tell the customer yourself, and run: entrepot issues done message.refused:{row.id}",
    )


async def settled(tx: Tx, row: Message) -> None:
    """It was told after all, or will be."""
    for kind in ("message.unknown", "message.refused"):
        await issues.clear(tx, _key(kind, row.id))


async def way_out(tx: Tx, ctx: FlowContext, way: str, why: str) -> None:
    """Nothing can be told by a way; everything waits."""
    await issues.raise_issue(
        tx,
        key=f"message.way:{ctx.account.id}:{way}",
        kind="message.way",
        account_id=ctx.account.id,
        subject=f"{ctx.account.name} {way}",
        what=f"customers of {ctx.account.name} cannot be told anything by {way}",
        why=why,
        todo="Correct `mail` or `apprise` in entrepot.yaml, or wait until it is back; what waits is told by itself "
        "then, unless that is later than `late_after` allows.",
    )


async def way_fine(tx: Tx, ctx: FlowContext, way: str) -> None:
    """It works."""
    await issues.clear(tx, f"message.way:{ctx.account.id}:{way}")


async def ways_gone(tx: Tx, ctx: FlowContext) -> None:
    """What was wrong with a way that is no longer set up is wrong no more."""
    prefix = f"message.way:{ctx.account.id}:"
    await issues.clear_except(tx, prefix, {f"{prefix}{way}" for way in ctx.notifiers})


async def restored(tx: Tx, ctx: FlowContext, count: int) -> None:
    """One issue for all that may have been told before a backup was restored."""
    key = f"message.unknown:{ctx.account.id}"
    if not count:
        await issues.clear(tx, key)
        return
    await issues.raise_issue(
        tx,
        key=key,
        kind="message.unknown",
        account_id=ctx.account.id,
        subject=ctx.account.name,
        what=f"{count} message(s) to customers of {ctx.account.name} may have been told before a backup was restored",
        why="a mail server or gateway can neither be asked whether it told something, nor recognise a repeat",
        todo=f"See them with: entrepot messages list --state unknown; to let them be: entrepot messages settle "
        f"{ctx.account.name}; to tell one again: entrepot issues retry, with its id",
    )


def _key(kind: str, id: str) -> str:
    return f"{kind}:{id}"
