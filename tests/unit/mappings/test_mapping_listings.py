"""Which rule decides of a listing's state, and which row of the table of content is whose."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappings import Rulebook, load_mappings
from mappings.facts import OfferFacts
from sync.domain.ids import Sku
from sync.domain.publishing import Cause

SHOPS = {"main": "storefront", "yen": "storefront", "wh": "warehouse", "acme": "supplier"}


def rulebook(folder: Path, text: str, **tables: str) -> Rulebook:
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(rows, encoding="utf-8")
    return load_mappings(folder, SHOPS)


def facts(account: str = "main", *skus: str, suppliers: tuple[str, ...] = ()) -> OfferFacts:
    components = tuple((Sku(sku), 1) for sku in skus or ("A",))
    return OfferFacts(account, "EUR", components, suppliers=frozenset(suppliers))


RULES = """
listings:
  - {name: summer, when: {tags: summer}, take_down: [at_zero, expired], at_zero_for: 1 hour, put_back_at: 5}
  - {name: chairs, when: {supplier: acme, account: main}, take_down: blocked}
  - {name: one, when: {sku: ["00123"]}, take_down: at_zero}
  - {name: yen, when: {account: yen}, take_down: [at_zero, blocked]}
goods: {table: goods.csv}
"""


def test_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    rules = rulebook(tmp_path, RULES, goods="sku,tags\nS,summer|sale\n")
    named = {
        "summer": facts("yen", "A", "S"),
        "chairs": facts("main", suppliers=("acme",)),
        "one": facts("main", "00123"),
        "yen": facts("yen", suppliers=("acme",)),
    }
    found = {name: rules.listing_rule(known) for name, known in named.items()}
    assert {name: rule and rule.name for name, rule in found.items()} == {name: name for name in named}
    assert rules.listing_rule(facts()) is None


def test_a_rule_has_its_times_and_units_and_defaults(tmp_path: Path) -> None:
    rules = rulebook(tmp_path, RULES, goods="sku,tags\nS,summer\n")
    summer, one = rules.listing_rule(facts("main", "S")), rules.listing_rule(facts("main", "00123"))
    assert summer is not None
    assert one is not None
    assert summer.take_down == {Cause.AT_ZERO, Cause.EXPIRED}
    assert (summer.at_zero_for, summer.put_back_at) == (timedelta(hours=1), 5)
    assert (one.at_zero_for, one.put_back_at) == (timedelta(minutes=10), 1)
    assert one.put_back_after == timedelta(minutes=30)


def test_without_rules_no_state_and_no_content_is_ours(tmp_path: Path) -> None:
    rules = load_mappings(tmp_path, SHOPS)
    assert rules.listing_rule(facts()) is None
    assert rules.content("main", "A") is None


def test_a_shops_own_row_comes_first_cell_by_cell(tmp_path: Path) -> None:
    table = "sku,account,title,description\nA,,Mug,Holds tea.\nA,yen,マグ,\nB,yen,Cup,Small.\n"
    rules = rulebook(tmp_path, "content: {table: content.csv, fields: [title, description]}\n", content=table)
    mine, theirs = rules.content("main", "A"), rules.content("yen", "A")
    assert mine is not None
    assert theirs is not None
    assert (mine.title, mine.description, mine.pictures) == ("Mug", "Holds tea.", None)
    assert (theirs.title, theirs.description) == ("マグ", "Holds tea.")
    assert rules.content("main", "B") is None


@pytest.mark.parametrize(("accounts", "kept"), [("[main, yen]", ["main", "yen"]), ("yen", ["yen"])])
def test_only_named_shops_and_fields_are_kept_in_step(tmp_path: Path, accounts: str, kept: list[str]) -> None:
    text = f"content: {{table: content.csv, accounts: {accounts}, fields: title}}\n"
    rules = rulebook(tmp_path, text, content="sku,title,description\nA,Mug,Holds tea.\n")
    found = {shop: rules.content(shop, "A") for shop in ("main", "yen")}
    assert [shop for shop, content in found.items() if content is not None] == kept
    assert all(content.description is None for content in found.values() if content is not None)


def test_a_picture_is_an_address_or_a_file_of_the_folder_and_its_change_is_seen(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    picture = tmp_path / "pictures" / "mug one.png"
    picture.write_bytes(b"\x89PNG")
    text = "content: {table: content.csv, fields: pictures}\n"
    table = "sku,pictures\nA,https://shop.example/mug.jpg|mug one.png\n"
    first = rulebook(tmp_path, text, content=table)
    content = first.content("main", "A")
    assert content is not None
    assert content.pictures == ("https://shop.example/mug.jpg", str(picture))
    assert rulebook(tmp_path, text, content=table).version == first.version
    picture.write_bytes(b"\x89PNG other")
    second = rulebook(tmp_path, text, content=table)
    again = second.content("main", "A")
    assert again is not None
    assert again.digest != content.digest
    assert second.version != first.version


def test_the_digest_does_not_move_with_the_folder(tmp_path: Path) -> None:
    text, table = "content: {table: content.csv, fields: title}\n", "sku,title\nA,Mug\n"
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = rulebook(tmp_path / "one", text, content=table).content("main", "A")
    two = rulebook(tmp_path / "two", text, content=table).content("main", "A")
    assert one is not None
    assert two is not None
    assert one.digest == two.digest
