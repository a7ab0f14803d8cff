"""A new sealing key takes the old one's place: over the socket or alone, row by row, whenever it is killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sync.domain.clock import SystemClock
from sync.engine.opening import open_store
from sync.engine.refusals import CommandRefused, StartRefused
from sync.engine.rotating import write_ring
from sync.store import audit, broken, meta, rotation
from sync.store.database import Tx
from sync.store.sealing import KeyRing, Sealer, new_key
from sync.store.tables import METADATA, broken_record
from tests.integration.engine.bureau import ALONE, LISTENING, Bureau

pytestmark = pytest.mark.usefixtures("no_key_outside")
ROOT = Path(__file__).parents[3]


def ring_of(office: Bureau) -> KeyRing:
    return KeyRing.load(office.settings.data / "keys")


async def keep(office: Bureau, count: int) -> None:
    """So many sealed rows."""

    async def put(tx: Tx) -> None:
        for n in range(count):
            await broken.keep(
                tx,
                account_id=office.id,
                feed="orders",
                external_id=str(n),
                why="a test",
                raw=f"raw {n}".encode(),
            )

    await office.in_store(put)


async def opened(office: Bureau) -> list[bytes]:
    async def look(tx: Tx) -> list[bytes]:
        return [await broken.raw(tx, kept.id) for kept in await broken.list_open(tx, office.id)]

    found: list[bytes] = await office.in_store(look)
    return found


async def numbers(office: Bureau) -> set[int]:
    """The numbers of the keys that the rows name, and those in the heads of the blobs."""

    async def look(tx: Tx) -> set[int]:
        rows = await tx.all(broken_record.select())
        heads = {int.from_bytes(row.raw_sealed[:2], "big") for row in rows}
        return heads | {row.key_id for row in rows}

    found: set[int] = await office.in_store(look)
    return found


async def rotate(office: Bureau, slices: int | None = None) -> dict[str, Any]:
    told = await office.do("keys-begin")
    at, done = told["at"], 0
    while at is not None and done != slices:
        at = (await office.do("keys-slice", at=at, limit=2))["at"]
        done += 1
    return told


def test_every_table_with_a_sealed_column_can_be_resealed() -> None:
    """A table that is new is covered by its column's name; it must say which key sealed its rows."""
    named = {t.name for t in METADATA.tables.values() if any(c.name.endswith("_sealed") for c in t.columns)}
    assert named == {one.table.name for one in rotation.SEALED}
    assert named >= {"customer_order", "inbox", "broken_record"}
    for one in rotation.SEALED:
        assert {"id", "key_id"} <= set(one.table.columns.keys())


async def test_every_row_comes_under_the_new_key_and_says_the_same(
    office: Bureau,
) -> None:
    await keep(office, 5)
    told = await rotate(office)
    assert (told["key"], told["old"], told["left"]) == (2, [1], 5)
    assert await numbers(office) == {2}
    assert await opened(office) == [f"raw {n}".encode() for n in range(5)]


async def test_both_keys_open_while_a_rotation_is_half_way(
    office: Bureau,
) -> None:
    await keep(office, 5)
    await rotate(office, slices=1)
    assert await numbers(office) == {1, 2}
    assert await opened(office) == [f"raw {n}".encode() for n in range(5)]


async def test_a_rotation_that_was_begun_is_gone_on_with_and_makes_no_third_key(office: Bureau) -> None:
    await keep(office, 3)
    first = await office.do("keys-begin")
    assert first["begun"]
    assert not (await rotate(office))["begun"]
    assert sorted(ring_of(office).keys) == [1, 2]
    assert await numbers(office) == {2}


async def test_what_is_stored_while_a_rotation_runs_is_sealed_with_the_new_key(office: Bureau) -> None:
    await office.do("keys-begin")
    await keep(office, 1)
    assert await numbers(office) == {2}


async def test_the_old_key_is_dropped_only_when_nothing_needs_it(office: Bureau) -> None:
    await keep(office, 3)
    await office.do("keys-begin")
    with pytest.raises(CommandRefused) as refused:
        await office.do("keys-drop")
    assert str(refused.value) == (
        "3 row(s) are still sealed with an older key: run `entrepot keys rotate` first"
    )
    assert sorted(ring_of(office).keys) == [1, 2]
    await rotate(office)
    assert await office.do("keys-drop") == {"key": 2, "dropped": [1]}
    assert sorted(ring_of(office).keys) == [2]
    assert await opened(office) == [b"raw 0", b"raw 1", b"raw 2"]


async def test_without_an_old_key_there_is_none_to_drop(office: Bureau) -> None:
    with pytest.raises(CommandRefused) as refused:
        await office.do("keys-drop")
    assert str(refused.value) == "there is no old key: the key file holds one sealing key"


async def test_blind_indexes_stay_equal_over_a_rotation(office: Bureau) -> None:
    before = Sealer(ring_of(office)).blind("email", "ada@example.com")
    await rotate(office)
    await office.do("keys-drop")
    assert Sealer(ring_of(office)).blind("email", "ada@example.com") == before


async def test_a_rotation_is_audited_by_its_numbers(office: Bureau) -> None:
    await rotate(office)
    await office.do("keys-drop")
    lines = await office.in_store(audit.latest)
    assert [(one.who, one.what, one.subject) for one in lines[:2]] == [
        ("ann", "old sealing keys dropped", "1"),
        ("ann", "sealing key added", "2"),
    ]


async def test_a_row_that_cannot_be_opened_is_named_and_stops_no_other(office: Bureau) -> None:
    await keep(office, 3)

    async def spoil(tx: Tx) -> str:
        kept = (await broken.list_open(tx, office.id))[1]
        spoilt = b"\x00\x01" + b"x" * 40
        await tx.run(broken_record.update().where(broken_record.c.id == kept.id).values(raw_sealed=spoilt))
        return kept.id

    spoilt = await office.in_store(spoil)
    await office.do("keys-begin")
    told = await office.do("keys-slice", at="")
    assert (told["resealed"], told["shut"]) == (2, [f"broken_record {spoilt}"])


async def test_a_key_in_the_environment_is_left_to_its_owner(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTREPOT_KEY", ring_of(office).text())
    with pytest.raises(CommandRefused) as refused:
        await office.do("keys-begin")
    assert str(refused.value) == (
        "the key is in ENTREPOT_KEY, which no program can change: print the new text with "
        "`entrepot keys rotate --print`, put it there, restart the daemon, and run this again"
    )


async def test_a_missing_old_key_is_told_in_one_line(office: Bureau) -> None:
    """The file holds the new key alone while rows still need the old one."""
    await keep(office, 1)
    await office.do("keys-begin")
    ring = ring_of(office)
    await office.close()
    write_ring(office.settings.data / "keys", ring.without_old_keys())
    with pytest.raises(StartRefused) as refused:
        await open_store(office.settings, SystemClock())
    assert str(refused.value) == (
        "key 1 is missing: data of this database are sealed with it; restore the key file"
    )


async def test_a_wrong_old_key_is_told_in_one_line(office: Bureau) -> None:
    await keep(office, 1)
    ring = ring_of(office)
    other = KeyRing.parse(new_key())
    await office.close()
    write_ring(office.settings.data / "keys", KeyRing({1: other.keys[1]}, ring.blind))
    with pytest.raises(StartRefused) as refused:
        await open_store(office.settings, SystemClock())
    assert str(refused.value) == (
        "key 1 is not the one that sealed this database; restore the right key file"
    )


@pytest.mark.parametrize("office", [LISTENING], indirect=True)
async def test_a_wrong_key_that_is_put_in_while_the_daemon_runs_seals_nothing(office: Bureau) -> None:
    ring, other = ring_of(office), KeyRing.parse(new_key())
    write_ring(office.settings.data / "keys", KeyRing({1: other.keys[1]}, ring.blind))
    await keep(office, 1)
    with pytest.raises(CommandRefused, match="key 1 is not the one that sealed this database"):
        await office.do("keys-begin")
    write_ring(office.settings.data / "keys", ring)
    assert await opened(office) == [b"raw 0"]


async def test_an_old_key_that_seals_nothing_may_be_absent(office: Bureau) -> None:
    await keep(office, 1)
    await rotate(office)
    ring = ring_of(office)
    await office.in_store(lambda tx: meta.check_keys(tx, ring.without_old_keys()))


async def test_what_a_killed_write_of_the_file_left_is_in_nobodys_way(office: Bureau) -> None:
    (office.settings.data / "keys.part").write_text("half of")
    await rotate(office)
    assert sorted(ring_of(office).keys) == [1, 2]
    assert not (office.settings.data / "keys.part").exists()
    assert (office.settings.data / "keys").stat().st_mode & 0o777 == 0o600


# --- the real command, killed ---------------------------------------------------------------------------


def many_rows(office: Bureau, count: int) -> None:
    """Sealed straight into the file: the store's own way would take long."""
    sealer = Sealer(ring_of(office))
    rows = [
        (
            f"row-{n:06}",
            office.id,
            str(n),
            sealer.seal("broken_record", f"row-{n:06}", "raw", f"raw {n}".encode()),
        )
        for n in range(count)
    ]
    with sqlite3.connect(str(office.settings.database)) as connection:
        connection.executemany(
            "INSERT INTO broken_record (id, account_id, feed, external_id, why, raw_sealed, key_id, seen_at) "
            "VALUES (?, ?, 'orders', ?, '', ?, 1, 1)",
            rows,
        )
    connection.close()


def under_key(office: Bureau, number: int) -> int:
    with sqlite3.connect(str(office.settings.database)) as connection:
        found = connection.execute("SELECT count(*) FROM broken_record WHERE key_id = ?", (number,))
        count = int(found.fetchone()[0])
    connection.close()
    return count


def wait_for_a_slice(office: Bureau, process: subprocess.Popen[str]) -> None:
    while not under_key(office, 2) and process.poll() is None:
        time.sleep(0.005)


def entrepot(office: Bureau, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "daemon", *args, "--config", str(office.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
    )


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_a_rotation_killed_midway_goes_on_when_it_is_run_again(office: Bureau) -> None:
    """SIGKILL between two slices: each row is under one of the two keys, and none is lost."""
    count = 12_000
    many_rows(office, count)
    killed = entrepot(office, "keys", "rotate")
    wait_for_a_slice(office, killed)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert 0 < under_key(office, 2) < count
    assert under_key(office, 1) + under_key(office, 2) == count
    assert sorted(ring_of(office).keys) == [1, 2]
    done = entrepot(office, "keys", "rotate", "--json")
    out, err = done.communicate()
    assert done.returncode == 0, err
    told = json.loads(out)
    assert (told["key"], told["old"], told["shut"]) == (2, [1], [])
    assert 0 < told["resealed"] < count
    assert under_key(office, 2) == count
    assert await opened(office) == [f"raw {n}".encode() for n in range(count)]


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_the_commands_say_where_a_rotation_is(office: Bureau) -> None:
    await keep(office, 3)
    file = office.settings.data / "keys"
    await office.do("keys-begin")
    checked = entrepot(office, "keys", "check")
    out, _ = checked.communicate()
    assert out == (
        f"key from {file}, number 2 seals; it fits the database\n"
        "a rotation is under way, 3 row(s) left; go on with: entrepot keys rotate\n"
    )
    rotated = entrepot(office, "keys", "rotate")
    out, err = rotated.communicate()
    assert "3 row(s) re-sealed with key 2\n" in out
    assert "the old key is no longer needed; take it out with: entrepot keys drop\n" in out
    assert "3/3" in err
    printed = entrepot(office, "keys", "drop", "--print")
    out, _ = printed.communicate()
    assert sorted(KeyRing.parse(out).keys) == [2]
    dropped = entrepot(office, "keys", "drop")
    out, _ = dropped.communicate()
    assert out == "dropped key 1; key 2 alone opens and seals now\n"
    printed = entrepot(office, "keys", "rotate", "--print")
    out, _ = printed.communicate()
    assert sorted(KeyRing.parse(out).keys) == [2, 3]
    assert sorted(ring_of(office).keys) == [2]
