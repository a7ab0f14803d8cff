"""Backups by schedule: one whenever the youngest is older than `backup.every`, the oldest beyond `keep` removed.

A backup runs beside the work, in a thread of its own. What fails is told once, and tried again.
"""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config import Settings
from sync.domain.clock import Clock
from sync.engine.version import program_version
from sync.store import backup
from sync.store.backup import Manifest, Progress
from sync.telemetry import metrics
from sync.telemetry.logs import logger

FOLDER = "backups"
FIRST_AFTER = timedelta(minutes=10)
"""How long a daemon without any backup works before it makes the first."""
_log = logger("sync.engine")


def folder_of(settings: Settings) -> Path:
    """Where backups lie unless another place is named."""
    return settings.data / FOLDER


def usual_target(settings: Settings, now: datetime) -> Path:
    """The name of a backup that is made at this moment."""
    suffix = backup.DUMP_SUFFIX if settings.database.path is None else backup.SUFFIX
    return folder_of(settings) / f"entrepot-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{suffix}"


def make(settings: Settings, target: Path, now: datetime, progress: Progress | None = None) -> Manifest:
    """Back this configuration's database up. Raises what `backup.make` or `postgres_backup.make` does."""
    database, program = settings.database, program_version()
    if database.path is None:
        from sync.store import postgres_backup  # with its driver, which a program on SQLite does not need

        return postgres_backup.make(database.url, target, program=program, now=now, progress=progress)
    return backup.make(database.path, target, program=program, now=now, progress=progress)


class Backups:
    """The daemon's own backups. `settings` gives those in force."""

    def __init__(self, settings: Callable[[], Settings], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._since = clock.now()
        self._stopping = threading.Event()

    def stop(self) -> None:
        """A backup under way is given up; nothing of it is left behind."""
        self._stopping.set()

    async def look(self) -> None:
        """Make a backup where one is due, and show how old the youngest is."""
        settings = self._settings()
        plan = settings.backup
        if plan.every is None:
            metrics.BACKUP_LAST_SUCCESS.set(0)
            return
        now = self._clock.now()
        found = await asyncio.to_thread(backup.newest, folder_of(settings))
        if found is not None:
            metrics.BACKUP_LAST_SUCCESS.set(found[1].made_at.timestamp())
        due = found[1].made_at + plan.every if found is not None else self._since + FIRST_AFTER
        if now < due and (found is not None or plan.every >= FIRST_AFTER):
            return
        await self._make(settings, now)

    async def _make(self, settings: Settings, now: datetime) -> None:
        target = usual_target(settings, now)
        try:
            made = await asyncio.to_thread(make, settings, target, now, self._give_up_when_told)
        except Exception:
            if self._stopping.is_set():
                return
            metrics.BACKUPS_FAILED.inc()
            raise
        metrics.BACKUP_LAST_SUCCESS.set(made.made_at.timestamp())
        gone = await asyncio.to_thread(backup.prune, folder_of(settings), settings.backup.keep, made.instance)
        _log.info("backed up", file=target.name, bytes=made.bytes, removed=len(gone))

    def _give_up_when_told(self, done: int, whole: int) -> None:
        del done, whole
        if self._stopping.is_set():
            raise InterruptedError
