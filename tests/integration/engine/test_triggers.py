"""What is triggered again and again: one run at a time, none cut off by a stop, and an error told to who asks."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sync.engine.triggers import Triggers
from tests.integration.engine.workshop import turns

OFTEN = 0.01


class Act:
    """An act that waits at its door and counts."""

    def __init__(self) -> None:
        self.begun = self.ended = self.running = self.most = 0
        self.reached, self.door = asyncio.Event(), asyncio.Event()
        self.raises: Exception | None = None

    async def __call__(self) -> None:
        self.begun += 1
        self.running += 1
        self.most = max(self.most, self.running)
        self.reached.set()
        try:
            await self.door.wait()
            if self.raises is not None:
                raise self.raises
            self.ended += 1
        finally:
            self.running -= 1

    async def runs(self, times: int) -> None:
        """Wait until it has begun so often."""
        for _ in range(2000):
            if self.begun >= times:
                return
            await asyncio.sleep(0.002)
        raise AssertionError(f"it began {self.begun} times only")


class Told:
    """What the triggers said."""

    def __init__(self) -> None:
        self.errors: list[tuple[str, Exception]] = []
        self.well: list[str] = []


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def triggers(told: Told) -> AsyncIterator[Triggers]:
    made = Triggers(
        stumbled=lambda name, error: told.errors.append((name, error)),
        fine=told.well.append,
    )
    yield made
    await made.stop(5)


async def test_an_act_that_is_busy_is_not_begun_a_second_time(triggers: Triggers) -> None:
    slow, other = Act(), Act()
    other.door.set()
    triggers.every(OFTEN, "slow", slow)
    triggers.every(OFTEN, "other", other)
    triggers.start()
    await slow.reached.wait()
    await other.runs(5)
    assert slow.begun == 1
    slow.door.set()
    await slow.runs(3)
    assert slow.most == other.most == 1


async def test_a_stop_lets_an_act_come_to_its_end_and_begins_no_other(triggers: Triggers, told: Told) -> None:
    act = Act()
    triggers.every(OFTEN, "act", act)
    triggers.start()
    await act.reached.wait()
    stop = asyncio.create_task(triggers.stop(60))
    await turns()
    assert not stop.done()
    act.door.set()
    await stop
    assert (act.begun, act.ended) == (1, 1)
    assert told.errors == []


async def test_a_stop_does_not_wait_for_ever(triggers: Triggers, told: Told) -> None:
    act = Act()
    triggers.every(OFTEN, "act", act)
    triggers.start()
    await act.reached.wait()
    await triggers.stop(0.01)
    assert (act.running, act.ended) == (0, 0)
    assert told.errors == [], "to be stopped is no error"


async def test_an_act_that_raises_is_told_and_comes_again(triggers: Triggers, told: Told) -> None:
    act = Act()
    act.raises = ValueError("no")
    act.door.set()
    triggers.every(OFTEN, "act", act)
    triggers.start()
    await act.runs(2)
    assert told.errors[0] == ("act", act.raises)
    assert told.well == []
    act.raises = None
    await act.runs(act.begun + 2)
    assert set(told.well) == {"act"}


async def test_an_act_that_is_asked_for_now_is_begun_though_it_is_not_its_time(triggers: Triggers) -> None:
    act = Act()
    triggers.now("act", act)
    triggers.now("act", act)
    await act.reached.wait()
    assert act.begun == 1


async def test_another_interval_takes_the_place_of_the_one_before(triggers: Triggers) -> None:
    act = Act()
    act.door.set()
    triggers.every(3600, "act", act)
    triggers.start()
    await act.runs(1)
    triggers.every(OFTEN, "act", act)
    await act.runs(4)
