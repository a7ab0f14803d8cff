"""One daemon before the real systems for all scenarios; each has goods and buyers of its own."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.peers.books.dock import Dock
from tests.peers.books.karrio import Desk, Van
from tests.peers.books.medusa import Clerk
from tests.peers.books.medusa import Visitor as MedusaVisitor
from tests.peers.books.medusa_aftersales import Aftersales
from tests.peers.books.people import ADA, LI, Buyer
from tests.peers.books.supplier import Supplier
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Placed, Shopper, Staff
from tests.peers.scenarios.bazaar import Bazaar
from tests.peers.scenarios.daemon import Daemon, write_folder
from tests.peers.scenarios.house import House
from tests.peers.scenarios.room import Room
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.medusa import Medusa
from tests.peers.systems.process import free_port
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure

SECRETS_OF_BUYERS = (ADA.full_name, ADA.street, ADA.phone, LI.full_name, LI.street, "@example.com")


@pytest.fixture(scope="package")
def house(
    tmp_path_factory: pytest.TempPathFactory,
    vendure: Vendure,
    medusa: Medusa,
    tryton: Tryton,
    karrio: Karrio,
    staff: Staff,
    medusa_clerk: Clerk,
    people: People,
    desk: Desk,
    van: Van,
) -> Iterator[House]:
    """The business, closed after the last scenario: other tests' orders are none of its daemon's.

    At the end the daemon must stop when it is asked to, and have logged no buyer.
    """
    daemon = Daemon(tmp_path_factory.mktemp("house"))
    supplier = Supplier(tmp_path_factory.mktemp("acme"))
    room = Room()
    links = free_port()
    write_folder(daemon.folder, vendure, medusa, tryton, karrio, supplier, chat=room.address, links=links)
    daemon.done("keys", "new")
    try:
        daemon.start()
        yield House(daemon, staff, medusa_clerk, people, desk, van, supplier, room, links)
        assert daemon.stop() == 0
    finally:
        daemon.close()
        room.close()
    log = daemon.log()
    assert [secret for secret in SECRETS_OF_BUYERS if secret in log] == []


@pytest.fixture(scope="session")
def buyers() -> Iterator[Buyer]:
    """Buyers whom nobody has seen before."""
    return (replace(ADA, email=f"buyer-{n}@example.com") for n in itertools.count(1))


@pytest.fixture
def stocked(house: House, goods: Callable[..., str]) -> Callable[[int], str]:
    """A SKU of this test alone, with so many units on the shelf, all of them shown in the shop."""

    def make(units: int) -> str:
        sku = goods(units, in_shop=0)
        house.shown(sku, units)
        return sku

    return make


@pytest.fixture
def pooled(house: House, goods: Callable[..., str]) -> Callable[[int], str]:
    """A SKU of this test alone that both shops list, each with its share of so many units."""

    def make(units: int) -> str:
        sku = goods(units, in_shop=0)
        house.clerk.add_product(sku, 0)
        house.pooled(sku, units)
        return sku

    return make


@pytest.fixture
def bought(visit: Callable[[], Shopper], buyers: Iterator[Buyer]) -> Callable[[dict[str, int]], Placed]:
    """A new buyer buys these units by SKU."""
    return lambda lines: visit().buy(lines, next(buyers))


@pytest.fixture(scope="package")
def waste(people: People) -> int:
    """The place of the main warehouse for what is thrown away."""
    return Dock(people).place("WASTE-BACK", "lost_found")


@pytest.fixture
def bazaar(
    house: House,
    waste: int,
    medusa_visit: Callable[[], MedusaVisitor],
    buyers: Iterator[Buyer],
) -> Bazaar:
    """The second shop, and what comes back of its orders."""
    return Bazaar(house, Aftersales(house.clerk), Dock(house.people), waste, medusa_visit, buyers)
