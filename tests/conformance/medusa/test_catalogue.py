"""Variants as the shop lists them."""

from decimal import Decimal

from connectors.contract import Deadline, SetPrice
from connectors.storefronts.medusa.connector import MedusaStorefront
from sync.domain.listing import RemoteVariant
from tests.conformance.medusa.conftest import Street
from tests.conformance.medusa.line import Line, answering
from tests.conformance.medusa.people import Staff, new_sku


async def sweep(shop: MedusaStorefront, cursor: str | None = None) -> tuple[list[RemoteVariant], str]:
    """Every variant up to the end of the sweep or round, and the cursor of the next."""
    found: list[RemoteVariant] = []
    while True:
        page = await shop.products(cursor, Deadline.after(60))
        found += page.records
        assert page.cursor is not None
        cursor = page.cursor
        if page.complete:
            return found, cursor


async def test_a_variant_is_told_with_price_stock_and_texts(street: Street, shop: MedusaStorefront) -> None:
    sku = street.goods(units=7, price=104.125)
    street.buy({sku: 2})
    (found,) = [v for v in (await sweep(shop))[0] if v.sku == sku]
    assert (found.external_id, found.product_title) == (street.id_of(sku), f"Goods {sku}")
    assert (found.price, found.currency, found.price_includes_tax) == (Decimal("104.125"), "EUR", False)
    assert (found.available, found.published, found.description) == (5, True, "for tests")
    assert found.product_external_id == f"product:{street.staff.variant(sku)['product_id']}"


async def test_pages_of_two_lose_and_repeat_nothing(street: Street) -> None:
    skus = {street.goods() for _ in range(5)}
    shop = street.connector(page_items=2)
    found, _ = await sweep(shop)
    ids = [variant.external_id for variant in found]
    assert len(ids) == len(set(ids))
    assert skus <= {variant.sku for variant in found}
    await shop.close()


async def test_a_variant_deleted_during_the_sweep_hides_no_other(street: Street, staff: Staff) -> None:
    skus = [street.goods() for _ in range(6)]
    shop = street.connector(page_items=3)
    everything = [variant.sku for variant in (await sweep(shop))[0]]
    at = everything.index(skus[0])
    cursor, found = None, []
    while len(found) <= at:
        page = await shop.products(cursor, Deadline.after(30))
        found += [variant.sku for variant in page.records]
        cursor = page.cursor
    staff.http.delete(f"/admin/products/{staff.variant(skus[0])['product_id']}")
    rest, _ = await sweep(shop, cursor)
    assert set(skus[1:]) <= {*found, *(variant.sku for variant in rest)}
    await shop.close()


async def test_a_round_tells_what_changed(street: Street, staff: Staff) -> None:
    sku = street.goods()
    shop = street.connector(overlap_seconds=1)
    _, cursor = await sweep(shop)
    variant = street.id_of(sku)
    await shop.set_prices([SetPrice(variant, Decimal("12.5"), "EUR")], Deadline.after(30))
    found, cursor = await sweep(shop, cursor)
    assert Decimal("12.5") in [v.price for v in found if v.external_id == variant]
    staff.post(f"products/{staff.variant(sku)['product_id']}", {"title": "Renamed"})
    found, _ = await sweep(shop, cursor)
    assert "Renamed" in [v.product_title for v in found if v.external_id == variant]
    await shop.close()


async def test_a_draft_is_not_published(street: Street, shop: MedusaStorefront, staff: Staff) -> None:
    sku = new_sku()
    staff.add_product(sku, status="draft")
    (found,) = [v for v in (await sweep(shop))[0] if v.sku == sku]
    assert found.published is False


async def test_one_variant_of_another_shape_does_not_lose_the_page(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    odd = '{"variants":[{"id":"variant_odd","manage_inventory":"yes","secret":"Jane Roe"}]}'
    line.fail("GET /admin/product-variants", answering(200, odd))
    page = await shop.products(None, soon)
    (broken,) = page.broken
    assert (page.records, broken.external_id) == ((), "variant_odd")
    assert "not as described" in broken.why
    assert "Jane" not in repr(broken)
