"""One time for the world and the daemon: the machine's, plus an offset that only grows.

Between two moves it runs as the machine's does, so that nothing stands still that never would. The daemon reads
it from the file that ENTREPOT_TEST_CLOCK names, the world's servers are told. A server's own clock can be wrong
besides. The first moment is a Monday, six in the morning.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.engine.clock import VARIABLE, FileClock
from tests.simulate.schedule import FIRST_HOUR
from tests.simulate.world import World

FILE = "clock"


class Clocks:
    """The time since the first moment is `elapsed`; `move` makes it later."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._world: World | None = None
        now = datetime.now(UTC)
        monday = (now + timedelta(days=7 - now.weekday())).replace(
            hour=FIRST_HOUR, minute=0, second=0, microsecond=0
        )
        self.begun = monday
        self._offset = monday - now
        self._wrong: dict[str, float] = {}
        self._write()
        self.clock = FileClock(self._path)

    @property
    def environment(self) -> dict[str, str]:
        """What the daemon and its commands are started with."""
        return {**os.environ, VARIABLE: str(self._path)}

    @property
    def elapsed(self) -> timedelta:
        """The simulated time that has passed."""
        return datetime.now(UTC) + self._offset - self.begun

    @property
    def hour(self) -> float:
        """The hour of the day, 0 to 24."""
        return (FIRST_HOUR + self.elapsed / timedelta(hours=1)) % 24

    async def serve(self, world: World) -> None:
        """From now on this world has the time too."""
        self._world = world
        await self._tell()

    async def move(self, to: timedelta) -> None:
        """Make it `to` since the first moment; what is past already stays past."""
        self._offset += max(to - self.elapsed, timedelta(0))
        await self._tell()
        self._write()

    async def wrong(self, system: str, seconds: float) -> None:
        """Put one server's clock off; 0 puts it right."""
        self._wrong[system] = seconds
        await self._tell()

    async def _tell(self) -> None:
        if self._world is not None:
            seconds = self._offset.total_seconds()
            told = {name: seconds + self._wrong.get(name, 0.0) for name in self._world.systems}
            await self._world.act("PUT", "/clocks", told)

    def _write(self) -> None:
        fresh = self._path.with_name(f"{FILE}.new")
        fresh.write_text(f"{self._offset.total_seconds():+.6f}", encoding="ascii")
        fresh.replace(self._path)
