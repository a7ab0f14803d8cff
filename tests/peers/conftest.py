"""Fixtures over the real systems: installed and started once per run, with goods of its own for each test."""

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from xdist.remote import Producer

from tests.peers.books.karrio import Desk, Van
from tests.peers.books.medusa import Address, Clerk
from tests.peers.books.medusa import Visitor as MedusaVisitor
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Shopper, Staff
from tests.peers.systems.karrio import Karrio
from tests.peers.systems.medusa import Medusa
from tests.peers.systems.tryton import Tryton
from tests.peers.systems.vendure import Vendure
from tests.peers.workers import BySystem

HERE = Path(__file__).parent
COLD_SECONDS = 1500  # the first run installs and sets up all of them; facts are waited for long


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.peers)
            item.add_marker(pytest.mark.timeout(COLD_SECONDS))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BySystem | None:
    """With `--dist loadscope`, as `make test-peers` has it."""
    return BySystem(config, log) if config.getoption("dist") == "loadscope" else None


_terminal: list[pytest.TerminalReporter] = []


@pytest.hookimpl(trylast=True)  # the terminal comes first
def pytest_configure(config: pytest.Config) -> None:
    """Failures are told at once: the summary of a run that is cut off never comes."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and "PYTEST_XDIST_WORKER" not in os.environ:
        _terminal.append(reporter)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        for terminal in _terminal:
            terminal.write_line(f"\n{report.nodeid}, {report.when}:\n{report.longreprtext}", flush=True)


System = Vendure | Tryton | Karrio | Medusa
S = TypeVar("S", Vendure, Tryton, Karrio, Medusa)


class Lanes:
    """Starts the systems in two lanes side by side: the slow warehouse, and the others in turn."""

    def __init__(self) -> None:
        self._started: list[System] = []
        pools = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._pools = pools
        self.tryton: Future[Tryton] = pools[0].submit(self._start, Tryton)
        self.vendure: Future[Vendure] = pools[1].submit(self._start, Vendure)
        self.karrio: Future[Karrio] = pools[1].submit(self._start, Karrio)
        self._medusa: Future[Medusa] | None = None

    def medusa(self) -> Future[Medusa]:
        """Started when first asked for, after the warehouse: few tests need the second shop."""
        if self._medusa is None:
            self._medusa = self._pools[0].submit(self._start, Medusa)
        return self._medusa

    def _start(self, make: type[S]) -> S:
        system = make()
        self._started.append(system)
        system.start()
        return system

    def close(self) -> None:
        for pool in self._pools:
            pool.shutdown(cancel_futures=True)
        for system in self._started:
            system.close()


@pytest.fixture(scope="session")
def lanes() -> Iterator[Lanes]:
    running = Lanes()
    yield running
    running.close()


@pytest.fixture(scope="session")
def vendure(lanes: Lanes) -> Vendure:
    """The shop that the tests share: EUR, the catalogue of systems/catalogue.py."""
    return lanes.vendure.result()


@pytest.fixture(scope="session")
def tryton(lanes: Lanes) -> Tryton:
    """The warehouse system; its first database is shared, further ones come from clone()."""
    return lanes.tryton.result()


@pytest.fixture(scope="session")
def karrio(lanes: Lanes) -> Karrio:
    """The courier aggregator with one connection, `loop-1` of the loopback courier."""
    return lanes.karrio.result()


@pytest.fixture(scope="session")
def medusa(lanes: Lanes) -> Medusa:
    """The second shop that the tests share: EUR, the same catalogue, two stock locations."""
    return lanes.medusa().result()


@pytest.fixture(scope="session")
def medusa_clerk(medusa: Medusa) -> Iterator[Clerk]:
    """The second shop's staff, logged in."""
    known = medusa.seeded
    keys = known.secret_key, known.publishable_key, known.shipping_profile
    clerk = Clerk(Address(medusa.url, medusa.email, medusa.password, *keys))
    yield clerk
    clerk.close()


@pytest.fixture
def medusa_visit(medusa_clerk: Clerk) -> Iterator[Callable[[], MedusaVisitor]]:
    """A new shopper of the second shop at each call."""
    with ExitStack() as visits:
        yield lambda: visits.enter_context(MedusaVisitor(medusa_clerk.address, medusa_clerk))


@pytest.fixture(scope="session")
def staff(vendure: Vendure) -> Iterator[Staff]:
    """The shop's staff, logged in."""
    people = Staff(vendure.admin_url, vendure.username, vendure.password)
    yield people
    people.session.close()


@pytest.fixture
def visit(vendure: Vendure, staff: Staff) -> Iterator[Callable[[], Shopper]]:
    """A new shopper with an empty cart at each call."""
    with ExitStack() as visits:
        yield lambda: visits.enter_context(Shopper(vendure.shop_url, staff))


@pytest.fixture(scope="session")
def people(tryton: Tryton) -> Iterator[People]:
    """The warehouse's people in the shared database."""
    crew = People(tryton.url, tryton.database, tryton.key, warehouse=tryton.warehouse)
    yield crew
    crew.rest.close()


@pytest.fixture(scope="session")
def desk(karrio: Karrio) -> Iterator[Desk]:
    """The shipping clerk."""
    clerk = Desk(karrio.url, karrio.key, karrio.carrier_id)
    yield clerk
    clerk.http.close()


@pytest.fixture(scope="session")
def van(karrio: Karrio) -> Van:
    """The courier's driver."""
    return Van(karrio.carrier_json)


@pytest.fixture
def goods(staff: Staff, people: People) -> Callable[..., str]:
    """Makes a SKU of this test alone, on sale and on the shelf: goods(units=50) -> SKU."""

    def make(units: int = 50, *, in_shop: int | None = None, price: int = 990) -> str:
        sku = f"T-{uuid.uuid4().hex[:10].upper()}"
        staff.add_product(sku, units if in_shop is None else in_shop, price)
        people.add_product(sku, units)
        return sku

    return make
