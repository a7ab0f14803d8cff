"""Prices and the switch."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from connectors.contract import Deadline, Done, Rejected, Retry, SetPrice, SetPublished, Throttled
from connectors.storefronts.medusa.connector import MedusaStorefront
from tests.conformance.medusa.conftest import Street
from tests.conformance.medusa.line import REFUSED, Line, answering
from tests.conformance.medusa.people import Staff, new_sku


def price_of(staff: Staff, sku: str) -> float:
    (price,) = [p["amount"] for p in staff.variant(sku, "*prices")["prices"] if p["currency_code"] == "eur"]
    return float(price)


async def test_prices_are_set_digit_by_digit(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """Amounts are unrounded decimals in major units (trap 4)."""
    skus = [street.goods(), street.goods()]
    batch = [SetPrice(street.id_of(sku), Decimal("104.125"), "EUR") for sku in skus]
    outcomes = await shop.set_prices(batch, soon)
    assert outcomes == {street.id_of(sku): Done(street.id_of(sku), Decimal("104.125")) for sku in skus}
    assert [price_of(staff, sku) for sku in skus] == [104.125, 104.125]


async def test_variants_of_one_product_go_together_and_leave_their_siblings(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    skus = [new_sku() for _ in range(3)]
    product = staff.add_product(*skus)
    batch = [SetPrice(street.id_of(sku), Decimal(5), "EUR") for sku in skus[:2]]
    await shop.set_prices(batch, soon)
    assert [price_of(staff, sku) for sku in skus] == [5, 5, 10]
    assert len(staff.get(f"products/{product}", fields="variants.id")["product"]["variants"]) == 3


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (SetPrice("variant_x", Decimal(1), "XXX"), "does not sell in XXX"),
        (SetPrice("variant_x", Decimal(-1), "EUR"), "below 0"),
        (SetPrice("variant_x", Decimal(1), "EUR", compare_at=Decimal(2)), "price lists in Medusa"),
        (SetPrice("variant_x", Decimal(1), "EUR", sale_from=datetime(2026, 1, 1, tzinfo=UTC)), "price lists"),
        (SetPrice("variant_x", Decimal(1), "EUR"), "no variant variant_x"),
    ],
)
async def test_a_price_that_cannot_be_set_says_why(
    shop: MedusaStorefront, line: Line, soon: Deadline, price: SetPrice, words: str
) -> None:
    outcome = (await shop.set_prices([price], soon))["variant_x"]
    assert isinstance(outcome, Rejected)
    assert words in outcome.reason
    assert line.count("POST") == 0


async def test_one_refused_price_leaves_the_others_done(
    street: Street, shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    skus = [street.goods(), street.goods()]
    ids = [street.id_of(sku) for sku in skus]
    line.fail("variants/batch", REFUSED)
    outcomes = await shop.set_prices([SetPrice(variant, Decimal(5), "EUR") for variant in ids], soon)
    assert sorted(type(outcome).__name__ for outcome in outcomes.values()) == ["Done", "Rejected"]


async def test_prices_of_another_shape_are_read_again(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/product-variants", answering(200, '{"variants":[{"id":"variant_x","prices":7}]}'))
    outcome = (await shop.set_prices([SetPrice("variant_x", Decimal(5), "EUR")], soon))["variant_x"]
    assert isinstance(outcome, Retry)


async def test_a_product_is_taken_down_and_put_up_with_all_its_variants(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    """A partial list of variants would delete the others (trap 3): none is sent."""
    skus = [new_sku(), new_sku()]
    product = staff.add_product(*skus)
    key = f"product:{product}"
    for published in (False, True):
        assert await shop.set_published([SetPublished(key, published)], soon) == {key: Done(key, published)}
    now = staff.get(f"products/{product}", fields="status,variants.sku")["product"]
    assert (now["status"], {v["sku"] for v in now["variants"]}) == ("published", set(skus))


async def test_the_only_variant_stands_for_its_product(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    variant = street.id_of(sku)
    assert await shop.set_published([SetPublished(variant, False)], soon) == {variant: Done(variant, False)}
    assert staff.variant(sku, "product.status")["product"]["status"] == "draft"


async def test_one_of_several_variants_cannot_be_switched_alone(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    skus = [new_sku(), new_sku()]
    staff.add_product(*skus)
    variant = street.id_of(skus[0])
    outcome = (await shop.set_published([SetPublished(variant, False)], soon))[variant]
    assert isinstance(outcome, Rejected)
    assert "whole products" in outcome.reason


async def test_an_unknown_product_leaves_the_others_done(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    product = f"product:{staff.add_product(new_sku())}"
    batch = [
        SetPublished("product:prod_x", False),
        SetPublished(product, False),
        SetPublished("variant_x", True),
    ]
    outcomes = await shop.set_published(batch, soon)
    assert outcomes[product] == Done(product, False)
    assert isinstance(outcomes["product:prod_x"], Rejected)
    assert isinstance(outcomes["variant_x"], Rejected)


async def test_a_product_of_another_shape_is_read_again(
    shop: MedusaStorefront, line: Line, soon: Deadline
) -> None:
    line.fail("GET /admin/product-variants", answering(200, '{"variants":[{"id":"variant_x","product":7}]}'))
    outcomes = await shop.set_published([SetPublished("variant_x", True)], soon)
    assert isinstance(outcomes["variant_x"], Retry)


async def test_what_was_not_sent_any_more_is_for_later(
    street: Street, shop: MedusaStorefront, line: Line
) -> None:
    ids = [street.id_of(street.goods()) for _ in range(2)]
    await shop.identity(Deadline.after(30))
    products = sorted(
        street.staff.get("product-variants", **{"id[]": i, "fields": "product_id"})["variants"][0][
            "product_id"
        ]
        for i in ids
    )
    line.fail(f"products/{products[1]}/variants/batch", answering(429, "", retry_after="90"))
    outcomes = await shop.set_prices([SetPrice(i, Decimal(5), "EUR") for i in ids], Deadline.after(5))
    assert sorted(type(outcome).__name__ for outcome in outcomes.values()) == ["Done", "Retry"]


async def test_a_throttled_first_batch_is_told_as_throttled(
    street: Street, shop: MedusaStorefront, line: Line
) -> None:
    variant = street.id_of(street.goods())
    line.fail("variants/batch", answering(429, "", retry_after="90"))
    with pytest.raises(Throttled):
        await shop.set_prices([SetPrice(variant, Decimal(5), "EUR")], Deadline.after(5))
