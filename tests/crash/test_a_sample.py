"""A few of the harness's points, by seed, with the real daemon: `make crash` runs them by the hundred.

To save time several points share a run: the daemon dies at each of them in turn.
"""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from tests.crash.harness import Harness, Missing, Result, room
from tests.crash.planning import area, plan, steady
from tests.crash.steps import POSTGRESQL, SQLITE, Cut, Point, Step
from tests.databases.servers import refuse_or_skip

SEED = 3
NEVER = Point(Step("commit: outbox refund done", "plain", 1), Cut.AFTER_COMMIT)
pytestmark = pytest.mark.timeout(1500)


def _sampled(steps: Sequence[Step]) -> tuple[list[Point], list[Point]]:
    """Four points for SQLite, one of them with a second death, and three for PostgreSQL.

    All of other orders and of other operations: one commit may concern several orders, and has one death to give. The
    way back has two points, at least.
    """
    first = [step for step in steps if step.n == 1]
    calls: list[Point] = []
    commits: list[Point] = []
    taken: set[str] = set()
    planned = plan(first, len(first), SEED, SQLITE)
    for point in sorted(planned, key=lambda point: area(point.step.operation) != "way back"):
        mine = commits if point.cut.commits else calls
        back = area(point.step.operation) == "way back"
        most = 1 if back else (4 if mine is commits else 3)
        if not taken & {point.step.key, point.step.operation} and not point.again and len(mine) < most:
            mine.append(point)
            taken |= {point.step.key, point.step.operation}
    twice = [replace(point, again=point is calls[0]) for point in (*calls[:2], *commits[:2])]
    return twice, [replace(point, database=POSTGRESQL) for point in (*calls[2:], *commits[2:])]


@pytest.fixture
def harness() -> Iterator[Harness]:
    """Room for runs; PostgreSQL is here or started."""
    with room() as root:
        made = Harness(root)
        try:
            made.need_postgresql()
            yield made
        except Missing:
            refuse_or_skip()
        finally:
            made.close()


async def test_a_daemon_that_is_killed_again_and_again_loses_doubles_and_oversells_nothing(
    harness: Harness,
) -> None:
    """A point that is never reached is told as a failure, and nothing else is wrong with that run."""
    calm = await harness.one(SQLITE, [NEVER])
    assert (calm.ran.broken, calm.ran.unreached) == ([f"not reached: {NEVER}"], True), calm.folder
    shutil.rmtree(calm.folder)
    results = await _killed(harness, [calm.ran.steps])
    points = [point for result in results for point in result.points]
    assert [result.ran.broken for result in results] == [[], []], [str(point) for point in points]
    assert sum(result.ran.kills for result in results) == len(points) + 1


async def _killed(harness: Harness, seen: list[list[Step]]) -> list[Result]:
    """A run on each database. Where a step was needless this time, and that alone, others are planned: twice at most.

    One calm run cannot tell which steps another one has, too: on a slow machine a label is there before the return is
    announced, and its number need not be added.
    """
    for _ in range(2):
        results = await _both(harness, seen)
        missed = [result for result in results if result.ran.unreached]
        if not missed:
            return results
        seen += [result.ran.steps for result in missed]
        for result in missed:
            shutil.rmtree(result.folder)
    return await _both(harness, seen)


async def _both(harness: Harness, seen: list[list[Step]]) -> list[Result]:
    on_sqlite, on_postgresql = _sampled(steady(seen))
    return list(await asyncio.gather(harness.one(SQLITE, on_sqlite), harness.one(POSTGRESQL, on_postgresql)))
