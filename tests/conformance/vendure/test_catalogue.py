"""The feed of variants, and the content of listings."""

import struct
import zlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from connectors.contract import (
    Deadline,
    Done,
    PutListing,
    Rejected,
    SetPublished,
    SetQuantity,
    Unknown,
)
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.listing import RemoteVariant
from tests.conformance.vendure.conftest import Street
from tests.conformance.vendure.line import Line, lost_after
from tests.peers.books.vendure import Staff

LISTED = """query($i:ID!){productVariant(id:$i){
  sku name price options{name group{name}} product{id name description enabled assets{name}}
}}"""


def picture(path: Path, grey: int) -> str:
    """A true PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes([0, grey]))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    return str(path)


async def sweep(
    shop: VendureStorefront, cursor: str | None = None
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


async def test_a_sweep_gives_every_variant_once(street: Street, soon: Deadline) -> None:
    ids = {street.id_of(street.goods()) for _ in range(5)}
    shop = street.connector(page_items=100 if not street.real else 7)
    found, _, given = await sweep(shop)
    assert ids <= set(found)
    assert given == len(found)
    await shop.close()


async def test_a_variant_shows_its_price_and_what_is_for_sale(
    street: Street, shop: VendureStorefront
) -> None:
    sku = street.goods(units=10, price=1234)
    street.buy({sku: 4})
    variant = await listed(shop, street.id_of(sku))
    assert (variant.sku, variant.price, variant.currency) == (sku, Decimal("12.34"), "EUR")
    assert (variant.available, variant.published, variant.price_includes_tax) == (6, True, False)


async def listed(shop: VendureStorefront, variant: str) -> RemoteVariant:
    found, _, _ = await sweep(shop)
    return found[variant]


async def test_after_a_sweep_come_the_changes_of_variant_and_product(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    skus = [street.goods() for _ in range(3)]
    ids = [street.id_of(sku) for sku in skus]
    found, cursor, _ = await sweep(shop)
    assert set(ids) <= set(found)
    staff.set_price(skus[0], 4321)
    await shop.set_published([SetPublished(found[ids[1]].product_external_id, False)], soon)
    changed, cursor, _ = await sweep(shop, cursor)
    assert changed[ids[0]].price == Decimal("43.21")
    assert changed[ids[1]].published is False
    await shop.set_quantities([SetQuantity(ids[2], 3)], soon)
    changed, _, _ = await sweep(shop, cursor)
    assert changed[ids[2]].available == 3


async def test_variants_deleted_during_a_sweep_hide_no_others(street: Street, staff: Staff) -> None:
    first = street.connector(page_items=2 if street.real else 100)
    doomed = [street.id_of(street.goods()) for _ in range(6)]
    kept = {street.id_of(street.goods()) for _ in range(6)}
    cursor: str | None = None
    seen: set[str] = set()
    while not set(doomed[:4]) <= seen:
        page = await first.products(cursor, Deadline.after(30))
        seen |= {variant.external_id for variant in page.records}
        cursor = page.cursor
        if page.complete:
            break
    for variant in doomed:
        staff.session.ask("mutation($i:ID!){deleteProductVariant(id:$i){result}}", i=variant)
    while not page.complete:
        page = await first.products(cursor, Deadline.after(30))
        seen |= {variant.external_id for variant in page.records}
        cursor = page.cursor
    assert kept <= seen
    await first.close()


def new_listing(key: str, **more: object) -> PutListing:
    listing = PutListing(
        key=key,
        external_id=None,
        title="Teapot",
        description="Holds tea.",
        price=Decimal("19.90"),
        currency="EUR",
    )
    return replace(listing, **more)  # type: ignore[arg-type]


async def put(shop: VendureStorefront, listing: PutListing) -> object:
    return (await shop.put_listings([listing], Deadline.after(30)))[listing.key]


async def test_a_new_listing_becomes_a_product_that_is_not_up_yet(
    street: Street, shop: VendureStorefront, staff: Staff, tmp_path: Path
) -> None:
    key = street.goods() + "-NEW"
    listing = new_listing(
        key, attributes={"Colour": "Deep red"}, pictures=(picture(tmp_path / "pot.png", 10),)
    )
    outcome = await put(shop, listing)
    assert isinstance(outcome, Done)
    seen = staff.session.ask(LISTED, i=outcome.external_id)
    assert (seen["sku"], seen["name"], seen["price"]) == (key, "Teapot", 1990)
    assert (seen["product"]["description"], seen["product"]["enabled"]) == ("Holds tea.", False)
    assert [(o["group"]["name"], o["name"]) for o in seen["options"]] == [("Colour", "Deep red")]
    assert len(seen["product"]["assets"]) == 1


async def test_putting_a_listing_again_changes_it_and_makes_no_second_one(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line, tmp_path: Path
) -> None:
    key = street.goods() + "-NEW"
    pictures = (picture(tmp_path / "pot.png", 20),)
    first = await put(shop, new_listing(key, pictures=pictures))
    again = await put(shop, new_listing(key, title="Kettle", pictures=pictures))
    assert again == first
    assert isinstance(first, Done)
    seen = staff.session.ask(LISTED, i=first.external_id)
    assert (seen["name"], seen["product"]["name"]) == ("Kettle", "Kettle")
    assert (len(staff.variants(key)), line.count("createAssets")) == (1, 1)


async def test_a_listing_half_made_is_finished(
    street: Street, shop: VendureStorefront, staff: Staff, line: Line
) -> None:
    for step in ("createProduct(input", "createProductOptionGroup", "createProductVariants"):
        key = street.goods() + "-NEW"
        listing = new_listing(key, attributes={"Colour": "Red"})
        line.fail(step, lost_after)
        assert isinstance(await put(shop, listing), Unknown)
        outcome = await put(shop, listing)
        assert isinstance(outcome, Done), f"{step}: {outcome}"
        assert len(staff.variants(key)) == 1


async def test_a_product_s_own_content_is_put_by_its_prefixed_id(
    street: Street, shop: VendureStorefront, staff: Staff
) -> None:
    sku = street.goods()
    product = f"product:{staff.variant(sku)['product']['id']}"
    listing = new_listing("x", external_id=product, title="Cup", price=None)
    assert await put(shop, listing) == Done(product, product)
    seen = staff.session.ask(LISTED, i=street.id_of(sku))
    assert (seen["product"]["name"], seen["product"]["description"]) == ("Cup", "Holds tea.")


async def test_listings_that_cannot_be_put_are_rejected_in_words(
    street: Street, shop: VendureStorefront, tmp_path: Path
) -> None:
    sku = street.goods()
    twin = street.goods()
    street.staff.session.ask(
        "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id}}",
        i=[{"id": street.id_of(twin), "sku": sku}],
    )
    text = tmp_path / "note.txt"
    text.write_bytes(b"\x89PNG\r\n\x1a\n under a name that is no picture's")
    private = tmp_path / "a-private-key"
    private.write_text("not a picture")
    fresh = street.goods() + "-NEW"
    for listing, words in (
        (new_listing("a", sku=sku), "2 variants with the SKU"),
        (new_listing("b", external_id="987654321"), "no variant 987654321"),
        (new_listing("c", external_id="product:987654321"), "no product:987654321"),
        (new_listing(fresh, currency="USD"), "are in EUR"),
        (new_listing(fresh, price=Decimal("1.999")), "decimal digits"),
        (new_listing("d", pictures=("https://x/y.png",)), "must be files"),
        (new_listing("e", pictures=(str(tmp_path / "none.png"),)), "No such file"),
        (new_listing("f", pictures=(str(private),)), "is no PNG, JPEG, GIF, WebP or AVIF"),
        (new_listing("g", pictures=("/dev/zero",)), "is no file"),
        (new_listing(fresh, pictures=(str(text),)), "files of that type"),
    ):
        outcome = await put(shop, listing)
        assert isinstance(outcome, Rejected), listing
        assert words in outcome.reason


async def test_attributes_of_a_variant_that_is_there_are_the_shop_s_to_change(
    street: Street, shop: VendureStorefront
) -> None:
    key = street.goods() + "-NEW"
    assert isinstance(await put(shop, new_listing(key, attributes={"Colour": "Red"})), Done)
    assert isinstance(await put(shop, new_listing(key, attributes={"Colour": "Red"})), Done)
    outcome = await put(shop, new_listing(key, attributes={"Colour": "Blue"}))
    assert isinstance(outcome, Rejected)
    assert "differ (Colour)" in outcome.reason


async def test_what_is_kept_stays_the_shops(
    street: Street, shop: VendureStorefront, staff: Staff, tmp_path: Path
) -> None:
    sku = street.goods()
    id = street.id_of(sku)
    before = staff.session.ask(LISTED, i=id)
    pictures = (picture(tmp_path / "cup.png", 30),)
    kept = frozenset({"title", "description"})
    assert await put(shop, new_listing("x", external_id=id, kept=kept, pictures=pictures)) == Done(id, id)
    after = staff.session.ask(LISTED, i=id)
    assert (after["name"], after["product"]["name"]) == (before["name"], before["product"]["name"])
    assert after["product"]["description"] == before["product"]["description"]
    assert len(after["product"]["assets"]) == 1
    assert await put(shop, new_listing("x", external_id=id, kept=frozenset({"title"}))) == Done(id, id)
    last = staff.session.ask(LISTED, i=id)
    assert (last["name"], last["product"]["description"]) == (before["name"], "Holds tea.")
