"""What is erased must be gone from the disk too, not only from the tables.

SQLite: pages that an erasure frees are overwritten (`secure_delete`), and the write-ahead log, which still
holds the bytes from before, is written back and cut. PostgreSQL keeps dead rows until autovacuum has been
there. Sealed bytes that survive anywhere are worth nothing without the key.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from sync.store import sqlite
from sync.store.database import Store, Tx

_PATIENCE_SECONDS = 5.0


async def overwrite_freed(tx: Tx) -> None:
    """From here on what this connection frees is overwritten with zeros."""
    if _on_sqlite(tx):
        await tx.all(sa.text("PRAGMA secure_delete=ON"))


def _on_sqlite(tx: Tx) -> bool:
    return tx._connection.dialect.name == "sqlite"


async def cut_log(store: Store) -> bool:
    """Write back and cut the write-ahead log. False where a reader still needs it: a later write does it."""
    async with store.read() as tx:
        if not _on_sqlite(tx):
            return True
    return await asyncio.to_thread(_cut, Path(store.place))


def _cut(path: Path) -> bool:
    with closing(sqlite3.connect(sqlite.uri(path, "rw"), uri=True, timeout=_PATIENCE_SECONDS)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
