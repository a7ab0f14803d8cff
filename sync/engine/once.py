"""A single round: which keys it is about, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sync.engine.faults import Ending
from sync.engine.passes import PassEnd
from sync.flows.names import FlowName


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

    def note(self, account: str, flow: FlowName, end: PassEnd) -> None:
        """Count one pass."""
        self.passes += 1
        self.handled += end.result.handled
        self.troubled += end.result.troubled
        if end.ending is Ending.FAILED:
            self.failed.append((account, flow.value))


@dataclass(frozen=True, slots=True)
class Wish:
    """The accounts (by name) and flows that a round is about; None is all of them."""

    accounts: Collection[str] | None = None
    flows: Collection[FlowName] | None = None

    def account(self, name: str) -> bool:
        """Whether it is about this account."""
        return self.accounts is None or name in self.accounts

    def covers(self, account: str, flow: FlowName) -> bool:
        """Whether it is about this key."""
        return self.account(account) and (self.flows is None or flow in self.flows)
