"""Hints that wait for the commit: waking another key before its work is stored would wake it for nothing."""

from dataclasses import dataclass, field

from sync.domain.ids import AccountId
from sync.flows.flow import FlowContext, FlowName


@dataclass(slots=True)
class Wakes:
    """Keys to wake once the transaction is committed."""

    keys: set[tuple[AccountId, FlowName]] = field(default_factory=set)

    def add(self, account: str | None, flow: FlowName) -> None:
        """Wake a flow of an account."""
        if account is not None:
            self.keys.add((AccountId(account), flow))

    def send(self, ctx: FlowContext) -> None:
        """Hint them; call it after the commit."""
        for account, flow in sorted(self.keys):
            if account in ctx.accounts:
                ctx.hint(account, flow)
