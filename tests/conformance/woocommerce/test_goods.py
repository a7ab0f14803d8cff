"""The feed of products and variations, and what the shop tells of its money."""

from decimal import Decimal

import pytest

from connectors.contract import Deadline, Done, Rejected, SetPrice
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street

from .conftest import later, new_line, opened
from .line import Line, answering
from .shelves import code, goods, swept, variations


async def test_products_and_variations_come_as_one_feed(street: Street, shop: WooCommerceStorefront) -> None:
    simple, (small, large) = goods(street), variations(street)
    found, _ = await swept(shop)
    assert {simple, small, large} <= set(found)
    assert found[small].product_external_id == f"product:{small.split(':')[0]}"
    assert small.split(":")[0] not in found
    assert (found[small].price, found[small].available, found[small].currency) == (Decimal("12.00"), 5, "USD")


async def test_names_come_without_html_entities(street: Street, shop: WooCommerceStorefront) -> None:
    """The shop makes `&amp;` of `&`, and backslashes vanish."""
    simple = goods(street, name="Tea & Co\\")
    found, _ = await swept(shop)
    assert found[simple].title == "Tea & Co"


async def test_variations_without_a_sku_of_their_own_are_not_all_of_their_product_s(
    street: Street, shop: WooCommerceStorefront
) -> None:
    """The shop shows the product's in its place."""
    small, large = variations(street)
    parent, id = small.split(":")
    street.staff.put(f"products/{parent}/variations/{id}", {"sku": ""})
    assert street.staff.get(f"products/{id}")["sku"] == street.staff.get(f"products/{parent}")["sku"] != ""
    found, _ = await swept(shop)
    assert found[small].sku is None and found[large].sku


async def test_a_round_brings_what_changed(street: Street, shop: WooCommerceStorefront) -> None:
    simple = goods(street)
    later(street, 500)
    _, cursor = await swept(shop)
    later(street, 500)
    _, cursor = await swept(shop, cursor)
    street.staff.put(f"products/{simple}", {"name": "Renamed"})
    later(street, 5)
    found, _ = await swept(shop, cursor)
    assert [(id, each.title) for id, each in found.items()] == [(simple, "Renamed")]


async def test_products_that_are_deleted_while_the_pages_are_read_hide_no_other(
    street: Street, shop: WooCommerceStorefront
) -> None:
    made = [goods(street) for _ in range(14)]
    cursor, found, gone = None, set[str](), made[:4]
    for n in range(100):
        page = await shop.products(cursor, Deadline.after(30))
        found |= {variant.external_id for variant in page.records}
        cursor = page.cursor
        if n == len(found) // 5 and gone and gone[0] in found:
            street.staff.delete(f"products/{gone.pop(0)}", force=True)
        if page.complete:
            break
    assert set(made) <= found


async def test_grouped_and_external_products_are_left_out(
    street: Street, shop: WooCommerceStorefront
) -> None:
    grouped, external = goods(street, type="grouped"), goods(street, type="external")
    found, _ = await swept(shop)
    assert not {grouped, external} & set(found)


async def test_the_shop_s_currency_and_taxes_are_read_from_its_settings_at_each_sweep(
    street: Street, line: Line, soon: Deadline
) -> None:
    simple = goods(street)
    shop = opened(street, line, currency=None)
    assert isinstance((await shop.set_prices([SetPrice(simple, Decimal(1), "USD")], soon))[simple], Done)
    found, _ = await swept(shop)
    assert (found[simple].currency, found[simple].price_includes_tax) == ("USD", False)
    assert line.count("settings/general/woocommerce_currency") == 2


async def test_a_shop_that_hides_its_settings_is_answered_for_by_the_option(
    street: Street, line: Line, soon: Deadline
) -> None:
    hidden = answering(404, '{"code":"rest_setting_setting_invalid","message":"Invalid setting."}')
    line.fail("settings/", hidden, times=4)
    simple = goods(street)
    silent = opened(street, line, currency=None)
    assert code((await silent.set_prices([SetPrice(simple, Decimal(1), "USD")], soon))[simple]) == "CURRENCY"
    told = opened(street, new_line(street))
    assert isinstance((await told.set_prices([SetPrice(simple, Decimal(1), "USD")], soon))[simple], Done)


@pytest.mark.parametrize("name", ["", "0", "12:", "a:b"])
async def test_names_that_name_nothing_are_refused(
    shop: WooCommerceStorefront, name: str, soon: Deadline
) -> None:
    assert isinstance((await shop.quantities([name], soon))[name], Rejected)
