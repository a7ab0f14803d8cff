"""How much memory a process and all its children hold at most, read from the kernel while they run.

Resident pages are added up over the tree. Pages that two of them share count twice: the figure is never
too small.
"""

import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

_PROC = Path("/proc")
_EVERY = 0.05
"""Seconds between two looks: a peak that is shorter may be missed."""
_CHILDREN_EVERY = 1.0
"""Seconds between two looks for children: to list all processes is dear, and would disturb what is measured."""


def tree(root: int) -> list[int]:
    """A process and its descendants, by id."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found, open_ones = [], [root]
    while open_ones:
        one = open_ones.pop()
        found.append(one)
        open_ones += children.get(one, ())
    return found


def _parent(entry: Path) -> int | None:
    try:
        said = (entry / "stat").read_text("ascii", errors="replace")
    except OSError:  # it has just ended
        return None
    return int(said.rpartition(")")[2].split()[1])


def resident(processes: Iterable[int]) -> int:
    """Bytes that these processes hold now."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for process in processes:
        try:
            total += int((_PROC / str(process) / "statm").read_text("ascii").split()[1]) * page
        except OSError:
            continue
    return total


class Peak:
    """The most that a tree holds while this is open: `with Peak(pid) as peak: …; peak.bytes`."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.bytes = 0
        """The most that was seen."""

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        processes, looked_at = [self._root], 0.0
        while not self._over.wait(_EVERY):
            now = time.monotonic()
            if now - looked_at >= _CHILDREN_EVERY:
                processes, looked_at = tree(self._root), now
            self.bytes = max(self.bytes, resident(processes))
