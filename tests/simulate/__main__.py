"""`python -m tests.simulate --days 7 --seed 1`: days of business in minutes; the last line is the verdict.

The exit code is 0 where every promise was kept, 1 where one was broken, 3 where the days could not be played.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from tests.databases.servers import MISSING, find
from tests.simulate.program import ProgramFailed
from tests.simulate.reporting import Report
from tests.simulate.simulation import Progress, Simulation, Wishes
from tests.simulate.world import WorldGone

err = Console(stderr=True)


def main() -> int:
    """Play the days and say what came of them."""
    asked = _arguments()
    for number in (signal.SIGTERM, signal.SIGHUP):  # whatever ends the simulator ends its processes too
        signal.signal(number, signal.default_int_handler)
    folder = _folder(asked.keep)
    try:
        with _database(asked.database) as url, _bar(lively=err.is_terminal and not asked.json) as show:
            report = asyncio.run(_play(Wishes(asked.days, asked.seed, folder, url), show))
    except (WorldGone, ProgramFailed) as gone:
        print(f"the days could not be played: {gone}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    finally:
        if asked.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    _tell(report, asked.json)
    return 0 if report.passed else 1


async def _play(wishes: Wishes, show: Callable[[Progress], None]) -> Report:
    async with Simulation(wishes, show) as simulation:
        return await simulation.run()


def _tell(report: Report, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.plain(), indent=2, default=str))
        return
    console = Console()
    for table in report.tables():
        console.print(table)
        console.print()
    for broken in report.broken:
        print(f"broken: {broken}")
    for name in report.verdict.get("lost", []):
        print(f"lost: {name}")
    for doubled in report.verdict.get("duplicates", []):
        print(f"doubled: {doubled['what']}, {doubled['where']}")
    print(report.last_line())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulate", description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=float, default=7.0, help="how many days; half a day is 0.5")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--json", action="store_true", help="everything as one JSON document")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the daemon's folder here, to look around in"
    )
    return parser.parse_args()


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="entrepot-days-"))
    if keep.exists() and any(keep.iterdir()):
        print(f"{keep} is not empty: choose another folder for --keep", file=sys.stderr)
        raise SystemExit(2)
    keep.mkdir(parents=True, exist_ok=True)
    return keep.resolve()


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database that is gone afterwards; None for SQLite."""
    if kind == "sqlite":
        yield None
        return
    server = find()
    if server is None:
        print(MISSING, file=sys.stderr)
        raise SystemExit(3)
    try:
        name = server.make()
        try:
            yield server.url(name)
        finally:
            server.drop(name)
    finally:
        server.close()


@contextmanager
def _bar(*, lively: bool) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal; everywhere a line for each day."""
    if not lively:
        yield lambda progress: print(progress.said, file=sys.stderr, flush=True) if progress.said else None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("simulated days", total=1.0)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.done)
            if progress.said:
                bar.console.print(progress.said, markup=False)

        yield show


if __name__ == "__main__":
    sys.exit(main())
