"""What the outbox flow needs to know of one operation.

`prepare` runs in the transaction that marks the row as sending, so that its preconditions hold at the very
moment of the decision to send. `send` and `look_up` call the vendor, outside any transaction. `done` and
`refused` run in the transaction that closes the row.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from connectors.contract import Deadline, Done, Outcome
from sync.flows.flow import FlowContext
from sync.flows.names import FlowName
from sync.flows.wakes import Wakes
from sync.store.database import Tx
from sync.store.outbox import OutboxRow


@dataclass(frozen=True, slots=True)
class Ready:
    """Send this request."""

    request: Any


@dataclass(frozen=True, slots=True)
class NotWanted:
    """It must not be sent any more: what it was for is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """Something is missing that will come; try again after a while."""

    reason: str
    after: timedelta = timedelta(seconds=30)
    wakes: FlowName | None = None
    """The flow of the account that makes it come."""


Prepared = Ready | NotWanted | NotYet


class Sender(Protocol):
    """One outbox operation."""

    operation: str
    absolute: bool
    """A repeat does no harm: an unknown outcome is simply sent again."""

    async def prepare(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Prepared: ...

    async def identify(self, tx: Tx, ctx: FlowContext, row: OutboxRow) -> Any | None:
        """The request again, for a look-up, whether or not it would still be sent; None if it is lost."""
        ...

    async def send(self, ctx: FlowContext, request: Any, deadline: Deadline) -> Outcome[Any]: ...

    async def look_up(self, ctx: FlowContext, request: Any, deadline: Deadline) -> Outcome[Any]:
        """Done if it is there, Retry if it surely is not, else Unknown."""
        ...

    async def done(
        self, tx: Tx, ctx: FlowContext, row: OutboxRow, outcome: Done[Any], wakes: Wakes
    ) -> dict[str, Any]:
        """Book what happened. Returns what to keep on the row: ids and figures only."""
        ...

    async def refused(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None: ...

    async def dropped(self, tx: Tx, ctx: FlowContext, row: OutboxRow, reason: str, wakes: Wakes) -> None:
        """`prepare` said NotWanted: undo what was planned."""
        ...
