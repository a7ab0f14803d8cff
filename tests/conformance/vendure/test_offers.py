"""Prices and the switch."""

from decimal import Decimal

from connectors.contract import Deadline, Done, Rejected, SetPrice, SetPublished
from connectors.storefronts.vendure.connector import VendureStorefront
from tests.conformance.vendure.conftest import Street
from tests.peers.books.vendure import Staff


async def test_a_price_is_set_and_echoed(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    variant = street.id_of(sku)
    outcomes = await shop.set_prices([SetPrice(variant, Decimal("12.34"), "EUR")], soon)
    assert outcomes == {variant: Done(variant, Decimal("12.34"))}
    assert staff.variant(sku)["price"] == 1234


async def test_a_currency_that_the_channel_lacks_is_rejected(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods(price=1000)
    variant = street.id_of(sku)
    outcome = (await shop.set_prices([SetPrice(variant, Decimal(5), "USD")], soon))[variant]
    assert isinstance(outcome, Rejected)
    assert staff.variant(sku)["price"] == 1000


async def test_prices_that_the_shop_would_take_and_nobody_wants_are_not_sent(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    """Vendure accepts negative prices (trap 5), and has fewer digits than a Decimal."""
    sku = street.goods(price=1000)
    variant = street.id_of(sku)
    for price, words in (("-1", "below 0"), ("1.005", "decimal digits"), ("99999999", "more than the shop")):
        outcome = (await shop.set_prices([SetPrice(variant, Decimal(price), "EUR")], soon))[variant]
        assert isinstance(outcome, Rejected)
        assert words in outcome.reason
    assert staff.variant(sku)["price"] == 1000


async def test_a_struck_out_price_is_rejected_in_words(
    street: Street, shop: VendureStorefront, soon: Deadline
) -> None:
    variant = street.id_of(street.goods())
    wanted = SetPrice(variant, Decimal(5), "EUR", compare_at=Decimal(9))
    outcome = (await shop.set_prices([wanted], soon))[variant]
    assert isinstance(outcome, Rejected)
    assert "struck-out" in outcome.reason


async def test_a_variant_is_taken_down_and_put_up_again(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    variant = street.id_of(sku)
    assert await shop.set_published([SetPublished(variant, False)], soon) == {variant: Done(variant, False)}
    assert staff.variant(sku)["enabled"] is False
    assert await shop.set_published([SetPublished(variant, True)], soon) == {variant: Done(variant, True)}


async def test_a_variant_of_a_product_that_is_down_stays_down(
    street: Street, shop: VendureStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods()
    variant, product = street.id_of(sku), f"product:{staff.variant(sku)['product']['id']}"
    both = [
        SetPublished(product, False),
        SetPublished(variant, True),
        SetPublished("product:987654321", True),
    ]
    outcomes = await shop.set_published(both, soon)
    assert (outcomes[product], outcomes[variant]) == (Done(product, False), Done(variant, False))
    assert isinstance(outcomes["product:987654321"], Rejected)
