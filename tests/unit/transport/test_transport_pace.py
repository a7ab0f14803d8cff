"""The pace against vendors that enforce their limits, on a loop whose time jumps: no waiting, no chance.

Requests reach the vendor, and answers come back, after a delay that varies by up to half a second, so that
they overtake one another. The vendor counts at arrival, by its own kind of window.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import PaceRule
from connectors.contract.lanes import Lane
from connectors.transport.pace import NoSlot, Pace


class JumpingLoop(asyncio.SelectorEventLoop):
    """Time stands still while there is work, and jumps to the next timer when there is none."""

    def __init__(self) -> None:
        self._moment = 0.0
        super().__init__()

    def time(self) -> float:
        return self._moment

    def _run_once(self) -> None:
        timers = [timer for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if not self._ready and timers:  # type: ignore[attr-defined]
            self._moment = max(self._moment, min(timer.when() for timer in timers))
        super()._run_once()  # type: ignore[misc]


def jumping(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(story())


def rule(calls: int, seconds: float, key: str = "account") -> PaceRule:
    return PaceRule(key, calls, timedelta(seconds=seconds), "a test")


class Fixed:
    """N calls in each whole period of the vendor's clock."""

    def __init__(self, calls: int, period: float) -> None:
        self._calls, self._period, self._counts = calls, period, dict[int, int]()

    def allows(self, now: float) -> bool:
        window = int(now // self._period)
        self._counts[window] = self._counts.get(window, 0) + 1
        return self._counts[window] <= self._calls


class Sliding:
    """N calls in any period, both ends counted."""

    def __init__(self, calls: int, period: float) -> None:
        self._calls, self._period, self._seen = calls, period, deque[float]()

    def allows(self, now: float) -> bool:
        while self._seen and self._seen[0] < now - self._period:
            self._seen.popleft()
        self._seen.append(now)
        return len(self._seen) <= self._calls


class Leaky:
    """A bucket of N that runs out in a period."""

    def __init__(self, calls: int, period: float) -> None:
        self._calls, self._rate = calls, calls / period
        self._level, self._at = 0.0, 0.0

    def allows(self, now: float) -> bool:
        self._level = max(0.0, self._level - (now - self._at) * self._rate) + 1
        self._at = now
        return self._level <= self._calls + 1e-9


@pytest.mark.parametrize("window", [Fixed, Sliding, Leaky])
@pytest.mark.parametrize("seed", range(5))
def test_no_call_is_ever_refused_whatever_the_window_and_the_jitter(window: type[Any], seed: int) -> None:
    calls, period = 20, 1.0
    chance = random.Random(seed)
    refused = 0

    async def one(pace: Pace, vendor: Any) -> None:
        nonlocal refused
        slot = await pace.acquire(["account"], Lane.ORDERS, 10_000)
        await asyncio.sleep(chance.uniform(0.001, 0.5))
        refused += not vendor.allows(asyncio.get_running_loop().time())
        await asyncio.sleep(chance.uniform(0.001, 0.5))
        slot.answered()

    async def story() -> None:
        pace = Pace([rule(calls, period)], concurrency=50)
        vendor = window(calls, period)
        await asyncio.gather(*(one(pace, vendor) for _ in range(300)))

    jumping(story)
    assert refused == 0


def go_in_order(*lanes: Lane) -> list[Lane]:
    """The order in which calls that came in the order `lanes`, while the account was busy, are let go."""
    went: list[Lane] = []

    async def one(pace: Pace, lane: Lane) -> None:
        slot = await pace.acquire(["account"], lane, 10_000)
        went.append(lane)
        slot.answered()

    async def story() -> None:
        pace = Pace([rule(1, 1)], concurrency=4)
        busy = await pace.acquire(["account"], Lane.ORDERS, 10_000)
        waiting = [asyncio.ensure_future(one(pace, lane)) for lane in lanes]
        await asyncio.sleep(0)
        busy.answered()
        await asyncio.gather(*waiting)

    jumping(story)
    return went


def test_the_lowest_lane_goes_first_and_within_a_lane_the_earliest() -> None:
    came = [Lane.CONTENT, Lane.ORDERS, Lane.PRICES, Lane.ANALYSIS, Lane.SHIPMENTS, Lane.ORDERS]
    assert go_in_order(*came) == sorted(came)


def test_a_call_that_needs_two_slots_is_not_overtaken_for_ever_by_those_that_need_one() -> None:
    went: list[str] = []

    async def one(pace: Pace, name: str, keys: list[str]) -> None:
        slot = await pace.acquire(keys, Lane.ORDERS, 10_000)
        went.append(name)
        slot.answered()

    async def story() -> None:
        pace = Pace([rule(1, 1, "account"), rule(1, 1, "orders")], concurrency=9)
        first = await pace.acquire(["orders"], Lane.ORDERS, 10_000)
        both = asyncio.ensure_future(one(pace, "both", ["account", "orders"]))
        await asyncio.sleep(0)
        others = [asyncio.ensure_future(one(pace, "one", ["account"])) for _ in range(5)]
        await asyncio.sleep(0)
        first.answered()
        await asyncio.gather(both, *others)

    jumping(story)
    assert went.index("both") == 0


def test_a_daily_quota_that_is_used_up_does_not_stop_calls_that_do_not_count_against_it() -> None:
    went: list[str] = []

    async def one(pace: Pace, name: str, keys: list[str], lane: Lane) -> None:
        slot = await pace.acquire(keys, lane, 1_000_000)
        went.append(name)
        slot.answered()

    async def story() -> None:
        pace = Pace([rule(1, 1, "account"), rule(1, 86_400, "quota")], concurrency=9)
        await one(pace, "quota", ["account", "quota"], Lane.ORDERS)
        again = asyncio.ensure_future(one(pace, "quota again", ["account", "quota"], Lane.ORDERS))
        await asyncio.sleep(0)
        await asyncio.gather(*(one(pace, "content", ["account"], Lane.CONTENT) for _ in range(3)), again)

    jumping(story)
    assert went == ["quota", "content", "content", "content", "quota again"]


def test_calls_that_need_the_same_slots_in_other_orders_never_wait_for_each_other() -> None:
    async def one(pace: Pace, keys: list[str]) -> None:
        slot = await pace.acquire(keys, Lane.ORDERS, 10_000)
        await asyncio.sleep(0.1)
        slot.answered()

    async def story() -> None:
        pace = Pace([rule(2, 1, "a"), rule(2, 1, "b")], concurrency=9)
        async with asyncio.timeout(1000):
            await asyncio.gather(*(one(pace, ["a", "b"][:: (-1) ** n]) for n in range(40)))

    jumping(story)


def test_a_cancelled_wait_leaves_nothing_taken() -> None:
    async def story() -> None:
        pace = Pace([rule(1, 1)], concurrency=4)
        busy = await pace.acquire(["account"], Lane.ORDERS, 10_000)
        waits = [asyncio.ensure_future(pace.acquire(["account"], Lane.ORDERS, 10_000)) for _ in range(5)]
        await asyncio.sleep(0)
        busy.unsent()
        for each in waits:  # the first has been let go in this very moment and does not know it yet
            each.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
        assert pace.waiting == 0
        (await pace.acquire(["account"], Lane.ORDERS, asyncio.get_running_loop().time())).answered()

    jumping(story)


def test_a_request_that_never_left_gives_its_slot_back_at_once() -> None:
    async def story() -> None:
        pace = Pace([rule(1, 3600)], concurrency=1)
        for _ in range(10):
            (await pace.acquire(["account"], Lane.ORDERS, asyncio.get_running_loop().time())).unsent()

    jumping(story)


def test_a_turn_that_cannot_come_in_time_is_refused_at_once_with_the_wait() -> None:
    async def story() -> None:
        pace = Pace([rule(1, 3600)], concurrency=1)
        (await pace.acquire(["account"], Lane.ORDERS, 10)).answered()
        with pytest.raises(NoSlot) as error:
            await pace.acquire(["account"], Lane.ORDERS, 10)
        assert (asyncio.get_running_loop().time(), round(error.value.wait)) == (0.0, 3600)

    jumping(story)


def test_a_pause_sends_home_those_who_cannot_wait_so_long_and_holds_the_others() -> None:
    went: list[str] = []

    async def one(pace: Pace, name: str, until: float) -> None:
        try:
            (await pace.acquire(["account"], Lane.ORDERS, until)).answered()
            went.append(name)
        except NoSlot:
            went.append(f"{name} sent home at {asyncio.get_running_loop().time():.0f}")

    async def story() -> None:
        pace = Pace([rule(5, 1)], concurrency=4)
        pace.pause(["account"], 10)
        waits = [asyncio.ensure_future(one(pace, *each)) for each in (("patient", 1000.0), ("hasty", 20.0))]
        await asyncio.sleep(0)
        pace.pause(["account"], 60)
        await asyncio.gather(*waits)
        assert round(asyncio.get_running_loop().time()) == 60

    jumping(story)
    assert went == ["hasty sent home at 0", "patient"]


def test_a_rate_follows_the_vendors_word() -> None:
    async def many(pace: Pace) -> float:
        begun = asyncio.get_running_loop().time()
        for _ in range(10):
            (await pace.acquire(["account"], Lane.ORDERS, 10_000)).answered()
        return asyncio.get_running_loop().time() - begun

    async def story() -> None:
        pace = Pace([rule(1, 10)], concurrency=4)
        slow = await many(pace)
        pace.change("account", 10, timedelta(seconds=1))
        assert slow > 80 > 20 > await many(pace)

    jumping(story)


def test_keys_without_a_rule_are_not_paced_but_concurrency_is_kept() -> None:
    most = now = 0

    async def one(pace: Pace) -> None:
        nonlocal most, now
        slot = await pace.acquire(["unheard-of"], Lane.ORDERS, 10_000)
        now += 1
        most = max(most, now)
        await asyncio.sleep(1)
        now -= 1
        slot.answered()

    async def story() -> None:
        pace = Pace([], concurrency=3)
        await asyncio.gather(*(one(pace) for _ in range(12)))

    jumping(story)
    assert most == 3
