"""What people wrote about what waits: sealed, since they write about buyers."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.domain.waiting import Word
from sync.store.database import Tx
from sync.store.sealing import Unsealable
from sync.store.tables import hold, hold_comment

LONGEST = 2_000
"""Characters of a comment; what is longer is refused by whoever takes it in."""
SHUT = "[cannot be opened]"
ERASED = "[erased]"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; `word` is the decision that it came with."""

    id: str
    at: datetime
    who: str
    text: str
    word: Word | None


async def add(tx: Tx, hold_id: str, *, who: str, text: str, word: Word | None = None) -> str:
    """Keep a comment; returns its id."""
    id = tx.new_id()
    row = {
        "id": id,
        "hold_id": hold_id,
        "at": tx.now(),
        "who": who,
        "word": "" if word is None else word.value,
        "text_sealed": tx.sealer.seal("hold_comment", id, "text", text.encode()),
        "key_id": tx.sealer.key_id,
    }
    await tx.run(sa.insert(hold_comment).values(**row))
    return id


async def of(tx: Tx, hold_id: str) -> list[Comment]:
    """The comments on one hold, the oldest first."""
    query = sa.select(hold_comment).where(hold_comment.c.hold_id == hold_id)
    rows = await tx.all(query.order_by(hold_comment.c.at, hold_comment.c.id))
    return [
        Comment(
            row.id,
            from_micros(row.at),
            row.who,
            _opened(tx, row.id, row.text_sealed),
            Word(row.word) if row.word else None,
        )
        for row in rows
    ]


def _opened(tx: Tx, id: str, blob: bytes | None) -> str:
    if blob is None:
        return ERASED
    try:
        return tx.sealer.open("hold_comment", id, "text", blob).decode()
    except Unsealable:
        return SHUT


async def erase(tx: Tx, order_id: str) -> None:
    """What was written about an order and all that belongs to it goes."""
    theirs = sa.select(hold.c.id).where(hold.c.order_id == order_id)
    await tx.run(sa.update(hold_comment).where(hold_comment.c.hold_id.in_(theirs)).values(text_sealed=None))
