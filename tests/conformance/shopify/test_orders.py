"""The order feed, and orders by their id."""

import asyncio

from connectors.contract import Deadline
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.storefront.shopify.builder import Street
from sync.domain.money import total
from sync.domain.orders import OrderStatus, PaymentStatus, RemoteOrder
from tests.conformance.shopify.conftest import Staff, bought, new_sku, opened, order_of
from tests.conformance.shopify.line import Line, failing


async def read_all(shop: ShopifyStorefront, cursor: str | None = None) -> tuple[dict[str, RemoteOrder], str]:
    found: dict[str, RemoteOrder] = {}
    while True:
        page = await shop.orders(cursor, Deadline.after(30))
        assert page.broken == ()
        found |= {order.external_id: order for order in page.records}
        cursor = page.cursor or cursor
        assert cursor is not None
        if page.complete:
            return found, cursor


async def test_every_order_of_one_second_comes_though_it_fills_many_pages(
    street: Street, shop: ShopifyStorefront
) -> None:
    sku = new_sku()
    street.goods(sku, 500)
    placed = {street.buy({sku: 1}) for _ in range(23)}
    found, _ = await read_all(shop)
    assert placed <= set(found)


async def test_a_change_brings_an_order_again_and_only_that(
    street: Street, shop: ShopifyStorefront, staff: Staff
) -> None:
    order = await bought(shop, street)
    _, cursor = await read_all(shop)
    again, cursor = await read_all(shop, cursor)
    assert again == {}
    staff.send(order.external_id, "T1")
    found, _ = await read_all(shop, cursor)
    assert set(found) == {order.external_id}
    assert found[order.external_id].status is OrderStatus.COMPLETED


async def test_an_order_that_changes_twice_in_one_second_is_not_missed(
    street: Street, shop: ShopifyStorefront
) -> None:
    """Shopify's moments are whole seconds."""
    sku = new_sku()
    street.goods(sku)
    for _ in range(3):
        order = street.buy({sku: 1}, pay=False)
        _, cursor = await read_all(shop)
        street.walk("pay", order=order)
        found, _ = await read_all(shop, cursor)
        assert found[order].payment is PaymentStatus.PAID


async def test_an_order_of_many_lines_is_read_to_its_end(street: Street, shop: ShopifyStorefront) -> None:
    skus = [new_sku() for _ in range(130)]
    for sku in skus:
        street.goods(sku)
    id = street.buy(dict.fromkeys(skus, 1))
    by_id = await order_of(shop, id)
    found, _ = await read_all(shop)
    for order in (by_id, found[id]):
        assert [line.sku for line in order.lines] == skus
        parts = total((line.total for line in order.lines), "EUR") + order.shipping + order.adjustments
        assert parts == order.total


async def test_an_order_shows_what_was_bought_by_whom_and_where_it_goes(
    street: Street, shop: ShopifyStorefront
) -> None:
    sku = new_sku()
    variant = street.goods(sku, price="12.34")
    buyer = {
        "first": "Grace",
        "last": "Hopper",
        "email": "grace@example.com",
        "city": "Arlington",
        "country": "US",
    }
    order = await order_of(shop, street.buy({sku: 2}, buyer=buyer))
    (line,) = order.lines
    assert (line.sku, line.variant_external_id, line.ordered, line.quantity) == (sku, variant, 2, 2)
    assert (order.buyer.name, order.buyer.email) == ("Grace Hopper", "grace@example.com")
    assert (order.ship_to.city, order.ship_to.country) == ("Arlington", "US")
    assert (order.status, order.payment) == (OrderStatus.OPEN, PaymentStatus.PAID)


async def test_an_order_on_hold_waits(street: Street, shop: ShopifyStorefront) -> None:
    order = await bought(shop, street)
    street.walk("hold", order=order.external_id, reason="HIGH_RISK_OF_FRAUD")
    assert (await order_of(shop, order.external_id)).status in (OrderStatus.PENDING, OrderStatus.OPEN)


async def test_an_authorised_payment_is_told_as_such(street: Street, shop: ShopifyStorefront) -> None:
    sku = new_sku()
    street.goods(sku)
    order = await order_of(shop, street.buy({sku: 1}, pay=False))
    assert order.payment is PaymentStatus.AUTHORISED
    assert [payment.status for payment in order.payments] == [PaymentStatus.AUTHORISED]


async def test_an_order_that_staff_cancelled_in_part_and_whole(
    street: Street, shop: ShopifyStorefront
) -> None:
    sku = new_sku()
    street.goods(sku)
    order = await bought(shop, street, {sku: 3})
    street.walk("cancel", order=order.external_id, lines=[{"sku": sku, "quantity": 1}])
    part = await order_of(shop, order.external_id)
    assert [(line.ordered, line.quantity) for line in part.lines] == [(3, 2)]
    street.walk("cancel", order=order.external_id)
    assert (await order_of(shop, order.external_id)).status is OrderStatus.CANCELLED


async def test_a_coupon_s_discount_falls_on_its_lines(street: Street, shop: ShopifyStorefront) -> None:
    sku = new_sku()
    street.goods(sku, price="9.99")
    street.walk("coupons", code=f"C{sku}", percent=15)
    order = await order_of(shop, street.buy({sku: 3}, coupon=f"C{sku}"))
    assert f"coupon:C{sku}" in order.tags
    assert order.lines[0].total.minor < 2997


async def test_an_order_that_is_not_there_is_none(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    assert await shop.order("gid://shopify/Order/987654321", soon) is None
    assert await shop.order("987654321", soon) is None
    order = await bought(shop, street)
    street.walk("hide", order=order.external_id)
    assert await shop.order(order.external_id, soon) is None


async def test_one_order_that_makes_the_shop_fail_stops_no_other(
    street: Street, shop: ShopifyStorefront, line: Line
) -> None:
    order = await bought(shop, street)
    line.fail("query Orders(", failing("INTERNAL_SERVER_ERROR"))
    found, _ = await read_all(shop)
    assert order.external_id in found


async def test_a_page_that_costs_too_much_is_asked_for_in_halves(
    street: Street, shop: ShopifyStorefront, line: Line
) -> None:
    order = await bought(shop, street)
    line.fail("query Orders(", failing("MAX_COST_EXCEEDED"), times=2)
    found, _ = await read_all(shop)
    assert order.external_id in found
    assert [each["first"] for each in line.asked("query Orders(")][:3] == [5, 2, 1]


async def test_orders_from_a_moment_on(street: Street) -> None:
    shop = opened(street, orders_from="2999-01-01T00:00:00Z")
    page = await shop.orders(None, Deadline.after(30))
    assert (page.records, page.complete) == ((), True)
    await shop.close()


async def test_several_calls_share_the_bucket_and_none_is_throttled(street: Street) -> None:
    """The plan of 100 points a second."""
    sku = new_sku()
    street.goods(sku, 100)
    for _ in range(6):
        street.buy({sku: 1})
    refused = street.walk("levers", bucket=2000, restore=100)["throttled"]
    shop = opened(street, page_items=25)
    await asyncio.gather(*(shop.orders(None, Deadline.after(60)) for _ in range(12)))
    await shop.close()
    assert street.walk("levers", bucket=10_000_000, restore=1_000_000)["throttled"] == refused
