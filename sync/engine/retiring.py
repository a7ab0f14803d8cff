"""Connectors that a new house no longer uses: each is closed when the passes that still use it have ended."""

import asyncio
from collections.abc import Callable, Sequence

from sync.domain.ids import AccountId
from sync.engine.errands import Errands
from sync.engine.house import House, Post


class Retiring:
    """Closes what the house before had and the house in force has not."""

    def __init__(self, tasks_of: Callable[[AccountId], Sequence[asyncio.Task[None]]]) -> None:
        """`tasks_of` tells what runs for an account now."""
        self._tasks_of = tasks_of
        self._closing = Errands()

    def swapped(self, before: House | None, house: House) -> None:
        """`house` is in force now."""
        if before is None:
            return
        kept = {id(post.connector) for post in house.posts.values()}
        for account_id, post in before.posts.items():
            if id(post.connector) not in kept:
                self._closing.start(_close_after(self._tasks_of(account_id), post))

    async def close_all(self, house: House | None) -> None:
        """Close the last house's connectors too; nothing runs any more."""
        for post in house.posts.values() if house is not None else ():
            await post.connector.close()
        await self._closing.ended()


async def _close_after(tasks: Sequence[asyncio.Task[None]], post: Post) -> None:
    if tasks:
        await asyncio.wait(tasks)
    await post.connector.close()
