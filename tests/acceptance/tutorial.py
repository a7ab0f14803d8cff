"""The tutorial page as a program: its blocks in order, and a terminal in which they are run.

A ```console block holds commands behind `$ ` (with `> ` before each further line) and what they print; a ```yaml
block begins with a comment that names its file. In what is printed `…` is any text, a line of `…` alone any lines.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial" / "two-shops.md"
PATIENCE = 150.0
_BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ASIDE = "# in a second terminal\n"
_FILE = "# file: "
_LOOKS = re.compile(
    r"entrepot (status|plan|explain|check|issues|orders list|replay|approve$)|curl \S+ \S+books"
)
"""Commands that only look: they are typed again until they say what the page says."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page has its reader write."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A command with what the page says that it prints; `aside`: in a terminal of its own."""

    command: str
    printed: str
    aside: bool = False

    @property
    def only_looks(self) -> bool:
        """Whether it may be typed again."""
        return _LOOKS.search(self.command) is not None


def steps(page: str) -> Iterator[File | Typed]:
    """Everything that the page asks for, in its order."""
    for kind, text in _BLOCK.findall(page):
        if kind == "yaml":
            head, _, _ = text.partition("\n")
            assert head.startswith(_FILE), f"this block does not say which file it is: {head}"
            yield File(head.removeprefix(_FILE), text)
        else:
            yield from _commands(text.removeprefix(_ASIDE), aside=text.startswith(_ASIDE))


def _commands(text: str, *, aside: bool) -> Iterator[Typed]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        end = next((n for n, line in enumerate(lines[1:], 1) if not line.startswith(">")), len(lines))
        more = [line.removeprefix(">").removeprefix(" ") for line in lines[1:end]]
        yield Typed("\n".join([lines[0], *more]), "\n".join(lines[end:]), aside)


def says(printed: str, shown: str) -> bool:
    """Whether a command printed what the page shows. Runs of blanks are one, as columns differ in width."""
    pattern = "".join(_line(line) for line in _plain(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _plain(printed))) is not None


def _plain(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.strip().splitlines()]


def _line(shown: str) -> str:
    if shown == "…":
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in shown.split("…")) + "\n"


class Terminal:
    """One bash for the whole page, so that what is exported and started stays."""

    def __init__(self, folder: Path) -> None:
        programs = folder / "programs"
        programs.mkdir()
        shim = programs / "entrepot"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m daemon "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
        path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.folder = folder
        self.env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "140"}
        self.env.pop("ENTREPOT_CONFIG", None)
        self._bash = self._opened("--norc")
        self._asides: list[subprocess.Popen[str]] = []

    def type(self, command: str) -> str:
        """Run a command in it; what it printed."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        end = f"end-of-{time.monotonic_ns()}"
        self._bash.stdin.write(f"{command}\necho; echo {end}\n")
        self._bash.stdin.flush()
        printed: list[str] = []
        for line in self._bash.stdout:
            if line.rstrip("\n") == end:
                return "".join(printed)
            printed.append(line)
        raise AssertionError(f"the terminal ended with {command}: {''.join(printed)}")

    def aside(self, command: str) -> None:
        """Start a command in a terminal of its own, and wait for its first line."""
        where = self.type("pwd").strip()
        other = self._opened("-c", command, cwd=where)
        self._asides.append(other)
        assert other.stdout is not None
        assert other.stdout.readline()

    def close(self) -> None:
        """End everything that was started in it."""
        with suppress(BrokenPipeError, AssertionError):
            self.type("jobs -p | xargs -r kill; wait")
        for one in (self._bash, *self._asides):
            assert one.stdin is not None
            with suppress(BrokenPipeError):
                one.stdin.close()
            one.wait(60)
            if one.stdout is not None:
                one.stdout.close()

    def _opened(self, *args: str, cwd: str | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=cwd or self.folder,
            env=self.env,
        )


@contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    """A terminal in an empty folder."""
    made = Terminal(folder)
    try:
        yield made
    finally:
        made.close()


def follow(page: str, at: Terminal, seen: Callable[[Typed, str], None] = lambda typed, printed: None) -> None:
    """Do what the page asks for; fail at the first command that does not print what the page shows.

    `seen` is told of each command and of what it printed.
    """
    for step in steps(page):
        if isinstance(step, File):
            path = Path(at.type("pwd").strip()) / step.path
            path.write_text(step.text, encoding="utf-8")
        elif step.aside:
            at.aside(step.command)
        else:
            seen(step, _run(step, at))


def _run(step: Typed, at: Terminal) -> str:
    printed, begun = at.type(step.command), time.monotonic()
    while step.only_looks and not says(printed, step.printed) and time.monotonic() - begun < PATIENCE:
        time.sleep(1)
        printed = at.type(step.command)
    message = f"$ {step.command}\nprinted:\n{printed}\nand the page shows:\n{step.printed}"
    assert says(printed, step.printed), message
    return printed
