"""The sandbox's own idea of the time.

Every server reads its time here, so that one server's clock can be wrong while the others are right.
"""

from datetime import UTC, datetime, timedelta


class Clock:
    """The present moment as one server sees it: the machine's time plus an offset that can be set."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The moment, aware and in UTC, with the offset applied."""
        return datetime.now(UTC) + self.offset

    def true(self) -> datetime:
        """The moment without the offset."""
        return self.now() - self.offset

    def seconds(self) -> float:
        """The moment in seconds since 1970, with the offset applied."""
        return self.now().timestamp()


class SetClock(Clock):
    """A clock that stands still until it is moved: for tests and for simulated runs."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self._moment = start

    def now(self) -> datetime:
        return self._moment + self.offset

    def advance(self, seconds: float) -> None:
        """Move the time forward by so many seconds."""
        self._moment += timedelta(seconds=seconds)
