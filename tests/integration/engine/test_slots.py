"""The laws of the slots: never too many at once, by priority but nobody never, and none is lost or won by a cancellation."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.engine.slots import PATIENCE, Slots
from tests.integration.engine.workshop import turns

CLASSES = (
    "cancelled while it waits",
    "cancelled while it takes its slot back",
    "cancelled as its slot comes",
)
SHARE = 0.005
"""Each class must occur in so large a share of the examples, or the test proves nothing about it."""


@dataclass(eq=False)
class Worker:
    """Asks for a slot, keeps it, lends it, takes it back and leaves, each when it is told."""

    slots: Slots
    priority: int
    turn: int
    told: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    holds: bool = False
    lending: bool = False
    waits: bool = True
    returns: bool = False
    task: "asyncio.Task[None] | None" = None

    @property
    def rank(self) -> tuple[int, int]:
        """Who is served first."""
        return (self.turn + PATIENCE * self.priority, self.turn)

    def outranks(self, other: "Worker") -> bool:
        """Whether it may be served though the other waits: it asked before, or has the higher priority."""
        return self.turn < other.turn or self.priority < other.priority

    async def work(self) -> None:
        """Until it is told to leave."""
        try:
            async with self.slots.hold(self.priority) as seat:
                self.holds, self.waits = True, False
                while await self.told.get() != "leave":
                    self.holds, self.lending = False, True
                    async with self.slots.lent(seat):
                        await self.told.get()
                        self.lending, self.waits, self.returns = False, True, True
                    self.holds, self.waits, self.returns = True, False, False
        finally:
            self.holds = self.waits = self.lending = False


@dataclass
class Play:
    """One sequence of acts, watched."""

    size: int
    seen: Counter[str]
    workers: list[Worker] = field(default_factory=list)
    turn: int = 0

    def __post_init__(self) -> None:
        self.slots = Slots(self.size)

    @property
    def alive(self) -> list[Worker]:
        """Those that are not done."""
        return [worker for worker in self.workers if worker.task is not None and not worker.task.done()]

    def act(self, what: str, number: int, priority: int) -> None:
        """Do one thing, if anybody can."""
        if what == "enter":
            self.turn += 1
            worker = Worker(self.slots, priority, self.turn)
            worker.task = asyncio.create_task(worker.work())
            self.workers.append(worker)
            return
        fit = {
            "leave": [w for w in self.alive if w.holds and w.told.empty()],
            "lend": [w for w in self.alive if w.holds and w.told.empty()],
            "back": [w for w in self.alive if w.lending and w.told.empty()],
            "cancel": self.alive,
            "cancel a waiting one": [w for w in self.alive if w.waits],
        }[what]
        if not fit:
            return
        worker = fit[number % len(fit)]
        if what.startswith("cancel"):
            self._cancel(worker)
        else:
            if what == "back":
                self.turn += 1
                worker.turn = self.turn
            worker.told.put_nowait(what)

    def _cancel(self, worker: Worker) -> None:
        assert worker.task is not None
        if worker.waits:
            self.seen[CLASSES[1] if worker.returns else CLASSES[0]] += 1
        worker.task.cancel()

    def check(self, waited: list[Worker], held: set[Worker]) -> None:
        """What must be true whenever everybody has done what there is to do."""
        holding = [worker for worker in self.workers if worker.holds]
        waiting = [worker for worker in self.alive if worker.waits]
        assert len(holding) <= self.size
        assert not waiting or len(holding) == self.size, "somebody waits though a slot is free"
        for new in set(holding) - held:
            overtaken = [old for old in waited if old.waits and old is not new and old in waiting]
            assert all(new.outranks(old) for old in overtaken), "the order was not kept"


Acts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "enter",
                "enter",
                "leave",
                "lend",
                "back",
                "back",
                "cancel",
                "cancel a waiting one",
                "hand over",
                "cut off",
            ]
        ),
        st.integers(0, 7),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=5,
    max_size=40,
)


async def play(size: int, acts: list[tuple[str, int, int, bool]], seen: Counter[str]) -> None:
    """Act, watch, and at the end count the slots that are there."""
    game = Play(size, seen)
    waited, held = [], set[Worker]()
    for what, number, priority, settle in acts:
        if what == "hand over":
            await hand_over(game, number)
        elif what == "cut off":
            await cut_off(game, number, priority)
        else:
            game.act(what, number, priority)
            if not settle:
                continue
        await turns(16)
        game.check(waited, held)
        waited = [worker for worker in game.alive if worker.waits]
        held = {worker for worker in game.workers if worker.holds}
    for worker in game.alive:
        assert worker.task is not None
        worker.task.cancel()
    await turns(12)
    await asyncio.gather(*(w.task for w in game.workers if w.task is not None), return_exceptions=True)
    await count_slots(game.slots, size)


async def hand_over(game: Play, number: int) -> None:
    """One leaves, and who is next is cancelled when the slot is on its way to it."""
    await turns(12)
    holders = [worker for worker in game.alive if worker.holds and worker.told.empty()]
    waiting = sorted((worker for worker in game.alive if worker.waits), key=lambda worker: worker.rank)
    if not holders or not waiting:
        return
    leaver = holders[number % len(holders)]
    leaver.told.put_nowait("leave")
    assert leaver.task is not None
    while not leaver.task.done():
        await asyncio.sleep(0)
        if not leaver.holds:
            break
    if waiting[0].waits and waiting[0].task is not None:
        game.seen[CLASSES[2]] += 1
        waiting[0].task.cancel()


async def cut_off(game: Play, number: int, priority: int) -> None:
    """One lends its slot, another takes it, and the one is cancelled while it waits to have it back."""
    await turns(12)
    holders = [worker for worker in game.alive if worker.holds and worker.told.empty()]
    if not holders:
        return
    lender = holders[number % len(holders)]
    lender.told.put_nowait("lend")
    for _ in range(game.size):
        game.act("enter", 0, priority)
    await turns(12)
    game.turn += 1
    lender.turn = game.turn
    lender.told.put_nowait("back")
    await turns(12)
    if lender.returns:
        game._cancel(lender)


async def count_slots(slots: Slots, size: int) -> None:
    """Exactly `size` can be held now."""
    last = [Worker(slots, 0, turn) for turn in range(size + 3)]
    for worker in last:
        worker.task = asyncio.create_task(worker.work())
    await turns(12)
    assert sum(worker.holds for worker in last) == size
    for worker in last:
        assert worker.task is not None
        worker.task.cancel()
    await asyncio.gather(*(w.task for w in last if w.task is not None), return_exceptions=True)


def test_whatever_happens_the_slots_keep_their_laws() -> None:
    seen: Counter[str] = Counter()
    examples = 0

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.integers(1, 3), Acts)
    def laws(size: int, acts: list[tuple[str, int, int, bool]]) -> None:
        nonlocal examples
        examples += 1
        here: Counter[str] = Counter()
        asyncio.run(play(size, acts, here))
        seen.update(here.keys())

    laws()
    rare = {name: seen[name] / examples for name in CLASSES if seen[name] < SHARE * examples}
    assert not rare, f"too rare to prove anything: {rare}"


async def test_whoever_waits_is_served_though_others_of_higher_priority_never_cease_to_ask() -> None:
    """A daemon that pulls orders all the time sends them, too."""
    slots, low, served = Slots(1), 3, list[int]()

    async def ask(priority: int) -> None:
        async with slots.hold(priority):
            served.append(priority)

    async with slots.hold(0):
        tasks = [asyncio.create_task(ask(low if number == 0 else 0)) for number in range(10 * PATIENCE)]
        await turns()
    await asyncio.gather(*tasks)
    assert served.index(low) == low * PATIENCE - 1, "so many who asked later were served before it"


async def test_who_is_cancelled_while_it_takes_its_slot_back_gives_none_back() -> None:
    """The fault that was: its end gave a slot back that it did not hold."""
    slots = Slots(1)
    lender, keeper = Worker(slots, 0, 1), Worker(slots, 0, 2)
    lender.task = asyncio.create_task(lender.work())
    await turns()
    lender.told.put_nowait("lend")
    await turns()
    keeper.task = asyncio.create_task(keeper.work())
    await turns()
    lender.told.put_nowait("back")
    await turns()
    lender.task.cancel()
    await turns()
    assert keeper.holds
    keeper.told.put_nowait("leave")
    await turns()
    await count_slots(slots, 1)


async def test_a_seat_that_is_lent_twice_at_once_is_one_slot() -> None:
    slots = Slots(1)
    async with slots.hold(0) as seat:

        async def lend() -> None:
            async with slots.lent(seat):
                await asyncio.sleep(0)

        await asyncio.gather(lend(), lend())
        assert seat.held
    await count_slots(slots, 1)
