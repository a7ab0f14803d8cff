"""Debian's Chromium without a window, driven over a pipe by its own DevTools protocol, as wide as a phone.

Commands and events are JSON between zero bytes on two file descriptors, so that no port is open and no package needed.
"""

import contextlib
import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tests.peers.systems.process import Folder, environment, keep

MISSING = "Chromium is not here: make tools, or apt-get install chromium"
SECONDS = 90.0
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe"),
)
_TRAMPOLINE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_HIGH = 10
"""The pipe's ends come to lie at 3 and 4: they begin above, so that neither is overwritten."""
_WIDEST = """
(() => {
  const all = [document.documentElement, ...document.body.querySelectorAll('*')];
  return Math.max(document.documentElement.scrollWidth, ...all.map(one => one.getBoundingClientRect().right));
})()
"""
_MIDDLE = """
(() => {
  const one = document.querySelector(%s);
  one.scrollIntoView({block: 'center'});
  const box = one.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
})()
"""


class PageFailed(Exception):
    """The browser ended, did not answer in time, or refused a command."""


def program() -> str | None:
    """Where it is; None where it is not installed."""
    return shutil.which("chromium")


class Chromium:
    """One browser with one page, in a folder of its own that is gone afterwards."""

    def __init__(self, path: str) -> None:
        self._folder = Folder("chromium")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, _HIGH) for fd in (theirs_in, theirs_out)]
        argv = [path, *_FLAGS, f"--user-data-dir={self._folder.path}", "about:blank"]
        with (self._folder.path / "chromium.log").open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-S", "-c", _TRAMPOLINE, *map(str, theirs), *argv],
                env=environment({"HOME": str(self._folder.path)}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=theirs,
                start_new_session=True,
            )
        keep(self._child.pid)
        for fd in (theirs_in, theirs_out, *theirs):
            os.close(fd)
        self._in, self._out = ours_in, ours_out
        self._n = itertools.count(1)
        self._rest = b""
        self._status = 0
        self._loaded = False
        self._session: str | None = None

    def __enter__(self) -> Self:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._session = str(session)
        for name in ("Page.enable", "Network.enable"):
            self.call(name)
        self.call("Emulation.setDeviceMetricsOverride", **PHONE)
        return self

    def __exit__(self, *failure: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        keep(self._child.pid, done=True)
        for fd in (self._in, self._out):
            os.close(fd)
        self._folder.remove()

    # -- what a person does

    def open(self, url: str) -> int:
        """Go to an address; the status of what came."""
        self._begin()
        error = self.call("Page.navigate", url=url).get("errorText")
        if error:
            raise PageFailed(f"{url}: {error}")
        return self._arrived()

    def press(self, selector: str) -> int:
        """Press what is there, with a finger's aim; the status of the page that follows."""
        self._begin()
        x, y = self.value(_MIDDLE % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        return self._arrived()

    def write(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.value(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    @property
    def text(self) -> str:
        """What can be read on the page."""
        return str(self.value("document.body.innerText"))

    @property
    def widest(self) -> float:
        """How far right anything on the page reaches, in CSS pixels."""
        return float(self.value(_WIDEST))

    def value(self, expression: str) -> Any:
        """What a script in the page comes to."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in told:
            raise PageFailed(str(told["exceptionDetails"])[:500])
        return told["result"].get("value")

    # -- the pipe

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer; events on the way are noted."""
        number = next(self._n)
        body: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session is not None:
            body["sessionId"] = self._session
        os.write(self._out, json.dumps(body).encode() + b"\0")
        for told in self._messages():
            if told.get("id") == number:
                if "error" in told:
                    raise PageFailed(f"{method}: {told['error']}")
                found: dict[str, Any] = told["result"]
                return found
        raise PageFailed(f"{method}: no answer\n{self._log()}")

    def _begin(self) -> None:
        self._status, self._loaded = 0, False

    def _arrived(self) -> int:
        for _ in self._messages():
            if self._loaded and self._status:
                return self._status
        raise PageFailed(f"no page came\n{self._log()}")

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Whatever comes until the time is over."""
        limit = time.monotonic() + SECONDS
        while True:
            while b"\0" in self._rest:
                one, _, self._rest = self._rest.partition(b"\0")
                told: dict[str, Any] = json.loads(one)
                self._note(told)
                yield told
            left = limit - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                return
            part = os.read(self._in, 65_536)
            if not part:
                return
            self._rest += part

    def _note(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        if told.get("method") == "Network.responseReceived" and params["type"] == "Document":
            self._status = int(params["response"]["status"])
        if told.get("method") == "Page.loadEventFired":
            self._loaded = True

    def _log(self) -> str:
        return (Path(self._folder.path) / "chromium.log").read_text(errors="replace")[-2000:]
