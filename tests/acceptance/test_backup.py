"""Backup and restore as a person does it, with the real program, while shop and warehouse go on."""

import json
import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import World, entrepot, until

QUIET = 300.0
"""A daemon must not look before the longest call of its accounts would have arrived; by then it may."""


def _shipments(world: World, number: str) -> list[str]:
    return [str(one) for one in world.books()["warehouse"]["shipments"] if number in str(one)]


def _bought(world: World, sku: str, quantity: int) -> str:
    lines = [{"sku": sku, "quantity": quantity}]
    return str(world.act("/buy", shop="main", lines=lines)["order"])


@pytest.mark.timeout(480)
def test_a_backup_of_a_running_daemon_is_restored_after_a_kill_and_nothing_is_sent_twice(
    world: World,
) -> None:
    daemon = world.start()
    before = _bought(world, "TEE-02", 1)
    until("the first order is at the warehouse", lambda: _shipments(world, before))

    made = world.told("backup")
    file = Path(made["file"])
    assert file.parent == world.folder / "entrepot-data" / "backups"
    assert made["manifest"]["counts"]["customer_order"] >= 1

    after = _bought(world, "TEE-02", 2)
    until("the second order is at the warehouse", lambda: _shipments(world, after))
    refused = world.run("restore", str(file))
    assert refused.returncode == 2
    assert f"a daemon already works on this database, pid {daemon.pid}: stop it first" in refused.stderr
    daemon.kill()
    daemon.wait()

    tried = world.told("restore", str(file), "--dry-run")
    assert (tried["dry_run"], tried["done"]["generation"]) == (True, 1)
    assert world.state(after) != "absent", "a dry run changes nothing"
    done = world.run("restore", str(file))
    assert done.returncode == 0, done.stderr
    assert f"{file} is the database now" in done.stdout
    assert "what was there before is kept as" in done.stdout
    assert "start the daemon: entrepot run" in done.stdout
    assert world.state(after) == "absent"

    world.keep_time()
    again = world.start()
    until("the second order is pulled again", lambda: world.state(after) != "absent")
    assert world.state(after) != "sent", "it may still be on its way to the warehouse"
    world.later(QUIET)
    until("the second order is found after the quiet time", lambda: world.state(after) == "sent")
    assert world.state(before) == "sent"
    assert [len(_shipments(world, number)) for number in (before, after)] == [1, 1]
    assert world.stop(again) == 0
    verdict = world.act("/judge", held=[])
    assert (verdict["duplicate_effects"], verdict["oversold_units"]) == (0, 0), verdict
    assert verdict["orders_sent"] == 2


def test_a_folder_that_was_copied_elsewhere_is_not_worked_on_until_it_is_told(world: World) -> None:
    done = world.run("once", "--seconds", "60")
    assert done.returncode in (0, 1), done.stderr
    there = world.folder.with_name("copied")
    shutil.copytree(world.folder, there)
    refused = entrepot("once", folder=there)
    assert refused.returncode == 2
    assert "was copied or moved here from another folder or machine" in refused.stderr
    told = entrepot("adopt", "--json", folder=there)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["done"]["generation"] == 1
    assert entrepot("once", "--seconds", "60", folder=there).returncode in (0, 1)


def test_a_disk_that_cannot_be_written_is_told_in_one_line(world: World) -> None:
    assert world.run("migrate").returncode == 0
    blocked = world.folder / "blocked"
    blocked.write_text("no folder")
    done = world.run("backup", str(blocked / "copy.sqlite3"))
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    full = world.run("backup", "/dev/full/copy.sqlite3")
    assert full.returncode == 3
    assert len(full.stderr.strip().splitlines()) == 1


def test_a_backup_needs_a_database_and_a_free_name(world: World) -> None:
    none = world.run("backup")
    assert none.returncode == 2
    assert none.stderr.strip().endswith("yet; `entrepot run` makes it")
    assert world.run("migrate").returncode == 0
    file = world.folder / "copy.sqlite3"
    made = world.run("backup", str(file), "--keep", "3")
    assert made.returncode == 0, made.stderr
    assert f"backed up to {file}" in made.stdout
    assert "keep a copy of the key elsewhere" in made.stdout
    twice = world.run("backup", str(file))
    assert twice.returncode == 2
    assert twice.stderr.strip() == f"there is a file {file} already: name another one"
