"""A consistent copy of the database beside a running daemon, with a manifest that says what it is.

    VACUUM INTO ─► mark as a copy ─► verify ─► manifest ─► rename

A copy bears the mark `copied_at` in its `meta` table: a database with that mark is refused by `run` until
`entrepot restore` or `entrepot adopt` has dealt with what happened since. Nothing under the final name is ever
half-written. The manifest (`FILE.json`) names the sealing keys by number; the keys themselves are in no copy.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from sync.store import migrate, sqlite

FORMAT = 1
SUFFIX, DUMP_SUFFIX = ".sqlite3", ".dump"
COPIED_AT = "copied_at"
Progress = Callable[[int, int], None]
"""Told of (bytes done, bytes to do) now and then."""
_HEADER = b"SQLite format 3\0"
COUNTED = ("account", "customer_order", "fulfilment", "listing", "outbox", "parcel", "stock_level")
_BLOCK = 1 << 20
_STEPS = 20_000
GENERATION, INSTANCE, KEY = "generation", "instance_id", "key_check:"


class BadBackup(Exception):
    """A file that cannot be restored; the text says why and what to do."""


class NoDatabase(Exception):
    """There is nothing to back up yet."""


class TargetExists(Exception):
    """A backup never overwrites a file."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. `database` is its kind, `bytes` and `sha256` are the file's, `keys` sealed it."""

    format: int = FORMAT
    database: str = "sqlite"
    program: str
    revision: str
    made_at: datetime
    instance: str
    generation: int
    bytes: int
    sha256: str
    keys: tuple[str, ...]
    counts: dict[str, int]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a checked file says: `made_at` and `manifest` are None where it has none, such as a bare copy."""

    revision: str
    instance: str
    generation: int
    made_at: datetime | None
    manifest: Manifest | None


def manifest_path(file: Path) -> Path:
    """Where the manifest of a backup lies."""
    return file.with_name(f"{file.name}.json")


def make(
    database: Path, target: Path, *, program: str, now: datetime, progress: Progress | None = None
) -> Manifest:
    """Copy the database to `target` and verify the copy. It may be in use.

    Raises TargetExists, NoDatabase, BadBackup where the copy is not whole; OSError or sqlite3.Error where the
    machine refuses. Nothing is left behind then.
    """
    if not database.exists():
        raise NoDatabase(f"there is no database at {database} yet; `entrepot run` makes it")
    make_room(target)
    half = target.with_name(f"{target.name}.part")
    try:
        _vacuum(database, half, progress)
        mark_as_copy(half, now)
        manifest = _described(half, program, now)
        publish(half, target, manifest)
    finally:
        half.unlink(missing_ok=True)
    return manifest


def make_room(target: Path) -> None:
    """The folder of a new backup. Raises TargetExists where the name is taken."""
    if target.exists():
        raise TargetExists(f"there is a file {target} already: name another one")
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def publish(half: Path, target: Path, manifest: Manifest) -> None:
    """Give a finished backup its name, its manifest first: a manifest without a backup does no harm."""
    half_manifest = target.with_name(f"{target.name}.json.part")
    try:
        write_private(half_manifest, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        half_manifest.replace(manifest_path(target))
        half.replace(target)
        sync_folder(target.parent)
    finally:
        half_manifest.unlink(missing_ok=True)


def _vacuum(database: Path, half: Path, progress: Progress | None) -> None:
    write_private(half, b"")
    with _open(database, "rw") as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = pages * connection.execute("PRAGMA page_size").fetchone()[0]
        if progress is not None:
            told = progress
            connection.set_progress_handler(lambda: told(min(_size(half), size), size), _STEPS)
        connection.execute("VACUUM INTO ?", (str(half),))
        if progress is not None:
            progress(size, size)
    with half.open("rb+") as file:
        os.fsync(file.fileno())


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def write_private(path: Path, content: bytes) -> None:
    """A file of mode 0600 from its first moment, on the disk when this returns."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Names in it are on the disk when this returns."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextlib.contextmanager
def _open(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(sqlite.uri(path, mode), uri=True, isolation_level=None, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def mark_as_copy(path: Path, now: datetime) -> None:
    """From now on `run` refuses this file until somebody says what it is."""
    with _open(path, "rw") as connection:
        connection.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (COPIED_AT, now.astimezone(UTC).isoformat()),
        )


def _described(path: Path, program: str, now: datetime) -> Manifest:
    """Verify the copy and say what is in it."""
    _whole(path)
    with _open(path, "ro") as connection:
        facts = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in COUNTED
        }
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    keys = sorted(name.removeprefix(KEY) for name in facts if name.startswith(KEY))
    return Manifest(
        program=program,
        revision=revision,
        made_at=now.astimezone(UTC),
        instance=facts.get(INSTANCE, ""),
        generation=int(facts.get(GENERATION, "0")),
        bytes=path.stat().st_size,
        sha256=digest(path),
        keys=tuple(keys),
        counts=counts,
    )


def digest(path: Path) -> str:
    """SHA-256 of the file, in hex."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _whole(path: Path) -> None:
    try:
        with _open(path, "ro") as connection:
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError:
        said = "damaged"
    if said != "ok":
        raise BadBackup(f"{path} is damaged: its pages do not fit together; use another backup")


def verify(file: Path) -> Facts:
    """Check a file that shall be restored: whole, unchanged, ours, and of a revision that this program knows.

    Raises BadBackup; DatabaseTooNew where a newer program made it.
    """
    _readable(file)
    manifest = unchanged(file)
    _whole(file)
    return _facts(file, manifest)


def unchanged(file: Path) -> Manifest | None:
    """The manifest, where there is one, after the file was compared with it. Raises BadBackup."""
    manifest = read_manifest(file)
    size = file.stat().st_size
    if manifest is not None and size < manifest.bytes:
        raise BadBackup(
            f"{file} is cut short: {size} of {manifest.bytes} bytes; copy it again, or use another backup"
        )
    if manifest is not None and digest(file) != manifest.sha256:
        raise BadBackup(
            f"{file} was changed or damaged since it was made: its checksum is not the one in its manifest; "
            "copy it again, or use another backup"
        )
    return manifest


def _readable(file: Path) -> None:
    if not file.is_file():
        raise BadBackup(f"there is no file {file}")
    with file.open("rb") as opened:
        head = opened.read(len(_HEADER))
    if head.startswith(b"PGDMP"):
        raise BadBackup(f"{file} is a backup of a PostgreSQL database; this configuration uses SQLite")
    if head != _HEADER:
        raise BadBackup(f"{file} is no backup of Entrepot: it is no SQLite database")


def read_manifest(file: Path) -> Manifest | None:
    """The manifest beside a backup; None where there is none. Raises BadBackup where it cannot be read."""
    path = manifest_path(file)
    if not path.is_file():
        return None
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError:
        raise BadBackup(f"{path} is no manifest of a backup: put the right one beside {file.name}") from None
    if manifest.format != FORMAT:
        raise BadBackup(f"{path} is of format {manifest.format}, which this version does not know")
    return manifest


def _facts(file: Path, manifest: Manifest | None) -> Facts:
    try:
        with _open(file, "ro") as connection:
            facts = dict(connection.execute("SELECT name, value FROM meta").fetchall())
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        raise BadBackup(f"{file} is no backup of Entrepot: it is another program's database") from None
    if revision is None:
        raise BadBackup(f"{file} is no backup of Entrepot: it is another program's database")
    migrate.check(file)
    copied = facts.get(COPIED_AT)
    return Facts(
        revision=revision[0],
        instance=facts.get(INSTANCE, ""),
        generation=int(facts.get(GENERATION, "0")),
        made_at=datetime.fromisoformat(copied) if copied else None,
        manifest=manifest,
    )


def newest(folder: Path) -> tuple[Path, Manifest] | None:
    """The youngest backup with a manifest in a folder."""
    found = _kept(folder)
    return found[-1] if found else None


def prune(folder: Path, keep: int, instance: str) -> list[Path]:
    """Remove all but the youngest `keep` (1 or more) backups of this instance in a folder, with their manifests.

    Files of others, and those without a manifest that can be read, are not ours to remove. Returns what went.
    """
    ours = [file for file, manifest in _kept(folder) if manifest.instance == instance]
    gone = ours[:-keep]
    for file in gone:
        file.unlink(missing_ok=True)
        manifest_path(file).unlink(missing_ok=True)
    return gone


def _kept(folder: Path) -> list[tuple[Path, Manifest]]:
    """The backups of a folder, the oldest first."""
    found = []
    for path in [*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*{DUMP_SUFFIX}")]:
        with contextlib.suppress(BadBackup, OSError):
            manifest = read_manifest(path)
            if manifest is not None:
                found.append((path, manifest))
    return sorted(found, key=lambda one: one[1].made_at)
