"""What would be sent is shown first, reviewed as a file, and sent exactly so or not at all."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import canaries
from tests.acceptance.goldens import golden
from tests.acceptance.priced import GOODS, PRICES, STOCK, TIGHTER, Priced, priced

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Priced]:
    """Everything is in step, and the rules are about to change."""
    with priced(tmp_path_factory.mktemp("planning") / "house") as made:
        yield made


@pytest.fixture(scope="module")
def held(house: Priced) -> Priced:
    """New rules are in force, and guards hold most of what they change."""
    house.rules(stock_yaml=TIGHTER, prices_yaml=PRICES, goods_csv=GOODS)
    house.once()
    return house


@pytest.fixture
def file(held: Priced) -> Path:
    """A plan of everything, as a file."""
    path = held.folder.parent / "plan.json"
    assert held.run("plan", "--out", str(path)).returncode == 0
    return path


def changed(path: Path, **values: Any) -> None:
    """Write other values into a plan's head."""
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), encoding="utf-8")


# --- before rules are in force ----------------------------------------------------------------------


def test_where_everything_is_in_step_there_is_nothing_to_send(house: Priced) -> None:
    golden("plan_nothing", house.run("plan").stdout, house.folder)


def test_changed_rules_are_planned_before_they_are_in_force_and_nothing_is_written(house: Priced) -> None:
    folder = house.changed("changed", stock_yaml=TIGHTER, prices_yaml=PRICES, goods_csv=GOODS)
    before = house.dump()
    golden("plan_changed", house.run("plan", "--rows", "3", "--mappings", str(folder)).stdout, house.folder)
    assert house.dump() == before


def test_a_bad_folder_is_told_as_check_tells_it(house: Priced) -> None:
    folder = house.changed("bad", goods_csv=GOODS, prices_yaml=PRICES.replace("cost * 1.6", "cots * 1.6"))
    said = house.refused("plan", "--mappings", str(folder))
    assert said.startswith("bad/prices.yaml:5:12: ")
    assert "landed_cost" in said
    said = house.refused("plan", "--mappings", str(folder / "absent"))
    assert said.endswith("give the folder with the changed mapping files")


def test_rules_that_are_written_and_not_in_force_yet_are_pointed_at(house: Priced) -> None:
    house.rules(stock_yaml=TIGHTER)
    golden("plan_not_in_force", house.run("plan").stdout, house.folder)
    house.rules(stock_yaml=STOCK)


def test_a_mistyped_shop_is_met_with_the_nearest_one(house: Priced) -> None:
    assert house.refused("plan", "--account", "mian") == "there is no shop 'mian'; did you mean main?"
    assert house.refused("plan", "--account", "x") == "there is no shop 'x'; there are: main, yen"


# --- a plan -----------------------------------------------------------------------------------------


def test_a_plan_shows_counts_moves_reasons_and_what_guards_hold(held: Priced) -> None:
    golden("plan_held", held.run("plan", "--rows", "3").stdout, held.folder)


def test_a_plan_can_be_of_one_shop_and_one_flow(held: Priced) -> None:
    golden("plan_prices", held.run("plan", "--account", "main", "--flow", "prices").stdout, held.folder)
    parts = held.told("plan", "--account", "main", "--flow", "prices", "--rows", "1")["parts"]
    assert [(part["account"], part["flow"], len(part["first"])) for part in parts] == [("main", "prices", 1)]


def test_the_json_says_what_the_table_says(held: Priced) -> None:
    (part,) = held.told("plan", "--account", "yen", "--flow", "stock")["parts"]
    assert part["changes"] == part["lowerings"] == part["held"] > 20
    assert part["sent"] == 0
    assert len(part["first"]) == 10
    row = part["first"][0]
    assert (row["account"], row["field"], row["standing"]) == ("yen", "quantity", "held")
    assert int(row["after"]) < int(row["before"])


def test_a_plan_file_is_for_its_owner_alone_and_holds_every_row_and_nobody(file: Path, held: Priced) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(file.read_text("utf-8"))
    assert set(told) == {"entrepot_plan", "made_at", "database", "rules", "rows", "mark"}
    parts = held.told("plan")["parts"]
    assert len(told["rows"]) == sum(part["changes"] for part in parts) >= 100
    assert {"account", "field", "listing", "before", "after", "why"} <= set(told["rows"][0])
    assert canaries.in_text("the plan", file.read_text("utf-8")) == []


def test_a_file_that_cannot_be_written_is_told(held: Priced) -> None:
    done = held.run("plan", "--out", str(held.folder / "absent" / "plan.json"))
    assert done.returncode == 3
    assert "cannot be written (No such file or directory): choose another place for --out" in done.stderr


# --- refusals ---------------------------------------------------------------------------------------


def test_a_plan_that_was_changed_is_refused(file: Path, held: Priced) -> None:
    told = json.loads(file.read_text("utf-8"))
    told["rows"][0]["after"] = "1"
    file.write_text(json.dumps(told), encoding="utf-8")
    golden("apply_changed", held.refused("apply", str(file)), held.folder)


def test_a_plan_that_was_only_laid_out_anew_is_not_refused(file: Path, held: Priced) -> None:
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")), indent=4), encoding="utf-8")
    assert held.run("apply", "--dry-run", str(file)).returncode == 0


def test_a_plan_of_another_database_is_refused(file: Path, held: Priced) -> None:
    changed(file, database="01a2176e-be6c-7000-b216-c6afebe4e7e4")
    golden("apply_elsewhere", held.refused("apply", str(file)), held.folder)


def test_a_plan_for_other_rules_is_refused(file: Path, held: Priced) -> None:
    held.rules(stock_yaml=TIGHTER.replace("4", "5"))
    golden("apply_other_rules", held.refused("apply", str(file)), held.folder)
    held.rules(stock_yaml=TIGHTER)


def test_a_plan_from_yesterday_is_refused(file: Path, held: Priced, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held.folder.parent / "clock"
    clock.write_text(f"+{25 * 3600}")
    monkeypatch.setenv("ENTREPOT_TEST_CLOCK", str(clock))
    golden("apply_old", held.refused("apply", str(file)), held.folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON, line 1, column 1: Expecting value; make a plan with: entrepot plan --out "),
        ('{\n "rows" 1}', "is not JSON, line 2, column 9: Expecting ':' delimiter; "),
        ('{"rows": []}', "is no plan: Object missing required field `entrepot_plan`; make one with: "),
        ("[]", "is no plan: Expected `object`, got `array`; make one with: "),
    ],
)
def test_what_is_no_plan_is_told_with_the_place(file: Path, held: Priced, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    assert said in held.refused("apply", str(file))


def test_a_plan_that_is_not_there_is_told(held: Priced) -> None:
    said = held.refused("apply", str(held.folder / "absent.json"))
    assert "cannot be read (No such file or directory); make a plan with: entrepot plan --out " in said


def test_a_shop_that_is_only_observed_is_planned_and_nothing_is_applied_to_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with priced(tmp_path_factory.mktemp("observing") / "house", observed=("main",)) as house:
        house.rules(stock_yaml=TIGHTER)
        house.once()
        file = house.folder.parent / "plan.json"
        shown = house.run("plan", "--account", "main", "--rows", "3", "--out", str(file)).stdout
        golden("plan_observed", shown, house.folder)
        golden("apply_observed", house.refused("apply", str(file)), house.folder)


# --- applying ---------------------------------------------------------------------------------------


def test_a_plan_whose_row_has_moved_is_refused_whole(file: Path, held: Priced) -> None:
    before = held.variant("main", "TEE-03")["price"]
    held.act("/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 2}])
    held.once()
    golden("apply_moved", held.refused("apply", str(file)), held.folder)
    assert held.variant("main", "TEE-03")["price"] == before, "nothing of it was sent"


def test_what_is_applied_is_what_was_planned_and_applying_it_again_changes_nothing(
    file: Path, held: Priced
) -> None:
    rows = json.loads(file.read_text("utf-8"))["rows"]
    golden("apply_dry_run", held.run("apply", "--dry-run", str(file)).stdout, held.folder)
    assert held.told("plan")["parts"] != [], "a dry run sends nothing"
    done = held.run("apply", str(file))
    assert done.returncode == 0, done.stderr
    golden("apply_done", done.stdout, held.folder)
    books = held.books()["shops"]
    for row in rows:
        mine = next(one for one in books[row["account"]]["variants"] if one["id"] == row["listing"])
        if row["field"] == "quantity":
            assert mine["saleable"] == int(row["after"]), row
        else:
            assert mine["price"] == round(float(row["after"]) * 100), row
    golden("plan_nothing", held.run("plan").stdout, held.folder)
    calls = held.dump()
    again = held.run("apply", str(file))
    assert again.returncode == 0
    golden("apply_again", again.stdout, held.folder)
    assert held.dump() == calls


def test_who_applied_a_plan_is_kept(held: Priced) -> None:
    assert '"plan applied"' in held.dump() or "'plan applied'" in held.dump()


def test_beside_a_daemon_its_own_pushes_send_the_plan(held: Priced) -> None:
    held.rules(stock_yaml=TIGHTER.replace("4", "7"))
    daemon = held.start()
    file = held.folder.parent / "beside.json"
    try:
        assert held.run("plan", "--account", "yen", "--out", str(file)).returncode == 0
        rows = json.loads(file.read_text("utf-8"))["rows"]
        assert len(rows) > 20, "guards hold them"
        done = held.run("apply", str(file))
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert held.saleable("yen", "TEE-02") == next(int(r["after"]) for r in rows if r["sku"] == "TEE-02")
        assert "applied already" in held.run("apply", str(file)).stdout
    finally:
        held.stop(daemon)
