"""The local socket between the command line and a running daemon: one JSON line asks, one answers.

It is a unix socket of mode 0600 beside the database. A path too long for a socket is reached by way of its
folder's descriptor, so that it never lies where others could put one of theirs. Where no daemon runs, a command
that writes takes the lock and does the same work itself. Only then the database and all that commands do are
imported: a question to a running daemon needs neither.
"""

import asyncio
import contextlib
import getpass
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config import Settings
from sync.domain.ids import AccountId
from sync.engine.clock import clock, refuse_test_clock, test_clock
from sync.engine.lock import Lock, holder
from sync.engine.refusals import UNREACHABLE, CommandRefused, StartRefused
from sync.engine.settings_file import read_settings
from sync.flows.names import FlowName

_LONGEST_PATH = 100
LONGEST_LINE = 1_000_000
SECONDS = 60.0


def socket_path(settings: Settings) -> Path:
    """Where the socket lies."""
    beside = settings.database.beside
    return beside.with_name(f"{beside.name}.sock")


@contextlib.contextmanager
def short_address(path: Path) -> Iterator[str]:
    """The path as a socket's address, which must be short. Raises OSError where its folder is not there."""
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


async def connect(settings: Settings) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the socket of a running daemon. Raises OSError where nobody listens."""
    with short_address(socket_path(settings)) as address:
        return await asyncio.open_unix_connection(address, limit=LONGEST_LINE)


def daemon_pid(settings: Settings) -> int | None:
    """The pid of the daemon that works on this database now; None where none does."""
    return holder(settings)


async def command(folder: Path, name: str, **args: Any) -> dict[str, Any]:
    """Have a command carried out: by the daemon where one runs, else here, under the lock.

    Raises CommandRefused, or StartRefused where nobody can carry it out.
    """
    settings = read_settings(folder)
    args = {"who": getpass.getuser()} | args
    pid = daemon_pid(settings)
    if pid is not None:
        return await _ask(settings, name, args, pid)
    if name == "status":
        return {"running": False, "pid": None, "metrics": None, "keys": []}
    from sync.engine.commands import COMMANDS  # with all that they do, which a question to a daemon needs not

    if name not in COMMANDS:
        raise StartRefused("no daemon is running; start it with: entrepot run", UNREACHABLE)
    return await _alone(folder, settings, name, args)


async def _ask(settings: Settings, name: str, args: dict[str, Any], pid: int) -> dict[str, Any]:
    try:
        reader, writer = await connect(settings)
    except OSError:
        raise StartRefused(
            f"the daemon (pid {pid}) does not answer on its socket: it is starting or stopping; try again",
            UNREACHABLE,
        ) from None
    try:
        writer.write(json.dumps({"command": name, "args": args}).encode() + b"\n")
        await writer.drain()
        line = await asyncio.wait_for(reader.readline(), SECONDS)
    except (TimeoutError, ConnectionError):
        line = b""
    finally:
        writer.close()
    if not line:
        raise StartRefused(f"the daemon (pid {pid}) gave no answer; look at its log", UNREACHABLE)
    said = json.loads(line)
    if not said["ok"]:
        raise CommandRefused(said["why"])
    result: dict[str, Any] = said["result"]
    return result


async def _alone(folder: Path, settings: Settings, name: str, args: dict[str, Any]) -> dict[str, Any]:
    from sync.engine.commands import COMMANDS, Office
    from sync.engine.opening import open_store

    if test_clock():
        from sync.engine.wiring import read_configuration

        refuse_test_clock(read_configuration(folder))
    lock = Lock(settings)
    lock.take()
    try:
        store = await open_store(settings, clock())
        try:
            return await COMMANDS[name](Office(store, _nothing, _no_hint, settings), args)
        finally:
            await store.close()
    finally:
        lock.release()


async def _nothing() -> None:
    """Nobody works on the accounts now."""


def _no_hint(account: AccountId, flow: FlowName) -> None:
    """Nobody is there to be woken: the next start looks at everything."""
