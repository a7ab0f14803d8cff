"""The connector against the sandbox's supplier: through a folder, and over HTTP.

What the supplier has in its books is read from them, never through the connector.
"""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from connectors import registry
from connectors.contract import Deadline, Page
from connectors.contract.supplier import PlaceOrder, Supplier, SupplierOffer, SupplierReport
from connectors.transport import Secret, Setup
from sandbox.faults import rule_of
from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.supplier import books
from sandbox.supplier.dialect import PLAIN, Dialect
from sandbox.supplier.postbox import Postbox
from sandbox.world import World
from sync.domain.clock import SystemClock
from sync.domain.people import Address

BUYER = Address(
    name="Ada Test",
    street=("Hauptstr. 1", "2. OG"),
    city="Köln",
    postal_code="50667",
    country="DE",
    phone="+49 221 1",
)


@dataclass
class Line:
    """A supplier, and the accounts that were opened with it."""

    postbox: Postbox
    state: Path
    served: Served | None = None
    opened: list[Supplier] = field(default_factory=list)

    @property
    def supplier(self) -> books.Supplier:
        return self.postbox.supplier

    def options(self, **more: Any) -> dict[str, Any]:
        base = f"{self.served.base}/suppliers/acme" if self.served else ""
        return {**self.postbox.options(base, str(self.state) if self.served else ""), **more}

    def connector(
        self, *, key: str | None = None, http: httpx.AsyncBaseTransport | None = None, **more: Any
    ) -> Supplier:
        entry = registry.find("feed")
        secret = self.served.world.supplier_keys["acme"] if self.served else ""
        setup = Setup(
            "acme",
            entry.options.model_validate(self.options(**more)),
            Secret(secret if key is None else key),
            SystemClock(),
            ZoneInfo("Europe/Berlin"),
            http=http,
        )
        made = entry.open(setup)
        self.opened.append(made)  # type: ignore[arg-type]
        return made  # type: ignore[return-value]

    def fault(self, **rule: Any) -> None:
        """Let the supplier's server go wrong."""
        assert self.served is not None
        self.served.control.gates["supplier:acme"].rules = [rule_of(rule)]


@dataclass
class Swept:
    """All pages until one is complete."""

    records: list[Any]
    broken: list[str]
    cursor: str | None
    pages: int


async def sweep(read: Any, cursor: str | None = None) -> Swept:
    found = Swept([], [], cursor, 0)
    while True:
        page: Page[SupplierOffer | SupplierReport] = await read(found.cursor, Deadline.after(30))
        found.records += page.records
        found.broken += [each.why for each in page.broken]
        found.cursor = page.cursor or found.cursor
        found.pages += 1
        if page.complete:
            return found
        assert found.pages < 500


def orders(reference: str = "main/ABC-1", *lines: tuple[str, int]) -> PlaceOrder:
    by = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
    return PlaceOrder(reference, lines or (("A-1", 2), ("A-2", 1)), BUYER, drop_ship=True, ship_by=by)


def stocked(postbox: Postbox, number: int = 3) -> None:
    """Articles A-1, A-2 …, 10 pieces of each."""
    for n in range(1, number + 1):
        postbox.supplier.add_good(f"A-{n}", f"SKU-{n}", 1000 + n, 10)


async def line_of(kind: str, tmp_path: Path, dialect: Dialect = PLAIN) -> AsyncIterator[Line]:
    world = World(1)
    folder = tmp_path / "acme" if kind == "folder" else None
    if folder is not None:
        folder.mkdir()
    postbox = world.open_supplier("acme", folder=folder, dialect=dialect)
    if folder is not None:
        line = Line(postbox, tmp_path / "state")
        yield line
        for each in line.opened:
            await each.close()
        return
    async with serve(world, People(world)) as served:
        line = Line(postbox, tmp_path / "state", served)
        yield line
        for each in line.opened:
            await each.close()


@pytest.fixture(params=["folder", "http"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Line]:
    async for made in line_of(request.param, tmp_path):
        yield made


@pytest.fixture
async def in_folder(tmp_path: Path) -> AsyncIterator[Line]:
    async for made in line_of("folder", tmp_path):
        yield made


@pytest.fixture
async def over_http(tmp_path: Path) -> AsyncIterator[Line]:
    async for made in line_of("http", tmp_path):
        yield made


@pytest.fixture
async def soon() -> Deadline:
    return Deadline.after(30)
