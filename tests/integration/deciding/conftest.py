"""A store of each kind with one shop, people who decide, and things that wait."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from sync.domain.clock import SetClock
from sync.store import accounts
from sync.store.database import Store
from sync.store.sealing import KeyRing, Sealer, new_key
from tests.databases.fixtures import Place, database, found_server, migrated_file, postgresql
from tests.integration.deciding.bench import Bench

__all__ = ["database", "found_server", "migrated_file", "postgresql"]

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture
async def store(database: Place, clock: SetClock) -> AsyncIterator[Store]:
    store = await Store.open(database.address, clock=clock, sealer=Sealer(KeyRing.parse(new_key())))
    yield store
    await store.close()


@pytest.fixture
async def bench(store: Store, clock: SetClock) -> AsyncIterator[Bench]:
    async with store.write() as tx:
        rows = await accounts.reconcile(tx, [accounts.Configured("shop", "vendure", "storefront")])
    made = Bench(store, clock, rows["shop"].id)
    await made.receiver.start()
    async with httpx.AsyncClient(
        base_url=f"http://{made.receiver.address}", trust_env=False, timeout=20
    ) as client:
        made.client = client
        yield made
    await made.receiver.stop()
