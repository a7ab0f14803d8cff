"""A real store and a real runner around tiny flows: a test says what each pass does, and when it may end.

The shop is a connector of a few lines that can be told to refuse or to be silent when it is asked who it is;
flows do what the test wrote down. Nothing of the engine is replaced.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from connectors.contract import Deadline, Kind, Manifest
from connectors.contract.lanes import Lane
from mappings import Rulebook
from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.engine.house import House, Post
from sync.engine.runner import Runner
from sync.engine.settings import Backoff, EngineSettings
from sync.flows.flow import AccountView, Flow, FlowContext, FlowName, PassResult, Timing
from sync.store import accounts, flow_states, issues
from sync.store.database import Store
from sync.store.flow_states import FlowState
from sync.telemetry import metrics

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INTERVAL = timedelta(seconds=60)
MANIFEST = Manifest("tiny", Kind.STOREFRONT, "Tiny shop", frozenset(), ())
QUICK = EngineSettings(
    passes_at_once=4,
    doubt_seconds=0.0,
    drain_seconds=10.0,
    fresh_seconds=10.0,
    backoff=Backoff(first_seconds=0.004, cap_seconds=600.0),
)
"""The looks at a shop are on the event loop's clock, so their back-off must be short here."""
SLOW = replace(QUICK, backoff=Backoff(first_seconds=2.0, cap_seconds=600.0))

Act = Callable[[FlowContext], Awaitable[PassResult]]
Step = PassResult | Exception | Act


class Shop:
    """A shop that says who it is, or what it was told to say before that."""

    def __init__(self, who: str = "shop-1") -> None:
        self.who = who
        self.says: deque[Exception] = deque()
        self.asked = 0
        self.closed = False

    async def identity(self, deadline: Deadline) -> str:
        """The fingerprint, once nothing else is left to say."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.says:
            raise self.says.popleft()
        return self.who

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


@dataclass
class TinyFlow:
    """Does the next of `steps` in each pass, and `PassResult()` when none is left."""

    name: FlowName
    observes: bool = True
    kinds: frozenset[Kind] = frozenset({Kind.STOREFRONT})
    lane: Lane = Lane.ORDERS
    steps: deque[Step] = field(default_factory=deque)
    begun: int = 0
    running: int = 0
    most: int = 0
    """The most passes that ran at once."""
    contexts: list[FlowContext] = field(default_factory=list)

    def then(self, *steps: Step) -> "TinyFlow":
        """Add what the next passes do."""
        self.steps.extend(steps)
        return self

    async def run(self, ctx: FlowContext) -> PassResult:
        """One pass."""
        self.begun += 1
        self.running += 1
        self.most = max(self.most, self.running)
        self.contexts.append(ctx)
        try:
            step = self.steps.popleft() if self.steps else PassResult()
            if isinstance(step, Exception):
                raise step
            if isinstance(step, PassResult):
                await asyncio.sleep(0)
                return step
            return await step(ctx)
        finally:
            self.running -= 1


class Door:
    """A pass that has begun waits here until the test lets it go on."""

    def __init__(self, result: PassResult | None = None) -> None:
        self.reached = asyncio.Event()
        self.let_go = asyncio.Event()
        self.result = result or PassResult()

    async def __call__(self, ctx: FlowContext) -> PassResult:
        """Wait."""
        self.reached.set()
        await self.let_go.wait()
        return self.result


@dataclass
class Works:
    """One process: its runner, its accounts, and what the store says about them."""

    store: Store
    clock: SetClock
    runner: Runner
    shops: dict[str, Shop]
    views: dict[str, AccountView] = field(default_factory=dict)
    faces: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def open(
        cls,
        store: Store,
        clock: SetClock,
        flows: Iterable[Flow],
        *,
        names: Iterable[str] = ("shop",),
        settings: EngineSettings = QUICK,
        live: bool = True,
        owner: str = "host:1",
        shops: Mapping[str, Shop] | None = None,
    ) -> "Works":
        """A runner whose accounts are configured; nothing is leased or asked yet."""
        runner = Runner(store, flows, clock=clock, owner=owner, settings=settings, chance=Random(7))
        self = cls(store, clock, runner, dict(shops or {name: Shop(f"{name}-1") for name in names}))
        await self.configure(live=live)
        return self

    async def every(self, interval: timedelta) -> None:
        """Another schedule comes into force: every flow has this interval."""
        timing = Timing(intervals={name: interval.total_seconds() for name in FlowName})
        await self.runner.swap(replace(self.house(), timing=timing))

    async def configure(self, *, live: bool = True) -> None:
        """Reconcile the accounts of `shops` with the store, and swap the house."""
        async with self.store.write() as tx:
            wishes = [accounts.Configured(name, "tiny", "storefront") for name in self.shops]
            rows = await accounts.reconcile(tx, wishes)
            for row in rows.values():
                if live:
                    await accounts.go_live(tx, row.id, who="test")
            rows = {row.name: row for row in await accounts.list_all(tx) if row.name in self.shops}
        self.views = {
            name: AccountView(row.id, name, "tiny", Kind.STOREFRONT, row.live_from)
            for name, row in rows.items()
        }
        await self.runner.swap(self.house())

    def house(self) -> House:
        """The house of the present shops."""
        posts: dict[AccountId, Post] = {}
        for name, view in self.views.items():
            connector: Any = self.shops[name]
            posts[view.id] = Post(view, connector, MANIFEST, self.faces.get(name, ""))
        timing = Timing(intervals={name: INTERVAL.total_seconds() for name in FlowName})
        return House(posts, Rulebook("v", "{}"), timing)

    async def start(self) -> None:
        """Take the accounts and ask the shops who they are; what is due runs to its end."""
        await self.look()
        await self.tick()

    async def look(self) -> None:
        """One beat, and the shops' answers."""
        await self.runner.beat()
        await self.runner.desks.looks()

    async def settle(self) -> None:
        """Let what was started start, and wait until no key runs."""
        await turns()
        await self.runner.idle()

    async def tick(self) -> None:
        """Run what is due, to its end."""
        await self.runner.tick()
        await self.settle()

    async def pass_by(self, by: timedelta = INTERVAL) -> None:
        """Let time go on, and run what is due then."""
        self.clock.move(by)
        await self.tick()

    def hint(self, flow: FlowName, name: str = "shop") -> None:
        """Look now."""
        self.runner.hint(self.views[name].id, flow)

    async def until(self, fact: Callable[[], bool]) -> None:
        """Look again and again until it is true."""
        for _ in range(500):
            if fact():
                return
            await self.look()
            await asyncio.sleep(0.002)
        raise AssertionError("this never came true")

    async def state(self, flow: FlowName, name: str = "shop") -> FlowState:
        """Where a key stands."""
        async with self.store.read() as tx:
            found = await flow_states.state(tx, self.views[name].id, flow)
        assert found is not None
        return found

    async def account(self, name: str = "shop") -> accounts.AccountRow:
        """The account as the store has it."""
        async with self.store.read() as tx:
            return await accounts.by_id(tx, self.views[name].id)

    async def issues(self) -> list[issues.Issue]:
        """The open issues."""
        async with self.store.read() as tx:
            return await issues.list_open(tx)

    async def resume(self, name: str = "shop") -> None:
        """A person resumes the account."""
        async with self.store.write() as tx:
            await accounts.resume(tx, self.views[name].id, who="ann")
        await self.runner.refresh()
        await self.runner.desks.refresh()


async def turns(count: int = 20) -> None:
    """Let every task that can go on go on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def reached(door: Door) -> None:
    """Wait until a pass stands at the door."""
    await asyncio.wait_for(door.reached.wait(), 20)


def metric(name: str, **labels: str) -> float:
    """A figure of the metrics page, 0 where it has never been set."""
    return metrics.REGISTRY.get_sample_value(f"entrepot_{name}", labels) or 0.0


def lock_file(database: Path) -> Path:
    """Where the lock of a database lies."""
    return database.with_name(f"{database.name}.lock")
