"""On what it was measured: cores, versions, load. And which core each side of a benchmark gets."""

import os
import platform
import sqlite3
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any


@dataclass(frozen=True, slots=True)
class Cores:
    """The cores of the two sides; the same ones where there is only one."""

    ours: frozenset[int]
    server: frozenset[int]


def cores() -> Cores:
    """The last core is the server's, the others are the measured program's."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(frozenset(usable[:-1] or usable), frozenset(usable[-1:]))


def facts(postgresql: str | None) -> dict[str, Any]:
    """What stands beside every figure. `postgresql` is its version, None where it had no part."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000,
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgresql": postgresql,
        "entrepot": version("entrepot"),
    }


def told(known: dict[str, Any]) -> str:
    """The facts in one line."""
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in known.items() if value is not None
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123  (no path, a view of the kernel)
            named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        named = []
    return named[0] if named else platform.machine()
