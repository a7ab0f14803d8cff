"""The local socket between the command line and a running daemon: one JSON line asks, one answers.

It is a unix socket of mode 0600 beside the database. A path too long for a socket is reached by way of its
folder's descriptor, so that it never lies where others could put one of theirs. Where no daemon runs, a command
that writes takes the lock and does the same work itself.
"""

import asyncio
import contextlib
import getpass
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from config import Settings
from sync.domain.ids import AccountId
from sync.engine.clock import clock, refuse_test_clock, test_clock
from sync.engine.commands import COMMANDS, CommandRefused, Office
from sync.engine.faults import told
from sync.engine.lock import Lock, holder
from sync.engine.wiring import UNREACHABLE, StartRefused, open_store, read_configuration, read_settings
from sync.flows.flow import FlowName
from sync.telemetry.logs import logger

Answer = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
_LONGEST_PATH = 100
_LONGEST_LINE = 1_000_000
_SECONDS = 60.0
_log = logger("sync.engine")

__all__ = ["CommandRefused", "StartRefused", "command", "connect", "daemon_pid", "listen", "socket_path"]


def socket_path(settings: Settings) -> Path:
    """Where the socket lies."""
    beside = settings.database.beside
    return beside.with_name(f"{beside.name}.sock")


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
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
    with _address(socket_path(settings)) as address:
        return await asyncio.open_unix_connection(address, limit=_LONGEST_LINE)


def daemon_pid(settings: Settings) -> int | None:
    """The pid of the daemon that works on this database now; None where none does."""
    return holder(settings)


async def listen(settings: Settings, answer: Answer) -> asyncio.Server:
    """Serve the socket. The caller holds the lock, so that a socket that is there is a dead one."""
    path = socket_path(settings)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), _SECONDS)
            writer.write(await _answered(line, answer))
            await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            _log.info("a caller of the control socket went away")
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, sock=_private_socket(path), limit=_LONGEST_LINE)


def _private_socket(path: Path) -> socket.socket:
    """Bound with mode 0600 from its first moment: nobody else may command the daemon."""
    private = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _address(path) as address:
            private.bind(address)
    except OSError as error:
        private.close()
        why = error.strerror or str(error)
        raise StartRefused(
            f"the control socket {path} cannot be made ({why}): check the folder's owner and mode",
            UNREACHABLE,
        ) from None
    finally:
        os.umask(before)
    return private


async def _answered(line: bytes, answer: Answer) -> bytes:
    try:
        asked = json.loads(line)
        name, args = asked["command"], asked.get("args", {})
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return _line(ok=False, why="that is no command of this version")
    try:
        return _line(ok=True, result=await answer(name, args))
    except CommandRefused as error:
        return _line(ok=False, why=str(error))
    except Exception as error:
        _log.error("a command failed", command=str(name), why=told(error))
        return _line(ok=False, why=f"the command failed in the daemon ({type(error).__name__}): see its log")


def _line(**said: object) -> bytes:
    return json.dumps(said).encode() + b"\n"


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
        line = await asyncio.wait_for(reader.readline(), _SECONDS)
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
    if test_clock():
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
