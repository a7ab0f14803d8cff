"""Quantities: what the shop sells, and making it sell what we want."""

import asyncio

import pytest

from connectors.contract import (
    CancelLines,
    Deadline,
    Done,
    Refused,
    Rejected,
    Retry,
    SetQuantity,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.listing import StockSeen
from tests.conformance.vendure.conftest import Street, order_of, shipment
from tests.conformance.vendure.line import Line, answering, lost_after, no_connection
from tests.peers.books.vendure import Staff

THRESHOLD = "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id}}"


async def set_one(
    shop: VendureStorefront, variant: str, quantity: int, seen: StockSeen | None = None
) -> object:
    outcomes = await shop.set_quantities([SetQuantity(variant, quantity, seen=seen)], Deadline.after(30))
    return outcomes[variant]


async def seen_of(shop: VendureStorefront, variant: str) -> StockSeen:
    outcome = (await shop.quantities([variant], Deadline.after(30)))[variant]
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.echo


async def test_what_is_seen_is_on_hand_less_allocated(street: Street, shop: VendureStorefront) -> None:
    sku = street.goods(units=10)
    street.buy({sku: 3})
    seen = await seen_of(shop, street.id_of(sku))
    assert (seen.available, seen.committed) == (7, 3)


async def test_the_shop_sells_what_was_set_though_units_are_allocated(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    street.buy({sku: 3})
    assert await set_one(shop, street.id_of(sku), 5) == Done(street.id_of(sku), 5)
    assert (staff.stock(sku), staff.saleable(sku)) == ((8, 3), 5)


async def test_an_order_between_reading_and_writing_is_not_sold_again(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    seen = await seen_of(shop, street.id_of(sku))
    street.buy({sku: 4})
    assert await set_one(shop, street.id_of(sku), 5, seen) == Done(street.id_of(sku), 1)
    assert staff.saleable(sku) == 1


async def test_an_own_shipment_between_reading_and_writing_is_reckoned_with(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    seen = await seen_of(shop, street.id_of(sku))
    street.buy({sku: 1})
    await shop.confirm_shipment(shipment(order, ("T1", 3)), Deadline.after(30))
    assert await set_one(shop, street.id_of(sku), 5, seen) == Done(street.id_of(sku), 4)
    assert staff.stock(sku) == (5, 1)


async def test_an_own_cancellation_between_reading_and_writing_is_reckoned_with(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    seen = await seen_of(shop, street.id_of(sku))
    left = CancelLines(order.external_id, ((order.lines[0].external_id, 1),), "x")
    await shop.cancel_lines(left, Deadline.after(30))
    street.buy({sku: 4})
    assert await set_one(shop, street.id_of(sku), 5, seen) == Done(street.id_of(sku), 1)
    assert staff.stock(sku) == (6, 5)


async def test_what_an_earlier_process_saw_is_read_again_where_units_left_since(
    street: Street, shop: VendureStorefront
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    earlier = street.connector()
    seen = await seen_of(earlier, street.id_of(sku))
    await earlier.confirm_shipment(shipment(order, ("T1", 3)), Deadline.after(30))
    await earlier.close()
    assert isinstance(await set_one(shop, street.id_of(sku), 5, seen), Retry)


async def test_stock_that_staff_moved_meanwhile_is_decided_again(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    seen = await seen_of(shop, street.id_of(sku))
    staff.set_stock(sku, 9)
    assert isinstance(await set_one(shop, street.id_of(sku), 5, seen), Retry)
    assert staff.stock(sku) == (9, 0)


async def test_zero_is_set_and_echoed(street: Street, shop: VendureStorefront, staff: Staff) -> None:
    sku = street.goods(units=10)
    assert await set_one(shop, street.id_of(sku), 0) == Done(street.id_of(sku), 0)
    assert staff.saleable(sku) == 0


async def test_the_out_of_stock_threshold_is_not_for_sale(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    change = {"id": street.id_of(sku), "useGlobalOutOfStockThreshold": False, "outOfStockThreshold": 4}
    staff.session.ask(THRESHOLD, i=[change])
    assert (await seen_of(shop, street.id_of(sku))).available == 6
    assert await set_one(shop, street.id_of(sku), 2) == Done(street.id_of(sku), 2)
    assert staff.stock(sku) == (6, 0)


async def test_untracked_stock_has_no_quantity(street: Street, shop: VendureStorefront, staff: Staff) -> None:
    sku = street.goods(units=10)
    staff.session.ask(THRESHOLD, i=[{"id": street.id_of(sku), "trackInventory": "FALSE"}])
    outcome = await set_one(shop, street.id_of(sku), 2)
    assert isinstance(outcome, Rejected)
    assert "does not track stock" in outcome.reason
    read = await shop.quantities([street.id_of(sku)], Deadline.after(30))
    assert read[street.id_of(sku)] == outcome


async def test_a_negative_quantity_never_reaches_the_shop(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line
) -> None:
    sku = street.goods(units=10)
    outcome = await set_one(shop, street.id_of(sku), -1)
    assert isinstance(outcome, Rejected)
    assert "0 or more" in outcome.reason
    assert (line.count("updateProductVariants"), staff.stock(sku)) == (0, (10, 0))


async def test_a_quantity_beyond_the_shop_s_numbers_is_rejected(
    street: Street, shop: VendureStorefront
) -> None:
    outcome = await set_one(shop, street.id_of(street.goods()), 3_000_000_000)
    assert isinstance(outcome, Rejected)
    assert "more than the shop can hold" in outcome.reason


async def test_a_batch_that_rolls_back_whole_is_halved_until_the_bad_item_stands_alone(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    """The bad item turns bad after it was read."""
    skus = [street.goods() for _ in range(4)]
    ids = [street.id_of(sku) for sku in skus]
    refused = answering(
        200, '{"errors":[{"path":["x"],"extensions":{"code":"ENTITY_NOT_FOUND"}}],"data":null}'
    )
    line.fail("updateProductVariants", refused, times=3)
    outcomes = await shop.set_quantities([SetQuantity(variant, 3) for variant in ids], soon)
    assert [isinstance(outcomes[variant], Done) for variant in ids] == [False, True, True, True]
    assert isinstance(outcomes[ids[0]], Rejected)
    assert [staff.saleable(sku) for sku in skus] == [10, 3, 3, 3]


async def test_large_batches_go_in_portions_below_the_shop_s_limit(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    variant = street.id_of(street.goods())
    batch = [SetQuantity(variant, 3), *(SetQuantity(f"9{n:08d}", 1) for n in range(400))]
    outcomes = await shop.set_quantities(batch, Deadline.after(60))
    assert len(outcomes) == 401
    assert outcomes[variant] == Done(variant, 3)
    assert max(len(body) for body in line.sent) < 100_000


async def test_a_write_without_answer_is_sent_again_as_it_is_absolute(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line
) -> None:
    sku = street.goods()
    line.fail("updateProductVariants", lost_after)
    assert await set_one(shop, street.id_of(sku), 3) == Done(street.id_of(sku), 3)
    assert staff.saleable(sku) == 3


async def test_a_write_that_never_gets_an_answer_is_unknown(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    sku = street.goods()
    line.fail("updateProductVariants", lost_after, times=3)
    assert isinstance(await set_one(shop, street.id_of(sku), 3), Unknown)


async def test_a_shop_that_is_away_is_told_before_anything_is_sent(
    street: Street, shop: VendureStorefront, line: Line
) -> None:
    variant = street.id_of(street.goods())
    await seen_of(shop, variant)
    line.fail("productVariants(options", no_connection, times=3)
    with pytest.raises(Unavailable):
        await set_one(shop, variant, 3)


async def test_confirming_and_setting_side_by_side_never_sell_a_unit_twice(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods(units=20)
    orders = [await order_of(shop, street.buy({sku: 2})) for _ in range(3)]
    variant = street.id_of(sku)
    await asyncio.gather(
        *(shop.confirm_shipment(shipment(o, (f"T-{o.number}", 2)), Deadline.after(30)) for o in orders),
        *(set_one(shop, variant, 5) for _ in range(3)),
    )
    assert await set_one(shop, variant, 5) == Done(variant, 5)
    assert (staff.stock(sku), staff.saleable(sku)) == ((5, 0), 5)


async def test_an_unknown_stock_location_names_the_option(street: Street, soon: Deadline) -> None:
    shop = street.connector(stock_location="Attic")
    with pytest.raises(Refused, match="no stock location 'Attic'"):
        await shop.quantities(["1"], soon)
    await shop.close()


async def test_the_stock_location_may_be_named(street: Street) -> None:
    shop = street.connector(stock_location="Default Stock Location")
    variant = street.id_of(street.goods())
    assert await set_one(shop, variant, 4) == Done(variant, 4)
    await shop.close()
