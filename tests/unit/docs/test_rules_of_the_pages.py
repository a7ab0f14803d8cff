"""Every block of rules that a page shows is taken by the program as it stands there."""

import re
from pathlib import Path

import pytest
from doc_pages import pages, read

from mappings import load_mappings
from mappings.schema import SECTIONS

BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = {
    "storefront": ("shop", "tmall", "medusa", "shopify"),
    "warehouse": ("hamburg",),
    "courier": ("parcels",),
    "supplier": ("acme",),
}
SKUS = ("00123", "CUP-1", "A", "B", "C", "TEE-01", "TEE-03", "TEE-04")
GOODS = "sku,cost,landed_cost,list_price,map,tags,blocked,expires\n"
WITHOUT_AMOUNTS = "sku,blocked,expires\n00123,no,2199-12-31\n"
TABLES = {
    "goods.csv": GOODS + "".join(f"{sku},3,4,9.90,,summer|outlet,no,2199-12-31\n" for sku in SKUS),
    "rates.csv": "date,from,to,rate\n2026-01-02,EUR,CNY,7.8\n",
    "content.csv": "sku,account,title,description,pictures\n00123,,Shirt,Of cotton,\n",
    "inbound.csv": "sku,units,arrives\nC,900,2199-06-20\n",
    "skus.csv": "account,listing,sku,pack\nshop,1,A,\n",
}


def _blocks() -> list[tuple[Path, int, str]]:
    return [
        (page, number, block)
        for page in pages()
        for number, block in enumerate(BLOCK.findall(read(page)), 1)
        if _sections(block) & set(SECTIONS)
    ]


def _sections(block: str) -> set[str]:
    return set(re.findall(r"^([a-z_]+):", block, re.MULTILINE))


def _accounts(block: str) -> dict[str, str]:
    """Those that a block names: shares leave nothing for others."""
    return {name: kind for kind, names in KINDS.items() for name in names if re.search(rf"\b{name}\b", block)}


def test_the_pages_show_rules_of_every_new_kind() -> None:
    shown = set().union(*(_sections(block) for _, _, block in _blocks()))
    assert {"goods", "rates", "fees", "prices", "promotions", "listings", "content", "guards"} <= shown


@pytest.mark.parametrize(
    "block",
    [pytest.param(block, id=f"{page.stem}-{number}") for page, number, block in _blocks()],
)
def test_every_block_of_rules_is_taken_without_a_word(block: str, tmp_path: Path) -> None:
    assert _sections(block) <= set(SECTIONS), "a block of rules holds rules alone"
    (tmp_path / "rules.yaml").write_text(block, encoding="utf-8")
    tables = TABLES if "currency:" in block else TABLES | {"goods.csv": WITHOUT_AMOUNTS}
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert load_mappings(tmp_path, _accounts(block)).warnings == ()
