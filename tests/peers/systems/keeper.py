"""Ends what the tests started, even when pytest itself is killed.

Runs as a process of its own and reads lines from a pipe that only pytest holds open: `group N`, `done N`,
`folder PATH`, `gone PATH`. When the pipe closes, every process group still listed is ended (thawed, asked,
then killed) and every folder still listed is removed. Standard library only: it is run by path.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 3.0


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: dict[str, None] = {}
    folders: dict[str, None] = {}
    for line in sys.stdin:
        word, _, value = line.rstrip("\n").partition(" ")
        kept = groups if word in ("group", "done") else folders
        if word in ("group", "folder"):
            kept[value] = None
        else:
            kept.pop(value, None)
    _end([int(group) for group in groups])
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _end(groups: list[int]) -> None:
    for number in (signal.SIGCONT, signal.SIGINT):
        for group in groups:
            _signal(group, number)
    limit = time.monotonic() + GRACE_SECONDS
    while any(_signal(group, 0) for group in groups) and time.monotonic() < limit:
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _signal(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
