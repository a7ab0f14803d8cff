"""One run: the world in this process, the real daemon as another, killed at the planned point and started again.

The world never stops. Time is the machine's plus an offset that all clocks share, the daemon's and the
vendors': when nothing moves any more, it is set forward, so that quiet times cost no waiting.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.people import People
from sandbox.serving import serve
from sync.cli.demo.settings import SCHEDULE, write_folder
from sync.engine.control import connect
from sync.engine.settings_file import read_settings
from tests.crash.back import MESSAGES, RULES
from tests.crash.books import Ours, broken, restless
from tests.crash.calls import Calls
from tests.crash.commits import VARIABLE
from tests.crash.scenario import SUPPLIER, Hands, build
from tests.crash.steps import Cut, Point, Step
from tests.mail.post_office import PostOffice, opened

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.08
STILL_SECONDS = 1.5
"""So long must nothing move before the clocks are set forward."""
BUSY_SECONDS = 20.0
"""So long while money is under way: a slow daemon must be able to send a refund within a minute of its reading."""
JUMP_SECONDS = 75.0
STANDSTILLS = 40
"""So often may the clocks be set forward without anything moving: it will not come to rest."""
ANSWER_SECONDS = 5.0
PATIENCE_SECONDS = 900.0
"""A run that has not come to rest by then has failed, whatever still moves."""


_BACK_FLOWS = ("requests", "way_back", "return_receipts", "messages")


class Trouble(Exception):
    """A run did not go as planned; the text says what happened."""


class Unreached(Trouble):
    """It came to rest without having met each of its points."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: the steps that were reached, and each broken promise in words."""

    steps: list[Step] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    kills: int = 0
    seconds: float = 0.0
    unreached: bool = False
    """That a point was not reached is all that is broken."""


@dataclass(slots=True)
class Run:
    """A world, its people, and the daemon's folder and process; `points` are those that it has not met yet."""

    folder: Path
    hands: Hands
    calls: Calls
    ours: Ours
    office: PostOffice
    points: list[Point]
    kills: int = 0
    _again: Point | None = None
    """The point that struck last, where it is to strike once more."""
    _process: asyncio.subprocess.Process | None = None
    _offset: float = 0.0
    _moved: tuple[float, Any] = (0.0, None)
    _standstills: int = 0

    # --- the daemon --------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the daemon with what is planned for its next life."""
        self._wish()
        argv = [sys.executable, "-m", "tests.crash.commits", "run", "--config", str(self.folder)]
        more = {VARIABLE: str(self.folder / "wish.json"), "ENTREPOT_TEST_CLOCK": str(self.folder / "offset")}
        with (self.folder / "daemon.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *argv, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, **more}
            )
        self.calls.pid = self._process.pid

    def _wish(self) -> None:
        """What the launcher is told."""
        again = self._again
        wish = {
            "names": str(self.folder / "orders.json"),
            "trace": str(self.folder / "trace.jsonl"),
            "killed": str(self.folder / "killed.jsonl"),
            "points": [point.plain() for point in self.points if point.cut.commits],
            "again": again.step.key if again else "",
            "again_cut": Cut.AFTER_COMMIT if again and self.kills % 2 else Cut.BEFORE_COMMIT,
        }
        (self.folder / "wish.json").write_text(json.dumps(wish))

    async def _bury(self) -> None:
        """Where the daemon has died of a planned kill, start it again."""
        assert self._process is not None
        if self._process.returncode is None:
            return
        if self._process.returncode != -signal.SIGKILL or not self._met():
            raise Trouble(f"the daemon ended with {self._process.returncode} unasked")
        self.kills += 1
        await self.start()

    def _met(self) -> bool:
        """Take note of what the daemon died of; False: of nothing that was planned."""
        died = [json.loads(line) for line in (self.folder / "killed.jsonl").read_text().splitlines()]
        struck = self.calls.struck
        if len(died) + len(struck) <= self.kills:
            return False
        met = [point for point in self.points if point in struck or point.plain() in died]
        for point in met:
            self.points.remove(point)
            self._again = point if point.again else self._again
        if not met and self._again is not None and died and "again" in died[-1]:
            self._again = None
            return True
        return bool(met)

    async def end(self) -> None:
        """Stop the daemon as a service manager does."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), 40)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    # --- the course --------------------------------------------------------------------------------

    async def course(self) -> None:
        """From the first quantities to rest. Raises Trouble."""
        await self.start()
        last = time.monotonic() + PATIENCE_SECONDS
        while left := [*self.ours.unready(), *self.ours.unsent(), *self.hands.unsaleable()]:
            await self._look(last, left)
        self.hands.buy()
        (self.folder / "orders.json").write_text(json.dumps(self.hands.names))
        calm = 0
        while calm < 2:
            await self._look(last, left)
            self.hands.turn()
            await self._write_letters()
            left = restless(self.hands, self.ours)
            calm = 0 if left else calm + 1
        if self.points:
            raise Unreached("not reached: " + "; ".join(map(str, self.points)))
        if self._again is not None:
            raise Unreached(f"not killed again, nothing was left to do: {self._again}")

    async def _write_letters(self) -> None:
        """The clerk enters what buyers wrote; where no answer came he looks whether it is there before he tries again."""
        letters = self.hands.returning.letters
        for name, letter in list(letters.items()):
            if self.hands.number(name) in self.ours.entered():
                del letters[name]
                continue
            try:
                reader, writer = await connect(read_settings(self.folder))
            except OSError:
                return
            try:
                writer.write(json.dumps({"command": "returns-enter", "args": letter}).encode() + b"\n")
                await writer.drain()
                await asyncio.wait_for(reader.readline(), ANSWER_SECONDS)
            except (TimeoutError, ConnectionError):
                return
            finally:
                writer.close()

    async def _look(self, last: float, left: list[str]) -> None:
        if time.monotonic() > last or self._standstills > STANDSTILLS:
            raise Trouble(f"it does not come to rest: {'; '.join(left)}")
        await asyncio.sleep(LOOK_SECONDS)
        await self._bury()
        self._pass_time(left)

    def _pass_time(self, left: list[str]) -> None:
        """Set all clocks forward where nothing moves."""
        now = time.monotonic()
        state = (len(self.hands.world.ledger.entries()), tuple(left), self.kills)
        if state != self._moved[1]:
            self._moved, self._standstills = (now, state), 0
        elif now - self._moved[0] > STILL_SECONDS and not self.ours.unready() and not self._busy(now):
            self._offset += JUMP_SECONDS
            self.set_clocks()
            self.hands.publish()
            self._moved, self._standstills = (now, state), self._standstills + 1

    def _busy(self, now: float) -> bool:
        """Whether money is under way in a daemon that is slow: were time to jump, what it has just read would be old."""
        at = int((time.time() + self._offset) * 1_000_000)
        return now - self._moved[0] < BUSY_SECONDS and self.ours.money_due(at)

    def set_clocks(self) -> None:
        """Let all clocks show the offset."""
        fresh = self.folder / "offset.new"
        fresh.write_text(f"+{self._offset}")
        fresh.rename(self.folder / "offset")
        for clock in self.hands.world.clocks.values():
            clock.offset = timedelta(seconds=self._offset)

    def steps(self) -> list[Step]:
        """All steps of the run, of calls and of commits."""
        lines = (self.folder / "trace.jsonl").read_text().splitlines()
        return [*self.calls.reached(), *(Step(**json.loads(line)) for line in lines)]


async def run(folder: Path, database: str, points: Sequence[Point] = ()) -> Ran:
    """A whole run in an empty folder with a migrated database: a SQLite file's path, or PostgreSQL's URL.

    The daemon dies at each of the points, in whatever order they are met.
    """
    begun = time.monotonic()
    async with _opened(folder, database, points) as one:
        trouble = None
        try:
            await one.course()
        except Trouble as raised:
            trouble = raised
        await one.end()
        wrong = broken(one.hands, one.ours, one.office.mails) if one.hands.names else []
        told = [] if trouble is None else [str(trouble)]
        unreached = isinstance(trouble, Unreached) and not wrong
        return Ran(one.steps(), told + wrong, one.kills, time.monotonic() - begun, unreached)


@asynccontextmanager
async def _opened(folder: Path, database: str, points: Sequence[Point]) -> AsyncIterator[Run]:
    world = build()
    async with opened() as office, serve(world, People(world)) as served:
        hands = Hands(served.control)
        calls = Calls(world, hands.names, [point for point in points if not point.cut.commits])
        for system, rules in calls.rules().items():
            served.control.gates[system].rules = rules
        _configure(folder, served.ready(), database, office.port)
        one = Run(folder, hands, calls, Ours(database), office, list(points))
        one.set_clocks()
        try:
            yield one
        finally:
            await one.end()


def _configure(folder: Path, ready: dict[str, Any], database: str, mail: int) -> None:
    """The demo's settings, quicker, on this database; mails go to this port."""
    write_folder(folder, ready)
    (folder / "orders.json").write_text("{}")
    for name in ("trace", "killed"):
        (folder / f"{name}.jsonl").touch()
    path = folder / "entrepot.yaml"
    settings = json.loads(path.read_text())
    flows = [*(flow for flow, every in SCHEDULE.items() if "minutes" not in every), *_BACK_FLOWS]
    quick = dict.fromkeys(flows, "700 ms")
    settings["mail"] = {"host": "127.0.0.1", "port": mail, "security": "none", "from": "shop@example.com"}
    settings["schedule"] = {**settings["schedule"], **quick}
    settings["database"] = database if "://" in database else f"sqlite:///{database}"
    path.write_text(json.dumps(settings))
    for name, rules in (("returns", RULES), ("messages", MESSAGES)):
        (folder / "mappings" / f"{name}.yaml").write_text(json.dumps(rules))
    routing = folder / "mappings" / "routing.yaml"
    routes = json.loads(routing.read_text())
    routes["stock"]["suppliers"][SUPPLIER] |= {"max_age": "1 hour"}
    routing.write_text(json.dumps(routes))
