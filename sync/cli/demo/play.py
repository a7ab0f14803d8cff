"""The course of a demo: start the world and the daemon, let business flow, drain, judge, stop everything.

The world is a process of its own and the daemon is the installed program with no switch that production
lacks; this module only reads the daemon's database beside it.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from sync.cli.demo.settings import write_folder
from sync.engine.clock import clock
from sync.engine.opening import open_store
from sync.engine.refusals import StartRefused
from sync.engine.settings_file import read_settings
from sync.store import issues, reports
from sync.store.database import Store, Tx
from sync.store.figures import Figures, figures

FIRST_PUSH_SECONDS = 180.0
DRAIN_SECONDS = 300.0
"""A slow machine may take minutes for what a quick one does in twenty seconds."""
STILL_SECONDS = 180.0
"""An unknown outcome is looked up only after its quiet time: up to two minutes in which nothing seems to move."""
DRAIN_WITH_FAULTS_SECONDS = 600.0
"""One order may meet several unknown outcomes, one after another."""
TELL_SECONDS = 15.0
"""Once the world is at rest, the shops may still have to be told of the last parcels."""
REST_SECONDS = 1.0
"""Who was told of a parcel may ask for something to be taken back: only then has all come to its end."""
ENDED = ("order.", "parcel.", "record.broken")


@dataclass(slots=True)
class Moment:
    """What the view shows of one moment."""

    phase: str
    done: float = 0.0
    """The share of the phase that has passed, 0 to 1."""
    figures: Figures | None = None
    books: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    """What the judge counts so far, as in the verdict."""
    latest: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for."""

    seconds: float
    seed: int
    faults: bool
    folder: Path
    world: str = "demo"


class Play:
    """One demo. Use it as an async context: leaving it stops every process that it started."""

    def __init__(self, wishes: Wishes, show: Callable[[Moment], None], *, lively: bool = True) -> None:
        """`lively`: each moment is shown with all figures and books, not by its phase alone."""
        self._wishes = wishes
        self._show = show
        self._lively = lively
        self._world: subprocess.Popen[str] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._http: httpx.AsyncClient | None = None
        self._store: Store | None = None

    async def __aenter__(self) -> "Play":
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._store is not None:
            await self._store.close()
        if self._http is not None:
            await self._http.aclose()
        for process in (self._daemon, self._world):
            if process is not None:
                _stop(process)
        if self._log is not None:
            self._log.close()

    async def run(self) -> dict[str, Any]:
        """The whole course. Returns the verdict, with our own counts beside the judge's."""
        self._show(Moment("the sandbox world is being built"))
        ready = await asyncio.to_thread(self._start_world)
        write_folder(self._wishes.folder, ready)
        self._http = httpx.AsyncClient(base_url=ready["control"], timeout=60)
        self._start_daemon()
        await self._until_pushed()
        await self._act("POST", "/start", {})
        await self._business()
        await self._act("POST", "/stop-shopping")
        await self._drain()
        return await self._judge()

    # --- starting ----------------------------------------------------------------------------------

    def _start_world(self) -> dict[str, Any]:
        command = [sys.executable, "-m", "sandbox", "serve", "--world", self._wishes.world]
        command += ["--seed", str(self._wishes.seed)]
        command += ["--faults", "all" if self._wishes.faults else "none"]
        self._world = subprocess.Popen(
            command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = self._world.stdout.readline() if self._world.stdout else ""
        if not line:
            raise StartRefused("the sandbox world did not start; run it by hand: python -m sandbox serve", 3)
        ready: dict[str, Any] = json.loads(line)
        return ready

    def _start_daemon(self) -> None:
        self._log = (self._wishes.folder / "daemon.log").open("wb")
        command = [sys.executable, "-m", "daemon", "run", "--config", str(self._wishes.folder)]
        self._daemon = subprocess.Popen(command, stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL)

    async def _until_pushed(self) -> None:
        """Wait until the shops show the first quantities: before that there is nothing to sell."""
        begun = time.monotonic()
        while time.monotonic() - begun < FIRST_PUSH_SECONDS:
            now = await self._look()
            waits = sum(one.count for one in now.unsent.values()) if now is not None else 1
            desired = await self._count(reports.desired_quantities)
            if desired and not waits:
                return
            self._show(Moment("the daemon reads the catalogue and pushes the first stock", figures=now))
            await asyncio.sleep(0.3)
        raise StartRefused(f"the daemon pushed nothing; its log is {self._wishes.folder / 'daemon.log'}", 3)

    async def _count(self, query: Callable[[Tx], Awaitable[int]]) -> int:
        if self._store is None:
            return 0
        async with self._store.read() as tx:
            return await query(tx)

    # --- flowing -----------------------------------------------------------------------------------

    async def _business(self) -> None:
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < self._wishes.seconds:
            await self._show_now("business flows", passed / self._wishes.seconds)
            await asyncio.sleep(0.4)

    async def _drain(self) -> None:
        bound = DRAIN_WITH_FAULTS_SECONDS if self._wishes.faults else DRAIN_SECONDS
        begun = moved = time.monotonic()
        resting, before = None, None
        while (now := time.monotonic()) < min(begun + bound, moved + STILL_SECONDS):
            told = await self._act("POST", "/settled", {"held": await self._held()})
            untold = await self._count(reports.untold_parcels)
            resting = (resting or now) if told["settled"] else None
            if resting and now - resting > (TELL_SECONDS if untold else REST_SECONDS):
                return
            if (waits := (told["open"], untold)) != before:
                moved, before = now, waits
            left = len(told["open"]) + untold
            phase = f"no more purchases; {left} orders and parcels are still on their way"
            await self._show_now(phase, (now - begun) / bound)
            await asyncio.sleep(0.4)

    async def _show_now(self, phase: str, done: float) -> None:
        if not self._lively:
            self._see_daemon()
            self._show(Moment(phase, done))
            return
        now = await self._look()
        books = await self._get("/books")
        self._show(Moment(phase, done, now, books, await self._counts(now), await self._latest()))

    async def _counts(self, now: Figures | None) -> dict[str, Any]:
        """The judge's counts at this moment, with the one that only the daemon knows."""
        verdict = await self._act("POST", "/judge", {"held": await self._held()})
        calls = verdict["api_calls"]
        pulled = sum(now.orders.values()) if now is not None else 0
        return {
            **verdict,
            "orders_pulled": pulled,
            "api_calls": sum(calls.values()),
            "api_calls_by_system": calls,
        }

    async def _judge(self) -> dict[str, Any]:
        now = await self._look()
        return {
            **await self._counts(now),
            "issues": dict(now.issues) if now is not None else {},
            "seconds": self._wishes.seconds,
            "faults": self._wishes.faults,
            "seed": self._wishes.seed,
            "world": self._wishes.world,
        }

    # --- looking -----------------------------------------------------------------------------------

    def _see_daemon(self) -> None:
        """Raises StartRefused where it has ended."""
        if self._daemon is not None and self._daemon.poll() is not None:
            raise StartRefused(f"the daemon ended; its log is {self._wishes.folder / 'daemon.log'}", 3)

    async def _look(self) -> Figures | None:
        """The daemon's figures, as soon as its database is there."""
        self._see_daemon()
        if self._store is None:
            try:
                settings = read_settings(self._wishes.folder)
                self._store = await open_store(settings, clock(), read_only=True)
            except StartRefused:
                return None
        async with self._store.read() as tx:
            return await figures(tx)

    async def _held(self) -> list[str]:
        """The orders that open issues name."""
        if self._store is None:
            return []
        async with self._store.read() as tx:
            found = await issues.list_open(tx)
        return sorted({one.subject for one in found if one.kind.startswith(ENDED) and "/" in one.subject})

    async def _latest(self) -> list[str]:
        if self._store is None:
            return []
        async with self._store.read() as tx:
            return [
                f"{event.account}/{event.number}  {event.what}"
                for event in await reports.latest_events(tx, 12)
            ]

    async def _get(self, path: str) -> dict[str, Any]:
        return await self._act("GET", path)

    async def _act(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        assert self._http is not None  # noqa: S101
        url = str(self._http.base_url).rstrip("/") + path
        try:
            answer = await self._http.request(method, url, json=body if method != "GET" else None)
            answer.raise_for_status()
        except httpx.HTTPError:
            raise StartRefused(
                "the sandbox world does not answer any more; start the demo again", 3
            ) from None
        told: dict[str, Any] = answer.json()
        return told


def _stop(process: "subprocess.Popen[Any]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
