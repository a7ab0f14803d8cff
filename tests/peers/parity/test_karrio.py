"""The sandbox's Karrio answers and acts as the real one, trap by trap."""

from collections.abc import Callable

import pytest

from tests.peers.parity.karrio import SCRIPTS
from tests.peers.parity.sides import Courier


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_sandbox_does_as_karrio_does(
    script: Callable[[Courier], None],
    couriers: tuple[Courier, Courier],
    alike: Callable[..., None],
) -> None:
    alike(script, couriers)
