"""One pass of one key: take its lease, run the flow, record how it ended. Nothing is raised but cancellation."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from connectors.contract.lanes import in_lane
from sync.domain.clock import Clock
from sync.engine.faults import DATABASE, Ending, Fault, Verdict, judge
from sync.engine.settings import EngineSettings
from sync.flows.flow import Flow, FlowContext, FlowName, PassResult
from sync.store import broken, flow_states, issues, leases, outbox
from sync.store.database import Fence, LeaseLost, Store, Tx
from sync.store.leases import AccountLease
from sync.telemetry import metrics
from sync.telemetry.logs import Outages, bound, logger

_log = logger("sync.engine")


@dataclass(frozen=True, slots=True)
class PassEnd:
    """How a pass ended. `not_before`: no try before then; `fresh_at`: it read to the end, begun then."""

    ending: Ending
    result: PassResult = PassResult()
    not_before: datetime | None = None
    fresh_at: datetime | None = None
    fault: Fault | None = None
    freed: frozenset[FlowName] = frozenset()
    """The flows whose back-off ended with this pass: their vendor answers again."""


def _sooner(due: datetime, at_latest: datetime | None) -> datetime:
    return due if at_latest is None else min(due, at_latest)


class PassTooLong(Exception):
    """The pass did not end within the engine's limit and was stopped."""


class Passes:
    """Runs passes; one for all keys of a process."""

    def __init__(
        self, store: Store, clock: Clock, outages: Outages, settings: EngineSettings, chance: Random
    ) -> None:
        self._store = store
        self._clock = clock
        self._outages = outages
        self._settings = settings
        self._chance = chance
        self._unanswered: dict[str, dict[FlowName, bool]] = {}
        """By account: the flows that met an outage and have not succeeded since, and whether each waits for something
        that another flow's success does not end: the vendor said until when, or it failed otherwise afterwards."""

    async def run(
        self, flow: Flow, lease: AccountLease, account: str, context: Callable[[Fence], FlowContext]
    ) -> PassEnd:
        """One bounded pass of `flow` for the account that `lease` holds; `account` is its name."""
        loop = asyncio.get_running_loop()
        started, begun_at = loop.time(), self._clock.now()
        with bound(account=account, flow=flow.name.value), in_lane(flow.lane):
            end = await self._run(flow, lease, account, context, begun_at)
        metrics.PASSES.labels(account, flow.name.value, end.ending.value).inc()
        metrics.PASS_SECONDS.labels(account, flow.name.value).observe(loop.time() - started)
        if end.ending is Ending.LOST:
            metrics.LEASE_LOST.labels(account, flow.name.value).inc()
        return end

    async def _run(
        self,
        flow: Flow,
        lease: AccountLease,
        account: str,
        context: Callable[[Fence], FlowContext],
        begun_at: datetime,
    ) -> PassEnd:
        fence: Fence | None = None
        try:
            fence = await self._take(flow, lease)
            if fence is None:
                return PassEnd(Ending.LOST)
            ctx = context(fence)
            result = await self._bounded(flow, ctx)
            return await self._succeed(ctx, flow, begun_at, result)
        except LeaseLost:
            _log.info("lease lost; the pass wrote nothing more")
            return PassEnd(Ending.LOST)
        except Exception as error:
            return await self._fail(flow, account, fence, error)

    async def _take(self, flow: Flow, lease: AccountLease) -> Fence | None:
        async with self._store.write() as tx:
            fence = await leases.take_flow(tx, lease, flow.name, self._settings.lease_seconds)
            if fence is None:
                return None
            await flow_states.begin(tx, fence)
            if flow.name is FlowName.OUTBOX:
                await outbox.recover_sending(tx, lease.account_id)  # of a pass that was cut off
        return fence

    async def _bounded(self, flow: Flow, ctx: FlowContext) -> PassResult:
        limit = asyncio.timeout(self._settings.pass_limit_seconds)
        try:
            async with limit:
                return await flow.run(ctx)
        except TimeoutError:
            if limit.expired():
                raise PassTooLong from None
            raise

    async def _succeed(self, ctx: FlowContext, flow: Flow, begun_at: datetime, result: PassResult) -> PassEnd:
        name, account = flow.name.value, ctx.account
        interval = timedelta(seconds=ctx.timing.intervals.get(flow.name, 60.0))
        now = self._clock.now()
        next_due_at = now if result.more else max(now, _sooner(begun_at + interval, result.next_at))
        async with self._store.write(ctx.fence) as tx:
            times = {"begun_at": begun_at, "next_due_at": next_due_at}
            await flow_states.succeed(tx, ctx.fence, more=result.more, **times)
            kinds = ("flow.failed", "account.unavailable")
            await issues.clear_all(tx, [f"{kind}:{account.id}:{name}" for kind in kinds])
            freed = self._freed_by(flow, account.name)
            if freed:
                await flow_states.try_now(tx, account.id, freed)
            await leases.release_flow(tx, ctx.fence)
        if flow.name in self._unanswered.get(account.name, ()):
            del self._unanswered[account.name]
            self._outages.fine(account.name)
        self._outages.fine(DATABASE)
        metrics.LAST_SUCCESS.labels(account.name, name).set(now.timestamp())
        missed = (now - begun_at) // interval if not result.more else 0
        if missed > 0:
            metrics.TICKS_COALESCED.labels(account.name, name).inc(missed)
        ending = Ending.MORE if result.more else Ending.DONE
        return PassEnd(ending, result, fresh_at=None if result.more else begun_at, freed=freed)

    def _freed_by(self, flow: Flow, account: str) -> frozenset[FlowName]:
        """Whose back-off ends with this flow's success: it had met the outage too, and says that it is over.

        The success of one that met none says nothing: half of a vendor may be away.
        """
        away = self._unanswered.get(account, {})
        if flow.name not in away:
            return frozenset()
        return frozenset(name for name, told in away.items() if name != flow.name and not told)

    async def _fail(self, flow: Flow, account: str, fence: Fence | None, error: Exception) -> PassEnd:
        verdict = judge(error, self._store.place)
        self._tell(account, flow, verdict)
        until = self._clock.now() + self._settings.backoff.wait(1, self._chance)
        if fence is None:
            return PassEnd(verdict.ending, not_before=until, fault=verdict.fault)
        try:
            async with self._store.write(fence) as tx:
                until = await self._record(tx, flow, account, fence, verdict)
                await leases.release_flow(tx, fence)
        except LeaseLost:
            return PassEnd(Ending.LOST)
        except Exception as second:
            verdict = judge(second, self._store.place)
            self._tell(account, flow, verdict)
        return PassEnd(verdict.ending, not_before=until, fault=verdict.fault)

    def _tell(self, account: str, flow: Flow, verdict: Verdict) -> None:
        away = self._unanswered.get(account, {})
        if flow.name in away and verdict.fault is not Fault.OUTAGE:
            away[flow.name] = True
        if verdict.fault is Fault.MACHINE:
            self._outages.failed(DATABASE, verdict.text)
        elif verdict.fault is Fault.OUTAGE:
            self._unanswered.setdefault(account, {})[flow.name] = verdict.retry_after is not None
            self._outages.failed(account, verdict.text)
        elif verdict.fault is not Fault.PATIENCE:
            _log.error("pass failed", why=verdict.text)

    async def _record(self, tx: Tx, flow: Flow, account: str, fence: Fence, verdict: Verdict) -> datetime:
        before = await flow_states.state(tx, fence.account_id, fence.flow)
        counts = verdict.fault is not Fault.PATIENCE
        attempts = (before.attempts if before else 0) + int(counts)
        wait = self._settings.backoff.wait(max(attempts, 1), self._chance)
        if verdict.retry_after is not None:
            wait = verdict.retry_after if not counts else max(wait, verdict.retry_after)
        until = self._clock.now() + wait
        await flow_states.fail(tx, fence, error=verdict.text, next_due_at=until, counts=counts)
        await self._raise(tx, flow, account, fence, verdict, attempts)
        return until

    async def _raise(
        self, tx: Tx, flow: Flow, account: str, fence: Fence, verdict: Verdict, attempts: int
    ) -> None:
        id, name = fence.account_id, flow.name.value
        if verdict.fault is Fault.FLOW:
            if verdict.sample:
                kept = {"feed": name, "external_id": "(answer)", "why": verdict.text}
                await broken.keep(tx, account_id=id, raw=verdict.sample, **kept)
            await issues.raise_issue(
                tx,
                key=f"flow.failed:{id}:{name}",
                kind="flow.failed",
                account_id=id,
                subject=name,
                what=f"The flow {name} of {account} fails",
                why=verdict.text,
                todo="it is tried again by itself; if this stays, look at the log lines of this account and flow",
            )
        elif verdict.fault is Fault.OUTAGE and attempts >= self._settings.outage_told_after:
            await issues.raise_issue(
                tx,
                key=f"account.unavailable:{id}:{name}",
                kind="account.unavailable",
                account_id=id,
                subject=name,
                what=f"{account} does not answer the flow {name}: {attempts} tries in a row failed",
                why=verdict.text,
                todo=f"look whether {account} can be reached; it is tried again by itself",
            )
