"""Order files: their names, their content, and reports of hand-written files."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Deadline, Done, Refused, Rejected, Unknown
from connectors.contract.supplier import PlaceOrder, SupplierReport
from connectors.suppliers.feed.options import OrderOptions
from connectors.suppliers.feed.writing import file_name, order_content
from sync.domain.people import Address
from tests.unit.feed.conftest import Shelf

BUYER = Address(
    name="=HYPERLINK(1)",
    company="@home",
    street=("Weg 1\r\nDROP", "2. OG"),
    city="Köln",
    postal_code="-1+2",
    country="DE",
    phone="+49 (221) 1-2",
)
ORDER = PlaceOrder(
    "R-1", (("A", 2), ("B", 1)), BUYER, drop_ship=True, ship_by=datetime(2026, 6, 1, tzinfo=UTC)
)
ACKS = {
    "files": "acks/*.csv",
    "columns": {"reference": "order", "code": "code", "quantity": "qty", "status": "status", "date": "date"},
}


def written(**options: Any) -> str:
    return order_content(ORDER, OrderOptions.model_validate(options), {"A": 2, "B": 1}).decode()


@given(st.text(min_size=1, max_size=150))
def test_any_reference_is_a_safe_file_name_of_its_own(reference: str) -> None:
    name = file_name(reference, OrderOptions())
    assert (
        name.isascii()
        and "/" not in name
        and "\\" not in name
        and not name.startswith(".")
        and len(name) < 130
    )
    other = file_name(reference + "x", OrderOptions())
    assert name != other and name != file_name(reference, OrderOptions(), cancel=True)


def test_names_that_would_meet_are_kept_apart() -> None:
    assert file_name("main/1", OrderOptions()) != file_name("main_1", OrderOptions())
    assert file_name("R-1", OrderOptions(prefix="po-")) == "po-R-1.csv"
    assert ".." not in file_name("../../etc/passwd", OrderOptions()).split("/")


def test_a_csv_order_by_default() -> None:
    head, first, second = written().splitlines()
    assert head == (
        "reference,line,code,pieces,drop_ship,ship_by,name,company,street,city,region,postal_code,country,phone,email,note"
    )
    assert first == (
        "R-1,1,A,2,true,2026-06-01T00:00:00+00:00,'=HYPERLINK(1),'@home,\"Weg 1 DROP, 2. OG\",Köln,,'-1+2,DE,+49 (221) 1-2,,"
    )
    assert second.startswith("R-1,2,B,1,true,")


def test_a_csv_order_by_columns() -> None:
    columns = {
        "Kunde": "=4711",
        "Bestellung": "reference",
        "Artikel": "code",
        "VE": "packs",
        "Hausnr": "street_2",
    }
    assert written(columns=columns, delimiter=";") == (
        "Kunde;Bestellung;Artikel;VE;Hausnr\r\n4711;R-1;A;1;2. OG\r\n4711;R-1;B;1;2. OG\r\n"
    )


def test_a_json_order_by_default_and_by_columns() -> None:
    whole = json.loads(written(format="json"))
    assert whole["reference"] == "R-1"
    assert whole["ship_to"]["city"] == "Köln"
    assert whole["lines"] == [{"line": 1, "code": "A", "pieces": 2}, {"line": 2, "code": "B", "pieces": 1}]
    own = {"format": "json", "head": {"no": "reference", "to.town": "city", "v": "=2"}, "lines_key": "items"}
    found = json.loads(written(**own, columns={"art.no": "code", "n": "pieces"}))
    assert found == {
        "no": "R-1",
        "to": {"town": "Köln"},
        "v": "2",
        "items": [{"art": {"no": "A"}, "n": 2}, {"art": {"no": "B"}, "n": 1}],
    }


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            {"encoding": "ascii"},
            "the order holds signs that ascii does not have: set `orders.encoding: utf-8`",
        ),
        (
            {"format": "json", "head": {"r": "reference", "a": "name", "a.b": "city"}},
            "head and columns use a as a value and as an object",
        ),
    ],
)
async def test_an_order_that_cannot_be_written_is_rejected_without_its_data(
    shelf: Shelf, options: dict[str, Any], why: str
) -> None:
    outcome = await shelf.connector(orders=options).place_order(ORDER, Deadline.after(5))
    assert outcome == Rejected(why)


async def test_no_pieces_cannot_be_ordered(shelf: Shelf) -> None:
    order = PlaceOrder("R", (("A", 0),), Address())
    assert await shelf.connector(orders={}).place_order(order, Deadline.after(5)) == Rejected(
        "0 pieces of A cannot be ordered"
    )


async def test_what_an_account_does_not_have_says_so(shelf: Shelf) -> None:
    connector, soon = shelf.connector(), Deadline.after(5)
    told = Rejected("this account says nothing of `orders`: add orders: {folder: orders}")
    assert await connector.place_order(ORDER, soon) == told
    assert await connector.cancel_order("R-1", soon) == told
    assert await connector.find_orders("R-1", soon) == []
    for read, name in (
        (connector.acknowledgements, "acknowledgements"),
        (connector.despatches, "despatches"),
    ):
        with pytest.raises(Refused, match=f"this account says nothing of `{name}`: add it to read them"):
            await read(None, soon)


async def test_an_order_that_was_only_drafted_was_not_sent(shelf: Shelf) -> None:
    connector, soon = shelf.connector(orders={}), Deadline.after(5)
    (shelf.root / "orders").mkdir()
    (shelf.root / "orders" / ".R-1.csv.tmp").write_text("half")
    connector._marks.intend("order R-1")
    assert await connector.find_orders("R-1", soon) == []
    assert isinstance(await connector.place_order(ORDER, soon), Done)
    assert (shelf.root / "orders" / "R-1.csv").read_text().startswith("reference,")
    assert not (shelf.root / "orders" / ".R-1.csv.tmp").exists()


async def said(shelf: Shelf, options: dict[str, Any]) -> tuple[tuple[SupplierReport, ...], list[str]]:
    page = await shelf.connector(acknowledgements=options).acknowledgements(None, Deadline.after(5))
    return page.records, [each.why for each in page.broken]


async def test_a_bad_row_leaves_out_its_order_and_no_other(shelf: Shelf) -> None:
    shelf.put(
        "acks/a.csv",
        "order,code,qty,status,date\nR-1,A,2,accepted,\nR-1,B,x,accepted,\nR-2,A,1,accepted,\n"
        "R-3,A,1,perhaps,\nR-4,,1,accepted,\nR-5,A,1,accepted,\nR-5,A,1,accepted,\nR-6,,,cancelled,\n,A,1,accepted,\n"
        "R-7,A,0,accepted,\nR-8,A,1,accepted,31.12.\n",
    )
    records, broken = await said(shelf, ACKS)
    assert [(record.reference, record.lines) for record in records] == [("R-2", (("A", 1),))]
    assert broken == [
        'acks/a.csv line 2: waits with another row of order "R-1" that cannot be used',
        'acks/a.csv line 3: quantity: "x" is not a number',
        'acks/a.csv line 5: status: "perhaps" stands in no table: add it to `statuses` '
        "(there are: accepted, refused, cancelled, cancel_refused)",
        "acks/a.csv line 6: code: the cell is empty",
        'acks/a.csv line 7: waits with another row of order "R-5" that cannot be used',
        'acks/a.csv line 8: code: "A" stands in line 7 already, for the same order and parcel',
        "acks/a.csv line 9: code: the cell is empty, and this order was not asked to be cancelled",
        "acks/a.csv line 10: reference: the cell is empty",
        "acks/a.csv line 11: quantity: 0 is no quantity",
        'acks/a.csv line 12: date: "31.12." is not a date of the form 2026-06-01 or 2026-06-01T09:00',
    ]


async def test_a_mended_file_tells_each_line_once(shelf: Shelf) -> None:
    head = "order,code,qty,status,date\n"
    shelf.put(
        "acks/a.csv", head + "R-1,A,2,accepted,\nR-1,B,x,accepted,\nR-2,A,1,accepted,2026-01-01\n", age=100
    )
    connector, soon = shelf.connector(acknowledgements=ACKS), Deadline.after(5)
    first = await connector.acknowledgements(None, soon)
    shelf.put(
        "acks/a.csv", head + "R-1,A,2,accepted,\nR-1,B,1,accepted,\nR-2,A,1,accepted,2026-01-01\n", age=50
    )
    second = await connector.acknowledgements(first.cursor, soon)
    told = {record.external_id: record.lines for record in (*first.records, *second.records)}
    assert sorted(told.values()) == [(("A", 1),), (("A", 2), ("B", 1))]


async def test_a_file_that_cannot_be_used_is_told_and_the_others_go_on(shelf: Shelf) -> None:
    shelf.put("acks/a.csv", "nothing,of,use\n", age=200)
    shelf.put("acks/b.csv", "order,code,qty,status,date\nR-1,A,2,accepted,\n", age=100)
    records, broken = await said(shelf, ACKS)
    assert [record.reference for record in records] == ["R-1"]
    assert broken == ['acks/a.csv: there is no column "order" for `reference`; there are: nothing, of, use']


async def test_words_dates_and_cancelled_lines_are_read_as_the_admin_says(shelf: Shelf) -> None:
    shelf.put("acks/a.csv", "order;code;qty;status;date\r\nR-1;A;2;OK;31.12.2026 14:00\r\nR-1;B;1;ST;\r\n")
    options = {**ACKS, "date_format": "%d.%m.%Y %H:%M", "statuses": {"OK": "accepted", "ST": "cancelled"}}
    (accepted, cancelled), broken = await said(shelf, options)
    assert (accepted.at, accepted.refused) == (datetime(2026, 12, 31, 13, tzinfo=UTC), False)
    assert (cancelled.lines, cancelled.refused, cancelled.reason) == ((("B", 1),), True, "cancelled")
    assert broken == []


@pytest.mark.parametrize(
    ("rows", "echo"),
    [
        ("R-1,A,2,cancelled,\n", None),
        ("R-1,A,2,cancelled,\nR-1,B,1,cancelled,\n", True),
        ("R-1,,,cancelled,\n", True),
        ("R-1,,,cancel_refused,\n", False),
        ("R-1,A,2,accepted,\n", None),
    ],
)
async def test_an_order_is_cancelled_when_all_of_it_is(shelf: Shelf, rows: str, echo: bool | None) -> None:
    connector, soon = shelf.connector(orders={}, acknowledgements=ACKS), Deadline.after(5)
    await connector.place_order(ORDER, soon)
    assert isinstance(await connector.cancel_order("R-1", soon), Unknown)
    shelf.put("acks/a.csv", "order,code,qty,status,date\n" + rows)
    outcome = await connector.cancel_order("R-1", soon)
    assert outcome == Done("R-1", echo) if echo is not None else isinstance(outcome, Unknown)


async def test_quantities_in_packs_are_pieces_by_the_list(shelf: Shelf) -> None:
    shelf.put("stock.csv", "code,cost,stock,pack\nA,1,1,6\n")
    shelf.put("acks/a.csv", "order,code,qty,status,date\nR-1,A,2,accepted,\nR-2,B,1,accepted,\n")
    form = {"columns": {"code": "code", "cost": "cost", "stock": "stock", "pack": "pack"}}
    connector = shelf.connector(form, acknowledgements={**ACKS, "quantity_in": "packs"})
    await shelf.read(connector)
    page = await connector.acknowledgements(None, Deadline.after(5))
    assert [record.lines for record in page.records] == [(("A", 12),)]
    assert [each.why for each in page.broken] == [
        'acks/a.csv line 3: quantity: counts packs, and the list has no pack size of "B"'
    ]


async def test_a_file_that_arrives_late_with_an_old_time_is_not_passed_over(shelf: Shelf) -> None:
    head = "order,code,qty,status,date\n"
    shelf.put("acks/b.csv", head + "R-2,A,1,accepted,\n", age=100)
    connector, soon = shelf.connector(acknowledgements=ACKS), Deadline.after(5)
    first = await connector.acknowledgements(None, soon)
    shelf.put("acks/a.csv", head + "R-1,A,1,accepted,\n", age=9000)
    second = await connector.acknowledgements(first.cursor, soon)
    assert [record.reference for record in second.records] == ["R-1"]


async def test_a_cursor_of_reports_that_is_not_ours_is_refused(shelf: Shelf) -> None:
    from connectors.contract import BadAnswer

    with pytest.raises(BadAnswer, match="the cursor of the reports is not one of ours"):
        await shelf.connector(acknowledgements=ACKS).acknowledgements("{", Deadline.after(5))
