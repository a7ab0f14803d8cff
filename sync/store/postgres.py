"""PostgreSQL's part: engines with their isolation, pools and time limits, and the one daemon a database.

Writers are READ COMMITTED, so that a conditional UPDATE sees what was committed while it waited; readers are
REPEATABLE READ and read-only: one consistent view. Nothing waits for ever: a statement, a lock and a
transaction in which nothing happens each have a limit. The password is libpq's affair (~/.pgpass,
PGPASSFILE, PGPASSWORD); none is in the URL.
The driver is imported where a PostgreSQL database is opened: a program on SQLite starts without it.
"""

import asyncio
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    import psycopg

WRITERS, READERS = 8, 8
WORK_LOCK = 0x656E7472_0001
"""`entr` and 1: the advisory lock of the one daemon."""
MIGRATION_LOCK = 0x656E7472
"""`entr`: the advisory lock of who migrates."""
_USED_AT = "used at"
_TRUSTED_SECONDS = 1.0
"""So soon after its last use a connection is not asked whether the server is still there: asking costs as much as
a small transaction. One that is lost within that time fails its transaction, as one lost in its midst does."""
_DRIVER = "postgresql+psycopg"
_CONNECT = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_LIMITS = ("statement_timeout=60s", "lock_timeout=30s", "idle_in_transaction_session_timeout=120s")


class Taken(Exception):
    """Another process works on this database; the text names it."""


def driver_error(error: BaseException | None) -> "psycopg.Error | None":
    """The error where it is the driver's own. A process that never loaded the driver has none."""
    driver = sys.modules.get("psycopg")
    return error if driver is not None and isinstance(error, driver.Error) else None


def refusals() -> tuple[type[Exception], ...]:
    """What a database of either kind, its file or its server may raise, for an `except`."""
    driver = sys.modules.get("psycopg")
    return (OSError, sqlite3.Error, DBAPIError, *((driver.Error,) if driver is not None else ()))


async def copy_in(
    connection: AsyncConnection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write many rows by COPY, a tenth of the server's work of as many INSERTs. Raises SQLAlchemy's errors.

    Values are written in the columns' text form: texts, numbers, bytes and None, which is all that our tables hold.
    """
    import psycopg
    from psycopg import sql

    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if not isinstance(driver, psycopg.AsyncConnection):
        raise TypeError(f"COPY needs a connection of psycopg, not {type(driver)}")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    try:
        async with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                await copy.write_row(row)
    except psycopg.Error as error:
        raise sa.exc.DBAPIError.instance(f"COPY {table}", None, error, psycopg.Error) from error


def is_url(url_or_path: object) -> bool:
    """Whether it means a PostgreSQL database."""
    return str(url_or_path).startswith(("postgresql://", "postgresql+psycopg://", "postgres://"))


def url_of(text: str, *, limits: bool = True) -> URL:
    """The URL as SQLAlchemy takes it, with our limits where it does not set its own."""
    url = sa.make_url(f"{_DRIVER}://{text.partition('://')[2]}")
    asked = str(url.query.get("options", ""))
    options = [f"-c {pair}" for pair in _LIMITS if limits and pair.partition("=")[0] not in asked]
    options.append("-c timezone=UTC")
    query = {**_CONNECT, "application_name": f"entrepot {socket.gethostname()}:{os.getpid()}", **url.query}
    return url.set(query={**query, "options": " ".join([*options, asked]).strip()})


def place_of(text: str) -> str:
    """The URL as a person may see it, without a password."""
    url = sa.make_url(f"{_DRIVER}://{text.partition('://')[2]}")
    kept = {key: value for key, value in url.query.items() if "password" not in key}
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database, kept)
    return shown.render_as_string(hide_password=False).replace("%2F", "/")


def writer_engine(text: str, claim: "Claim | None" = None) -> AsyncEngine:
    """Connections that write, each transaction for itself. A new one may follow a loss: the claim is in doubt."""
    engine = _engine(text, WRITERS, isolation_level="READ COMMITTED")
    if claim is not None:
        sa.event.listen(engine.sync_engine, "connect", lambda connection, entry: claim.doubt())
    return engine


def reader_engine(text: str) -> AsyncEngine:
    """Connections that read one consistent view each."""
    engine = _engine(text, READERS, isolation_level="REPEATABLE READ")
    sa.event.listen(engine.sync_engine, "connect", lambda connection, entry: connection.set_read_only(True))
    return engine


def _engine(text: str, size: int, *, isolation_level: str) -> AsyncEngine:
    engine = create_async_engine(
        url_of(text),
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        isolation_level=isolation_level,
        hide_parameters=True,  # an error's text must not show what was to be stored
    )
    sa.event.listen(engine.sync_engine, "connect", _prepare)
    sa.event.listen(engine.sync_engine, "checkin", _laid_down)

    def taken_up(connection: DBAPIConnection, entry: ConnectionPoolEntry, proxy: object) -> None:
        if time.monotonic() - entry.info.get(_USED_AT, time.monotonic()) >= _TRUSTED_SECONDS:
            _ask(engine.dialect, connection)

    sa.event.listen(engine.sync_engine, "checkout", taken_up)
    return engine


def _laid_down(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info[_USED_AT] = time.monotonic()


def _ask(dialect: sa.Dialect, connection: DBAPIConnection) -> None:
    """Whether the server is still there: the pool opens new connections where it is not."""
    import psycopg

    try:
        dialect.do_ping(connection)
    except psycopg.Error as error:
        raise sa.exc.InvalidatePoolError from error


def _prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    import psycopg

    from sync.store.postgres_texts import WithoutNul

    driver = connection.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)  # noqa: S101  (the one driver)
    driver.adapters.register_dumper(str, WithoutNul)


class Claim:
    """This process's right to be the only one that works on the database: a session's advisory lock.

    It dies with the session, as an OS lock dies with its process. After a lost connection it is taken again
    before the next write, and whoever finds it taken by then writes nothing.
    """

    def __init__(self, text: str) -> None:
        plain = url_of(text).set(drivername="postgresql").render_as_string(hide_password=False)
        self._url = plain.replace("+", "%20")  # libpq does not read a plus as a space
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None
        self._doubtful = True
        self._gate = asyncio.Lock()

    def doubt(self) -> None:
        """The server may have been lost, and the claim with it."""
        self._doubtful = True

    async def hold(self) -> None:
        """Make sure of it. Raises Taken, or psycopg.Error where the server does not answer."""
        if not self._doubtful:
            return
        async with self._gate:
            if self._doubtful:
                await self._take()
                self._doubtful = False

    async def _take(self) -> None:
        import psycopg

        if self._connection is not None:
            try:
                await self._connection.execute("SELECT 1")
                return
            except psycopg.Error:
                await self.release()
        connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (WORK_LOCK,))).fetchone()
        if row is None or row[0] is not True:
            who = await _holder(connection)
            await connection.close()
            raise Taken(
                f"{who} already works on this database: stop it first, or give this one a database of its own"
            )
        self._connection = connection

    async def release(self) -> None:
        """Give it back."""
        connection, self._connection, self._doubtful = self._connection, None, True
        if connection is not None:
            await connection.close()


async def _holder(connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> str:
    query = (
        "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND ((l.classid::bigint << 32) | l.objid::bigint) = %s"
    )
    row = await (await connection.execute(query, (WORK_LOCK,))).fetchone()
    name = str(row[0] or "") if row is not None else ""
    return f"the daemon {name.removeprefix('entrepot ')}" if name else "another daemon"
