"""The keys of this process: each (account, flow), and what keeps it from running now.

`flow_state` is the truth; what stands here is a copy of it, brought up to date when the house is swapped, when a
person changed something, and at the end of each pass.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync.domain.ids import AccountId
from sync.engine.house import House
from sync.engine.slots import Seat
from sync.flows.flow import Flow, FlowName
from sync.store.flow_states import FlowState

_PRIORITY = {name: number for number, name in enumerate(FlowName)}
_NAMES = {name.value: name for name in FlowName}


@dataclass(slots=True, eq=False)
class Key:
    """One (account, flow) in this process's memory."""

    account_id: AccountId
    flow: Flow
    task: asyncio.Task[None] | None = None
    seat: Seat | None = None
    """Its pass's claim on a slot, while one runs."""
    begun_at: datetime | None = None
    """When the pass that runs now began; None while it waits for a slot, too."""
    again: bool = False
    not_before: datetime | None = None
    """It backs off until then."""
    ended_at: float = 0.0
    """When it last stopped running, on the event loop's clock."""
    fresh_at: datetime | None = None
    """When its last pass that read to the end had begun."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the end of each pass, then replaced."""

    @property
    def priority(self) -> int:
        """Its flow's place in the declared order."""
        return _PRIORITY[self.flow.name]

    def looks_after(self, since: datetime) -> bool:
        """Whether a pass that begins at or after this moment is under way, or will be without a hint."""
        return self.task is not None and (self.again or self.begun_at is None or self.begun_at >= since)

    def ring(self) -> None:
        """A pass has ended, or none will come: wake who waits for it."""
        self.ended.set()
        self.ended = asyncio.Event()

    def learn(self, state: FlowState) -> None:
        """Its back-off as the store has it: after a failure, and where the vendor asked for patience."""
        self.not_before = state.next_due_at if state.last_error is not None else None


class Keys:
    """Every key of the house in force."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self._flows = tuple(flows)
        self._all: dict[tuple[AccountId, FlowName], Key] = {}

    def __iter__(self) -> Iterator[Key]:
        return iter(tuple(self._all.values()))

    def get(self, account_id: AccountId, flow: FlowName) -> Key | None:
        """One key, None where the account has no such flow."""
        return self._all.get((account_id, flow))

    def swap(self, house: House, states: Iterable[FlowState], now: datetime) -> list[Key]:
        """The keys of this house from now on; a key that stays keeps its run.

        Returns those that, by an interval or a clock of before, are due later than they should be.
        """
        known = {(state.account_id, state.flow): state for state in states}
        keys: dict[tuple[AccountId, FlowName], Key] = {}
        late: list[Key] = []
        for account_id, post in house.posts.items():
            for flow in (flow for flow in self._flows if post.view.kind in flow.kinds):
                key = self._all.get((account_id, flow.name)) or Key(account_id, flow)
                state = known.get((account_id, flow.name.value))
                if state is not None:
                    key.fresh_at = state.last_success_begun_at
                    key.learn(state)
                    if _waits_beyond(state, now, house.timing.intervals.get(flow.name)):
                        late.append(key)
                keys[account_id, flow.name] = key
        self._all = keys
        return late

    def learn(self, states: Iterable[FlowState]) -> None:
        """Take the back-offs over from the store."""
        for state in states:
            key = self._of(state.account_id, state.flow)
            if key is not None:
                key.learn(state)

    def idle(self, due: Iterable[tuple[AccountId, str]], looked_at: float) -> list[Key]:
        """Those of the due ones that do not run, in the declared order, then longest due first.

        What has run since the look at what is due (on the event loop's clock) was due before that run.
        """
        found = [key for place in due if (key := self._of(*place)) is not None and key.task is None]
        found = [key for key in found if key.ended_at < looked_at]
        return sorted(found, key=lambda key: key.priority)

    def wait_no_longer_than(self, latest: datetime) -> None:
        """Shorten every back-off that goes beyond `latest`."""
        for key in self._all.values():
            if key.not_before is not None:
                key.not_before = min(key.not_before, latest)

    def _of(self, account_id: AccountId, flow: str) -> Key | None:
        name = _NAMES.get(flow)  # the table also holds leases that are no flow's
        return None if name is None else self._all.get((account_id, name))


def _waits_beyond(state: FlowState, now: datetime, interval: float | None) -> bool:
    """Whether it is due later than an interval from now, though it neither backs off nor was asked to wait."""
    if state.next_due_at is None or state.last_error is not None or interval is None:
        return False
    return state.next_due_at > now + timedelta(seconds=interval)
