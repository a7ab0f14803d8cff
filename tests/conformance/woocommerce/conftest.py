"""The connector against the sandbox's WooCommerce, of both generations and in other zones than ours.

Shoppers and the shop's staff work through clients of their own, never through the connector. The shop's clock stands
still until a test moves it.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import ConfirmShipment, Deadline, ToldParcel
from connectors.storefronts.woocommerce import Options
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from connectors.transport import Secret, Setup
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sandbox.storefront.woocommerce.rules import Generation, Rules
from sync.domain.clock import Clock
from sync.domain.orders import RemoteOrder

from .line import Line

V11 = Rules(zone=ZoneInfo("America/New_York"), gateways=frozenset({"stripe"}), statuses=("packed",))
V8 = Rules(
    generation=Generation.V8,
    zone=ZoneInfo("Asia/Shanghai"),
    gateways=frozenset({"stripe"}),
    statuses=("packed",),
)
_skus = count(1)
_open: list[WooCommerceStorefront] = []


@dataclass(frozen=True, slots=True)
class ShopClock:
    """Our clock, where it is the shop's."""

    street: Street

    def now(self) -> datetime:
        return self.street.shop.clock.now()


def new_sku() -> str:
    return f"SKU-{next(_skus)}"


def new_line(street: Street, *, tls: bool = False) -> Line:
    return Line(street.shop.clock.now, tls=tls)


def opened(
    street: Street,
    line: Line | None = None,
    *,
    secret: str | None = None,
    clock: Clock | None = None,
    **options: object,
) -> WooCommerceStorefront:
    key = street.keys.full
    given = {"url": street.url, "currency": street.shop.rules.currency, "page_items": 5, **options}
    setup = Setup(
        account="shop",
        options=Options.model_validate(given),
        secret=Secret(f"{key.key}:{key.secret}" if secret is None else secret),
        clock=clock or ShopClock(street),
        zone=ZoneInfo("Europe/Berlin"),
        http=line or new_line(street),
        connector="woocommerce",
    )
    _open.append(WooCommerceStorefront(setup))
    return _open[-1]


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    """No test leaves a connection behind."""
    yield
    while _open:
        await _open.pop().close()


def later(street: Street, seconds: float) -> None:
    """Let time pass in the shop."""
    clock = street.shop.clock
    assert isinstance(clock, SetClock)
    clock.advance(seconds)


@pytest.fixture(scope="module", params=[pytest.param(V11, id="11.0"), pytest.param(V8, id="8.6")])
def street(request: pytest.FixtureRequest) -> Iterator[Street]:
    with running(request.param, clock=SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))) as found:
        yield found


@pytest.fixture
def line(street: Street) -> Line:
    return new_line(street)


@pytest.fixture
async def shop(street: Street, line: Line) -> AsyncIterator[WooCommerceStorefront]:
    """The connector over a line that can be made to fail."""
    connector = opened(street, line)
    yield connector
    await connector.close()


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(30)


async def order_of(shop: WooCommerceStorefront, id: int | str) -> RemoteOrder:
    order = await shop.order(str(id), Deadline.after(30))
    assert order is not None
    return order


async def read_all(
    shop: WooCommerceStorefront, cursor: str | None = None
) -> tuple[list[RemoteOrder], str | None]:
    """The order feed to its end."""
    found: list[RemoteOrder] = []
    while True:
        page = await shop.orders(cursor, Deadline.after(30))
        assert not page.broken
        found += page.records
        cursor = page.cursor or cursor
        if page.complete:
            return found, cursor


def shipment(order: RemoteOrder, *parcels: tuple[str, int], key: str = "") -> ConfirmShipment:
    """Parcels by tracking number, each with so many units of the order's first line."""
    told = tuple(
        ToldParcel(number, "DHL", ((order.lines[0].external_id, units),)) for number, units in parcels
    )
    return ConfirmShipment(key or f"confirm:{order.external_id}", order.external_id, told)
