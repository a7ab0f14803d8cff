"""The sandbox's Vendure answers and acts as the real one, trap by trap."""

from collections.abc import Callable

import pytest

from tests.peers.parity.sides import Shop
from tests.peers.parity.vendure import SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_sandbox_does_as_vendure_does(
    script: Callable[[Shop], None],
    shops: tuple[Shop, Shop],
    alike: Callable[..., None],
) -> None:
    alike(script, shops)
