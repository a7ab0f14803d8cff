"""The command; see the package. The last line is `N kill points, N failed`; exit 1 where any failed."""

import argparse
import asyncio
import json
import sys
from contextlib import aclosing
from pathlib import Path

from tests.crash.harness import Harness, Missing, Result, room
from tests.crash.planning import area, plan
from tests.crash.steps import POSTGRESQL, SQLITE

UNREACHABLE, INTERRUPTED = 3, 130


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what the points are chosen by")
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--database", choices=[SQLITE, POSTGRESQL, "mixed"], default="mixed")
    parser.add_argument("--at-once", type=int, default=2, help="runs side by side")
    parser.add_argument("--json", action="store_true", help="a JSON object a point; the last line stays text")
    return parser.parse_args(given)


def told(result: Result, number: int, wanted: argparse.Namespace) -> str:
    """The line of one point."""
    (point,) = result.points
    ran = result.ran
    if wanted.json:
        return json.dumps(
            {
                **point.plain(),
                "area": area(point.step.operation),
                "failed": result.failed,
                "broken": ran.broken,
                "seconds": round(ran.seconds, 1),
            }
        )
    verdict = "FAILED" if result.failed else "ok    "
    line = (
        f"{number:3d}/{wanted.points} {verdict} {area(point.step.operation)}: {point} ({ran.seconds:.0f} s)"
    )
    if result.failed:
        line += "".join(f"\n      {one}" for one in ran.broken) + f"\n      kept: {result.folder}"
    return line


async def work(wanted: argparse.Namespace, root: Path) -> int:
    """Plan, run, tell. Returns how many failed."""
    harness = Harness(root, wanted.at_once)
    failed = number = 0
    try:
        if wanted.database != SQLITE:
            harness.need_postgresql()
        points = plan(await harness.steps(), wanted.points, wanted.seed, wanted.database)
        async with aclosing(harness.all(points)) as results:
            async for result in results:
                number += 1
                failed += result.failed
                print(told(result, number, wanted), flush=True)
    finally:
        harness.close()
    print(f"{number} kill points, {failed} failed", flush=True)
    return failed


def main() -> int:
    """Run the command; gives the exit code."""
    wanted = arguments()
    try:
        with room() as root:
            failed = asyncio.run(work(wanted, root))
    except Missing as missing:
        print(missing, file=sys.stderr)
        return UNREACHABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
