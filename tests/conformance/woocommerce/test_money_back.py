"""Refunds, which WooCommerce makes twice when asked twice, and what can be cancelled."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import (
    CancelLines,
    Deadline,
    Done,
    RefundRequest,
    Rejected,
    Retry,
    Unknown,
)
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.clock import SetClock
from sandbox.storefront.woocommerce.builder import Street, running
from sync.domain.money import Money
from sync.domain.orders import OrderStatus, PaymentStatus

from .conftest import V11, new_sku, opened, order_of, read_all, shipment
from .line import PHP_FATAL, Line, lost_after, lost_before


def paid(street: Street, units: int = 3, **fields: object) -> str:
    sku = new_sku()
    street.staff.add_product(sku, units=10)
    return str(street.staff.buy({sku: units}, set_paid=True, payment_method="stripe", **fields))


def line_of(street: Street, order: str) -> str:
    return str(street.staff.get(f"orders/{order}")["line_items"][0]["id"])


def ask(
    order: str, minor: int = 500, *lines: tuple[str, int], restock: bool = False, key: str = ""
) -> RefundRequest:
    return RefundRequest(key or f"r:{order}", order, Money(minor, "USD"), None, lines, restock, "broken")


def refunds(street: Street, order: str) -> list[str]:
    return [str(each["amount"]) for each in street.staff.get(f"orders/{order}/refunds")]


async def test_a_refund_is_made_once_per_key(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """The same body and Idempotency-Key make two refunds in the shop."""
    order = paid(street)
    first = await shop.refund(ask(order), soon)
    assert first == await shop.refund(ask(order), soon)
    assert isinstance(first, Done) and first.echo == Money(500, "USD")
    assert refunds(street, order) == ["5.00"]
    await shop.refund(ask(order, key="another"), soon)
    assert refunds(street, order) == ["5.00", "5.00"]


async def test_a_lost_answer_leaves_a_refund_unknown_until_it_is_found(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    order = paid(street)
    line.fail(f"POST /wp-json/wc/v3/orders/{order}/refunds", lost_after)
    assert isinstance(await shop.refund(ask(order), soon), Unknown)
    assert isinstance(await shop.find_refund(ask(order), soon), Done)
    assert refunds(street, order) == ["5.00"]


async def test_a_refund_that_never_arrived_is_surely_not_there(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    order = paid(street)
    line.fail(f"POST /wp-json/wc/v3/orders/{order}/refunds", lost_before)
    assert isinstance(await shop.refund(ask(order), soon), Unknown)
    assert isinstance(await shop.find_refund(ask(order), soon), Retry)


async def test_a_refund_of_staff_s_is_not_taken_for_ours(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    order = paid(street)
    street.staff.post(f"orders/{order}/refunds", {"amount": "5.00", "reason": "broken", "api_refund": False})
    assert isinstance(await shop.find_refund(ask(order), soon), Retry)


async def test_what_staff_gave_back_comes_with_the_order_and_what_they_restocked_is_seen(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """One by amount alone, one of a unit that is back on the shelf."""
    order = paid(street)
    row = street.staff.get(f"orders/{order}")["line_items"][0]
    product = str(row["product_id"])
    before = (await shop.quantities([product], soon))[product]
    given = street.staff.post(
        f"orders/{order}/refunds", {"amount": "1.50", "reason": "late &amp; sorry", "api_refund": False}
    )
    unit = {"id": row["id"], "quantity": 1, "refund_total": 2}
    body = {"amount": "2.00", "reason": "torn", "line_items": [unit], "api_refund": False}
    street.staff.post(f"orders/{order}/refunds", body)
    found, _ = await read_all(shop)
    shown = next(each for each in found if each.external_id == order)
    assert shown == await order_of(shop, order)
    told = {refund.reason: refund for refund in shown.payments[0].refunds}
    late = told["late & sorry"]
    assert (late.external_id, late.amount, late.settled) == (str(given["id"]), Money(150, "USD"), True)
    assert late.at is not None
    assert told["torn"].amount == Money(200, "USD")
    assert shown.lines[0].quantity == 2
    after = (await shop.quantities([product], soon))[product]
    assert isinstance(before, Done) and before.echo is not None
    assert isinstance(after, Done) and after.echo is not None
    assert after.echo.available - before.echo.available == 1


async def test_a_gateway_that_gives_nothing_back_is_a_refusal_and_no_fault_of_the_server(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    """It comes as 500 with an integer for `data`, and must not be tried again."""
    order = paid(street)
    street.staff.put(f"orders/{order}", {"payment_method": "bacs"})
    refused = await shop.refund(ask(order), soon)
    assert isinstance(refused, Rejected) and "refund_by_gateway: false" in refused.reason
    assert line.count("POST") == 1
    by_hand = opened(street, refund_by_gateway=False)
    assert isinstance(await by_hand.refund(ask(order), soon), Done)
    await by_hand.close()


async def test_any_other_500_leaves_it_unknown(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    order = paid(street)
    line.fail("/refunds", PHP_FATAL)
    assert isinstance(await shop.refund(ask(order), soon), Unknown)


async def test_more_than_is_left_is_refused_before_it_is_asked(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    order = paid(street)
    refused = await shop.refund(ask(order, 500_000), soon)
    assert isinstance(refused, Rejected) and refused.code == "TOO_MUCH"
    assert line.count("POST") == 0


async def test_an_order_that_was_not_paid_gets_nothing_back(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """The shop itself would take it."""
    sku = new_sku()
    street.staff.add_product(sku)
    order = str(street.staff.buy({sku: 1}, status="on-hold"))
    refused = await shop.refund(ask(order), soon)
    assert isinstance(refused, Rejected) and refused.code == "NOT_PAID"


@pytest.mark.parametrize(("restock", "back"), [(True, 1), (False, 0)])
async def test_a_refund_says_how_many_units_and_whether_they_go_back_on_the_shelf(
    street: Street, shop: WooCommerceStorefront, restock: bool, back: int, soon: Deadline
) -> None:
    """Line-item refunds restock by default."""
    order = paid(street)
    line = line_of(street, order)
    product = street.staff.get(f"orders/{order}")["line_items"][0]["product_id"]
    before = street.staff.get(f"products/{product}")["stock_quantity"]
    assert isinstance(await shop.refund(ask(order, 700, (line, 1), restock=restock), soon), Done)
    assert street.staff.get(f"products/{product}")["stock_quantity"] - before == back
    shown = await order_of(shop, order)
    assert (shown.lines[0].quantity, shown.payment) == (2, PaymentStatus.PART_REFUNDED)
    assert refunds(street, order) == ["7.00"]


async def test_refunding_the_rest_makes_the_order_refunded(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    order = paid(street)
    assert isinstance(await shop.refund(ask(order, 3000), soon), Done)
    assert (await order_of(shop, order)).payment is PaymentStatus.REFUNDED


async def test_all_of_an_order_is_given_back_where_the_shop_keeps_more_digits_than_the_currency_has(
    soon: Deadline,
) -> None:
    """10.125 is 10.13 to us, and more than is left to the shop."""
    with running(replace(V11, decimals=3), clock=SetClock(datetime(2026, 3, 2, 12, tzinfo=UTC))) as street:
        street.staff.add_product("DIGITS", price="10.125", units=10)
        order = str(street.staff.buy({"DIGITS": 1}, set_paid=True, payment_method="stripe"))
        shop = opened(street)
        shown = await order_of(shop, order)
        assert shown.total == Money(1013, "USD")
        done = await shop.refund(ask(order, 1013), soon)
        assert isinstance(done, Done) and done.echo == Money(1013, "USD")
        assert street.staff.get(f"orders/{order}")["status"] == "refunded"


async def test_units_are_cancelled_by_a_refund_of_no_money(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    order = paid(street)
    request = CancelLines(order, ((line_of(street, order), 2),), "sold out")
    assert isinstance(await shop.cancel_lines(request, soon), Done)
    assert isinstance(await shop.cancel_lines(request, soon), Done)
    shown = await order_of(shop, order)
    assert (shown.lines[0].quantity, shown.payment) == (2, PaymentStatus.PAID)
    assert refunds(street, order) == ["0.00"]


async def test_a_lost_answer_to_a_cancellation_cancels_nothing_twice(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    order = paid(street)
    request = CancelLines(order, ((line_of(street, order), 2),), "sold out")
    line.fail("POST", lost_after)
    assert isinstance(await shop.cancel_lines(request, soon), Unknown)
    assert isinstance(await shop.cancel_lines(request, soon), Done)
    assert (await order_of(shop, order)).lines[0].quantity == 2


async def test_a_whole_order_is_cancelled_by_its_status_and_keeps_its_money(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    order = paid(street)
    request = CancelLines(order, ((line_of(street, order), 0),), "sold out")
    assert isinstance(await shop.cancel_lines(request, soon), Done)
    shown = await order_of(shop, order)
    assert (shown.status, shown.lines[0].quantity, shown.payment) == (
        OrderStatus.CANCELLED,
        0,
        PaymentStatus.PAID,
    )
    assert isinstance(await shop.cancel_lines(request, soon), Done)


async def test_units_that_have_left_are_not_cancelled(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    order = paid(street)
    await shop.confirm_shipment(shipment(await order_of(shop, order), ("1Z", 2)), soon)
    request = CancelLines(order, ((line_of(street, order), 1),), "sold out")
    refused = await shop.cancel_lines(request, soon)
    assert isinstance(refused, Rejected) and refused.code == "ALREADY_FULFILLED"


async def test_a_completed_order_is_not_cancelled(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """The shop would go from completed to any status, and put the goods back."""
    order = paid(street, status="completed")
    request = CancelLines(order, ((line_of(street, order), 0),), "sold out")
    refused = await shop.cancel_lines(request, soon)
    assert isinstance(refused, Rejected) and refused.code == "COMPLETED"


async def test_an_order_that_is_not_there_is_told(shop: WooCommerceStorefront, soon: Deadline) -> None:
    assert isinstance(await shop.refund(ask("99999999"), soon), Rejected)
    assert isinstance(await shop.cancel_lines(CancelLines("99999999", (), "x"), soon), Rejected)
