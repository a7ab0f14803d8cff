"""The tables of goods and rates: read in bounded memory, versioned by their content, told where they are wrong."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from config.errors import Problem
from mappings.goods import Goods, GoodsTable
from mappings.goods_tables import MOST_TOLD, goods_table
from tests.unit.mappings.price_books import asked, book, offer

HEAD = "goods: {table: goods.csv, currency: EUR}\n"
ROWS = 200_000
MEASURE = """
import resource, sys, time
from pathlib import Path
from mappings.goods_tables import goods_table
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = goods_table(Path(sys.argv[1]), "goods.csv", "EUR", [])
print(len(rows), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time())
"""


def test_all_that_a_row_says_is_known() -> None:
    rulebook = book(
        HEAD,
        goods="SKU;Cost;Landed_Cost;List_Price;MAP;Currency;Tags;Blocked;Expires;Title\r\n"
        " 00123 ;8.5;10;30;15.00;usd;summer| new |;yes;2026-06-30;Tee, red\r\n00124;;;;;;;no;;\r\n",
    )
    assert rulebook.goods_of("00123") == Goods(
        "00123",
        Decimal("8.5"),
        Decimal(10),
        Decimal(30),
        Decimal(15),
        "USD",
        ("summer", "new"),
        True,
        date(2026, 6, 30),
        "Tee, red",
    )
    assert rulebook.goods_of("00124") == Goods("00124", currency="EUR")
    assert rulebook.goods_of("123") is None
    assert rulebook.warnings == ()


def test_a_row_that_is_left_out_leaves_the_price_unknown() -> None:
    rulebook = book(HEAD + "prices: [{name: a, price: cost}]", goods='sku,cost\nA,"1,50"\nB,2\n')
    assert len(rulebook.warnings) == 1
    assert "it is not in goods.csv" in asked(rulebook, offer()).missing
    assert asked(rulebook, offer(("B", 1))).price == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_as_people_save_them(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_bytes("sku\tcost\ttitle\n短袖\t8.50\t衬衫\n".encode(encoding))
    rows = goods_table(tmp_path / "goods.csv", "goods.csv", "EUR", [])
    assert GoodsTable("goods.csv", rows).get("短袖") == Goods(
        "短袖", Decimal("8.50"), currency="EUR", title="衬衫"
    )


def test_the_version_moves_with_the_content_and_not_with_its_order() -> None:
    one, same, other = (
        book(HEAD, goods=text).version
        for text in ("sku,cost\nA,1\nB,2\n", "sku;cost\n\nB;2\nA;1\n", "sku,cost\nA,1\nB,3\n")
    )
    assert one == same != other


def test_the_version_holds_a_digest_and_not_the_table() -> None:
    small, large = (
        len(book(HEAD, goods="sku,cost\n" + "".join(f"S{i},1\n" for i in range(rows))).canonical)
        for rows in (10, 1000)
    )
    assert large - small < 10


def test_rates_enter_the_version() -> None:
    head = "rates: {table: rates.csv}\n"
    one, other = (
        book(head, rates=f"date,from,to,rate\n2026-06-01,EUR,CNY,{r}\n").version for r in ("7.8", "7.9")
    )
    assert one != other


def test_two_hundred_thousand_rows_stay_small(tmp_path: Path) -> None:
    with (tmp_path / "goods.csv").open("w", encoding="utf-8") as table:
        table.write("sku,cost,landed_cost,list_price,map,tags,title\n")
        for i in range(ROWS):
            table.write(f"SKU-{i:06d},8.{i % 100:02d},10.{i % 97:02d},30,15,summer|new,Some good {i}\n")
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path / "goods.csv")],
        check=True,
        capture_output=True,
        text=True,
    )
    rows, kib, seconds = measured.stdout.split()
    assert int(rows) == ROWS
    assert int(kib) < 160 << 10, "what reading needs at its peak, beside the interpreter"
    assert float(seconds) < 30, "processor time"


def test_a_table_that_is_wrong_all_through_is_told_in_few_lines(tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text("sku,cost\n" + "".join(f"S{i},free\n" for i in range(5000)), "utf-8")
    warnings: list[Problem] = []
    assert goods_table(tmp_path / "goods.csv", "goods.csv", "EUR", warnings) == {}
    assert len(warnings) == MOST_TOLD + 1
    assert warnings[-1].what == "4950 more rows from here on are left out"
