"""Binding: what one unit of a listing is, and which word counts."""

from pathlib import Path

import pytest

from mappings import Bound, Rulebook, Unbound, UnboundReason, load_mappings
from sync.domain.listing import RemoteVariant

ACCOUNTS = {"main": "storefront", "yen": "storefront", "wh": "warehouse"}
OVERRIDES = """
skus:
  match: [sku, gtin]
  overrides:
    - {listing: "main:1", sku: "00123"}
    - {listing: "main:gid://shop/Variant/2", sku: A, pack: 6}
    - {listing: "main:90/3", bundle: {A: 1, " B ": 2}}
    - {listing: "main:sku=BOX  A", sku: C}
    - {listing: "main:5", ignore: true}
"""


def rulebook(folder: Path, text: str) -> Rulebook:
    """The rules of one file."""
    (folder / "skus.yaml").write_text(text, "utf-8")
    return load_mappings(folder, ACCOUNTS, label="mappings")


def variant(
    external: str, sku: str | None = None, product: str = "90", gtin: str | None = None
) -> RemoteVariant:
    """A listing as a shop shows it."""
    return RemoteVariant(external, product, sku, "a thing", gtin=gtin)


@pytest.mark.parametrize(
    ("listing", "bound"),
    [
        (variant("1", "X"), Bound((("00123", 1),), "override")),
        (variant("gid://shop/Variant/2"), Bound((("A", 6),), "override")),
        (variant("3", "X"), Bound((("A", 1), ("B", 2)), "override")),
        (variant("4", " BOX A"), Bound((("C", 1),), "override")),
        (variant("3", "X", product="91"), Bound((("X", 1),), "sku")),
        (variant("7", " a\u00a0 b "), Bound((("a b", 1),), "sku")),
    ],
)
def test_an_override_counts_before_the_listings_own_sku(
    listing: RemoteVariant, bound: Bound, tmp_path: Path
) -> None:
    assert rulebook(tmp_path, OVERRIDES).bind("main", listing) == bound


def test_an_override_is_for_its_own_shop(tmp_path: Path) -> None:
    found = rulebook(tmp_path, OVERRIDES).bind("yen", variant("1", "X"))
    assert found == Bound((("X", 1),), "sku")


def test_an_ignored_listing_is_bound_to_nothing(tmp_path: Path) -> None:
    found = rulebook(tmp_path, OVERRIDES).bind("main", variant("5", "A"))
    assert found == Unbound(UnboundReason.IGNORED)
    assert found.text == "an override says that this listing is not ours"


@pytest.mark.parametrize("sku", [None, "", " \u3000 "])
def test_a_listing_without_a_sku_is_bound_to_nothing(sku: str | None, tmp_path: Path) -> None:
    found = rulebook(tmp_path, OVERRIDES).bind("main", variant("9", sku))
    assert found == Unbound(UnboundReason.NO_SKU)
    assert found.text == "nothing in `skus: match` gives it a SKU: add an override or a row of the table"


def test_case_and_leading_zeros_are_never_guessed_away(tmp_path: Path) -> None:
    rules = rulebook(tmp_path, "# no rules\n")
    for sku in ("AB-1", "ab-1", "00123", "0123"):
        assert rules.bind("main", variant("9", sku)) == Bound(((sku, 1),), "sku")


def test_a_way_that_leads_to_an_unknown_sku_gives_way_to_one_that_does_not(tmp_path: Path) -> None:
    rules = rulebook(tmp_path, OVERRIDES)
    listing = variant("9", "their-name", gtin="4006381333931")
    known = {"OURS"}
    found = rules.bind("main", listing, known=known, gtins={"4006381333931": "OURS"})
    assert found == Bound((("OURS", 1),), "gtin")


def test_where_no_way_leads_to_a_known_sku_the_first_one_is_kept_for_the_hold(tmp_path: Path) -> None:
    listing = variant("9", "their-name", gtin="4006381333931")
    found = rulebook(tmp_path, OVERRIDES).bind("main", listing, known=set())
    assert found == Bound((("their-name", 1),), "sku")


TABLE = "account,listing,sku,pack\nmain,1,00123,\n*,sku=their name,OURS,2\n,77/8,B,\n"


@pytest.mark.parametrize(
    "raw",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace("account,", "Account , ").replace("main,1", ' main , "1" ').encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "crlf", "semicolons", "tabs", "spaces"],
)
def test_a_table_is_read_as_people_save_it(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_bytes(raw.replace(b' "1" ', b" 1 "))
    rules = rulebook(tmp_path, 'skus: {match: ["table:skus.csv"]}')
    assert rules.warnings == ()
    found = [
        rules.bind("main", variant("1")),
        rules.bind("yen", variant("5", "their name")),
        rules.bind("yen", variant("8", product="77")),
        rules.bind("yen", variant("1")),
    ]
    assert found == [
        Bound((("00123", 1),), "table"),
        Bound((("OURS", 2),), "table"),
        Bound((("B", 1),), "table"),
        Unbound(UnboundReason.NO_SKU),
    ]


def test_a_table_in_gbk_is_read_where_the_yaml_says_so(tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_bytes("account,listing,sku\nmain,1,红色\n".encode("gbk"))
    rules = rulebook(tmp_path, 'skus: {match: ["table:skus.csv"], table_encoding: gbk}')
    assert rules.bind("main", variant("1")) == Bound((("红色", 1),), "table")


def test_a_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_text("account,listing,sku\nmain,1,6.9E+12\nmain,2,A\n")
    rules = rulebook(tmp_path, 'skus: {match: ["table:skus.csv"]}')
    assert rules.bind("main", variant("1")) == Unbound(UnboundReason.NO_SKU)
    assert rules.bind("main", variant("2")) == Bound((("A", 1),), "table")
    assert [problem.line for problem in rules.warnings] == [2]


def test_a_cell_with_a_line_end_does_not_shift_the_lines_that_are_told(tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_text('account,listing,sku\nmain,1,"A\nB"\nmain,2,#N/A\n')
    assert [problem.line for problem in rulebook(tmp_path, 'skus: {match: ["table:skus.csv"]}').warnings] == [
        4
    ]


def test_an_override_counts_before_the_table(tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_text("account,listing,sku\nmain,1,A\n")
    text = 'skus: {match: ["table:skus.csv"], overrides: [{listing: "main:1", sku: B}]}'
    assert rulebook(tmp_path, text).bind("main", variant("1")) == Bound((("B", 1),), "override")
