"""The writer's gate, cancellation, fences, and a race for the last units."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError

from sync.domain.clock import SetClock, to_micros
from sync.domain.ids import AccountId
from sync.store import leases, meta, offers, tables
from sync.store.database import Fence, LeaseLost, ReadOnly, Store
from sync.store.sealing import Sealer
from sync.store.sqlite import NotSupported
from sync.store.tables import account, flow_state, offer_price, stock_level
from sync.store.tables.offers import unsent_price
from tests.databases.fixtures import Place


async def _count_up(store: Store) -> None:
    async with store.write() as tx:
        await tx.alone("meta", "counter")
        before = int(await meta.read(tx, "counter") or 0)
        await meta.write(tx, "counter", str(before + 1))


async def _counter(store: Store) -> int:
    async with store.read() as tx:
        return int(await meta.read(tx, "counter") or 0)


async def test_a_hundred_concurrent_read_modify_writes_are_all_counted(store: Store) -> None:
    await asyncio.gather(*(_count_up(store) for _ in range(100)))
    assert await _counter(store) == 100


async def test_on_sqlite_writers_come_in_the_order_in_which_they_asked(sqlite_store: Store) -> None:
    store = sqlite_store
    served: list[int] = []

    async def write(n: int) -> None:
        async with store.write() as tx:
            await meta.write(tx, "last", str(n))
            served.append(n)

    await asyncio.gather(*(write(n) for n in range(20)))
    assert served == list(range(20))


async def test_a_cancelled_write_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    """Half of 60 writers are cancelled at some await; what was committed is what is counted."""
    chance = random.Random(7)
    committed = 0

    async def write() -> None:
        nonlocal committed
        async with store.write() as tx:
            await tx.alone("meta", "counter")
            before = int(await meta.read(tx, "counter") or 0)
            await asyncio.sleep(0)
            await meta.write(tx, "counter", str(before + 1))
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(write()) for _ in range(60)]
    for task in tasks[::2]:
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0)
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    finished = sum(1 for result in results if result is None)
    counted = await _counter(store)
    assert 30 <= finished <= counted <= 60
    await _count_up(store)
    assert await _counter(store) == counted + 1


async def test_a_body_that_raises_is_rolled_back_whole(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.write() as tx:
            await meta.write(tx, "half", "yes")
            raise ZeroDivisionError
    async with store.read() as tx:
        assert await meta.read(tx, "half") is None


async def test_an_errors_text_does_not_show_what_was_to_be_stored(store: Store) -> None:
    with pytest.raises(IntegrityError) as told:
        async with store.write() as tx:
            for _ in range(2):
                await tx.run(sa.insert(tables.meta).values(name="once", value="Ann, Main Street 1"))
    assert "Ann" not in str(told.value)


async def test_a_reader_sees_one_moment_beside_a_writer(store: Store) -> None:
    async with store.read() as reader:
        assert await meta.read(reader, "counter") is None
        await _count_up(store)
        assert await meta.read(reader, "counter") is None
    assert await _counter(store) == 1


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        async with store.read() as tx:
            await meta.write(tx, "sly", "yes")


async def test_a_store_opened_for_reading_refuses_to_write(
    database: Place, clock: SetClock, sealer: Sealer
) -> None:
    """This program opened the database for reading only."""
    store = await Store.open(database.address, clock=clock, sealer=sealer, read_only=True)
    with pytest.raises(ReadOnly, match="for reading only"):
        async with store.write():
            pass
    await store.close()


async def test_another_kind_of_database_is_refused_in_words(clock: SetClock, sealer: Sealer) -> None:
    with pytest.raises(NotSupported, match="mysql database is not supported by this version"):
        await Store.open("mysql://u:p@h/d", clock=clock, sealer=sealer)


async def test_a_url_names_the_same_file_as_its_path(file: Path, clock: SetClock, sealer: Sealer) -> None:
    store = await Store.open(f"sqlite:///{file}", clock=clock, sealer=sealer)
    await _count_up(store)
    await store.close()
    assert store.place == str(file)


async def test_driver_sql_takes_one_row_or_many(store: Store) -> None:
    async with store.write() as tx:
        await tx.exec("INSERT INTO meta (name, value) VALUES (?, ?)", ("a", "1"))
        await tx.exec("INSERT INTO meta (name, value) VALUES (?, ?)", [("b", "2"), ("c", "3")])
        found = (await tx.exec("SELECT name FROM meta WHERE value IN (?, ?, ?)", ("1", "2", "3"))).all()
    assert sorted(row[0] for row in found) == ["a", "b", "c"]


async def _lease(store: Store, shop: AccountId, flow: str, ttl: float = 30) -> Fence:
    async with store.write() as tx:
        held = await leases.take_account(tx, shop, "host:1", 30)
        assert held is not None
        fence = await leases.take_flow(tx, held, flow, ttl)
    assert fence is not None
    return fence


async def test_every_commit_renews_the_lease_of_its_pass(store: Store, shop: AccountId) -> None:
    fence = await _lease(store, shop, "orders")
    short = sa.update(flow_state).values(lease_until=1)
    async with store.write() as tx:
        await tx.run(short)
    async with store.write(fence):
        pass
    async with store.read() as tx:
        assert await tx.scalar(sa.select(flow_state.c.lease_until)) > to_micros(tx.clock.now()) - 10**15


async def test_a_frozen_workers_late_commit_fails_and_writes_nothing(store: Store, shop: AccountId) -> None:
    frozen = await _lease(store, shop, "orders")
    async with store.write() as tx:  # its time passes, and another process takes the account over
        await tx.run(sa.update(account).values(lease_until=1))
        await tx.run(sa.update(flow_state).values(lease_until=1))
        other = await leases.take_account(tx, shop, "host:2", 30)
        assert other is not None
        fresh = await leases.take_flow(tx, other, "orders", 30)
    assert fresh is not None
    assert fresh.token > frozen.token
    with pytest.raises(LeaseLost):
        async with store.write(frozen) as tx:
            await meta.write(tx, "late", "yes")
    async with store.write(fresh) as tx:
        assert await meta.read(tx, "late") is None


async def test_taking_an_account_over_ends_the_flow_leases_of_the_one_before(
    store: Store, shop: AccountId
) -> None:
    """Even before the new process has taken the flow, and though the flow's own lease had time left."""
    frozen = await _lease(store, shop, "orders")
    async with store.write() as tx:
        await tx.run(sa.update(account).values(lease_until=1))
        assert await leases.take_account(tx, shop, "host:2", 30) is not None
    with pytest.raises(LeaseLost):
        async with store.write(frozen):
            pass


async def test_a_released_lease_lets_no_write_through(store: Store, shop: AccountId) -> None:
    fence = await _lease(store, shop, "orders")
    async with store.write(fence) as tx:
        await leases.release_flow(tx, fence)
    with pytest.raises(LeaseLost):
        async with store.write(fence):
            pass


async def test_an_account_has_one_holder_until_its_time_is_over(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        first = await leases.take_account(tx, shop, "host:1", 30)
        assert first is not None
        assert await leases.take_account(tx, shop, "host:2", 30) is None
        await leases.renew_account(tx, first)
        await leases.release_account(tx, first)
        assert await leases.take_account(tx, shop, "host:2", 30) is not None
    with pytest.raises(LeaseLost):
        async with store.write() as tx:
            await leases.renew_account(tx, first)


async def test_a_flow_is_taken_once_at_a_time(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        held = await leases.take_account(tx, shop, "host:1", 30)
        assert held is not None
        first = await leases.take_flow(tx, held, "orders", 30)
        assert first is not None
        assert await leases.take_flow(tx, held, "orders", 30) is None
        await leases.release_flow(tx, first)
        second = await leases.take_flow(tx, held, "orders", 30)
    assert second is not None
    assert second.token == first.token + 1


async def test_a_flow_is_not_given_to_a_process_that_lost_the_account(store: Store, shop: AccountId) -> None:
    async with store.write() as tx:
        lost = await leases.take_account(tx, shop, "host:1", 30)
        assert lost is not None
        await tx.run(sa.update(account).values(lease_until=1))
        await leases.take_account(tx, shop, "host:2", 30)
    with pytest.raises(LeaseLost):
        async with store.write() as tx:
            await leases.take_flow(tx, lost, "orders", 30)


async def test_leases_do_not_follow_the_injected_clock(
    store: Store, shop: AccountId, clock: SetClock
) -> None:
    """Due times are simulated; leases are between processes, and on the database's clock."""
    await _lease(store, shop, "orders")
    clock.move(timedelta(days=365))
    async with store.write() as tx:
        assert await leases.take_account(tx, shop, "host:2", 30) is None


async def test_forty_buyers_of_ten_units_get_ten(store: Store, shop: AccountId) -> None:
    """Check and reserve is one conditional UPDATE; the rest is told that it came too late."""
    async with store.write() as tx:
        row = {"account_id": shop, "sku": "A", "location": "", "on_hand": 10, "begun_at": tx.now()}
        await tx.run(sa.insert(stock_level).values(**row))
    reserve = (
        sa.update(stock_level)
        .where(stock_level.c.sku == "A", stock_level.c.on_hand - stock_level.c.reserved >= 1)
        .values(reserved=stock_level.c.reserved + 1)
    )

    async def buy() -> int:
        async with store.write() as tx:
            return await tx.run(reserve)

    assert sum(await asyncio.gather(*(buy() for _ in range(40)))) == 10
    async with store.read() as tx:
        assert await tx.scalar(sa.select(stock_level.c.reserved)) == 10


async def test_unsent_prices_are_found_by_their_partial_index(sqlite_store: Store) -> None:
    c = offer_price.c
    query = sa.select(c.id).where(c.account_id == "a", unsent_price).order_by(c.changed_at)
    sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with sqlite_store.read() as tx:
        plan = [row[3] for row in (await tx.exec(f"EXPLAIN QUERY PLAN {sql}")).all()]
    assert plan == ["SEARCH offer_price USING INDEX ix_offer_price_unsent (account_id=?)"]


async def test_the_look_for_unsent_quantities_reads_its_index_alone(sqlite_store: Store) -> None:
    query = offers.unsent_at(AccountId("a"), 1_000, 0)
    sql = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with sqlite_store.read() as tx:
        plan = [row[3] for row in (await tx.exec(f"EXPLAIN QUERY PLAN {sql}")).all()]
    assert plan == ["SEARCH offer_quantity USING COVERING INDEX ix_offer_quantity_unsent (account_id=?)"]
