"""Backup and restore on PostgreSQL, by its own programs: the same promises as on SQLite."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from sync.engine import backing_up, restoring
from sync.engine.refusals import StartRefused
from sync.store import backup, migrate, postgres_backup
from sync.store.backup import NoDatabase
from tests.databases.fixtures import found_server, postgresql
from tests.databases.servers import Server, copied
from tests.integration.backup.conftest import NOON, YAML, House

__all__ = ["found_server", "postgresql"]


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with copied(postgresql) as url:
        yield url


@pytest.fixture
async def stored(tmp_path: Path, url: str) -> House:
    """A house whose database is on PostgreSQL, with one creating write in it."""
    made = House(tmp_path / "house")
    (made.folder / "entrepot.yaml").write_text(f'{YAML}database: "{url}"\n')
    await made.queue("first")
    return made


def _dumped(house: House) -> Path:
    target = house.folder / "data" / "backups" / "copy.dump"
    backing_up.make(house.configuration.settings, target, NOON)
    return target


async def test_a_dump_is_private_verified_and_says_what_it_is(stored: House) -> None:
    file = _dumped(stored)
    found = backup.read_manifest(file)
    assert found is not None
    assert (found.database, found.revision, found.keys) == ("postgresql", migrate.head(), ("1", "blind"))
    assert (found.counts["outbox"], found.sha256) == (1, backup.digest(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in file.parent.iterdir()} == {"copy.dump", "copy.dump.json"}


async def test_a_restored_dump_is_looked_up_first_and_the_old_schema_is_kept(stored: House, url: str) -> None:
    file = _dumped(stored)
    await stored.queue("second")
    done = await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=False)
    assert (done.kept, done.done is not None) == ("before_restore_20260301t120000z", True)
    assert await stored.states() == {"first": "unknown"}
    with psycopg.connect(url) as connection:
        kept = connection.execute("SELECT count(*) FROM before_restore_20260301t120000z.outbox").fetchone()
    assert kept == (2,)
    await stored.queue("third")
    assert await stored.states() == {"first": "unknown", "third": "unknown"}


async def test_a_dry_run_on_postgresql_checks_the_file_and_changes_nothing(stored: House) -> None:
    file = _dumped(stored)
    await stored.queue("second")
    done = await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=True)
    assert (done.dry_run, done.done) == (True, None)
    assert await stored.states() == {"first": "queued", "second": "queued"}


async def test_other_keys_leave_the_database_as_it_was(stored: House) -> None:
    file = _dumped(stored)
    before = (stored.folder / "data" / "keys").read_text()
    stored.new_key()
    with pytest.raises(
        StartRefused, match=r"cannot be opened with these keys: .* restore the right key file"
    ):
        await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=False)
    (stored.folder / "data" / "keys").write_text(before)
    assert await stored.states() == {"first": "queued"}


async def test_a_sqlite_backup_is_told_apart(stored: House, tmp_path: Path) -> None:
    house = House(tmp_path / "other")
    await house.queue("theirs")
    file = house.folder / "copy.sqlite3"
    backing_up.make(house.configuration.settings, file, NOON)
    with pytest.raises(StartRefused) as caught:
        await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=False)
    assert str(caught.value) == f"{file} is a backup of a SQLite database; this configuration uses PostgreSQL"


async def test_a_dump_that_is_cut_short_is_refused(stored: House) -> None:
    file = _dumped(stored)
    content = file.read_bytes()
    file.write_bytes(content[:200])
    with pytest.raises(StartRefused, match=f"cut short: 200 of {len(content)} bytes"):
        await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=False)
    backup.manifest_path(file).unlink()
    with pytest.raises(StartRefused, match="is damaged: pg_restore cannot read it"):
        await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=False)
    file.write_text("Dear Sir or Madam")
    with pytest.raises(StartRefused, match="is no backup of Entrepot: it is no dump of PostgreSQL"):
        await restoring.restore(stored.configuration, file, stored.clock, who="ann", dry_run=False)


async def test_a_database_that_was_copied_on_the_server_is_not_worked_on(
    stored: House, url: str, postgresql: Server
) -> None:
    name = postgresql.make(urlsplit(url).path.strip("/"))
    try:
        (stored.folder / "entrepot.yaml").write_text(f'{YAML}database: "{postgresql.url(name)}"\n')
        with pytest.raises(StartRefused, match="was copied or moved here from another folder or machine"):
            await stored.opened()
        await restoring.adopt(stored.configuration, stored.clock, who="ann", dry_run=False)
        assert await stored.states() == {"first": "unknown"}
    finally:
        postgresql.drop(name)


def test_an_empty_database_has_nothing_to_back_up(postgresql: Server, tmp_path: Path) -> None:
    with copied(postgresql, empty=True) as url, pytest.raises(NoDatabase) as caught:
        postgres_backup.make(url, tmp_path / "copy.dump", program="test", now=NOON)
    assert str(caught.value) == "there is nothing in the database yet; `entrepot migrate` makes it"
    assert list(tmp_path.iterdir()) == []


def test_absent_client_programs_are_named(monkeypatch: pytest.MonkeyPatch, url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgres_backup.ToolMissing) as caught:
        postgres_backup.make(url, tmp_path / "copy.dump", program="test", now=NOON)
    assert str(caught.value) == (
        "pg_dump is not here: install PostgreSQL's client programs (Debian: postgresql-client), "
        "of the server's version or newer"
    )
