"""Lists as people and programs save them, and the exact words of each refusal."""

import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from connectors.contract import BadAnswer, Deadline, Refused
from sync.domain.clock import to_micros
from tests.unit.feed.conftest import Shelf

GOOD = "code,cost,stock\nA,1.50,3\n"


def workbook(rows: list[list[Any]], title: str = "Prices", formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for place, shape in (formats or {}).items():
        sheet[place].number_format = shape
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (GOOD.encode(), {}),
        (GOOD.replace("\n", "\r\n").encode(), {}),
        (GOOD.replace("\n", "\r").encode(), {}),
        (GOOD.encode("utf-8-sig"), {}),
        (GOOD.encode("utf-16"), {}),
        (GOOD.encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (GOOD.replace(",", ";").encode(), {}),
        (GOOD.replace(",", "\t").encode(), {}),
        (GOOD.replace(",", "|").encode(), {"delimiter": "|"}),
        ((GOOD + "\n\n  ,,\n").encode(), {}),
        (GOOD.rstrip("\n").encode(), {}),
        (b'"code","cost","stock"\n"A","1.50","3"\n', {}),
        (b" CODE , Cost ,stock\nA,1.50,3\n", {}),
        (b"prices of today\n\ncode,cost,stock\nA,1.50,3\n", {"header_line": 3}),
    ],
)
async def test_one_list_saved_in_many_ways_is_one_list(
    shelf: Shelf, content: bytes, form: dict[str, Any]
) -> None:
    shelf.put("stock.csv", content)
    offers, broken, _ = await shelf.read(shelf.connector(form))
    assert [(o.code, o.cost, o.currency, o.stock) for o in offers] == [("A", Decimal("1.5"), "EUR", 3)]
    assert broken == []


async def test_columns_by_number_where_there_is_no_header(shelf: Shelf) -> None:
    shelf.put("stock.csv", "A;3\nB;4\n")
    form = {"header_line": 0, "delimiter": ";", "columns": {"code": 1, "stock": 2}}
    assert [(o.code, o.stock) for o in (await shelf.read(shelf.connector(form)))[0]] == [("A", 3), ("B", 4)]


@pytest.mark.parametrize(
    ("content", "form", "why"),
    [
        ("", {}, "stock.csv: the file is empty"),
        ("\n\n", {}, "stock.csv: line 1 should hold the column names, and is empty"),
        ("code,cost,stock\n", {}, "stock.csv is held: it has no rows below its header. The last figures stay; "
         "if it is right, make the empty file {root}/stock.csv.accepted"),
        ("code,price,stock\n1,2,3\n", {"columns": {"code": "code", "cost": "prise"}},
         'stock.csv: there is no column "prise" for `cost`; there are: code, price, stock; did you mean "price"'),
        ("code,cost,cost,stock\n", {}, 'stock.csv: the header has the column "cost" twice'),
        ('code,cost,stock\n"A,1,2\n', {},
         "stock.csv: cannot be read as a table (unexpected end of data); is a quote left open?"),
        ("code,cost,stock\nÄ,1,2\n".encode("cp1252"), {},
         "stock.csv: holds byte 0xC4, which is not ASCII, and neither a BOM nor a stated encoding says what it is: "
         "state `encoding:` (such as utf-8, gb18030, cp1252), or save the file as UTF-8 with BOM"),
        ("code,cost,stock\n货,1,2\n".encode("gb18030"), {"encoding": "utf-8"},
         "stock.csv: holds byte 0xBB, which is not utf-8: "
         "state `encoding:` (such as utf-8, gb18030, cp1252), or save the file as UTF-8 with BOM"),
        (GOOD.encode("utf-16-le"), {}, "stock.csv: looks like UTF-16 without its mark: "
         "state `encoding:` (such as utf-8, gb18030, cp1252), or save the file as UTF-8 with BOM"),
        (GOOD.encode("utf-16-le"), {"encoding": "utf-16"},
         "stock.csv: has no BOM, so that utf-16 is ambiguous: state utf-16-le or utf-16-be"),
        ("<html><title>Log in</title>", {}, "stock.csv: is JSON or a web page, and no table: is it the right file?"),
        ('{"error": "Ada"}', {}, "stock.csv: is JSON or a web page, and no table: is it the right file?"),
        ("A;1\n", {"header_line": 0, "columns": {"code": 1}},
         'stock.csv: without a header the delimiter must be stated: `delimiter: ";"`, "," or tab'),
        ("A;1\n", {"header_line": 0, "delimiter": ";", "columns": {"code": "code"}},
         'stock.csv: columns.code: "code" is no number; with header_line: 0 columns are numbers from 1'),
        ("code,cost,stock\nA,x,1\nB,y,1\n", {},
         'stock.csv: none of its 2 rows can be used; the first: stock.csv line 2: cost: "x" is not a number'),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_used_says_what_to_do(
    shelf: Shelf, content: str | bytes, form: dict[str, Any], why: str
) -> None:
    shelf.put("stock.csv", content)
    assert await shelf.refusal(shelf.connector(form)) == why.format(root=shelf.root)


async def test_a_file_of_an_unknown_ending_needs_its_format_stated(shelf: Shelf) -> None:
    shelf.put("stock.dat", GOOD)
    told = "stock.dat: the ending says no format: state `format: csv`, tsv, xlsx or jsonl"
    assert await shelf.refusal(shelf.connector()) == told
    assert len((await shelf.read(shelf.connector({"format": "csv"})))[0]) == 1


async def test_files_and_lists_that_are_too_long_are_refused(shelf: Shelf) -> None:
    shelf.put("stock.csv", "code,cost,stock\n" + "".join(f"A{n},1,1\n" for n in range(300)))
    assert await shelf.refusal(shelf.connector(max_rows=299)) == (
        "stock.csv: the list has more than 299 rows: raise `max_rows`"
    )
    assert await shelf.refusal(shelf.connector(max_bytes=1000)) == (
        "stock.csv: the file is larger than 1,000 bytes: raise `max_bytes`"
    )


ROW_FORM: dict[str, Any] = {
    "columns": {
        "code": "code",
        "cost": "cost",
        "stock": "stock",
        "unit": "unit",
        "pack": "pack",
        "price_per": "per",
        "currency": "cur",
        "lead_days": "lead",
        "sku": "sku",
        "gtin": "gtin",
        "date": "date",
    },
    "decimal": ",",
    "delimiter": ";",
    "encoding": "utf-8",
    "quantities": {"100+": 100, ">50": 50, "in stock": 5, "on request": "unknown"},
    "lead_times": {"sofort": 0, "2-3 Tage": 3},
    "units": {"Stk": 1, "Paar": 2},
    "currencies": {"€": "EUR"},
    "currency": "CHF",
}
HEAD = "code;cost;stock;unit;pack;per;cur;lead;sku;gtin;date\n"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (";1;1;Stk;;;;;;;", "code: the cell is empty"),
        ("A;1", "has 2 cells where the header has 11"),
        ("A;1;1;Stk;;;;;;;;x", "has 12 cells where the header has 11: is a delimiter inside a value?"),
        ("A;-1;1;Stk;;;;;;;", 'cost: "-1" is below 0'),
        ("A;1;-1;Stk;;;;;;;", "stock: -1 is no stock (see `negative`)"),
        ("A;1;1,5;Stk;;;;;;;", 'stock: "1,5" is not a whole number'),
        ("A;1;many;Stk;;;;;;;", 'stock: "many" stands in no table: add it to `quantities` '
         "(there are: 100+, >50, in stock, on request)"),
        ("A;1;200+;Stk;;;;;;;", 'stock: "200+" stands in no table: add it to `quantities` '
         '(there are: 100+, >50, in stock, on request); did you mean "100+"'),
        ("A;1;1;Karton;;;;;;;", 'unit: "Karton" stands in no table: add it to `units` (there are: Stk, Paar)'),
        ("A;1;1;Stk;0;;;;;;", "pack: 0 is no number of pieces in a pack"),
        ("A;1;1;Stk;;0;;;;;", 'price_per: "0" is not above 0'),
        ("A;1;1;Stk;;;EURO;;;;", 'currency: "EURO" is not a currency: add it to `currencies`'),
        ("A;1;1;Stk;;;;soon;;;", 'lead_days: "soon" stands in no table: add it to `lead_times` '
         '(there are: sofort, 2-3 Tage); did you mean "sofort"'),
        ("A;1;1;Stk;;;;9999;;;", "lead_days: 9999 is no number of days"),
        ("A;1;1;Stk;;;;;;6,9E+12;", 'gtin: "6,9E+12" is a number that a spreadsheet has rounded: '
         "format the column as text and enter it again"),
        ("A;1;1;Stk;;;;;;;31.12.26", 'date: "31.12.26" is not a date of the form 2026-06-01 or 2026-06-01T09:00'),
        ("OK;1;1;Stk;;;;;;;", 'code: "OK" stands in line 2 already'),
        ("A\x00;1;1;Stk;;;;;;;", "holds a NUL character"),
    ],
)  # fmt: skip
async def test_a_bad_row_says_its_line_and_column_and_the_others_go_on(
    shelf: Shelf, row: str, why: str
) -> None:
    shelf.put("stock.csv", HEAD + "OK;1;1;Stk;;;;;;;\n" + row + "\nOK2;1;1;Stk;;;;;;;\n")
    offers, broken, _ = await shelf.read(shelf.connector(ROW_FORM))
    assert [offer.code for offer in offers] == ["OK", "OK2"]
    assert broken == [f"stock.csv line 3: {why}"]


@pytest.mark.parametrize(
    ("row", "form", "expected"),
    [
        ("A;12,00;100+;Stk;;;;;;;", {}, ("12", "CHF", 100, None, None)),
        ("A;12,50;>50;Stk;;;€;sofort;;;", {}, ("12.5", "EUR", 50, 0, None)),
        ("A;;on request;Stk;;;;2-3 Tage;;;", {}, (None, None, None, 3, None)),
        ("A;12;;Stk;;;USD;4;007;;", {}, ("12", "USD", None, 4, "007")),
        ("A;12;1;Stk;;;;;;4006381333931;", {}, ("12", "CHF", 1, None, "4006381333931")),
        ("A;12;1;Stk;;;;;S;4006381333931;", {}, ("12", "CHF", 1, None, "S")),
        ("A;12;3;Paar;6;;;;;;", {"stock_in": "packs", "cost_for": "pack"}, ("1", "CHF", 36, None, None)),
        ("A;12;3;Paar;6;;;;;;", {}, ("12", "CHF", 3, None, None)),
        ("A;250;3;Stk;;100;;;;;", {}, ("2.5", "CHF", 3, None, None)),
        ("A;10;3;Stk;3;;;;;;", {"cost_for": "pack"}, ("3.333333", "CHF", 3, None, None)),
        ("A;1;-2;Stk;;;;;;;", {"negative": "zero"}, ("1", "CHF", 0, None, None)),
        ("A;0;0;Stk;;;;;;;", {}, ("0", "CHF", 0, None, None)),
    ],
)
async def test_what_a_row_means(
    shelf: Shelf,
    row: str,
    form: dict[str, Any],
    expected: tuple[str | None, str | None, int | None, int | None, str | None],
) -> None:
    shelf.put("stock.csv", HEAD + row + "\n")
    ((offer,), _, _) = await shelf.read(shelf.connector({**ROW_FORM, **form}))
    cost = None if offer.cost is None else str(offer.cost)
    assert (cost, offer.currency, offer.stock, offer.lead_days, offer.sku) == expected


async def test_json_lines_have_numbers_texts_and_keys_inside_keys(shelf: Shelf) -> None:
    lines = [
        '{"code": "A", "price": {"net": 1.10}, "stock": 3}',
        '{"code": "B", "price": {"net": "2,50"}, "stock": "4"}',
        "{oops",
        "[1]",
        '{"code": "C", "price": {"net": 1}, "stock": [1]}',
        '{"code": "D", "price": null, "stock": null}',
    ]
    shelf.put("stock.jsonl", "\n".join(lines))
    form = {"decimal": ",", "columns": {"code": "code", "cost": "price.net", "stock": "stock"}}
    offers, broken, _ = await shelf.read(shelf.connector(form))
    assert [(o.code, str(o.cost), o.stock) for o in offers] == [
        ("A", "1.1", 3),
        ("B", "2.5", 4),
        ("D", "None", None),
    ]
    assert broken == [
        "stock.jsonl line 3: is not JSON",
        "stock.jsonl line 4: is not a JSON object",
        "stock.jsonl line 5: stock is a list, an object or a flag",
    ]


async def test_a_workbook_keeps_leading_zeros_and_long_numbers(shelf: Shelf) -> None:
    rows = [
        ["code", "cost", "stock", "gtin"],
        [123, 1.5, 3, 4006381333931],
        ["00124", "1.5", "4", None],
        [None] * 4,
    ]
    shelf.put("stock.xlsx", workbook(rows, formats={"A2": "00000"}))
    columns = {"code": "code", "cost": "cost", "stock": "stock", "gtin": "gtin"}
    offers, broken, _ = await shelf.read(shelf.connector({"columns": columns}))
    assert [(o.code, str(o.cost), o.stock, o.sku) for o in offers] == [
        ("00123", "1.5", 3, "4006381333931"),
        ("00124", "1.5", 4, None),
    ]
    assert broken == []


async def test_a_workbooks_dates_and_flags_are_read(shelf: Shelf) -> None:
    rows = [["code", "as of"], ["A", datetime(2026, 1, 2, 3)], ["B", "2026-01-04"], ["C", True]]
    shelf.put("stock.xlsx", workbook(rows))
    form = {"columns": {"code": "code", "date": "as of"}, "guard": {"dated_by": "column"}}
    offers, broken, cursor = await shelf.read(shelf.connector(form))
    assert [offer.code for offer in offers] == ["A", "B"]
    assert broken == [
        'stock.xlsx line 4: date: "TRUE" is not a date of the form 2026-06-01 or 2026-06-01T09:00'
    ]
    assert cursor is not None and str(to_micros(datetime(2026, 1, 3, 23, tzinfo=UTC))) in cursor


async def test_a_sheet_is_found_by_name(shelf: Shelf) -> None:
    shelf.put("stock.xlsx", workbook([["code"], ["A"]], title="Preise"))
    columns = {"columns": {"code": "code"}}
    assert len((await shelf.read(shelf.connector({"sheet": "Preise", **columns})))[0]) == 1
    assert await shelf.refusal(shelf.connector({"sheet": "Preis", **columns})) == (
        'stock.xlsx: there is no sheet "Preis"; there are: Preise; did you mean "Preise"'
    )


def packed(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04half", "stock.xlsx: is no XLSX, or only a part of one"),
        (b"code,cost\n", "stock.xlsx: is no XLSX, or only a part of one"),
        (packed({"a.xml": b" " * 5_000_000}), "stock.xlsx: the workbook would unpack to more than 4,000,000 bytes"),
        (packed({"a.xml": b" " * 3_000_000}), "stock.xlsx: the workbook unpacks to N times its size: not opened"),
        (packed({"a.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}),
         "stock.xlsx: the workbook declares XML entities: not opened"),
        (packed({"a.xml": b"<x/>"}), "stock.xlsx: the workbook cannot be opened (KeyError)"),
    ],
)  # fmt: skip
async def test_a_workbook_that_is_broken_or_a_trap_is_not_opened(
    shelf: Shelf, content: bytes, why: str
) -> None:
    shelf.put("stock.xlsx", content)
    told = await shelf.refusal(shelf.connector(max_bytes=1_000_000))
    assert re.sub(r"[0-9]+ times", "N times", told) == why


async def test_a_part_of_a_good_workbook_is_refused(shelf: Shelf) -> None:
    whole = workbook([["code", "cost", "stock"], ["A", 1, 2]])
    shelf.put("stock.xlsx", whole[: len(whole) // 2])
    assert await shelf.refusal(shelf.connector()) == "stock.xlsx: is no XLSX, or only a part of one"


async def test_links_and_strange_files_are_never_followed(shelf: Shelf) -> None:
    outside = shelf.root.parent / "secret.csv"
    outside.write_text(GOOD)
    (shelf.root / "stock-link.csv").symlink_to(outside)
    (shelf.root / "stock-folder.csv").mkdir()
    shelf.put("stock.csv", "code,cost,stock\nB,1,1\n")
    offers, _, _ = await shelf.read(shelf.connector())
    assert [offer.code for offer in offers] == ["B"]


async def test_a_linked_folder_of_orders_is_not_written_to(shelf: Shelf) -> None:
    from connectors.contract.supplier import PlaceOrder
    from sync.domain.people import Address

    elsewhere = shelf.root.parent / "elsewhere"
    elsewhere.mkdir()
    (shelf.root / "orders").symlink_to(elsewhere)
    connector = shelf.connector(orders={})
    with pytest.raises(
        Refused, match=r"acme: orders/R.csv is, or lies behind, a symbolic link: not followed"
    ):
        await connector.place_order(PlaceOrder("R", (("A", 1),), Address()), Deadline.after(5))
    assert list(elsewhere.iterdir()) == []


async def test_a_list_that_the_supplier_took_away_changes_nothing(shelf: Shelf) -> None:
    path = shelf.put("stock.csv", GOOD)
    connector = shelf.connector()
    _, _, cursor = await shelf.read(connector)
    path.unlink()
    assert (await shelf.read(connector, cursor))[:2] == ([], [])


async def test_a_cursor_that_is_not_ours_is_refused(shelf: Shelf) -> None:
    with pytest.raises(BadAnswer, match=r"the cursor of the list is not one of ours"):
        await shelf.connector().offers("nonsense", Deadline.after(5))
