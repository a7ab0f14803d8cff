"""What every test run does: planted names and secrets are searched for after each test (canaries.py).

Modules that take minutes come first, so that workers who are given modules in turn end together.
"""

from collections.abc import Iterator

import pytest

from tests import canaries
from tests.canaries import pytest_configure, pytest_runtest_makereport, pytest_runtest_teardown
from tests.databases.turns import take_turns

__all__ = ["pytest_configure", "pytest_runtest_makereport", "pytest_runtest_teardown"]


LONG = (
    "tests/peers/scenarios/",
    "tests/acceptance/test_the_demo.py",
    "tests/simulate/",
    "tests/acceptance/",
    "tests/crash/test_a_sample.py",
    "tests/integration/engine/test_process.py",
    "tests/unit/bench/",
    "tests/integration/",
    "tests/conformance/",
)
"""Modules by how long they take, the longest first; all others follow."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Flows by turns on the databases; long modules first, and within a module the order stays."""
    take_turns(config, items)
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    return next((at for at, begin in enumerate(LONG) if nodeid.startswith(begin)), len(LONG))


@pytest.fixture(autouse=True)
def overheard(request: pytest.FixtureRequest) -> Iterator[None]:
    """The log of the flows' tests, from DEBUG on, is searched too."""
    if "/integration/flows/" not in request.path.as_posix():
        yield
        return
    with canaries.listening():
        yield
