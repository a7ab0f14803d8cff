"""`python -m tests.acceptance.hastened demo ...`: the real program, whose demo sets the clocks forward while it drains.

An unknown outcome is looked up only after its quiet time, which no setting shortens. So, when nothing moves any
more, the time of the daemon (ENTREPOT_TEST_CLOCK names its file) and of the vendors is made a little later.
"""

import os
import time
from pathlib import Path
from typing import Any

from sync.cli.demo import play
from sync.engine.clock import VARIABLE

STILL_SECONDS = 2.0
"""So long must nothing move before the clocks are set forward: a call that waits is delayed by 0.3 s."""
JUMP_SECONDS = 40.0


class Hastened(play.Play):
    """A demo that waits for no quiet time."""

    _offset = 0.0
    _moved: tuple[float, Any] = (0.0, None)

    async def _act(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        told = await super()._act(method, path, body)
        if path == "/settled":
            await self._pass_time(told["open"])
        return told

    async def _pass_time(self, left: list[str]) -> None:
        now = time.monotonic()
        state = (tuple(left), tuple(await self._latest()))
        if state != self._moved[1]:
            self._moved = (now, state)
        elif now - self._moved[0] > STILL_SECONDS:
            clocks = await self._get("/clocks")
            later = {name: off + JUMP_SECONDS for name, off in clocks.items()}
            await super()._act("PUT", "/clocks", later)
            self._offset += JUMP_SECONDS
            set_clock(self._offset)
            self._moved = (now, state)


def set_clock(offset: float) -> None:
    """Let the daemon's clock show so many seconds more than the machine's."""
    path = Path(os.environ[VARIABLE])
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(f"+{offset}", encoding="ascii")
    fresh.replace(path)


def main() -> None:
    """Put it in the demo's place, then be the program."""
    set_clock(0.0)
    play.Play = Hastened  # type: ignore[misc]
    from daemon import main as program

    program()


if __name__ == "__main__":
    main()
