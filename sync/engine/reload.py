"""The configuration in force, and how another one takes its place: read and checked whole, then swapped.

A bad one keeps the last good one in force and becomes an issue with every problem in it. A change that could not
be taken over for want of disk or database is tried again at every look.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from config import ConfigError
from sync.domain.clock import Clock
from sync.engine.clock import refuse_test_clock
from sync.engine.refusals import StartRefused
from sync.engine.stamping import Disk, Stamp
from sync.engine.wiring import Configuration
from sync.store import issues
from sync.store.database import Store
from sync.telemetry import metrics
from sync.telemetry.logs import logger

_log = logger("sync.engine")
_ISSUE = "config.rejected"
_QUIET_SECONDS = 0.2
_MOST_LOOKS = 10


class Reload:
    """Takes configurations over, one at a time. `move_in` makes one rule, or raises and changes nothing.

    `seen` is the state of the files that `configuration` was read from; None where nobody noted it.
    """

    def __init__(
        self,
        configuration: Configuration,
        store: Store,
        clock: Clock,
        move_in: Callable[[Configuration], Awaitable[None]],
        seen: Stamp | None = None,
    ) -> None:
        self.in_force = configuration
        self._store = store
        self._clock = clock
        self._move_in = move_in
        self._one_at_a_time = asyncio.Lock()
        self._disk = Disk(configuration.folder)
        self._seen: Stamp | None = seen
        """None where what is on disk has to be read again whatever it looks like."""

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
        """Take the files over where they changed and have come to rest."""
        async with self._one_at_a_time:
            if self._seen is None or await self._rested() != self._seen:
                await self._take_over()

    async def take_over(self) -> dict[str, Any]:
        """Read everything again. Says whether it was accepted, and why not."""
        async with self._one_at_a_time:
            return await self._take_over()

    async def _rested(self) -> Stamp:
        """The state of the files when nobody has written them for a moment, so that no half of a save rules."""
        now = await asyncio.to_thread(self._disk.stamp)
        for _ in range(_MOST_LOOKS):
            if now == self._seen:
                break
            before = now
            await asyncio.sleep(_QUIET_SECONDS)
            now = await asyncio.to_thread(self._disk.stamp)
            if now == before:
                break
        return now

    async def _take_over(self) -> dict[str, Any]:
        self._seen = None
        found = await asyncio.to_thread(self._disk.read)
        try:
            fresh = found.good()
            refuse_test_clock(fresh)
            _refuse_moved(self.in_force, fresh)
            await self._move_in(fresh)
        except (ConfigError, StartRefused) as error:
            await self._rejected(str(error))
            self._seen = found.stamp
            return {"accepted": False, "why": str(error)}
        self.in_force = fresh
        await self._accepted()
        self._seen = found.stamp
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
