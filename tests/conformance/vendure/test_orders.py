"""Orders as the shop tells them."""

import asyncio

import msgspec
import pytest

from connectors.contract import BadAnswer, Deadline
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.money import Money, total
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from tests.conformance.vendure.conftest import Street, order_of
from tests.conformance.vendure.line import FAILED_INSIDE, Line, answering
from tests.peers.books.people import LI, Buyer
from tests.peers.books.vendure import Shopper, Staff

PASSED = 2.5
"""Seconds after which a feed that looks back one second, by a clock of whole seconds, has passed an order."""


async def read_all(shop: VendureStorefront, cursor: str | None) -> tuple[list[RemoteOrder], str]:
    """Every order from `cursor` on, and where to go on."""
    found: list[RemoteOrder] = []
    while True:
        page = await shop.orders(cursor, Deadline.after(30))
        found += page.records
        cursor = page.cursor or cursor
        if page.complete:
            assert cursor is not None
            return found, cursor


async def test_a_paid_order_is_open_with_its_lines_and_its_sum(
    street: Street, shop: VendureStorefront
) -> None:
    sku = street.goods(price=1000)
    order = await order_of(shop, street.buy({sku: 3}))
    assert (order.status, order.payment, order.currency) == (OrderStatus.OPEN, PaymentStatus.PAID, "EUR")
    (line,) = order.lines
    assert (line.sku, line.ordered, line.quantity) == (sku, 3, 3)
    assert total([line.total, order.shipping, order.adjustments], "EUR") == order.total
    assert order.payments[0].amount == order.total


async def test_a_buyer_s_name_and_address_come_in_their_own_script(
    street: Street, shop: VendureStorefront
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}, LI))
    assert (order.buyer.name, order.buyer.email) == ("小明 李", "li@example.com")
    assert (order.ship_to.street, order.ship_to.country) == (("南京东路 100 号 🏮",), "CN")
    assert order.ship_to.deliverable


async def test_a_buyer_with_one_name_has_one_name(street: Street, shop: VendureStorefront) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}, Buyer(first_name="Suharto", last_name="")))
    assert order.buyer.name == "Suharto"


async def test_the_feed_gives_each_order_once(street: Street, shop: VendureStorefront) -> None:
    _, cursor = await read_all(shop, None)
    sku = street.goods(units=50)
    placed = [street.buy({sku: 1}) for _ in range(3)]
    found, cursor = await read_all(shop, cursor)
    assert [order.number for order in found] == [order.code for order in placed]
    again, unmoved = await read_all(shop, cursor)
    assert (again, unmoved) == ([], cursor)


async def test_pages_smaller_than_the_overlap_lose_and_repeat_nothing(street: Street) -> None:
    shop = street.connector(page_items=2)
    _, cursor = await read_all(shop, None)
    sku = street.goods(units=50)
    placed = {street.buy({sku: 1}).code for _ in range(7)}
    found, _ = await read_all(shop, cursor)
    numbers = [order.number for order in found]
    assert set(numbers) == placed
    assert len(numbers) == len(placed)
    await shop.close()


async def test_a_slow_checkout_is_found_when_it_ends(street: Street) -> None:
    """Its `updatedAt` may lie before others' dates of placing (trap 1), which the feed has passed already."""
    shop = street.connector(overlap_seconds=1)
    sku = street.goods(units=50)
    with Shopper(f"{street.url}/shop-api", street.staff) as slow:
        slow.begin({sku: 1})
        slow.to_the_till()
        await asyncio.sleep(PASSED)
        quick = await order_of(shop, street.buy({sku: 1}))
        await asyncio.sleep(PASSED)
        _, cursor = await read_all(shop, None)
        placed = slow.pay()
    late = await order_of(shop, placed)
    assert late.updated_at < quick.placed_at < late.placed_at
    found, _ = await read_all(shop, cursor)
    assert [order.number for order in found] == [placed.code]
    await shop.close()


async def test_a_cart_is_no_order(street: Street, shop: VendureStorefront) -> None:
    _, cursor = await read_all(shop, None)
    with Shopper(f"{street.url}/shop-api", street.staff) as shopper:
        shopper.begin({street.goods(): 1})
        found, _ = await read_all(shop, cursor)
    assert found == []


async def test_orders_from_a_moment_on(street: Street, shop: VendureStorefront) -> None:
    sku = street.goods(units=50)
    street.buy({sku: 1})
    second = await order_of(shop, street.buy({sku: 1}))
    late = street.connector(orders_from=second.placed_at.isoformat())
    found, _ = await read_all(late, None)
    assert [order.number for order in found] == [second.number]
    await late.close()


async def test_an_order_that_the_shop_has_not_is_none(shop: VendureStorefront, soon: Deadline) -> None:
    assert await shop.order("987654321", soon) is None


async def test_cancelled_units_are_off_the_line_and_stay_ordered(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods()
    placed = street.buy({sku: 3})
    staff.cancel(placed.id, {sku: 1})
    order = await order_of(shop, placed)
    assert (order.lines[0].ordered, order.lines[0].quantity) == (3, 2)
    assert total([order.lines[0].total, order.shipping], "EUR") == order.total


async def test_a_cancelled_order_is_cancelled(street: Street, shop: VendureStorefront, staff: Staff) -> None:
    placed = street.buy({street.goods(): 1})
    staff.cancel(placed.id)
    assert (await order_of(shop, placed)).status is OrderStatus.CANCELLED


async def test_part_shipped_is_open_and_all_shipped_is_completed(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods()
    placed = street.buy({sku: 2})
    staff.move(staff.fulfil(placed.id, {sku: 1}, "DHL", "T1"), "Shipped")
    assert (await order_of(shop, placed)).status is OrderStatus.OPEN
    staff.move(staff.fulfil(placed.id, {sku: 1}, "DHL", "T2"), "Shipped")
    order = await order_of(shop, placed)
    assert order.status is OrderStatus.COMPLETED
    assert {shipment.tracking for shipment in order.shipments} == {"T1", "T2"}


async def test_a_part_shipped_order_whose_rest_is_cancelled_is_completed(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods()
    placed = street.buy({sku: 2})
    staff.move(staff.fulfil(placed.id, {sku: 1}, "DHL", "T1"), "Shipped")
    staff.cancel(placed.id, {sku: 1})
    assert (await order_of(shop, placed)).status is OrderStatus.COMPLETED


async def test_refunds_by_staff_are_part_of_the_payment(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    placed = street.buy({street.goods(): 1})
    staff.refund(placed.id, 100, "goodwill")
    order = await order_of(shop, placed)
    assert order.payment is PaymentStatus.PART_REFUNDED
    (refund,) = order.payments[0].refunds
    assert (refund.amount, refund.settled, refund.reason) == (Money(100, "EUR"), True, "goodwill")
    staff.refund(placed.id, placed.total_with_tax - 100)
    assert (await order_of(shop, placed)).payment is PaymentStatus.REFUNDED


async def test_one_order_that_makes_the_shop_fail_does_not_lose_the_page(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    _, cursor = await read_all(shop, None)
    sku = street.goods(units=50)
    placed = [street.buy({sku: 1}) for _ in range(3)]
    line.fail("orders(options", FAILED_INSIDE)
    line.fail("order(id", FAILED_INSIDE)
    page = await shop.orders(cursor, Deadline.after(30))
    assert [order.number for order in page.records] == [order.code for order in placed[1:]]
    (broken,) = page.broken
    assert broken.external_id == placed[0].id
    assert "failed inside" in broken.why


async def test_one_order_of_another_shape_does_not_lose_the_page(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    settings = {
        "trackInventory": True,
        "outOfStockThreshold": 0,
        "serverConfig": {"moneyStrategyPrecision": 2},
    }
    odd = {"id": "77", "orderPlacedAt": "2020-01-01T00:00:00.000Z", "code": 7, "secret": "Jane Roe"}
    body = {"data": {"globalSettings": settings, "orders": {"items": [odd]}}}
    line.fail("orders(options", answering(200, msgspec.json.encode(body).decode()))
    page = await shop.orders(None, Deadline.after(30))
    (broken,) = page.broken
    assert (page.records, broken.external_id) == ((), "77")
    assert "code" in broken.why
    assert "Jane" not in repr(broken)
    assert page.cursor is not None
    assert "77" in page.cursor, "a broken order is given out once, like any other"


async def test_an_unknown_state_says_which_option_to_set(street: Street, line: Line, soon: Deadline) -> None:
    placed = street.buy({street.goods(): 1})
    shop = street.connector(line)
    order = await order_of(shop, placed)
    changed = order.raw.decode().replace('"PaymentSettled"', '"Picking"')
    settings = '{"trackInventory":true,"outOfStockThreshold":0,"serverConfig":{"moneyStrategyPrecision":2}}'
    body = f'{{"data":{{"globalSettings":{settings},"order":{changed}}}}}'
    line.fail("order(id", answering(200, body), times=1)
    with pytest.raises(BadAnswer, match=r"in state 'Picking'.*options.states"):
        await shop.order(placed.id, soon)
    told = street.connector(line, states={"Picking": "open"})
    line.fail("order(id", answering(200, body))
    known = await told.order(placed.id, soon)
    assert known is not None
    assert known.status is OrderStatus.OPEN
    await shop.close()
    await told.close()
