"""`entrepot backfill`: reads everything, shows how far it is, and goes on where it was stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import World, a_world


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


def test_an_account_that_there_is_not_is_told_with_those_that_there_are(world: World) -> None:
    done = world.run("backfill", "--account", "mian")
    assert done.returncode == 2
    assert "there is no account 'mian'; there are: " in done.stderr


def test_beside_a_running_daemon_it_shows_the_daemons_work(world: World) -> None:
    daemon = world.start()
    told = world.told("backfill")
    assert told["unfinished"] is False
    assert world.stop(daemon) == 0
