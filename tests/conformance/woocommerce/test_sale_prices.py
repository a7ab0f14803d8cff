"""Prices and sale prices with their period, and what the shop would make of others without a word."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from connectors.contract import Deadline, Done, SetPrice
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street

from .line import Line, answering
from .shelves import code, goods, variations


def sale(variant: str, begin: datetime | None = None, end: datetime | None = None) -> SetPrice:
    return SetPrice(variant, Decimal("8.00"), "USD", Decimal("10.00"), begin, end)


async def test_a_sale_price_comes_with_its_period_in_gmt(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple, (small, _) = goods(street), variations(street)
    begin, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)
    done = await shop.set_prices([sale(simple, begin, end), sale(small, begin, end)], soon)
    assert done == {simple: Done(simple, Decimal("8.00")), small: Done(small, Decimal("8.00"))}
    for each in (simple, small):
        shown = street.staff.get(f"products/{each.split(':')[-1]}")
        assert (shown["regular_price"], shown["sale_price"], shown["on_sale"]) == ("10.00", "8.00", True)
        assert shown["date_on_sale_from_gmt"] == "2026-03-01T00:00:00"
        assert shown["date_on_sale_to_gmt"] == "2026-03-09T12:00:00"


async def test_a_plain_price_ends_a_sale(street: Street, shop: WooCommerceStorefront, soon: Deadline) -> None:
    simple = goods(street)
    await shop.set_prices([sale(simple, datetime(2026, 3, 1, tzinfo=UTC))], soon)
    await shop.set_prices([SetPrice(simple, Decimal("9.50"), "USD")], soon)
    shown = street.staff.get(f"products/{simple}")
    assert (shown["price"], shown["sale_price"], shown["date_on_sale_from_gmt"]) == ("9.50", "", None)


async def test_a_sale_price_that_the_shop_would_drop_is_refused(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    simple = goods(street)
    done = await shop.set_prices([SetPrice(simple, Decimal(12), "USD", Decimal(10))], soon)
    assert code(done[simple]) == "NOT_ABOVE"
    assert line.count("POST") == 0


async def test_a_price_in_another_currency_is_refused(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple = goods(street)
    assert code((await shop.set_prices([SetPrice(simple, Decimal(1), "EUR")], soon))[simple]) == "CURRENCY"


async def test_a_sale_without_a_period_does_not_keep_that_of_an_earlier_one(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    """null is to WordPress as if the field were not there: an old end would end the new sale too."""
    simple, (small, _) = goods(street), variations(street)
    past = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC))
    await shop.set_prices([sale(simple, *past), sale(small, *past)], soon)
    assert not street.staff.get(f"products/{simple}")["on_sale"]
    done = await shop.set_prices([sale(simple), sale(small)], soon)
    assert done == {simple: Done(simple, Decimal("8.00")), small: Done(small, Decimal("8.00"))}
    for each in (simple, small):
        shown = street.staff.get(f"products/{each.split(':')[-1]}")
        assert (shown["price"], shown["on_sale"], shown["date_on_sale_to_gmt"]) == ("8.00", True, None)


async def test_a_shop_that_keeps_the_period_of_an_earlier_sale_is_told(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    simple = goods(street)
    kept = {"id": int(simple), "regular_price": "10.00", "sale_price": "8.00"}
    kept |= {"date_on_sale_to_gmt": "2026-01-09T00:00:00"}
    line.fail("POST", answering(200, json.dumps({"update": [kept]})))
    assert code((await shop.set_prices([sale(simple)], soon))[simple]) == "PERIOD_KEPT"
