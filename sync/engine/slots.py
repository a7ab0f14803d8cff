"""A bounded number of passes at once; who waits is served by priority, and nobody is passed over for ever.

Were priority all that counted, a daemon with more to do than it can would pull orders and send none of them.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

PATIENCE = 8
"""Who asks is served before those of the next priority that asked up to so many turns earlier, not before others."""


@dataclass(slots=True, eq=False)
class Seat:
    """One holder's claim on a slot. `held` is False while the slot is lent, or was lost to a cancellation."""

    priority: int
    held: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Slots:
    """`size` slots. The lowest priority number goes first: the declared order in which work waits under load.

    It is an order of how long: each step down lets PATIENCE later ones pass, so that everybody's turn comes.
    """

    def __init__(self, size: int) -> None:
        self._free = size
        self._turn = count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def hold(self, priority: int) -> AsyncIterator[Seat]:
        """Run the body in a slot."""
        seat = Seat(priority)
        await self._sit(seat)
        try:
            yield seat
        finally:
            self._rise(seat)

    @asynccontextmanager
    async def lent(self, seat: Seat) -> AsyncIterator[None]:
        """Give the seat's slot away while the body waits for something else, then wait for one again.

        Who is cancelled while it waits for a slot again has none, and gives none back.
        """
        self._rise(seat)
        try:
            yield
        finally:
            await self._sit(seat)

    async def _sit(self, seat: Seat) -> None:
        async with seat.lock:  # bodies that lent the same seat side by side take one slot back
            if not seat.held:
                await self._take(seat.priority)
                seat.held = True

    def _rise(self, seat: Seat) -> None:
        if seat.held:
            seat.held = False
            self._give()

    async def _take(self, priority: int) -> None:
        asked = next(self._turn)
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (asked + PATIENCE * priority, asked, turn))
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
