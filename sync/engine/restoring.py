"""Bringing a backup in, or taking a database over that came from elsewhere, without doing anything twice.

    lock ─► check the file ─► copy beside the database ─► migrate ─► keys ─► rules of `reopening` ─► swap

On SQLite the present file is untouched until the swap, one atomic rename, and then kept under a name of its own.
On PostgreSQL the swap comes first: the present schema is renamed, and named back where anything fails.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sync.domain.clock import Clock
from sync.engine.lock import Lock
from sync.engine.machine import machine_fault, told
from sync.engine.opening import key_ring
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.wiring import Configuration
from sync.store import backup, meta, migrate, postgres, postgres_backup
from sync.store.backup import BadBackup, Facts
from sync.store.database import Store
from sync.store.migrate import DatabaseTooNew, Standing
from sync.store.postgres_backup import ToolFailed, ToolMissing
from sync.store.reopening import Reopened, reopen
from sync.store.sealing import Sealer, WrongKey

_SHORTEST_QUIET = timedelta(seconds=60)
_BESIDES = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did, or would do (`dry_run`). `kept` names the database that was there before.

    `done` is None for a dry run on PostgreSQL, where it is known only after the fact.
    """

    file: Path | None
    database: str
    made_at: datetime | None
    revision: str
    migrated_to: str
    kept: str | None
    dry_run: bool
    done: Reopened | None


@dataclass(frozen=True, slots=True)
class _Wish:
    """Who wants what, of which configuration."""

    configuration: Configuration
    clock: Clock
    who: str
    what: str
    source: str
    new_instance: bool = False

    @property
    def shown(self) -> str:
        """The database's place."""
        return shown_place(self.configuration)


def shown_place(configuration: Configuration) -> str:
    """The database's place as the store tells it."""
    database = configuration.settings.database
    return str(database.path) if database.path is not None else postgres.place_of(database.url)


async def restore(
    configuration: Configuration, file: Path, clock: Clock, *, who: str, dry_run: bool
) -> Restored:
    """Put a backup in the database's place. Raises StartRefused; the present database is then as it was."""
    wish = _Wish(configuration, clock, who, "database restored", file.name)
    path = configuration.settings.database.path
    if path is not None and _same(file, path):
        raise StartRefused(f"{file} is the database itself; to take it over as it is: entrepot adopt")
    with _alone(configuration), _refusals(file, wish.shown):
        if path is None:
            return await _restore_dump(wish, file, dry_run=dry_run)
        return await _restore_file(wish, file, path, dry_run=dry_run)


async def _restore_file(wish: _Wish, file: Path, database: Path, *, dry_run: bool) -> Restored:
    facts = backup.verify(file)
    half = _half_of(database)
    try:
        _copy(file, half)
        done = await _opened_anew(wish, half)
        kept = _aside(database, wish.clock.now()) if _there(database) else None
        if not dry_run:
            _swap(half, database, kept)
    finally:
        _remove(half)
    return _told(wish, file, facts, str(kept) if kept else None, done, dry_run=dry_run)


async def _restore_dump(wish: _Wish, file: Path, *, dry_run: bool) -> Restored:
    url, now = wish.configuration.settings.database.url, wish.clock.now()
    facts = postgres_backup.verify(file)
    kept = postgres_backup.kept_name(now)
    if dry_run:
        return _told(wish, file, facts, kept, None, dry_run=True)
    claim = postgres.Claim(url)
    await claim.hold()
    try:
        postgres_backup.swap_in(url, file, kept, now)
        try:
            done = await _opened_anew(wish, url)
        except BaseException:
            postgres_backup.swap_back(url, kept)
            raise
    finally:
        await claim.release()
    return _told(wish, file, facts, kept, done, dry_run=False)


async def adopt(configuration: Configuration, clock: Clock, *, who: str, dry_run: bool) -> Restored:
    """Let the database that lies in its place belong here. Raises StartRefused."""
    database = configuration.settings.database
    if migrate.check(database.address) is Standing.ABSENT:
        raise StartRefused(f"there is no database at {database}: to bring a copy in: entrepot restore FILE")
    wish = _Wish(configuration, clock, who, "database taken over", str(database), new_instance=True)
    with _alone(configuration), _refusals(Path(str(database)), wish.shown):
        revision = migrate.current(database.address) or ""
        done = await _adopted(wish, database.path, dry_run=dry_run)
    return Restored(None, wish.shown, None, revision, migrate.head(), None, dry_run, done)


async def _adopted(wish: _Wish, path: Path | None, *, dry_run: bool) -> Reopened | None:
    if path is None:
        return None if dry_run else await _opened_anew(wish, wish.configuration.settings.database.url)
    if not dry_run:
        return await _opened_anew(wish, path)
    half = _half_of(path)
    try:
        _snapshot(path, half)
        return await _opened_anew(wish, half)
    finally:
        _remove(half)


def _same(file: Path, database: Path) -> bool:
    return file.exists() and database.exists() and file.samefile(database)


def _there(database: Path) -> bool:
    return database.exists()


def _half_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.restoring")


def _told(
    wish: _Wish, file: Path, facts: Facts, kept: str | None, done: Reopened | None, *, dry_run: bool
) -> Restored:
    made_at = facts.manifest.made_at if facts.manifest is not None else facts.made_at
    return Restored(file, wish.shown, made_at, facts.revision, migrate.head(), kept, dry_run, done)


@contextlib.contextmanager
def _alone(configuration: Configuration) -> Iterator[None]:
    """No daemon works on the database, and none can start."""
    lock = Lock(configuration.settings)
    lock.take()
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _refusals(file: Path, place: str) -> Iterator[None]:
    """What is wrong with the file, the keys or the machine, as one line that says what to do."""
    try:
        yield
    except (BadBackup, DatabaseTooNew, postgres.Taken) as error:
        raise StartRefused(str(error)) from None
    except WrongKey as error:
        raise StartRefused(f"{file} cannot be opened with these keys: {error}") from None
    except (ToolMissing, ToolFailed) as error:
        raise StartRefused(str(error), UNREACHABLE) from None
    except postgres.refusals() as error:
        why = machine_fault(error, place) or f"{file} cannot be restored: {told(error)}"
        raise StartRefused(why, UNREACHABLE) from None


def _copy(file: Path, half: Path) -> None:
    _remove(half)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        with file.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())


def _snapshot(database: Path, half: Path) -> None:
    _remove(half)
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("VACUUM INTO ?", (str(half),))
    finally:
        connection.close()


def _remove(half: Path) -> None:
    for path in (half, *(half.with_name(half.name + end) for end in _BESIDES)):
        path.unlink(missing_ok=True)


async def _opened_anew(wish: _Wish, address: Path | str) -> Reopened:
    """Migrate the database, check the keys, and apply the rules in one transaction."""
    ring = key_ring(wish.configuration.settings)
    if migrate.check(address) is Standing.BEHIND:
        upgraded = migrate.upgrade(address)
        if upgraded.copy is not None and address != wish.configuration.settings.database.path:
            upgraded.copy.unlink(missing_ok=True)
    store = await Store.open(address, clock=wish.clock, sealer=Sealer(ring))
    try:
        async with store.write() as tx:
            await meta.check_keys(tx, ring)
            if wish.new_instance:
                await meta.forget(tx, meta.INSTANCE_ID)
            return await reopen(
                tx,
                quiet=quiet_time(wish.configuration),
                shown=wish.shown,
                who=wish.who,
                what=wish.what,
                source=wish.source,
            )
    finally:
        await store.close()


def quiet_time(configuration: Configuration) -> timedelta:
    """The longest time in which a request of any account arrives and can be found."""
    limits = [entry.manifest.limits for entry in configuration.entries.values()]
    longest = [timedelta(seconds=one.total_seconds) + one.lag for one in limits]
    return max([_SHORTEST_QUIET, *longest])


def _aside(database: Path, now: datetime) -> Path:
    return database.with_name(f"{database.stem}-before-restore-{now:%Y%m%dT%H%M%SZ}{database.suffix}")


def _swap(half: Path, database: Path, kept: Path | None) -> None:
    """Give the present database its other name, then put the new one in its place by one rename."""
    if kept is not None:
        _empty_log(database)
        for end in _BESIDES:
            beside = database.with_name(database.name + end)
            if beside.exists():
                beside.replace(kept.with_name(kept.name + end))
        try:
            os.link(database, kept)
        except OSError:
            shutil.copy2(database, kept)
    half.replace(database)
    backup.sync_folder(database.parent)


def _empty_log(database: Path) -> None:
    """Bring the write-ahead log into the file. A file that is broken is kept with its log, as it is."""
    connection = sqlite3.connect(database, isolation_level=None, timeout=10)
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise
        return
    finally:
        connection.close()
    if busy:
        raise sqlite3.OperationalError("database is locked")
