"""Planted names and secrets that may never show, searched for after every test; the metrics after every module.

The sandbox's buyers bear a canary name, yard and telephone, and its secrets a canary word. Whatever a test
leaves behind is searched: SQLite files with their logs (byte by byte, and value by value, since a long value
is cut into pages), log files, what was written to standard output, standard error and logging, and the page of
metrics. What is found is told by its name and place, never by the text around it.

`tests/conftest.py` puts this into every run. A test that shows a person on purpose is marked `shows_person`:
its output is not searched, its files are.
"""

import io
import logging
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.shoppers import CANARY_NAME, CANARY_PHONE, CANARY_YARD
from sandbox.world import CANARY_WORD

MARK = "shows_person"
NEEDLES = {
    "the canary's name or mail": CANARY_NAME,
    "the canary's address": CANARY_YARD,
    "the canary's telephone": CANARY_PHONE,
    "the canary secret": CANARY_WORD,
    "the canary of the long-life tests": "zwitscher",
}
_LOWERED = {name: needle.lower().encode() for name, needle in NEEDLES.items()}
_SEARCHED = (".sqlite3", ".log", ".db")
_LAST = pytest.StashKey[bool]()
"""Whether a test is the last one of its module."""


def leaks(data: bytes | str) -> list[str]:
    """The names of the canaries in it."""
    lowered = (data.encode("utf-8", "replace") if isinstance(data, str) else data).lower()
    return [name for name, needle in _LOWERED.items() if needle in lowered]


def in_text(where: str, text: bytes | str) -> list[str]:
    """Each leak as a sentence."""
    return [f"{name} stands in {where}" for name in leaks(text)]


def in_folder(folder: Path) -> list[str]:
    """Every database and log below a folder."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and any(ending in path.name for ending in _SEARCHED):
            found += in_text(str(path.relative_to(folder)), path.read_bytes())
            if path.name.endswith((".sqlite3", ".db")):
                found += in_values(path)
    return list(dict.fromkeys(found))


def in_values(path: Path) -> list[str]:
    """Every value of an SQLite file; none where the file is no database that can be read."""
    found = []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                table = name.decode()
                found += in_rows(f"{path.name}, {table}", connection.execute(f'SELECT * FROM "{table}"'))
    except sqlite3.Error:
        return found
    return found


def in_rows(where: str, rows: Iterable[Iterable[object]]) -> list[str]:
    """Every value of these rows, of whatever database."""
    found = []
    for row in rows:
        for value in row:
            if isinstance(value, bytes | bytearray | memoryview):
                found += in_text(where, bytes(value))
            elif isinstance(value, str):
                found += in_text(where, value)
    return list(dict.fromkeys(found))


async def in_store(store: Any) -> list[str]:
    """Every value of an open store, on whichever database; what is sealed stays shut."""
    import sqlalchemy as sa

    from sync.store.tables import METADATA

    found = []
    async with store.read() as tx:
        for table in METADATA.tables.values():
            found += in_rows(table.name, await tx.all(sa.select(table)))
    return found


def in_metrics() -> list[str]:
    """The page of metrics of this process."""
    if "sync.telemetry.metrics" not in sys.modules:
        return []
    from prometheus_client import generate_latest

    from sync.telemetry.metrics import REGISTRY

    return in_text("the page of metrics", generate_latest(REGISTRY))


def in_output(args: Iterable[str], *texts: str) -> None:
    """Fail where a command's output shows a canary; for commands that tests run as processes."""
    command = list(args)
    if "--personal" in command or command[:1] == ["export"]:
        return
    found = [leak for text in texts for leak in in_text(f"the output of {' '.join(command[:2])}", text)]
    assert found == []


@contextmanager
def listening() -> Iterator[None]:
    """Hear every log line that is written inside, from DEBUG on, as the daemon writes it; fail on a leak."""
    from sync.telemetry.logs import LogForm, set_up_logs

    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    set_up_logs(LogForm.JSON, "DEBUG", stream)
    try:
        yield
    finally:
        root.handlers, root.level = handlers, level
    assert in_text("the log", stream.getvalue()) == []


# --- pytest's hooks -------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}: shows a person on purpose; its output is not searched")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Note which test is the last one of its module: metrics only grow, and their page is dear to write."""
    item.stash[_LAST] = nextitem is None or nextitem.path != item.path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # pytest's own type of a wrapper
    report: pytest.TestReport = yield  # type: ignore[misc]
    if call.when == "teardown" and report.passed:
        found = _left_by(item, report)
        if found:
            report.outcome = "failed"
            report.longrepr = "\n".join(found)
    return report  # type: ignore[return-value]


def _left_by(item: pytest.Item, report: pytest.TestReport) -> list[str]:
    found = in_metrics() if item.stash.get(_LAST, True) else []
    if item.get_closest_marker(MARK) is None:
        for name, text in report.sections:
            found += in_text(name.lower(), text)
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    return found + (in_folder(folder) if isinstance(folder, Path) else [])
