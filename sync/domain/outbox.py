"""The life of a creating write, as an explicit table of moves.

    queued ──> sending ──> done
      │  ^        ├──────> rejected
      │  └────────┤ nothing happened
      │           └──────> unknown ──> done      a look-up found it
      │                      │  ├────> rejected  a look-up found that it failed, or cannot be
      v                      │  └────> queued    a look-up after the quiet time found nothing
    withdrawn <── held <─────┘ no look-up can exist: a person decides

`unknown` is not failed: it is never sent again before a look-up, and never withdrawn. Only a person moves
a row out of `held`, or queues a rejected one again. A restore makes queued rows unknown, and a rejected one
that is queued again: they may have been sent in the time that the restored database does not know of.
"""

from collections.abc import Mapping
from enum import StrEnum


class OutboxState(StrEnum):
    """Where a creating write stands."""

    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    """It was sent and no answer came."""
    DONE = "done"
    REJECTED = "rejected"
    """The vendor said no."""
    WITHDRAWN = "withdrawn"
    """It was never sent and is no longer wanted."""
    HELD = "held"
    """A person must decide."""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it; a held one is still open and keeps its aggregate waiting."""
        return self in (OutboxState.DONE, OutboxState.REJECTED, OutboxState.WITHDRAWN)


_S = OutboxState
MOVES: Mapping[OutboxState, frozenset[OutboxState]] = {
    _S.QUEUED: frozenset({_S.QUEUED, _S.SENDING, _S.HELD, _S.WITHDRAWN}),
    _S.SENDING: frozenset({_S.DONE, _S.REJECTED, _S.QUEUED, _S.UNKNOWN, _S.HELD}),
    _S.UNKNOWN: frozenset({_S.UNKNOWN, _S.DONE, _S.REJECTED, _S.QUEUED, _S.SENDING, _S.HELD}),
    _S.HELD: frozenset({_S.QUEUED, _S.DONE, _S.WITHDRAWN, _S.UNKNOWN}),
    _S.REJECTED: frozenset({_S.QUEUED, _S.UNKNOWN}),
    _S.DONE: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
"""From each state, where a row may go."""


class IllegalMove(Exception):
    """A creating write cannot go from this state to that one."""

    def __init__(self, before: OutboxState, after: OutboxState) -> None:
        super().__init__(f"a creating write that is {before} cannot become {after}")
        self.before = before
        self.after = after


def sources(after: OutboxState) -> frozenset[OutboxState]:
    """The states from which a row may come to `after`."""
    return frozenset(before for before, targets in MOVES.items() if after in targets)


def check_move(before: OutboxState, after: OutboxState) -> None:
    """Raise IllegalMove where the table has no such move."""
    if after not in MOVES[before]:
        raise IllegalMove(before, after)
