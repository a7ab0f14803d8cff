"""Files that change are seen at once, once for each save, and by their content."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.engine.settings_file import read_settings
from sync.engine.stamping import Disk
from sync.engine.watching_files import FileWatch, folders_of

SETTINGS = """timezone: UTC
accounts:
  shop: {connector: vendure, url: "http://127.0.0.1:9", username: a, secret: "file:shop"}
"""


class Looks:
    """Counts the looks."""

    def __init__(self, folder: Path) -> None:
        self.count = 0
        self.changed = asyncio.Event()
        self.watch = FileWatch(folder, lambda: read_settings(folder), self.look)

    async def look(self) -> None:
        self.count += 1
        self.changed.set()

    async def again(self, seconds: float = 20.0) -> None:
        """Wait for one more look."""
        await asyncio.wait_for(self.changed.wait(), seconds)
        self.changed.clear()

    async def quiet(self) -> int:
        """Looks within the next moment."""
        before = self.count
        await asyncio.sleep(0.6)
        self.changed.clear()
        return self.count - before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "house"
    (made / "mappings").mkdir(parents=True)
    (made / "secrets").mkdir()
    (made / "secrets" / "shop").write_text("one")
    (made / "secrets" / "shop").chmod(0o600)
    (made / "entrepot.yaml").write_text(SETTINGS)
    return made


@pytest.fixture
async def looks(folder: Path) -> AsyncIterator[Looks]:
    made = Looks(folder)
    made.watch.start()
    await asyncio.sleep(0.3)  # the system's watch is set
    made.changed.clear()
    yield made
    await made.watch.stop(5)


@pytest.mark.parametrize(
    "name", ["entrepot.yaml", "mappings/stock.yaml", "mappings/goods.csv", "secrets/shop"]
)
async def test_a_saved_file_is_looked_at(folder: Path, looks: Looks, name: str) -> None:
    with (folder / name).open("a") as file:
        file.write("# more\n")
    await looks.again()


async def test_a_file_that_is_put_in_the_place_of_another_is_looked_at(folder: Path, looks: Looks) -> None:
    fresh = folder / "mappings" / ".stock.yaml.swp"
    fresh.write_text("stock: {safety_stock: 1}\n")
    fresh.rename(folder / "mappings" / "stock.yaml")
    await looks.again()


async def test_a_mounted_folder_that_is_swapped_whole_is_looked_at(tmp_path: Path, folder: Path) -> None:
    """As an orchestrator puts new files in place: one link is turned to another folder."""
    for name, more in (("..1", ""), ("..2", "# two\n")):
        (folder / name).mkdir()
        (folder / name / "entrepot.yaml").write_text(SETTINGS + more)
    (folder / "..data").symlink_to("..1")
    (folder / "entrepot.yaml").unlink()
    (folder / "entrepot.yaml").symlink_to("..data/entrepot.yaml")
    looks = Looks(folder)
    before = Disk(folder).stamp()
    looks.watch.start()
    await asyncio.sleep(0.3)
    (folder / "..new").symlink_to("..2")
    (folder / "..new").rename(folder / "..data")
    await looks.again()
    await looks.watch.stop(5)
    assert Disk(folder).stamp() != before


async def test_a_folder_that_is_made_later_is_watched_from_then_on(folder: Path, looks: Looks) -> None:
    (folder / "entrepot.yaml").write_text(SETTINGS + "mappings: rules\n")
    await looks.again()
    await looks.quiet()
    (folder / "rules").mkdir()
    await looks.again()
    await looks.quiet()
    assert folder / "rules" in looks.watch.watched
    (folder / "rules" / "stock.yaml").write_text("stock: {safety_stock: 1}\n")
    await looks.again()


async def test_what_the_daemon_itself_writes_is_no_change(folder: Path, looks: Looks) -> None:
    for name in ("entrepot.sqlite3", "entrepot.sqlite3-wal", "daemon.log"):
        (folder / name).write_text("x")
    assert await looks.quiet() == 0


async def test_a_folder_that_cannot_be_watched_stops_nothing(folder: Path) -> None:
    (folder / "mappings").rmdir()
    looks = Looks(folder)
    looks.watch.start()
    await asyncio.sleep(0.3)
    (folder / "secrets" / "shop").unlink()
    await looks.again()
    await looks.watch.stop(5)


async def test_it_looks_by_itself_where_the_variable_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    looks = Looks(folder)
    looks.watch.start()
    await asyncio.sleep(0.6)
    (folder / "mappings" / "stock.yaml").write_text("stock: {safety_stock: 1}\n")
    await looks.again()
    await looks.watch.stop(5)


def test_a_secret_of_the_same_size_and_time_is_another_state(folder: Path) -> None:
    secret = folder / "secrets" / "shop"
    disk, about = Disk(folder), secret.stat()
    before = disk.stamp()
    secret.write_text("two")
    os.utime(secret, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert disk.stamp() != before
    assert not [told for _, told in disk.stamp() if "two" in told]


def test_a_save_that_changes_nothing_and_an_editors_own_files_are_no_other_state(folder: Path) -> None:
    disk = Disk(folder)
    before = disk.stamp()
    os.utime(folder / "entrepot.yaml", ns=(1, 1))
    (folder / "mappings" / ".stock.yaml.swp").write_text("x")
    (folder / "mappings" / "stock.yaml~").write_text("x")
    assert disk.stamp() == before


def test_a_large_table_is_told_apart_without_reading_it(folder: Path) -> None:
    table = folder / "mappings" / "goods.csv"
    table.write_bytes(b"x" * (3 << 20))
    disk = Disk(folder)
    before = disk.stamp()
    table.write_bytes(b"y" * (3 << 20))
    assert disk.stamp() != before


def test_the_state_of_a_broken_file_changes_when_it_is_mended(folder: Path) -> None:
    file = folder / "entrepot.yaml"
    disk = Disk(folder)
    file.write_text("accounts: [")
    broken = disk.read()
    assert broken.configuration is None
    file.write_text(SETTINGS)
    assert disk.stamp() != broken.stamp
    assert disk.read().configuration is not None


def test_linked_folders_are_watched_where_they_really_are(tmp_path: Path, folder: Path) -> None:
    real = tmp_path / "real"
    (folder / "mappings").rename(real)
    (folder / "mappings").symlink_to(real)
    assert {real, folder / "mappings"} <= folders_of(folder, read_settings(folder))
