"""One daemon a database: an OS lock beside the SQLite file, which the kernel lets go when the process dies."""

import errno
import fcntl
import os
from pathlib import Path
from typing import IO

from config import Settings
from sync.engine.wiring import UNREACHABLE, StartRefused


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
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid = file.read().strip()
            file.close()
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise StartRefused(
                f"a daemon already works on this database, pid {pid or 'unknown'}: "
                "stop it first, or give this one a folder of its own"
            ) from None
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


def lock_path(settings: Settings) -> Path:
    """Where the lock lies."""
    database = settings.database
    return database.with_name(f"{database.name}.lock")


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
