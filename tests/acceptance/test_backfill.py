"""`entrepot backfill`: reads everything, shows how far it is, and goes on where it was stopped."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, World, a_world, until


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path / "house") as made:
        yield made


def test_it_reads_what_there_is_and_then_what_is_new(world: World) -> None:
    for _ in range(3):
        world.act("/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 1}])
    first = world.told("backfill")
    listings = len(world.books()["shops"]["main"]["variants"])
    assert first["records"] > listings + 3
    assert (first["failed"], first["waiting"], first["unfinished"]) == ([], [], False)
    again = world.told("backfill", "--account", "main")
    assert again["records"] < first["records"]


def test_what_was_stopped_goes_on_with_the_same_command(world: World) -> None:
    stopped = world.run("backfill", "--hours", "0.001", "--json")
    assert stopped.returncode in (0, 1), stopped.stderr
    done = world.run("backfill")
    assert done.returncode == 0, done.stderr
    assert "all is read: " in done.stdout
    assert "main" in world.run("status").stdout


def _count(world: World, table: str, where: str = "1") -> int:
    """How many of main's rows are so."""
    database = world.folder / "entrepot-data" / "entrepot.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        mine = f"account_id = (SELECT id FROM account WHERE name = 'main') AND {where}"
        return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {mine}").fetchone()[0])


def test_what_was_killed_in_the_middle_goes_on_and_does_not_begin_again(world: World) -> None:
    settings = json.loads((world.folder / "entrepot.yaml").read_text("utf-8"))
    settings["accounts"]["main"]["page_items"] = 5
    (world.folder / "entrepot.yaml").write_text(json.dumps(settings), encoding="utf-8")
    assert world.run("migrate").returncode == 0
    slow = [{"kind": "delay", "rate": 1, "seconds": 0.3}]
    world.control.put("/faults", json={"shop:main": slow})
    command = [sys.executable, "-m", "daemon", "backfill", "--account", "main"]
    begun = subprocess.Popen(
        [*command, "--config", str(world.folder)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    until("some pages are stored", lambda: _count(world, "listing") >= 10)
    begun.kill()
    begun.communicate()
    before, there = _count(world, "listing"), len(world.books()["shops"]["main"]["variants"])
    assert before < there
    world.control.put("/faults", json={"shop:main": []})
    done = world.run("backfill", "--account", "main")
    assert done.returncode == 0, done.stderr
    assert _count(world, "listing") == there
    said = re.fullmatch(r"all is read: (\d+) records now, 0 in trouble\n", done.stdout)
    assert said is not None, done.stdout
    assert there - before <= int(said[1]) < there, "it read what was left, and not all again"
    assert "main: catalogue" in done.stderr, "a bar for each read"


def test_beside_a_daemon_whose_shop_is_away_it_does_not_say_that_all_is_read(world: World) -> None:
    daemon = world.start()
    world.told("backfill", "--account", "main")
    world.control.put("/faults", json={"shop:main": [{"kind": "outage", "rate": 1}]})

    failing = "flow = 'orders' AND last_error IS NOT NULL"
    until("the orders cannot be read", lambda: _count(world, "flow_state", failing))
    done = world.run("backfill", "--account", "main")
    assert done.returncode == 1, done.stdout
    assert done.stdout.startswith("there is more to read: ")
    assert "failed: orders of main; see: entrepot status" in done.stderr
    assert world.stop(daemon) == 0


def test_an_account_that_there_is_not_is_told_with_those_that_there_are(world: World) -> None:
    done = world.run("backfill", "--account", "mian")
    assert done.returncode == 2
    assert "there is no account 'mian'; there are: " in done.stderr


def test_beside_a_running_daemon_it_shows_the_daemons_work(world: World) -> None:
    daemon = world.start()
    told = world.told("backfill")
    assert told["unfinished"] is False
    assert world.stop(daemon) == 0
