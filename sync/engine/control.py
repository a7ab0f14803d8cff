"""The local socket between the command line and a running daemon: one JSON line asks, one answers.

It is a unix socket of mode 0600 beside the database, or in the runtime folder where that path is too long
for a socket. Where no daemon runs, a command that writes takes the lock and does the same work itself.
"""

import asyncio
import contextlib
import getpass
import hashlib
import json
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from config import Settings
from sync.domain.ids import AccountId
from sync.engine.clock import clock
from sync.engine.commands import COMMANDS, CommandRefused, Office
from sync.engine.lock import Lock, holder
from sync.engine.wiring import UNREACHABLE, StartRefused, open_store, read_settings
from sync.flows.flow import FlowName
from sync.telemetry.logs import logger

Answer = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
_LONGEST_PATH = 100
_LONGEST_LINE = 1_000_000
_SECONDS = 60.0
_log = logger("sync.engine")

__all__ = ["CommandRefused", "StartRefused", "command", "daemon_pid", "listen", "socket_path"]


def socket_path(settings: Settings) -> Path:
    """Where the socket lies."""
    database = settings.database
    path = database.with_name(f"{database.name}.sock")
    if len(str(path).encode()) <= _LONGEST_PATH:
        return path
    digest = hashlib.sha256(str(database).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"entrepot-{digest}.sock"


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

    server = await asyncio.start_unix_server(serve, path, limit=_LONGEST_LINE)
    path.chmod(0o600)
    return server


async def _answered(line: bytes, answer: Answer) -> bytes:
    try:
        asked = json.loads(line)
        told = {"ok": True, "result": await answer(asked["command"], asked.get("args", {}))}
    except CommandRefused as error:
        told = {"ok": False, "why": str(error)}
    except (KeyError, TypeError, json.JSONDecodeError):
        told = {"ok": False, "why": "that is no command of this version"}
    return json.dumps(told).encode() + b"\n"


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
    return await _alone(settings, name, args)


async def _ask(settings: Settings, name: str, args: dict[str, Any], pid: int) -> dict[str, Any]:
    try:
        reader, writer = await asyncio.open_unix_connection(socket_path(settings), limit=_LONGEST_LINE)
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
    told = json.loads(line)
    if not told["ok"]:
        raise CommandRefused(told["why"])
    result: dict[str, Any] = told["result"]
    return result


async def _alone(settings: Settings, name: str, args: dict[str, Any]) -> dict[str, Any]:
    lock = Lock(settings)
    lock.take()
    try:
        store = await open_store(settings, clock())
        try:
            return await COMMANDS[name](Office(store, _nothing, _no_hint), args)
        finally:
            await store.close()
    finally:
        lock.release()


async def _nothing() -> None:
    """Nobody works on the accounts now."""


def _no_hint(account: AccountId, flow: FlowName) -> None:
    """Nobody is there to be woken: the next start looks at everything."""
