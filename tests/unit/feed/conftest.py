"""A folder of a supplier's files that a test fills by hand, and accounts that read it."""

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import BadAnswer, Deadline
from connectors.contract.supplier import SupplierOffer
from connectors.suppliers.feed.connector import FeedSupplier
from connectors.suppliers.feed.options import Options
from connectors.transport import Secret, Setup
from sync.domain.clock import SetClock

COLUMNS = {"code": "code", "cost": "cost", "stock": "stock"}


@dataclass
class Shelf:
    """The folder. A file is as old as the test says: nothing waits."""

    root: Path
    clock: SetClock = field(default_factory=lambda: SetClock(datetime.now(UTC)))
    opened: list[FeedSupplier] = field(default_factory=list)

    def put(self, name: str, content: str | bytes, *, age: float = 3600, encoding: str = "utf-8") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        at = time.time() - age
        os.utime(path, (at, at))
        return path

    def connector(self, list: dict[str, Any] | None = None, **more: Any) -> FeedSupplier:
        wanted = {"files": "stock*.*", "columns": COLUMNS, "currency": "EUR", **(list or {})}
        options = Options.model_validate({"folder": str(self.root), "list": wanted, **more})
        made = FeedSupplier(Setup("acme", options, Secret(""), self.clock, ZoneInfo("Europe/Berlin")))
        self.opened.append(made)
        return made

    async def read(
        self, connector: FeedSupplier, cursor: str | None = None
    ) -> tuple[list[SupplierOffer], list[str], str | None]:
        """(offers, what is wrong with rows, cursor) of all pages until one is complete."""
        offers: list[SupplierOffer] = []
        broken: list[str] = []
        for _ in range(1000):
            page = await connector.offers(cursor, Deadline.after(30))
            offers += page.records
            broken += [each.why for each in page.broken]
            cursor = page.cursor
            if page.complete:
                return offers, broken, cursor
        raise AssertionError("the list has no end")

    async def refusal(self, connector: FeedSupplier, cursor: str | None = None) -> str:
        """The text by which the list as a whole is refused."""
        with pytest.raises(BadAnswer) as refused:
            await self.read(connector, cursor)
        return str(refused.value)


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    made = Shelf(tmp_path / "acme")
    made.root.mkdir()
    yield made
    for each in made.opened:
        await each.close()
