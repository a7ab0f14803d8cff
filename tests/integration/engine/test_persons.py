"""A person's requests by the commands themselves: shown whole, erased for good, audited without a name."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sync.domain.clock import SystemClock
from sync.engine import persons
from sync.engine.opening import open_store
from sync.engine.refusals import CommandRefused
from sync.engine.retention import Retention
from sync.store import audit, people
from sync.store.database import Tx
from sync.store.tables import forgotten
from tests.integration.engine.bureau import ALONE, Bureau
from tests.integration.store.test_store_people import order, personal, pulled

pytestmark = pytest.mark.usefixtures("no_key_outside")
ROOT = Path(__file__).parents[3]


async def forget(office: Bureau, asked: str) -> dict[str, Any]:
    async def who(tx: Tx) -> dict[str, Any]:
        return persons.packed(people.sought(tx.sealer, asked))

    return await office.do("forget", person=await office.in_store(who))


def entrepot(office: Bureau, *args: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "daemon", *args, "--config", str(office.folder)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        input=stdin,
    )


async def test_a_person_is_erased_and_audited_by_figures_alone(office: Bureau) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    told = await forget(office, "ada@example.com")
    assert told == {"orders": 1, "records": 0, "log_cut": True}
    (line,) = (await office.in_store(audit.latest))[:1]
    assert (line.who, line.what, line.subject, json.loads(line.data)) == (
        "ann", "person erased", "", {"orders": 1, "records": 0}
    )  # fmt: skip


async def test_a_second_time_nothing_is_left_to_erase_or_to_audit(office: Bureau) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    await forget(office, "ada@example.com")
    before = await office.in_store(audit.latest)
    assert (await forget(office, "ada@example.com"))["orders"] == 0
    assert await office.in_store(audit.latest) == before


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_a_restored_backup_is_rid_of_who_was_erased_since(office: Bureau) -> None:
    """The next run of retention does it again, from the file of blind indexes beside the database."""
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    await forget(office, "ada@example.com")
    file = office.settings.data / "erased"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "ada" not in file.read_text()
    file.write_text(file.read_text() + "0123 cut sho")

    async def restore(tx: Tx) -> str:
        await tx.run(sa.delete(forgotten))
        return await pulled(tx, office.id, order("1000"))

    restored = await office.in_store(restore)
    clock = SystemClock()
    store = await open_store(office.settings, clock)
    try:
        await Retention(store, clock, lambda: office.settings).look()
        async with store.read() as tx:
            assert await personal(tx, restored) == []
    finally:
        await store.close()


async def test_an_open_order_refuses_and_nothing_at_all_is_erased(office: Bureau) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    await office.in_store(lambda tx: pulled(tx, office.id, order("1002"), closed=False))
    with pytest.raises(CommandRefused) as refused:
        await forget(office, "ada@example.com")
    assert str(refused.value) == (
        "not yet: order shop/1002 is received. Ship or cancel what is open, or settle it with "
        "`entrepot issues`; then ask again"
    )
    known = await office.in_store(lambda tx: people.find(tx, people.sought(tx.sealer, "1001")))
    assert [one.erased_at for one in known.orders] == [None, None]


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_what_would_go_is_listed_and_nothing_is_erased(office: Bureau) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    listed = entrepot(office, "forget", "ada@example.com", "--dry-run")
    assert (listed.returncode, listed.stdout) == (
        0,
        "order shop/1001: buyer, address, note, raw record, label and tracking links\n",
    )
    told = json.loads(entrepot(office, "forget", "shop/1001", "--dry-run", "--json").stdout)
    assert told == {
        "orders": ["shop/1001"], "erased_orders": [], "records": [], "unfinished": [], "erased_before": None
    }  # fmt: skip


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_a_dry_run_names_what_must_be_finished_first(office: Bureau) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order(), closed=False))
    listed = entrepot(office, "forget", "1001", "--dry-run")
    assert listed.returncode == 1
    assert "must be finished first: order shop/1001 is received\n" in listed.stdout
    refused = entrepot(office, "forget", "1001", "--yes")
    assert refused.returncode == 2
    assert refused.stderr.startswith("not yet: order shop/1001 is received. ")


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_it_asks_first_unless_it_is_told_not_to(office: Bureau) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    asked = entrepot(office, "forget", "1001", stdin="n\n")
    assert asked.returncode == 130
    assert "Erase this for good?" in asked.stdout
    done = entrepot(office, "forget", "1001", "--yes")
    assert (done.returncode, done.stdout) == (0, "erased: 1 order(s), 0 raw record(s)\n")
    again = entrepot(office, "forget", "ada@example.com", "--yes")
    assert again.returncode == 0
    assert again.stdout.startswith("nothing is stored of this person; erased before, at 20")


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_a_person_is_shown_whole_and_that_is_audited(office: Bureau, tmp_path: Path) -> None:
    await office.in_store(lambda tx: pulled(tx, office.id, order()))
    shown = entrepot(office, "export", "-", stdin="ada@example.com\n")
    assert shown.returncode == 0, shown.stderr
    (told,) = json.loads(shown.stdout)["orders"]
    assert told["buyer"]["name"] == "Ada Lovelace"
    (line,) = (await office.in_store(audit.latest))[:1]
    assert (line.what, json.loads(line.data)) == ("person exported", {"orders": 1, "records": 0})
    written = entrepot(office, "export", "shop/1001", "--to", str(tmp_path / "ada"))
    file = tmp_path / "ada" / "person.json"
    assert written.stdout == f"written to {file}\n"
    assert json.loads(file.read_text("utf-8")) == json.loads(shown.stdout)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    twice = entrepot(office, "export", "shop/1001", "--to", str(tmp_path / "ada"))
    assert (twice.returncode, twice.stderr) == (2, f"{file} is there already; name another folder\n")


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_of_somebody_unknown_there_is_nothing(office: Bureau) -> None:
    shown = entrepot(office, "export", "nobody@example.com")
    assert (shown.returncode, shown.stderr) == (0, "nothing is stored of this person\n")
    assert json.loads(shown.stdout) == {"orders": [], "records": [], "erased_before": None}
    gone = entrepot(office, "forget", "nobody@example.com", "--yes")
    assert (gone.returncode, gone.stdout) == (0, "nothing is stored of this person\n")


@pytest.mark.parametrize("office", [ALONE], indirect=True)
async def test_somebody_must_be_named(office: Bureau) -> None:
    said = entrepot(office, "forget", "-", stdin="\n")
    assert (said.returncode, said.stderr) == (
        2,
        "say who: a mail address, a telephone number, or an order as shop/number\n",
    )


def test_check_says_what_cannot_be_done_for_a_masked_shop(tmp_path: Path) -> None:
    (tmp_path / "entrepot.yaml").write_text(
        "accounts:\n"
        "  shop: {connector: vendure, url: 'http://127.0.0.1:9', username: a, personal_data: masked}\n"
        "  plain: {connector: vendure, url: 'http://127.0.0.1:9', username: a}\n"
    )
    command = [sys.executable, "-m", "daemon", "check", "--json", "--config", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    lines = json.loads(done.stdout)["lines"]
    said = [(line["level"], line["about"]) for line in lines if "personal_data: masked" in line["what"]]
    assert said == [("note", "shop")]
    (text,) = [line["what"] for line in lines if "personal_data: masked" in line["what"]]
    assert "No courier of ours can label its parcels and no warehouse is given an address" in text
