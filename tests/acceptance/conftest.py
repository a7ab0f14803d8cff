"""The installed program as a person runs it: real subprocesses, a sandbox world, a folder of configuration."""

import json
import os
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
from typer.testing import CliRunner

from sync.cli.app import app
from sync.cli.demo.settings import write_folder
from sync.cli.office import FINDINGS
from sync.engine.clock import VARIABLE
from tests import canaries

ROOT = Path(__file__).parents[2]
PATIENCE = 100.0


def entrepot(
    *args: str, folder: Path | None = None, timeout: float = 170, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    more = ["--config", str(folder)] if folder is not None else []
    done = subprocess.run(
        [sys.executable, "-m", "daemon", *args, *more],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
        env=env,
    )
    canaries.in_output(args, done.stdout, done.stderr)
    return done


def glanced(*args: str, folder: Path) -> Any:
    """The JSON of a command that only looks, run in this process. Raises LookupError where it gives none.

    For what is looked at again and again: a start of the program costs a hundred times as much as the look.
    """
    done = CliRunner().invoke(app, [*args, "--json", "--config", str(folder)])
    canaries.in_output(args, done.stdout, done.stderr)
    if done.exit_code not in (0, FINDINGS) or not done.stdout:
        raise LookupError(done.stderr or f"it ended with {done.exit_code}: {done.exception!r}")
    return json.loads(done.stdout)


def until(what: str, true: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Wait for a fact; fail by its name where it does not come. What cannot be looked up yet is not true yet."""
    begun = time.monotonic()
    missing: LookupError | None = None
    while time.monotonic() - begun < patience:
        try:
            if found := true():
                return found
        except LookupError as error:
            missing = error
        time.sleep(0.4)
    raise AssertionError(f"this did not become true: {what}") from missing


@dataclass
class World:
    """A sandbox world in a process of its own, with a folder that fits it and daemons that tests start."""

    folder: Path
    ready: dict[str, Any]
    control: httpx.Client
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: list[IO[bytes]] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    """Variables that daemons and commands are given besides."""

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A command about this world's folder."""
        return entrepot(*args, folder=self.folder, env={**os.environ, **self.more})

    def glance(self, *args: str) -> Any:
        """A command's JSON, for what is waited for: no process is started for it."""
        return glanced(*args, folder=self.folder)

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
            env={**os.environ, **self.more},
        )
        self.daemons.append(daemon)
        until("the daemon is ready", lambda: self.ready_now(daemon))
        return daemon

    def ready_now(self, daemon: subprocess.Popen[bytes]) -> bool:
        """Whether /readyz says so."""
        assert daemon.poll() is None, self.log()
        address = self.metrics_address()
        return bool(address) and self.control.get(f"http://{address}/readyz").status_code == 200

    def metrics_address(self) -> str | None:
        """Where the daemon shows its metrics, as `status` tells it; None while it does not answer."""
        told: str | None = self.glance("status")["daemon"]["metrics"]
        return told

    def metrics(self) -> str:
        """The page of metrics."""
        address = until("the daemon tells where its metrics are", self.metrics_address)
        page = self.control.get(f"http://{address}/metrics").text
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
        with suppress(LookupError):
            return str(self.glance("orders", "show", number)["state"])
        return "absent"

    def keep_time(self) -> None:
        """What is started from now on has a clock that `later` sets forward, and the vendors' go with it."""
        self.more[VARIABLE] = str(self.folder / "clock")
        self.later(0)

    def later(self, seconds: float) -> None:
        """Let so much time have passed for the daemon and for the vendors."""
        path = Path(self.more[VARIABLE])
        now = seconds + (float(path.read_text("ascii")) if path.exists() else 0.0)
        fresh = path.with_name("clock.new")
        fresh.write_text(f"+{now}", encoding="ascii")
        fresh.replace(path)
        clocks = dict.fromkeys(self.control.get("/clocks").json(), now)
        self.control.put("/clocks", json=clocks).raise_for_status()


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
