"""The installed daemon as a process of its own: started, watched, stopped and killed from outside.

Nothing of it runs in this process but what anyone may do beside it: read its database, ask its socket, call its
commands. It has no switch that production lacks but ENTREPOT_TEST_CLOCK.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Any, TypeVar

from sync.engine.control import connect
from sync.engine.opening import open_store
from sync.engine.settings_file import read_settings
from sync.store import accounts, flow_states, issues, reports
from sync.store.database import Store, Tx
from sync.store.figures import Figures, figures
from tests.simulate.clocks import Clocks

T = TypeVar("T")
ENDED = ("order.", "parcel.", "record.broken")
"""Issues that name an order which waits for a person."""
START_SECONDS = 60.0
STOP_SECONDS = 60.0
REST_SECONDS = 4.0
"""How long a step waits for the daemon to rest; it goes on whether it does or not."""
_LOOK = 0.12


class ProgramFailed(Exception):
    """The daemon or one of its commands did what it must not."""


class Program:
    """One configuration folder's daemon; use `close` at the end."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self.folder = folder
        self._clocks = clocks
        self._process: subprocess.Popen[bytes] | None = None
        self._store: Store | None = None
        self._settings = read_settings(folder)
        self._names: dict[str, str] = {}
        self._log: IO[bytes] = (folder / "daemon.log").open("ab")
        self.starts = 0
        self.restless = 0
        """Steps after which it did not come to rest in time."""

    # --- starting and stopping ---------------------------------------------------------------------

    async def start(self) -> None:
        """Start it, and wait until it works. Raises ProgramFailed."""
        line = [sys.executable, "-m", "daemon", "run", "--config", str(self.folder)]
        self._process = subprocess.Popen(  # noqa: ASYNC220 (it returns at once)
            line, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL, env=self._clocks.environment
        )
        self.starts += 1
        begun = time.monotonic()
        while await self.status() is None:
            self.check_alive()
            if time.monotonic() - begun > START_SECONDS:
                raise ProgramFailed(f"the daemon did not start in {START_SECONDS:.0f} s")
            await asyncio.sleep(0.1)
        await self._open_store()

    async def stop(self) -> None:
        """Stop it as a service manager does. Raises ProgramFailed unless it ends well and in time."""
        await self._close_store()
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            code = await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise ProgramFailed(f"the daemon did not stop in {STOP_SECONDS:.0f} s") from None
        if code:
            raise ProgramFailed(f"the daemon ended with {code} when it was told to stop")

    async def kill(self) -> None:
        """SIGKILL."""
        await self._close_store()
        assert self._process is not None
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    def check_alive(self) -> None:
        """Raises ProgramFailed where it ended by itself."""
        if self._process is not None and (code := self._process.poll()) is not None:
            raise ProgramFailed(f"the daemon ended by itself with {code}")

    async def close(self) -> None:
        """End it whatever its state."""
        await self._close_store()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 40)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    # --- commands ----------------------------------------------------------------------------------

    async def run(self, *args: str, codes: tuple[int, ...] = (0,)) -> Any:
        """Run a command to its end and give its JSON. Raises ProgramFailed unless it ends with one of `codes`."""
        line = [sys.executable, "-m", "daemon", *args, "--json", "--config", str(self.folder)]
        done = await asyncio.to_thread(
            subprocess.run, line, capture_output=True, text=True, timeout=120, env=self._clocks.environment
        )
        if done.returncode not in codes:
            raise ProgramFailed(
                f"entrepot {' '.join(args)} ended with {done.returncode}: {done.stderr.strip()[:300]}"
            )
        return json.loads(done.stdout) if done.stdout.strip() else {}

    async def ask(self, name: str, **args: str) -> dict[str, Any]:
        """Ask its socket. Raises ProgramFailed where it refuses."""
        told = await self._asked(name, **args)
        if told is None or not told["ok"]:
            raise ProgramFailed(f"`{name}` was refused: {(told or {}).get('why', 'no answer')}")
        result: dict[str, Any] = told["result"]
        return result

    async def status(self) -> dict[str, Any] | None:
        """What it says of itself; None while it says nothing."""
        told = await self._asked("status")
        return told["result"] if told is not None else None

    async def _asked(self, name: str, **args: str) -> dict[str, Any] | None:
        """One line there, one back; None where nobody listens."""
        try:
            reader, writer = await connect(self._settings)
        except OSError:
            return None
        try:
            asked = {"command": name, "args": {"who": "the simulator", **args}}
            writer.write(json.dumps(asked).encode() + b"\n")
            await writer.drain()
            line = await asyncio.wait_for(reader.readline(), STOP_SECONDS)
        except (TimeoutError, ConnectionError):
            return None
        finally:
            writer.close()
        told: dict[str, Any] | None = json.loads(line) if line else None
        return told

    # --- looking -----------------------------------------------------------------------------------

    async def rest(self, bound: float = REST_SECONDS) -> bool:
        """Wait until no key runs and none is due. False where that did not come true in time."""
        begun = time.monotonic()
        while time.monotonic() - begun < bound:
            self.check_alive()
            if await self._resting():
                return True
            await asyncio.sleep(_LOOK)
        self.restless += 1
        return False

    async def _resting(self) -> bool:
        status = await self.status()
        if status is None or status["keys"]:
            return False
        opened = {name for name, told in status["accounts"].items() if told["open"]}
        due = await self.read(flow_states.due)
        return not any(self._names.get(account) in opened for account, flow in due if flow != "attended")

    async def read(self, query: Callable[[Tx], Awaitable[T]]) -> T:
        """Read its database."""
        if self._store is None:
            await self._open_store()
        assert self._store is not None
        async with self._store.read() as tx:
            return await query(tx)

    async def figures(self) -> Figures:
        """What `status` shows."""
        return await self.read(figures)

    async def unpushed(self) -> bool:
        """Whether the shops do not show their first quantities yet."""
        now = await self.figures()
        waits = sum(one.count for one in now.unsent.values())
        return bool(waits) or not await self.read(reports.desired_quantities)

    async def untold(self) -> int:
        """Parcels of which the shops are not told yet."""
        return await self.read(reports.untold_parcels)

    async def held(self) -> list[str]:
        """The orders that open issues name."""
        found = await self.read(issues.list_open)
        return sorted({one.subject for one in found if one.kind.startswith(ENDED) and "/" in one.subject})

    async def open_issues(self) -> Counter[str]:
        """How many issues are open, by kind."""
        return Counter(one.kind for one in await self.read(issues.list_open))

    async def _open_store(self) -> None:
        await self._close_store()
        self._store = await open_store(self._settings, self._clocks.clock, read_only=True)
        self._names = {row.id: row.name for row in await self.read(accounts.list_all)}

    async def _close_store(self) -> None:
        if self._store is not None:
            await self._store.close()
            self._store = None
