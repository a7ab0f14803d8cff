"""PostgreSQL's backups, by its own client programs: pg_dump in one snapshot, and a restore in one transaction.

A restore gives the present schema another name (`before_restore_…`) and fills a new one, marked as a copy, in
one transaction: whatever happens then, the database is the old one, or one that `run` refuses until the rules
of a restore have been applied to it.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from sync.store import backup
from sync.store.backup import BadBackup, Facts, Manifest, NoDatabase, Progress

SCHEMA = "public"
KEPT = "before_restore_"
_HEADER = b"PGDMP"
_POLL_SECONDS = 0.5


class ToolMissing(Exception):
    """A client program of PostgreSQL is not here."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is not here: install PostgreSQL's client programs (Debian: postgresql-client), "
            "of the server's version or newer"
        )


class ToolFailed(Exception):
    """A client program gave up; the text is its own first line, which holds no data."""


def make(
    url: str, target: Path, *, program: str, now: datetime, progress: Progress | None = None
) -> Manifest:
    """Dump the database to `target`. It may be in use.

    Raises TargetExists, NoDatabase, ToolMissing, ToolFailed, BadBackup, psycopg.Error or OSError. Nothing is
    left behind then.
    """
    backup.make_room(target)
    half = target.with_name(f"{target.name}.part")
    try:
        backup.write_private(half, b"")
        with psycopg.connect(url, connect_timeout=10) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            facts, counts, revision = _read(connection)
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            snapshot = str(row[0]) if row else ""
            _dump(url, half, snapshot, progress)
        _list(half)
        manifest = _described(half, facts, counts, revision, program, now)
        backup.publish(half, target, manifest)
    finally:
        half.unlink(missing_ok=True)
    return manifest


def _read(connection: psycopg.Connection[tuple[object, ...]]) -> tuple[dict[str, str], dict[str, int], str]:
    try:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        facts = {str(name): str(value) for name, value in connection.execute("SELECT name, value FROM meta")}
    except psycopg.errors.UndefinedTable:
        raise NoDatabase("there is nothing in the database yet; `entrepot migrate` makes it") from None
    counts = {}
    for table in backup.COUNTED:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        counts[table] = int(str(row[0])) if row else 0
    return facts, counts, str(revision[0]) if revision else ""


def _dump(url: str, half: Path, snapshot: str, progress: Progress | None) -> None:
    command = [
        *("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"),
        *(f"--exclude-schema={KEPT}*", f"--file={half}", f"--dbname={url}"),
    ]
    _run(command, half, progress)
    with half.open("rb+") as file:
        os.fsync(file.fileno())


def _described(
    half: Path, facts: dict[str, str], counts: dict[str, int], revision: str, program: str, now: datetime
) -> Manifest:
    keys = sorted(name.removeprefix(backup.KEY) for name in facts if name.startswith(backup.KEY))
    return Manifest(
        database="postgresql",
        program=program,
        revision=revision,
        made_at=now.astimezone(UTC),
        instance=facts.get(backup.INSTANCE, ""),
        generation=int(facts.get(backup.GENERATION, "0")),
        bytes=half.stat().st_size,
        sha256=backup.digest(half),
        keys=tuple(keys),
        counts=counts,
    )


def _run(command: Sequence[str], half: Path | None = None, progress: Progress | None = None) -> str:
    """Run one of the programs to its end. Returns what it wrote. `progress` may raise, to give it up."""
    if shutil.which(command[0]) is None:
        raise ToolMissing(command[0])
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}
    with subprocess.Popen(  # noqa: S603  (a fixed program, no shell)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        try:
            out, said = _waited(process, half, progress)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        first = next((line for line in said.splitlines() if "error" in line.lower()), "it gave no reason")
        raise ToolFailed(f"{command[0]} gave up: {first.partition('DETAIL')[0].strip()}")
    return out


def _waited(
    process: "subprocess.Popen[str]", half: Path | None, progress: Progress | None
) -> tuple[str, str]:
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if progress is not None and half is not None:
                progress(half.stat().st_size, 0)


def _list(file: Path) -> str:
    try:
        return _run(["pg_restore", "--list", str(file)])
    except ToolFailed:
        raise BadBackup(f"{file} is damaged: pg_restore cannot read it; use another backup") from None


def verify(file: Path) -> Facts:
    """Check a dump that shall be restored: whole, unchanged, ours. Its revision is looked at once it is in.

    Raises BadBackup or ToolMissing.
    """
    if not file.is_file():
        raise BadBackup(f"there is no file {file}")
    with file.open("rb") as opened:
        head = opened.read(16)
    if head.startswith(b"SQLite format 3"):
        raise BadBackup(f"{file} is a backup of a SQLite database; this configuration uses PostgreSQL")
    if not head.startswith(_HEADER):
        raise BadBackup(f"{file} is no backup of Entrepot: it is no dump of PostgreSQL")
    manifest = backup.unchanged(file)
    listed = _list(file)
    if not all(f" {table} " in listed for table in ("alembic_version", "meta", *backup.COUNTED)):
        raise BadBackup(f"{file} is no backup of Entrepot: it is another program's database")
    return Facts(
        revision=manifest.revision if manifest is not None else "",
        instance=manifest.instance if manifest is not None else "",
        generation=manifest.generation if manifest is not None else 0,
        made_at=manifest.made_at if manifest is not None else None,
        manifest=manifest,
    )


def kept_name(now: datetime) -> str:
    """The name that the present schema gets."""
    return f"{KEPT}{now.astimezone(UTC):%Y%m%dt%H%M%Sz}"


def swap_in(url: str, file: Path, kept: str, now: datetime) -> None:
    """Fill a new schema from the dump, marked as a copy; the present one is called `kept`. One transaction."""
    script = file.with_name(f".{file.name}.{os.getpid()}.sql")
    try:
        backup.write_private(script, b"")
        _run(["pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file)])
        moment = now.astimezone(UTC).isoformat()
        mark = (
            f"INSERT INTO {SCHEMA}.meta (name, value) VALUES ('{backup.COPIED_AT}', '{moment}') "  # noqa: S608
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        )
        _run(
            [
                *("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
                *("--command", f"ALTER SCHEMA {SCHEMA} RENAME TO {kept}"),
                *("--command", f"CREATE SCHEMA {SCHEMA}"),
                *("--file", str(script), "--command", mark, f"--dbname={url}"),
            ]
        )
    finally:
        script.unlink(missing_ok=True)


def swap_back(url: str, kept: str) -> None:
    """Undo `swap_in`."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(SCHEMA)))
        connection.execute(
            sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(kept), sql.Identifier(SCHEMA))
        )
