"""The local runner: starts each due key, at most one run of it at a time and at most one waiting.

`flow_state.next_due_at` is the truth; a coarse tick starts what is due, and a hint (from a flow, the control
socket or a command) starts a key at once or lets the running one go round again. A hint never cuts a
back-off short. A key with more to do goes round again after giving its slot to whoever waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import timedelta
from random import Random

from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.engine.contexts import Contexts
from sync.engine.desks import Desks
from sync.engine.errands import Errands
from sync.engine.faults import DATABASE, Ending, Fault, judge
from sync.engine.house import House, Post
from sync.engine.keys import Key, Keys
from sync.engine.once import OnceReport, Wish
from sync.engine.passes import PassEnd, Passes
from sync.engine.progress import Progress
from sync.engine.retiring import Retiring
from sync.engine.settings import EngineSettings
from sync.engine.slots import Slots
from sync.flows.flow import Flow, FlowContext, FlowName
from sync.store import flow_states, leases
from sync.store.database import Fence, LeaseLost, Store
from sync.telemetry import metrics
from sync.telemetry.logs import Outages, bound, logger

_log = logger("sync.engine")
_SET_BACK = timedelta(seconds=2)
_LEASES, _DUE = "the account leases", "the look for due keys"
_LOOKS = frozenset({FlowName.STOCK, FlowName.OFFERS, FlowName.CATALOGUE})
"""The flows that say what there is to sell, and who sells it."""
ATTENDED = "attended"
"""The lease under which commands and changes of the configuration are carried out."""


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
        self._keys = Keys(self._flows)
        self.progress = Progress()
        self._contexts = Contexts(
            store,
            clock,
            self._keys,
            self._slots,
            house=lambda: self._house,
            hint=self.hint,
            may_run=self._may_run,
            fresh_seconds=self.settings.fresh_seconds,
            progress=self.progress,
        )
        self._house: House | None = None
        self._draining = False
        self._wish = Wish()
        self._report = OnceReport()
        self._ran: set[Key] = set()
        """The keys that this round has run."""
        self._kicks = Errands()
        self._passing = Errands()
        self._retiring = Retiring(self._tasks_of)
        self._last_now = clock.now()
        self.last_tick: float | None = None
        """When the due keys were last looked for, on the event loop's clock."""

    # What is wired

    async def swap(self, house: House) -> None:
        """Work with this house from now on. Passes that run keep their connectors, and work by the new rules."""
        before = self._house
        self._house = house
        await self.desks.swap(house)
        async with self._store.read() as tx:
            states = await flow_states.states(tx)
        await self._pull_forward(self._keys.swap(house, states, self._clock.now()))
        self._retiring.swapped(before, house)

    async def _pull_forward(self, keys: Iterable[Key]) -> None:
        """Keys that would wait longer than their interval allows are due now."""
        late = [(key.account_id, key.flow.name) for key in keys]
        if late:
            async with self._store.write() as tx:
                for account_id, flow in late:
                    await flow_states.make_due(tx, account_id, flow)

    def _tasks_of(self, account_id: AccountId) -> list[asyncio.Task[None]]:
        return [task for task in self._passing.tasks if task.get_name() == account_id]

    async def refresh(self) -> None:
        """Read conditions and back-offs again: a person changed them."""
        await self.desks.refresh()
        async with self._store.read() as tx:
            self._keys.learn(await flow_states.states(tx))

    # When a key runs

    async def beat(self) -> None:
        """Renew the account leases, take free accounts, ask shops who they are."""
        try:
            await self.desks.beat()
        except Exception as error:
            self.stumbled(_LEASES, error)
        else:
            self.fine(_LEASES)

    async def tick(self) -> None:
        """Start every key that is due."""
        self.last_tick = looked_at = asyncio.get_running_loop().time()
        try:
            await self._look_at_clock()
            async with self._store.read() as tx:
                due = await flow_states.due(tx)
        except Exception as error:
            self.stumbled(_DUE, error)
            return
        self.fine(_DUE)
        for key in self._keys.idle(due, looked_at):
            self._start(key)

    def hint(self, account_id: AccountId, flow: FlowName) -> None:
        """Look now. Unknown keys and keys that back off take no notice."""
        key = self._keys.get(account_id, flow)
        post = self._post(account_id)
        if key is None or post is None:
            return
        metrics.HINTS.labels(post.view.name, flow.value).inc()
        if key.task is not None:
            key.again = True
        else:
            self._start(key)

    def _opened(self, account_id: AccountId) -> None:
        self._kicks.start(self.tick())

    def _start(self, key: Key) -> None:
        if self._may_run(key):
            key.task = self._passing.start(self._work(key), key.account_id)

    def _may_run(self, key: Key) -> bool:
        desk = self.desks.all.get(key.account_id)
        if self._draining or desk is None or not desk.open:
            return False
        if not self._wish.covers(desk.post.view.name, key.flow.name):
            return False
        if key.not_before is not None and key.not_before > self._clock.now():
            return False
        if not desk.post.view.live:
            return key.flow.observes
        return not (self._is_first_push(key) and self._first_looks())

    def _is_first_push(self, key: Key) -> bool:
        """Whether it would tell a shop quantities for the first time, soon after that went live.

        What is not known by then would make it tell half of what there is, and a little later all of it.
        """
        live_from = self.desks.all[key.account_id].post.view.live_from
        if key.flow.name is not FlowName.PUSH_STOCK or key.fresh_at is not None or live_from is None:
            return False
        return self._clock.now() < live_from + timedelta(seconds=self.settings.first_looks_seconds)

    def _first_looks(self) -> list[Key]:
        """Those whose first look at what there is, and at what shops list, has not come to its end."""
        return [
            key
            for key in self._keys
            if key.fresh_at is None
            and key.flow.name in _LOOKS
            and (post := self._post(key.account_id)) is not None
            and post.view.live
            and self._wish.covers(post.view.name, key.flow.name)
        ]

    async def _work(self, key: Key) -> None:
        try:
            while True:
                async with self._slots.hold(key.priority) as key.seat:
                    key.again = False
                    if not self._may_run(key):
                        return
                    key.begun_at = self._clock.now()
                    end = await self._pass(key)
                    key.begun_at = None
                self._note(key, end)
                if end.not_before is not None or not (end.result.more or key.again):
                    return
        finally:
            key.task = key.seat = key.begun_at = None
            key.ended_at = asyncio.get_running_loop().time()
            key.ring()

    async def _pass(self, key: Key) -> PassEnd:
        desk = self.desks.all[key.account_id]
        post, lease = desk.post, desk.lease
        if self._house is None or lease is None:
            return PassEnd(Ending.LOST)

        def context(fence: Fence) -> FlowContext:
            return self._contexts.make(post, key, fence)

        end = await self._passes.run(key.flow, lease, post.view.name, context)
        if end.fault is Fault.CREDENTIALS:
            self.desks.doubt(key.account_id)
        if end.ending is Ending.LOST:
            await self.beat()
        return end

    def _note(self, key: Key, end: PassEnd) -> None:
        key.not_before = end.not_before
        for other in end.freed:
            if (freed := self._keys.get(key.account_id, other)) is not None:
                freed.not_before = None
                self.hint(key.account_id, other)
        first = key.fresh_at is None and end.fresh_at is not None
        key.fresh_at = end.fresh_at or key.fresh_at
        if first and key.flow.name in _LOOKS and not self._first_looks():
            for waiting in self._keys:
                if waiting.task is None and self._may_run(waiting) and self._is_first_push(waiting):
                    self._start(waiting)
        post = self._post(key.account_id)
        self._ran.add(key)
        name = post.view.name if post else ""
        if not end.result.more:
            self.progress.end(name, key.flow.name)
        self._report.note(name, key.flow.name, end)
        key.ring()

    async def attend(self, account_id: AccountId, act: Callable[[FlowContext], Awaitable[None]]) -> bool:
        """Run something under the account's lease, as a pass would; False where it is not ours now."""
        desk = self.desks.all.get(account_id)
        if desk is None or desk.lease is None or self._house is None:
            return False
        try:
            async with self._store.write() as tx:
                fence = await leases.take_flow(tx, desk.lease, ATTENDED, self.settings.lease_seconds)
        except LeaseLost:
            return False
        if fence is None:
            return False
        key = Key(account_id, self._flows[0])  # it holds no slot, and no pass runs as it
        try:
            with bound(account=desk.post.view.name):
                await act(self._contexts.make(desk.post, key, fence))
        finally:
            async with self._store.write() as tx:
                await leases.release_flow(tx, fence)
        return True

    # The end, and a single round

    async def drain(self) -> bool:
        """Start nothing more, let passes end, give the accounts back. False where some had to be stopped."""
        self._draining = True
        drained = await self._passing.stop(self.settings.drain_seconds)
        try:
            await self.desks.release()
        except Exception as error:
            self.stumbled(_LEASES, error)
        await self._retiring.close_all(self._house)
        await self._kicks.ended()
        return drained

    async def once(
        self,
        accounts: Collection[str] | None = None,
        flows: Collection[FlowName] | None = None,
        *,
        seconds: float = 600.0,
        first: Callable[[], Awaitable[None]] | None = None,
    ) -> OnceReport:
        """Run what is due, and what that wakes, until nothing has more to do or the bound is reached.

        Flows that are named run though they are not due, and no others. `first` is done when the accounts are
        ours. Nothing may have been taken before: what opens starts what is due.
        """
        self._report = report = OnceReport()
        self._wish = wish = Wish(accounts, flows)
        self._ran.clear()
        await self.beat()
        await self.desks.looks()
        if first is not None:
            await first()
        try:
            async with asyncio.timeout(seconds):
                await self.tick()
                for key in self._keys:
                    if flows is not None and key.task is None and key not in self._ran:
                        self._start(key)
                while tasks := self._passing.tasks:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            report.unfinished = True
        report.waiting = sorted(
            desk.post.view.name
            for desk in self.desks.all.values()
            if not desk.open and wish.account(desk.post.view.name)
        )
        return report

    # Looking on

    def running(self) -> list[tuple[str, str]]:
        """The keys that run or wait for a slot, by (account, flow)."""
        return [
            (post.view.name, key.flow.name.value)
            for key in self._keys
            if key.task is not None and (post := self._post(key.account_id)) is not None
        ]

    async def idle(self) -> None:
        """Wait until no key runs, and none is about to be looked for."""
        while tasks := (*self._passing.tasks, *self._kicks.tasks):
            await asyncio.wait(tasks)

    def _post(self, account_id: AccountId) -> Post | None:
        return self._house.posts.get(account_id) if self._house is not None else None

    def stumbled(self, what: str, error: Exception) -> None:
        """Something of the engine itself raised: it is said once, until the same goes well again."""
        verdict = judge(error, self._store.place)
        machine = verdict.fault is Fault.MACHINE
        self._outages.failed(DATABASE if machine else what, verdict.text)

    def fine(self, what: str) -> None:
        """It went well."""
        self._outages.fine(what)

    async def _look_at_clock(self) -> None:
        """A clock that was set back must not make keys wait for days."""
        now, before = self._clock.now(), self._last_now
        if now >= before - _SET_BACK:
            self._last_now = now
            return
        latest = now + timedelta(seconds=self.settings.backoff.cap_seconds)
        async with self._store.write() as tx:
            late = await flow_states.pull_due_times_back(tx, latest)
        self._last_now = now
        self._keys.wait_no_longer_than(latest)
        seconds = round((before - now).total_seconds())
        _log.warning("the clock was set back; check the machine's time", seconds=seconds, keys=late)
