"""`python -m bench [NAME …] [--json] [--scale 0.01] [--database sqlite|postgresql|both] [--all]`.

Exit codes: 0 measured, whether or not the goal was met; 1 the result of what was measured was wrong; 2 bad
input; 3 something that it needs is not here.
"""

import argparse
import json
import shlex
import signal
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from bench import machine
from bench.postgresql import PostgresqlMissing
from bench.process import ProgramFailed
from bench.register import KNOWN, Databases, Wish, find, names
from bench.report import Report, figures_table, goals_table

WRONG, BAD_INPUT, ABSENT = 1, 2, 3
WIDTH = 150


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for, one after another; the last line of each is its figure."""
    given = list(sys.argv[1:] if argv is None else argv)
    wanted = _parser().parse_args(given)
    chosen = list(names()) if wanted.all else wanted.names
    if not chosen:
        _list()
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # servers and folders go too
    wish = Wish(wanted.scale, Databases(wanted.database), peers=not wanted.no_peers)
    command = shlex.join(["python", "-m", "bench", *given])
    return max(_one(name, wish, command, as_json=wanted.json) for name in chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Without a name: what there is.")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="all of them, one after another")
    parser.add_argument("--json", action="store_true", help="one JSON object for each")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the stated sizes, such as 0.01")
    parser.add_argument("--database", choices=[each.value for each in Databases], default="both")
    parser.add_argument("--no-peers", action="store_true", help="leave the peer out")
    return parser


def _list() -> None:
    for name in names():
        print(f"{name:9} {KNOWN[name]}")


def _one(name: str, wish: Wish, command: str, *, as_json: bool) -> int:
    try:
        measure = find(name)
    except LookupError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    before = machine.facts(None)
    try:
        report = measure(wish)
    except PostgresqlMissing as error:
        print(f"{name}: {error}", file=sys.stderr)
        return ABSENT
    except ProgramFailed as error:
        print(f"{name}: {error}", file=sys.stderr)
        return WRONG
    known = {**before, "postgresql": report.postgresql}
    if as_json:
        print(json.dumps(report.as_json(known, command)))
    else:
        _show(report, known, command)
    return WRONG if report.faults else 0


def _show(report: Report, known: dict[str, Any], command: str) -> None:
    console = Console(width=WIDTH, highlight=False, markup=False)
    console.print(f"$ {command}")
    console.print(machine.told(known))
    console.print(report.setting)
    console.print(figures_table(report))
    console.print(goals_table(report))
    for heading, lines in (("verified", report.verified), ("note", report.notes), ("WRONG", report.faults)):
        for line in lines:
            console.print(f"{heading}: {line}")
    console.print(report.last_line)


if __name__ == "__main__":
    sys.exit(main())
