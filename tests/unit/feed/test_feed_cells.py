"""Single cells: what is read, and the exact words of what is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.suppliers.feed import cells
from connectors.suppliers.feed.cells import BadCell
from connectors.suppliers.feed.formats import Column, FileForm

BERLIN = ZoneInfo("Europe/Berlin")
MARKS = st.sampled_from(
    [(".", None), (".", ","), (".", "'"), (".", "space"), (",", None), (",", "."), (",", "space")]
)
AMOUNTS = st.decimals(-(10**11), 10**11, allow_nan=False, allow_infinity=False, places=4)


def read(text: str, decimal: str = ".", thousands: str | None = None, **more: object) -> Decimal:
    column = Column.model_validate({"column": "x", "decimal": decimal, "thousands": thousands, **more})
    return cells.number(text, column, FileForm())


def written(amount: Decimal, decimal: str, thousands: str | None, space: str = " ") -> str:
    whole, _, fraction = f"{amount:,f}".partition(".")
    mark = {None: "", "space": space}.get(thousands, thousands)
    return whole.replace(",", str(mark)) + (decimal + fraction if fraction else "")


@given(
    amount=AMOUNTS,
    marks=MARKS,
    space=st.sampled_from([" ", "\u00a0", "\u202f"]),
    pad=st.sampled_from(["", " ", "\t"]),
)
def test_what_was_written_with_stated_marks_is_read_back(
    amount: Decimal, marks: tuple[str, str | None], space: str, pad: str
) -> None:
    assert read(pad + written(amount, *marks, space=space) + pad, *marks) == amount


@given(
    amount=st.integers(1000, 10**12),
    marks=st.sampled_from([(",", "."), (".", ","), (".", "'"), (",", "space")]),
)
def test_thousands_marks_that_are_not_stated_are_refused(amount: int, marks: tuple[str, str]) -> None:
    text = written(Decimal(amount), *marks)
    decimal = marks[0]
    with pytest.raises(BadCell, match=r"does not fit the stated marks"):
        read(text, decimal)


@given(st.text(max_size=12))
def test_any_text_is_a_number_of_plain_digits_or_refused(text: str) -> None:
    try:
        found = read(text)
    except BadCell:
        return
    plain = text.translate(cells._FULL_WIDTH).strip().lstrip("+-")
    assert plain.replace(".", "", 1).isascii() and plain.replace(".", "", 1).isdigit()
    assert abs(found) == Decimal(plain)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "why"),
    [
        ("", ".", None, "the cell is empty"),
        ("abc", ".", None, '"abc" is not a number'),
        (
            "1,999",
            ".",
            None,
            "\"1,999\" does not fit the stated marks (decimal '.', no thousands): set `decimal` and `thousands`",
        ),
        (
            "1.99",
            ",",
            ".",
            "\"1.99\" does not fit the stated marks (decimal ',', thousands '.'): set `decimal` and `thousands`",
        ),
        (
            "1.0000,5",
            ",",
            ".",
            "\"1.0000,5\" does not fit the stated marks (decimal ',', thousands '.'): set `decimal` and `thousands`",
        ),
        (
            "6.9E+12",
            ".",
            None,
            '"6.9E+12" is a number that a spreadsheet has rounded: format the column as text and enter it again',
        ),
        (
            "6,9E+12",
            ",",
            None,
            '"6,9E+12" is a number that a spreadsheet has rounded: format the column as text and enter it again',
        ),
        ("#REF!", ".", None, '"#REF!" is a spreadsheet\'s formula or error, not a value'),
        ("=A1*2", ".", None, '"=A1*2" is a spreadsheet\'s formula or error, not a value'),
        ("12 €", ".", None, '"12 €" is not a number'),
        ("1234567890123456789", ".", None, '"1234567890123456789" has more than 18 digits'),
        ("½", ".", None, '"½" is not a number'),
        ("٣", ".", None, '"٣" is not a number'),
    ],
)
def test_what_is_refused_says_why(text: str, decimal: str, thousands: str | None, why: str) -> None:
    with pytest.raises(BadCell) as refused:
        read(text, decimal, thousands)
    assert str(refused.value) == why


def test_full_width_digits_and_a_stated_sign_are_read() -> None:
    assert read("１２.５") == Decimal("12.5")
    assert read("€ 12,50", ",", strip="€") == Decimal("12.50")
    assert read("-3") == -3
    assert read("\u22123") == -3


def test_a_typed_number_needs_no_marks() -> None:
    column = Column(column="x", decimal=",")
    assert cells.number(Decimal("12.5"), column, FileForm()) == Decimal("12.5")


def test_codes_keep_their_zeros_and_typed_ones_have_no_point() -> None:
    assert cells.code(" 00123 ") == "00123"
    assert cells.code(Decimal("123.0")) == "123"
    assert cells.code(Decimal("6900000000000.0")) == "6900000000000"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "the cell is empty"),
        (
            "6.9E+12",
            '"6.9E+12" is a number that a spreadsheet has rounded: format the column as text and enter it again',
        ),
        (
            Decimal("6.9E+12"),
            '"6.9E+12" is a number that a spreadsheet has rounded: format the column as text and enter it again',
        ),
        ("#N/A", '"#N/A" is a spreadsheet\'s formula or error, not a value'),
        ("A\x07", '"A\ufffd" is no code: too long, or with signs that cannot be printed'),
    ],
)
def test_codes_that_are_refused(cell: cells.Cell, why: str) -> None:
    with pytest.raises(BadCell) as refused:
        cells.code(cell)
    assert str(refused.value) == why


def test_a_gtin_has_its_check_digit() -> None:
    assert cells.gtin("4006381333931") == "4006381333931"
    assert cells.gtin("00012345678905") == "00012345678905"
    with pytest.raises(BadCell, match=r'"4006381333932" is no GTIN: its check digit is wrong'):
        cells.gtin("4006381333932")
    with pytest.raises(BadCell, match=r'"12345" is no GTIN: it has 8, 12, 13 or 14 digits'):
        cells.gtin("12345")


def test_a_word_that_stands_in_no_table_names_the_option_and_the_slip() -> None:
    table: dict[str, object] = {"in stock": 5, "sold out": 0}
    assert cells.by_word("  In  Stock ", table, "quantities") == 5
    with pytest.raises(BadCell) as refused:
        cells.by_word("in stok", table, "quantities")
    assert str(refused.value) == (
        '"in stok" stands in no table: add it to `quantities` (there are: in stock, sold out); did you mean "in stock"'
    )
    with pytest.raises(BadCell, match=r"the table is empty"):
        cells.by_word("x", {}, "quantities")


def test_dates_are_in_the_accounts_zone_unless_they_say_more() -> None:
    assert cells.moment("2026-06-01 09:00", None, BERLIN) == datetime(2026, 6, 1, 7, tzinfo=UTC)
    assert cells.moment("2026-06-01T09:00+08:00", None, BERLIN) == datetime(2026, 6, 1, 1, tzinfo=UTC)
    assert cells.moment("01.06.2026", "%d.%m.%Y", BERLIN) == datetime(2026, 5, 31, 22, tzinfo=UTC)
    with pytest.raises(
        BadCell, match=r'"01.06.2026" is not a date of the form 2026-06-01 or 2026-06-01T09:00'
    ):
        cells.moment("01.06.2026", None, BERLIN)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("stock-2026-01-31.csv", datetime(2026, 1, 30, 23, tzinfo=UTC)),
        ("stock_20260131_0915.csv", datetime(2026, 1, 31, 8, 15, tzinfo=UTC)),
        ("20260131T091530.csv", datetime(2026, 1, 31, 8, 15, 30, tzinfo=UTC)),
        ("stock-20261331.csv", None),
        ("stock-4006381333931.csv", None),
        ("stock.csv", None),
    ],
)
def test_the_date_in_a_files_name(name: str, found: datetime | None) -> None:
    assert cells.day_in(name, BERLIN) == found
