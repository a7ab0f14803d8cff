"""The sandbox's Medusa answers and acts as the real one, trap by trap."""

from collections.abc import Callable, Iterator

import pytest

from tests.peers.books.medusa import Address, Clerk
from tests.peers.parity.medusa import SCRIPTS
from tests.peers.parity.medusa.side import MedusaSide
from tests.peers.parity.sides import quiet_sandbox
from tests.peers.parity.transcript import Transcript


@pytest.fixture(scope="module")
def pretend_clerk() -> Iterator[Clerk]:
    """Staff of the sandbox's Medusa shop."""
    with quiet_sandbox("--world", "mixed") as ready:
        account = ready["accounts"]["medusa"]
        names = ("url", "email", "password", "key", "publishable_key")
        clerk = Clerk(Address(*(account[name] for name in names)))
        yield clerk
        clerk.close()


@pytest.fixture
def sides(medusa_clerk: Clerk, pretend_clerk: Clerk) -> tuple[MedusaSide, MedusaSide]:
    return (
        MedusaSide(medusa_clerk.address, medusa_clerk, Transcript()),
        MedusaSide(pretend_clerk.address, pretend_clerk, Transcript()),
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_sandbox_does_as_medusa_does(
    script: Callable[[MedusaSide], None],
    sides: tuple[MedusaSide, MedusaSide],
    alike: Callable[..., None],
) -> None:
    alike(script, sides)
