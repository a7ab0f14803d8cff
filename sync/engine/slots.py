"""A bounded number of passes at once; who waits is served by priority, then in the order of asking."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class Slots:
    """`size` slots. The lowest priority number goes first: the declared order in which load is shed."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._turn = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def hold(self, priority: int) -> AsyncIterator[None]:
        """Run the body in a slot."""
        await self._take(priority)
        try:
            yield
        finally:
            self._give()

    @asynccontextmanager
    async def lent(self, priority: int) -> AsyncIterator[None]:
        """Give the slot that is held away while the body waits for something else, then wait for one again."""
        self._give()
        try:
            yield
        finally:
            await self._take(priority)

    async def _take(self, priority: int) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._turn), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give()  # the slot came at the moment of the cancellation
            raise

    def _give(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
