"""What happens when nobody decided in time: what its rule says, or an issue, and it goes on waiting."""

from collections.abc import Callable

from sync.domain.ids import AccountId
from sync.domain.waiting import Via, readable
from sync.engine.deciding.deciding import decide
from sync.engine.deciding.effects import By, DecisionRefused
from sync.flows.names import FlowName
from sync.store import holds, issues
from sync.store.database import Store, Tx
from sync.store.holds import Hold
from sync.telemetry.logs import logger

MOST_A_LOOK = 200
PROGRAM = "entrepot"
_log = logger("engine.deciding")


class Deadlines:
    """The errand. Each thing is decided in a transaction of its own: one that cannot be stops no other."""

    def __init__(self, store: Store, hint: Callable[[AccountId, FlowName], None]) -> None:
        self._store = store
        self._hint = hint

    async def look(self) -> None:
        """Decide what is due by its rule, and tell of the rest."""
        async with self._store.read() as tx:
            due = await holds.due(tx, MOST_A_LOOK)
            told = await issues.list_open(tx, kind="hold.overdue")
        for one in due:
            if one.at_deadline is not None:
                await self._decide(one)
        late = {_key(one): one for one in due if one.at_deadline is None}
        known = {issue.key for issue in told}
        if set(late) == known or (len(due) == MOST_A_LOOK and set(late) <= known):
            return
        async with self._store.write() as tx:
            for key in late.keys() - known:
                await _tell(tx, late[key])
            if len(due) < MOST_A_LOOK:
                await issues.clear_all(tx, sorted(known - late.keys()))

    async def _decide(self, one: Hold) -> None:
        assert one.at_deadline is not None  # noqa: S101  (asked before)
        try:
            async with self._store.write() as tx:
                done = await decide(tx, one.id, one.at_deadline, By(PROGRAM, Via.DEADLINE))
        except DecisionRefused as error:
            _log.info("a deadline decided nothing", hold=one.id, why=str(error))
            return
        for account, flow in sorted(done.wake):
            self._hint(account, flow)


def _key(one: Hold) -> str:
    return f"hold.overdue:{one.id}"


async def _tell(tx: Tx, one: Hold) -> None:
    await issues.raise_issue(
        tx,
        key=_key(one),
        kind="hold.overdue",
        account_id=one.about.account_id,
        order_id=one.about.order_id,
        subject=one.about.subject,
        what=f"{one.topic.value} {one.about.subject} was to be decided by now: {readable(one.rule)}",
        why=one.reason,
        todo=f"It goes on waiting. Decide it: entrepot holds show {one.id}",
        owner=one.owner,
        due_at=one.due_at,
    )
