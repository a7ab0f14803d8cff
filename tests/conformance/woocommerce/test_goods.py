"""Products and variations: the feed, quantities, prices, the switch and content, by the batch routes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.contract import (
    Deadline,
    Done,
    PutListing,
    Rejected,
    Retry,
    SetPrice,
    SetPublished,
    SetQuantity,
    Unknown,
)
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street
from sync.domain.listing import RemoteVariant, StockSeen

from .conftest import later, new_line, new_sku, opened
from .line import PHP_FATAL, WEB_SERVER_TOO_LARGE, Line, answering, at_most, lost_after


def goods(street: Street, units: int | None = 10, **fields: object) -> str:
    return str(street.staff.add_product(new_sku(), units=units, **fields))


def variations(street: Street, number: int = 2, units: int | None = 5) -> list[str]:
    sku = new_sku()
    parent, made = street.staff.add_variable(sku, {f"{sku}-{n}": "12.00" for n in range(number)}, units=units)
    return [f"{parent}:{id}" for id in made.values()]


def stock(street: Street, variant: str) -> int | None:
    found = street.staff.get(f"products/{variant.rsplit(':', maxsplit=1)[-1]}")["stock_quantity"]
    return None if found is None else int(found)


def code(outcome: object) -> str:
    assert isinstance(outcome, Rejected), outcome
    return outcome.code


async def swept(
    shop: WooCommerceStorefront, cursor: str | None = None
) -> tuple[dict[str, RemoteVariant], str | None]:
    found: dict[str, RemoteVariant] = {}
    while True:
        page = await shop.products(cursor, Deadline.after(30))
        assert not page.broken
        found |= {variant.external_id: variant for variant in page.records}
        cursor = page.cursor or cursor
        if page.complete:
            return found, cursor


# --- the feed ---------------------------------------------------------------------------------------------


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


# --- quantities -------------------------------------------------------------------------------------------


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


# --- prices -----------------------------------------------------------------------------------------------


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


# --- the switch -------------------------------------------------------------------------------------------


async def test_a_product_is_taken_down_and_put_up_again(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple = goods(street)
    assert await shop.set_published([SetPublished(simple, False)], soon) == {simple: Done(simple, False)}
    assert street.staff.get(f"products/{simple}")["status"] == "draft"
    named = f"product:{simple}"
    assert await shop.set_published([SetPublished(named, True)], soon) == {named: Done(named, True)}


async def test_a_variation_is_taken_down_alone(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    small, large = variations(street)
    assert await shop.set_published([SetPublished(small, False)], soon) == {small: Done(small, False)}
    found, _ = await swept(shop)
    assert (found[small].published, found[large].published) == (False, True)


# --- content ----------------------------------------------------------------------------------------------


def listing(
    key: str, external_id: str | None = None, pictures: Sequence[str] = (), **other: object
) -> PutListing:
    return PutListing(key, external_id, f"Goods {key}", "<p>soft</p>", pictures=tuple(pictures), **other)  # type: ignore[arg-type]


async def test_a_new_listing_is_made_once_as_a_draft(
    street: Street, shop: WooCommerceStorefront, line: Line, soon: Deadline
) -> None:
    sku = new_sku()
    line.fail("POST", lost_after)
    lost = await shop.put_listings([listing(sku, price=Decimal("9.90"), currency="USD")], soon)
    assert isinstance(lost[sku], Unknown)
    again = await shop.put_listings([listing(sku, price=Decimal("9.90"), currency="USD")], soon)
    (shown,) = street.staff.get("products", sku=sku)
    assert again == {sku: Done(str(shown["id"]), str(shown["id"]))}
    assert (shown["status"], shown["manage_stock"], shown["regular_price"]) == ("draft", True, "9.90")


async def test_a_listing_is_described_and_its_pictures_are_fetched_once(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple = goods(street)
    pictures = ["https://pictures.example/a.jpg", "https://pictures.example/b.jpg"]
    await shop.put_listings([listing("k", simple, pictures)], soon)
    first = street.staff.get(f"products/{simple}")
    await shop.put_listings([listing("k", simple, reversed(pictures))], soon)  # type: ignore[arg-type]
    second = street.staff.get(f"products/{simple}")
    assert first["description"].strip() == "<p>soft</p>"
    assert [each["id"] for each in second["images"]] == [each["id"] for each in reversed(first["images"])]


async def test_a_variation_is_described_by_way_of_its_product(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    small, _ = variations(street)
    assert await shop.put_listings([listing("k", small)], soon) == {"k": Done(small, small)}
    whole = f"product:{small.split(':')[0]}"
    assert await shop.put_listings([listing("k", whole)], soon) == {"k": Done(whole, whole)}
    assert "soft" in street.staff.get(f"products/{small.split(':')[1]}")["description"]


async def test_a_sku_that_a_product_in_the_trash_holds_is_told_with_what_to_do(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    id = street.staff.add_product(sku)
    street.staff.delete(f"products/{id}")
    refused = (await shop.put_listings([listing(sku)], soon))[sku]
    assert isinstance(refused, Rejected) and "in the trash" in refused.reason


async def test_a_sku_that_differs_by_case_only_is_the_same_to_the_shop(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    street.staff.add_product(sku)
    refused = (await shop.put_listings([listing(sku.lower())], soon))[sku.lower()]
    assert code(refused) == "DUPLICATE"


async def test_the_sku_0_is_no_filter_and_finds_no_other_product(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    other = goods(street)
    done = (await shop.put_listings([listing("0")], soon))["0"]
    assert not (isinstance(done, Done) and done.external_id == other)


async def test_a_picture_that_is_a_file_is_refused(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    assert code((await shop.put_listings([listing("k", None, ["mug.jpg"])], soon))["k"]) == "PICTURE"


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
