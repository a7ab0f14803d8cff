"""What was ordered lately, and by whom: counted right, and found without reading what was ordered ever."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from sync.domain.clock import SetClock, to_micros
from sync.domain.ids import AccountId
from sync.domain.money import Money
from sync.domain.orders import RemoteOrderLine
from sync.domain.people import Person
from sync.store import accounts, intake, orders, sales
from sync.store.database import Store
from sync.store.row_ids import RowIds, earliest
from sync.store.tables import order_line, order_line_component
from tests.integration.store.conftest import NOON
from tests.integration.store.samples import remote_order

SINCE = to_micros(NOON - timedelta(minutes=10))
MANY = [f"X{n}" for n in range(sales.FEW)]


async def _order(
    store: Store, shop: AccountId, number: str, units: int, *, ago: float = 0, history: bool = False
) -> None:
    """So many pieces of a listing that takes one A and two B, `ago` minutes before noon."""
    line = RemoteOrderLine("l1", "v1", "A", "A set", units, units, Decimal("5.00"), Money(500, "EUR"))
    remote = replace(
        remote_order(number),
        lines=(line,),
        placed_at=NOON - timedelta(minutes=ago),
        buyer=Person(email=f"{number}@example.com"),
    )
    async with store.write() as tx:
        saved = await orders.save(tx, shop, remote, history=history, masked=False)
        line_id = await tx.scalar(sa.select(order_line.c.id).where(order_line.c.order_id == saved.id))
        parts = [{"order_line_id": line_id, "sku": sku, "units": each} for sku, each in (("A", 1), ("B", 2))]
        await tx.run(sa.insert(order_line_component), parts)


@pytest.mark.parametrize("others", [[], MANY], ids=["few", "many"])
async def test_units_ordered_in_the_window_are_summed_by_sku(
    store: Store, shop: AccountId, clock: SetClock, others: list[str]
) -> None:
    clock.move(timedelta(days=-1))
    await _order(store, shop, "read a day ago", 100, ago=24 * 60)
    clock.move(timedelta(days=1))
    await _order(store, shop, "now", 1)
    await _order(store, shop, "in the window", 2, ago=9)
    await _order(store, shop, "before it", 20, ago=11)
    await _order(store, shop, "history", 40, history=True)
    async with store.read() as tx:
        assert await sales.sold_since(tx, ["A", "B", "C", *others], SINCE) == {"A": 3, "B": 6}
        assert sorted(await sales.selling_lately(tx, SINCE)) == ["A", "B"]


@pytest.mark.parametrize("others", [[], MANY], ids=["few", "many"])
async def test_a_shop_whose_clock_is_ahead_counts(
    store: Store, shop: AccountId, clock: SetClock, others: list[str]
) -> None:
    """It places at noon what we read at half past eleven."""
    clock.move(timedelta(minutes=-30))
    await _order(store, shop, "now", 1)
    async with store.read() as tx:
        assert await sales.sold_since(tx, ["A", *others], SINCE) == {"A": 1}


async def test_buyers_are_told_by_their_orders_in_this_shop(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        both = [accounts.Configured(name, "vendure", "storefront") for name in ("shop", "other")]
        other = (await accounts.reconcile(tx, both))["other"].id
    await _order(store, shop, "lately", 1)
    await _order(store, shop, "before", 1, ago=11)
    await _order(store, other, "elsewhere", 1)
    people = {n: store.sealer.blind("email", f"{n}@example.com") for n in ("lately", "before", "elsewhere")}
    async with store.read() as tx:
        found = await intake.buyers_since(tx, shop, people.values(), SINCE)
    assert found == {people["lately"]}


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            intake.PLACED_BY.params(people=[b"x"] * 250, since=0),
            "SEARCH customer_order USING INDEX ix_customer_order_email_index (email_index=?)",
        ),
        (
            sales.SOLD_OF.params(skus=["A"], first="", since=0),
            "SEARCH order_line_component USING INDEX ix_order_line_component_sku (sku=?)",
        ),
        (sa.text(sales.SOLD), "SEARCH placed USING INDEX sqlite_autoindex_customer_order_1 (id>?)"),
    ],
    ids=["buyers", "few SKUs", "many SKUs"],
)
async def test_what_costs_most_begins_with_what_is_asked_for(
    sqlite_store: Store, query: sa.Select[tuple[object]] | sa.TextClause, index: str
) -> None:
    """None of them begins with an account's orders, or with all lines."""
    said = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True}))
    async with sqlite_store.read() as tx:
        rows = (await tx.exec(f"EXPLAIN QUERY PLAN {said}", [None] * said.count("?"))).all()
    assert rows[0][3] == index


def test_an_id_sorts_behind_the_earliest_of_its_moment() -> None:
    ids, at = RowIds(), to_micros(NOON)
    assert earliest(at) < ids.make(at) < earliest(at + 1000)
    assert len(earliest(0)) == len(ids.make(at))
