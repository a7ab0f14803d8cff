"""The installed program as a person runs it: real subprocesses, a sandbox world, a folder of configuration."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
import pytest

from sync.cli.demo.settings import write_folder
from tests import canaries

ROOT = Path(__file__).parents[2]
PATIENCE = 100.0


def entrepot(
    *args: str, folder: Path | None = None, timeout: float = 170
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    more = ["--config", str(folder)] if folder is not None else []
    done = subprocess.run(
        [sys.executable, "-m", "daemon", *args, *more],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
    )
    canaries.in_output(args, done.stdout, done.stderr)
    return done


def until(what: str, true: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait for a fact; fail by its name where it does not come. What cannot be looked up yet is not true yet."""
    begun = time.monotonic()
    while time.monotonic() - begun < patience:
        with suppress(LookupError):
            if found := true():
                return found
        time.sleep(0.4)
    raise AssertionError(f"this did not become true: {what}")


@dataclass
class World:
    """A sandbox world in a process of its own, with a folder that fits it and daemons that tests start."""

    folder: Path
    ready: dict[str, Any]
    control: httpx.Client
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: list[IO[bytes]] = field(default_factory=list)

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A command about this world's folder."""
        return entrepot(*args, folder=self.folder)

    def told(self, *args: str) -> Any:
        """A command's JSON."""
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the daemon, and wait until its accounts have started."""
        log = (self.folder / "daemon.log").open("ab")
        self.logs.append(log)
        daemon = subprocess.Popen(
            [sys.executable, "-m", "daemon", "run", "--config", str(self.folder)],
            stderr=log,
            stdout=log,
            cwd=ROOT,
        )
        self.daemons.append(daemon)
        until("the daemon is ready", lambda: self.ready_now(daemon))
        return daemon

    def ready_now(self, daemon: subprocess.Popen[bytes]) -> bool:
        """Whether /readyz says so."""
        assert daemon.poll() is None, self.log()
        address = self.metrics_address()
        return bool(address) and httpx.get(f"http://{address}/readyz").status_code == 200

    def metrics_address(self) -> str | None:
        """Where the daemon shows its metrics, as `status` tells it; None while it does not answer."""
        done = self.run("status", "--json")
        return json.loads(done.stdout)["daemon"]["metrics"] if done.returncode == 0 else None

    def metrics(self) -> str:
        """The page of metrics."""
        address = until("the daemon tells where its metrics are", self.metrics_address)
        page = httpx.get(f"http://{address}/metrics").text
        assert canaries.in_text("the page of metrics", page) == []
        return page

    def log(self) -> str:
        """Everything that the daemons wrote."""
        return (self.folder / "daemon.log").read_text("utf-8")

    def stop(self, daemon: subprocess.Popen[bytes]) -> int:
        """Stop it as a service manager does."""
        daemon.send_signal(signal.SIGTERM)
        return daemon.wait(60)

    def act(self, path: str, **body: Any) -> Any:
        """Pull a lever of the world."""
        answer = self.control.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def books(self) -> Any:
        """Every system's own books."""
        return self.control.get("/books").json()

    def saleable(self, shop: str, sku: str) -> int:
        """What a shop would sell of a SKU, by its own books."""
        return int(next(v["saleable"] for v in self.books()["shops"][shop]["variants"] if v["sku"] == sku))

    def state(self, number: str) -> str:
        """Our state of an order, `absent` while it is not pulled."""
        done = self.run("orders", "show", number, "--json")
        return str(json.loads(done.stdout)["state"]) if done.returncode == 0 else "absent"


W = TypeVar("W", bound=World)


@contextmanager
def a_world(folder: Path, *more: str, accounts: Collection[str] = (), kind: type[W] = World) -> Iterator[W]:  # type: ignore[assignment]
    """Start a sandbox world and write the folder that fits it; both it and its daemons end with the context.

    `more` goes to `sandbox serve`; `accounts` are those that the folder has, all where none is named.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--quiet-start", "--small", *more],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    if accounts:
        ready["accounts"] = {name: ready["accounts"][name] for name in accounts}
    folder.mkdir()
    write_folder(folder, ready)
    with httpx.Client(base_url=ready["control"], timeout=30) as control:
        made = kind(folder, ready, control)
        try:
            yield made
            if any(daemon.poll() is None for daemon in made.daemons):
                made.metrics()
        finally:
            for daemon in made.daemons:
                if daemon.poll() is None:
                    daemon.kill()
                    daemon.wait()
            for log in made.logs:
                log.close()
            process.terminate()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
    assert canaries.in_folder(folder) == []


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "house") as made:
        yield made
