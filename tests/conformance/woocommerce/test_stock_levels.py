"""Quantities by the batch routes: what is written, what the shop would drop, and what it takes at once."""

from connectors.contract import Deadline, Done, Rejected, Retry, SetQuantity
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street
from sync.domain.listing import StockSeen

from .conftest import new_sku
from .line import PHP_FATAL, WEB_SERVER_TOO_LARGE, Line, at_most, lost_after
from .shelves import code, goods, stock, swept, variations


async def test_quantities_are_written_and_the_shop_s_answer_is_told(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple, (small, _) = goods(street), variations(street)
    done = await shop.set_quantities([SetQuantity(simple, 4), SetQuantity(small, 7)], soon)
    assert done == {simple: Done(simple, 4), small: Done(small, 7)}
    assert (stock(street, simple), stock(street, small)) == (4, 7)


async def test_quantities_of_many_go_by_a_hundred_and_by_product(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    many = [goods(street) for _ in range(130)]
    children = [*variations(street, 3), *variations(street, 2)]
    done = await shop.set_quantities([SetQuantity(each, 3) for each in [*many, *children]], soon)
    assert all(isinstance(outcome, Done) for outcome in done.values())
    assert line.count("POST") == 2 + 1 + 1


async def test_a_quantity_of_what_is_not_counted_is_refused_in_words(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    """The shop answers 200 and drops it."""
    simple = goods(street, units=None)
    done = await shop.set_quantities([SetQuantity(simple, 4)], soon)
    assert code(done[simple]) == "NOT_MANAGED"
    assert line.count("POST") == 0


async def test_a_variation_that_uses_its_product_s_stock_is_refused_in_words(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """`manage_stock` is then the text "parent", and a write has no effect."""
    (small, _) = variations(street, units=None)
    assert code((await shop.set_quantities([SetQuantity(small, 4)], soon))[small]) == "STOCK_OF_PARENT"
    assert code((await shop.quantities([small], soon))[small]) == "STOCK_OF_PARENT"
    found, _ = await swept(shop)
    assert found[small].available == 10


async def test_units_sold_since_they_were_seen_are_not_sold_twice(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    simple = str(street.staff.add_product(sku, units=10))
    seen = (await shop.quantities([simple], soon))[simple]
    assert seen == Done(simple, StockSeen(10))
    street.staff.buy({sku: 3})
    done = await shop.set_quantities([SetQuantity(simple, 8, seen=StockSeen(10))], soon)
    assert isinstance(done[simple], Retry)
    assert stock(street, simple) == 7


async def test_an_oversold_product_shows_less_than_nothing(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    simple = str(street.staff.add_product(sku, units=1))
    street.staff.buy({sku: 4})
    assert await shop.quantities([simple], soon) == {simple: Done(simple, StockSeen(-3))}


async def test_what_is_not_there_is_refused_and_stops_no_other(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple = goods(street)
    names = ["99999999", "99999998:99999999", "no-name", simple]
    done = await shop.set_quantities([SetQuantity(name, 4) for name in names], soon)
    assert [isinstance(done[name], Rejected) for name in names] == [True, True, True, False]


async def test_a_shop_that_takes_fewer_items_gets_smaller_batches_from_then_on(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    """413, and nothing of it was done."""
    many = [goods(street) for _ in range(20)]
    line.fail("POST", at_most(10), times=50)
    done = await shop.set_quantities([SetQuantity(each, 3) for each in many], soon)
    assert all(isinstance(outcome, Done) for outcome in done.values())
    assert line.count("POST") == 3
    await shop.set_quantities([SetQuantity(each, 2) for each in many], soon)
    assert line.count("POST") == 5


async def test_a_web_server_that_finds_a_body_too_large_gets_smaller_ones(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    many = [goods(street) for _ in range(6)]
    line.fail("POST", WEB_SERVER_TOO_LARGE)
    done = await shop.set_quantities([SetQuantity(each, 3) for each in many], soon)
    assert all(isinstance(outcome, Done) for outcome in done.values())


async def test_a_batch_that_makes_the_shop_fail_inside_is_narrowed_down(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    bad, good = goods(street), goods(street)
    line.fail(f'"id":{bad},', PHP_FATAL, times=2)
    done = await shop.set_quantities([SetQuantity(bad, 3), SetQuantity(good, 3)], soon)
    assert isinstance(done[bad], Retry)
    assert done[good] == Done(good, 3)
    assert "jane@example.com" not in str(done)


async def test_a_lost_answer_to_an_absolute_write_is_asked_for_again(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    simple = goods(street)
    line.fail("POST", lost_after)
    assert await shop.set_quantities([SetQuantity(simple, 3)], soon) == {simple: Done(simple, 3)}
