"""When a call is tried again: only where a repeat is harmless, and only while its deadline allows it.

A call that failed for want of a vendor is tried `attempts` times in all, with growing, jittered waits. A
call that was throttled, or whose token was renewed, did nothing and did not fail; it is tried again as
long as there is time.
"""

import random
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from connectors.contract import ConnectorError, Deadline, Unavailable


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits in seconds: `first`, doubled each time up to `longest`, each between half and whole.

    `throttled` is the pause after a 429 that names none, doubled while they go on.
    """

    attempts: int = 3
    first: float = 0.5
    longest: float = 8.0
    throttled: float = 1.0


class Again(Exception):
    """This attempt may be repeated; `error` is what to raise when it is not. `wait` is the vendor's own."""

    def __init__(self, error: ConnectorError, wait: float = 0.0) -> None:
        super().__init__("may be repeated")
        self.error = error
        self.wait = wait


def repeating(patience: Patience, deadline: Deadline) -> AsyncRetrying:
    """tenacity's loop for one call; raises the last `Again` when it gives up."""
    failures = 0

    def wait(state: RetryCallState) -> float:
        nonlocal failures
        again = _again(state)
        if not isinstance(again.error, Unavailable):
            return again.wait
        failures += 1
        whole = min(patience.first * 2 ** (failures - 1), patience.longest)
        jittered: float = whole * random.uniform(0.5, 1.0)  # noqa: S311 - no secret hangs on it
        return max(again.wait, jittered)

    def stop(state: RetryCallState) -> bool:
        return failures >= patience.attempts or deadline.left() <= state.upcoming_sleep

    return AsyncRetrying(retry=retry_if_exception_type(Again), wait=wait, stop=stop, reraise=True)


def _again(state: RetryCallState) -> Again:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, Again):
        raise TypeError("only Again is repeated")
    return error
