"""The order feed: no order is lost in any zone, hour or paging, and each is what the shop says."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import BadAnswer, Deadline
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sandbox.storefront.woocommerce.rules import Generation, Rules
from sync.domain.orders import OrderStatus, PaymentStatus

from .conftest import later, new_line, new_sku, opened, order_of, read_all
from .line import Line


@pytest.fixture
def sku(street: Street) -> str:
    found = new_sku()
    street.staff.add_product(found, units=1000)
    return found


async def test_an_order_comes_with_its_lines_its_money_and_its_buyer(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    id = street.staff.buy(
        {sku: 2}, set_paid=True, shipping_lines=[{"method_id": "flat_rate", "total": "5.00"}]
    )
    order = await order_of(shop, id)
    assert (order.status, order.payment) == (OrderStatus.OPEN, PaymentStatus.PAID)
    assert (order.lines[0].sku, order.lines[0].quantity, order.total.minor) == (sku, 2, 2500)
    assert (order.ship_to.name, order.buyer.email) == ("Ada Lovelace", "ada@example.com")


async def test_a_change_is_shown_in_every_zone(street: Street, shop: WooCommerceStorefront, sku: str) -> None:
    """`…Z` with dates_are_gmt misses it in Asia/Shanghai, and returns every order in New York."""
    _, cursor = await read_all(shop)
    id = street.staff.buy({sku: 1})
    later(street, 5)
    changed, cursor = await read_all(shop, cursor)
    assert [order.external_id for order in changed] == [str(id)]
    assert await read_all(shop, cursor) == ([], cursor)


async def test_two_edits_in_one_second_are_both_seen(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    """The boundary is exclusive, at one second's resolution."""
    id = street.staff.buy({sku: 1}, status="on-hold")
    first, cursor = await read_all(shop)
    street.staff.put(f"orders/{id}", {"status": "processing"})
    second, _ = await read_all(shop, cursor)
    assert [order.status for order in (*first, *second) if order.external_id == str(id)][
        -1
    ] is OrderStatus.OPEN
    assert [order.external_id for order in second] == [str(id)]


async def test_an_edit_between_two_pages_skips_no_order(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    """Recorded: with page numbers, modified ascending, one order was never seen."""
    _, start = await read_all(shop)
    later(street, 200)
    made = []
    for _ in range(12):
        later(street, 1)
        made.append(str(street.staff.buy({sku: 1})))
    later(street, 1)
    seen: set[str] = set()
    cursor = start
    for n in range(20):
        page = await shop.orders(cursor, Deadline.after(30))
        seen |= {order.external_id for order in page.records}
        cursor = page.cursor or cursor
        if n == 0:
            street.staff.put(f"orders/{made[1]}", {"customer_note": "ring"})
        if page.complete:
            break
    assert set(made) <= seen


async def test_an_insert_between_two_pages_shifts_nothing(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    _, cursor = await read_all(shop)
    later(street, 200)
    made = [str(street.staff.buy({sku: 1})) for _ in range(9)]
    seen: list[str] = []
    for _ in range(20):
        page = await shop.orders(cursor, Deadline.after(30))
        seen += [order.external_id for order in page.records]
        cursor = page.cursor or cursor
        if page.complete:
            break
        if len(made) < 12:
            later(street, 1)
            made.append(str(street.staff.buy({sku: 1})))
    assert sorted(seen) == sorted(made)


async def test_a_second_that_fills_more_than_a_page_is_read_whole(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    _, cursor = await read_all(shop)
    later(street, 500)
    made = [str(street.staff.buy({sku: 1})) for _ in range(23)]
    later(street, 500)
    found, _ = await read_all(shop, cursor)
    assert sorted(order.external_id for order in found) == sorted(made)


@pytest.mark.parametrize("generation", list(Generation))
@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("America/New_York", datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 11, 1, 2, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 13, 0, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
    ],
)
async def test_the_hour_when_clocks_go_back_loses_nobody(
    generation: Generation, zone: str, begin: datetime
) -> None:
    """8.6 sorts by local time, and `…Z` alone loses orders there in that hour; in two zones half hours count."""
    rules = Rules(generation=generation, zone=ZoneInfo(zone))
    with running(rules, clock=SetClock(begin)) as street:
        street.staff.add_product("CLOCK", units=1000)
        shop = opened(street, page_items=3)
        before = [str(street.staff.buy({"CLOCK": 1})) for _ in range(2)]
        found, cursor = await read_all(shop)
        assert sorted(order.external_id for order in found) == sorted(before)
        made = []
        for _ in range(18):  # for three hours; clocks go back after two
            later(street, 600)
            made.append(str(street.staff.buy({"CLOCK": 1})))
        found, _ = await read_all(shop, cursor)
        assert sorted(order.external_id for order in found) == sorted(made)
        again, _ = await read_all(opened(street, page_items=3))
        assert sorted(order.external_id for order in again) == sorted([*before, *made])


async def test_a_completed_order_that_staff_reopen_is_open_again(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    """The shop goes from completed to any status, and puts the goods back."""
    id = street.staff.buy({sku: 1}, set_paid=True, status="completed")
    first, cursor = await read_all(shop)
    assert {order.external_id: order.status for order in first}[str(id)] is OrderStatus.COMPLETED
    later(street, 5)
    street.staff.put(f"orders/{id}", {"status": "pending"})
    (order,), _ = await read_all(shop, cursor)
    assert order.status is OrderStatus.PENDING


async def test_what_a_plugin_made_of_an_order_is_kept_until_the_options_say_what_it_means(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    id = street.staff.buy({sku: 1}, status="packed")
    with pytest.raises(BadAnswer, match="'packed', which a plugin has made"):
        await order_of(shop, id)
    told = opened(street, states={"packed": "open"})
    assert (await order_of(told, id)).status is OrderStatus.OPEN
    await told.close()
    street.staff.put(f"orders/{id}", {"status": "processing"})


async def test_a_custom_status_whose_plugin_is_off_is_still_read_by_id(street: Street, sku: str) -> None:
    """It vanishes from the lists of 11.0, even of `any`."""
    rules = Rules(generation=street.shop.rules.generation, statuses=("packed",))
    with running(rules, clock=SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))) as own:
        own.staff.add_product("PACK")
        id = own.staff.buy({"PACK": 1}, status="packed")
        own.shop.statuses.remove("packed")
        shop = opened(own, states={"packed": "open"})
        listed, _ = await read_all(shop)
        assert bool(listed) is not rules.new
        assert (await order_of(shop, id)).status is OrderStatus.OPEN
        await shop.close()


async def test_the_trash_is_not_in_the_feed_and_is_cancelled_by_id(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    id = street.staff.buy({sku: 1})
    _, cursor = await read_all(shop)
    later(street, 2)
    street.staff.delete(f"orders/{id}")
    later(street, 2)
    found, _ = await read_all(shop, cursor)
    assert not found
    trashed = await order_of(shop, id)
    assert (trashed.status, trashed.lines[0].quantity) == (OrderStatus.CANCELLED, 0)


async def test_an_order_that_was_deleted_for_good_is_none(
    street: Street, shop: WooCommerceStorefront, sku: str, soon: Deadline
) -> None:
    id = street.staff.buy({sku: 1})
    street.staff.delete(f"orders/{id}", force=True)
    assert await shop.order(str(id), soon) is None
    assert await shop.order("no-number", soon) is None


async def test_a_draft_of_the_checkout_is_no_order_of_the_feed(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    _, cursor = await read_all(shop)
    later(street, 2)
    street.staff.buy({sku: 1}, status="checkout-draft")
    found, _ = await read_all(shop, cursor)
    assert not found


async def test_a_note_moves_nothing_and_a_refund_does(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    id = street.staff.buy({sku: 2}, set_paid=True)
    _, cursor = await read_all(shop)
    later(street, 2)
    street.staff.post(f"orders/{id}/notes", {"note": "x"})
    found, cursor = await read_all(shop, cursor)
    assert not found
    line = street.staff.get(f"orders/{id}")["line_items"][0]["id"]
    street.staff.post(
        f"orders/{id}/refunds",
        {"amount": "5.00", "api_refund": False, "line_items": [{"id": line, "quantity": 1}]},
    )
    (order,), _ = await read_all(shop, cursor)
    assert (order.lines[0].ordered, order.lines[0].quantity) == (2, 1)
    assert (order.payment, order.total.minor) == (PaymentStatus.PART_REFUNDED, 2000)


async def test_a_line_of_an_unknown_product_is_worth_nothing_and_names_none(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    """The shop takes an unknown product_id, with 201."""
    id = street.staff.buy({sku: 1}, line_items=[{"product_id": 99999999, "quantity": 1}])
    (line,) = (await order_of(shop, id)).lines
    assert (line.variant_external_id, line.sku, line.total.minor) == (None, None, 0)


async def test_an_order_of_a_guest_who_says_nothing_and_buys_nothing_comes_through(
    street: Street, shop: WooCommerceStorefront
) -> None:
    nobody = dict.fromkeys(("first_name", "last_name", "address_1", "city", "country", "email", "phone"), "")
    id = street.staff.buy({}, billing=nobody, shipping={}, fee_lines=[{"name": "Gift", "total": "4.00"}])
    order = await order_of(shop, id)
    assert (order.lines, order.total.minor, order.adjustments.minor) == ((), 400, 400)
    assert (order.buyer.name, order.buyer.email, order.ship_to.street) == (None, None, ())


async def test_shipping_and_fees_that_were_given_back_take_no_units(
    street: Street, shop: WooCommerceStorefront, sku: str
) -> None:
    shipping = [{"method_id": "flat_rate", "total": "5.00"}]
    id = street.staff.buy(
        {sku: 2}, set_paid=True, shipping_lines=shipping, fee_lines=[{"name": "Wrap", "total": "3.00"}]
    )
    shown = street.staff.get(f"orders/{id}")
    lines = [
        {"id": shown[name][0]["id"], "refund_total": money}
        for name, money in (("shipping_lines", 5), ("fee_lines", 3))
    ]
    street.staff.post(f"orders/{id}/refunds", {"api_refund": False, "amount": "8.00", "line_items": lines})
    order = await order_of(shop, id)
    assert (order.lines[0].ordered, order.lines[0].quantity) == (2, 2)
    assert (order.payment, order.total.minor) == (PaymentStatus.PART_REFUNDED, 2800)
    assert [refund.amount.minor for refund in order.payments[0].refunds] == [800]


async def test_an_empty_shop_is_read_to_its_end() -> None:
    with running(Rules()) as street:
        shop = opened(street)
        assert await read_all(shop) == ([], (await read_all(shop))[1])
        await shop.close()


async def test_only_orders_of_after_the_beginning_are_read(street: Street, sku: str) -> None:
    street.staff.buy({sku: 1})
    later(street, 100)
    begin = street.shop.clock.now()
    id = street.staff.buy({sku: 1})
    shop = opened(street, orders_from=begin)
    found, _ = await read_all(shop)
    assert [order.external_id for order in found] == [str(id)]
    await shop.close()


async def test_every_question_about_time_is_asked_in_the_safe_form(street: Street, sku: str) -> None:
    line: Line = new_line(street)
    shop = opened(street, line)
    street.staff.buy({sku: 1})
    _, cursor = await read_all(shop)
    await read_all(shop, cursor)
    dated = [said for said in line.sent if "modified_" in said]
    assert dated
    assert all("dates_are_gmt=true" in said and "Z&" not in said for said in dated)
    await shop.close()
