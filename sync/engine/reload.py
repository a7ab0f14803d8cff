"""The configuration in force, and how another one takes its place: read and checked whole, then swapped.

A bad one keeps the last good one in force and becomes an issue with every problem in it. Files are looked at by
time and size; a change that could not be taken over for want of disk or database is tried again at every look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from config import ConfigError
from config.secrets import Source
from sync.domain.clock import Clock
from sync.engine.clock import refuse_test_clock
from sync.engine.wiring import FILE, Configuration, StartRefused, read_configuration
from sync.store import issues
from sync.store.database import Store
from sync.telemetry import metrics
from sync.telemetry.logs import logger

_log = logger("sync.engine")
_ISSUE = "config.rejected"
Stamp = tuple[tuple[str, int, int], ...]


class Reload:
    """Takes configurations over, one at a time. `move_in` makes one rule, or raises and changes nothing."""

    def __init__(
        self,
        configuration: Configuration,
        store: Store,
        clock: Clock,
        move_in: Callable[[Configuration], Awaitable[None]],
    ) -> None:
        self.in_force = configuration
        self._store = store
        self._clock = clock
        self._move_in = move_in
        self._one_at_a_time = asyncio.Lock()
        self._seen: Stamp | None = stamp(configuration)
        """None where what is on disk has to be read again whatever its times say."""

    async def first(self) -> None:
        """Take over what the daemon was started with."""
        async with self._one_at_a_time:
            await self._move_in(self.in_force)
            await self._accepted()

    async def accounts_again(self) -> None:
        """A person changed accounts in the store: the same files, looked at anew."""
        async with self._one_at_a_time:
            await self._move_in(self.in_force)

    async def look(self) -> None:
        """Take the files over where they changed."""
        if self._seen is None or stamp(self.in_force) != self._seen:
            await self.take_over()

    async def take_over(self) -> dict[str, Any]:
        """Read everything again. Says whether it was accepted, and why not."""
        async with self._one_at_a_time:
            seen, self._seen = stamp(self.in_force), None  # before reading: what changes from now on is new
            try:
                fresh = await asyncio.to_thread(read_configuration, self.in_force.folder)
                refuse_test_clock(fresh)
                _refuse_moved(self.in_force, fresh)
                await self._move_in(fresh)
            except (ConfigError, StartRefused) as error:
                await self._rejected(str(error))
                self._seen = seen
                return {"accepted": False, "why": str(error)}
            self.in_force = fresh
            await self._accepted()
            self._seen = seen
        _log.info("configuration taken over", rules=fresh.rulebook.version)
        return {"accepted": True, "rules": fresh.rulebook.version}

    async def _accepted(self) -> None:
        """The files on disk are what is in force."""
        metrics.CONFIG_RELOAD_SUCCESSFUL.set(1)
        metrics.CONFIG_RELOAD_TIME.set(self._clock.now().timestamp())
        metrics.CONFIG.info({"hash": self.in_force.rulebook.version})
        async with self._store.write() as tx:
            await issues.clear(tx, _ISSUE)

    async def _rejected(self, why: str) -> None:
        metrics.CONFIG_RELOAD_SUCCESSFUL.set(0)
        _log.error("configuration refused; the last good one stays in force", why=why)
        async with self._store.write() as tx:
            await issues.raise_issue(
                tx,
                key=_ISSUE,
                kind="config.rejected",
                what="the changed configuration was refused; the last good one stays in force",
                why=why,
                todo="Mend the files; `entrepot check` says the same. They are read again by themselves.",
            )


def _refuse_moved(before: Configuration, after: Configuration) -> None:
    for name in ("database", "metrics", "webhooks"):
        if getattr(before.settings, name) != getattr(after.settings, name):
            raise StartRefused(f"`{name}` changed: that takes a restart of the daemon")


def stamp(configuration: Configuration) -> Stamp:
    """Names, times and sizes of all files that a configuration was read from, secrets included."""
    found = []
    for path in _files(configuration):
        with suppress(OSError):
            told = path.stat()
            found.append((str(path), told.st_mtime_ns, told.st_size))
    return tuple(found)


def _files(configuration: Configuration) -> Iterator[Path]:
    settings = configuration.settings
    yield configuration.folder / FILE
    if settings.mappings.is_dir():
        yield from sorted(path for path in settings.mappings.rglob("*") if path.is_file())
    for account in settings.accounts.values():
        for secret in (account.secret, account.webhook_secret):
            if secret is not None and secret.source is Source.FILE:
                yield settings.secrets / secret.name
