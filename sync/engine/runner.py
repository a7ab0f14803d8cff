"""The local runner: starts each due key, at most one run of it at a time and at most one waiting.

`flow_state.next_due_at` is the truth; a coarse tick starts what is due, and a hint (from a flow, the control
socket or a command) starts a key at once or lets the running one go round again. A hint never cuts a
back-off short. A key with more to do goes round again after giving its slot to whoever waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.engine.desks import Desks
from sync.engine.faults import Ending, Fault, judge
from sync.engine.house import House, Post
from sync.engine.passes import DATABASE, PassEnd, Passes
from sync.engine.settings import EngineSettings
from sync.engine.slots import Slots
from sync.flows.flow import Flow, FlowContext, FlowName
from sync.store import flow_states, leases
from sync.store.database import Fence, Store
from sync.telemetry import metrics
from sync.telemetry.logs import Outages, bound, logger

_log = logger("sync.engine")
_PRIORITY = {name: number for number, name in enumerate(FlowName)}
_SET_BACK = timedelta(seconds=2)
ATTENDED = "attended"
"""The lease under which commands and changes of the configuration are carried out."""


@dataclass(slots=True)
class Key:
    """One (account, flow) in this process's memory."""

    account_id: AccountId
    flow: Flow
    task: asyncio.Task[None] | None = None
    again: bool = False
    not_before: datetime | None = None
    """It backs off until then."""
    fresh_at: datetime | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the end of each pass, then replaced."""
    last_end: float | None = None
    """On the event loop's clock."""

    @property
    def priority(self) -> int:
        """Its flow's place in the declared order."""
        return _PRIORITY[self.flow.name]


@dataclass(slots=True)
class OnceReport:
    """What `once` did. `unfinished`: the bound came first; `waiting`: accounts that could not start."""

    passes: int = 0
    handled: int = 0
    troubled: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    """(account, flow)"""
    waiting: list[str] = field(default_factory=list)
    unfinished: bool = False


class Runner:
    """Runs the flows of the accounts of a House in this process."""

    def __init__(
        self,
        store: Store,
        flows: Iterable[Flow],
        *,
        clock: Clock,
        owner: str,
        settings: EngineSettings | None = None,
        chance: Random | None = None,
    ) -> None:
        self.settings = settings or EngineSettings()
        self._store = store
        self._flows = tuple(flows)
        self._clock = clock
        self._outages = Outages(_log, clock)
        chance = chance or Random()  # noqa: S311  (jitter)
        self._passes = Passes(store, clock, self._outages, self.settings, chance)
        self.desks = Desks(
            store, clock, self._flows, self._outages, self.settings, chance, owner, self._opened
        )
        self._slots = Slots(self.settings.passes_at_once)
        self._keys: dict[tuple[AccountId, FlowName], Key] = {}
        self._house: House | None = None
        self._draining = False
        self._only: Callable[[Key], bool] | None = None
        self._report = OnceReport()
        self._closing: set[asyncio.Task[None]] = set()
        self._last_now = clock.now()
        self.last_tick: float | None = None
        """When the due keys were last looked for, on the event loop's clock."""

    # What is wired

    async def swap(self, house: House) -> None:
        """Work with this house from now on. Passes that run go on with the one before."""
        before = self._house
        self._house = house
        await self.desks.swap(house)
        async with self._store.read() as tx:
            states = {(state.account_id, state.flow): state for state in await flow_states.states(tx)}
        keys: dict[tuple[AccountId, FlowName], Key] = {}
        for id, post in house.posts.items():
            for flow in self._flows:
                if post.view.kind in flow.kinds:
                    key = self._keys.get((id, flow.name)) or Key(id, flow)
                    state = states.get((id, flow.name.value))
                    if state is not None:
                        key.fresh_at = state.last_success_begun_at
                        key.not_before = state.next_due_at if state.attempts else None
                    keys[id, flow.name] = key
        retired = [key for place, key in self._keys.items() if place not in keys]
        self._keys = keys
        self._close_unused(before, house, retired)

    def _close_unused(self, before: House | None, house: House, retired: list[Key]) -> None:
        if before is None:
            return
        kept = {id(post.connector) for post in house.posts.values()}
        for account_id, post in before.posts.items():
            if id(post.connector) not in kept:
                keys = [key for key in (*self._keys.values(), *retired) if key.account_id == account_id]
                closing = asyncio.create_task(_close_after([k.task for k in keys if k.task], post))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    async def refresh(self) -> None:
        """Read conditions and back-offs again: a person changed them."""
        await self.desks.refresh()
        async with self._store.read() as tx:
            for state in await flow_states.states(tx):
                known = state.flow in FlowName.__members__.values()
                key = self._keys.get((state.account_id, FlowName(state.flow))) if known else None
                if key is not None:
                    key.not_before = state.next_due_at if state.attempts else None

    # When a key runs

    async def beat(self) -> None:
        """Renew the account leases, take free accounts, ask shops who they are."""
        try:
            await self.desks.beat()
        except Exception as error:
            self._machine(error)

    async def tick(self) -> None:
        """Start every key that is due."""
        self.last_tick = asyncio.get_running_loop().time()
        try:
            await self._look_at_clock()
            async with self._store.read() as tx:
                due = await flow_states.due(tx)
        except Exception as error:
            self._machine(error)
            return
        names = {name.value: name for name in FlowName}
        for account_id, flow in due:
            key = self._keys.get((account_id, names[flow])) if flow in names else None
            if key is not None and key.task is None:
                self._start(key)

    def hint(self, account_id: AccountId, flow: FlowName) -> None:
        """Look now. Unknown keys and keys that back off take no notice."""
        key = self._keys.get((account_id, flow))
        post = self._post(account_id)
        if key is None or post is None:
            return
        metrics.HINTS.labels(post.view.name, flow.value).inc()
        if key.task is not None:
            key.again = True
        else:
            self._start(key)

    def _opened(self, account_id: AccountId) -> None:
        self.kick = asyncio.create_task(self.tick())

    def _start(self, key: Key) -> None:
        if self._may_run(key):
            key.task = asyncio.create_task(self._work(key))

    def _may_run(self, key: Key) -> bool:
        desk = self.desks.all.get(key.account_id)
        if self._draining or desk is None or not desk.open:
            return False
        if self._only is not None and not self._only(key):
            return False
        if key.not_before is not None and key.not_before > self._clock.now():
            return False
        return desk.post.view.live or key.flow.observes

    async def _work(self, key: Key) -> None:
        try:
            while True:
                async with self._slots.hold(key.priority):
                    key.again = False
                    if not self._may_run(key):
                        return
                    end = await self._pass(key)
                self._note(key, end)
                if end.not_before is not None or not (end.result.more or key.again):
                    return
        finally:
            key.task = None
            self._ring(key)

    async def _pass(self, key: Key) -> PassEnd:
        desk = self.desks.all[key.account_id]
        house, post, lease = self._house, desk.post, desk.lease
        if house is None or lease is None:
            return PassEnd(Ending.LOST)

        def context(fence: Fence) -> FlowContext:
            return self._context(house, post, key, fence)

        end = await self._passes.run(key.flow, lease, post.view.name, context)
        if end.fault is Fault.CREDENTIALS:
            self.desks.doubt(key.account_id)
        if end.ending is Ending.LOST:
            await self.beat()
        return end

    def _note(self, key: Key, end: PassEnd) -> None:
        key.not_before = end.not_before
        key.fresh_at = end.fresh_at or key.fresh_at
        key.last_end = asyncio.get_running_loop().time()
        self._report.passes += 1
        self._report.handled += end.result.handled
        self._report.troubled += end.result.troubled
        if end.ending is Ending.FAILED:
            post = self._post(key.account_id)
            self._report.failed.append((post.view.name if post else "", key.flow.name.value))
        self._ring(key)

    def _ring(self, key: Key) -> None:
        key.ended.set()
        key.ended = asyncio.Event()

    # What a pass is given

    def _context(self, house: House, post: Post, key: Key, fence: Fence) -> FlowContext:
        return FlowContext(
            account=post.view,
            connector=post.connector,
            manifest=post.manifest,
            store=self._store,
            fence=fence,
            rulebook=house.rulebook,
            clock=self._clock,
            timing=house.timing,
            accounts=house.accounts,
            manifests=house.manifests,
            hint=self.hint,
            fresh=self._freshener(key),
        )

    def _freshener(self, asking: Key) -> Callable[[FlowName, datetime], Awaitable[bool]]:
        async def fresh(flow: FlowName, since: datetime) -> bool:
            return await self._fresh(asking, flow, since)

        return fresh

    async def _fresh(self, asking: Key, flow: FlowName, since: datetime) -> bool:
        """Wait without holding a slot, so that those who wait can never keep out what they wait for."""
        key = self._keys.get((asking.account_id, flow))
        if key is None or key is asking:
            return False
        try:
            async with asyncio.timeout(self.settings.fresh_seconds):
                while key.fresh_at is None or key.fresh_at < since:
                    if not self._may_run(key):
                        return False
                    self.hint(key.account_id, flow)
                    ended = key.ended
                    async with self._slots.lent(asking.priority):
                        await ended.wait()
        except TimeoutError:
            return False
        return True

    async def attend(self, account_id: AccountId, act: Callable[[FlowContext], Awaitable[None]]) -> bool:
        """Run something under the account's lease, as a pass would; False where it is not ours now."""
        desk = self.desks.all.get(account_id)
        house = self._house
        if desk is None or desk.lease is None or house is None:
            return False
        async with self._store.write() as tx:
            fence = await leases.take_flow(tx, desk.lease, ATTENDED, self.settings.lease_seconds)
        if fence is None:
            return False
        key = Key(account_id, self._flows[0])
        try:
            with bound(account=desk.post.view.name):
                await act(self._context(house, desk.post, key, fence))
        finally:
            async with self._store.write() as tx:
                await leases.release_flow(tx, fence)
        return True

    # The end, and a single round

    async def drain(self) -> bool:
        """Start nothing more, let passes end, give the accounts back. False where some had to be stopped."""
        self._draining = True
        running = [key.task for key in self._keys.values() if key.task is not None]
        stopped = False
        if running:
            _, late = await asyncio.wait(running, timeout=self.settings.drain_seconds)
            stopped = bool(late)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self.desks.release()
        except Exception as error:
            self._machine(error)
        await self._close_all()
        return not stopped

    async def _close_all(self) -> None:
        posts = self._house.posts.values() if self._house is not None else ()
        for post in posts:
            await post.connector.close()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def once(
        self,
        accounts: Collection[str] | None = None,
        flows: Collection[FlowName] | None = None,
        *,
        seconds: float = 600.0,
    ) -> OnceReport:
        """Run what is due, and what that wakes, until nothing has more to do or the bound is reached.

        Flows that are named run though they are not due.
        """
        self._report = report = OnceReport()
        self._only = lambda key: self._wanted(key, accounts, flows)
        await self.beat()
        await self.desks.looks()
        try:
            async with asyncio.timeout(seconds):
                await self.tick()
                for key in self._keys.values():
                    if flows is not None and key.task is None:
                        self._start(key)
                while tasks := [key.task for key in self._keys.values() if key.task is not None]:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            report.unfinished = True
        report.waiting = sorted(
            desk.post.view.name
            for desk in self.desks.all.values()
            if not desk.open and (accounts is None or desk.post.view.name in accounts)
        )
        return report

    def _wanted(self, key: Key, accounts: Collection[str] | None, flows: Collection[FlowName] | None) -> bool:
        post = self._post(key.account_id)
        named = accounts is None or (post is not None and post.view.name in accounts)
        return named and (flows is None or key.flow.name in flows)

    # Looking on

    def ages(self) -> dict[tuple[str, str], float]:
        """Seconds since the last pass of each key of this process ended, by (account, flow)."""
        now = asyncio.get_running_loop().time()
        found = {}
        for key in self._keys.values():
            post = self._post(key.account_id)
            if post is not None and key.last_end is not None:
                found[post.view.name, key.flow.name.value] = now - key.last_end
        return found

    def running(self) -> list[tuple[str, str]]:
        """The keys that run or wait for a slot, by (account, flow)."""
        return [
            (post.view.name, key.flow.name.value)
            for key in self._keys.values()
            if key.task is not None and (post := self._post(key.account_id)) is not None
        ]

    async def idle(self) -> None:
        """Wait until no key runs."""
        while tasks := [key.task for key in self._keys.values() if key.task is not None]:
            await asyncio.wait(tasks)

    def _post(self, account_id: AccountId) -> Post | None:
        return self._house.posts.get(account_id) if self._house is not None else None

    def _machine(self, error: Exception) -> None:
        verdict = judge(error, self._store.place)
        if not self._outages.failed(DATABASE, verdict.text) and verdict.fault is not Fault.MACHINE:
            _log.error("the engine stumbled", why=verdict.text)

    async def _look_at_clock(self) -> None:
        """A clock that was set back must not make keys wait for days."""
        now, before = self._clock.now(), self._last_now
        self._last_now = now
        if now >= before - _SET_BACK:
            return
        latest = now + timedelta(seconds=self.settings.backoff.cap_seconds)
        async with self._store.write() as tx:
            late = await flow_states.pull_due_times_back(tx, latest)
        for key in self._keys.values():
            if key.not_before is not None:
                key.not_before = min(key.not_before, latest)
        seconds = round((before - now).total_seconds())
        _log.warning("the clock was set back; check the machine's time", seconds=seconds, keys=late)


async def _close_after(tasks: list[asyncio.Task[None]], post: Post) -> None:
    if tasks:
        await asyncio.wait(tasks)
    await post.connector.close()
