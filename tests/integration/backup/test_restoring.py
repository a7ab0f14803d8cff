"""Restore: what it refuses, what it keeps, and what the restored database no longer takes for granted."""

import os
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from sync.engine import backing_up, restoring
from sync.engine.lock import Lock
from sync.engine.refusals import StartRefused
from sync.engine.restoring import Restored
from sync.store import backup, restored
from sync.store.reopening import Reopened
from tests.integration.backup.conftest import NOON, House


def _backup(house: House) -> Path:
    target = house.folder / "data" / "backups" / "copy.sqlite3"
    backing_up.make(house.configuration.settings, target, NOON)
    return target


async def _restore(house: House, file: Path, *, dry_run: bool = False) -> Restored:
    return await restoring.restore(house.configuration, file, house.clock, who="ann", dry_run=dry_run)


def _did(done: Restored) -> Reopened:
    assert done.done is not None
    return done.done


def _bytes(path: str) -> int:
    return Path(path).stat().st_size


async def _refused(house: House, file: Path, exit_code: int = 2) -> str:
    before = await house.states()
    with pytest.raises(StartRefused) as caught:
        await _restore(house, file)
    assert caught.value.exit_code == exit_code
    assert await house.states() == before, "the present database is as it was"
    assert not list(house.database.parent.glob("*.restoring*"))
    return str(caught.value)


async def test_what_is_open_is_looked_up_before_it_is_sent(house: House) -> None:
    file = _backup(house)
    await house.queue("second")
    done = await _restore(house, file)
    assert (_did(done).writes_unknown, _did(done).generation, done.made_at) == (1, 1, NOON)
    assert await house.states() == {"first": "unknown"}
    await house.queue("third")
    assert await house.states() == {"first": "unknown", "third": "unknown"}


async def test_the_database_that_was_there_is_kept_and_can_be_restored_again(house: House) -> None:
    file = _backup(house)
    await house.queue("second")
    done = await _restore(house, file)
    assert done.kept == str(house.database.with_name("entrepot-before-restore-20260301T120000Z.sqlite3"))
    again = await _restore(house, Path(done.kept))
    assert _did(again).generation == 1
    assert set(await house.states()) == {"first", "second"}


async def test_a_dry_run_changes_nothing(house: House) -> None:
    file = _backup(house)
    await house.queue("second")
    files = sorted(house.database.parent.iterdir())
    done = await _restore(house, file, dry_run=True)
    assert (done.dry_run, _did(done).writes_unknown) == (True, 1)
    assert await house.states() == {"first": "queued", "second": "queued"}
    assert [path for path in sorted(house.database.parent.iterdir()) if "lock" not in path.name] == [
        path for path in files if "lock" not in path.name
    ]


async def test_it_is_written_down_who_restored_what(house: House) -> None:
    await _restore(house, _backup(house))
    store = await house.opened(read_only=True)
    async with store.read() as tx:
        row = (await tx.exec("SELECT who, what, subject FROM audit_event WHERE who = 'ann'")).first()
        since = await restored.last(tx)
    await store.close()
    assert row is not None
    assert tuple(row) == ("ann", "database restored", "copy.sqlite3")
    assert since is not None
    assert since.quiet_until > since.at


async def test_without_a_database_in_its_place_there_is_nothing_to_keep(house: House) -> None:
    file = _backup(house)
    for path in house.database.parent.glob("entrepot.sqlite3*"):
        path.unlink()
    done = await _restore(house, file)
    assert done.kept is None
    assert await house.states() == {"first": "unknown"}


async def test_a_broken_database_can_be_replaced(house: House) -> None:
    file = _backup(house)
    house.database.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    done = await _restore(house, file)
    assert done.kept is not None
    assert _bytes(done.kept) == 8208
    assert await house.states() == {"first": "unknown"}


async def test_a_running_daemon_must_be_stopped_first(house: House) -> None:
    file = _backup(house)
    lock = Lock(house.configuration.settings)
    lock.take()
    try:
        assert await _refused(house, file) == (
            f"a daemon already works on this database, pid {os.getpid()}: "
            "stop it first, or give this one a folder of its own"
        )
    finally:
        lock.release()


async def test_a_file_that_is_not_there_is_named(house: House) -> None:
    assert await _refused(house, Path("/no/such")) == "there is no file /no/such"


async def test_another_sort_of_file_is_no_backup(house: House, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam")
    assert await _refused(house, file) == f"{file} is no backup of Entrepot: it is no SQLite database"


async def test_another_programs_database_is_no_backup(house: House, tmp_path: Path) -> None:
    file = tmp_path / "other.sqlite3"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    other.commit()
    other.close()
    assert await _refused(house, file) == f"{file} is no backup of Entrepot: it is another program's database"


async def test_a_dump_of_the_other_database_is_told_apart(house: House, tmp_path: Path) -> None:
    file = tmp_path / "dump"
    file.write_bytes(b"PGDMP\x01\x0e")
    assert await _refused(house, file) == (
        f"{file} is a backup of a PostgreSQL database; this configuration uses SQLite"
    )


async def test_a_file_that_is_cut_short_is_refused(house: House) -> None:
    file = _backup(house)
    size = file.stat().st_size
    os.truncate(file, size - 4096)
    assert await _refused(house, file) == (
        f"{file} is cut short: {size - 4096} of {size} bytes; copy it again, or use another backup"
    )
    backup.manifest_path(file).unlink()
    assert await _refused(house, file) == (
        f"{file} is damaged: its pages do not fit together; use another backup"
    )


async def test_a_file_that_was_changed_is_refused(house: House) -> None:
    file = _backup(house)
    with file.open("r+b") as opened:
        opened.seek(-1, os.SEEK_END)
        opened.write(b"\x01")
    assert await _refused(house, file) == (
        f"{file} was changed or damaged since it was made: its checksum is not the one in its manifest; "
        "copy it again, or use another backup"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "is no manifest of a backup: put the right one beside copy.sqlite3"),
        ('{"format": 1', "is no manifest of a backup: put the right one beside copy.sqlite3"),
    ],
)
async def test_a_manifest_that_cannot_be_read_is_refused(house: House, text: str, why: str) -> None:
    file = _backup(house)
    manifest = backup.manifest_path(file)
    manifest.write_text(text)
    assert await _refused(house, file) == f"{manifest} {why}"


async def test_a_manifest_of_a_newer_form_is_refused(house: House) -> None:
    file = _backup(house)
    manifest = backup.manifest_path(file)
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    assert await _refused(house, file) == f"{manifest} is of format 2, which this version does not know"


async def test_a_backup_of_a_newer_program_is_refused(house: House) -> None:
    file = _backup(house)
    backup.manifest_path(file).unlink()
    newer = sqlite3.connect(file)
    newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.execute("INSERT OR REPLACE INTO meta VALUES ('min_code_revision', '9999')")
    newer.commit()
    newer.close()
    assert await _refused(house, file) == (
        "the database is at revision 9999, which this version does not know: "
        "install the newer version again, or restore the copy that was made before the upgrade"
    )


async def test_a_backup_that_other_keys_sealed_is_refused(house: House, tmp_path: Path) -> None:
    other = House(tmp_path / "other")
    await other.queue("theirs")
    file = _backup(other)
    assert re.fullmatch(
        rf"{file} cannot be opened with these keys: (key 1|the blind index key) is not the one that sealed "
        "this database; restore the right key file",
        await _refused(house, file),
    )


async def test_the_database_itself_is_no_backup_of_itself(house: House) -> None:
    assert await _refused(house, house.database) == (
        f"{house.database} is the database itself; to take it over as it is: entrepot adopt"
    )


async def test_a_copy_put_in_place_by_hand_is_not_worked_on(house: House) -> None:
    file = _backup(house)
    shutil.copy(file, house.database)
    with pytest.raises(StartRefused) as caught:
        await house.opened()
    assert str(caught.value) == (
        f"{house.database} is a copy, made at 2026-03-01 12:00:00 UTC, which does not know what was done since: "
        "bring it in with `entrepot restore FILE`, or, if it lies in its place already, `entrepot adopt`"
    )
    done = await restoring.adopt(house.configuration, house.clock, who="ann", dry_run=False)
    assert _did(done).writes_unknown == 1
    await (await house.opened()).close()


async def test_a_folder_that_was_copied_elsewhere_refuses_to_run_until_it_is_told(
    house: House, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere"
    shutil.copytree(house.folder, there)
    copied = House.__new__(House)
    copied.folder, copied.clock = there, house.clock
    with pytest.raises(StartRefused) as caught:
        await copied.opened()
    assert str(caught.value) == (
        f"{copied.database} was copied or moved here from another folder or machine: "
        "stop the daemon that works there, then say that this one takes over: entrepot adopt"
    )
    tried = await restoring.adopt(copied.configuration, copied.clock, who="ann", dry_run=True)
    assert _did(tried).writes_unknown == 1
    with pytest.raises(StartRefused):
        await copied.opened()
    await restoring.adopt(copied.configuration, copied.clock, who="ann", dry_run=False)
    assert await copied.states() == {"first": "unknown"}
    await (await copied.opened()).close()
    await (await house.opened()).close()


async def test_there_must_be_a_database_to_take_over(tmp_path: Path) -> None:
    empty = House(tmp_path / "house")
    with pytest.raises(StartRefused) as caught:
        await restoring.adopt(empty.configuration, empty.clock, who="ann", dry_run=False)
    assert str(caught.value) == (
        f"there is no database at {empty.database}: to bring a copy in: entrepot restore FILE"
    )
