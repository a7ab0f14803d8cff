"""One foreign server as a process group on loopback: started, waited for, stopped, killed, frozen.

Promises: the log's end is in the error when a server does not come up; nothing outlives the test run
(keeper.py); the port stays the same over restarts, so accounts that name it stay right.
"""

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

READY_SECONDS = 300.0
STOP_SECONDS = 15.0
LOG_LINES = 60


class DidNotStart(Exception):
    """A foreign server did not become ready; the text ends with the last lines of its log."""


class CommandFailed(Exception):
    """A set-up command of a foreign system failed; the text ends with what it printed last."""


class _Keeper:
    """Our end of keeper.py's pipe; the process is started with the first entry."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None

    def tell(self, word: str, value: object) -> None:
        with self._lock:
            if self._child is None:
                script = str(Path(__file__).with_name("keeper.py"))
                argv = [sys.executable, "-S", script]
                self._child = subprocess.Popen(argv, stdin=subprocess.PIPE, text=True, start_new_session=True)
                atexit.register(self.close)
            pipe = self._child.stdin
            assert pipe is not None
            pipe.write(f"{word} {value}\n")
            pipe.flush()

    def close(self) -> None:
        if self._child is not None:
            self._child.communicate()
            self._child = None


_keeper = _Keeper()


def keep(group: int, *, done: bool = False) -> None:
    """A process group that ends with the test run, whatever happens; or one that has ended."""
    _keeper.tell("done" if done else "group", group)


class Folder:
    """A temporary folder that is removed at the end whatever happens."""

    def __init__(self, name: str) -> None:
        self.path = Path(
            tempfile.mkdtemp(prefix=f"peer-{name}-", dir="/tmp")
        )  # short: socket paths have 107 bytes
        _keeper.tell("folder", self.path)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        _keeper.tell("gone", self.path)


def free_port() -> int:
    """A free loopback port below the kernel's range for outgoing calls: none takes it in an outage."""
    while True:
        port = random.randrange(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """What a foreign program may see: the search path, a home, UTF-8, UTC, and what it needs besides."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", **extra}


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    user: str | None = None,
) -> str:
    """Run a set-up command to its end and give its output.

    Raises:
        CommandFailed: it ended with another code than 0.
    """
    done = subprocess.run(
        [str(part) for part in argv],
        cwd=cwd,
        env=environment(env or {}),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        user=user,
        group=user and _group_of(user),
        extra_groups=[] if user else None,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.splitlines()[-LOG_LINES:])
        raise CommandFailed(
            f"{argv[0]} {argv[1] if len(argv) > 1 else ''} ended with {done.returncode}:\n{tail}"
        )
    return done.stdout


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


class Process:
    """A server and its children in a process group of their own."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = [str(part) for part in argv]
        self._cwd = cwd
        self._env = environment(env)
        self._user = user
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The process group's id.

        Raises:
            RuntimeError: not running.
        """
        if self._child is None:
            raise RuntimeError(f"{self.name} is not running")
        return self._child.pid

    def start(self, ready: Callable[[], bool]) -> None:
        """Start and return once `ready` is true.

        Raises:
            DidNotStart: it ended, or was not ready in time.
        """
        if self.alive:
            raise RuntimeError(f"{self.name} runs already")
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._argv,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._user,
                group=self._user and _group_of(self._user),
                extra_groups=[] if self._user else None,
            )
        _keeper.tell("group", self._child.pid)
        try:
            self.wait(ready)
        except BaseException:
            self.kill()
            raise

    def wait(self, ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Return once `ready` is true; DidNotStart as for start()."""
        limit = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise DidNotStart(f"{self.name} ended before it was ready\n{self.tail()}")
            if time.monotonic() > limit:
                raise DidNotStart(f"{self.name} was not ready after {seconds:.0f} s\n{self.tail()}")
            time.sleep(0.05)

    def tail(self, lines: int = LOG_LINES) -> str:
        """The end of the server's log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ask the server to end; kill what is left after a while."""
        if self._child is None:
            return
        self._signal(signal.SIGCONT)
        if self.alive:
            os.kill(self._child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the whole group, as when a machine fails."""
        if self._child is None:
            return
        self._signal(signal.SIGKILL)
        self._child.wait()
        _keeper.tell("done", self._child.pid)
        self._child = None

    def freeze(self) -> None:
        """SIGSTOP: connections are accepted by the kernel, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: goes on where it stood, and answers what had piled up."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)
