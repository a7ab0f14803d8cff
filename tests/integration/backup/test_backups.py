"""A backup is whole, verified, private, and says what it is."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from sync.engine import backing_up
from sync.engine.backing_up import Backups
from sync.store import backup, migrate
from sync.store.backup import TargetExists
from sync.telemetry import metrics
from tests.integration.backup.conftest import NOON, House


def _made(house: House, name: str = "copy.sqlite3", days: int = 0) -> Path:
    target = house.folder / "data" / "backups" / name
    backing_up.make(house.configuration.settings, target, NOON + timedelta(days=days))
    return target


async def test_a_backup_is_made_while_another_connection_writes(house: House) -> None:
    store = await house.opened()
    async with store.write() as tx:
        await tx.exec("INSERT INTO meta (name, value) VALUES ('half', 'done')")
        file = _made(house)
    await store.close()
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT count(*) FROM meta WHERE name = 'half'").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    connection.close()


async def test_its_manifest_says_what_it_is_and_holds_no_key(house: House) -> None:
    file = _made(house)
    found = backup.read_manifest(file)
    assert found is not None
    assert (found.revision, found.made_at, found.keys) == (migrate.head(), NOON, ("1", "blind"))
    assert (found.bytes, found.sha256) == (file.stat().st_size, backup.digest(file))
    assert (found.counts["outbox"], found.counts["customer_order"]) == (1, 0)
    assert found.instance
    key = (house.folder / "data" / "keys").read_text().split(":", 2)[2].strip()
    for path in (file, backup.manifest_path(file)):
        assert key.encode() not in path.read_bytes()


async def test_only_its_owner_can_read_it(house: House) -> None:
    file = _made(house)
    assert [path.stat().st_mode & 0o777 for path in (file, backup.manifest_path(file))] == [0o600, 0o600]


async def test_a_file_that_is_there_is_never_overwritten(house: House) -> None:
    file = _made(house)
    before = file.read_bytes()
    with pytest.raises(TargetExists, match=f"there is a file {file} already: name another one"):
        _made(house)
    assert file.read_bytes() == before


async def test_nothing_half_made_is_left_behind(house: House) -> None:
    def give_up(done: int, whole: int) -> None:
        raise InterruptedError

    target = house.folder / "data" / "backups" / "copy.sqlite3"
    with pytest.raises((sqlite3.OperationalError, InterruptedError)):
        backup.make(house.database, target, program="test", now=NOON, progress=give_up)
    assert list(target.parent.iterdir()) == []


async def test_progress_ends_with_the_whole_size(house: House) -> None:
    told: list[tuple[int, int]] = []
    target = house.folder / "copy.sqlite3"
    backup.make(house.database, target, program="test", now=NOON, progress=lambda a, b: told.append((a, b)))
    assert told[-1][0] == told[-1][1] > 0


async def test_the_youngest_are_kept_and_files_of_others_stay(house: House) -> None:
    files = [_made(house, f"copy-{day}.sqlite3", day) for day in range(4)]
    folder = files[0].parent
    (folder / "notes.sqlite3").write_text("not ours")
    mine = backup.read_manifest(files[0])
    assert mine is not None
    assert backup.prune(folder, 3, "another instance") == []
    assert backup.prune(folder, 2, mine.instance) == files[:2]
    left = {path.name for path in folder.iterdir()}
    assert left == {
        "notes.sqlite3",
        "copy-2.sqlite3",
        "copy-2.sqlite3.json",
        "copy-3.sqlite3",
        "copy-3.sqlite3.json",
    }


async def test_the_daemon_makes_one_when_it_is_due_and_shows_its_age(house: House) -> None:
    settings = house.configuration.settings
    daemon = Backups(lambda: settings, house.clock)
    await daemon.look()
    folder = backing_up.folder_of(settings)
    assert not folder.exists(), "a daemon that has just started waits a little"
    house.clock.move(timedelta(minutes=11))
    await daemon.look()
    assert len(list(folder.glob("*.sqlite3"))) == 1
    assert metrics.BACKUP_LAST_SUCCESS._value.get() == house.clock.now().timestamp()
    house.clock.move(timedelta(hours=23))
    await daemon.look()
    assert len(list(folder.glob("*.sqlite3"))) == 1
    for _ in range(9):
        house.clock.move(timedelta(hours=24))
        await daemon.look()
    assert len(list(folder.glob("*.sqlite3"))) == 7


async def test_a_backup_that_fails_is_counted_and_raised(house: House) -> None:
    settings = house.configuration.settings
    daemon = Backups(lambda: settings, house.clock)
    backing_up.folder_of(settings).write_text("a file where the folder belongs")
    house.clock.move(timedelta(minutes=11))
    before = metrics.BACKUPS_FAILED._value.get()
    with pytest.raises(OSError, match="backups"):
        await daemon.look()
    assert metrics.BACKUPS_FAILED._value.get() == before + 1
