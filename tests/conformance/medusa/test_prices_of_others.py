"""Writing one price replaces all of a variant's prices: those of other currencies are written back with it."""

from decimal import Decimal

from connectors.contract import Deadline, Done, SetPrice
from connectors.storefronts.medusa.connector import MedusaStorefront
from tests.conformance.medusa.conftest import Street
from tests.conformance.medusa.people import Staff


async def test_a_price_in_another_currency_stays_as_it_was(
    street: Street, shop: MedusaStorefront, staff: Staff, soon: Deadline
) -> None:
    sku = street.goods(price=10)
    variant = staff.variant(sku)
    prices = [{"currency_code": "eur", "amount": 10}, {"currency_code": "usd", "amount": 12}]
    change = {"update": [{"id": variant["id"], "prices": prices}]}
    staff.post(f"products/{variant['product_id']}/variants/batch", change)
    outcomes = await shop.set_prices([SetPrice(variant["id"], Decimal("11.5"), "EUR")], soon)
    assert outcomes == {variant["id"]: Done(variant["id"], Decimal("11.5"))}
    now = staff.variant(sku, "*prices")["prices"]
    assert sorted((price["currency_code"], price["amount"]) for price in now) == [("eur", 11.5), ("usd", 12)]
