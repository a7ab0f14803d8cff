"""The connector against two Medusas: the sandbox's, always, and the real one where `-m peers` asks for it.

Shoppers and the shop's staff work through clients of their own, never through the connector.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
import uvicorn

from connectors.contract import ConfirmShipment, Deadline, ToldParcel
from connectors.storefronts.medusa import Options
from connectors.storefronts.medusa.connector import MedusaStorefront
from connectors.transport import Secret, Setup
from sandbox import loopback
from sandbox.storefront.medusa.names import outside
from sandbox.world import World
from sync.domain.clock import SystemClock
from sync.domain.orders import RemoteOrder
from tests.peers.books.people import ADA, Buyer
from tests.peers.systems.medusa import Medusa

from .line import Line
from .people import Keys, Staff, buy, new_sku, read


@dataclass(frozen=True, slots=True)
class Street:
    """A running shop, its staff, and the shoppers in the street."""

    keys: Keys
    staff: Staff
    real: bool
    email: str
    password: str

    def connector(
        self, line: Line | None = None, *, secret: str | None = None, **options: object
    ) -> MedusaStorefront:
        given = {"url": self.keys.url, "location": self.keys.locations[0], **options}
        setup = Setup(
            account="shop",
            options=Options.model_validate(given),
            secret=Secret(self.keys.secret if secret is None else secret),
            clock=SystemClock(),
            zone=ZoneInfo("Europe/Berlin"),
            http=line,
            connector="medusa",
        )
        return MedusaStorefront(setup)

    def goods(self, units: int = 10, price: float = 10) -> str:
        """The SKU of a new product of this test alone."""
        sku = new_sku()
        self.staff.add_product(sku, units=units, price=price)
        return sku

    def id_of(self, sku: str) -> str:
        return str(self.staff.variant(sku)["id"])

    def buy(self, lines: Mapping[str, int], buyer: Buyer = ADA) -> str:
        return buy(self.staff, lines, buyer)


@pytest.fixture(scope="session")
def sandbox_street() -> Iterator[Street]:
    """A pretend shop in which nobody acts unasked."""
    world = World(1)
    world.open_medusa("conformance")
    entrance, listener = world.entrances["conformance"], loopback.listener()
    given = entrance.options
    config = uvicorn.Config(entrance.app, log_level="error", lifespan="off", ws="none")
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(serving.serve(sockets=[listener])), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    staff = Staff(Keys(url, given["key"], given["publishable_key"], "", ("", ""), "", "", ""))
    keys = _looked_up(staff)
    staff.http.close()
    staff = Staff(keys)
    yield Street(keys, staff, False, given["email"], given["password"])
    staff.http.close()
    serving.should_exit = True
    thread.join()
    listener.close()


def _looked_up(staff: Staff) -> Keys:
    """The ids that a seeded shop would have noted."""

    def ids(kind: str, name: str) -> list[str]:
        headers = {"x-publishable-api-key": staff.keys.publishable}
        place = f"{staff.keys.url}/{'store' if kind == 'regions' else 'admin'}/{kind}"
        return [str(each["id"]) for each in read(staff.http.get(place, headers=headers))[name]]

    main, second, *_ = ids("stock-locations", "stock_locations")
    return Keys(
        url=staff.keys.url,
        secret=staff.keys.secret,
        publishable=staff.keys.publishable,
        channel=ids("sales-channels", "sales_channels")[0],
        locations=(main, second),
        profile="sp_sandbox",
        shipping_option=outside("shipping_option", 1),
        region=ids("regions", "regions")[0],
    )


@pytest.fixture(scope="session")
def real_street() -> Iterator[Street]:
    medusa = Medusa()
    try:
        medusa.start()
        seeded = medusa.seeded
        keys = Keys(
            url=medusa.url,
            secret=seeded.secret_key,
            publishable=seeded.publishable_key,
            channel=seeded.sales_channel,
            locations=seeded.locations,
            profile=seeded.shipping_profile,
            shipping_option=seeded.shipping_option,
            region=seeded.region,
        )
        staff = Staff(keys)
        yield Street(keys, staff, True, medusa.email, medusa.password)
        staff.http.close()
    finally:
        medusa.close()


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
async def shop(street: Street, line: Line) -> AsyncIterator[MedusaStorefront]:
    """The connector over a line that can be made to fail."""
    connector = street.connector(line)
    yield connector
    await connector.close()


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(30)


async def order_of(shop: MedusaStorefront, id: str) -> RemoteOrder:
    order = await shop.order(id, Deadline.after(30))
    assert order is not None
    return order


def shipment(order: RemoteOrder, *parcels: tuple[str, int], before: tuple[str, ...] = ()) -> ConfirmShipment:
    """Parcels by tracking number, each with so many units of the order's first line."""
    told = tuple(
        ToldParcel(number, "DHL", ((order.lines[0].external_id, units),)) for number, units in parcels
    )
    return ConfirmShipment(f"confirm:{order.external_id}", order.external_id, told, before)
