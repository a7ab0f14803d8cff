"""What APScheduler starts again and again: one run of each act at a time, and none is cut off by a stop.

A trigger only starts an act; the act's task is ours, since APScheduler's shutdown cancels what it runs itself.
A trigger that finds its act still busy is folded into the next one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from sync.engine.errands import Errands

Act = Callable[[], Awaitable[object]]


class Triggers:
    """The acts of one daemon, each with a name and an interval in seconds.

    `stumbled(name, error)` is told of every act that raised, `fine(name)` of every one that did not.
    """

    def __init__(self, *, stumbled: Callable[[str, Exception], None], fine: Callable[[str], object]) -> None:
        self._stumbled = stumbled
        self._fine = fine
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._errands = Errands()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._seconds: dict[str, float] = {}

    def every(self, seconds: float, name: str, act: Act) -> None:
        """Do it at once and then at this interval; a name that is known has its interval changed."""
        if self._seconds.get(name) == seconds:
            return
        if name in self._seconds:
            self._scheduler.reschedule_job(name, trigger="interval", seconds=seconds)
        else:
            self._scheduler.add_job(
                self._fire,
                "interval",
                args=(name, act),
                id=name,
                seconds=seconds,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        self._seconds[name] = seconds

    def start(self) -> None:
        """From now on they fire."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a trigger that is still busy is no news
        self._scheduler.start()

    def now(self, name: str, act: Act) -> None:
        """Do this beside the intervals, unless one of this name is under way."""
        busy = self._busy.get(name)
        if busy is None or busy.done():
            self._busy[name] = self._errands.start(self._done(name, act))

    async def stop(self, patience: float) -> None:
        """Fire no more, and let what is under way end for so many seconds."""
        if self._scheduler.running:
            logging.getLogger("apscheduler").setLevel(
                logging.CRITICAL
            )  # that it cancels its own calls is no news
            self._scheduler.shutdown(wait=False)
        await self._errands.stop(patience)

    async def _fire(self, name: str, act: Act) -> None:
        self.now(name, act)

    async def _done(self, name: str, act: Act) -> None:
        try:
            await act()
        except Exception as error:
            self._stumbled(name, error)
        else:
            self._fine(name)
