"""A quiet world for every test: nobody acts unasked, all accounts are live, and the first stock is pushed.

A module that says `SHOPS = ("main",)` has these shops alone: each further one costs as much as everything else.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import build
from sync.flows.flow import FlowName
from tests.canaries import in_store
from tests.databases.fixtures import Place, database, found_server, migrated_file, postgresql
from tests.integration.flows.conductor import Conductor, with_shops

__all__ = ["database", "found_server", "migrated_file", "postgresql"]


@pytest.fixture
async def daemon(request: pytest.FixtureRequest, tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    world = build(seed=1, stocked=False, bulk=False)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        ready = with_shops(served.ready(), getattr(request.module, "SHOPS", None))
        conductor = await Conductor.open(tmp_path, ready, control, database.address)
        try:
            await conductor.run(
                "warehouse", FlowName.STOCK
            )  # listings that are read first are all told as unbound
            await conductor.settle(rounds=2)
            yield conductor
            assert await in_store(conductor.store) == []
        finally:
            await conductor.close()
