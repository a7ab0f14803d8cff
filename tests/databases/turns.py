"""Tests of whole flows take turns on the two databases, after a restore too: always the same half runs on each.

What differs between the databases is their SQL and their locks: the tests of the store run on both, one by one, and so
do modules that say `DATABASES = BOTH`. A flow's own decisions are the same values on either. `ENTREPOT_TEST_BOTH=1`
(`make test BOTH=1`) runs everything on both, and so does whoever names a test or a `-k`. Where no PostgreSQL is, the
tests whose turn it is are skipped with a count, as all of PostgreSQL are.
"""

import os
import zlib
from collections.abc import Iterable, Mapping

import pytest

BOTH = "both"
TURNS = ("tests/integration/flows/", "tests/integration/backup/test_restored_")
_SIDES = ("sqlite", "postgresql")


def take_turns(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, of each test that could run on both, the one whose turn it is not."""
    if os.environ.get("ENTREPOT_TEST_BOTH") or config.option.keyword or _named(config.args):
        return
    kept, left_out = [], []
    for item in items:
        (left_out if _other_turn(item) else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def _named(args: Iterable[str]) -> bool:
    return any("::" in arg for arg in args)


def _other_turn(item: pytest.Item) -> bool:
    if not item.nodeid.startswith(TURNS) or not isinstance(item, pytest.Function):
        return False
    if getattr(item.module, "DATABASES", None) == BOTH or not hasattr(item, "callspec"):
        return False
    params = dict(item.callspec.params)
    side = params.pop("database", None)
    return side in _SIDES and side != side_of(item.nodeid.partition("[")[0], params)


def side_of(test: str, params: Mapping[str, object]) -> str:
    """The database whose turn it is: by the test's name and its other parameters, whatever runs beside it."""
    others = sorted(f"{name}={value!r}" for name, value in params.items())
    return _SIDES[zlib.crc32("|".join([test, *others]).encode()) % 2]
