"""The feed of variants, by page and by bulk operation; the switch, prices and content."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.contract import (
    Deadline,
    Done,
    PutListing,
    Refused,
    Rejected,
    Retry,
    SetPrice,
    SetPublished,
)
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.storefront.shopify.builder import Street
from sync.domain.listing import RemoteVariant
from tests.conformance.shopify.conftest import HERE, Staff, new_sku, opened
from tests.conformance.shopify.line import Line, failing, lost_after

LISTED = """query($id: ID!) { productVariant(id: $id) { sku price compareAtPrice
  product { id title descriptionHtml status handle media(first: 20) { nodes { id } } } } }"""


async def sweep(
    shop: ShopifyStorefront, cursor: str | None = None
) -> tuple[dict[str, RemoteVariant], str, int]:
    """Every variant by id, where to go on, and how many were given out."""
    found: dict[str, RemoteVariant] = {}
    given = 0
    while True:
        page = await shop.products(cursor, Deadline.after(30))
        found |= {variant.external_id: variant for variant in page.records}
        given += len(page.records)
        assert page.broken == ()
        assert page.cursor is not None
        cursor = page.cursor
        if page.complete:
            return found, cursor, given


def listing(staff: Staff, variant: str) -> dict[str, object]:
    found: dict[str, object] = staff.ask(LISTED, id=variant)["productVariant"]
    return found


async def test_a_sweep_gives_every_variant_once(street: Street, shop: ShopifyStorefront) -> None:
    ids = {street.goods(new_sku()) for _ in range(12)}
    found, _, given = await sweep(shop)
    assert ids <= set(found)
    assert given == len(found)


async def test_a_variant_shows_its_price_and_what_is_for_sale_here(
    street: Street, shop: ShopifyStorefront
) -> None:
    sku = new_sku()
    variant = street.goods(sku, {"1": 10, "2": 90}, price="12.34")
    street.buy({sku: 4})
    found = (await sweep(shop))[0][variant]
    assert (found.sku, found.price, found.currency) == (sku, Decimal("12.34"), "EUR")
    assert (found.available, found.location, found.published) == (6, HERE, True)
    assert found.price_includes_tax is True


async def test_a_round_brings_what_changed(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    variant = street.goods(new_sku())
    _, cursor, _ = await sweep(shop)
    staff.ask(
        "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }",
        p={"id": listing(staff, variant)["product"]["id"], "title": "Renamed"},  # type: ignore[index]
    )
    found, _, _ = await sweep(shop, cursor)
    assert found[variant].product_title == "Renamed"


@pytest.mark.parametrize("lever", ["run", "partial", "fail"])
async def test_a_large_shop_s_sweep_is_a_bulk_operation_and_whole_however_that_ends(
    street: Street, line: Line, lever: str
) -> None:
    ids = {street.goods(new_sku()) for _ in range(8)}
    street.walk("levers", bulk=lever)
    shop = opened(street, line, bulk_from=2)
    try:
        found, _, _ = await sweep(shop)
    finally:
        street.walk("levers", bulk="run")
    assert ids <= set(found)
    assert len(line.asked("mutation RunBulk")) == 1
    assert (len(line.asked("query Variants(")) == 1) is (lever == "run")
    plain = opened(street)
    for variant, told in (await sweep(plain))[0].items():
        assert replace(found[variant], raw=b"") == replace(told, raw=b"")
    await plain.close()
    await shop.close()


async def test_a_bulk_operation_whose_answer_was_lost_is_taken_up(street: Street, line: Line) -> None:
    street.goods(new_sku())
    street.walk("levers", bulk_seconds=0.5)
    line.fail("mutation RunBulk", lost_after)
    shop = opened(street, line, bulk_from=1)
    try:
        found, _, _ = await sweep(shop)
    finally:
        street.walk("levers", bulk_seconds=0)
        await shop.close()
    assert found
    assert len(line.asked("mutation RunBulk")) == 1
    assert len(line.asked("query Variants(")) == 1


async def test_where_no_bulk_operation_can_run_the_sweep_goes_page_by_page(
    street: Street, line: Line
) -> None:
    variant = street.goods(new_sku())
    line.fail("mutation RunBulk", failing("ACCESS_DENIED"))
    shop = opened(street, line, bulk_from=1)
    assert variant in (await sweep(shop))[0]
    await shop.close()


async def test_prices_are_written_once_for_each_product(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    rows = [{"sku": new_sku(), "option": size, "units": {"1": 1}} for size in ("S", "M", "L")]
    made = street.walk("products", title="Shirt", variants=rows)["variants"]
    variants = [each["variant"] for each in made] + [street.goods(new_sku(), compare_at="99.00")]
    batch = [
        SetPrice(variant, Decimal("8.50"), "EUR", compare_at=Decimal("10.00")) for variant in variants[:3]
    ]
    outcomes = await shop.set_prices([*batch, SetPrice(variants[3], Decimal("7.00"), "EUR")], soon)
    assert all(isinstance(outcome, Done) for outcome in outcomes.values())
    assert len(line.asked("mutation SetPrices")) == 2
    assert (listing(staff, variants[0])["price"], listing(staff, variants[0])["compareAtPrice"]) == (
        "8.50",
        "10.00",
    )
    assert listing(staff, variants[3])["compareAtPrice"] is None


async def test_a_product_is_taken_down_and_put_up_by_its_status(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    variant = street.goods(new_sku())
    for published, status in ((False, "DRAFT"), (True, "ACTIVE")):
        outcomes = await shop.set_published([SetPublished(variant, published)], soon)
        assert outcomes == {variant: Done(variant, published)}
        assert listing(staff, variant)["product"]["status"] == status  # type: ignore[index]
        assert (await sweep(shop))[0][variant].published is published


async def test_a_product_is_taken_off_and_put_on_the_publications_that_are_named(
    street: Street, staff: Staff, soon: Deadline
) -> None:
    variant = street.goods(new_sku())
    shop = opened(street, publications=["gid://shopify/Publication/1"])
    for published in (False, True):
        outcomes = await shop.set_published([SetPublished(variant, published)], soon)
        assert outcomes == {variant: Done(variant, published)}
        assert (await sweep(shop))[0][variant].published is published
        assert listing(staff, variant)["product"]["status"] == "ACTIVE"  # type: ignore[index]
    await shop.close()


async def test_a_publication_is_named_by_the_title_of_its_catalogue(
    street: Street, staff: Staff, soon: Deadline
) -> None:
    variant = street.goods(new_sku())
    shop = opened(street, publications=["Online Store", "Point of Sale"])
    assert await shop.set_published([SetPublished(variant, False)], soon) == {variant: Done(variant, False)}
    product = listing(staff, variant)["product"]["id"]  # type: ignore[index]
    count = "query($id: ID!) { product(id: $id) { availablePublicationsCount { count } } }"
    assert staff.ask(count, id=product)["product"]["availablePublicationsCount"]["count"] == 0
    await shop.set_published([SetPublished(variant, True)], soon)
    assert staff.ask(count, id=product)["product"]["availablePublicationsCount"]["count"] == 2
    await shop.close()


async def test_a_publication_that_the_shop_has_not_is_told_with_those_that_there_are(
    street: Street, soon: Deadline
) -> None:
    shop = opened(street, publications=["Market stall"])
    with pytest.raises(Refused, match="there are: 'Online Store', 'Point of Sale'"):
        await shop.products(None, soon)
    await shop.close()


async def test_one_variant_of_several_cannot_be_taken_down_alone(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    rows = [{"sku": new_sku(), "option": size} for size in ("S", "M")]
    made = street.walk("products", title="Shirt", variants=rows)
    variant, product = made["variants"][0]["variant"], made["product"]
    outcomes = await shop.set_published([SetPublished(variant, False), SetPublished(product, False)], soon)
    assert isinstance(outcomes[variant], Rejected)
    assert outcomes[product] == Done(product, False)


def new_listing(key: str, **changes: object) -> PutListing:
    facts: dict[str, object] = {
        "key": key,
        "external_id": None,
        "title": "Teapot",
        "description": "<p>Holds tea.</p>",
        "sku": key,
        "price": Decimal("19.90"),
        "currency": "EUR",
    }
    return PutListing(**(facts | changes))  # type: ignore[arg-type]


async def test_a_new_product_is_made_once_as_a_draft(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, soon: Deadline
) -> None:
    key = new_sku("NEW")
    line.fail("mutation PutProduct", lost_after)
    outcomes = []
    for _ in range(2):
        outcomes.append((await shop.put_listings([new_listing(key)], soon))[key])
    made = outcomes[-1]
    assert isinstance(made, Done)
    assert made.external_id is not None
    found = listing(staff, made.external_id)
    assert (found["sku"], found["price"]) == (key, "19.90")
    assert found["product"]["status"] == "DRAFT"  # type: ignore[index]
    same = staff.ask(
        "query($q: String) { productVariants(first: 9, query: $q) { nodes { sku } } }", q=f"sku:'{key}'"
    )
    assert len(same["productVariants"]["nodes"]) == 1


async def test_a_sku_that_another_product_has_is_to_be_bound(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    variant = street.goods(sku)
    outcome = (await shop.put_listings([new_listing(sku)], soon))[sku]
    assert isinstance(outcome, Rejected)
    assert (outcome.code, variant in outcome.reason) == ("SKU_TAKEN", True)


async def test_texts_and_pictures_of_a_product_are_changed_and_a_repeat_adds_none(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = new_sku()
    variant = street.goods(sku)
    request = new_listing(
        sku, external_id=variant, title="Pot", pictures=("https://x.example/a.png", "https://x.example/b.jpg")
    )
    street.walk("levers", picture_seconds=0)
    for _ in range(2):
        assert await shop.put_listings([request], soon) == {sku: Done(variant, variant)}
    product = listing(staff, variant)["product"]
    assert product["title"] == "Pot"  # type: ignore[index]
    assert len(product["media"]["nodes"]) == 2  # type: ignore[index]
    assert listing(staff, variant)["sku"] == sku


async def test_what_is_kept_stays_the_shops(
    street: Street, shop: ShopifyStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = new_sku()
    variant = street.goods(sku)
    before = listing(staff, variant)["product"]
    request = new_listing(sku, external_id=variant, title="Pot", kept=frozenset({"title"}))
    assert await shop.put_listings([request], soon) == {sku: Done(variant, variant)}
    after = listing(staff, variant)["product"]
    assert after["title"] == before["title"]  # type: ignore[index]


async def test_pictures_that_the_shop_still_works_on_are_waited_for(
    street: Street, shop: ShopifyStorefront, soon: Deadline
) -> None:
    """They have no address yet by which they could be known."""
    sku = new_sku()
    variant = street.goods(sku)
    street.walk("levers", picture_seconds=60)
    request = new_listing(sku, external_id=variant, pictures=("https://x.example/a.png",))
    assert isinstance((await shop.put_listings([request], soon))[sku], Done)
    street.walk("levers", picture_seconds=0)
    assert isinstance((await shop.put_listings([request], soon))[sku], Retry)


async def test_a_picture_of_this_machine_is_put_where_the_shop_takes_it_once(
    street: Street, shop: ShopifyStorefront, staff: Staff, line: Line, tmp_path: Path, soon: Deadline
) -> None:
    sku = new_sku()
    variant = street.goods(sku)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n...")
    request = new_listing(sku, external_id=variant, pictures=(str(picture),))
    street.walk("levers", picture_seconds=0)
    for _ in range(2):
        assert await shop.put_listings([request], soon) == {sku: Done(variant, variant)}
    assert len(listing(staff, variant)["product"]["media"]["nodes"]) == 1  # type: ignore[index]
    assert len(line.asked("mutation StagePictures")) == 1
