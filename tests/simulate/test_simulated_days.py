"""Simulated days keep every promise: a day, chosen among those that once broke one, and what is told of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import canaries
from tests.acceptance.conftest import ROOT
from tests.simulate.reporting import Report, errors_in
from tests.simulate.seeds import KEPT, Kept

pytestmark = pytest.mark.timeout(900)
NOTHING = {"oversold_units": 0, "lost_orders": 0, "duplicate_effects": 0}


def _simulated(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.simulate", *args]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=880)
    canaries.in_output(args, done.stdout, done.stderr)
    return done


def _kept(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a run told that kept every promise."""
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == 0, (told["broken"], told["verdict"]["lost"], told["verdict"]["duplicates"])
    assert {name: told["verdict"][name] for name in NOTHING} == NOTHING
    return told


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: f"seed {kept.seed}")
def test_days_that_once_broke_a_promise_keep_it_through_outage_restart_kill_and_mistake(
    kept: Kept, tmp_path: Path
) -> None:
    folder = tmp_path / "days"
    told = _kept(
        _simulated("--days", f"{kept.days:g}", "--seed", str(kept.seed), "--json", "--keep", str(folder))
    )
    assert told["orders"]["placed"] > 30 * kept.days
    assert told["orders"]["shipped"] > 25 * kept.days
    assert told["starts"] >= 3
    assert told["effects"]["purchase orders at the supplier"] > 0
    assert told["faults"]["outage"] > 0
    assert {"restart", "kill", "broken config edit", "outage"} <= set(told["events"])
    assert canaries.in_folder(folder) == []


def test_a_folder_that_is_in_use_is_not_kept_over(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    done = _simulated("--keep", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.strip() == f"{tmp_path} is not empty: choose another folder for --keep"


def test_a_broken_promise_names_the_command_that_runs_it_again() -> None:
    report = Report(3, 9, "postgresql", broken=["orders were lost"])
    assert report.last_line() == (
        "the promise is broken; run it again: python -m tests.simulate --days 3 --seed 9 --database postgresql"
    )


def test_a_kept_promise_is_told_in_one_line() -> None:
    report = Report(7, 1, "sqlite")
    report.judged(
        {
            "orders_placed": 612,
            "orders_shipped": 560,
            "orders_cancelled": 40,
            "orders_held": 9,
            "parcels_told": 580,
            "parcels_delivered": 540,
            "stock_pushes": 2000,
            "flow_share": 0.988,
            "broken": [],
            **NOTHING,
        }
    )
    assert Report(1, 2, "sqlite", verdict=report.verdict).last_line().startswith("1 day, seed 2: 612 orders")
    assert report.last_line() == "7 days, seed 1: 612 orders, 0 oversold, 0 lost, 0 doubled, 99 % shipped"


def test_errors_of_a_log_are_counted_by_what_they_say_and_a_traceback_by_itself(tmp_path: Path) -> None:
    log = tmp_path / "daemon.log"
    log.write_text(
        '{"level": "error", "event": "pass failed", "why": "KeyError"}\n'
        '{"level": "error", "event": "pass failed", "why": "KeyError"}\n'
        '{"level": "info", "event": "started"}\n'
        "Traceback (most recent call last):\n"
        '{"level": "error", "eve'
    )
    assert errors_in(log) == {"pass failed: KeyError": 2, "traceback": 1}
