"""What the transport of one account tells the metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.contract import AuthRejected, BadAnswer, Refused, Throttled, Unavailable
from connectors.transport.call import Uncertain
from connectors.transport.retry import Again
from sync.telemetry import metrics

_OUTCOMES: tuple[tuple[type[Exception], str], ...] = (
    (Throttled, "throttled"),
    (Unavailable, "unavailable"),
    (AuthRejected, "auth"),
    (Refused, "refused"),
    (BadAnswer, "bad_answer"),
    (Uncertain, "uncertain"),
)


class CallGauges:
    """The account's and connector's children of the call metrics."""

    def __init__(self, account: str, connector: str) -> None:
        self._labels = (account, connector)
        self._breaker = metrics.BREAKER_OPEN.labels(account, connector)
        self._breaker.set(0)
        self._waiting = metrics.PACE_WAITING.labels(account, connector)
        self._waits = metrics.PACE_WAIT_SECONDS.labels(account, connector)

    def breaker_open(self, value: float) -> None:
        """1: left alone; 0: called again."""
        self._breaker.set(value)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A call waits for its turn inside."""
        self._waiting.inc()
        try:
            yield
        finally:
            self._waiting.dec()

    def waited(self, seconds: float) -> None:
        """A call had its turn after so long."""
        self._waits.observe(seconds)

    def took(self, operation: str, seconds: float) -> None:
        """A request was under way for so long."""
        metrics.API_SECONDS.labels(*self._labels, operation).observe(seconds)

    @contextmanager
    def counted(self, operation: str) -> Iterator[None]:
        """One request is sent inside; how it ends is counted."""
        outcome = "cancelled"
        try:
            yield
            outcome = "ok"
        except Exception as error:
            outcome = _outcome(error.error if isinstance(error, Again) else error)
            raise
        finally:
            metrics.API_CALLS.labels(*self._labels, operation, outcome).inc()
            if outcome == "throttled":
                metrics.THROTTLED.labels(*self._labels, operation).inc()


def _outcome(error: Exception) -> str:
    return next((word for kind, word in _OUTCOMES if isinstance(error, kind)), "bad_answer")
