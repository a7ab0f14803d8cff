"""The conformance kit on the sandbox's supplier, in a folder and over HTTP."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors.conformance import Bench, Check, Connector, Wire, checks_for
from connectors.contract import Deadline
from connectors.contract.supplier import PlaceOrder
from connectors.suppliers.feed import MANIFEST, OPTIONS, open_connector
from connectors.suppliers.feed.connector import FeedSupplier
from connectors.transport import Secret, Setup
from sync.domain.clock import SystemClock
from tests.conformance.feed.conftest import BUYER, Line, line_of

_numbers = count(1)


class FeedBench(Bench):
    """One supplier. Over HTTP every connector has marks of its own, so that none knows of the others' orders."""

    manifest = MANIFEST
    personal = ("Ada Test", "Hauptstr. 1", "50667")
    feeds = ("acknowledgements",)
    many = 7

    def __init__(self, line: Line, root: Path) -> None:
        self.line = line
        self.root = root
        self.secret = line.served.world.supplier_keys["acme"] if line.served else "unused-secret"

    def open(self, wire: Wire, *, secret: str) -> Connector:
        state = tempfile.mkdtemp(dir=self.root) if self.line.served else str(self.root)
        given = {**self.line.options(page_items=3), "state": state}
        setup = Setup(
            "acme", OPTIONS.model_validate(given), Secret(secret), SystemClock(), ZoneInfo("UTC"), http=wire
        )
        return open_connector(setup)

    async def arguments(self, method: str) -> tuple[object, ...]:
        if method == "place_order":
            return (self._order(),)
        if method in ("find_orders", "cancel_order"):
            order = self._order()
            wire = self.wire()
            connector = self.open(wire, secret=self.secret)
            assert isinstance(connector, FeedSupplier)
            await connector.place_order(order, Deadline.after(30))
            await connector.close()
            await wire.aclose()
            self.line.postbox.collect()
            return (order.reference,)
        raise AssertionError(method)

    async def fill(self, feed: str, number: int) -> Sequence[str]:
        if feed == "offers":
            return self._goods(number)
        keys = [f"R-{next(_numbers)}" for _ in range(number)]
        (code,) = self._goods(1)
        self.line.supplier.receive(code, number)
        for key in keys:
            self.line.supplier.take_order(key, {code: 1}, drop_ship=True, ship_to={})
            self.line.supplier.acknowledge(key)
            if feed == "despatches":
                self.line.supplier.despatch(key)
        self.line.postbox.send()
        return keys

    async def effects(self, method: str, arguments: tuple[object, ...]) -> int:
        (order,) = arguments
        assert isinstance(order, PlaceOrder)
        self.line.postbox.collect()
        return sum(each.reference == order.reference for each in self.line.supplier.orders)

    def key(self, feed: str, record: object) -> str:
        return str(getattr(record, "code" if feed == "offers" else "reference"))

    def _goods(self, number: int) -> list[str]:
        codes = [f"C-{next(_numbers)}" for _ in range(number)]
        for code in codes:
            self.line.supplier.add_good(code, f"SKU-{code}", 500, 5)
        self.line.postbox.publish()
        return codes

    def _order(self) -> PlaceOrder:
        code = next(iter(self.line.supplier.goods))
        return PlaceOrder(f"PO-{next(_numbers)}", ((code, 1),), BUYER, drop_ship=True)


@pytest.fixture
async def benches(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FeedBench]:
    async for line in line_of(request.param, tmp_path):
        (tmp_path / "marks").mkdir()
        bench = FeedBench(line, tmp_path / "marks")
        await bench.fill("offers", 2)
        yield bench


@pytest.mark.parametrize("check", checks_for(MANIFEST, wired=False), ids=str)
@pytest.mark.parametrize("benches", ["folder"], indirect=True)
async def test_the_kit_in_a_folder(benches: FeedBench, check: Check) -> None:
    await check(benches)


EXEMPT = {
    "a_record_that_does_not_fit_is_kept": "rows are not JSON documents: test_lists spoils them at the supplier"
}


@pytest.mark.parametrize("check", checks_for(MANIFEST, exempt=EXEMPT), ids=str)
@pytest.mark.parametrize("benches", ["http"], indirect=True)
async def test_the_kit_over_http(benches: FeedBench, check: Check) -> None:
    await check(benches)
