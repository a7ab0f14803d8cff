"""Rules beside what is stored: names that nobody has, and rules that decide nothing, with file and line."""

from dataclasses import replace
from pathlib import Path

import pytest

from mappings import Facts, Rulebook, load_mappings
from mappings.known import never_matched
from tests.unit.mappings.test_mapping_messages import ACCOUNTS, CARRIERS

RULES = """\
skus:
  match: [sku, "table:skus.csv"]
  overrides:
    - {listing: "main:1", sku: TEE-1}
    - {listing: "main:5/2", bundle: {TEE-1: 1, tee-2: 2}}
    - {listing: "main:sku=GONE", ignore: true}
    - {listing: "yen:77", sku: TEE-1}
stock:
  safety_by_sku: {TEE-1: 1, TEE-l: 2}
holds:
  - {name: important, when: {tags: [VIP, wip], channel_service: expres}}
  - {name: cups, when: {any_line: {sku: [CUP-1, CUP-9]}}}
routing:
  - {name: quick, when: {channel_service: Express}, to: wh}
  - {name: rest, to: first}
couriers:
  - {name: heavy, when: {weight_above: 9 kg}, use: ["van:yundda", "post:zto"]}
  - {name: normal, use: "van:Yunda"}
prices:
  - {name: kept, when: {sku: CUP-1}, price: keep}
listings:
  - {name: all, take_down: at_zero}
"""
TABLE = "account,listing,sku\nmain,8,TEE-1\nmain,9,A-1\nmain,10,A-2\n"
FACTS = Facts(
    skus=frozenset({"TEE-1", "TEE-2", "CUP-1"}),
    shops_read=frozenset({"main"}),
    listings=frozenset({("main", "1"), ("main", "5/2")}),
    carriers={"van": frozenset({"yunda"})},
    tags=frozenset({"vip", "gift"}),
    services=frozenset({"express", "standard"}),
    looked_at={"orders": 1234, "parcels": 900, "offers": 50},
    newest_only=frozenset({"parcels"}),
    matched={
        ("holds", "cups"): 3,
        ("routing", "rest"): 1231,
        ("couriers", "normal"): 900,
        ("prices", "kept"): 1,
    },
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "skus.csv").write_text(TABLE)
    return tmp_path


def rules(folder: Path, facts: Facts | None = None) -> Rulebook:
    """The rules of the folder."""
    accounts = {**ACCOUNTS, "van": "courier"}
    return load_mappings(
        folder, accounts, carriers=CARRIERS, dropship=["acme"], label="mappings", facts=facts
    )


def told(folder: Path, facts: Facts) -> list[str]:
    """What more is said with these facts than without."""
    before = set(rules(folder).warnings)
    return [str(one) for one in rules(folder, facts).warnings if one not in before]


def test_names_that_nobody_has_are_told_with_place_and_near_miss(folder: Path) -> None:
    assert told(folder, FACTS) == [
        "mappings/rules.yaml:5:48: skus.overrides[1].bundle.tee-2: no warehouse, supplier or SKU table has the SKU "
        '"tee-2"; did you mean TEE-2?',
        'mappings/rules.yaml:6:17: skus.overrides[2].listing: main has no listing "sku=GONE"',
        "mappings/rules.yaml:9:29: stock.safety_by_sku.TEE-l: no warehouse, supplier or SKU table has the SKU "
        '"TEE-l"; did you mean TEE-2?',
        'mappings/rules.yaml:11:42: holds[0].when.tags[1]: no order of the last 90 days bears the tag "wip"; '
        "did you mean vip?",
        "mappings/rules.yaml:11:65: holds[0].when.channel_service: no order of the last 90 days has the shipping "
        'method "expres"; did you mean express?',
        "mappings/rules.yaml:12:49: holds[1].when.any_line.sku[1]: no warehouse, supplier or SKU table has the SKU "
        '"CUP-9"; did you mean CUP-1?',
        'mappings/rules.yaml:17:53: couriers[0].use[0]: no parcel of van has gone by "yundda" in the last 90 days; '
        "did you mean yunda?",
    ]


def test_where_nothing_has_been_read_nothing_is_said(folder: Path) -> None:
    assert told(folder, Facts()) == []
    assert list(never_matched(rules(folder), Facts())) == []


def test_a_rule_that_decided_nothing_is_told_with_how_much_was_looked_at(folder: Path) -> None:
    assert [str(one) for one in never_matched(rules(folder), FACTS)] == [
        'mappings/rules.yaml:11:1: holds: the rule "important" matched none of the 1234 orders of the last 90 days',
        'mappings/rules.yaml:14:1: routing: the rule "quick" matched none of the 1234 orders of the last 90 days',
        'mappings/rules.yaml:17:1: couriers: the rule "heavy" matched none of the newest 900 parcels of the last 90 days',
        'mappings/rules.yaml:22:1: listings: the rule "all" matched none of the 50 offers',
    ]


def test_of_what_was_not_looked_at_nothing_is_said(folder: Path) -> None:
    nothing_yet = replace(FACTS, looked_at={"orders": 0, "offers": 2})
    assert {one.key for one in never_matched(rules(folder), nothing_yet)} == {"listings"}


def test_rules_that_came_with_the_program_are_not_told(tmp_path: Path) -> None:
    bare = load_mappings(tmp_path, ACCOUNTS, label="mappings")
    assert bare.places
    assert list(never_matched(bare, replace(FACTS, matched={}))) == []
