"""Carries out the events of the schedule, and keeps the daemon up: whatever it must not do is a broken promise."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random

from sync.engine.settings_file import read_settings
from tests.simulate.clocks import Clocks
from tests.simulate.edits import Edits
from tests.simulate.program import Program, ProgramFailed
from tests.simulate.reporting import Report
from tests.simulate.schedule import Event, Kind
from tests.simulate.trade import Trade
from tests.simulate.trouble import Trouble
from tests.simulate.upgrading import LAST, PREVIOUS, take_back


class Happenings:
    """The hands that turn a schedule into acts."""

    def __init__(
        self,
        program: Program,
        clocks: Clocks,
        trade: Trade,
        trouble: Trouble,
        report: Report,
        random: Random,
    ) -> None:
        self._program = program
        self._clocks = clocks
        self._trade = trade
        self._trouble = trouble
        self._report = report
        self._random = random
        self._edits = Edits(program, random)
        self._copy = ""

    async def happen(self, event: Event, now: timedelta) -> None:
        """Let one event happen, or end."""
        if not event.over:
            name = str(event.kind)
            self._report.events[name] = self._report.events.get(name, 0) + 1
        await self.safely(lambda: self._happen(event, now))

    async def safely(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do it; what the daemon must not do is noted, and the daemon is started again where it ended."""
        try:
            await act()
        except ProgramFailed as failed:
            self._report.broken.append(str(failed))
            try:
                self._program.check_alive()
            except ProgramFailed:
                await self._start()

    async def calm(self) -> None:
        """Nothing is wrong any more, in the world and in the files."""
        await self._trouble.end()
        await self.safely(self._edits.mend)

    async def _happen(self, event: Event, now: timedelta) -> None:
        match event.kind:
            case Kind.OUTAGE | Kind.FAULT | Kind.LIMIT | Kind.CLOCK:
                await self._trouble.turn(event)
            case Kind.SALE:
                self._trade.sale = 0 if event.over else int(event.figure)
            case Kind.GOODS | Kind.SUPPLIED | Kind.COUNT | Kind.SHELF | Kind.SLIP:
                await self._goods(event)
            case Kind.EDIT:
                await self._edits.change(event.what)
            case Kind.BROKEN:
                await (self._edits.mend() if event.over else self._edits.spoil(event.what))
            case Kind.BACKUP:
                self._copy = str((await self._program.run("backup"))["file"])
            case _:
                await self._down(event.kind, now)

    async def _goods(self, event: Event) -> None:
        units = int(event.figure)
        match event.kind:
            case Kind.GOODS:
                await self._trade.receive(units)
            case Kind.SUPPLIED:
                await self._trade.supply(units)
            case Kind.COUNT:
                await self._trade.count(units)
            case Kind.SHELF:
                await self._trade.set_shelf(units)
            case _:
                await self._trade.publish(event.what)

    # --- what takes the daemon down ----------------------------------------------------------------

    async def _down(self, kind: Kind, now: timedelta) -> None:
        """In the midst of whatever it does: there are new orders, and some minutes have passed."""
        await self._trade.buy(2, now)
        await self._clocks.move(self._clocks.elapsed + timedelta(minutes=5))
        await asyncio.sleep(self._random.uniform(0, 0.6))
        if kind in (Kind.KILL, Kind.RESTORE):
            await self._program.kill()
        else:
            await self._program.stop()
        if kind is Kind.UPGRADE:
            await self._upgrade()
        if kind is Kind.RESTORE and self._copy:
            await self._program.run("restore", self._copy)
        await self._start()

    async def _start(self) -> None:
        self._edits.repair()
        await self._program.start()

    async def _upgrade(self) -> None:
        """As docs/how-to/upgrade-and-uninstall.md says, from the form of the revision before."""
        database = read_settings(self._program.folder).database
        await asyncio.to_thread(take_back, database)
        self._edits.repair()
        await self._program.run("check")
        await self._program.run("migrate", "--check", codes=(1,))
        if database.path is None:
            await self._program.run("migrate")
            return
        await self._start()
        kept = database.path.with_name(
            f"{database.path.stem}-before-{LAST}-from-{PREVIOUS}{database.path.suffix}"
        )
        if not kept.exists():
            raise ProgramFailed("the upgrade kept no copy of the database as it was")
        await self._program.stop()
