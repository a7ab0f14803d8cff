"""The search for canaries finds each kind of leak, and a run with a leak fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.people import People
from sandbox.shoppers import script
from sandbox.world import build
from tests import canaries

ROOT = Path(__file__).parents[3]
NAME, SECRET = canaries.CANARY_NAME, canaries.CANARY_WORD
LEAKS = {
    "standard output": f"print('sold to {NAME.upper()}')",
    "standard error": f"import sys; sys.stderr.write('{SECRET}-1')",
    "a log line": f"import logging; logging.getLogger('x').warning('{NAME}')",
    "a log file": f"(tmp_path / 'daemon.log').write_text('{canaries.CANARY_PHONE}')",
    "a value": f"put(tmp_path, 'DELETE', 'of {canaries.CANARY_YARD}')",
    "a write-ahead log": f"keep.append(put(tmp_path, 'WAL', '{NAME}', close=False))",
    "a long value over many pages": f"put(tmp_path, 'DELETE', 'x' * 4070 + '{NAME}' * 2 + 'y' * 9000)",
    "the metrics": "from sync.telemetry import metrics; "
    f"metrics.HINTS.labels('{NAME}', 'orders').inc()",
}  # fmt: skip
HEAD = """
import sqlite3
keep = []

def put(folder, mode, value, close=True):
    connection = sqlite3.connect(folder / "entrepot.sqlite3")
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("CREATE TABLE IF NOT EXISTS t (v)")
    connection.execute("INSERT INTO t VALUES (?)", (value,))
    connection.commit()
    if close:
        connection.close()
    return connection

def test_clean(tmp_path):
    put(tmp_path, 'WAL', 'of nobody')
    print('fine')
"""


EARLY = """
def test_leaks_into_the_metrics():
    from sync.telemetry import metrics
    metrics.HINTS.labels('{name}', 'orders').inc()

def test_ends_the_module():
    pass
"""
"""A module of its own: the page of metrics is searched after its last test."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run of its own says, with the hooks that every run has; the metrics' leak comes last."""
    folder = tmp_path_factory.mktemp("leaking")
    tests = [f"def test_{n}(tmp_path):\n    {leak}\n" for n, leak in enumerate(LEAKS.values())]
    (folder / "test_leak.py").write_text("\n".join([HEAD, *tests]))
    (folder / "test_metrics_early.py").write_text(EARLY.format(name=NAME))
    command = [sys.executable, "-m", "pytest", "-rE", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--rootdir", str(folder), "-c", "/dev/null", str(folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "300"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("n", range(len(LEAKS)), ids=list(LEAKS))
def test_a_run_with_a_leak_fails(told: str, n: int) -> None:
    (line,) = [line for line in told.splitlines() if line.startswith("ERROR") and f"::test_{n} " in line]
    assert "stands in" in line


def test_metrics_are_searched_when_a_module_ends(told: str) -> None:
    (line,) = [line for line in told.splitlines() if line.startswith("ERROR") and "early" in line]
    assert "::test_ends_the_module " in line
    assert "stands in the page of metrics" in line


def test_what_leaks_nothing_passes(told: str) -> None:
    assert f"{len(LEAKS) + 3} passed, {len(LEAKS) + 1} errors" in told


def test_a_commands_output_is_searched_but_for_those_that_show_a_person() -> None:
    with pytest.raises(AssertionError):
        canaries.in_output(["orders", "show", "1"], "", f"by {NAME}")
    canaries.in_output(["orders", "show", "1", "--personal"], f"by {NAME}")
    canaries.in_output(["export", "1"], f"by {NAME}")


def test_every_ordinary_buyer_and_every_secret_of_a_world_bears_a_canary() -> None:
    world = build(seed=1)
    random = world.random("shoppers")
    odd = {"pele@example.com", "nobody@example.com", "zoe@example.com", "wang@example.com"}
    bought = [purchase.buyer for purchase, _ in zip(script(random), range(60), strict=False)]
    plain = [buyer for buyer in bought if buyer.email not in odd]
    assert len(plain) > 40
    for buyer in plain:
        for value in (buyer.full_name, buyer.email, buyer.street):
            assert canaries.leaks(value) != []
        assert buyer.phone is None or canaries.leaks(buyer.phone) != []
    held = [
        *(each.secret for each in world.entrances.values()),
        world.warehouse_key,
        world.courier_key,
        *world.supplier_keys.values(),
    ]
    assert all(SECRET in secret for secret in held)
    assert People(world).world is world
