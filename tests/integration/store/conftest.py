"""A fresh migrated database of each kind for each test, with a clock that stands still."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.domain.clock import SetClock
from sync.domain.ids import AccountId
from sync.store import accounts
from sync.store.database import Store
from sync.store.sealing import KeyRing, Sealer, new_key
from tests.databases.fixtures import Place, database, file, found_server, migrated_file, postgresql

__all__ = ["database", "file", "found_server", "migrated_file", "postgresql"]

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(KeyRing.parse(new_key()))


@pytest.fixture
async def store(database: Place, clock: SetClock, sealer: Sealer) -> AsyncIterator[Store]:
    store = await Store.open(database.address, clock=clock, sealer=sealer)
    yield store
    await store.close()


@pytest.fixture
async def sqlite_store(file: Path, clock: SetClock, sealer: Sealer) -> AsyncIterator[Store]:
    """What concerns SQLite alone."""
    store = await Store.open(file, clock=clock, sealer=sealer)
    yield store
    await store.close()


@pytest.fixture
async def shop(store: Store) -> AccountId:
    """A storefront account called `shop`, as it is after its first start."""
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [accounts.Configured("shop", "vendure", "storefront")])
    return rows["shop"].id
