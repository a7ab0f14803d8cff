"""New rules, and accounts that go live, change what is stored: each shop is laid anew once its lease is ours."""

from sync.domain.ids import AccountId
from sync.engine.faults import Fault, judge
from sync.engine.runner import Runner
from sync.engine.wiring import Wired, rules_took_force
from sync.flows.register import on_config, on_live
from sync.store.database import Store
from sync.telemetry.logs import logger

_log = logger("sync.engine")


class Laying:
    """Which shops the rules in force have yet to be laid on."""

    def __init__(self, runner: Runner, store: Store) -> None:
        self._runner = runner
        self._store = store
        self._version = ""
        self._waiting: set[AccountId] = set()
        self._told: dict[AccountId, str] = {}
        """Why it failed last, by shop: the same is said once."""
        self._plans = 0

    @property
    def done(self) -> bool:
        """Whether none is left."""
        return not self._waiting

    def plan(self, wired: Wired) -> None:
        """This house is in force now: every shop at the start and for new rules, else those that went live."""
        if wired.new_rules or self._plans == 0:
            self._waiting |= wired.shops
        self._waiting |= wired.shops & set(wired.newly_live)
        self._waiting &= wired.shops
        self._version = wired.house.rulebook.version
        self._plans += 1

    async def go_on(self) -> None:
        """Lay the rules in force on what is stored, one shop after another. What fails is tried again."""
        if not self._waiting:
            return
        plans = self._plans
        for account_id in sorted(self._waiting):
            done = await self._laid_on(account_id)
            if plans != self._plans:
                return  # what was laid is not what is in force now
            if done:
                self._waiting.discard(account_id)
        if not self._waiting:
            await rules_took_force(self._store, self._version)

    async def _laid_on(self, account_id: AccountId) -> bool:
        try:
            done = await self._runner.attend(account_id, on_config)
            done = done and await self._runner.attend(account_id, on_live)
        except Exception as error:
            self._tell(account_id, error)
            return False
        if done:
            self._told.pop(account_id, None)
        return done

    def _tell(self, account_id: AccountId, error: Exception) -> None:
        verdict = judge(error, self._store.place)
        if verdict.fault is Fault.MACHINE:
            self._runner.stumbled("rules", error)
        elif self._told.get(account_id) != verdict.text:
            self._told[account_id] = verdict.text
            _log.error("the rules could not be laid on what is stored; it is tried again", why=verdict.text)
