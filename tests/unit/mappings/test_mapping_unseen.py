"""Rows of tables about SKUs that nobody has: one warning a table, with the lines of the first of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from mappings import Facts, Rulebook, load_mappings
from mappings.lint.unseen import unseen_rows
from tests.unit.mappings.test_mapping_messages import ACCOUNTS

RULES = """\
skus: {match: [sku, "table:skus.csv"], table_encoding: gbk}
goods: {table: goods.csv, currency: EUR}
inbound: {table: inbound.csv}
content: {table: content.csv, fields: [title]}
weights: {table: weights.csv, by_sku: {W-1: 1 kg, TEE-1: 1 kg}}
"""
TABLES = {
    "skus.csv": "account,listing,sku\nmain,8,TEE-1\nmain,9,A-1\n,\u676f,A-1\nmain,11,A-2\n",
    "goods.csv": 'sku,title\nTEE-1,"a\nb"\nTEE-l,c\n TEE\u3000l ,d\nCUP-1,e\n',
    "inbound.csv": "sku,units,arrives\nTEE-1,1,2026-07-01\nB-1,1,2026-07-03\nB-1,2,2026-07-02\n",
    "content.csv": "title,sku,account\nTee,TEE-1,\nNew,POT,main\nNew,POT,\nNew,PAN,\n",
    "weights.csv": "sku,weight\nW-1,1 kg\nW-2,1 kg\nW-3,heavy\n",
}
SEVEN = "sku,title\nTEE-1,a\n" + "".join(f"N-{number},a\n" for number in range(1, 8))
KNOWN = frozenset({"TEE-1", "CUP-1"})
FACTS = Facts(
    skus=KNOWN,
    unseen=frozenset(
        {"A-1", "A-2", "TEE-l", "TEE l", "B-1", "POT", "PAN", "W-1", "W-2", "W-3"}
        | {f"N-{number}" for number in range(1, 8)}
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES)
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="gbk" if name == "skus.csv" else "utf-8")
    return tmp_path


def rules(folder: Path) -> Rulebook:
    """The rules of the folder."""
    return load_mappings(folder, ACCOUNTS, label="mappings")


def test_each_table_is_told_once_by_file_number_and_first_lines(folder: Path) -> None:
    assert [str(one) for one in unseen_rows(rules(folder), FACTS)] == [
        "mappings/skus.csv:3:1: sku: 3 rows name SKUs that no warehouse, supplier or listing was ever seen with, such "
        'as "A-1" (line 3), "A-2" (line 5); mend what is a slip, and leave what is still to come',
        'mappings/goods.csv:4:1: sku: 2 rows name SKUs that no warehouse, supplier or listing was ever seen with: "TEE-l" (line 4), "TEE l" (line 5); mend what is a slip, and leave what is still to come; did you mean TEE-1 in line 4?',
        "mappings/inbound.csv:3:1: sku: 2 rows name SKUs that no warehouse, supplier or listing was ever seen with, such "
        'as "B-1" (line 3); mend what is a slip, and leave what is still to come',
        "mappings/content.csv:3:1: sku: 3 rows name SKUs that no warehouse, supplier or listing was ever seen with, such "
        'as "POT" (line 3), "PAN" (line 5); mend what is a slip, and leave what is still to come',
        'mappings/weights.csv:3:1: sku: 1 row names a SKU that no warehouse, supplier or listing was ever seen with: "W-2" (line 3); mend what is a slip, and leave what is still to come',
    ]


def test_of_many_rows_the_first_five_are_named(folder: Path) -> None:
    (folder / "goods.csv").write_text(SEVEN)
    (told,) = [one for one in unseen_rows(rules(folder), FACTS) if one.file == "mappings/goods.csv"]
    assert told.line == 3
    assert told.what.startswith("7 rows name SKUs ")
    assert '"N-5" (line 7); mend' in told.what


def test_where_nothing_is_known_to_be_unseen_nothing_is_said(folder: Path) -> None:
    assert list(unseen_rows(rules(folder), replace(FACTS, unseen=frozenset()))) == []


@pytest.mark.parametrize("text", [None, "sku,title\nCUP-1,e\n"], ids=["gone", "changed"])
def test_a_table_that_has_changed_since_is_told_without_lines(folder: Path, text: str | None) -> None:
    book, table = rules(folder), folder / "goods.csv"
    table.unlink() if text is None else table.write_text(text)
    (told,) = [one for one in unseen_rows(book, FACTS) if one.file == "mappings/goods.csv"]
    assert str(told).startswith("mappings/goods.csv: sku: 2 rows name SKUs ")
    assert 'with: "TEE-l", "TEE l"; mend' in told.what
    assert told.hint == "TEE-1"


def test_a_table_that_nobody_names_is_not_asked_about(tmp_path: Path) -> None:
    assert rules(tmp_path).tables == ()
