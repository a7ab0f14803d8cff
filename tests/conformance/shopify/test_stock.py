"""Quantities: compared and set, location by location."""

import pytest

from connectors.contract import Deadline, Done, Refused, Rejected, Retry, SetQuantity
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.storefront.shopify.builder import Street
from sync.domain.listing import StockSeen
from tests.conformance.shopify.conftest import HERE, THERE, Staff, new_sku, opened
from tests.conformance.shopify.line import Line, failing, lost_after, meanwhile


async def test_an_order_takes_the_available_figure_down(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    variant = street.goods(sku, {"1": 10})
    street.buy({sku: 3})
    assert await shop.quantities([variant], soon) == {variant: Done(variant, StockSeen(7))}


async def test_a_quantity_is_set_against_the_figure_that_was_seen(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    variant = street.goods(new_sku(), {"1": 10})
    outcomes = await shop.set_quantities([SetQuantity(variant, 4, seen=StockSeen(10))], soon)
    assert outcomes == {variant: Done(variant, 4)}
    assert staff.available(variant) == 4


async def test_an_order_between_reading_and_writing_is_not_sold_again(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    """The shop compares it itself: `changeFromQuantity`."""
    sku, other = new_sku(), new_sku()
    variant, second = street.goods(sku, {"1": 10}), street.goods(other, {"1": 10})
    line.fail("mutation SetStock", meanwhile(lambda: street.buy({sku: 2})))
    outcomes = await shop.set_quantities([SetQuantity(variant, 9), SetQuantity(second, 6)], soon)
    assert isinstance(outcomes[variant], Retry)
    assert outcomes[second] == Done(second, 6)
    assert (staff.available(variant), staff.available(second)) == (8, 6)


async def test_a_figure_that_moved_before_is_not_written_at_all(
    street: Street, shop: ShopifyStorefront, line: Line, soon: Deadline
) -> None:
    sku = new_sku()
    variant = street.goods(sku, {"1": 10})
    street.buy({sku: 1})
    outcome = (await shop.set_quantities([SetQuantity(variant, 9, seen=StockSeen(10))], soon))[variant]
    assert isinstance(outcome, Retry)
    assert "sells 9 now" in outcome.reason
    assert line.asked("mutation SetStock") == []


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    variant = street.goods(new_sku(), {"1": 10})
    line.fail("mutation SetStock", lost_after)
    assert await shop.set_quantities([SetQuantity(variant, 3)], soon) == {variant: Done(variant, 3)}
    first, second = line.asked("mutation SetStock")
    assert first["key"] == second["key"]
    assert staff.available(variant) == 3


async def test_a_lost_answer_whose_key_the_shop_forgot_is_decided_again_and_not_counted_twice(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    """Shopify forgets keys after a day; what was seen is compared all the same. Two units were sold in between."""
    sku = new_sku()
    variant = street.goods(sku, {"1": 10})

    def later() -> None:
        street.walk("levers", forget_keys=True)
        street.buy({sku: 2})

    line.fail("mutation SetStock", lost_after)
    line.fail("mutation SetStock", meanwhile(later))
    outcome = (await shop.set_quantities([SetQuantity(variant, 5)], soon))[variant]
    assert isinstance(outcome, Retry)
    assert staff.available(variant) == 3
    first, second = line.asked("mutation SetStock")
    assert first == second


async def test_a_level_that_was_made_though_its_answer_was_lost_and_its_key_forgotten_is_read_again(
    street: Street, staff: Staff, line: Line, soon: Deadline
) -> None:
    variant = street.goods(new_sku(), {"1": 10})
    shop = opened(street, line, locations=["Second WH"])
    line.fail("mutation ActivateStock", lost_after)
    line.fail("mutation ActivateStock", meanwhile(lambda: street.walk("levers", forget_keys=True)))
    outcome = (await shop.set_quantities([SetQuantity(variant, 5)], soon))[variant]
    assert isinstance(outcome, Retry)
    assert (await shop.set_quantities([SetQuantity(variant, 5)], soon))[variant] == Done(variant, 5)
    assert staff.available(variant, THERE) == 5
    await shop.close()


async def test_the_same_figure_later_is_another_write(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    """A key that was used before would be answered with the first result, and change nothing."""
    variant = street.goods(new_sku(), {"1": 10})
    for figure in (3, 8, 3):
        assert await shop.set_quantities([SetQuantity(variant, figure)], soon) == {
            variant: Done(variant, figure)
        }
    assert staff.available(variant) == 3
    assert len({each["key"] for each in line.asked("mutation SetStock")}) == 3


async def test_a_location_that_never_had_the_item_gets_it(
    street: Street, staff: Staff, soon: Deadline
) -> None:
    variant = street.goods(new_sku(), {"1": 10})
    shop = opened(street, locations=["Second WH"])
    assert await shop.quantities([variant], soon) == {variant: Done(variant, StockSeen(0))}
    assert await shop.set_quantities([SetQuantity(variant, 5)], soon) == {variant: Done(variant, 5)}
    assert (staff.available(variant, HERE), staff.available(variant, THERE)) == (10, 5)
    await shop.close()


async def test_each_location_has_a_quantity_of_its_own(street: Street, staff: Staff, soon: Deadline) -> None:
    variant = street.goods(new_sku(), {"1": 10, "2": 20})
    shop = opened(street, locations=["Main WH", "Second WH"])
    await shop.set_quantities([SetQuantity(variant, 7, location="Second WH")], soon)
    await shop.set_quantities([SetQuantity(variant, 6)], soon)
    assert (staff.available(variant, HERE), staff.available(variant, THERE)) == (6, 7)
    await shop.close()


async def test_a_location_that_is_not_ours_is_not_written(street: Street, soon: Deadline) -> None:
    variant = street.goods(new_sku(), {"1": 10, "2": 20})
    shop = opened(street, locations=["Main WH"])
    with pytest.raises(Refused, match="not one of ours"):
        await shop.set_quantities([SetQuantity(variant, 7, location="Second WH")], soon)
    await shop.close()


async def test_a_location_that_the_shop_has_not_is_named(street: Street, soon: Deadline) -> None:
    shop = opened(street, locations=["Third WH"])
    with pytest.raises(Refused, match="there are: 'Main WH', 'Second WH'"):
        await shop.quantities([], soon)
    await shop.close()


async def test_an_untracked_item_and_one_that_is_not_there_are_rejected(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    untracked = street.goods(new_sku(), {"1": 10}, tracked=False)
    missing = "gid://shopify/ProductVariant/987654321"
    outcomes = await shop.set_quantities([SetQuantity(v, 1) for v in (untracked, missing, "17")], soon)
    codes = [outcome.code for outcome in outcomes.values() if isinstance(outcome, Rejected)]
    assert codes == ["NOT_TRACKED", "NOT_FOUND", "NOT_FOUND"]


async def test_a_write_that_the_shop_refuses_whole_rejects_its_items(
    street: Street, shop: ShopifyStorefront, line: Line, soon: Deadline
) -> None:
    variant = street.goods(new_sku(), {"1": 10})
    line.fail("mutation SetStock", failing("ACCESS_DENIED"))
    outcome = (await shop.set_quantities([SetQuantity(variant, 1)], soon))[variant]
    assert isinstance(outcome, Rejected)
