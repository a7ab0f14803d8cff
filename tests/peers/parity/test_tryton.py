"""The sandbox's Tryton answers and acts as the real one, trap by trap."""

from collections.abc import Callable

import pytest

from tests.peers.parity.sides import Warehouse
from tests.peers.parity.tryton import SCRIPTS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_sandbox_does_as_tryton_does(
    script: Callable[[Warehouse], None],
    warehouses: tuple[Warehouse, Warehouse],
    alike: Callable[..., None],
) -> None:
    alike(script, warehouses)
