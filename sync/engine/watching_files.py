"""Changed files are seen at once: the system tells of every write, and an act looks what it is worth.

Nothing rests on it. Where a system tells nothing (network drives), too little (no room for one more watch), or
where a linked file is written in a folder that nobody watches, the look at intervals finds the change.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from watchfiles import Change, awatch

from config import Settings
from sync.engine.settings_file import FILE
from sync.engine.stamping import secret_files
from sync.telemetry.logs import logger

_QUIET_MILLISECONDS = 100
"""So long nothing more may be written before it is looked; an editor's several writes are one change."""
_LONGEST_MILLISECONDS = 1600
_AGAIN_SECONDS = 60.0
_log = logger("sync.engine")
logging.getLogger("watchfiles").setLevel(logging.WARNING)


class FileWatch:
    """Calls `act` after changes of the files that `settings()` leads to. `act` raises nothing.

    The variable WATCHFILES_FORCE_POLLING makes it look by itself instead of being told by the system.
    """

    def __init__(
        self, folder: Path, settings: Callable[[], Settings], act: Callable[[], Awaitable[None]]
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._act = act
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.watched: frozenset[Path] = frozenset()
        """The folders that are watched now."""

    def start(self) -> None:
        """From now on."""
        self._task = asyncio.create_task(self._watch(), name="files")

    async def stop(self, patience: float) -> None:
        """Start no act any more, and let one that is under way end for so many seconds."""
        self._stopping.set()
        if self._task is not None:
            _, late = await asyncio.wait({self._task}, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _watch(self) -> None:
        told = False
        while not self._stopping.is_set():
            try:
                await self._while_they_stand()
            except Exception as error:
                if not told:
                    _log.warning(
                        "files cannot be watched; they are looked at every few seconds", why=str(error)
                    )
                told = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _AGAIN_SECONDS)

    async def _while_they_stand(self) -> None:
        """Watch until the folders are others, as where the mappings moved or a folder was made."""
        folders = self.watched = folders_of(self._folder, self._settings())
        changes = awatch(
            *sorted(folders),
            watch_filter=self._matters,
            debounce=_LONGEST_MILLISECONDS,
            step=_QUIET_MILLISECONDS,
            stop_event=self._stopping,
            recursive=False,
            ignore_permission_denied=True,
        )
        try:
            async for _ in changes:
                await self._act()
                if folders_of(self._folder, self._settings()) != folders:
                    break
        finally:
            await changes.aclose()
        if not self._stopping.is_set():
            await self._act()  # what was written while nobody watched

    def _matters(self, change: Change, changed: str) -> bool:
        path, settings = Path(changed), self._settings()
        mappings = {settings.mappings, settings.mappings.resolve()}
        secrets = {path for one in secret_files(settings) for path in (one, one.resolve())}
        swapped = path.name.startswith("..")  # how a mounted folder of files is changed whole
        return (
            path.name == FILE
            or swapped
            or path in secrets
            or not mappings.isdisjoint((path, path.parent))
            or path == settings.secrets
        )


def folders_of(folder: Path, settings: Settings) -> frozenset[Path]:
    """The folders that hold files of this configuration, as far as they are there; links, and where they lead."""
    named = (folder, settings.file.parent, settings.mappings, settings.secrets)
    places = {place for one in named for place in (one.absolute(), one.resolve())}
    return frozenset(place for place in places if place.is_dir())
