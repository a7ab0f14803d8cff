"""SQLite's transactions begin with their first statement and are one thing from there to their end."""

import asyncio
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from sync.store import meta
from sync.store.database import Store
from sync.store.tables import meta as meta_table
from tests.databases.fixtures import Place


async def _driver(tx: object) -> object:
    """SQLite's own connection, under all that is ours."""
    connection = await tx._connection.get_raw_connection()  # type: ignore[attr-defined]
    return connection.driver_connection._conn


async def test_a_transaction_begins_with_its_first_statement(sqlite_store: Store) -> None:
    async with sqlite_store.write() as tx:
        driver = await _driver(tx)
        assert not driver.in_transaction  # type: ignore[attr-defined]
        await meta.read(tx, "name")
        assert driver.in_transaction  # type: ignore[attr-defined]
    assert not driver.in_transaction  # type: ignore[attr-defined]


async def test_a_transaction_without_a_statement_leaves_nothing(sqlite_store: Store) -> None:
    for _ in range(2):
        async with sqlite_store.write():
            pass
        async with sqlite_store.read():
            pass
    async with sqlite_store.write() as tx:
        await meta.write(tx, "name", "value")
    async with sqlite_store.read() as tx:
        assert await meta.read(tx, "name") == "value"


async def test_what_sqlite_rolled_back_by_itself_is_not_gone_on_with(sqlite_store: Store) -> None:
    """As it does where the disk is full: what follows would be written without what went before."""
    with pytest.raises(OperationalError, match="rolled back by SQLite itself"):
        async with sqlite_store.write() as tx:
            await meta.write(tx, "before", "1")
            (await _driver(tx)).rollback()  # type: ignore[attr-defined]
            await meta.write(tx, "after", "2")
    with pytest.raises(OperationalError, match="rolled back by SQLite itself"):
        async with sqlite_store.write() as tx:
            await meta.write(tx, "before", "1")
            (await _driver(tx)).rollback()  # type: ignore[attr-defined]
    async with sqlite_store.write() as tx:
        assert await tx.all(sa.select(meta_table).where(meta_table.c.name.in_(("before", "after")))) == []


async def test_a_transaction_that_is_cancelled_is_not_half_written_and_holds_nothing(
    database: Place, store: Store
) -> None:
    async def write(turns: int) -> None:
        async with store.write() as tx:
            await meta.write(tx, f"first {turns}", "1")
            await meta.write(tx, f"second {turns}", "1")

    for turns in range(40):
        task = asyncio.create_task(write(turns))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5), store.write() as tx:
            both = [await meta.read(tx, f"{which} {turns}") for which in ("first", "second")]
            assert both in ([None, None], ["1", "1"]), (database.kind, turns)
            await meta.write(tx, "last", str(turns))
    async with store.read() as tx:
        assert await meta.read(tx, "last") == "39"


async def test_a_statement_that_is_cancelled_while_it_waits_for_the_thread_is_not_written_by_itself(
    sqlite_store: Store,
) -> None:
    async with sqlite_store.write() as tx:
        thread = (await tx._connection.get_raw_connection()).driver_connection

    async def write() -> None:
        async with sqlite_store.write() as tx:
            await meta.write(tx, "alone", "1")

    thread._tx.put_nowait((None, lambda: time.sleep(0.3)))
    task = asyncio.create_task(write())
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with sqlite_store.write() as tx:
        assert await meta.read(tx, "alone") is None


async def test_rows_written_are_counted_and_rows_given_back_are_all_there(sqlite_store: Store) -> None:
    async with sqlite_store.write() as tx:
        rows = [{"name": f"n{number:03}", "value": "v"} for number in range(300)]
        assert await tx.run(sa.insert(meta_table), rows) == 300
        mine = meta_table.c.name.startswith("n0")
        assert await tx.run(sa.update(meta_table).where(mine).values(value="w")) == 100
        back = await tx.all(
            sa.delete(meta_table).where(meta_table.c.value == "w").returning(meta_table.c.name)
        )
        assert sorted(row.name for row in back) == [f"n{number:03}" for number in range(100)]
        assert len(await tx.all(sa.select(meta_table).where(meta_table.c.value == "v"))) == 200
