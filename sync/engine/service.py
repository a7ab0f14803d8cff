"""The daemon: wires the house, gives the triggers, listens, reloads, and drains when it is told to stop.

    lock ─► read ─► database ─► house ─► listeners ─► triggers ─► … ─► signal ─► drain ─► release

APScheduler gives the triggers; what runs, and how often at once, is the runner's business.
"""

import asyncio
import contextlib
import os
import platform
import signal
import socket
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config import ConfigError, LogFormat
from sync.domain.clock import Clock
from sync.domain.messages import MAIL
from sync.engine import answering, control, gauges
from sync.engine.backing_up import Backups
from sync.engine.clock import clock, refuse_test_clock
from sync.engine.commands import COMMANDS, Office
from sync.engine.deciding.deadlines import Deadlines
from sync.engine.deciding.desk import DecisionDesk
from sync.engine.deciding.desk import House as DeskHouse
from sync.engine.deciding.telling import Telling, Voice
from sync.engine.health import Health
from sync.engine.house import House
from sync.engine.inbound.doors import addresses, doors_of
from sync.engine.inbound.receiver import Door, Receiver
from sync.engine.inbound.reception import Reception
from sync.engine.inbound.subscriptions import SubscriptionWatch
from sync.engine.laying import Laying
from sync.engine.lock import Lock
from sync.engine.machine import machine_fault
from sync.engine.once import OnceReport
from sync.engine.opening import open_store
from sync.engine.refusals import CommandRefused, StartRefused
from sync.engine.reload import Reload
from sync.engine.retention import Retention
from sync.engine.runner import Runner
from sync.engine.settings import EngineSettings
from sync.engine.stamping import Disk, Found, Stamp
from sync.engine.triggers import Triggers
from sync.engine.vendor_clocks import VendorClocks
from sync.engine.version import program_version
from sync.engine.watching import Watching
from sync.engine.watching_files import FileWatch
from sync.engine.wiring import Configuration, shortest_interval, timing_of, wire
from sync.flows.names import FlowName
from sync.flows.register import FLOWS
from sync.store import leases
from sync.store.database import Store
from sync.telemetry import metrics
from sync.telemetry.logs import LogForm, logger, set_up_logs

INTERRUPTED = 130
_ONLOOK_SECONDS = 0.2
_log = logger("sync.engine")


class Daemon:
    """One process's work on one configuration folder."""

    def __init__(
        self, configuration: Configuration, store: Store, time: Clock, seen: Stamp | None = None
    ) -> None:
        """`seen` is the state of the files that the configuration was read from."""
        self.store = store
        self._clock = time
        self._house: House | None = None
        owner = f"{socket.gethostname()}:{os.getpid()}"
        self.runner = Runner(store, FLOWS, clock=time, owner=owner, settings=EngineSettings())
        self.laying = Laying(self.runner, store)
        self.watching = Watching(store)
        self.vendor_clocks = VendorClocks(
            store, lambda: [desk.post for desk in self.runner.desks.all.values()]
        )
        self.subscriptions = SubscriptionWatch(
            store,
            lambda: [desk.post for desk in self.runner.desks.all.values() if desk.open],
            lambda: addresses(self.configuration, self._doors, self.store.sealer),
        )
        self.backups = Backups(lambda: self.configuration.settings, time)
        self.deadlines = Deadlines(store, self.runner.hint)
        self.telling = Telling(store, time, self._voice)
        self.desk = DecisionDesk(
            store,
            lambda: DeskHouse(self.configuration.rulebook.staff, self.configuration.settings.timezone),
            self.runner.hint,
        )
        self.retention = Retention(store, time, lambda: self.configuration.settings)
        self.reloading = Reload(configuration, store, time, self.move_in, seen)
        self.files = FileWatch(configuration.folder, lambda: self.configuration.settings, self._files_changed)
        self.health: Health | None = None
        self.receiver: Receiver | None = None
        self._doors: Mapping[str, Door] = {}
        self._server: asyncio.Server | None = None
        self._triggers = Triggers(stumbled=self.runner.stumbled, fine=self.runner.fine)
        self._stopping = asyncio.Event()
        self._signals = 0

    @property
    def configuration(self) -> Configuration:
        """What is in force."""
        return self.reloading.in_force

    # --- wiring ------------------------------------------------------------------------------------

    async def move_in(self, configuration: Configuration) -> None:
        """Wire a configuration and work by it from now on."""
        house = self._house = await wire(configuration, self.store, self._clock, self._house)
        self._doors = doors_of(configuration, house, self.store.sealer)
        await self.runner.swap(house)
        self.laying.plan(house)
        self._triggers.every(self._tick_seconds(configuration), "due keys", self.runner.tick)

    def _tick_seconds(self, configuration: Configuration) -> float:
        """How often due keys are looked for: twice in the shortest interval, at least."""
        shortest = shortest_interval(timing_of(configuration.settings))
        return min(self.runner.settings.tick_seconds, max(0.05, shortest / 2))

    # --- running -----------------------------------------------------------------------------------

    async def run(self) -> int:
        """Work until a signal or the command `stop`. Returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop, number)
        loop.add_signal_handler(signal.SIGHUP, self._triggers.now, "reload", self.reload)
        try:
            await self._open_listeners()
            await self.reloading.first()
            if self.receiver is not None:
                # who knocks meanwhile waits in the port's queue, not before a locked door
                await self.receiver.start()
        except BaseException:
            await self._shut_listeners()
            raise
        metrics.BUILD.info({"version": program_version(), "python": platform.python_version()})
        self._set_triggers()
        listening = self.health.address if self.health else None
        _log.info(
            "started", version=program_version(), accounts=len(self.configuration.kinds), listen=listening
        )
        await self._stopping.wait()
        return await self._close()

    async def _open_listeners(self) -> None:
        listen = self.configuration.settings.metrics
        if listen is not None:
            self.health = Health(
                listen, fresh=lambda: gauges.refresh(self.store), alive=self._alive, ready=self._ready
            )
            self.health.bind()
            await self.health.start()
        self._bind_receiver()
        self._server = await answering.listen(self.configuration.settings, self.answer)

    def _bind_receiver(self) -> None:
        listen = self.configuration.settings.webhooks
        if listen is None:
            return
        time = asyncio.get_running_loop().time
        reception = Reception(self.store, self.runner.hint, time)
        self.receiver = Receiver(listen, lambda: self._doors, reception, self.desk.routes)
        self.receiver.bind()

    def _voice(self) -> Voice:
        settings = self.configuration.settings
        base = None if settings.webhooks is None else settings.webhooks_url
        mail = None if self._house is None else self._house.notifiers.get(MAIL)
        return Voice(self.configuration.rulebook.staff, base, settings.secrets, settings.timezone, mail)

    def _set_triggers(self) -> None:
        settings = self.runner.settings
        self._triggers.every(settings.beat_seconds, "leases", self.runner.beat)
        self._triggers.every(settings.reload_poll_seconds, "files", self.reloading.look)
        self.files.start()
        self._triggers.every(settings.lay_seconds, "rules", self.laying.go_on)
        self._triggers.every(settings.watch_seconds, "observed accounts", self.watching.look)
        self._triggers.every(settings.clock_look_seconds, "the vendors' clocks", self.vendor_clocks.look)
        self._triggers.every(settings.subscription_look_seconds, "subscriptions", self.subscriptions.look)
        self._triggers.every(settings.deadline_look_seconds, "deadlines", self.deadlines.look)
        self._triggers.every(settings.telling_look_seconds, "people in chats", self.telling.look)
        self._triggers.every(settings.backup_look_seconds, "the backup", self.backups.look)
        self._triggers.every(settings.retention_look_seconds, "retention", self.retention.look)
        self._triggers.start()

    def _told_to_stop(self, number: int) -> None:
        self._signals += 1
        if self._signals > 1:
            _log.warning("stopped at once; what was being sent is looked up at the next start")
            os._exit(INTERRUPTED)
        _log.info("stopping: passes that run may end", signal=signal.Signals(number).name)
        self._stopping.set()

    async def _close(self) -> int:
        self.backups.stop()
        await self.files.stop(self.runner.settings.trigger_seconds)
        await self._triggers.stop(self.runner.settings.trigger_seconds)
        drained = await self.runner.drain()
        await self._shut_listeners()
        _log.info("stopped", drained=drained)
        return 0

    async def _shut_listeners(self) -> None:
        if self.receiver is not None:
            await self.receiver.stop()
        if self.health is not None:
            await self.health.stop()
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(FileNotFoundError):
                control.socket_path(self.configuration.settings).unlink()

    # --- what others ask ---------------------------------------------------------------------------

    async def answer(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command of the socket. Raises CommandRefused, also where the machine refuses."""
        try:
            return await self._answer(name, args)
        except CommandRefused:
            raise
        except Exception as error:
            why = machine_fault(error, self.store.place)
            if why is None:
                raise
            raise CommandRefused(why) from None

    async def _answer(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "status":
                return self.status()
            case "reload":
                return await self.reload()
            case "stop":
                self._stopping.set()
                return {"stopping": True}
        if name not in COMMANDS:
            raise CommandRefused(f"there is no command {name!r}")
        return await COMMANDS[name](
            Office(self.store, self._accounts_changed, self.runner.hint, self.configuration.settings), args
        )

    async def _accounts_changed(self) -> None:
        refused: Exception | None = None
        try:
            await self.reloading.accounts_again()
        except (ConfigError, StartRefused) as error:
            refused = error
        await self.runner.refresh()
        await self.runner.beat()
        await self.laying.go_on()
        if refused is not None:
            raise CommandRefused(f"that is stored, but the daemon cannot take the accounts over: {refused}")

    async def _files_changed(self) -> None:
        try:
            await self.reloading.look()
        except Exception as error:
            self.runner.stumbled("files", error)
        else:
            self.runner.fine("files")
            self._triggers.now("rules", self.laying.go_on)

    async def reload(self) -> dict[str, Any]:
        """Read all files again, changed or not."""
        told = await self.reloading.take_over()
        await self.laying.go_on()
        return told

    def status(self) -> dict[str, Any]:
        """What only the process knows."""
        return {
            "running": True,
            "pid": os.getpid(),
            "version": program_version(),
            "metrics": self.health.address if self.health else None,
            "webhooks": self.receiver.address if self.receiver else None,
            "rules": self.configuration.rulebook.version,
            "reads": [asdict(read) for read in self.runner.progress],
            "keys": [f"{account}/{flow}" for account, flow in self.runner.running()],
            "accounts": {
                desk.post.view.name: {"open": desk.open, "reason": desk.reason}
                for desk in self.runner.desks.all.values()
            },
            "would_send": self.watching.would_send,
        }

    def _alive(self) -> dict[str, Any]:
        return {"ok": gauges.lively(self.runner, asyncio.get_running_loop().time())}

    def _ready(self) -> dict[str, Any]:
        waiting = sorted(d.post.view.name for d in self.runner.desks.all.values() if not d.settled)
        return {"ok": self._house is not None and not waiting and self.laying.done, "waiting": waiting}


async def _opened(folder: Path) -> tuple[Found, Lock, Store, Clock]:
    """Read, lock and open. Raises ConfigError or StartRefused; nothing stays locked then."""
    found = Disk(folder).read()
    configuration = found.good()
    refuse_test_clock(configuration)
    lock = Lock(configuration.settings)
    lock.take()
    time = clock()
    try:
        store = await open_store(configuration.settings, time)
    except BaseException:
        lock.release()
        raise
    async with store.write() as tx:
        await leases.end_all(tx)
    return found, lock, store, time


async def serve(folder: Path) -> int:
    """`entrepot run`: work until told to stop. Returns the exit code. Raises ConfigError or StartRefused."""
    found, lock, store, time = await _opened(folder)
    settings = found.good().settings
    set_up_logs(_log_form(settings.log_format), settings.log_level.value.upper())
    daemon = Daemon(found.good(), store, time, found.stamp)
    try:
        return await daemon.run()
    finally:
        await store.close()
        lock.release()


def _log_form(wanted: LogFormat) -> LogForm:
    """`auto` is for people at a terminal, and JSON lines where the output is collected."""
    if wanted.value == "auto":
        return LogForm.CONSOLE if sys.stderr.isatty() else LogForm.JSON
    return LogForm(wanted.value)


async def _look_on(runner: Runner, look: Callable[[Runner], None]) -> None:
    while True:
        look(runner)
        await asyncio.sleep(_ONLOOK_SECONDS)


async def once(
    folder: Path,
    accounts: Collection[str] | None = None,
    flows: Collection[FlowName] | None = None,
    seconds: float = 600.0,
    look: Callable[[Runner], None] | None = None,
) -> OnceReport:
    """Run what is due, and what that wakes, then stop; `look` is let look on. Raises ConfigError or StartRefused."""
    found, lock, store, time = await _opened(folder)
    try:
        daemon = Daemon(found.good(), store, time)
        await daemon.move_in(found.good())
        onlooker = asyncio.create_task(_look_on(daemon.runner, look)) if look is not None else None
        try:
            report = await daemon.runner.once(accounts, flows, seconds=seconds, first=daemon.laying.go_on)
            await daemon.deadlines.look()
            await daemon.vendor_clocks.look()
            return report
        finally:
            if onlooker is not None:
                onlooker.cancel()
            await daemon.runner.drain()
    finally:
        await store.close()
        lock.release()
