"""What PostgreSQL alone can do to us: other processes, a lost server, locks that are waited for."""

import asyncio
import signal
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from sync.domain.clock import SetClock
from sync.engine.faults import Fault, judge
from sync.store import meta, migrate, postgres
from sync.store.database import Store
from sync.store.postgres import Claim, Taken, place_of
from sync.store.sealing import Sealer
from sync.store.tables import meta as meta_table
from tests.databases.servers import Server, copied, private, refuse_or_skip
from tests.peers.systems.postgres import PostgresMissing


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with copied(postgresql) as url:
        yield url


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that the test may stop and start."""
    try:
        server = private()
    except PostgresMissing:
        refuse_or_skip()
    yield server
    server.close()


async def test_two_processes_never_work_on_one_database(url: str) -> None:
    first, second = Claim(url), Claim(url)
    await first.hold()
    with pytest.raises(Taken, match=r"the daemon .+:\d+ already works on this database: stop it first"):
        await second.hold()
    await first.release()
    await second.hold()
    await second.release()


async def test_a_claim_is_of_one_database_alone(postgresql: Server, url: str) -> None:
    with copied(postgresql) as other:
        claims = Claim(url), Claim(other)
        for claim in claims:
            await claim.hold()
        for claim in claims:
            await claim.release()


def test_a_place_shows_no_password() -> None:
    shown = place_of("postgresql://sync:hunter2@db:5433/entrepot?sslmode=require&sslpassword=hunter2")
    assert shown == "postgresql://sync@db:5433/entrepot?sslmode=require"


async def test_a_server_that_was_stopped_and_comes_back_is_worked_on_again(
    own_server: Server, clock: SetClock, sealer: Sealer
) -> None:
    assert own_server.cluster is not None
    name = own_server.make()
    migrate.upgrade(own_server.url(name))
    claim = Claim(own_server.url(name))
    await claim.hold()
    store = await Store.open(own_server.url(name), clock=clock, sealer=sealer, claim=claim)
    async with store.write() as tx:
        await meta.write(tx, "before", "1")
    own_server.cluster.process.stop(signal.SIGINT)
    for _ in range(2):
        with pytest.raises((DBAPIError, psycopg.Error)) as lost:
            async with store.write() as tx:
                await meta.write(tx, "lost", "1")
        verdict = judge(lost.value, store.place)
        assert (verdict.fault, verdict.text) == (
            Fault.MACHINE,
            f"{store.place} does not answer: see that PostgreSQL runs and can be reached; "
            "work goes on by itself then",
        )
    own_server.cluster.start()
    async with store.write() as tx:
        assert await meta.read(tx, "before") == "1"
        await meta.write(tx, "after", "1")
    with pytest.raises(Taken):
        await Claim(own_server.url(name)).hold()
    async with store.read() as tx:
        assert await meta.read(tx, "lost") is None
    await store.close()


async def test_a_connection_that_rested_is_asked_before_it_is_used(
    own_server: Server, clock: SetClock, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was used a moment ago is not: it fails, and the pool is new after it."""
    assert own_server.cluster is not None
    address = own_server.url(own_server.make())
    migrate.upgrade(address)
    store = await Store.open(address, clock=clock, sealer=sealer)
    for rest in (0.0, 3600.0):
        async with store.write() as tx:
            await meta.write(tx, "before", str(rest))
        own_server.cluster.process.stop(signal.SIGINT)
        own_server.cluster.start()
        monkeypatch.setattr(postgres, "_TRUSTED_SECONDS", 3600.0 - rest)
        if not rest:
            with pytest.raises(DBAPIError):
                async with store.write() as tx:
                    await meta.write(tx, "before", "lost")
        async with store.write() as tx:
            assert await meta.read(tx, "before") == str(rest)
    await store.close()


async def test_who_lost_the_server_writes_nothing_once_another_works_on_the_database(
    own_server: Server, clock: SetClock, sealer: Sealer
) -> None:
    assert own_server.cluster is not None
    address = own_server.url(own_server.make())
    migrate.upgrade(address)
    claim, other = Claim(address), Claim(address)
    await claim.hold()
    store = await Store.open(address, clock=clock, sealer=sealer, claim=claim)
    own_server.cluster.process.stop(signal.SIGINT)
    with pytest.raises((DBAPIError, psycopg.Error)):
        async with store.write():
            pass
    own_server.cluster.start()
    await other.hold()
    with pytest.raises(Taken) as taken:
        async with store.write() as tx:
            await meta.write(tx, "late", "1")
    assert judge(taken.value, store.place).fault is Fault.MACHINE
    await other.release()
    async with store.write() as tx:
        assert await meta.read(tx, "late") is None
    await store.close()


async def test_two_passes_that_wait_for_one_another_are_run_again(
    url: str, clock: SetClock, sealer: Sealer
) -> None:
    store = await Store.open(url, clock=clock, sealer=sealer)
    async with store.write() as tx:
        for name in ("a", "b"):
            await meta.write(tx, name, "0")
    both = asyncio.Barrier(2)

    async def cross(first: str, second: str) -> None:
        async with store.write() as tx:
            await tx.run(sa.update(meta_table).where(meta_table.c.name == first).values(value=first))
            await both.wait()
            await tx.run(sa.update(meta_table).where(meta_table.c.name == second).values(value=first))

    results = await asyncio.gather(cross("a", "b"), cross("b", "a"), return_exceptions=True)
    errors = [result for result in results if isinstance(result, Exception)]
    assert len(errors) == 1
    verdict = judge(errors[0], store.place)
    assert verdict.fault is Fault.PATIENCE
    assert verdict.text == "another pass worked on the same rows; this one is run again"
    await store.close()
