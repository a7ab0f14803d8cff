"""Any edits of the catalogue, read round by round, end in what one sweep at the end shows.

Left out is what the feed of variants is declared not to see: deletions, publications, and quantities, which are read
before each write.
"""

import asyncio
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Deadline
from connectors.storefronts.shopify.connector import ShopifyStorefront
from sandbox.clock import SetClock
from sandbox.storefront.shopify.builder import BEGIN, Street, running
from sync.domain.listing import RemoteVariant

from .conftest import Staff, new_sku, opened

_PRICE = """mutation($product: ID!, $rows: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $rows) { userErrors { message } } }"""
_CHANGE = """mutation($product: ProductUpdateInput!) {
  productUpdate(product: $product) { userErrors { message } } }"""
KINDS = ("price", "title", "take down", "put up", "add")
ACTS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(KINDS), st.sampled_from([0, 0, 1, 45, 4000]), st.booleans()),
    min_size=4,
    max_size=20,
)
"""(a product, what happens to it, seconds that pass before, whether the feed is read a page further after)"""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=ACTS)
def test_any_edits_of_the_catalogue_end_in_what_one_sweep_at_the_end_shows(
    acts: list[tuple[int, str, int, bool]],
) -> None:
    with running(clock=SetClock(BEGIN)) as street:
        street.walk("levers", bucket=10_000_000, restore=1_000_000)
        asyncio.run(watched(street, acts))


async def watched(street: Street, acts: list[tuple[int, str, int, bool]]) -> None:
    assert isinstance(street.clock, SetClock)
    products = [family(street) for _ in range(4)]
    street.clock.advance(1000)
    shop = opened(street, page_items=7)
    try:
        told, cursor = await read(shop, None)
        for which, act, seconds, reads in acts:
            street.clock.advance(seconds)
            happen(street, products, which, act)
            if reads:
                cursor = await further(shop, cursor, told)
        told |= (await read(shop, cursor))[0]
        whole, _ = await read(shop, None)
    finally:
        await shop.close()
    assert {id: seen(each) for id, each in told.items()} == {id: seen(each) for id, each in whole.items()}


def family(street: Street) -> tuple[str, list[str]]:
    """(product, its variants)"""
    rows = [{"sku": new_sku(), "option": size} for size in ("S", "L")]
    made = street.walk("products", title=new_sku("Shirt"), variants=rows)
    return str(made["product"]), [str(each["variant"]) for each in made["variants"]]


def happen(street: Street, products: list[tuple[str, list[str]]], which: int, act: str) -> None:
    staff, (product, variants) = Staff(street), products[which % len(products)]
    match act:
        case "price":
            rows = [{"id": variants[which % 2], "price": f"{which + 1}.50"}]
            done(staff.ask(_PRICE, product=product, rows=rows))
        case "title":
            done(staff.ask(_CHANGE, product={"id": product, "title": new_sku("Shirt")}))
        case "take down" | "put up":
            status = "DRAFT" if act == "take down" else "ACTIVE"
            done(staff.ask(_CHANGE, product={"id": product, "status": status}))
        case "add":
            products.append(family(street))


def done(answer: dict[str, Any]) -> None:
    (payload,) = answer.values()
    assert payload["userErrors"] == []


async def further(shop: ShopifyStorefront, cursor: str, told: dict[str, RemoteVariant]) -> str:
    page = await shop.products(cursor, Deadline.after(30))
    assert page.broken == ()
    told |= {each.external_id: each for each in page.records}
    return page.cursor or cursor


async def read(shop: ShopifyStorefront, cursor: str | None) -> tuple[dict[str, RemoteVariant], str]:
    """To the end of the sweep, or of the round after the one that is under way."""
    told: dict[str, RemoteVariant] = {}
    for _ in range(1 if cursor is None else 2):
        complete = False
        while not complete:
            page = await shop.products(cursor, Deadline.after(30))
            assert page.broken == ()
            told |= {each.external_id: each for each in page.records}
            cursor, complete = page.cursor or cursor, page.complete
    assert cursor is not None
    return told, cursor


def seen(variant: RemoteVariant) -> RemoteVariant:
    """As far as the feed is declared to follow it."""
    return replace(variant, available=None, raw=b"")
