"""The daemon as a process of its own: its signals, and a machine that has no room left or may not be written."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.engine.control import daemon_pid
from sync.engine.settings_file import read_settings
from tests.acceptance.conftest import World, a_world, until

pytestmark = pytest.mark.usefixtures("no_key_outside")
ROOT = Path(__file__).parents[3]
RUN = (sys.executable, "-m", "daemon", "run", "--config")
MOUNTED = 'mount -t tmpfs -o size=16m tmpfs "$0" && cp "$1" "$0/keys" && chmod 600 "$0/keys" && '
"""In a mount namespace of its own: the data folder is a small disk, with the key on it."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "house") as made:
        yield made


@pytest.fixture
def small_disk(world: World, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts the daemon with its data on a disk of 16 MB, after one more shell command about it ("$0")."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode != 0:
        if os.environ.get("CI"):
            pytest.fail("this machine lets nobody make a mount namespace (unshare -rm)")
        pytest.skip("this machine lets nobody make a mount namespace (unshare -rm)")
    data = world.folder / "entrepot-data"
    key = Path(shutil.copy(data / "keys", tmp_path / "the-key"))

    def start(more: str = "") -> subprocess.Popen[bytes]:
        log = (world.folder / "daemon.log").open("ab")
        world.logs.append(log)
        script = f'{MOUNTED} {more} shift 1 && exec "$@"'
        command = ["unshare", "-rm", "sh", "-c", script, str(data), str(key), *RUN, str(world.folder)]
        daemon = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        world.daemons.append(daemon)
        return daemon

    yield start


def lines(world: World, event: str) -> list[dict[str, Any]]:
    """The log lines of one event."""
    return [line for line in every(world) if line["event"] == event]


def every(world: World) -> list[dict[str, Any]]:
    """All log lines."""
    return [json.loads(line) for line in world.log().splitlines() if line.startswith("{")]


def stuck(world: World) -> set[str]:
    """The keys that run at three looks, some seconds from first to last: those that wait for a vendor."""
    looks = []
    for _ in range(3):
        time.sleep(1.5)
        looks.append(set(world.glance("status")["daemon"]["keys"]))
    return set.intersection(*looks)


def test_a_stop_by_a_signal_says_nothing_bad(world: World) -> None:
    daemon = world.start()
    assert world.stop(daemon) == 0
    assert [line["event"] for line in every(world)][-1] == "stopped"
    assert [line for line in every(world) if line["level"] in ("error", "critical")] == []
    assert "Traceback" not in world.log()


def test_a_hang_up_reads_the_files_again_though_they_look_the_same_and_keeps_the_last_good_ones(
    world: World,
) -> None:
    daemon = world.start()
    assert lines(world, "configuration taken over") == []
    daemon.send_signal(signal.SIGHUP)
    until("the files are read", lambda: len(lines(world, "configuration taken over")) == 1)
    (world.folder / "mappings" / "weights.yaml").write_text("weights: {default: heavy}\n")
    daemon.send_signal(signal.SIGHUP)
    until(
        "it is refused",
        lambda: lines(world, "configuration refused; the last good one stays in force"),
    )
    assert world.told("status")["daemon"]["running"] is True
    assert world.stop(daemon) == 0


def test_a_second_signal_stops_it_at_once_and_the_next_one_can_start(world: World) -> None:
    daemon = world.start()
    gates = world.control.get("/faults").json()
    slow = {gate: [{"kind": "delay", "rate": 1, "seconds": 50}] for gate in gates}
    world.control.put("/faults", json=slow).raise_for_status()
    until("passes wait for an answer", lambda: stuck(world))
    daemon.send_signal(signal.SIGTERM)
    until("it lets them end", lambda: lines(world, "stopping: passes that run may end"))
    assert daemon.poll() is None
    daemon.send_signal(signal.SIGTERM)
    assert daemon.wait(30) == 130
    assert lines(world, "stopped at once; what was being sent is looked up at the next start")
    assert daemon_pid(read_settings(world.folder)) is None
    world.control.put("/faults", json={gate: [] for gate in gates}).raise_for_status()
    assert world.stop(world.start()) == 0


def test_a_disk_that_fills_up_is_told_once_and_work_goes_on_when_there_is_room(
    world: World, small_disk: Callable[..., subprocess.Popen[bytes]]
) -> None:
    daemon = small_disk()
    until("it is ready", lambda: ready(world))
    disk = Path(f"/proc/{daemon.pid}/root{world.folder}/entrepot-data")
    fill(disk / "filling")
    out = until("the full disk is told", lambda: somebody_buys(world) and out_of(world))[0]
    database = world.folder / "entrepot-data" / "entrepot.sqlite3"
    assert out["why"] == (
        f"the disk is full: free some space for {database}; nothing is lost, work goes on by itself then"
    )
    until("one flow has failed three times", lambda: failures(world) >= 3)
    assert daemon.poll() is None
    (disk / "filling").unlink()
    until("work goes on", lambda: told_of_the_database(world)[-1] == "back")
    assert world.stop(daemon) == 0
    told = told_of_the_database(world)
    assert told == ["out", "back"] * (len(told) // 2), "a write that still found room ends an outage, too"
    full = [line["event"] for line in every(world) if "the disk is full" in str(line)]
    assert full == ["out"] * (len(told) // 2), "nothing else says it"


def test_a_change_of_the_files_that_met_a_full_disk_rules_when_there_is_room(
    world: World, small_disk: Callable[..., subprocess.Popen[bytes]]
) -> None:
    daemon = small_disk()
    until("it is ready", lambda: ready(world))
    disk = Path(f"/proc/{daemon.pid}/root{world.folder}/entrepot-data")
    fill(disk / "filling")
    until("the full disk is told", lambda: somebody_buys(world) and out_of(world))
    (world.folder / "mappings" / "stock.yaml").write_text("stock:\n  buffer: {units: 1}\n")
    answer = asked(disk, "reload")
    assert answer["why"].startswith("the disk is full: free some space for ")
    assert lines(world, "configuration taken over") == []
    (disk / "filling").unlink()
    until("the change rules", lambda: lines(world, "configuration taken over"))
    assert world.stop(daemon) == 0


def test_a_disk_that_may_not_be_written_is_told_at_the_start(
    world: World, small_disk: Callable[..., subprocess.Popen[bytes]]
) -> None:
    daemon = small_disk('mount -o remount,ro "$0" &&')
    assert daemon.wait(60) == 3
    data = world.folder / "entrepot-data"
    assert world.log().strip() == (
        f"{data} cannot be written (Read-only file system): check its owner, mode and disk"
    )


def somebody_buys(world: World) -> bool:
    """What is written in a quiet hour may find room in a log that was long before; a new order needs more."""
    lines = [{"sku": "TEE-01", "quantity": 1}]
    world.control.post("/buy", json={"shop": "main", "lines": lines}).raise_for_status()
    return True


def asked(disk: Path, command: str) -> dict[str, Any]:
    """What the daemon answers on the socket that lies on its own disk."""
    folder = os.open(disk, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(60)
            line.connect(f"/proc/self/fd/{folder}/entrepot.sqlite3.sock")
            line.sendall(json.dumps({"command": command}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(line.makefile().readline())
            return answer
    finally:
        os.close(folder)


def listener(world: World, path: str) -> httpx.Response:
    """Ask the address that the daemon's first line names."""
    (started,) = lines(world, "started")
    return httpx.get(f"http://{started['listen']}{path}")


def ready(world: World) -> bool:
    """Whether it works on every account."""
    return bool(lines(world, "started")) and listener(world, "/readyz").status_code == 200


def failures(world: World) -> float:
    """How many passes of the flow that failed most have failed, by the daemon's metrics."""
    page = listener(world, "/metrics").text
    rows = [row for row in page.splitlines() if row.startswith("entrepot_passes_total{")]
    return max((float(row.rpartition(" ")[2]) for row in rows if 'outcome="failed"' in row), default=0)


def told_of_the_database(world: World) -> list[str]:
    """`out` and `back`, in their order."""
    return [line["event"] for line in every(world) if line.get("what") == "database"]


def out_of(world: World) -> list[dict[str, Any]]:
    """The lines that say that the database cannot be written."""
    return [line for line in lines(world, "out") if line["what"] == "database"]


def fill(file: Path) -> None:
    """Leave no room beside this file."""
    with file.open("wb", buffering=0) as stream:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    stream.write(b"\0" * size)
            except OSError:
                continue
