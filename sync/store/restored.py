"""Since when this database is not the one that wrote last: it was restored, or taken over from elsewhere.

What happened between the copy and that moment is not in it. So a creating write for anything that was there
before that moment may have been sent already: it is born `unknown`, and looked up before it is sent.
"""

from dataclasses import dataclass
from datetime import timedelta

import msgspec
import sqlalchemy as sa

from sync.domain.ids import OrderId
from sync.store import meta
from sync.store.database import Tx
from sync.store.tables import customer_order
from sync.store.tables import meta as facts

_RESTORED = "restored"
_READ = "restore_read:"
_MICROS = 1_000_000
SLACK = int(timedelta(hours=1).total_seconds()) * _MICROS
"""By how much a shop's clock may be ahead of ours when we judge whether an order is older than the restore."""
WITHOUT_ORDER = int(timedelta(days=1).total_seconds()) * _MICROS
"""How long after the restore writes that belong to no order are looked up first."""


class Restored(msgspec.Struct, frozen=True):
    """Moments in microseconds. `quiet_until`: what was sent before has arrived at its vendor by then."""

    at: int
    quiet_until: int
    generation: int


@dataclass(frozen=True, slots=True)
class LookFirst:
    """A write that may have been sent before the restore; not looked up before `quiet_until` (microseconds)."""

    quiet_until: int


async def last(tx: Tx) -> Restored | None:
    """The last restore; None where there never was one."""
    text = await meta.read(tx, _RESTORED)
    return None if text is None else msgspec.json.decode(text, type=Restored)


async def note(tx: Tx, restored: Restored) -> None:
    """It has just been restored: nothing has been read again yet."""
    await meta.write(tx, _RESTORED, msgspec.json.encode(restored).decode())
    await tx.run(sa.delete(facts).where(facts.c.name.startswith(_READ, autoescape=True)))


async def look_first(tx: Tx, order_id: OrderId | None) -> LookFirst | None:
    """Whether a write for this order may have been sent by what was lost. None: it surely was not."""
    restored = await last(tx)
    if restored is None:
        return None
    if order_id is None:
        before = tx.now() < restored.at + WITHOUT_ORDER
    else:
        placed = await tx.scalar(sa.select(customer_order.c.placed_at).where(customer_order.c.id == order_id))
        before = placed is None or placed < restored.at + SLACK
    return LookFirst(restored.quiet_until) if before else None


async def feed_read(tx: Tx, account_id: str) -> bool:
    """Whether this warehouse's feed of fulfilments was read to its end since the restore."""
    return await meta.read(tx, _READ + account_id) is not None


async def note_feed_read(tx: Tx, account_id: str) -> None:
    """It was."""
    await meta.write(tx, _READ + account_id, str(tx.now()))
