"""The accounts that this process works on: their leases, their conditions, and who they are.

An account's flows run only while this process holds its lease, its condition is ok, and the shop that
answers has been seen to be the right one. Each account is looked at by itself: one that does not answer
keeps no other from starting.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from connectors.contract import Deadline
from sync.domain.clock import Clock
from sync.domain.ids import AccountId
from sync.engine.faults import DATABASE, Fault, Verdict, judge
from sync.engine.house import House, Post
from sync.engine.settings import EngineSettings
from sync.flows.flow import Flow
from sync.store import accounts, flow_states, issues, leases, outbox
from sync.store.accounts import Condition, Pause
from sync.store.database import LeaseLost, Store, Tx
from sync.store.leases import AccountLease
from sync.telemetry import metrics
from sync.telemetry.logs import Outages, bound, logger

_log = logger("sync.engine")


REFUSALS_BELIEVED = 2
"""So many refusals in a row of the question who the shop is make the account `needs_reauth`."""


@dataclass(slots=True)
class Desk:
    """One account as this process knows it."""

    post: Post
    condition: Condition = Condition.OK
    reason: str = ""
    lease: AccountLease | None = None
    known: bool = False
    """The shop that answers is the right one."""
    failures: int = 0
    refusals: int = 0
    """Times in a row that the credentials were refused when the shop was asked who it is."""
    next_look: float = 0.0
    """On the event loop's clock."""
    look: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether its flows may run."""
        return self.lease is not None and self.known and self.condition is Condition.OK

    @property
    def settled(self) -> bool:
        """Whether it has started, or stands still for a reason that is told elsewhere."""
        return self.open or self.condition is not Condition.OK

    def ask_anew(self) -> None:
        """What was refused before counts no longer, and the next look may be at once."""
        self.failures = self.refusals = 0
        self.next_look = 0.0

    @property
    def wants_look(self) -> bool:
        """Whether the shop must be asked who it is. One paused for being another is asked again."""
        asked_for = self.condition is Condition.OK or self.reason == Pause.OTHER_SHOP
        return self.lease is not None and not self.known and self.look is None and asked_for


class Desks:
    """All accounts. `opened` is called when an account's flows may begin."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        flows: Iterable[Flow],
        outages: Outages,
        settings: EngineSettings,
        chance: Random,
        owner: str,
        opened: Callable[[AccountId], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._flows = tuple(flows)
        self._outages = outages
        self._settings = settings
        self._chance = chance
        self._owner = owner
        self._opened = opened
        self.all: dict[AccountId, Desk] = {}

    async def swap(self, house: House) -> None:
        """Work on these accounts from now on; those that are gone are given back."""
        gone = [self.all.pop(id) for id in set(self.all) - set(house.posts)]
        await self._release(gone)
        changed = []
        for id, post in house.posts.items():
            desk = self.all.setdefault(id, Desk(post))
            if desk.post.face != post.face:
                desk.known = False
                desk.ask_anew()
                changed.append(id)
            desk.post = post
        await self._try_again(changed)
        await self.refresh()

    async def _try_again(self, changed: list[AccountId]) -> None:
        """Refused credentials stop an account until they change: these have."""
        if changed:
            async with self._store.write() as tx:
                for id in changed:
                    if (await accounts.by_id(tx, id)).condition is Condition.NEEDS_REAUTH:
                        await accounts.resume(tx, id, who=accounts.PROGRAM)

    async def refresh(self) -> None:
        """Read the accounts' conditions again."""
        async with self._store.read() as tx:
            rows = {row.id: row for row in await accounts.list_all(tx)}
        metrics.NEEDS_REAUTH.clear()  # of accounts that are gone or have another name
        for id, desk in self.all.items():
            row = rows.get(id)
            if row is not None:
                if row.condition is Condition.OK and desk.condition is not Condition.OK:
                    desk.ask_anew()
                desk.condition, desk.reason = row.condition, row.condition_reason
                refused = row.condition is Condition.NEEDS_REAUTH
                metrics.NEEDS_REAUTH.labels(row.name).set(int(refused))

    async def beat(self) -> None:
        """Renew what we hold, take what is free, and ask the shops that are not known yet."""
        held: list[tuple[Desk, AccountLease | None]] = []
        if self.all:
            async with self._store.write() as tx:
                for id, desk in tuple(self.all.items()):
                    held.append((desk, await self._hold(tx, id, desk)))
        for desk, lease in held:  # only now are they committed
            if desk.lease is not None and desk.lease is not lease:
                desk.known = False
            desk.lease = lease
        now = asyncio.get_running_loop().time()
        for id, desk in self.all.items():
            if desk.wants_look and desk.next_look <= now:
                desk.look = asyncio.create_task(self._look(id, desk))

    async def _hold(self, tx: Tx, id: AccountId, desk: Desk) -> AccountLease | None:
        if desk.lease is not None:
            try:
                await leases.renew_account(tx, desk.lease)
                return desk.lease
            except LeaseLost:
                _log.warning("another process has taken an account over", account=desk.post.view.name)
        lease = await leases.take_account(tx, id, self._owner, self._settings.lease_seconds)
        if lease is None:
            return None
        unsettled = await outbox.recover_sending(tx, id)
        if unsettled:
            _log.warning("writes of unknown outcome", account=desk.post.view.name, count=unsettled)
        for flow in self._flows:
            if desk.post.view.kind in flow.kinds:
                await flow_states.ensure(tx, id, flow.name)
        return lease

    async def looks(self) -> None:
        """Wait until the shops that are being asked have answered, or have not."""
        looks = [desk.look for desk in self.all.values() if desk.look is not None]
        await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, id: AccountId, desk: Desk) -> None:
        post = desk.post
        with bound(account=post.view.name):
            try:
                deadline = Deadline.after(self._settings.identity_seconds)
                seen = await post.connector.identity(deadline)
                async with self._store.write() as tx:
                    right = await accounts.check_fingerprint(tx, id, seen)
                    await issues.clear(tx, f"account.unknown:{id}")
                desk.known = right and desk.post is post
                desk.refusals = desk.failures = 0
                self._outages.fine(post.view.name)
                await self.refresh()
            except Exception as error:
                await self._look_failed(id, desk, error)
            finally:
                desk.look = None
        if desk.open:
            self._opened(id)

    async def _look_failed(self, id: AccountId, desk: Desk, error: Exception) -> None:
        name, verdict = desk.post.view.name, judge(error, self._store.place)
        desk.failures += 1
        wait = verdict.retry_after or self._settings.backoff.wait(desk.failures, self._chance)
        desk.next_look = asyncio.get_running_loop().time() + wait.total_seconds()
        desk.refusals = desk.refusals + 1 if verdict.fault is Fault.CREDENTIALS else 0
        if verdict.fault in (Fault.OUTAGE, Fault.PATIENCE, Fault.MACHINE):
            self._outages.failed(name, verdict.text)
            if verdict.fault is Fault.MACHINE or desk.failures < self._settings.outage_told_after:
                return
        if 0 < desk.refusals < REFUSALS_BELIEVED:
            return
        if verdict.fault not in (Fault.OUTAGE, Fault.PATIENCE):
            _log.error("the shop could not be asked who it is", why=verdict.text)
        try:
            await self._tell(id, name, verdict)
            await self.refresh()
        except Exception as second:
            self._outages.failed(DATABASE, judge(second, self._store.place).text)

    async def _tell(self, id: AccountId, name: str, verdict: Verdict) -> None:
        async with self._store.write() as tx:
            if verdict.fault is Fault.CREDENTIALS:
                await accounts.refuse_credentials(tx, id, verdict.text)
                return
            await issues.raise_issue(
                tx,
                key=f"account.unknown:{id}",
                kind="account.unknown",
                account_id=id,
                subject=name,
                what=f"{name} does not say who it is; its flows wait",
                why=verdict.text,
                todo=f"check the URL and the options of {name} in entrepot.yaml; it is asked again by itself",
            )

    def doubt(self, id: AccountId) -> None:
        """A call was refused for its credentials: stop the account's flows, and ask the shop who it is.

        Servers answer 401 for a moment while they restart or change keys. Only where the question itself is
        refused too, and again, is the account in need of a person.
        """
        desk = self.all.get(id)
        if desk is not None and desk.known:
            desk.known, desk.failures = False, 0
            desk.next_look = asyncio.get_running_loop().time() + self._settings.doubt_seconds

    async def release(self) -> None:
        """Give every account back."""
        await self._release(list(self.all.values()))

    async def _release(self, desks: list[Desk]) -> None:
        held = [desk.lease for desk in desks if desk.lease is not None]
        looks = [desk.look for desk in desks if desk.look is not None]
        for desk in desks:
            desk.lease = None
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        if held:
            async with self._store.write() as tx:
                for lease in held:
                    await leases.release_account(tx, lease)
