"""Two things that the store promises to everything above it."""

from dataclasses import replace
from decimal import Decimal

import sqlalchemy as sa

from sync.domain.ids import AccountId
from sync.domain.money import Money
from sync.domain.orders import RemoteOrderLine
from sync.store import orders
from sync.store.database import Store
from tests.integration.store.samples import remote_order


async def test_a_commit_of_sqlite_is_on_the_disk_before_it_is_believed(sqlite_store: Store) -> None:
    """FULL is 2. With NORMAL a power cut could take back the word that a request was about to leave."""
    async with sqlite_store.write() as tx:
        assert await tx.scalar(sa.text("PRAGMA synchronous")) == 2


async def test_an_order_whose_lines_come_in_another_order_has_not_changed(
    store: Store, shop: AccountId
) -> None:
    other = RemoteOrderLine("l2", "v2", "B", "A jug", 1, 1, Decimal("5.00"), Money(500, "EUR"))
    first = remote_order("1001")
    order = replace(first, lines=(*first.lines, other))
    async with store.write() as tx:
        await orders.save(tx, shop, order, history=False, masked=False)
    async with store.write() as tx:
        again = replace(order, lines=tuple(reversed(order.lines)))
        saved = await orders.save(tx, shop, again, history=False, masked=False)
    assert not saved.changed
