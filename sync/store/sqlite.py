"""SQLite's part: engines with their pragmas, where the file is, and a copy of it.

One writer connection with synchronous=FULL (NORMAL can lose a commit whose effect was already sent),
readers that cannot write, WAL so that they do not wait for one another.
"""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from sync.store.sqlite_trips import Connection

READERS = 8
LOG_PAGES = 16_384
"""Pages (of 4 kB) of the log that are written back at once: a page that changed often goes once."""


class NotSupported(Exception):
    """A database that this version cannot use."""


def path_of(url_or_path: str | Path) -> Path:
    """The file behind a path or a `sqlite:///` URL. Raises NotSupported for another kind of URL."""
    text = str(url_or_path)
    if "://" not in text:
        return Path(text)
    url = sa.make_url(text)
    if not url.drivername.startswith("sqlite") or not url.database:
        raise NotSupported(f"a {url.drivername} database is not supported by this version; use SQLite")
    return Path(url.database)


def uri(path: Path, mode: str) -> str:
    """SQLite's own URI of the file, opened as `mode` (ro, rw, rwc)."""
    return f"file:{quote(str(path.absolute()))}?mode={mode}"


def writer_engine(path: Path) -> AsyncEngine:
    """The one connection that writes. The file must exist."""
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")
    log = f"wal_autocheckpoint={LOG_PAGES}"
    return _engine(path, "rw", 1, (*pragmas, log), "BEGIN IMMEDIATE")


def reader_engine(path: Path) -> AsyncEngine:
    """Connections that read one consistent view each."""
    return _engine(path, "rw", READERS, ("busy_timeout=10000", "query_only=ON"), "BEGIN")


def _engine(path: Path, mode: str, size: int, pragmas: tuple[str, ...], begin: str) -> AsyncEngine:
    file, _, query = uri(path, mode).partition("?")
    engine = create_async_engine(
        sa.URL.create(
            "sqlite+aiosqlite",
            database=file,
            query=dict(pair.split("=") for pair in f"{query}&uri=true".split("&")),
        ),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        hide_parameters=True,  # an error's text must not show what was to be stored
    )

    def connect(dialect: sa.Dialect, entry: ConnectionPoolEntry, places: Any, names: Any) -> Connection:
        made: Any = dialect.loaded_dbapi.connect(*places, **names)
        return Connection(made.dbapi, made._connection)

    def prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must emit no BEGIN of its own
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def start(connection: sa.Connection) -> None:
        driver: object = connection.connection.dbapi_connection
        assert isinstance(driver, Connection)  # noqa: S101  (it is made above)
        driver.begin(begin)

    sa.event.listen(engine.sync_engine, "do_connect", connect)
    sa.event.listen(engine.sync_engine, "connect", prepare)
    sa.event.listen(engine.sync_engine, "begin", start)
    return engine


def copy(path: Path, target: Path) -> None:
    """A consistent copy by VACUUM INTO, under another name until it is whole."""
    half = target.with_name(target.name + ".part")
    half.unlink(missing_ok=True)
    connection = sqlite3.connect(uri(path, "rw"), uri=True)
    try:
        connection.execute("VACUUM INTO ?", (str(half),))
    finally:
        connection.close()
    half.chmod(0o600)
    half.replace(target)
