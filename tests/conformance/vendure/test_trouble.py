"""What goes wrong halfway, and what is told of it."""

import json
from decimal import Decimal

import pytest

from connectors.contract import (
    AuthRejected,
    CancelLines,
    Deadline,
    Done,
    PutListing,
    RefundRequest,
    Refused,
    Rejected,
    Retry,
    SetPrice,
    SetPublished,
    SetQuantity,
    Throttled,
    Unknown,
)
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from tests.conformance.vendure.conftest import Street, order_of, shipment
from tests.conformance.vendure.line import FAILED_INSIDE, Act, Line, answering, no_connection
from tests.peers.books.vendure import Staff

SETTINGS = '{"trackInventory":true,"outOfStockThreshold":0,"serverConfig":{"moneyStrategyPrecision":2}}'
THROTTLED = answering(429, "", retry_after="90")
DENIED = answering(200, '{"data":{"login":{"__typename":"X","errorCode":"INVALID_CREDENTIALS_ERROR"}}}')
FORBIDDEN = '{"errors":[{"path":["x"],"extensions":{"code":"FORBIDDEN"}}],"data":null}'


def failed_below(root: str) -> Act:
    """Done, and then a field of the answer failed."""
    error = {"path": [root, "state"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    return answering(200, json.dumps({"errors": [error], "data": None}))


def told(order: RemoteOrder, **changes: str) -> Act:
    """The order as it was read, with texts in it replaced."""
    raw = order.raw.decode()
    for old, new in changes.items():
        raw = raw.replace(f'"{old}"', f'"{new}"')
    return answering(200, f'{{"data":{{"globalSettings":{SETTINGS},"order":{raw}}}}}')


async def read(shop: VendureStorefront, order: RemoteOrder) -> RemoteOrder:
    again = await shop.order(order.external_id, Deadline.after(30))
    assert again is not None
    return again


def refund_of(order: RemoteOrder, cents: int = 500) -> RefundRequest:
    return RefundRequest("refund:1", order.external_id, Money(cents, "EUR"), None, (), False, "late")


async def test_an_answer_that_failed_below_its_root_means_it_was_done_perhaps(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail("addFulfillmentToOrder", failed_below("addFulfillmentToOrder"))
    shipped = await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)
    line.fail("cancelOrder", failed_below("cancelOrder"))
    left = CancelLines(order.external_id, ((order.lines[0].external_id, 1),), "x")
    cancelled = await shop.cancel_lines(left, soon)
    line.fail("refundOrder", failed_below("refundOrder"))
    refunded = await shop.refund(refund_of(order), soon)
    for outcome in (shipped, cancelled, refunded):
        assert isinstance(outcome, Unknown)
        assert "done perhaps" in outcome.reason


async def test_a_write_without_data_is_unknown(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    for body in ('{"data":null}', '{"data":{"refundOrder":null}}', '{"data":{"other":{}}}', "<html>"):
        line.fail("refundOrder", answering(200, body))
        assert isinstance(await shop.refund(refund_of(order), soon), Unknown)


async def test_a_proxy_that_refuses_a_write_is_a_refusal(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail("refundOrder", answering(400, "<html>bad request</html>"))
    assert isinstance(await shop.refund(refund_of(order), soon), Rejected)


async def test_a_creating_write_in_an_ended_session_is_done_once(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail("refundOrder", answering(200, FORBIDDEN))
    assert isinstance(await shop.refund(refund_of(order), soon), Done)
    (payment,) = staff.order(order.external_id)["payments"]
    assert len(payment["refunds"]) == 1


async def test_a_refund_that_the_payment_provider_failed_is_rejected(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    await shop.refund(refund_of(order), soon)
    failed = told(await read(shop, order), Settled="Failed")
    for act in (shop.refund, shop.find_refund):
        line.fail("order(id", failed)
        outcome = await act(refund_of(order), soon)
        assert isinstance(outcome, Rejected)
        assert "payment provider failed it" in outcome.reason


async def test_a_refund_that_others_settled_meanwhile_is_done(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    await shop.refund(refund_of(order), soon)
    settled = await read(shop, order)
    raw = settled.raw.decode().replace('"total":500,"state":"Settled"', '"total":500,"state":"Pending"')
    body = f'{{"data":{{"globalSettings":{SETTINGS},"order":{raw}}}}}'
    line.fail("order(id", answering(200, body))
    assert isinstance(await shop.refund(refund_of(order), soon), Done)


async def test_a_refund_that_cannot_be_settled_stays_for_a_person(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    refused = '{"data":{"settleRefund":{"__typename":"X","errorCode":"REFUND_STATE_TRANSITION_ERROR"}}}'
    line.fail("settleRefund", answering(200, refused))
    outcome = await shop.refund(refund_of(order), soon)
    assert isinstance(outcome, Rejected)
    assert "cannot be settled" in outcome.reason


async def test_throttling_in_the_middle_of_a_batch_leaves_the_rest_for_later(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    first, second = street.id_of(street.goods()), street.id_of(street.goods())
    refused = '{"errors":[{"path":["x"],"extensions":{"code":"USER_INPUT_ERROR"}}],"data":null}'
    line.fail("updateProductVariants", answering(200, refused), times=2)  # the batch, then its first half
    line.fail("updateProductVariants", THROTTLED)
    batch = [SetPrice(variant, Decimal(5), "EUR") for variant in (first, second)]
    outcomes = await shop.set_prices(batch, Deadline.after(10))
    assert isinstance(outcomes[first], Rejected)
    rest = outcomes[second]
    assert isinstance(rest, Retry)
    assert rest.after is not None


async def test_throttling_of_the_first_portion_is_raised(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    variant = street.id_of(street.goods())
    line.fail("updateProductVariants", THROTTLED)
    with pytest.raises(Throttled):
        await shop.set_prices([SetPrice(variant, Decimal(5), "EUR")], Deadline.after(10))


async def test_an_internal_error_of_one_item_is_for_later(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    first, second = street.id_of(street.goods()), street.id_of(street.goods())
    line.fail("updateProductVariants", FAILED_INSIDE, times=2)
    outcomes = await shop.set_quantities([SetQuantity(first, 2), SetQuantity(second, 2)], soon)
    assert isinstance(outcomes[first], Retry)
    assert outcomes[second] == Done(second, 2)


async def test_an_item_that_the_answer_leaves_out_is_unknown(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    variant = street.id_of(street.goods())
    line.fail("updateProductVariants", answering(200, '{"data":{"updateProductVariants":[null]}}'))
    outcome = (await shop.set_quantities([SetQuantity(variant, 2)], soon))[variant]
    assert isinstance(outcome, Unknown)
    assert "leaves it out" in outcome.reason


async def test_stock_of_another_shape_concerns_its_variant_only(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    await shop.identity(soon)
    odd = {"id": "7", "trackInventory": 1}
    data = {"globalSettings": json.loads(SETTINGS), "productVariants": {"items": [odd]}}
    line.fail("productVariants(options", answering(200, json.dumps({"data": data})))
    outcomes = await shop.quantities(["7", "8"], soon)
    seven, eight = outcomes["7"], outcomes["8"]
    assert isinstance(seven, Retry)
    assert "not as described" in seven.reason
    assert isinstance(eight, Rejected)


async def test_variants_of_another_shape_do_not_lose_the_page(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    street.goods()
    data = {"globalSettings": json.loads(SETTINGS), "productVariants": {"items": [{"id": "7", "sku": 1}, {}]}}
    line.fail("productVariants(options", answering(200, json.dumps({"data": data})))
    page = await shop.products(None, soon)
    assert [broken.external_id for broken in page.broken] == ["7", None]
    assert all("not as described" in broken.why for broken in page.broken)


async def test_a_shop_that_shows_no_stock_location_names_the_permission(
    shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    channel = {
        "id": "1",
        "token": "t",
        "createdAt": "2026-01-01T00:00:00Z",
        "defaultCurrencyCode": "EUR",
        "defaultLanguageCode": "en",
        "pricesIncludeTax": False,
    }
    body = {"data": {"activeChannel": channel, "stockLocations": {"items": []}}}
    line.fail("activeChannel", answering(200, json.dumps(body)))
    with pytest.raises(Refused, match="ReadStockLocation"):
        await shop.quantities(["1"], soon)


async def test_credentials_that_end_between_parcels_leave_the_rest_for_later(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail('"T2"', answering(200, FORBIDDEN))
    line.fail("login(", DENIED)
    outcome = await shop.confirm_shipment(shipment(order, ("T1", 1), ("T2", 1)), soon)
    assert isinstance(outcome, Retry)
    assert len(staff.order(order.external_id)["fulfillments"]) == 1


async def test_credentials_that_end_before_anything_is_sent_are_raised(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    order = await order_of(shop, street.buy({street.goods(): 2}))
    line.fail("addFulfillmentToOrder", answering(200, FORBIDDEN))
    line.fail("login(", DENIED)
    with pytest.raises(AuthRejected):
        await shop.confirm_shipment(shipment(order, ("T1", 1)), soon)


async def test_a_correction_of_stock_that_fails_does_not_undo_the_cancellation(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    sku = street.goods(units=500)
    order = await order_of(shop, street.buy({sku: 5}))
    staff.move(staff.fulfil(order.external_id, {sku: 2}, "DHL", "T1"), "Shipped")
    line.fail("updateProductVariants", no_connection, times=3)
    left = CancelLines(order.external_id, ((order.lines[0].external_id, 4),), "x")
    assert isinstance(await shop.cancel_lines(left, soon), Done)
    assert staff.stock(sku) == (499, 2)
    await shop.set_quantities([SetQuantity(street.id_of(sku), 100)], soon)
    assert staff.saleable(sku) == 100


async def test_listings_after_the_first_failure_are_for_later(
    street: Street, shop: VendureStorefront, line: Line, soon: Deadline
) -> None:
    sku = street.goods()
    variant = street.id_of(sku)
    batch = [PutListing(key, variant, "Cup", "Holds tea.", sku=sku) for key in ("first", "second", "third")]
    line.fail("updateProducts", no_connection, times=3)
    again = [PutListing("bad", "987654321", "x", "y"), *batch]
    outcomes = await shop.put_listings(again, soon)
    assert isinstance(outcomes["bad"], Rejected)
    assert [isinstance(outcomes[key], Retry) for key in ("second", "third")] == [True, True]


async def test_variants_after_products_that_were_switched_are_for_later(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    sku = street.goods()
    variant, product = street.id_of(sku), f"product:{staff.variant(sku)['product']['id']}"
    line.fail("updateProductVariants", THROTTLED)
    outcomes = await shop.set_published(
        [SetPublished(product, False), SetPublished(variant, False)], Deadline.after(10)
    )
    assert outcomes[product] == Done(product, False)
    assert isinstance(outcomes[variant], Retry)
