"""Commands that look and act while no daemon runs: on one house that did a single round and holds one order."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import World, a_world, entrepot

pytestmark = pytest.mark.timeout(600)
HOLD = "holds:\n  - {name: look first, when: {lines_at_least: 1}, release: manual, owner: ops, within: 2 hours}\n"
KEY_OF_LISTING = "listing.unbound"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("looking") / "house") as made:
        (made.folder / "mappings" / "holds.yaml").write_text(HOLD)
        assert made.run("once").returncode == 0
        made.act("/buy", shop="main", lines=[{"sku": "TEE-02", "quantity": 1}])
        assert made.run("once").returncode == 0
        yield made


@pytest.fixture(scope="module")
def held(house: World) -> str:
    """The number of the held order."""
    (one,) = house.told("orders", "list", "--state", "held", "--account", "main")
    return str(one["number"])


def refused(house: World, *args: str) -> str:
    """What a command that is refused as bad input says."""
    done = house.run(*args)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


# --- looking ----------------------------------------------------------------------------------------


def test_status_says_that_no_daemon_runs_and_how_everything_stands(house: World) -> None:
    text = house.run("status").stdout
    assert text.startswith("no daemon is running; start it with: entrepot run\n")
    for said in (
        "accounts",
        "flows",
        "last success",
        "cursor",
        "order.held",
        "reserved units 1, short units 0",
    ):
        assert said in text
    told = house.told("status")
    assert told["daemon"] == {"running": False, "pid": None, "metrics": None, "keys": []}
    assert {"account": "main", "flow": "orders"}.items() <= next(
        flow.items() for flow in told["now"]["flows"] if (flow["account"], flow["flow"]) == ("main", "orders")
    )
    assert told["now"]["orders"] == {"main/held": 1}


def test_status_shows_the_flows_that_there_are_and_nothing_of_the_engine(house: World) -> None:
    from sync.flows.flow import FlowName

    shown = {flow["flow"] for flow in house.told("status")["now"]["flows"]}
    assert shown <= {flow.value for flow in FlowName}


def test_an_issue_says_what_why_and_what_to_do(house: World, held: str) -> None:
    text = house.run("issues", "--kind", "order.held").stdout
    assert text.startswith("1 open issue(s)\n")
    for said in (f"order {held} of main is held", "  why: ", "  do:  ", "for ops", "due "):
        assert said in text


def test_issues_are_found_by_order_account_and_kind(house: World, held: str) -> None:
    for named in (held, f"main/{held}"):
        assert [one["subject"] for one in house.told("issues", "--order", named)] == [f"main/{held}"]
    assert house.told("issues", "--account", "warehouse") == []
    assert house.told("issues", "--kind", "no.such") == []
    assert house.run("issues", "--kind", "no.such").stdout == "no open issues\n"
    assert len(house.told("issues", "--limit", "1")) == 1


def test_one_issue_is_shown_whole_by_its_id_or_its_key(house: World) -> None:
    (one, *_) = house.told("issues", "--kind", "order.held")
    assert house.told("issues", "show", one["id"]) == one
    assert house.told("issues", "show", one["key"]) == one
    assert one["why"] in house.run("issues", "show", one["id"]).stdout


def test_an_order_is_shown_with_its_holds_and_its_story(house: World, held: str) -> None:
    text = house.run("orders", "show", f"main/{held}").stdout
    assert text.startswith(f"main/{held}: held, ")
    for said in ("look first", "TEE-02", "timeline", "pulled", "parcels: none"):
        assert said in text
    told = house.told("orders", "show", held)
    assert [hold["rule"] for hold in told["holds"]] == ["rule look first"]
    assert "buyer" not in told
    assert held in house.run("orders", "list").stdout


def test_explain_names_who_holds_the_units(house: World, held: str) -> None:
    text = house.run("explain", "TEE-02").stdout
    assert f"{held}: 1" in text
    assert "− 1 reserved" in text
    assert "to show; the shop shows" in text


def test_explain_says_that_a_packs_scarcest_part_decides_only_where_there_are_several(house: World) -> None:
    assert "the scarcest of these decides" not in house.run("explain", "TEE-02").stdout


def test_accounts_are_listed_with_mode_and_condition(house: World) -> None:
    told = {row["name"]: row for row in house.told("accounts", "list")}
    assert set(told) == set(house.ready["accounts"])
    assert all(row["condition"] == "ok" for row in told.values())
    line = next(x for x in house.run("accounts", "list").stdout.splitlines() if x.startswith("warehouse"))
    assert line.split()[:5] == ["warehouse", "warehouse", "tryton", "live", "ok"]


def test_paths_name_where_everything_lies(house: World) -> None:
    told = house.told("paths")
    assert Path(told["database"]).is_file()
    assert Path(told["key"]).is_file()
    assert told["configuration"] == str(house.folder / "entrepot.yaml")
    assert told["database"] in house.run("paths").stdout


def test_the_key_is_told_to_fit_the_database(house: World) -> None:
    assert house.told("keys", "check")["database"] == "fits"
    assert "it fits the database" in house.run("keys", "check").stdout


def test_the_database_is_told_to_be_current_and_migrating_changes_nothing(house: World) -> None:
    told = house.told("migrate", "--check")
    assert (told["standing"], told["head"]) == ("current", house.told("migrate")["revision"])
    assert "standing: current" in house.run("migrate", "--check").stdout


# --- acting -----------------------------------------------------------------------------------------


def test_an_account_is_paused_and_resumed_without_a_daemon(house: World) -> None:
    assert (
        "yen is paused; go on with: entrepot accounts resume yen"
        in house.run("accounts", "pause", "yen").stdout
    )
    row = next(row for row in house.told("accounts", "list") if row["name"] == "yen")
    assert row["condition"] == "paused"
    assert "yen is worked on again" in house.run("accounts", "resume", "yen").stdout


def test_another_shop_is_accepted_and_an_account_goes_live_by_name(house: World) -> None:
    said = house.run("accounts", "accept-shop", "yen").stdout
    assert said == "yen: the shop that answers now is taken as its own\n"
    assert house.run("accounts", "live", "yen").stdout == "yen is live\n"
    assert house.told("accounts", "pause", "yen") == {"account": "yen", "condition": "paused"}
    assert house.told("accounts", "resume", "yen")["condition"] == "ok"


def test_an_account_without_open_work_is_removed_and_one_with_it_is_not(house: World) -> None:
    assert "is removed; take it out of entrepot.yaml too" in house.run("accounts", "remove", "empty").stdout
    said = refused(house, "accounts", "remove", "main")
    assert "1 open orders" in said.replace("open orders: 1", "1 open orders")


def test_an_issue_can_be_called_settled(house: World) -> None:
    (one,) = house.told("issues", "--kind", KEY_OF_LISTING)
    assert house.run("issues", "done", one["id"]).stdout == f"{one['id']} is settled\n"
    assert house.told("issues", "--kind", KEY_OF_LISTING) == []
    shown = house.told("issues", "show", one["id"])
    assert shown["closed_at"] is not None, "a settled one is still to be seen"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("issues", "--account", "shopp"), "there is no account 'shopp'; see: entrepot accounts list"),
        (("issues", "show", "x"), "there is no issue x; see: entrepot issues"),
        (("issues", "done", "x"), "there is no open issue x; see: entrepot issues"),
        (("issues", "retry", "x"), "x is not a write that can be sent again; see: entrepot issues"),
        (
            ("orders", "list", "--account", "shopp"),
            "there is no account 'shopp'; see: entrepot accounts list",
        ),
        (("orders", "show", "nope"), "there is no order nope; see: entrepot orders list"),
        (("orders", "release", "nope"), "there is no order nope"),
        (
            ("accounts", "live", "main", "--cutover", "soon"),
            "'soon' is no moment; write it as in 2026-03-01T00:00:00+01:00",
        ),
        (
            ("once", "--account", "shopp"),
            "there is no account 'shopp'; there are: courier, dinar, empty, main, warehouse, yen",
        ),
        (("explain", "TEE-0222"), "no warehouse and no listing has the SKU TEE-0222; did you mean TEE-"),
        (("keys", "new"), "there is a key already, in "),
        (("init",), "entrepot.yaml is there already; edit it, or choose another folder with --config"),
    ],
    ids=lambda given: " ".join(given[:3]) if isinstance(given, tuple) else "",
)
def test_what_cannot_be_done_is_told_with_a_next_step(house: World, args: tuple[str, ...], said: str) -> None:
    assert said in refused(house, *args)


def test_a_hold_that_the_order_has_not_is_told_with_those_that_it_has(house: World, held: str) -> None:
    said = refused(house, "orders", "release", held, "--rule", "nope")
    assert said == f"order {held} has no such hold; it is held by: rule look first"


def test_an_unknown_flow_is_told_with_those_that_there_are(house: World) -> None:
    said = refused(house, "once", "--flow", "stok")
    assert "'stok'" in said
    assert "push_stock" in said


def test_debug_shows_the_traceback(house: World) -> None:
    done = entrepot("--debug", "orders", "show", "nope", folder=house.folder)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_round_of_one_flow_is_told_as_json(house: World) -> None:
    told = house.told("once", "--account", "main", "--flow", "orders")
    assert told["passes"] >= 1
    assert told["failed"] == told["waiting"] == []


def test_a_round_that_cannot_reach_an_account_exits_3(house: World) -> None:
    path = house.folder / "entrepot.yaml"
    before = path.read_text()
    document = json.loads(before)
    document["accounts"]["courier"]["url"] = "http://127.0.0.1:9"
    path.write_text(json.dumps(document))
    try:
        done = house.run("once", "--account", "courier")
    finally:
        path.write_text(before)
    assert done.returncode == 3
    assert "could not start: courier; see: entrepot issues" in done.stderr


# --- a spoiled house --------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    assert entrepot("init", "--yes", "--key", folder=tmp_path).returncode == 0
    path = tmp_path / "entrepot-data" / "entrepot.sqlite3"
    path.write_bytes(b"not a database, by any means" * 100)
    wanted = f"{path} is no SQLite database: put the right file back, or restore a backup"
    for args in (("status",), ("run",), ("orders", "list"), ("accounts", "pause", "x")):
        done = entrepot(*args, folder=tmp_path)
        assert (done.returncode, done.stderr.strip()) == (3, wanted), args
    checked = entrepot("check", folder=tmp_path)
    assert checked.returncode == 1
    assert "is no SQLite database" in " ".join(checked.stdout.split())


def test_before_the_first_run_there_is_nothing_to_see_and_it_says_so(tmp_path: Path) -> None:
    assert entrepot("init", "--yes", "--key", folder=tmp_path).returncode == 0
    done = entrepot("orders", "list", folder=tmp_path)
    assert done.returncode == 2
    assert "there is no database at " in done.stderr
    assert "`entrepot run` makes it" in done.stderr
    assert "there is no database yet" in entrepot("keys", "check", folder=tmp_path).stdout


def test_a_secret_file_that_others_can_read_is_a_finding(house: World) -> None:
    path = house.folder / "secrets" / "main"
    path.chmod(0o644)
    try:
        done = house.run("check")
    finally:
        path.chmod(0o600)
    assert done.returncode == 1
    assert "can be read by others (mode 0644): chmod 600" in done.stdout
