"""What `check` learns of the SKUs that tables name: nothing before all places were read, then those nobody has."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from connectors.contract import Kind
from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import build
from sync.domain.ids import AccountId
from sync.flows.flow import FlowName
from sync.flows.trying.knowing import learn
from sync.store.database import Fence
from sync.store.tables import listing
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
KNOWN, LISTED, NEW = "TEE-02", "ONLY-LISTED", "STILL-TO-COME"
_READS = {Kind.WAREHOUSE: FlowName.STOCK, Kind.SUPPLIER: FlowName.OFFERS, Kind.STOREFRONT: FlowName.CATALOGUE}


@pytest.fixture
async def unread(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    """A world of which nothing has been read yet, and a table of three SKUs beside it."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    (folder / "goods.yaml").write_text("goods: {table: goods.csv}\n")
    (folder / "goods.csv").write_text(f"sku,title\n{KNOWN},a\n{LISTED},b\n{NEW},c\n")
    world = build(seed=1, stocked=False, bulk=False)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        conductor = await Conductor.open(tmp_path, served.ready(), control, database.address)
        yield conductor
        await conductor.close()


async def unseen(daemon: Conductor) -> frozenset[str]:
    """Those of the tables' SKUs that are known to be nobody's."""
    fence = Fence(AccountId(""), "", 0, 0.0)
    return (await learn(daemon.context("main", fence), days=90, seconds=5)).unseen


async def read(daemon: Conductor, *kinds: Kind) -> None:
    """Read all accounts of these kinds to their end."""
    for view in list(daemon.views.values()):
        if view.kind in kinds:
            await daemon.run(view.name, _READS[view.kind])


async def test_before_every_place_was_read_nothing_is_unseen(unread: Conductor) -> None:
    assert await unseen(unread) == set()
    await read(unread, Kind.STOREFRONT, Kind.SUPPLIER)
    assert await unseen(unread) == set()
    await read(unread, Kind.WAREHOUSE)
    assert await unseen(unread) == {LISTED, NEW}


async def test_a_shop_that_was_not_read_may_list_what_is_missing(unread: Conductor) -> None:
    await read(unread, Kind.WAREHOUSE, Kind.SUPPLIER)
    await unread.run("main", FlowName.CATALOGUE)
    assert await unseen(unread) == set()


async def test_what_only_a_listing_was_seen_with_is_known(unread: Conductor) -> None:
    await read(unread, *_READS)
    async with unread.store.write() as tx:
        here = sa.select(sa.func.min(listing.c.id)).scalar_subquery()
        await tx.run(sa.update(listing).where(listing.c.id == here).values(remote_sku=LISTED))
    assert await unseen(unread) == {NEW}
