"""A page and its cursor are stored together, or neither; and what a page leaves out is not zero."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sync.flows.flow import FlowName as F
from sync.store import flow_states, issues
from sync.store.tables import listing, listing_component
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

DATABASES = BOTH

SHOPS = ("main",)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TEE = "TEE-02"


async def _refuse(daemon: Conductor, what: str) -> None:
    """The database takes no more of this; what it has stays."""
    async with daemon.store.write() as tx:
        await tx.run(sa.text(f"CREATE TRIGGER refuse BEFORE {what} BEGIN SELECT RAISE(ABORT, 'full'); END"))


async def _take_again(daemon: Conductor) -> None:
    async with daemon.store.write() as tx:
        await tx.run(sa.text("DROP TRIGGER refuse"))


async def test_orders_that_could_not_be_stored_are_read_again(daemon: Conductor) -> None:
    number = await daemon.buy("main", TEE_02=1)
    await _refuse(daemon, "INSERT ON customer_order")
    with pytest.raises(sa.exc.DatabaseError):
        await daemon.run("main", F.ORDERS)
    await _take_again(daemon)
    await daemon.run("main", F.ORDERS)
    assert await daemon.held_units(number) == 1


async def test_a_page_of_figures_that_could_not_be_stored_leaves_the_cursor_where_it_was(
    daemon: Conductor,
) -> None:
    before = await daemon.level(TEE)
    await daemon.run("warehouse", F.STOCK)
    cursor = await _cursor(daemon)
    await daemon.act("/warehouse/receive", sku=TEE, quantity=5)
    await _refuse(daemon, "UPDATE OF on_hand ON stock_level")
    await daemon.later(timedelta(seconds=3))
    with pytest.raises(sa.exc.DatabaseError):
        await daemon.run("warehouse", F.STOCK)
    assert await _cursor(daemon) == cursor
    await _take_again(daemon)
    await daemon.run("warehouse", F.STOCK)
    assert (await daemon.level(TEE)).on_hand == before.on_hand + 5


async def _cursor(daemon: Conductor) -> str | None:
    async with daemon.store.read() as tx:
        return await flow_states.cursor(tx, daemon.view("warehouse").id, F.STOCK)


async def test_a_sku_that_a_full_list_leaves_out_keeps_its_figure_and_that_is_told(daemon: Conductor) -> None:
    before = await daemon.level(TEE)
    assert before.on_hand > 0
    real = daemon.connectors["warehouse"]

    def without_it(page: Any) -> Any:
        return replace(page, records=tuple(one for one in page.records if one.sku != TEE))

    async with daemon.store.write() as tx:
        await flow_states.forget_cursor(tx, daemon.view("warehouse").id, F.STOCK)
    await daemon.later(timedelta(minutes=10))
    daemon.connectors["warehouse"] = Interlude(real, "stock", after=without_it)
    await daemon.run("warehouse", F.STOCK)
    daemon.connectors["warehouse"] = real
    assert (await daemon.level(TEE)).on_hand == before.on_hand
    assert "stock.missing" in await daemon.issue_kinds()


async def test_a_reading_begun_before_an_assignment_releases_nothing(daemon: Conductor) -> None:
    """The figure came before the warehouse took the units off it: they are still only ours to hold back."""
    real = daemon.connectors["warehouse"]

    async def assign() -> None:
        await daemon.run("warehouse", F.OUTBOX)

    number = await daemon.buy("main", TEE_02=3)
    await daemon.run("main", F.ORDERS)
    async with daemon.store.write() as tx:
        await flow_states.forget_cursor(tx, daemon.view("warehouse").id, F.STOCK)
    daemon.connectors["warehouse"] = Interlude(real, "stock", then=assign)
    await daemon.run("warehouse", F.STOCK)
    daemon.connectors["warehouse"] = real
    assert await daemon.held_units(number) == 3
    await daemon.later(timedelta(seconds=3))
    await daemon.run("warehouse", F.STOCK)
    assert await daemon.held_units(number) == 0


async def test_a_listing_that_was_left_unbound_is_bound_by_the_next_sweep(daemon: Conductor) -> None:
    """Level, not edge: whoever missed that its SKU was named, the sweep looks at it again."""
    shop = daemon.view("main").id
    async with daemon.store.write() as tx:
        before = await tx.all(_BOUND.where(listing.c.account_id == shop))
        ids = sa.select(listing.c.id).where(listing.c.account_id == shop)
        await tx.run(sa.delete(listing_component).where(listing_component.c.listing_id.in_(ids)))
        await tx.run(sa.update(listing).where(listing.c.account_id == shop).values(bound=0))
    await daemon.run("main", F.CATALOGUE)
    async with daemon.store.read() as tx:
        assert await tx.all(_BOUND.where(listing.c.account_id == shop)) == before


_BOUND = (
    sa.select(listing.c.id, listing_component.c.sku)
    .join(listing_component, listing_component.c.listing_id == listing.c.id)
    .where(listing.c.bound == 1)
    .order_by(listing.c.id)
)


async def test_what_a_person_has_settled_of_an_unbound_listing_stays_settled(daemon: Conductor) -> None:
    """A sweep looks at it again, and tells of it again only for another reason."""
    async with daemon.store.write() as tx:
        told = [one.key for one in await issues.list_open(tx) if one.kind == "listing.unbound"]
        for key in told:
            await issues.clear(tx, key, by="ops")
    assert told
    await daemon.run("main", F.CATALOGUE)
    assert "listing.unbound" not in await daemon.issue_kinds()
