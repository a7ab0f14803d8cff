"""The connector against two Vendures: the sandbox's, always, and the real one where `-m peers` asks for it.

Shoppers and the shop's staff work through clients of their own, never through the connector.
"""

import json
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import httpx
import pytest

from connectors.contract import ConfirmShipment, Deadline, ToldParcel
from connectors.storefronts.vendure import Options
from connectors.storefronts.vendure.connector import VendureStorefront
from connectors.transport import Secret, Setup
from sync.domain.clock import SystemClock
from sync.domain.orders import RemoteOrder
from tests.peers.books.people import ADA, Buyer
from tests.peers.books.vendure import Placed, Shopper, Staff
from tests.peers.systems.vendure import Vendure

from .line import Line


@dataclass(frozen=True, slots=True)
class Street:
    """A running shop, its staff, and the shoppers in the street."""

    url: str
    username: str
    password: str = field(repr=False)
    staff: Staff
    real: bool

    def connector(
        self, line: httpx.AsyncBaseTransport | None = None, *, secret: str | None = None, **options: object
    ) -> VendureStorefront:
        given = {"url": self.url, "username": self.username, **options}
        setup = Setup(
            account="shop",
            options=Options.model_validate(given),
            secret=Secret(secret or self.password),
            clock=SystemClock(),
            zone=ZoneInfo("Europe/Berlin"),
            http=line,
            connector="vendure",
        )
        return VendureStorefront(setup)

    def goods(self, units: int = 10, price: int = 1000) -> str:
        """The SKU of a new product of this test alone."""
        sku = f"V-{uuid.uuid4().hex[:10].upper()}"
        self.staff.add_product(sku, units, price)
        return sku

    def id_of(self, sku: str) -> str:
        return str(self.staff.variant(sku)["id"])

    def buy(self, lines: Mapping[str, int], buyer: Buyer = ADA) -> Placed:
        with Shopper(f"{self.url}/shop-api", self.staff) as shopper:
            return shopper.buy(lines, buyer)


@pytest.fixture(scope="session")
def sandbox_accounts() -> Iterator[dict[str, dict[str, str]]]:
    """The accounts of a pretend world in which nobody acts unasked."""
    command = [sys.executable, "-m", "sandbox", "serve", "--quiet-start"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield json.loads(process.stdout.readline())["accounts"]
        process.stdin.close()


def street_of(account: Mapping[str, str]) -> Street:
    staff = Staff(f"{account['url']}/admin-api", account["username"], account["password"])
    return Street(account["url"], account["username"], account["password"], staff, real=False)


@pytest.fixture(scope="session")
def sandbox_street(sandbox_accounts: dict[str, dict[str, str]]) -> Iterator[Street]:
    street = street_of(sandbox_accounts["main"])
    yield street
    street.staff.session.close()


@pytest.fixture(scope="session")
def real_street() -> Iterator[Street]:
    vendure = Vendure()
    try:
        vendure.start()
        staff = Staff(vendure.admin_url, vendure.username, vendure.password)
        yield Street(vendure.url, vendure.username, vendure.password, staff, real=True)
        staff.session.close()
    finally:
        vendure.close()


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("sandbox_street", id="sandbox"),
        pytest.param("real_street", id="real", marks=[pytest.mark.peers, pytest.mark.timeout(900)]),
    ],
)
def street(request: pytest.FixtureRequest) -> Street:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Street)
    return found


@pytest.fixture
def staff(street: Street) -> Staff:
    return street.staff


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
async def shop(street: Street, line: Line) -> AsyncIterator[VendureStorefront]:
    """The connector over a line that can be made to fail."""
    connector = street.connector(line)
    yield connector
    await connector.close()


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(30)


async def order_of(shop: VendureStorefront, placed: Placed) -> RemoteOrder:
    order = await shop.order(placed.id, Deadline.after(30))
    assert order is not None
    return order


def shipment(order: RemoteOrder, *parcels: tuple[str, int], before: tuple[str, ...] = ()) -> ConfirmShipment:
    """Parcels by tracking number, each with so many units of the order's first line."""
    told = tuple(
        ToldParcel(number, "DHL", ((order.lines[0].external_id, units),)) for number, units in parcels
    )
    return ConfirmShipment(f"confirm:{order.number}", order.external_id, told, before)
