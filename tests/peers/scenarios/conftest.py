"""One daemon before the three real systems for all scenarios; each has goods and buyers of its own."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.peers.books.karrio import Desk, Van
from tests.peers.books.people import ADA, Buyer
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Staff
from tests.peers.scenarios.house import House, write_house
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory,
    vendure: Vendure,
    tryton: Tryton,
    karrio: Karrio,
    staff: Staff,
    people: People,
    desk: Desk,
    van: Van,
) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    write_house(folder, vendure, tryton, karrio)
    made = House(folder, staff, people, desk, van)
    assert made.run("keys", "new").returncode == 0
    made.start()
    try:
        yield made
    finally:
        if made.daemon is not None and made.daemon.poll() is None:
            made.kill()


@pytest.fixture(scope="session")
def buyers() -> Callable[[], Buyer]:
    """A buyer whom nobody has seen before, at each call."""
    numbers = itertools.count(1)
    return lambda: replace(ADA, email=f"buyer-{next(numbers)}@example.com")
