"""Cancelling units at the shop."""

from connectors.contract import CancelLines, Deadline, Done, Rejected, Unknown
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.orders import RemoteOrder
from tests.conformance.vendure.conftest import Street, order_of
from tests.conformance.vendure.line import Line, lost_after
from tests.peers.books.vendure import Staff


def leaving(order: RemoteOrder, units: int) -> CancelLines:
    """So many units of the first line shall stay."""
    return CancelLines(order.external_id, ((order.lines[0].external_id, units),), "sold out")


async def test_units_are_cancelled_down_to_what_shall_be_left(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    assert await shop.cancel_lines(leaving(order, 1), soon) == Done(order.external_id)
    assert staff.order(order.external_id)["lines"][0]["quantity"] == 1
    assert staff.stock(sku) == (10, 1)


async def test_cancelling_again_changes_nothing(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    for _ in range(2):
        assert isinstance(await shop.cancel_lines(leaving(order, 1), soon), Done)
    assert staff.order(order.external_id)["lines"][0]["quantity"] == 1


async def test_the_last_unit_takes_the_order_and_its_shipping_with_it(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    for _ in range(2):
        assert isinstance(await shop.cancel_lines(leaving(order, 0), soon), Done)
    seen = staff.order(order.external_id)
    assert (seen["state"], seen["totalWithTax"]) == ("Cancelled", 0)


async def test_a_partly_shipped_line_keeps_its_stock_right(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    """Vendure itself puts one unit too many on hand (trap 9)."""
    sku = street.goods(units=500)
    order = await order_of(shop, street.buy({sku: 5}))
    staff.move(staff.fulfil(order.external_id, {sku: 2}, "DHL", "T1"), "Shipped")
    assert staff.stock(sku) == (498, 3)
    assert isinstance(await shop.cancel_lines(leaving(order, 4), soon), Done)
    assert staff.stock(sku) == (498, 2)


async def test_units_that_have_left_are_not_cancelled(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    order = await order_of(shop, street.buy({sku: 3}))
    staff.move(staff.fulfil(order.external_id, {sku: 2}, "DHL", "T1"), "Shipped")
    outcome = await shop.cancel_lines(leaving(order, 1), soon)
    assert isinstance(outcome, Rejected)
    assert "comes back as a return" in outcome.reason
    assert staff.order(order.external_id)["lines"][0]["quantity"] == 3


async def test_a_lost_answer_is_unknown_and_a_repeat_cancels_no_more(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 3}))
    line.fail("cancelOrder", lost_after)
    assert isinstance(await shop.cancel_lines(leaving(order, 2), soon), Unknown)
    assert isinstance(await shop.cancel_lines(leaving(order, 2), soon), Done)
    assert staff.order(order.external_id)["lines"][0]["quantity"] == 2


async def test_an_order_or_line_that_is_not_there_is_rejected(
    street: Street, shop: VendureStorefront, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 1}))
    for request, words in (
        (CancelLines("987654321", (), "x"), "no order 987654321"),
        (CancelLines(order.external_id, (("987654321", 0),), "x"), "no line 987654321"),
    ):
        outcome = await shop.cancel_lines(request, soon)
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason
