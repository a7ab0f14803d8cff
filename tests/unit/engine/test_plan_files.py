"""A plan as a file: written whole or not at all, and told apart from any that was changed."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sync.domain.plan import Field, PlanRow, Standing
from sync.engine.plan_files import FORM, Head, PlanRefused, PlanWriter, groups, read_plan, refusal
from sync.store.sealing import KeyRing, Sealer, new_key

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAD = Head(FORM, NOW, "db", "rules")
ROWS = [
    PlanRow("shop", Field.QUANTITY, "1", "", "A", 'A "mug" 马克杯', "5", "7", why="7 of A to promise"),
    PlanRow("shop", Field.PRICE, "1", "", "A", "Mug", None, "9.99", currency="EUR", after_compare_at=""),
    PlanRow("other", Field.STATE, "2", "", "B", "Cup", "up", "down", Standing.HELD),
]


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(KeyRing.parse(new_key()))


@pytest.fixture
def path(tmp_path: Path, sealer: Sealer) -> Path:
    written = tmp_path / "plan.json"
    with PlanWriter(written, HEAD, sealer) as writer:
        for row in ROWS:
            writer.add(row)
    return written


def why(path: Path, sealer: Sealer, now: datetime = NOW, database: str = "db", rules: str = "rules") -> str:
    return refusal(read_plan(path), database=database, rules=rules, now=now, sealer=sealer)


def test_what_was_written_is_read_again(path: Path, sealer: Sealer) -> None:
    plan = read_plan(path)
    assert [(row.account, row.field, row.before, row.after) for row in plan.rows] == [
        (row.account, row.field, row.before, row.after) for row in ROWS
    ]
    assert plan.rows[1].after_compare_at == "", "an empty struck-out price is not an absent one"
    assert why(path, sealer) == ""


def test_it_is_json_that_any_tool_reads_and_for_its_owner_alone(path: Path) -> None:
    assert json.loads(path.read_text("utf-8"))["rows"][0]["title"] == 'A "mug" 马克杯'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["plan.json"]


def test_a_plan_that_broke_off_leaves_what_was_there_before(path: Path, sealer: Sealer) -> None:
    before = path.read_bytes()
    with pytest.raises(RuntimeError), PlanWriter(path, HEAD, sealer) as writer:
        writer.add(ROWS[0])
        raise RuntimeError
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == ["plan.json"]


def test_a_plan_without_rows_is_a_plan(tmp_path: Path, sealer: Sealer) -> None:
    empty = tmp_path / "empty.json"
    with PlanWriter(empty, HEAD, sealer):
        pass
    assert (read_plan(empty).rows, why(empty, sealer)) == ([], "")


@pytest.mark.parametrize("change", ["after", "before", "title", "listing", "account"])
def test_a_row_that_was_changed_is_found(path: Path, sealer: Sealer, change: str) -> None:
    told = json.loads(path.read_text("utf-8"))
    told["rows"][0][change] = "8"
    path.write_text(json.dumps(told), encoding="utf-8")
    assert why(path, sealer) == "the file was changed after it was made"


@pytest.mark.parametrize("rows", [slice(0, 1), slice(None, None, -1)], ids=["fewer", "turned round"])
def test_rows_that_were_taken_out_or_moved_are_found(path: Path, sealer: Sealer, rows: slice) -> None:
    told = json.loads(path.read_text("utf-8"))
    told["rows"] = told["rows"][rows]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert why(path, sealer) == "the file was changed after it was made"


def test_nobody_without_the_key_can_make_a_plan(path: Path) -> None:
    other = Sealer(KeyRing.parse(new_key()))
    assert why(path, other) == "the file was changed after it was made"


def test_age_rules_and_database_are_looked_at(path: Path, sealer: Sealer) -> None:
    assert why(path, sealer, now=NOW + timedelta(hours=24)) == ""
    late = why(path, sealer, now=NOW + timedelta(hours=24, seconds=1))
    assert late == "it was made at 2026-03-01 12:00 UTC, more than 24 hours ago"
    early = why(path, sealer, now=NOW - timedelta(minutes=6))
    assert early == "it was made at 2026-03-01 12:00 UTC, which is yet to come: look at the clock"
    assert why(path, sealer, database="x") == "it was made by another database"
    assert (
        why(path, sealer, rules="newer")
        == "it was made with other rules (rules) than those that are in force now (newer)"
    )


def test_a_plan_of_a_later_form_is_refused(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | {"entrepot_plan": 2}), encoding="utf-8")
    with pytest.raises(PlanRefused, match="a plan of another version of this program"):
        read_plan(path)


def test_rows_come_in_groups_of_account_and_field(path: Path) -> None:
    found = [(account, field, len(rows)) for account, field, rows in groups(read_plan(path))]
    assert found == [("shop", Field.QUANTITY, 1), ("shop", Field.PRICE, 1), ("other", Field.STATE, 1)]


def test_nested_nonsense_is_told_and_ends(tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(PlanRefused, match=r"is no(t JSON| plan)"):
        read_plan(deep)
