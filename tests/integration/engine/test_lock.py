"""One daemon a database: the second is refused by name, and a dead one keeps nobody out."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.engine.control import daemon_pid
from sync.engine.lock import Lock, lock_path
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.settings_file import read_settings

ROOT = Path(__file__).parents[3]
HOLD = """
import sys
from pathlib import Path
from sync.engine.lock import Lock
from sync.engine.settings_file import read_settings
lock = Lock(read_settings(Path(sys.argv[1])))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder without accounts."""
    (tmp_path / "entrepot.yaml").write_text("timezone: UTC\naccounts: {}\n")
    return tmp_path


@pytest.fixture
def other(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == "held\n"
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()
    process.stdin.close()


def test_a_second_process_is_refused_and_told_the_pid_of_the_first(
    folder: Path, other: "subprocess.Popen[str]"
) -> None:
    settings = read_settings(folder)
    assert daemon_pid(settings) == other.pid
    with pytest.raises(StartRefused) as refused:
        Lock(settings).take()
    assert str(refused.value) == (
        f"a daemon already works on this database, pid {other.pid}: "
        "stop it first, or give this one a folder of its own"
    )
    assert refused.value.exit_code == 2


def test_a_killed_holder_keeps_nobody_out(folder: Path, other: "subprocess.Popen[str]") -> None:
    settings = read_settings(folder)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert daemon_pid(settings) is None, "its pid still stands in the file"
    lock = Lock(settings)
    lock.take()
    lock.release()


def test_a_lock_that_was_given_back_is_free_and_names_nobody(folder: Path) -> None:
    settings = read_settings(folder)
    lock = Lock(settings)
    lock.take()
    lock.release()
    lock.release()
    assert daemon_pid(settings) is None
    assert lock_path(settings).read_text() == ""


def test_the_lock_file_is_private(folder: Path) -> None:
    settings = read_settings(folder)
    lock = Lock(settings)
    lock.take()
    assert lock_path(settings).stat().st_mode & 0o777 == 0o600
    lock.release()


def test_who_only_looks_whether_a_daemon_runs_never_keeps_one_from_starting(folder: Path) -> None:
    settings = read_settings(folder)
    Lock(settings).path.parent.mkdir(parents=True, exist_ok=True)
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            daemon_pid(settings)

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(100):
            lock = Lock(settings)
            lock.take()
            lock.release()
    finally:
        over.set()
        for looker in lookers:
            looker.join()


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    (folder / "entrepot-data").write_text("a file where a folder should be")
    with pytest.raises(StartRefused) as refused:
        Lock(read_settings(folder)).take()
    place = folder / "entrepot-data"
    assert str(refused.value) == f"{place} cannot be written (File exists): check its owner, mode and disk"
    assert refused.value.exit_code == UNREACHABLE
