"""SKUs whose reservations moved in a large page: what their listings show is worked out once for many pages.

They are written down in the transaction that moved them, so that nothing is forgotten; whoever sends quantities
works them out first.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from sync.store.database import Tx
from sync.store.tables import moved_skus


@dataclass(frozen=True, slots=True)
class Moved:
    """What waits: the SKUs, and the notes (by id) that name them."""

    notes: tuple[str, ...]
    skus: frozenset[str]


_WAITING = sa.select(moved_skus.c.id, moved_skus.c.skus).order_by(moved_skus.c.id)


async def note(tx: Tx, skus: Iterable[str]) -> None:
    """These have moved."""
    named = sorted(set(skus))
    if named:
        await tx.run(sa.insert(moved_skus).values(id=tx.new_id(), skus=json.dumps(named), at=tx.now()))


async def waiting(tx: Tx) -> Moved:
    """All that waits now."""
    rows = await tx.all(_WAITING)
    return Moved(
        tuple(row.id for row in rows), frozenset(sku for row in rows for sku in json.loads(row.skus))
    )


async def done(tx: Tx, moved: Moved) -> None:
    """They were worked out in this transaction. What was noted beside it waits on."""
    await tx.run(
        sa.delete(moved_skus).where(moved_skus.c.id == sa.bindparam("note")),
        [{"note": each} for each in moved.notes],
    )
