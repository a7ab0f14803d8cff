"""Bringing a database to the form that this program declares, and refusing one that is newer.

On SQLite `upgrade` copies the file first; on PostgreSQL all of it is one transaction under an advisory lock,
and the copy is the operator's (`pg_dump`). A revision that an older program can live with (it only expands)
leaves `min_code_revision` alone; one that it cannot live with raises it. A program that does not know the
database's revision runs only where it knows `min_code_revision`.

Every start looks at the revision, and next to none migrates: the look is one query, and Alembic is imported
only by an upgrade that has something to do.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sync.store import postgres, sqlite
from sync.store.tables import meta

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
_MIN_CODE_REVISION = "min_code_revision"
_REVISIONS = sa.table("alembic_version", sa.column("version_num", sa.String))
"""Alembic's own table, of one row."""


class DatabaseTooNew(Exception):
    """The database was made by a newer program; this one would spoil it. Install that version again."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this version does not know: "
            "install the newer version again, or restore the copy that was made before the upgrade"
        )


class Standing(Enum):
    """How a database stands to this program."""

    ABSENT = "absent"
    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"
    """Newer, in a way that this program can live with."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did. `copy` is the file as it was before; None where there was none."""

    before: str | None
    after: str
    copy: Path | None


def known() -> tuple[str, ...]:
    """The revisions that this program knows, the oldest first: each has a file, named by its number."""
    return tuple(sorted(file.name.partition("_")[0] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py")))


def head() -> str:
    """The revision that this program declares."""
    return known()[-1]


def current(url_or_path: str | Path) -> str | None:
    """The database's revision; None where it is absent, empty or not of our making."""
    return _look(url_or_path)[0]


def _look(url_or_path: str | Path) -> tuple[str | None, bool]:
    """(its revision, whether there is anything in it)"""
    if not postgres.is_url(url_or_path) and not sqlite.path_of(url_or_path).exists():
        return None, False
    with _connected(url_or_path, "ro") as connection:
        tables = sa.inspect(connection).get_table_names()
        if _REVISIONS.name not in tables:
            return None, bool(tables)
        return connection.scalar(sa.select(_REVISIONS.c.version_num)), True


def check(url_or_path: str | Path) -> Standing:
    """How the database stands to this program. Raises DatabaseTooNew. Writes nothing."""
    revision, filled = _look(url_or_path)
    if revision is None:
        return Standing.BEHIND if filled else Standing.ABSENT
    if revision in known():
        return Standing.CURRENT if revision == head() else Standing.BEHIND
    with _connected(url_or_path, "ro") as connection:
        least = connection.scalar(sa.select(meta.c.value).where(meta.c.name == _MIN_CODE_REVISION))
    if least not in known():
        raise DatabaseTooNew(revision)
    return Standing.AHEAD


def upgrade(url_or_path: str | Path) -> Upgrade:
    """Migrate to `head()`; nothing happens where it is there. Raises DatabaseTooNew, or OSError and
    sqlite3.OperationalError where the machine refuses (the file is then as it was).
    """
    standing = check(url_or_path)
    before = current(url_or_path)
    if standing in (Standing.CURRENT, Standing.AHEAD):
        return Upgrade(before, before or head(), None)
    if postgres.is_url(url_or_path):
        with _connected(url_or_path, "rwc") as connection:
            _apply(connection)
        return Upgrade(before, head(), None)
    return _upgrade_file(sqlite.path_of(url_or_path), before, standing)


def _upgrade_file(path: Path, before: str | None, standing: Standing) -> Upgrade:
    kept = None
    if standing is Standing.BEHIND:
        kept = path.with_name(f"{path.stem}-before-{head()}-from-{before or 'none'}{path.suffix}")
        sqlite.copy(path, kept)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _connected(path, "rwc") as connection:
        _apply(connection)
    path.chmod(0o600)
    return Upgrade(before, head(), kept)


def _apply(connection: sa.Connection) -> None:
    from alembic import command

    command.upgrade(_config(connection), "head")


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(url_or_path: str | Path, mode: str) -> Iterator[sa.Connection]:
    if postgres.is_url(url_or_path):
        engine = sa.create_engine(
            postgres.url_of(str(url_or_path), limits=mode == "ro"), poolclass=sa.pool.NullPool
        )
    else:
        engine = _file_engine(sqlite.path_of(url_or_path), mode)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _file_engine(path: Path, mode: str) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(sqlite.uri(path, mode), uri=True, isolation_level=None, timeout=10)
        if mode != "ro":
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool)
    sa.event.listen(
        engine, "begin", lambda c: c.exec_driver_sql("BEGIN" if mode == "ro" else "BEGIN IMMEDIATE")
    )
    return engine
