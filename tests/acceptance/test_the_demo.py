"""The demo keeps its promise, with and without faults, and leaves nothing behind."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sync.engine.clock import VARIABLE
from tests import canaries
from tests.acceptance.conftest import ROOT, entrepot, until

pytestmark = pytest.mark.timeout(800)
PATIENCE = 600.0
PROMISED = (
    "orders_placed",
    "orders_pulled",
    "orders_sent",
    "orders_held",
    "parcels_told",
    "parcels_delivered",
    "stock_pushes",
    "oversold_units",
    "lost_orders",
    "duplicate_effects",
    "api_calls",
    "throttled",
)


def test_the_demo_keeps_its_promise() -> None:
    done = entrepot("demo", "--seconds", "6", "--json", timeout=PATIENCE)
    told = json.loads(done.stdout)
    assert done.returncode == 0, told["broken"]
    assert set(PROMISED) <= set(told)
    assert (told["oversold_units"], told["lost_orders"], told["duplicate_effects"]) == (0, 0, 0)
    assert told["flow_share"] >= 0.9
    assert told["orders_pulled"] == told["orders_placed"] > 10
    assert told["parcels_delivered"] > 5
    assert told["parcels_told"] > 5


def test_the_mixed_demo_keeps_its_promise_with_every_fault_at_every_server(tmp_path: Path) -> None:
    """Once business is over, nobody waits for a quiet time: `hastened` says how."""
    wish = ("demo", "--world", "mixed", "--seconds", "12", "--json", "--faults", "--seed", "3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.hastened", *wish],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(tmp_path / "clock")},
        timeout=PATIENCE + 120,
    )
    canaries.in_output(wish, done.stdout, done.stderr)
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert done.returncode == 0, (told["broken"], told["lost"], told["issues"])
    assert (told["oversold_units"], told["lost_orders"], told["duplicate_effects"]) == (0, 0, 0)
    assert told["flow_share"] >= 0.9
    assert told["throttled"] > 0


def test_the_mixed_demo_sells_one_stock_in_four_kinds_of_shop_and_a_supplier_sends_its_part(
    tmp_path: Path,
) -> None:
    done = entrepot(
        "demo",
        "--world",
        "mixed",
        "--seconds",
        "10",
        "--json",
        "--keep",
        str(tmp_path / "kept"),
        timeout=PATIENCE,
    )
    told = json.loads(done.stdout)
    assert done.returncode == 0, told["broken"]
    assert (told["oversold_units"], told["lost_orders"], told["duplicate_effects"]) == (0, 0, 0)
    assert told["orders_pulled"] == told["orders_placed"] > 5
    with contextlib.closing(sqlite3.connect(tmp_path / "kept" / "entrepot-data" / "entrepot.sqlite3")) as db:
        shipped = "SELECT DISTINCT a.name FROM parcel p JOIN fulfilment f ON f.id = p.fulfilment_id"
        names = {name for (name,) in db.execute(f"{shipped} JOIN account a ON a.id = f.account_id")}
        shops = db.execute("SELECT DISTINCT account_id FROM customer_order").fetchall()
    assert "acme" in names
    assert len(names) == 3, "both warehouses and the supplier have sent something"
    assert len(shops) == 4


def test_a_demo_without_a_terminal_ends_in_a_summary_and_what_to_try_next() -> None:
    done = entrepot("demo", "--seconds", "2", timeout=PATIENCE)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "the judge, by the sandbox's own books" in done.stdout
    assert "try next" in done.stdout


def test_a_folder_that_is_in_use_is_not_kept_over(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    done = subprocess.run(
        [sys.executable, "-m", "daemon", "demo", "--keep", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == f"{tmp_path} is not empty: choose another folder for --keep"


@pytest.mark.parametrize(
    ("number", "phase"),
    [
        (signal.SIGINT, "business flows"),
        (signal.SIGTERM, "the daemon reads the catalogue"),
        (signal.SIGHUP, "the sandbox world is being built"),
    ],
    ids=["INT", "TERM", "HUP"],
)
def test_a_demo_that_is_stopped_leaves_nothing_running(
    number: signal.Signals, phase: str, tmp_path: Path
) -> None:
    keep = tmp_path / "kept"
    demo = subprocess.Popen(
        [sys.executable, "-m", "daemon", "demo", "--seconds", "120", "--keep", str(keep)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    assert demo.stderr is not None
    try:
        for line in demo.stderr:
            if phase in line:
                break
        demo.send_signal(number)
        said = demo.stderr.read()
        assert demo.wait(60) == 130
        assert "Traceback" not in said
        until("world and daemon are gone", lambda: not _of_session(demo.pid))
    finally:
        demo.stderr.close()
        for pid in _of_session(demo.pid):
            os.kill(pid, signal.SIGKILL)


def _of_session(session: int) -> list[int]:
    """The processes that a demo started, itself included."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session and fields[0] != "Z":
                    found.append(int(entry.name))
    return found
