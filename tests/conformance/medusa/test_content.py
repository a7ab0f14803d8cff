"""Content: what a listing says and shows, of products that are there."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Deadline, Done, PutListing, Rejected
from connectors.storefronts.medusa.connector import MedusaStorefront
from tests.conformance.medusa.conftest import Street
from tests.conformance.medusa.line import REFUSED, Line
from tests.conformance.medusa.people import Staff, new_sku

PICTURES = ("https://pictures.example/mug.jpg", "https://pictures.example/back.jpg?w=1")
KEPT = frozenset({"title", "description"})


def listing(id: str | None, **changes: object) -> PutListing:
    return replace(PutListing("k", id, "Mug", "A mug.", pictures=PICTURES), **changes)  # type: ignore[arg-type]


def product_of(staff: Staff, sku: str) -> dict[str, Any]:
    some = "title,description,status,thumbnail,images.url,images.rank,id"
    named = ",".join(f"product.{name}" for name in some.split(","))
    shown: dict[str, Any] = staff.variant(sku, named)["product"]
    shown["images"].sort(key=lambda picture: picture["rank"])  # the server gives them in any order
    return shown


async def test_a_product_says_and_shows_what_was_put(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    for id in (street.id_of(sku), f"product:{product_of(staff, sku)['id']}"):
        assert await shop.put_listings([listing(id)], soon) == {"k": Done(id, id)}
    shown = product_of(staff, sku)
    assert (shown["title"], shown["description"], shown["thumbnail"]) == ("Mug", "A mug.", PICTURES[0])
    assert [picture["url"] for picture in shown["images"]] == list(PICTURES)


async def test_the_feed_shows_it(street: Street, shop: MedusaStorefront, soon: Deadline) -> None:
    id = street.id_of(street.goods())
    await shop.put_listings([listing(id)], soon)
    page, found = await shop.products(None, soon), None
    while found is None:
        found = next((variant for variant in page.records if variant.external_id == id), None)
        page = page if found or page.complete else await shop.products(page.cursor, soon)
    assert (found.product_title, found.description, found.pictures) == ("Mug", "A mug.", PICTURES)


async def test_what_is_kept_stays_the_shops(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    before = product_of(staff, sku)
    await shop.put_listings([listing(street.id_of(sku), kept=KEPT)], soon)
    after = product_of(staff, sku)
    assert (after["title"], after["description"]) == (before["title"], before["description"])
    assert after["thumbnail"] == PICTURES[0]
    await shop.put_listings([listing(street.id_of(sku), kept=frozenset({"title"}), pictures=())], soon)
    last = product_of(staff, sku)
    assert (last["title"], last["description"]) == (before["title"], "A mug.")
    assert len(last["images"]) == 2


async def test_a_variant_with_siblings_is_renamed_and_loses_none(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """A partial list of variants would delete the others (trap 3)."""
    skus = [new_sku() for _ in range(3)]
    product = staff.add_product(*skus)
    id = street.id_of(skus[0])
    renamed = listing(id, title="Blue", kept=frozenset({"description"}), pictures=())
    assert await shop.put_listings([renamed], soon) == {"k": Done(id, id)}
    now = staff.get(f"products/{product}", fields="title,variants.title,variants.sku")["product"]
    assert {row["sku"] for row in now["variants"]} == set(skus)
    assert {row["sku"]: row["title"] for row in now["variants"]}[skus[0]] == "Blue"
    assert now["title"] != "Blue"


@pytest.mark.parametrize("changes", [{}, {"kept": KEPT}, {"pictures": ()}])
async def test_what_belongs_to_the_product_is_not_written_by_one_of_its_variants(
    street: Street,
    shop: MedusaStorefront,
    staff: Staff,
    line: Line,
    soon: Deadline,
    changes: dict[str, object],
) -> None:
    skus = [new_sku(), new_sku()]
    staff.add_product(*skus)
    outcome = (await shop.put_listings([listing(street.id_of(skus[0]), **changes)], soon))["k"]
    assert isinstance(outcome, Rejected)
    assert "this variant has siblings" in outcome.reason
    assert line.count("POST") == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"external_id": None}, "makes no products"),
        ({"title": " "}, "needs a title"),
        ({"pictures": ("mug.jpg",)}, "not as a file"),
        ({"pictures": ("javascript:alert(1)",)}, "not as a file"),
        ({}, "no variant variant_x"),
    ],
)
async def test_what_cannot_be_put_says_why(
    shop: MedusaStorefront, line: Line, soon: Deadline, changes: dict[str, object], words: str
) -> None:
    outcome = (await shop.put_listings([listing("variant_x", **changes)], soon))["k"]
    assert isinstance(outcome, Rejected)
    assert words in outcome.reason
    assert line.count("POST") == 0


async def test_one_refused_listing_leaves_the_others_done(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    batch = [listing(street.id_of(street.goods()), key=str(n)) for n in range(2)]
    line.fail("products/batch", REFUSED)
    line.fail("products/batch", REFUSED)
    outcomes = await shop.put_listings(batch, soon)
    assert sorted(type(outcome).__name__ for outcome in outcomes.values()) == ["Done", "Rejected"]
