"""Batches side by side: in their order, so many at once, and none is ended by another's failure."""

import asyncio
from collections.abc import Sequence

import pytest

from connectors.contract import Limits
from sync.flows.side_by_side import side_by_side

LIMITS = Limits(batch_items=3, concurrency=2)


async def test_batches_are_begun_in_their_order_and_never_more_than_the_vendor_may_be_asked_at_once() -> None:
    begun: list[list[int]] = []
    running = most = 0

    async def act(part: Sequence[int]) -> int:
        nonlocal running, most
        begun.append(list(part))
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - len(begun)))
        running -= 1
        return sum(part)

    assert await side_by_side(LIMITS, list(range(10)), act) == [3, 12, 21, 9]
    assert begun == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert most == 2


async def test_a_batch_that_fails_ends_no_other_and_is_told() -> None:
    ended: list[int] = []

    async def act(part: Sequence[int]) -> None:
        if part[0] == 3:
            raise ConnectionError("lost")
        await asyncio.sleep(0.002)
        ended.append(part[0])

    with pytest.raises(ConnectionError, match="lost"):
        await side_by_side(LIMITS, list(range(9)), act)
    assert sorted(ended) == [0, 6]


async def test_nothing_costs_no_call() -> None:
    async def act(part: Sequence[int]) -> None:
        raise AssertionError(f"asked for {part}")

    assert await side_by_side(LIMITS, [], act) == []
