"""Orders as the shop tells them."""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from connectors.contract import BadAnswer, Deadline, Unavailable
from connectors.storefronts.medusa.connector import MedusaStorefront
from sync.domain.money import Money, total
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from tests.conformance.medusa.conftest import Street, order_of
from tests.conformance.medusa.line import Line, answering
from tests.conformance.medusa.people import Staff
from tests.peers.books.people import LI, Buyer


async def read_all(shop: MedusaStorefront, cursor: str | None) -> tuple[list[RemoteOrder], str]:
    """Every order from `cursor` on, and where to go on."""
    found: list[RemoteOrder] = []
    while True:
        page = await shop.orders(cursor, Deadline.after(60))
        found += page.records
        cursor = page.cursor or cursor
        if page.complete:
            assert cursor is not None
            return found, cursor


async def test_an_order_has_its_lines_and_its_sum(street: Street, shop: MedusaStorefront) -> None:
    sku = street.goods(price=10)
    order = await order_of(shop, street.buy({sku: 3}))
    assert (order.status, order.currency) == (OrderStatus.OPEN, "EUR")
    (line,) = order.lines
    assert (line.sku, line.ordered, line.quantity) == (sku, 3, 3)
    assert (line.variant_external_id, line.unit_price) == (street.id_of(sku), Decimal(10))
    assert total([line.total, order.shipping, order.adjustments], "EUR") == order.total
    assert (order.payments[0].amount, order.service) == (order.total, "Standard")


async def test_an_authorised_payment_lets_the_goods_go_and_a_captured_one_is_paid(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    id = street.buy({street.goods(): 1})
    assert (await order_of(shop, id)).payment is PaymentStatus.AUTHORISED
    staff.capture(id)
    assert (await order_of(shop, id)).payment is PaymentStatus.PAID


async def test_a_buyer_s_name_and_address_come_in_their_own_script(
    street: Street, shop: MedusaStorefront
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}, LI))
    assert (order.buyer.name, order.buyer.email) == ("小明 李", "li@example.com")
    assert (order.ship_to.street, order.ship_to.country) == (("南京东路 100 号 🏮",), "CN")
    assert order.ship_to.deliverable


async def test_a_buyer_with_one_name_has_one_name(street: Street, shop: MedusaStorefront) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}, Buyer(first_name="Suharto", last_name="")))
    assert order.buyer.name == "Suharto"


async def test_the_feed_gives_each_change_once(street: Street, shop: MedusaStorefront) -> None:
    _, cursor = await read_all(shop, None)
    sku = street.goods(units=50)
    placed = [street.buy({sku: 1}) for _ in range(3)]
    found, cursor = await read_all(shop, cursor)
    assert [order.external_id for order in found] == placed
    again, _ = await read_all(shop, cursor)
    assert again == []


async def test_a_fulfilment_brings_the_order_again_and_a_capture_does_not(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    """The feed's declared blind spot: capture does not move `updated_at` (trap 1)."""
    sku = street.goods()
    id = street.buy({sku: 1})
    _, cursor = await read_all(shop, None)
    staff.capture(id)
    found, cursor = await read_all(shop, cursor)
    assert found == []
    assert (await order_of(shop, id)).payment is PaymentStatus.PAID
    staff.fulfil(id, sku, 1)
    found, _ = await read_all(shop, cursor)
    assert [(order.external_id, order.payment) for order in found] == [(id, PaymentStatus.PAID)]


async def test_pages_of_two_lose_and_repeat_nothing_though_rows_shift(street: Street, staff: Staff) -> None:
    shop = street.connector(page_items=2)
    _, cursor = await read_all(shop, None)
    sku = street.goods(units=50)
    placed = [street.buy({sku: 1}) for _ in range(7)]
    page = await shop.orders(cursor, Deadline.after(30))
    first = [order.external_id for order in page.records]
    staff.fulfil(placed[0], sku, 1)  # moves to the end: every later row goes one forward
    rest, _ = await read_all(shop, page.cursor)
    told = [*first, *(order.external_id for order in rest)]
    assert set(told) == set(placed)
    assert len(told) - len(set(told)) == first.count(placed[0])
    await shop.close()


async def test_a_cursor_carries_only_what_the_overlap_needs(street: Street) -> None:
    sku = street.goods(units=50)
    for _ in range(4):
        street.buy({sku: 1})
    await asyncio.sleep(1.1)  # they lie behind the overlap
    street.buy({sku: 1})
    shop = street.connector(page_items=2, overlap_seconds=1)
    _, cursor = await read_all(shop, None)
    await shop.close()
    kept = msgspec.json.decode(cursor)
    assert kept["after"] > 0
    assert min(kept["seen"].values()) >= kept["after"]


async def test_orders_from_a_moment_on(street: Street, shop: MedusaStorefront) -> None:
    sku = street.goods(units=50)
    street.buy({sku: 1})
    second = await order_of(shop, street.buy({sku: 1}))
    assert second.updated_at is not None
    late = street.connector(orders_from=second.updated_at.isoformat())
    found, _ = await read_all(late, None)
    assert [order.number for order in found] == [second.number]
    await late.close()


async def test_the_orders_of_another_sales_channel_are_not_there(street: Street, staff: Staff) -> None:
    id = street.buy({street.goods(): 1})
    web = street.connector(sales_channel="Web")
    assert id in {order.external_id for order in (await read_all(web, None))[0]}
    assert (await order_of(web, id)).external_id == id
    await web.close()


async def test_an_order_that_the_shop_has_not_is_none(shop: MedusaStorefront, soon: Deadline) -> None:
    assert await shop.order("order_01XXXXXXXXXXXXXXXXXXXXXXXX", soon) is None


async def test_one_of_three_packed_is_open_and_all_shipped_is_completed(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    """The shop's own `fulfillment_status` may say fulfilled for 1 of 3 (trap 2): it is not asked."""
    sku = street.goods()
    id = street.buy({sku: 3})
    first = staff.fulfil(id, sku, 1)
    order = await order_of(shop, id)
    assert (order.status, [s.shipped for s in order.shipments]) == (OrderStatus.OPEN, [False])
    staff.ship(id, first, "T1")
    assert (await order_of(shop, id)).status is OrderStatus.OPEN
    staff.ship(id, staff.fulfil(id, sku, 2), "T2")
    order = await order_of(shop, id)
    assert order.status is OrderStatus.COMPLETED
    assert {s.tracking: dict(s.lines) for s in order.shipments} == {
        "T1": {order.lines[0].external_id: 1},
        "T2": {order.lines[0].external_id: 2},
    }


async def test_a_cancelled_fulfilment_is_told_as_cancelled(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods()
    id = street.buy({sku: 1})
    staff.drop(id, staff.fulfil(id, sku, 1))
    order = await order_of(shop, id)
    assert (order.status, [s.cancelled for s in order.shipments]) == (OrderStatus.OPEN, [True])


async def test_a_cancelled_order_wants_nothing_more(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    id = street.buy({street.goods(): 2})
    staff.cancel(id)
    order = await order_of(shop, id)
    assert (order.status, [line.quantity for line in order.lines]) == (OrderStatus.CANCELLED, [0])


async def test_refunds_by_staff_stand_with_the_payment_and_leave_the_total(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    """A refund beyond what is owed adds a credit line, which lowers the shop's own total."""
    id = street.buy({street.goods(): 1})
    staff.capture(id)
    before = await order_of(shop, id)
    staff.refund(id, 1, "goodwill")
    order = await order_of(shop, id)
    assert (order.payment, order.total) == (PaymentStatus.PART_REFUNDED, before.total)
    (refund,) = order.payments[0].refunds
    assert (refund.amount, refund.settled, refund.reason) == (Money(100, "EUR"), True, "goodwill")
    staff.refund(id, float(before.total.major) - 1, "all")
    assert (await order_of(shop, id)).payment is PaymentStatus.REFUNDED


def changed(order: RemoteOrder, old: str, new: str) -> str:
    raw = order.raw.decode()
    assert old in raw
    return raw.replace(old, new)


async def test_a_credit_is_an_adjustment(street: Street, shop: MedusaStorefront, line: Line) -> None:
    id = street.buy({street.goods(): 1})
    order = await order_of(shop, id)
    credit = '"credit_lines":[{"amount":2,"reference":"gift-card"}]'
    line.fail(
        f"GET /admin/orders/{id}",
        answering(200, f'{{"order":{changed(order, chr(34) + "credit_lines" + chr(34) + ":[]", credit)}}}'),
    )
    assert (await order_of(shop, id)).adjustments == Money(-200, "EUR")


async def test_one_order_of_another_shape_does_not_lose_the_page(shop: MedusaStorefront, line: Line) -> None:
    odd = {"id": "77", "updated_at": "2020-01-01T00:00:00.000Z", "display_id": "x", "secret": "Jane Roe"}
    line.fail("GET /admin/orders", answering(200, msgspec.json.encode({"orders": [odd]}).decode()))
    page = await shop.orders(None, Deadline.after(30))
    (broken,) = page.broken
    assert (page.records, broken.external_id) == ((), "77")
    assert "not as described" in broken.why
    assert "Jane" not in repr(broken)
    assert page.cursor is not None
    assert "77" in page.cursor, "a broken order is given out once, like any other"


async def test_an_unknown_state_is_not_guessed_at(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    id = street.buy({street.goods(): 1})
    body = f'{{"order":{changed(await order_of(shop, id), chr(34) + "pending" + chr(34), chr(34) + "picking" + chr(34))}}}'
    line.fail(f"GET /admin/orders/{id}", answering(200, body))
    with pytest.raises(BadAnswer, match="in state 'picking'"):
        await shop.order(id, soon)


async def test_a_page_of_before_is_asked_for_again_and_then_told(street: Street, line: Line) -> None:
    """Some cache in front of the shop answers an earlier question: going on from it would lose orders."""
    shop = street.connector(line, orders_from="2021-01-01T00:00:00Z")
    id = street.buy({street.goods(): 1})
    old = answering(200, '{"orders":[{"id":"order_old","updated_at":"2020-01-01T00:00:00.000Z"}]}')
    line.fail("GET /admin/orders", old)
    found, _ = await read_all(shop, None)
    assert id in {order.external_id for order in found}
    line.fail("GET /admin/orders", old, times=10)
    with pytest.raises(Unavailable, match="look for a cache in front of it"):
        await shop.orders(None, Deadline.after(30))
    await shop.close()
