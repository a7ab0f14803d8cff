"""What `check` says of the rules: what the files alone show, and what shows beside the stored data."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from config import Problem
from mappings.known import Facts, never_matched
from mappings.lint.unseen import unseen_rows
from sync.cli.advancing import bar
from sync.cli.office import reading
from sync.engine.clock import clock
from sync.engine.looking import looker
from sync.engine.refusals import StartRefused
from sync.engine.wiring import Configuration, read_configuration
from sync.flows.trying.knowing import learn

DAYS = 90
Line = dict[str, str | int]
"""level (finding, warning, note, unreachable), about, what; a place in a file beside them where there is one."""


def placed(level: str, problem: Problem) -> Line:
    """One line about a place in the mapping files."""
    line: Line = {"level": level, "about": "mappings", "what": str(problem)}
    return line | {"file": problem.file, "line": problem.line, "column": problem.column, "key": problem.key}


def of_files(configuration: Configuration) -> Iterator[Line]:
    """What the files alone show, and how much of them there is."""
    yield from (placed("finding", problem) for problem in configuration.rulebook.warnings)
    rules = configuration.rulebook.places
    files = sorted({place.file for place in rules.values() if not place.file.startswith("defaults/")})
    own = sum(1 for place in rules.values() if place.file in files)
    where = f"{own} named rules in {', '.join(files)}" if files else "no named rule but the defaults"
    yield {"level": "note", "about": "mappings", "what": f"read {configuration.settings.mappings}: {where}"}


async def of_stored(
    given: Path | None, configuration: Configuration, *, days: int, seconds: float, quiet: bool
) -> list[Line]:
    """What shows beside the stored data: names and rows that are about nothing, and rules that match nothing."""
    begun = time.monotonic()
    try:
        async with reading(given) as store:
            ctx = await looker(configuration, store, clock())
            with bar("orders and offers looked at", None, quiet=quiet) as step:
                facts = await learn(ctx, days=days, seconds=seconds, step=step)
    except StartRefused as error:
        return [{"level": "note", "about": "stored data", "what": f"not looked at: {error}"}]
    beside = read_configuration(configuration.folder, facts).rulebook.warnings
    fresh = [problem for problem in beside if problem not in set(configuration.rulebook.warnings)]
    took = time.monotonic() - begun
    return [
        *_all("finding", fresh),
        *_all("warning", unseen_rows(ctx.rulebook, facts)),
        *_all("warning", never_matched(ctx.rulebook, facts)),
        _looked_at(facts, took),
    ]


def _all(level: str, problems: Iterable[Problem]) -> list[Line]:
    return [placed(level, problem) for problem in problems]


def _looked_at(facts: Facts, took: float) -> Line:
    counts = [
        f"{'the newest ' if what in facts.newest_only else ''}{facts.looked_at.get(what, 0)} {what}"
        for what in ("orders", "parcels", "offers")
    ]
    said = f"tried the rules on {', '.join(counts)} (orders of the last {facts.days} days), in {took:.1f} s"
    return {"level": "note", "about": "stored data", "what": f"{said}; {len(facts.skus)} SKUs are known"}
