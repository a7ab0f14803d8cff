"""Several batches of one vendor's calls under way at once: answers take their time, and we need not wait for each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from connectors.contract import Limits

T = TypeVar("T")
R = TypeVar("R")


async def side_by_side(
    limits: Limits, items: Sequence[T], act: Callable[[Sequence[T]], Awaitable[R]]
) -> list[R]:
    """Each batch of the items, begun in their order, as many at once as the vendor may be asked.

    What fails ends no other batch, for a write whose answer nobody hears is the worst of all; the first failure is
    raised when all have come to their end.
    """
    turn = asyncio.Semaphore(limits.concurrency)

    async def one(part: Sequence[T]) -> R:
        async with turn:
            return await act(part)

    size = limits.batch_items
    parts = [items[start : start + size] for start in range(0, len(items), size)]
    results = await asyncio.gather(*map(one, parts), return_exceptions=True)
    done: list[R] = []
    for result in results:
        if isinstance(result, BaseException):
            raise result
        done.append(result)
    return done
