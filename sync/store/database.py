"""The database under asyncio: many readers, one writer at a time, and fenced commits.

On SQLite all writes go through one connection behind a first-come gate and begin with BEGIN IMMEDIATE, so
that a read-modify-write can neither be lost nor be refused as locked. On PostgreSQL writers run beside one
another: whatever is checked and then written is one conditional statement, or stands behind `Tx.alone` or a
row lock. No vendor is called inside `write`.
A `write` under a `Fence` renews its lease as the first statement: a worker that froze and woke up late
gets LeaseLost, and nothing of it is written.
"""

import asyncio
import functools
import hashlib
import operator
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sync.domain.clock import Clock, to_micros
from sync.domain.ids import AccountId
from sync.store import postgres, sqlite
from sync.store.dialect import database_now, marked
from sync.store.postgres import Claim
from sync.store.row_ids import RowIds
from sync.store.sealing import Sealer
from sync.store.tables import flow_state

Params = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Fence:
    """The lease under which a pass writes."""

    account_id: AccountId
    flow: str
    token: int
    ttl_seconds: float


class LeaseLost(Exception):
    """Another worker holds the lease of this key now: the pass is dropped, and nothing of it was written."""


class ReadOnly(Exception):
    """This program opened the database for reading only."""


class Tx:
    """One transaction. It is valid inside its `async with` only."""

    def __init__(
        self,
        connection: AsyncConnection,
        clock: Clock,
        sealer: Sealer,
        ids: RowIds,
        *,
        writing: bool,
    ) -> None:
        self._connection = connection
        self.dialect = connection.dialect.name
        """`sqlite` or `postgresql`."""
        self.beside_others = writing and self.dialect == "postgresql"
        """Whether it writes while others write: what it rests on must be locked (sync.store.locking)."""
        self._ids = ids
        self.clock = clock
        self.sealer = sealer

    def now(self) -> int:
        """The injected clock's time in microseconds since 1970."""
        return to_micros(self.clock.now())

    def new_id(self) -> str:
        """A fresh UUIDv7; later ones sort later."""
        return self._ids.make(self.now())

    def ids(self) -> Callable[[], str]:
        """A source of fresh ids for many rows, all of this moment: the clock is read once."""
        return functools.partial(self._ids.make, self.now())

    async def all(self, statement: sa.Executable, params: Params | None = None) -> Sequence[sa.Row[Any]]:
        """Every row."""
        return (await self._connection.execute(statement, params)).all()

    async def one(self, statement: sa.Executable, params: Params | None = None) -> sa.Row[Any] | None:
        """The first row, or None."""
        return (await self._connection.execute(statement, params)).first()

    async def scalar(self, statement: sa.Executable, params: Params | None = None) -> Any:
        """The first column of the first row, or None."""
        return (await self._connection.execute(statement, params)).scalar()

    async def run(self, statement: sa.Executable, params: Params | None = None) -> int:
        """How many rows were written; `params` may be a list, for many rows (empty: nothing runs)."""
        if params is not None and not params:
            return 0
        options = {"preserve_rowcount": True}
        result = await self._connection.execute(statement, params, execution_options=options)
        return int(result.rowcount)

    async def alone(self, what: str, *names: str) -> None:
        """From here to the end of the transaction nobody else is past this line for any of these names.

        For what is checked and then inserted, where there is no row yet that could be locked. The names are
        taken in sorted order, so that two transactions never wait for one another. SQLite has one writer.
        """
        if not self.beside_others:
            return
        if keys := sorted({_lock_number(what, name) for name in names}):
            await self._connection.execute(_ALONE, {"keys": keys})

    def savepoint(self) -> AbstractAsyncContextManager[object]:
        """Inside it an exception undoes only what the body wrote: one bad record never stops another."""
        return self._connection.begin_nested()

    async def exec(
        self, sql: str, params: Sequence[Any] | Sequence[Sequence[Any]] = ()
    ) -> sa.CursorResult[Any]:
        """Driver SQL with `?` marks, for the few hot paths: one sequence of values, or a list of tuples."""
        said = marked(sql, self.dialect)
        if params and isinstance(params[0], (tuple, list)):
            return await self._connection.exec_driver_sql(said, list(map(tuple, params)))
        return await self._connection.exec_driver_sql(said, tuple(params))

    async def insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many new rows at once, for the hot paths: all name the same columns, and the others get their defaults."""
        if not rows:
            return
        names = tuple(rows[0])
        if any(name not in table.c for name in names):
            raise ValueError(f"{table.name} has no such columns: {set(names) - set(table.c.keys())}")
        pick = operator.itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        values = [pick(row) for row in rows]
        if self.dialect == "postgresql":
            await postgres.copy_in(self._connection, table.name, names, values)
            return
        marks = ", ".join("?" for _ in names)
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - of our tables
        await self.exec(statement, values)


_ALONE = sa.text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def _lock_number(what: str, name: str) -> int:
    """The 64 bits by which PostgreSQL knows the lock of a name."""
    return int.from_bytes(hashlib.sha256(f"{what}\0{name}".encode()).digest()[:8], "big", signed=True)


class Store:
    """An open database. Make it with `Store.open`."""

    def __init__(
        self,
        writer: AsyncEngine | None,
        readers: AsyncEngine,
        *,
        clock: Clock,
        sealer: Sealer,
        place: str,
        claim: Claim | None = None,
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._claim = claim
        one_writer = readers.dialect.name == "sqlite"
        self._gate = asyncio.Lock() if one_writer else asyncio.Semaphore(postgres.WRITERS)
        self._ids = RowIds()
        self.clock = clock
        self.sealer = sealer
        self.place = place
        """Where the data are, as a person would say it: the path, or the URL without its password."""

    @classmethod
    async def open(
        cls,
        url_or_path: str | Path,
        *,
        clock: Clock,
        sealer: Sealer,
        read_only: bool = False,
        claim: Claim | None = None,
    ) -> "Store":
        """Open an existing database (`migrate.upgrade` makes one): a path, or the URL of either kind.

        `claim`, which the caller holds, keeps other processes out of a PostgreSQL database; it is made sure of
        after every lost connection, and given back by `close`. Beside a SQLite file the daemon's lock does that.
        """
        if not postgres.is_url(url_or_path):
            path = sqlite.path_of(url_or_path)
            writer = None if read_only else sqlite.writer_engine(path)
            return cls(writer, sqlite.reader_engine(path), clock=clock, sealer=sealer, place=str(path))
        url = str(url_or_path)
        return cls(
            None if read_only else postgres.writer_engine(url, claim),
            postgres.reader_engine(url),
            clock=clock,
            sealer=sealer,
            place=postgres.place_of(url),
            claim=claim,
        )

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._readers.dialect.name

    def write(self, fence: Fence | None = None) -> AbstractAsyncContextManager[Tx]:
        """A writing transaction, committed at the end unless the body raises.

        With a fence, LeaseLost is raised before the body where the lease is gone. Without one it is for
        administration only. Never call a vendor inside it.
        """
        return self._write(fence)

    @asynccontextmanager
    async def _write(self, fence: Fence | None) -> AsyncIterator[Tx]:
        if self._writer is None:
            raise ReadOnly(str(ReadOnly.__doc__))
        async with self._gate, self._writer.begin() as connection:
            if self._claim is not None:
                await self._claim.hold()
            tx = Tx(connection, self.clock, self.sealer, self._ids, writing=True)
            if fence is not None:
                await _renew(tx, fence)
            yield tx

    def read(self) -> AbstractAsyncContextManager[Tx]:
        """A reading transaction: one consistent view, beside any writer."""
        return self._read()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[Tx]:
        async with self._readers.begin() as connection:
            yield Tx(connection, self.clock, self.sealer, self._ids, writing=False)

    async def close(self) -> None:
        """Close every connection. A transaction that is still open is rolled back."""
        if self._writer is not None:
            await self._writer.dispose()
        await self._readers.dispose()
        if self._claim is not None:
            await self._claim.release()


_RENEW = (
    sa.update(flow_state)
    .where(
        flow_state.c.account_id == sa.bindparam("account"),
        flow_state.c.flow == sa.bindparam("name"),
        flow_state.c.lease_token == sa.bindparam("token"),
        flow_state.c.lease_until.is_not(None),
    )
    .values(lease_until=database_now() + sa.bindparam("ttl", type_=sa.BigInteger))
)


async def _renew(tx: Tx, fence: Fence) -> None:
    ttl = int(fence.ttl_seconds * 1_000_000)
    values = {"account": fence.account_id, "name": fence.flow, "token": fence.token, "ttl": ttl}
    if await tx.run(_RENEW, values) != 1:
        raise LeaseLost(f"the lease of {fence.flow} was taken by another worker")
