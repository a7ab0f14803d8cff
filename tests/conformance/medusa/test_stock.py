"""Quantities: what the shop sells, and making it sell what we want."""

import asyncio

import pytest

from connectors.contract import (
    CancelLines,
    Deadline,
    Done,
    Rejected,
    Retry,
    SetQuantity,
    Unavailable,
    Unknown,
)
from connectors.storefronts.medusa.connector import MedusaStorefront
from sync.domain.listing import StockSeen
from tests.conformance.medusa.conftest import Street, order_of, shipment
from tests.conformance.medusa.line import (
    FAILED_INSIDE,
    REFUSED,
    TOO_LARGE,
    Line,
    answering,
    lost_after,
    no_connection,
)
from tests.conformance.medusa.people import Staff, new_sku

BATCH = "location-levels/batch"


async def set_one(
    shop: MedusaStorefront, variant: str, quantity: int, seen: StockSeen | None = None, location: str = ""
) -> object:
    outcomes = await shop.set_quantities(
        [SetQuantity(variant, quantity, location, seen=seen)], Deadline.after(30)
    )
    return outcomes[variant]


async def seen_of(shop: MedusaStorefront, variant: str) -> StockSeen:
    outcome = (await shop.quantities([variant], Deadline.after(30)))[variant]
    assert isinstance(outcome, Done)
    assert outcome.echo is not None
    return outcome.echo


async def test_what_is_seen_is_stocked_less_reserved(street: Street, shop: MedusaStorefront) -> None:
    sku = street.goods(units=10)
    street.buy({sku: 3})
    seen = await seen_of(shop, street.id_of(sku))
    assert (seen.available, seen.committed) == (7, 3)


async def test_the_shop_sells_what_was_set_though_units_are_reserved(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    street.buy({sku: 3})
    assert await set_one(shop, street.id_of(sku), 5) == Done(street.id_of(sku), 5)
    assert staff.stock(sku) == (8, 3)


async def test_an_order_between_reading_and_writing_is_not_sold_again(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    seen = await seen_of(shop, street.id_of(sku))
    street.buy({sku: 4})
    assert await set_one(shop, street.id_of(sku), 5, seen) == Done(street.id_of(sku), 1)
    assert staff.saleable(sku) == 1


async def test_less_than_is_reserved_since_is_written_and_told(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    """The shop accepts a stock below what is reserved (trap 6); it then sells nothing."""
    sku = street.goods(units=10)
    seen = await seen_of(shop, street.id_of(sku))
    street.buy({sku: 4})
    assert await set_one(shop, street.id_of(sku), 0, seen) == Done(street.id_of(sku), -4)
    assert staff.stock(sku) == (0, 4)


async def test_an_own_shipment_between_reading_and_writing_is_reckoned_with(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    seen = await seen_of(shop, street.id_of(sku))
    street.buy({sku: 1})
    await shop.confirm_shipment(shipment(order, ("T1", 3)), Deadline.after(30))
    assert await set_one(shop, street.id_of(sku), 5, seen) == Done(street.id_of(sku), 4)
    assert staff.stock(sku) == (5, 1)


async def test_an_own_cancellation_between_reading_and_writing_is_reckoned_with(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    seen = await seen_of(shop, street.id_of(sku))
    left = CancelLines(order.external_id, ((order.lines[0].external_id, 0),), "x")
    assert isinstance(await shop.cancel_lines(left, Deadline.after(30)), Done)
    street.buy({sku: 4})
    assert await set_one(shop, street.id_of(sku), 5, seen) == Done(street.id_of(sku), 1)
    assert staff.stock(sku) == (5, 4)


async def test_what_an_earlier_process_saw_is_read_again_where_units_left_since(
    street: Street, shop: MedusaStorefront
) -> None:
    sku = street.goods(units=10)
    order = await order_of(shop, street.buy({sku: 3}))
    earlier = street.connector()
    seen = await seen_of(earlier, street.id_of(sku))
    await earlier.confirm_shipment(shipment(order, ("T1", 3)), Deadline.after(30))
    await earlier.close()
    assert isinstance(await set_one(shop, street.id_of(sku), 5, seen), Retry)


async def test_stock_that_staff_moved_meanwhile_is_decided_again(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods(units=10)
    seen = await seen_of(shop, street.id_of(sku))
    staff.level(sku, street.keys.locations[0], 9)
    assert isinstance(await set_one(shop, street.id_of(sku), 5, seen), Retry)
    assert staff.stock(sku) == (9, 0)


async def test_zero_is_set_and_echoed(street: Street, shop: MedusaStorefront, staff: Staff) -> None:
    sku = street.goods(units=10)
    assert await set_one(shop, street.id_of(sku), 0) == Done(street.id_of(sku), 0)
    assert staff.saleable(sku) == 0


async def test_a_location_without_a_level_gets_one(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    """An update there would be 404 and roll the batch back (trap 5)."""
    new, old = street.goods(), street.goods()
    second = street.keys.locations[1]
    staff.level(old, second, 1)
    batch = [SetQuantity(street.id_of(sku), 6, second) for sku in (new, old)]
    outcomes = await shop.set_quantities(batch, Deadline.after(30))
    assert outcomes == {street.id_of(sku): Done(street.id_of(sku), 6) for sku in (new, old)}
    assert [staff.levels(sku)[second] for sku in (new, old)] == [(6, 0), (6, 0)]


async def test_the_location_may_be_named_and_others_are_left_alone(street: Street, staff: Staff) -> None:
    sku = street.goods(units=10)
    shop = street.connector(location="Second WH")
    assert (await seen_of(shop, street.id_of(sku))).available == 0
    assert await set_one(shop, street.id_of(sku), 4) == Done(street.id_of(sku), 4)
    first, second = street.keys.locations
    assert staff.levels(sku) == {first: (10, 0), second: (4, 0)}
    await shop.close()


async def test_without_the_option_the_oldest_location_is_written(street: Street, staff: Staff) -> None:
    sku = street.goods(units=10)
    shop = street.connector(location=None)
    assert await set_one(shop, street.id_of(sku), 4) == Done(street.id_of(sku), 4)
    assert staff.stock(sku) == (4, 0)
    await shop.close()


async def test_stock_that_is_not_managed_has_no_quantity(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = new_sku()
    staff.add_product(sku, manage_inventory=False)
    outcome = await set_one(shop, street.id_of(sku), 2)
    assert isinstance(outcome, Rejected)
    assert "does not manage this variant's stock" in outcome.reason
    assert await shop.quantities([street.id_of(sku)], Deadline.after(30)) == {street.id_of(sku): outcome}


async def test_a_negative_quantity_never_reaches_the_shop(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line
) -> None:
    sku = street.goods(units=10)
    outcome = await set_one(shop, street.id_of(sku), -1)
    assert isinstance(outcome, Rejected)
    assert "0 or more" in outcome.reason
    assert (line.count(BATCH), staff.stock(sku)) == (0, (10, 0))


async def test_a_quantity_beyond_the_shop_s_numbers_is_rejected(
    street: Street, shop: MedusaStorefront
) -> None:
    outcome = await set_one(shop, street.id_of(street.goods()), 2**53)
    assert isinstance(outcome, Rejected)
    assert "more than the shop can hold" in outcome.reason


async def test_one_unknown_variant_does_not_stop_the_others(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    skus = [street.goods() for _ in range(4)]
    ids = [street.id_of(sku) for sku in skus]
    batch = [SetQuantity(variant, 3) for variant in [*ids[:2], "variant_x", *ids[2:]]]
    outcomes = await shop.set_quantities(batch, soon)
    assert {variant: outcomes[variant] for variant in ids} == {v: Done(v, 3) for v in ids}
    missing = outcomes["variant_x"]
    assert isinstance(missing, Rejected)
    assert "no variant variant_x" in missing.reason
    assert [staff.saleable(sku) for sku in skus] == [3, 3, 3, 3]


@pytest.mark.parametrize("fault", [REFUSED, TOO_LARGE, FAILED_INSIDE])
async def test_a_batch_that_the_shop_refuses_or_fails_at_is_halved(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line, soon: Deadline, fault: object
) -> None:
    skus = [street.goods() for _ in range(4)]
    ids = [street.id_of(sku) for sku in skus]
    line.fail(BATCH, fault, times=3)  # type: ignore[arg-type]
    outcomes = await shop.set_quantities([SetQuantity(variant, 3) for variant in ids], soon)
    assert [isinstance(outcomes[variant], Done) for variant in ids] == [False, True, True, True]
    bad = outcomes[ids[0]]
    assert isinstance(bad, Rejected | Retry)
    assert "jane" not in bad.reason
    assert [staff.saleable(sku) for sku in skus] == [10, 3, 3, 3]


async def test_large_batches_go_in_portions(street: Street, shop: MedusaStorefront, line: Line) -> None:
    variant = street.id_of(street.goods())
    batch = [SetQuantity(variant, 3), *(SetQuantity(f"variant_{n:08d}", 1) for n in range(220))]
    outcomes = await shop.set_quantities(batch, Deadline.after(60))
    assert len(outcomes) == 221
    assert outcomes[variant] == Done(variant, 3)
    assert line.count("GET /admin/product-variants") == 5


async def test_a_write_without_answer_is_sent_again_as_it_is_absolute(
    street: Street, shop: MedusaStorefront, staff: Staff, line: Line
) -> None:
    sku = street.goods()
    line.fail(BATCH, lost_after)
    assert await set_one(shop, street.id_of(sku), 3) == Done(street.id_of(sku), 3)
    assert staff.saleable(sku) == 3


async def test_a_write_that_never_gets_an_answer_is_unknown(
    street: Street, shop: MedusaStorefront, line: Line
) -> None:
    sku = street.goods()
    line.fail(BATCH, lost_after, times=3)
    assert isinstance(await set_one(shop, street.id_of(sku), 3), Unknown)


async def test_an_answer_that_leaves_an_item_out_is_unknown(
    street: Street, shop: MedusaStorefront, line: Line
) -> None:
    sku = street.goods()
    line.fail(BATCH, answering(200, '{"created":[],"updated":[]}'))
    outcome = await set_one(shop, street.id_of(sku), 3)
    assert isinstance(outcome, Unknown)
    assert "leaves it out" in outcome.reason


async def test_stock_of_another_shape_is_read_again_and_the_others_go_on(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    odd = '{"variants":[{"id":"variant_odd","manage_inventory":"yes"}]}'
    line.fail("GET /admin/product-variants", answering(200, odd))
    outcomes = await shop.quantities(["variant_odd", "variant_none"], soon)
    retry = outcomes["variant_odd"]
    assert isinstance(retry, Retry)
    assert "manage_inventory" in retry.reason
    assert isinstance(outcomes["variant_none"], Rejected)


async def test_a_shop_that_is_away_is_told_before_anything_is_sent(
    street: Street, shop: MedusaStorefront, line: Line
) -> None:
    variant = street.id_of(street.goods())
    await seen_of(shop, variant)
    line.fail("GET /admin/product-variants", no_connection, times=3)
    with pytest.raises(Unavailable):
        await set_one(shop, variant, 3)


async def test_confirming_and_setting_side_by_side_never_sell_a_unit_twice(
    street: Street, shop: MedusaStorefront, staff: Staff
) -> None:
    sku = street.goods(units=20)
    orders = [await order_of(shop, street.buy({sku: 2})) for _ in range(3)]
    variant = street.id_of(sku)
    await asyncio.gather(
        *(shop.confirm_shipment(shipment(o, (f"T-{o.number}", 2)), Deadline.after(30)) for o in orders),
        *(set_one(shop, variant, 5) for _ in range(3)),
    )
    assert await set_one(shop, variant, 5) == Done(variant, 5)
    assert staff.stock(sku) == (5, 0)
