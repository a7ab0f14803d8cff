"""What every test run does: planted names and secrets are searched for after each test (canaries.py)."""

from collections.abc import Iterator

import pytest

from tests import canaries
from tests.canaries import pytest_configure, pytest_runtest_makereport

__all__ = ["pytest_configure", "pytest_runtest_makereport"]


@pytest.fixture(autouse=True)
def overheard(request: pytest.FixtureRequest) -> Iterator[None]:
    """The log of the flows' tests, from DEBUG on, is searched too."""
    if "/integration/flows/" not in request.path.as_posix():
        yield
        return
    with canaries.listening():
        yield
