"""The daemon: wires the house, gives the triggers, listens, reloads, and drains when it is told to stop.

    lock ─► read ─► database ─► house ─► listeners ─► triggers ─► … ─► signal ─► drain ─► release

APScheduler gives the triggers; what runs, and how often at once, is the runner's business.
"""

import asyncio
import contextlib
import logging
import os
import platform
import signal
import socket
import sys
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from config import ConfigError, LogFormat
from sync.domain.clock import Clock
from sync.engine import control, gauges
from sync.engine.clock import clock, refuse_test_clock
from sync.engine.commands import COMMANDS, CommandRefused, Office
from sync.engine.errands import Errands
from sync.engine.health import Health
from sync.engine.house import House
from sync.engine.laying import Laying
from sync.engine.lock import Lock
from sync.engine.once import OnceReport
from sync.engine.runner import Runner
from sync.engine.settings import EngineSettings
from sync.engine.wiring import (
    Configuration,
    StartRefused,
    open_store,
    read_configuration,
    shortest_interval,
    timing_of,
    wire,
)
from sync.flows.flow import FlowName
from sync.flows.register import FLOWS
from sync.store import issues, leases
from sync.store.database import Store
from sync.telemetry import metrics
from sync.telemetry.logs import LogForm, logger, set_up_logs

INTERRUPTED = 130
_log = logger("sync.engine")


def program_version() -> str:
    """The installed version."""
    try:
        return version("entrepot")
    except PackageNotFoundError:
        return "0+source"


class Daemon:
    """One process's work on one configuration folder."""

    def __init__(self, configuration: Configuration, store: Store, time: Clock) -> None:
        self.configuration = configuration
        self.store = store
        self._clock = time
        self._house: House | None = None
        settings = _engine_settings(configuration)
        owner = f"{socket.gethostname()}:{os.getpid()}"
        self.runner = Runner(store, FLOWS, clock=time, owner=owner, settings=settings)
        self.health: Health | None = None
        self._server: asyncio.Server | None = None
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._stopping = asyncio.Event()
        self._signals = 0
        self._seen = _stamp(configuration)
        self._reloading = asyncio.Lock()
        self._reloads = Errands()
        self.laying = Laying(self.runner, store)

    # --- wiring ------------------------------------------------------------------------------------

    async def move_in(self, configuration: Configuration) -> None:
        """Wire a configuration and work by it from now on."""
        wired = await wire(configuration, self.store, self._clock, self._house)
        self.configuration = configuration
        self._house = wired.house
        await self.runner.swap(wired.house)
        self.laying.plan(wired)

    async def _say_taken_over(self) -> None:
        """The files on disk are what is in force."""
        metrics.CONFIG_RELOAD_SUCCESSFUL.set(1)
        metrics.CONFIG_RELOAD_TIME.set(self._clock.now().timestamp())
        metrics.CONFIG.info({"hash": self.configuration.rulebook.version})
        async with self.store.write() as tx:
            await issues.clear(tx, "config.rejected")

    # --- running -----------------------------------------------------------------------------------

    async def run(self) -> int:
        """Work until a signal or the command `stop`. Returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told_to_stop, number)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._reloads.start(self._look_at_files(always=True)))
        try:
            await self._open_listeners()
            await self.move_in(self.configuration)
        except BaseException:
            await self._shut_listeners()
            raise
        await self._say_taken_over()
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
        self._server = await control.listen(self.configuration.settings, self.answer)

    def _set_triggers(self) -> None:
        settings = self.runner.settings
        triggers = (
            (self.runner.beat, settings.beat_seconds),
            (self.runner.tick, settings.tick_seconds),
            (self._look_at_files, settings.reload_poll_seconds),
            (self.laying.go_on, 1.0),
        )
        for act, seconds in triggers:
            self._scheduler.add_job(
                act,
                "interval",
                seconds=seconds,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a trigger that is still busy is no news
        self._scheduler.start()

    def _told_to_stop(self, number: int) -> None:
        self._signals += 1
        if self._signals > 1:
            _log.warning("stopped at once; what was being sent is looked up at the next start")
            os._exit(INTERRUPTED)
        _log.info("stopping: passes that run may end", signal=signal.Signals(number).name)
        self._stopping.set()

    async def _close(self) -> int:
        self._scheduler.shutdown(wait=False)
        await self._reloads.ended()
        drained = await self.runner.drain()
        await self._shut_listeners()
        _log.info("stopped", drained=drained)
        return 0

    async def _shut_listeners(self) -> None:
        if self.health is not None:
            await self.health.stop()
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(FileNotFoundError):
                control.socket_path(self.configuration.settings).unlink()

    # --- what others ask ---------------------------------------------------------------------------

    async def answer(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        """Carry out one command of the socket."""
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
        return await COMMANDS[name](Office(self.store, self._accounts_changed, self.runner.hint), args)

    async def _accounts_changed(self) -> None:
        refused: Exception | None = None
        async with self._reloading:
            try:
                await self.move_in(self.configuration)
            except (ConfigError, StartRefused) as error:
                refused = error
        await self.runner.refresh()
        await self.runner.beat()
        await self.laying.go_on()
        if refused is not None:
            raise CommandRefused(f"that is stored, but the daemon cannot take the accounts over: {refused}")

    def status(self) -> dict[str, Any]:
        """What only the process knows."""
        return {
            "running": True,
            "pid": os.getpid(),
            "version": program_version(),
            "metrics": self.health.address if self.health else None,
            "rules": self.configuration.rulebook.version,
            "keys": [f"{account}/{flow}" for account, flow in self.runner.running()],
            "accounts": {
                desk.post.view.name: {"open": desk.open, "reason": desk.reason}
                for desk in self.runner.desks.all.values()
            },
        }

    def _alive(self) -> dict[str, Any]:
        return {"ok": gauges.lively(self.runner, asyncio.get_running_loop().time())}

    def _ready(self) -> dict[str, Any]:
        waiting = sorted(d.post.view.name for d in self.runner.desks.all.values() if not d.settled)
        return {"ok": self._house is not None and not waiting and self.laying.done, "waiting": waiting}

    # --- reload ------------------------------------------------------------------------------------

    async def _look_at_files(self, *, always: bool = False) -> None:
        if always or _stamp(self.configuration) != self._seen:
            await self.reload()

    async def reload(self) -> dict[str, Any]:
        """Read everything again; a bad configuration keeps the last good one and becomes an issue."""
        async with self._reloading:
            self._seen = _stamp(self.configuration)  # before reading: what changes from now on is read again
            try:
                fresh = read_configuration(self.configuration.folder)
                refuse_test_clock(fresh)
                _refuse_moved(self.configuration, fresh)
                await self.move_in(fresh)
            except (ConfigError, StartRefused) as error:
                await self._rejected(str(error))
                return {"accepted": False, "why": str(error)}
            await self._say_taken_over()
            _log.info("configuration taken over", rules=fresh.rulebook.version)
        await self.laying.go_on()
        return {"accepted": True, "rules": self.configuration.rulebook.version}

    async def _rejected(self, why: str) -> None:
        metrics.CONFIG_RELOAD_SUCCESSFUL.set(0)
        _log.error("configuration refused; the last good one stays in force", why=why)
        async with self.store.write() as tx:
            await issues.raise_issue(
                tx,
                key="config.rejected",
                kind="config.rejected",
                what="the changed configuration was refused; the last good one stays in force",
                why=why,
                todo="Mend the files; `entrepot check` says the same. They are read again by themselves.",
            )


def _engine_settings(configuration: Configuration) -> EngineSettings:
    shortest = shortest_interval(timing_of(configuration.settings))
    usual = EngineSettings()
    return replace(usual, tick_seconds=min(usual.tick_seconds, max(0.05, shortest / 2)))


def _refuse_moved(before: Configuration, after: Configuration) -> None:
    for name in ("database", "metrics"):
        if getattr(before.settings, name) != getattr(after.settings, name):
            raise StartRefused(f"`{name}` changed: that takes a restart of the daemon")


def _stamp(configuration: Configuration) -> tuple[tuple[str, int, int], ...]:
    """Names, times and sizes of all configuration files."""
    files = [configuration.folder / "entrepot.yaml"]
    if configuration.settings.mappings.is_dir():
        files += sorted(path for path in configuration.settings.mappings.rglob("*") if path.is_file())
    found = []
    for path in files:
        with contextlib.suppress(OSError):
            told = path.stat()
            found.append((str(path), told.st_mtime_ns, told.st_size))
    return tuple(found)


async def _opened(folder: Path) -> tuple[Configuration, Lock, Store, Clock]:
    """Read, lock and open. Raises ConfigError or StartRefused; nothing stays locked then."""
    configuration = read_configuration(folder)
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
    return configuration, lock, store, time


async def serve(folder: Path) -> int:
    """`entrepot run`: work until told to stop. Returns the exit code. Raises ConfigError or StartRefused."""
    configuration, lock, store, time = await _opened(folder)
    settings = configuration.settings
    set_up_logs(_log_form(settings.log_format), settings.log_level.value.upper())
    daemon = Daemon(configuration, store, time)
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


async def once(
    folder: Path,
    accounts: Collection[str] | None = None,
    flows: Collection[FlowName] | None = None,
    seconds: float = 600.0,
) -> OnceReport:
    """Run what is due, and what that wakes, then stop. Raises ConfigError or StartRefused."""
    configuration, lock, store, time = await _opened(folder)
    try:
        daemon = Daemon(configuration, store, time)
        await daemon.move_in(configuration)
        await daemon.runner.beat()
        await daemon.runner.desks.looks()
        await daemon.laying.go_on()
        try:
            return await daemon.runner.once(accounts, flows, seconds=seconds)
        finally:
            await daemon.runner.drain()
    finally:
        await store.close()
        lock.release()
