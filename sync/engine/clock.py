"""The one clock that is injected everywhere, and the one that a subprocess under test is given."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sync.domain.clock import Clock, SystemClock
from sync.engine.refusals import StartRefused

if TYPE_CHECKING:
    from sync.engine.wiring import Configuration

VARIABLE = "ENTREPOT_TEST_CLOCK"


class FileClock:
    """Reads the time from a file at every look: an ISO time, or `+SECONDS` from the machine's clock."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """The file's moment, aware, in UTC."""
        text = self._path.read_text(encoding="ascii").strip()
        if text.startswith(("+", "-")):
            return datetime.now(UTC) + timedelta(seconds=float(text))
        return datetime.fromisoformat(text).astimezone(UTC)


def test_clock() -> str:
    """The file that the variable names, empty where it names none."""
    return os.environ.get(VARIABLE, "")


def clock() -> Clock:
    """The machine's clock, or the file's where the variable names one."""
    path = test_clock()
    return FileClock(Path(path)) if path else SystemClock()


def refuse_test_clock(configuration: "Configuration") -> None:
    """A pretended time must never reach a real vendor. Raises StartRefused."""
    if test_clock() and not configuration.loopback_only:
        raise StartRefused(f"{VARIABLE} is for tests: it is refused unless every account is on 127.0.0.1")
