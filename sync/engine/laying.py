"""New rules, and accounts that go live, change what is stored: each shop is laid anew once its lease is ours.

What was laid is remembered by shop, with all that it rests on. So a start that finds nothing new lays
nothing, however many listings there are, and one that was cut short while laying lays again.
"""

import hashlib

from sync.domain.ids import AccountId
from sync.engine.faults import Fault, judge
from sync.engine.house import House
from sync.engine.runner import Runner
from sync.engine.version import program_version
from sync.flows.flow import AccountView, FlowName
from sync.flows.register import on_config, on_live
from sync.store import meta
from sync.store.database import Store
from sync.telemetry.logs import logger

_RULES, _LIVE = "laid_rules:", "laid_live:"
_UNDER_WAY = "under way"
_log = logger("sync.engine")


class Laying:
    """Which shops the rules in force have yet to be laid on."""

    def __init__(self, runner: Runner, store: Store) -> None:
        self._runner = runner
        self._store = store
        self._house: House | None = None
        self._waiting: set[AccountId] = set()
        self._told: dict[AccountId, str] = {}
        """Why it failed last, by shop: the same is said once."""

    @property
    def done(self) -> bool:
        """Whether none is left."""
        return not self._waiting

    def plan(self, house: House) -> None:
        """This house is in force now: every shop is looked at, whether it was laid by all that it rests on."""
        self._house = house
        self._waiting = set(house.shops)

    async def go_on(self) -> None:
        """Lay the rules in force on what is stored, one shop after another. What fails is tried again."""
        house = self._house
        if house is None or not self._waiting:
            return
        for account_id in sorted(self._waiting):
            done = await self._laid_on(house, account_id)
            if house is not self._house:
                return  # what was laid is not what is in force now
            if done:
                self._waiting.discard(account_id)

    async def _laid_on(self, house: House, account_id: AccountId) -> bool:
        try:
            done = await self._lay(house, account_id)
        except Exception as error:
            self._tell(account_id, error)
            return False
        if done:
            self._told.pop(account_id, None)
        return done

    async def _lay(self, house: House, account_id: AccountId) -> bool:
        """What has to be done, each with its mark behind it. False where the shop is not ours now."""
        rules, live = _rests_on(house), str(house.posts[account_id].view.live_from)
        for name, mark, act in ((_RULES, rules, on_config), (_LIVE, live, on_live)):
            async with self._store.read() as tx:
                known = await meta.read(tx, name + account_id)
            if known == mark:
                continue
            if known != _UNDER_WAY:  # half of it must not pass for what was laid before
                async with self._store.write() as tx:
                    await meta.write(tx, name + account_id, _UNDER_WAY)
            if not await self._runner.attend(account_id, act):
                return False
            if house is not self._house:
                return False  # nothing is marked as laid by rules that are out of force
            async with self._store.write() as tx:
                await meta.write(tx, name + account_id, mark)
        return True

    def _tell(self, account_id: AccountId, error: Exception) -> None:
        verdict = judge(error, self._store.place)
        if verdict.fault is Fault.MACHINE:
            self._runner.stumbled("rules", error)
        elif self._told.get(account_id) != verdict.text:
            self._told[account_id] = verdict.text
            _log.error("the rules could not be laid on what is stored; it is tried again", why=verdict.text)


def _rests_on(house: House) -> str:
    """Everything but the figures that decides what a shop's listings are bound to and show."""
    accounts = sorted(_facts(view) for view in house.accounts.values())
    timing = house.timing
    delays = [timing.intervals.get(flow) for flow in (FlowName.ORDERS, FlowName.PUSH_STOCK)]
    facts = (program_version(), house.rulebook.version, accounts, delays, timing.velocity_window_seconds)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _facts(view: AccountView) -> tuple[str, str, str, bool, str]:
    return (str(view.id), view.name, view.kind.value, view.dropship, view.currency or "")
