"""The daemon's end of the local socket: it listens beside the database, and answers one line with one."""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from config import Settings
from sync.engine.control import LONGEST_LINE, SECONDS, short_address, socket_path
from sync.engine.machine import told
from sync.engine.refusals import UNREACHABLE, CommandRefused, StartRefused
from sync.telemetry.logs import logger

Answer = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
_log = logger("sync.engine")


async def listen(settings: Settings, answer: Answer) -> asyncio.Server:
    """Serve the socket. The caller holds the lock, so that a socket that is there is a dead one."""
    path = socket_path(settings)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), SECONDS)
            writer.write(await _answered(line, answer))
            await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            _log.info("a caller of the control socket went away")
        finally:
            writer.close()

    return await asyncio.start_unix_server(serve, sock=_private_socket(path), limit=LONGEST_LINE)


def _private_socket(path: Path) -> socket.socket:
    """Bound with mode 0600 from its first moment: nobody else may command the daemon."""
    private = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with short_address(path) as address:
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
