"""The whole daemon on PostgreSQL: it works, it is alone, and it outlives its server."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.domain.clock import SystemClock
from sync.engine import service
from sync.engine.lock import lock_path
from sync.engine.opening import open_store
from sync.engine.refusals import UNREACHABLE, StartRefused
from sync.engine.settings_file import read_settings
from sync.store import migrate
from tests.databases.servers import Server, private, refuse_or_skip
from tests.integration.engine.test_daemon import House, house
from tests.peers.systems.postgres import PostgresMissing

__all__ = ["house"]
pytestmark = pytest.mark.usefixtures("no_key_outside")


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that the test may stop and start."""
    try:
        made = private()
    except PostgresMissing:
        refuse_or_skip()
    yield made
    made.close()


def _moved(house: House, url: str) -> None:
    house.write(house.settings() | {"database": url})


async def test_it_works_on_an_empty_database_and_keeps_others_out(
    house: House, server: Server, tmp_path: Path
) -> None:
    url = server.url(server.make())
    _moved(house, url)
    await house.start()

    async def works() -> bool:
        return await house.succeeded() >= {"orders", "catalogue"}

    await house.until("its flows succeed", works)
    settings = read_settings(house.folder)
    assert lock_path(settings) == house.folder / "entrepot-data" / "entrepot.postgresql.lock"
    assert list((house.folder / "entrepot-data").glob("*.sqlite3*")) == []
    other = tmp_path / "other"
    (other / "entrepot-data").mkdir(parents=True)
    for name in ("entrepot.yaml", "entrepot-data/keys"):
        shutil.copy(house.folder / name, other / name)
    with pytest.raises(StartRefused, match="already works on this database: stop it first") as refused:
        await open_store(read_settings(other), SystemClock())
    assert refused.value.exit_code == 2
    assert await house.stop() == 0
    store = await open_store(settings, SystemClock())
    await store.close()


async def test_a_server_that_is_stopped_midway_costs_delay_and_nothing_else(
    house: House, server: Server
) -> None:
    assert server.cluster is not None
    _moved(house, server.url(server.make()))
    await house.start()
    server.cluster.process.stop(signal.SIGINT)

    async def noticed() -> bool:
        return (await house.get("/metrics")).status_code != 200 or not house.task.done()  # type: ignore[union-attr]

    await house.until("the daemon still stands", noticed)
    server.cluster.start()
    before = await _runs(house)

    async def works() -> bool:
        return await _runs(house) > before

    await house.until("passes end well again", works)
    assert await house.stop() == 0


async def _runs(house: House) -> float:
    page = (await house.get("/metrics")).text
    wanted = 'entrepot_passes_total{account="empty",flow="orders",outcome="done"}'
    return next(
        (float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(wanted)), 0.0
    )


async def test_a_server_that_is_not_there_is_told_at_the_start(house: House) -> None:
    url = "postgresql://sync@127.0.0.1:1/entrepot"
    _moved(house, url)
    with pytest.raises(StartRefused) as refused:
        await service.serve(house.folder)
    assert refused.value.exit_code == UNREACHABLE
    assert str(refused.value) == (
        f"{url} does not answer: see that PostgreSQL runs and can be reached; work goes on by itself then"
    )


async def test_run_refuses_a_database_that_is_behind_and_names_migrate(house: House, server: Server) -> None:
    url = server.url(server.make())
    migrate.upgrade(url)
    with migrate._connected(url, "rwc") as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    _moved(house, url)
    with pytest.raises(StartRefused) as refused:
        await service.serve(house.folder)
    assert str(refused.value) == (
        f"{url} is of an older version: make a backup of it, then run `entrepot migrate`"
    )
    assert refused.value.exit_code == 2
