"""`check` beside what is stored: names that nobody has, and rules that match nothing, with file and line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import World, entrepot, until

pytestmark = pytest.mark.timeout(600)
SKU = "TEE-02"
RULES = """\
holds:
  - {name: dear, when: {total_above: 9000000 EUR}}
  - {name: marked, when: {tags: [no-such-tag]}}
  - {name: some lines, when: {lines_at_least: 1, shipped: false}}
weights:
  default: 20 g
  by_sku: {TEE-02: 20 g, TEEE-02: 30 g}
"""
GOODS = f"sku,title\n{SKU},A tee\nTEEE-02,A slip\nNEXT-SPRING,Still to come\n"


def checked(world: World, *more: str) -> tuple[int, list[dict[str, Any]]]:
    """(exit code, lines) of `check --json`."""
    done = world.run("check", "--json", *more)
    return done.returncode, json.loads(done.stdout)["lines"]


def about(lines: list[dict[str, Any]], level: str) -> list[str]:
    """The texts of one level about the rules."""
    return [line["what"] for line in lines if line["level"] == level and line["about"] == "mappings"]


def test_rules_are_tried_on_what_is_stored(world: World) -> None:
    daemon = world.start()
    until("stock is pushed", lambda: world.glance("explain", SKU)["listings"][0]["acked"] is not None)
    number = world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 1}])["order"]
    until("the order is pulled", lambda: world.state(number) != "absent")
    (world.folder / "mappings" / "weights.yaml").write_text(RULES)
    skus = json.loads((world.folder / "mappings" / "skus.yaml").read_text())
    skus["skus"]["overrides"].append({"listing": "main:nothing-of-the-sort", "sku": SKU})
    (world.folder / "mappings" / "skus.yaml").write_text(json.dumps(skus))
    (world.folder / "mappings" / "goods.yaml").write_text("goods: {table: goods.csv}\n")
    (world.folder / "mappings" / "goods.csv").write_text(GOODS)

    def told(level: str) -> int:
        return len(about(world.glance("check")["lines"], level))

    until("main is read to the end", lambda: told("finding") == 3)
    until("all shops are read to the end", lambda: told("warning") == 3)
    code, lines = checked(world)
    assert code == 1
    findings, warnings = about(lines, "finding"), about(lines, "warning")
    assert [text.partition(": ")[2] for text in findings] == [
        'skus.overrides[1].listing: main has no listing "nothing-of-the-sort"',
        'holds[1].when.tags[0]: no order of the last 90 days bears the tag "no-such-tag"',
        'weights.by_sku.TEEE-02: no warehouse, supplier or SKU table has the SKU "TEEE-02"; did you mean TEE-02?',
    ]
    assert warnings == [
        "mappings/goods.csv:3:1: sku: 2 rows name SKUs that no warehouse, supplier or listing was ever seen with: "
        '"TEEE-02" (line 3), "NEXT-SPRING" (line 4); mend what is a slip, and leave what is still to come; did you '
        "mean TEE-02 in line 3?",
        'mappings/weights.yaml:2:1: holds: the rule "dear" matched none of the 1 orders of the last 90 days',
        'mappings/weights.yaml:3:1: holds: the rule "marked" matched none of the 1 orders of the last 90 days',
    ]
    (placed,) = [line for line in lines if "TEEE-02" in line["what"] and "by_sku" in line["what"]]
    assert (placed["file"], placed["line"]) == ("mappings/weights.yaml", 7)
    (placed,) = [line for line in lines if "NEXT-SPRING" in line["what"]]
    assert [placed[part] for part in ("file", "line", "key")] == ["mappings/goods.csv", 3, "sku"]
    notes = [line["what"] for line in lines if line["about"] == "stored data"]
    assert notes[0].startswith("tried the rules on 1 orders, 0 parcels, ")
    assert "canar" not in str(lines).lower()
    assert not [line for line in checked(world, "--days", "0")[1] if line["about"] == "stored data"]
    assert world.stop(daemon) == 0


def test_bad_files_are_told_with_their_places_as_json_too(tmp_path: Path) -> None:
    (tmp_path / "entrepot.yaml").write_text("timezone: UTC\naccounts: {}\n")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "a.yaml").write_text("holds:\n  - {nme: x}\nweights: {default: heavy}\n")
    done = entrepot("check", "--json", folder=tmp_path)
    assert done.returncode == 2
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert [(line["file"], line["line"], line["column"], line["key"]) for line in told["lines"]] == [
        ("mappings/a.yaml", 2, 5, "holds[0].name"),
        ("mappings/a.yaml", 2, 6, "holds[0].nme"),
        ("mappings/a.yaml", 3, 20, "weights.default"),
    ]
    assert done.stderr.splitlines()[0] == "mappings/a.yaml:2:5: holds[0].name: this key is missing"
