"""The breaker of one account: after repeated failures it is left alone, and probed now and then.

    closed ── failures in a row ──▶ open ── rest is over ──▶ half-open ── one probe succeeds ──▶ closed
                                     ▲                          │
                                     └── the probe fails: a longer rest

Only outages count: no connection, no answer in time, 502 to 504. A vendor that answers anything else is up.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """`failures` in a row open it for `rest` seconds, doubled at each failed probe up to `longest_rest`."""

    failures: int = 5
    rest: float = 5.0
    longest_rest: float = 300.0


class BreakerOpen(Exception):
    """The account is left alone for another `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("the breaker is open")
        self.wait = wait


class Breaker:
    """`now` is a monotonic time in seconds; `show` is told 1 when it opens and 0 when it closes."""

    def __init__(
        self, policy: BreakerPolicy, now: Callable[[], float], show: Callable[[float], object]
    ) -> None:
        self._policy = policy
        self._now = now
        self._show = show
        self._in_a_row = 0
        self._rest = policy.rest
        self._open_until: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are held back; the one probe apart."""
        return self._open_until is not None

    def check(self) -> None:
        """Raises BreakerOpen where a call would not be admitted now; takes nothing."""
        if self._open_until is None:
            return
        wait = self._open_until - self._now()
        if wait > 0 or self._probing:
            raise BreakerOpen(max(wait, 0.0))

    def admit(self) -> bool:
        """Let a call through; when the rest is over, one only: True says that it is the probe.

        Raises BreakerOpen. Each call admitted ends in one of the three below.
        """
        self.check()
        self._probing = self._open_until is not None
        return self._probing

    def succeeded(self) -> None:
        """The vendor answered."""
        self._in_a_row = 0
        self._probing = False
        self._rest = self._policy.rest
        if self._open_until is not None:
            self._open_until = None
            self._show(0)

    def failed(self, probe: bool) -> None:
        """The vendor is out. `probe` is what `admit` answered."""
        self._in_a_row += 1
        if probe:
            self._rest = min(self._rest * 2, self._policy.longest_rest)
            self._open()
        elif self._open_until is None and self._in_a_row >= self._policy.failures:
            self._open()

    def gave_up(self, probe: bool) -> None:
        """The call told nothing of the vendor: it was cancelled, or had too little time."""
        if probe:
            self._probing = False

    def _open(self) -> None:
        self._probing = False
        self._open_until = self._now() + self._rest
        self._show(1)
