"""A fresh migrated SQLite file for each test, with a clock that stands still."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.store import accounts, migrate
from sync.store.database import Store
from sync.store.sealing import KeyRing, Sealer, new_key

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "entrepot.sqlite3"
    migrate.upgrade(path)
    return path


@pytest.fixture
def file(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "entrepot.sqlite3"))


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(KeyRing.parse(new_key()))


@pytest.fixture
async def store(file: Path, clock: SetClock, sealer: Sealer) -> AsyncIterator[Store]:
    store = await Store.open(file, clock=clock, sealer=sealer)
    yield store
    await store.close()


@pytest.fixture
async def shop(store: Store) -> AccountId:
    """A storefront account called `shop`, as it is after its first start."""
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [accounts.Configured("shop", "vendure", "storefront")])
    return rows["shop"].id
