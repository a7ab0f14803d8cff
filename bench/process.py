"""Programs that are measured, and servers that they are measured against: each on its own core.

A measured program runs to its end; its wall time, its processor time and the peak of its tree's memory are
taken. A server runs while it is needed, says in one line of JSON where it listens, and is stopped by its own
id.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.memory import Peak

ROOT = Path(__file__).parents[1]


_BIND = """
import os, sys
os.sched_setaffinity(0, map(int, sys.argv[1].split(",")))
os.execvp(sys.argv[2], sys.argv[2:])
"""


class ProgramFailed(Exception):
    """A program that was to be measured ended with an error; the text has its last lines."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds of wall and processor time (children included), peak bytes, and what it said."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def on_cores(cores: Collection[int], argv: Sequence[str | Path]) -> list[str]:
    """The command, bound to these cores before its first instruction."""
    return [sys.executable, "-S", "-c", _BIND, ",".join(map(str, sorted(cores))), *map(str, argv)]


def run(
    argv: Sequence[str | Path],
    *,
    cores: Collection[int],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    allowed: Collection[int] = (0,),
) -> Measured:
    """Run one program to its end. Raises ProgramFailed where its exit code is none of the allowed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    started = subprocess.Popen(
        on_cores(cores, argv),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    with started as process, Peak(process.pid) as peak:
        try:
            output, errors = process.communicate()
        except BaseException:  # the bench itself is told to stop
            process.terminate()
            raise
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
    if process.returncode not in allowed:
        said = "\n".join((output + errors).splitlines()[-60:])
        raise ProgramFailed(f"{Path(argv[0]).name} ended with {process.returncode}:\n{said}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(seconds, cpu, peak.bytes, output)


@contextlib.contextmanager
def serving(
    module: str, *args: str, cores: Collection[int], env: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """A server of ours while the body runs: `python -m module`; yields what it says when it is ready."""
    process = subprocess.Popen(
        on_cores(cores, [sys.executable, "-m", module, *args]),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise ProgramFailed(f"{module} did not start")
        yield json.loads(line)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def program() -> Path:
    """The installed `entrepot` of the environment that runs the benchmark."""
    return Path(sys.executable).with_name("entrepot")
