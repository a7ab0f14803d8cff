"""The points of Shopify's rate limit: how many there are, how fast they come back, and whose turn it is.

Every request costs points, which are taken from a bucket before it is run; each answer tells the bucket's size,
what is left in it and what comes back a second (`extensions.cost.throttleStatus`). What a request will cost is
known before it is sent: from the last time that it was asked in this size, else from its document. So calls
wait here for their points, those of a lower lane first, and Shopify has nothing to throttle.
"""

import asyncio
import bisect
from datetime import timedelta
from itertools import count

from connectors.contract import Deadline, Throttled
from connectors.contract.lanes import current_lane
from connectors.storefronts.shopify.payloads import Cost, Throttle

LEAST_WAIT = 0.05
"""Seconds: who is not the first in the queue looks again after these, or when something changed."""


class Budget:
    """One account's bucket. Until the first answer tells its size, nobody waits."""

    def __init__(self) -> None:
        self._bucket: Throttle | None = None
        self._told_at = 0.0
        self._reserved = 0.0
        self._prices: dict[str, float] = {}
        self._queue: list[tuple[int, int]] = []
        self._numbers = count()
        self._changed = asyncio.Event()

    def price(self, request: str, thought: float) -> float:
        """What a request of this kind and size costs, as far as is known."""
        return self._prices.get(request, thought)

    def learn(self, request: str, cost: Cost | None) -> None:
        """Keep what an answer says that such a request costs."""
        if cost is not None and cost.requested_query_cost is not None:
            self._prices[request] = cost.requested_query_cost

    def tell(self, cost: Cost | None) -> None:
        """Keep what an answer says of the bucket."""
        if cost is not None and cost.throttle_status is not None:
            self._bucket = cost.throttle_status
            self._told_at = _now()
            self._wake()

    def short_by(self, cost: Cost | None) -> timedelta | None:
        """How long a throttled request has to wait, by the figures of its own answer."""
        if cost is None or cost.throttle_status is None or cost.requested_query_cost is None:
            return None
        status = cost.throttle_status
        lacking = min(cost.requested_query_cost, status.maximum_available) - status.currently_available
        return timedelta(seconds=max(0.0, lacking) / status.restore_rate) if status.restore_rate > 0 else None

    async def take(self, points: float, deadline: Deadline) -> None:
        """Wait until so many points are there, and hold them. Raises Throttled where they cannot be in time."""
        turn = (int(current_lane()), next(self._numbers))
        bisect.insort(self._queue, turn)
        try:
            while (wait := self._wait(points, turn)) > 0:
                if wait > deadline.left():
                    raise Throttled("waits for points of the shop's rate limit", retry_after=_seconds(wait))
                await self._until_changed(wait)
            self._reserved += points
        finally:
            self._queue.remove(turn)
            self._wake()

    def give_back(self, points: float) -> None:
        """The request was answered, or lost: what it cost is in the bucket's figures from now on."""
        self._reserved = max(0.0, self._reserved - points)
        self._wake()

    def _wait(self, points: float, turn: tuple[int, int]) -> float:
        """Seconds until the points are there, as far as is known; those before in the queue come first."""
        if self._bucket is None:
            return 0.0
        rate = max(self._bucket.restore_rate, 1e-6)
        there = self._bucket.currently_available + rate * (_now() - self._told_at)
        left = min(there, self._bucket.maximum_available) - self._reserved
        needed = min(points, self._bucket.maximum_available)
        if left >= needed and self._queue[0] == turn:
            return 0.0
        return max(LEAST_WAIT, (needed - left) / rate)

    async def _until_changed(self, seconds: float) -> None:
        changed = self._changed
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _seconds(wait: float) -> timedelta:
    return timedelta(seconds=wait)
