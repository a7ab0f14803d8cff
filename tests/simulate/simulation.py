"""The course of simulated days: move the clock, let things happen, wait until the daemon rests; at the end, judge."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from sync.cli.demo.settings import write_folder
from tests.simulate import edits
from tests.simulate.clocks import Clocks
from tests.simulate.couriers import Couriers
from tests.simulate.happenings import Happenings
from tests.simulate.program import Program, ProgramFailed
from tests.simulate.reporting import EFFECTS, Report, errors_in
from tests.simulate.schedule import DAY, Event, schedule
from tests.simulate.staff import Staff
from tests.simulate.trade import Trade, halves
from tests.simulate.trouble import Trouble
from tests.simulate.world import World

SHORT, USUAL, LONG = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1)
FIRST_PUSH_SECONDS, DRAIN_SECONDS = 60.0, 300.0
_WAREHOUSE_HOURS = range(6, 20)
_LATE = 23


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for; `postgresql` is the URL of an empty database, None for SQLite."""

    days: float
    seed: int
    folder: Path
    postgresql: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: the share of the days, and a sentence where a day has ended or the phase changes."""

    done: float
    said: str = ""


class Simulation:
    """One run. Use it as an async context: leaving it ends every process that it started."""

    def __init__(self, wishes: Wishes, show: Callable[[Progress], None]) -> None:
        self._wishes = wishes
        self._show = show
        self._random = Random(f"{wishes.seed}/people")
        self._clocks = Clocks(wishes.folder)
        self._world = World(wishes.seed)
        write_folder(wishes.folder, self._world.ready)
        edits.suit(wishes.folder, wishes.postgresql)
        self._program = Program(wishes.folder, self._clocks)
        self._trade = Trade(self._world, self._random)
        self._couriers = Couriers(self._world, Random(f"{wishes.seed}/drivers"))
        self._trouble = Trouble(self._world, self._clocks)
        self.report = Report(
            wishes.days,
            wishes.seed,
            "postgresql" if wishes.postgresql else "sqlite",
            folder=str(wishes.folder),
        )
        self._happenings = Happenings(
            self._program,
            self._clocks,
            self._trade,
            self._trouble,
            self.report,
            Random(f"{wishes.seed}/hands"),
        )
        self._staff = Staff(self._program, self._trade)
        self._now = timedelta(0)
        self._entries = 0
        self._kinds: Counter[str] = Counter()
        self._at_work = False

    async def __aenter__(self) -> "Simulation":
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._program.close()
        await self._world.close()

    async def run(self) -> Report:
        """The whole course."""
        begun = time.monotonic()
        await self._world.open()
        await self._clocks.serve(self._world)
        self._show(Progress(0, "the daemon reads the catalogue and pushes the first stock"))
        await self._program.start()
        await self._until_pushed()
        await self._world.act("POST", "/start", {"clerks": True})
        await self._days()
        self._show(Progress(1, "no more purchases and no more trouble: what is on its way comes to its end"))
        await self._drain()
        await self._judge()
        self.report.seconds = time.monotonic() - begun
        return self.report

    async def _until_pushed(self) -> None:
        begun = time.monotonic()
        while await self._program.unpushed():
            if time.monotonic() - begun > FIRST_PUSH_SECONDS:
                raise ProgramFailed("the daemon pushed no stock")
            await self._clocks.move(self._clocks.elapsed + timedelta(seconds=30))
            await self._program.rest()
        self._now = self._clocks.elapsed

    # --- days --------------------------------------------------------------------------------------

    async def _days(self) -> None:
        events = deque(schedule(self._wishes.days, self._wishes.seed))
        end = self._wishes.days * DAY
        day, today, begun = 1, Counter[str](), time.monotonic()
        happened: list[Event] = []
        while self._now < end:
            await self._step(
                min(self._next_moment(), end, day * DAY, *(event.at for event in list(events)[:1]))
            )
            while events and events[0].at <= self._now:
                happened.append(events[0])
                await self._happenings.happen(events.popleft(), self._now)
            if self._now >= min(day * DAY, end):
                self._tell_day(day, self._kinds - today, happened, time.monotonic() - begun)
                day, today, happened, begun = day + 1, Counter(self._kinds), [], time.monotonic()

    def _next_moment(self) -> timedelta:
        hour = int(self._clocks.hour)
        if self._trade.sale:
            return self._now + SHORT
        return self._now + (LONG if hour >= _LATE or hour < min(_WAREHOUSE_HOURS) else USUAL)

    async def _step(self, to: timedelta, *, shopping: bool = True) -> None:
        since, self._now = self._now, max(to, self._now)
        self.report.steps += 1
        await self._clocks.move(self._now)
        await self._open_warehouse(shopping)
        before, meanwhile = halves(
            self._trade.tempo(since, self._now) if shopping else 0, self._random.random
        )
        await self._trade.buy(before, self._now)
        if shopping and self._trade.sale:
            await self._trade.rush(self._now)
        await asyncio.sleep(self._random.uniform(0, 0.3))  # somewhere in the midst of the daemon's work
        await self._trade.buy(meanwhile, self._now)
        await self._trade.cancel(self._now)
        await self._trade.regret(self._now)
        await self._drive()
        await self._happenings.safely(self._program.rest)
        await self._happenings.safely(lambda: self._staff.look(self._now))
        self._show(Progress(min(1.0, self._now / (self._wishes.days * DAY))))

    async def _open_warehouse(self, shopping: bool) -> None:
        """The warehouse works by day; at the end, until everything is done."""
        wanted = not shopping or int(self._clocks.hour) in _WAREHOUSE_HOURS
        if wanted != self._at_work:
            await self._world.act("POST", "/start" if wanted else "/stop", {"warehouse": True})
            self._at_work = wanted

    async def _drive(self) -> None:
        told = await self._world.act("GET", f"/ledger?since={self._entries}")
        entries = told["entries"]
        self._entries += len(entries)
        self._kinds.update(entry["kind"] for entry in entries)
        self._trade.hear(entries, self._now)
        self._couriers.hand_over(entries, self._now)
        await self._couriers.go(self._now)

    def _tell_day(self, day: int, kinds: Counter[str], happened: list[Event], seconds: float) -> None:
        counts = f"{kinds['order_placed']} orders, {kinds['shipment_shipped']} shipments"
        told = ", ".join(str(event) for event in happened if not event.over)
        self._show(
            Progress(
                self._now / (self._wishes.days * DAY),
                f"day {day}: {counts}; {told or 'a quiet day'}; {seconds:.0f} s",
            )
        )

    # --- the end -----------------------------------------------------------------------------------

    async def _drain(self) -> None:
        """Let everything come to its end, with nothing wrong any more."""
        await self._happenings.calm()
        begun = time.monotonic()
        while time.monotonic() - begun < DRAIN_SECONDS:
            told = await self._world.act("POST", "/settled", {"held": await self._program.held()})
            untold = await self._program.untold()
            if told["settled"] and not untold:
                return
            waits = untold or any(matter.startswith(("order ", "money ")) for matter in told["open"])
            scan = self._couriers.next_scan
            to = self._now + USUAL if waits or scan is None else max(self._now + 2 * LONG, scan)
            await self._step(to, shopping=False)

    async def _judge(self) -> None:
        await self._drive()
        report, program = self.report, self._program
        report.judged(await self._world.act("POST", "/judge", {"held": await program.held()}))
        report.effects |= {name: self._kinds[kind] for kind, name in EFFECTS.items()}
        report.people, report.faults = dict(self._trade.counts), dict(self._trouble.struck)
        report.issues = dict(await program.open_issues())
        report.starts, report.restless = program.starts, program.restless
        report.errors = dict(errors_in(self._wishes.folder / "daemon.log"))
        if report.errors.get("traceback"):
            report.broken.append("the daemon's log holds a traceback")
