"""What plugins do to a shop's records: fields of their own, other kinds of value, missing ones; no order is lost by it."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.contract import Deadline, Done, SetQuantity
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street
from sync.domain.orders import OrderStatus

from .conftest import later, new_sku, read_all
from .line import Act, Line, Once
from .shelves import goods, swept, variations

Record = dict[str, Any]


def meddling(change: Callable[[Record], None]) -> Act:
    """A plugin that changes every record that the shop answers with."""

    async def act(line: Line, request: httpx.Request) -> httpx.Response:
        answer = await line.truly(request)
        told = json.loads(await answer.aread())
        for record in told if isinstance(told, list) else told.get("update", [told]):
            change(record)
        return httpx.Response(
            answer.status_code, headers=answer.headers, stream=Once(json.dumps(told).encode())
        )

    return act


def own_fields(record: Record) -> None:
    record |= {"plugin_points": 3, "yoast_head_json": {"any": [None]}, "lang": "de", "_links": None}
    record["meta_data"] = [{"id": 1, "key": "_plugin", "value": {"nested": [1, None, {"x": 1.25}]}}]


def texts_for_numbers(record: Record) -> None:
    for name in ("id", "parent_id", "customer_id", "stock_quantity"):
        if record.get(name) is not None:
            record[name] = str(record[name])
    for line in record.get("line_items", []):
        line |= {"quantity": str(line["quantity"]), "price": str(line["price"])}


def numbers_for_texts(record: Record) -> None:
    for name in ("total", "price", "regular_price", "number"):
        if record.get(name):
            record[name] = float(record[name])
    for line in record.get("line_items", []):
        line["total"] = float(line["total"])


def nothing(record: Record) -> None:
    for name in ("fee_lines", "coupon_lines", "refunds", "images", "attributes"):
        if name in record:
            record[name] = ""
    for name in ("customer_note", "transaction_id", "payment_method", "date_completed_gmt", "description"):
        if name in record:
            record[name] = False
    record |= {"meta_data": None, "date_paid_gmt": "0000-00-00T00:00:00"}


def missing(record: Record) -> None:
    for name in ("meta_data", "fee_lines", "coupon_lines", "refunds", "tax_lines", "customer_note", "sku"):
        record.pop(name, None)
    record.pop("total_tax", None)


def a_gap(record: Record) -> None:
    """PHP makes an object of a list of which a plugin took one out."""
    for name in ("line_items", "meta_data", "images"):
        if record.get(name):
            record[name] = {str(place + 1): each for place, each in enumerate(record[name])}


PLUGINS = [own_fields, texts_for_numbers, numbers_for_texts, nothing, missing, a_gap]


@pytest.mark.parametrize("change", PLUGINS, ids=lambda change: change.__name__)
async def test_an_order_comes_through_whatever_a_plugin_adds_to_it(
    street: Street, line: Line, shop: WooCommerceStorefront, change: Callable[[Record], None]
) -> None:
    sku = new_sku()
    street.staff.add_product(sku, units=10)
    _, cursor = await read_all(shop)
    later(street, 5)
    id = street.staff.buy({sku: 2}, set_paid=True)
    line.fail("GET", meddling(change), times=100)
    found, cursor = await read_all(shop, cursor)
    (order,) = [each for each in found if each.external_id == str(id)]
    assert (order.status, order.total.minor) == (OrderStatus.OPEN, 2000)
    assert [(each.ordered, each.quantity, each.total.minor) for each in order.lines] == [(2, 2, 2000)]
    assert order.adjustments.minor == 0
    assert (await read_all(shop, cursor))[0] == []


@pytest.mark.parametrize("change", PLUGINS, ids=lambda change: change.__name__)
async def test_goods_come_through_and_are_written_whatever_a_plugin_adds_to_them(
    street: Street,
    line: Line,
    shop: WooCommerceStorefront,
    change: Callable[[Record], None],
    soon: Deadline,
) -> None:
    simple, (small, _) = goods(street), variations(street)
    line.fail("/products", meddling(change), times=1000)
    found, _ = await swept(shop)
    assert (found[simple].available, found[small].available) == (10, 5)
    assert found[small].price == Decimal(12)
    done = await shop.set_quantities([SetQuantity(simple, 4), SetQuantity(small, 6)], soon)
    assert done == {simple: Done(simple, 4), small: Done(small, 6)}


@pytest.mark.parametrize("total", ["NaN", "Infinity", "1e999999", "", "1,50", None])
async def test_one_order_that_no_reading_saves_is_put_aside_and_stops_no_other(
    street: Street, line: Line, shop: WooCommerceStorefront, total: str | None
) -> None:
    sku = new_sku()
    street.staff.add_product(sku, units=10)
    _, cursor = await read_all(shop)
    later(street, 5)
    bad, good = (str(street.staff.buy({sku: 1})) for _ in range(2))

    def spoil(record: Record) -> None:
        if str(record["id"]) == bad:
            record["total"] = total

    line.fail("GET", meddling(spoil), times=100)
    read: set[str] = set()
    broken: set[str | None] = set()
    complete = False
    while not complete:
        page = await shop.orders(cursor, Deadline.after(30))
        read |= {order.external_id for order in page.records}
        broken |= {each.external_id for each in page.broken}
        cursor, complete = page.cursor or cursor, page.complete
    assert good in read
    assert broken == {bad}
