"""Runs points, two at a time, each in a folder and a database of its own, and tells what came of each."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sync.store import migrate
from tests.crash.planning import steady
from tests.crash.running import Ran, run
from tests.crash.steps import POSTGRESQL, SQLITE, Point, Step
from tests.databases.servers import MISSING, Server, copied, find

_MEMORY = Path("/dev/shm")


@contextmanager
def room() -> Iterator[Path]:
    """A folder for runs; it stays where one of them left something.

    It lies in memory where there is such a place: a process that dies loses nothing that the kernel has taken, so
    a disk would show no more, only later.
    """
    inside = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="entrepot-crash-", dir=inside))
    try:
        yield root
    finally:
        if not any(each.is_dir() for each in root.iterdir()):
            shutil.rmtree(root)


class Missing(Exception):
    """PostgreSQL is not here."""


@dataclass(slots=True)
class Result:
    """One run for one or more points. `folder` is kept where something failed."""

    points: Sequence[Point]
    ran: Ran
    folder: Path

    @property
    def failed(self) -> bool:
        """Whether a promise was broken, or a point not reached."""
        return bool(self.ran.broken)


@dataclass(slots=True)
class Harness:
    """Runs in `root`, at most so many `at_once`. Close it."""

    root: Path
    at_once: int = 2
    server: Server | None = None
    _count: int = 0
    _turn: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._turn = asyncio.Semaphore(self.at_once)
        self.template = self.root / "migrated.sqlite3"
        migrate.upgrade(self.template)

    template: Path = field(init=False)

    def need_postgresql(self) -> None:
        """Find a server, or start one. Raises Missing."""
        self.server = find()
        if self.server is None:
            raise Missing(MISSING)

    def close(self) -> None:
        """Let the server go."""
        if self.server is not None:
            self.server.close()

    async def steps(self) -> list[Step]:
        """The steps that two runs without a kill both reach. Raises AssertionError where one breaks a promise."""
        runs = await asyncio.gather(self.one(SQLITE, ()), self.one(SQLITE, ()))
        for result in runs:
            assert not result.failed, f"without any kill: {'; '.join(result.ran.broken)} ({result.folder})"
        return steady([result.ran.steps for result in runs])

    async def one(self, database: str, points: Sequence[Point]) -> Result:
        """One run, when its turn has come."""
        async with self._turn:
            self._count += 1
            folder = self.root / f"{self._count:03d}"
            folder.mkdir()
            with ExitStack() as stack:
                if database == POSTGRESQL:
                    assert self.server is not None
                    place = stack.enter_context(copied(self.server))
                else:
                    place = str(shutil.copy(self.template, folder / "entrepot.sqlite3"))
                ran = await run(folder, place, points)
            result = Result(points, ran, folder)
            if not result.failed:
                shutil.rmtree(folder)
            return result

    async def all(self, points: Sequence[Point]) -> AsyncGenerator[Result, None]:
        """Each point in a run of its own; results as they come. What still runs when it is left ends with it."""
        tasks = [asyncio.create_task(self.one(point.database, [point])) for point in points]
        try:
            for done in asyncio.as_completed(tasks):
                yield await done
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
