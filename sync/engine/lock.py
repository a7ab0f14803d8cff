"""One daemon a database: an OS lock beside the SQLite file, which the kernel lets go when the process dies.

On PostgreSQL it lies in the data folder, for commands of this machine; daemons of other machines are kept out
by the store's claim (postgres.Claim), which dies with its session.
"""

import errno
import fcntl
import os
import time
from pathlib import Path
from typing import IO

from config import Settings
from sync.engine.refusals import UNREACHABLE, StartRefused

_TRIES, _PAUSE_SECONDS = 20, 0.01


class Lock:
    """The lock, held from `take` until `release` or the end of the process."""

    def __init__(self, settings: Settings) -> None:
        self.path = lock_path(settings)
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Hold it, and write our pid into it. Raises StartRefused naming the pid of whoever has it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise StartRefused(
                f"{self.path.parent} cannot be written ({error.strerror}): check its owner, mode and disk",
                UNREACHABLE,
            ) from None
        try:
            pid = _taken(file)
        except OSError:
            file.close()
            raise
        if pid is not None:
            file.close()
            raise StartRefused(
                f"a daemon already works on this database, pid {pid or 'unknown'}: "
                "stop it first, or give this one a folder of its own"
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let it go."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None


def _taken(file: IO[str]) -> str | None:
    """Lock it. None where that went well, else the pid of whoever has it ("" where it does not say so).

    A look by `holder` keeps the lock for a moment, too; so who is refused tries again for a little while.
    """
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        else:
            file.seek(0)
            return None
        time.sleep(_PAUSE_SECONDS)
    file.seek(0)
    return file.read().strip()


def lock_path(settings: Settings) -> Path:
    """Where the lock lies."""
    beside = settings.database.beside
    return beside.with_name(f"{beside.name}.lock")


def holder(settings: Settings) -> int | None:
    """The pid of the daemon that works on this database now; None where none does."""
    path = lock_path(settings)
    try:
        file = path.open("r+")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            text = file.read().strip()
            return int(text) if text.isdigit() else 0
    return None
