"""What the command prints of a point."""

import json
from pathlib import Path

from tests.crash.__main__ import arguments, told
from tests.crash.harness import Result
from tests.crash.running import Ran
from tests.crash.steps import POSTGRESQL, Cut, Point, Step

POINT = Point(Step("commit: outbox book sending", "two parcels", 2), Cut.AFTER_COMMIT, POSTGRESQL, again=True)
FINE = Result([POINT], Ran(kills=2, seconds=12.34), Path("runs/004"))
BAD = Result([POINT], Ran(broken=["lost: main/A", "oversold: TEE-01 by 2"], kills=2), Path("runs/004"))


def test_a_point_is_one_line_that_says_where_the_daemon_died() -> None:
    line = told(FINE, 4, arguments(["--points", "20"]))
    assert line == (
        "  4/20 ok     label: after the commit: commit: outbox book sending · two parcels · 2, "
        "again while recovering, postgresql (12 s)"
    )


def test_a_failed_point_names_every_broken_promise_and_where_its_logs_are() -> None:
    lines = told(BAD, 4, arguments([])).splitlines()
    assert lines[0].startswith("  4/100 FAILED label: after the commit")
    assert [line.strip() for line in lines[1:]] == ["lost: main/A", "oversold: TEE-01 by 2", "kept: runs/004"]


def test_json_has_the_step_the_cut_and_what_was_broken() -> None:
    plain = json.loads(told(BAD, 4, arguments(["--json"])))
    assert plain["step"] == {"operation": "commit: outbox book sending", "key": "two parcels", "n": 2}
    assert (plain["cut"], plain["database"], plain["again"]) == ("after the commit", "postgresql", True)
    assert plain["failed"] and plain["broken"] == ["lost: main/A", "oversold: TEE-01 by 2"]
