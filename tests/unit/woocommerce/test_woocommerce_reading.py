"""What PHP and plugins make of the shop's JSON is read as what it means, and nothing is made up."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.reading import decode, json_alone

LINE: dict[str, object] = {"id": 5, "quantity": 3, "total": "27.00", "total_tax": "5.13"}
ORDER: dict[str, object] = {
    "id": 22,
    "status": "processing",
    "currency": "EUR",
    "total": "38.08",
    "total_tax": "6.08",
    "line_items": [LINE],
}
WARNING = (
    b"<br />\n<b>Warning</b>:  Undefined array key [foo] in <b>/srv/plugin.php</b> on line <b>7</b><br />\n"
)


def order(**other: object) -> payloads.Order:
    return decode(json.dumps({**ORDER, **other}).encode(), type=payloads.Order)


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n\n", WARNING, WARNING * 3, b"Notice: {curly} [x]\n"])
@pytest.mark.parametrize("after", [b"", b"\n", b"\n<!-- Page cached by a plugin -->"])
def test_what_php_prints_around_the_json_is_left_out(before: bytes, after: bytes) -> None:
    told = decode(before + b'[{"id": 1}, {"id": 2}]' + after, type=list[payloads.Id])
    assert [each.id for each in told] == [1, 2]
    assert decode(before + b"[]" + after, type=list[payloads.Id]) == []


@pytest.mark.parametrize(
    "whole", [b'[{"id":1,"meta":[]},{"id":2,"meta":[]}]', b'{"id":1,"refunds":[{"id":2}]}']
)
def test_an_answer_that_breaks_off_is_never_taken_for_a_shorter_one(whole: bytes) -> None:
    for cut in range(1, len(whole)):
        assert json_alone(whole[:cut]) is None
        assert json_alone(WARNING + whole[:cut]) is None


def test_a_page_of_another_program_stays_an_error() -> None:
    page = b'<html><script type="application/ld+json">{"@context":"x"}</script><p>Back soon {"x": </p></html>'
    with pytest.raises(msgspec.DecodeError):
        decode(page, type=list[payloads.Id])
    with pytest.raises(msgspec.ValidationError):
        decode(page[: page.index(b"<p>")], type=list[payloads.Id])


@pytest.mark.parametrize(
    ("field", "told", "meant"),
    [
        ("id", "22", 22),
        ("number", 1044, "1044"),
        ("total", 38.08, Decimal("38.08")),
        ("total_tax", "", Decimal(0)),
        ("customer_note", False, None),
        ("transaction_id", 0, "0"),
        ("billing", [], None),
        ("shipping", "", None),
        ("fee_lines", "", None),
        ("refunds", {}, None),
        ("date_paid_gmt", "", None),
        ("date_paid_gmt", "0000-00-00T00:00:00", None),
        ("date_completed_gmt", "-0001-11-30T00:00:00", None),
        ("date_paid_gmt", "2026-11-25T07:18:57", datetime(2026, 11, 25, 7, 18, 57)),
        ("payment_method", None, None),
    ],
)
def test_a_value_of_another_kind_is_read_as_what_it_means(field: str, told: object, meant: object) -> None:
    assert getattr(order(**{field: told}), field) == meant


def test_a_list_with_a_gap_in_its_numbers_comes_as_an_object() -> None:
    meta = {"0": {"id": 1, "key": "a", "value": 1}, "2": {"id": 3, "key": "b", "value": {"any": [1.5]}}}
    told = order(meta_data=meta, line_items={"1": LINE})
    assert [entry.key for entry in told.meta_data or ()] == ["a", "b"]
    assert [line.id for line in told.line_items or ()] == [5]


@pytest.mark.parametrize(
    ("told", "meant"),
    [("3", 3), ("3.0", 3), (3.0, 3), ("-2", -2)],
)
def test_a_quantity_may_come_as_a_text(told: object, meant: int) -> None:
    lines = order(line_items=[{**LINE, "quantity": told}]).line_items or []
    assert [line.quantity for line in lines] == [meant]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"total": ""},
        {"total": "1,50"},
        {"total": None},
        {"id": ""},
        {"status": {"spoilt": True}},
        {"currency": False},
        {"line_items": "spoilt"},
        {"line_items": {}, "total": []},
        {"line_items": {"a": LINE}},
        {"line_items": [{**LINE, "quantity": 1.5}]},
        {"line_items": [{**LINE, "quantity": "one"}]},
        {"line_items": [{**LINE, "quantity": True}]},
        {"date_paid_gmt": "yesterday"},
        {"billing": {"email": {"spoilt": True}}},
    ],
    ids=str,
)
def test_what_must_be_there_is_never_made_up(spoilt: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        order(**spoilt)


@pytest.mark.parametrize("content", [b"{}", b"null", b'"x"', b'{"code":"x"}'])
def test_what_is_no_list_is_no_empty_page(content: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(content, type=list[payloads.Id])


@pytest.mark.parametrize(
    ("told", "meant"), [(True, True), ("parent", "parent"), ("yes", True), ("no", False), (1, True)]
)
def test_whether_stock_is_counted_may_come_as_a_word(told: object, meant: object) -> None:
    row = {"id": 7, "manage_stock": told, "stock_quantity": "4"}
    stock = decode(json.dumps(row).encode(), type=payloads.Stock)
    assert (stock.manage_stock, stock.stock_quantity) == (meant, 4)
