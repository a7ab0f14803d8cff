"""Listings that go down all at once wait for a person; counted is what the shop itself has up."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.domain.guards import Guard
from sync.flows.flow import FlowName as F
from sync.store.tables import listing
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.guarded_world import GOODS, SHOP, approve, asked, guarded_world

DOWN = ("guard.going_down", SHOP)
MOST = 3
"""10 % of thirty."""
RULES = f"listings:\n  - {{name: gone, when: {{account: {SHOP}}}, take_down: [blocked]}}\n"


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with guarded_world(tmp_path, database) as made:
        yield made


async def _block(daemon: Conductor, count: int) -> None:
    """The admins' table says that so many goods may not be sold."""
    rows = "".join(f"{sku},{'yes' if at < count else 'no'}\n" for at, sku in enumerate(GOODS))
    folder = daemon.folder / "mappings"
    (folder / "goods.csv").write_text(f"sku,blocked\n{rows}", encoding="utf-8")
    await daemon.change_rules("listings.yaml", f"goods: {{table: goods.csv, currency: EUR}}\n{RULES}")
    await _push(daemon)


async def _push(daemon: Conductor) -> None:
    for _ in range(2):
        await daemon.later(timedelta(seconds=3))
        await daemon.run(SHOP, F.PUSH_LISTINGS)


async def _down(daemon: Conductor) -> int:
    """How many the shop has down, as it is read."""
    await daemon.run(SHOP, F.CATALOGUE)
    mine = sa.and_(listing.c.account_id == daemon.view(SHOP).id, listing.c.published == 0)
    async with daemon.store.read() as tx:
        return int(await tx.scalar(sa.select(sa.func.count()).select_from(listing).where(mine)) or 0)


async def test_a_few_listings_go_down_unasked(daemon: Conductor) -> None:
    await _block(daemon, MOST)
    assert await _down(daemon) == MOST
    assert await asked(daemon) == []


async def test_many_at_once_wait_are_approved_and_go_down(daemon: Conductor) -> None:
    await _block(daemon, MOST + 1)
    assert await _down(daemon) == 0
    assert await asked(daemon) == [DOWN]
    await approve(daemon, Guard.GOING_DOWN, SHOP)
    await _push(daemon)
    assert await _down(daemon) == MOST + 1
    assert await asked(daemon) == []


async def test_what_shall_stay_up_after_all_waits_no_longer(daemon: Conductor) -> None:
    await _block(daemon, len(GOODS))
    assert await asked(daemon) == [DOWN]
    await _block(daemon, 0)
    assert await asked(daemon) == []
    assert await _down(daemon) == 0
