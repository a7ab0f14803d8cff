"""What changed on disk is taken over whole, when it has come to rest, and a bad change keeps the last good one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.domain.clock import SystemClock
from sync.engine.opening import open_store
from sync.engine.reload import Reload
from sync.engine.stamping import Disk
from sync.engine.watching_files import FileWatch
from sync.engine.wiring import Configuration
from sync.store import issues
from sync.store.database import Store
from sync.store.sealing import new_key
from tests.integration.engine.workshop import metric

pytestmark = pytest.mark.usefixtures("no_key_outside")


class House:
    """A folder of configuration, and what of it came into force, in turn."""

    def __init__(self, folder: Path, store: Store) -> None:
        found = Disk(folder).read()
        self.folder = folder
        self.store = store
        self.ruled: list[Configuration] = []
        self.changed = asyncio.Event()
        self.reload = Reload(found.good(), store, SystemClock(), self.move_in, found.stamp)

    async def move_in(self, configuration: Configuration) -> None:
        self.ruled.append(configuration)
        self.changed.set()

    def save(self, text: str, name: str = "mappings/stock.yaml") -> None:
        """Save a file."""
        (self.folder / name).write_text(text)

    def safety(self) -> list[int]:
        """The safety stock of everything that came into force."""
        return [one.rulebook.safety("A") for one in self.ruled]

    async def issue(self) -> list[str]:
        """Why changes are refused, by the open issues."""
        async with self.store.read() as tx:
            return [one.why for one in await issues.list_open(tx) if one.kind == "config.rejected"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "entrepot.yaml").write_text("timezone: UTC\naccounts: {}\n")
    (tmp_path / "mappings").mkdir()
    keys = tmp_path / "entrepot-data" / "keys"
    keys.parent.mkdir(mode=0o700)
    keys.touch(0o600)
    keys.write_text(new_key())
    store = await open_store(Disk(tmp_path).read().good().settings, SystemClock())
    yield House(tmp_path, store)
    await store.close()


async def test_what_did_not_change_is_not_taken_over_again(house: House) -> None:
    house.save("timezone: UTC\naccounts: {}\n", "entrepot.yaml")
    await house.reload.look()
    await house.reload.look()
    assert house.ruled == []


async def test_a_change_is_taken_over_once(house: House) -> None:
    house.save("stock: {safety_stock: 3}\n")
    await house.reload.look()
    await house.reload.look()
    assert house.safety() == [3]


async def test_two_looks_at_once_take_one_change_over_once(house: House) -> None:
    house.save("stock: {safety_stock: 3}\n")
    await asyncio.gather(house.reload.look(), house.reload.look(), house.reload.look())
    assert house.safety() == [3]


async def test_what_changed_between_the_reading_and_the_start_is_taken_over(house: House) -> None:
    """A start may take minutes over its database; the state of the files is noted when they are read."""
    found = Disk(house.folder).read()
    house.save("stock: {safety_stock: 4}\n")
    late = Reload(found.good(), house.store, SystemClock(), house.move_in, found.stamp)
    await late.first()
    await late.look()
    assert house.safety() == [0, 4]


async def test_an_editors_several_writes_are_one_change(house: House) -> None:
    watch = FileWatch(house.folder, lambda: house.reload.in_force.settings, house.reload.look)
    watch.start()
    await asyncio.sleep(0.3)
    for number in range(8):
        house.save(f"stock: {{safety_stock: {number}}}\n")
        await asyncio.sleep(0.02)
    await asyncio.wait_for(house.changed.wait(), 20)
    await asyncio.sleep(0.6)
    await watch.stop(5)
    assert house.safety() == [7]


async def test_half_of_a_save_never_rules(house: House) -> None:
    """The first half is a good file by itself."""
    house.save("stock: {safety_stock: 3}\n")
    await house.reload.look()
    house.save("")
    looking = asyncio.create_task(house.reload.look())
    await asyncio.sleep(0.1)
    house.save("stock: {safety_stock: 5}\n")
    await looking
    assert house.safety() == [3, 5]


async def test_a_file_that_a_crash_emptied_is_refused(house: House) -> None:
    house.save("stock: {safety_stock: 3}\n")
    await house.reload.look()
    house.save("")
    await house.reload.look()
    assert house.safety() == [3]
    (why,) = await house.issue()
    assert why.startswith("mappings/stock.yaml: the file is empty")


async def test_every_problem_of_a_bad_change_is_in_the_issue_and_the_mend_clears_it(house: House) -> None:
    house.save("stock: {safety_stock: 3}\n")
    await house.reload.look()
    house.save("stock: {safety_stok: 4}\nweights: {default: heavy}\n")
    house.save("holds: [{nme: x}]\n", "mappings/holds.yaml")
    await house.reload.look()
    await house.reload.look()
    (why,) = await house.issue()
    assert len(why.splitlines()) == 4
    assert all(
        file in why for file in ("mappings/stock.yaml:1:", "mappings/stock.yaml:2:", "mappings/holds.yaml:1:")
    )
    assert metric("config_last_reload_successful") == 0
    assert house.reload.in_force.rulebook.safety("A") == 3
    house.save("stock: {safety_stock: 4}\n")
    house.save("holds: []\n", "mappings/holds.yaml")
    await house.reload.look()
    assert await house.issue() == []
    assert house.safety() == [3, 4]
    assert metric("config_last_reload_successful") == 1
    assert metric("config_last_reload_success_timestamp_seconds") > 0
    assert metric("config_info", hash=house.reload.in_force.rulebook.version) == 1


async def test_a_refused_change_is_mended_where_it_points_to(house: House) -> None:
    """The settings in force know nothing of the folder that the refused ones name."""
    (house.folder / "rules").mkdir()
    house.save("stock: {safety_stok: 4}\n", "rules/stock.yaml")
    house.save("timezone: UTC\naccounts: {}\nmappings: rules\n", "entrepot.yaml")
    await house.reload.look()
    assert house.ruled == []
    house.save("stock: {safety_stock: 4}\n", "rules/stock.yaml")
    await house.reload.look()
    assert house.safety() == [4]


async def test_what_could_not_be_taken_over_for_want_of_the_machine_is_tried_at_every_look(
    house: House,
) -> None:
    async def full(configuration: Configuration) -> None:
        if len(house.ruled) < 2:
            house.ruled.append(configuration)
            raise OSError("the disk is full")
        house.ruled.append(configuration)

    found = Disk(house.folder).read()
    tried = Reload(found.good(), house.store, SystemClock(), full, found.stamp)
    house.save("stock: {safety_stock: 4}\n")
    for _ in range(2):
        with pytest.raises(OSError, match="disk"):
            await tried.look()
    await tried.look()
    await tried.look()
    assert house.safety() == [4, 4, 4]
    assert tried.in_force.rulebook.safety("A") == 4
