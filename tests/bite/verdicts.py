"""Run named tests in a copy, and say of each whether it passed, failed by its own statement, or broke.

A test bites only by failing: an assertion that does not hold, or an error of our own that it did not expect.
One that cannot be collected, whose fixtures break, that hangs, or that meets a name which is not there says
nothing about the law.
"""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from tests.bite.scratch import Scratch, said

_SENSELESS = (
    *("ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError"),
    *("NameError", "UnboundLocalError", "AttributeError", "TypeError", "Failed: Timeout"),
)


class Verdict(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    BROKE = "broke"
    SKIPPED = "skipped"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Ended:
    """One named test. Of several cases the one that failed counts; `why` is its first line."""

    test: str
    verdict: Verdict
    why: str = ""


async def run(copy: Scratch, tests: list[str], workers: int = 0) -> tuple[list[Ended], str]:
    """How each of these node ids ended, and what pytest wrote."""
    report = copy.place.parent / f"{copy.place.name}.xml"
    report.unlink(missing_ok=True)
    options = ["-q", "--no-header", f"--junitxml={report}"]
    options += [
        f"--basetemp={copy.place.parent / copy.place.name}-tmp",
        "-n",
        str(workers),
        "--dist",
        "loadscope",
    ]
    _, text = await said(copy.place, *_pytest(options, tests), env=copy.env)
    cases = _cases(report) if report.exists() else {}
    return [_ended(test, cases) for test in tests], text


def _pytest(options: list[str], tests: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *options, *tests]


def _cases(report: Path) -> dict[str, list[Ended]]:
    """What pytest reported, by node id without the case's parameters."""
    found: dict[str, list[Ended]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '')}"
        found.setdefault(name.partition("[")[0], []).append(_of(name, case))
    return found


def _of(name: str, case: ElementTree.Element) -> Ended:
    failure, error = case.find("failure"), case.find("error")
    if failure is not None:
        why = (failure.get("message") or "").strip().splitlines()
        first = why[0] if why else ""
        senseless = first.startswith(_SENSELESS)
        return Ended(name, Verdict.BROKE if senseless else Verdict.FAILED, first)
    if error is not None:
        return Ended(name, Verdict.BROKE, (error.get("message") or "").strip().partition("\n")[0])
    skipped = case.find("skipped") is not None
    return Ended(name, Verdict.SKIPPED if skipped else Verdict.PASSED)


def _ended(test: str, cases: dict[str, list[Ended]]) -> Ended:
    """A name with parameters is that one case, one without stands for all of its cases."""
    every = cases.get(test.partition("[")[0], [])
    mine = [case for case in every if case.test == test] if "[" in test else every
    for verdict in (Verdict.FAILED, Verdict.BROKE, Verdict.PASSED, Verdict.SKIPPED):
        for case in mine:
            if case.verdict is verdict:
                return Ended(test, verdict, case.why)
    return Ended(test, Verdict.ABSENT, "pytest did not run it")
