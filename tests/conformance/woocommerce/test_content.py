"""The switch, and content: goods put up and taken down, made, renamed, described and pictured."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal

from connectors.contract import Deadline, Done, PutListing, Rejected, SetPublished, Unknown
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from sandbox.storefront.woocommerce.builder import Street

from .conftest import new_sku, opened
from .line import Line, lost_after
from .shelves import code, goods, swept, variations


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


async def test_a_sku_that_differs_by_an_accent_only_is_the_same_to_the_shop(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    sku = new_sku()
    street.staff.add_product(f"{sku}-CAFE")
    accented = f"{sku}-CAFÉ"
    refused = (await shop.put_listings([listing(accented)], soon))[accented]
    assert isinstance(refused, Rejected) and refused.code in ("DUPLICATE", "product_invalid_sku")


async def test_a_listing_whose_sku_a_variation_has_is_that_variation(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    small, _ = variations(street)
    sku = street.staff.get(f"products/{small.split(':')[1]}")["sku"]
    assert await shop.put_listings([listing(sku)], soon) == {sku: Done(small, small)}


async def test_of_several_that_make_one_listing_at_once_one_makes_it(street: Street, soon: Deadline) -> None:
    """The shop gives one 201, and 400 of two kinds to the others, who find it when they ask again."""
    sku = new_sku()
    makers = [opened(street) for _ in range(6)]
    told = await asyncio.gather(*(shop.put_listings([listing(sku)], soon) for shop in makers))
    (shown,) = street.staff.get("products", sku=sku)
    assert {type(each[sku]) for each in told} <= {Done, Rejected}
    again = await asyncio.gather(*(shop.put_listings([listing(sku)], soon) for shop in makers))
    assert all(each == {sku: Done(str(shown["id"]), str(shown["id"]))} for each in again)


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


async def test_what_is_kept_stays_the_shops(
    street: Street, shop: WooCommerceStorefront, soon: Deadline
) -> None:
    simple = goods(street)
    before = street.staff.get(f"products/{simple}")
    pictures = ["https://pictures.example/c.jpg"]
    kept = frozenset({"title", "description"})
    assert await shop.put_listings([listing("k", simple, pictures, kept=kept)], soon) == {
        "k": Done(simple, simple)
    }
    after = street.staff.get(f"products/{simple}")
    assert (after["name"], after["description"]) == (before["name"], before["description"])
    assert len(after["images"]) == 1
    await shop.put_listings([listing("k", simple, kept=frozenset({"title"}))], soon)
    last = street.staff.get(f"products/{simple}")
    assert (last["name"], last["description"].strip()) == (before["name"], "<p>soft</p>")
