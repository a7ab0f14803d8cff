"""Tasks that somebody must hold until they are done: the event loop itself does not."""

import asyncio
from collections.abc import Coroutine


class Errands:
    """The tasks of one sort that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None], name: str | None = None) -> asyncio.Task[None]:
        """Start one; the name is the task's."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """Those that are not done."""
        return tuple(self._tasks)

    async def ended(self) -> None:
        """Wait until all are done, well or not."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self, patience: float) -> bool:
        """Let them end for so many seconds, then cancel the rest. True where none had to be cancelled."""
        if not self._tasks:
            return True
        _, late = await asyncio.wait(self.tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return not late
