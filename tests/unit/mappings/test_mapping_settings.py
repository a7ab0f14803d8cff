"""Settings and table rows are found by the term that they made, the most specific one first."""

import pytest

from tests.unit.mappings.price_books import book

STOCK = """\
stock:
  buffer: {units: 1}
  by_account:
    tmall:
      units: 3
  safety_stock: 2
  safety_by_sku:
    "ＴＥＥ  1": 5
  suppliers:
    acme:
      lag: 1 hour
      less: 2 units
  share:
    tmall: 40%
    shared: 60%
  cap: {shop: 9 units}
  least_shown: {shop: 2 units}
  priority: {order: [tmall], when_below: 4 units}
"""


@pytest.mark.parametrize(
    ("term", "account", "about", "setting", "line"),
    [
        ("buffer", "shop", "", "stock.buffer", 2),
        ("buffer", "tmall", "", "stock.by_account.tmall", 4),
        ("safety", "shop", "A", "stock.safety_stock", 6),
        ("safety", "shop", "TEE 1", "stock.safety_by_sku.TEE 1", 8),
        ("use", "shop", "acme", "stock.suppliers.acme.less", 12),
        ("share", "tmall", "", "stock.share.tmall", 14),
        ("rest", "shop", "", "stock.share.shared", 15),
        ("cap", "shop", "", "stock.cap.shop", 16),
        ("least_shown", "shop", "", "stock.least_shown.shop", 17),
        ("priority", "shop", "", "stock.priority", 18),
    ],
)
def test_a_term_is_of_the_most_specific_setting(
    term: str, account: str, about: str, setting: str, line: int
) -> None:
    found = book(STOCK).setting(term, account, about)
    assert found is not None
    assert (found.name, found.file, found.line) == (setting, "mappings/rules.yaml", line)


@pytest.mark.parametrize(
    ("term", "account", "about"),
    [
        ("max_age", "shop", "acme"),
        ("use", "shop", "other"),
        ("cap", "tmall", ""),
        ("share", "shop", ""),
        ("mode", "shop", ""),
        ("velocity", "shop", "A"),
    ],
)
def test_what_no_file_says_has_no_place(term: str, account: str, about: str) -> None:
    assert book(STOCK).setting(term, account, about) is None


def test_the_defaults_stand_in_no_file_of_the_admins() -> None:
    assert book("prices: []\n").setting("buffer", "shop") is None
    assert book("prices: []\n").setting("safety", "shop", "A") is None


TABLES = "goods: {table: goods.csv, currency: EUR}\nrates: {table: rates.csv}\nprices: []\n"
ROWS = "sku,cost,map\n\nB,,9\nA,5.20,\n,bad,\nC,1,\n"
RATES = "date,from,to,rate\n2026-06-02,USD,EUR,0.91\n2026-06-01,USD,EUR,0.90\n2026-06-01,GBP,EUR,1.2\n"


def test_an_amount_of_the_goods_is_of_the_rows_that_have_it() -> None:
    rules = book(TABLES, goods=ROWS, rates=RATES)
    assert [str(one) for one in rules.goods_places("cost", ["C", "B", "A"])] == [
        "A (mappings/goods.csv:4)",
        "C (mappings/goods.csv:6)",
    ]
    assert [one.line for one in rules.goods_places("map", ["A", "B"])] == [3]
    assert rules.goods_places("price", ["A"]) == ()


def test_a_rate_is_of_its_row() -> None:
    rules = book(TABLES, goods=ROWS, rates=RATES)
    place = rules.rate_place("USD", "EUR", "2026-06-01")
    assert place is not None
    assert (place.file, place.line) == ("mappings/rates.csv", 3)
    assert rules.rate_place("USD", "EUR", "2026-05-31") is None
    assert rules.rate_place("EUR", "USD", "2026-06-01") is None


def test_lines_that_move_are_no_change_of_the_rules() -> None:
    rules = book(TABLES, goods=ROWS, rates=RATES)
    moved = book(TABLES, goods=ROWS.replace("\n\n", "\n"), rates=RATES)
    assert moved.version == rules.version
    assert moved.prices.goods == rules.prices.goods
