"""Shops in other currencies, and an empty one (the sandbox's, which has them)."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from connectors.contract import Deadline, Done, RefundRequest, Rejected, SetPrice
from connectors.storefronts.vendure.connector import VendureStorefront
from sync.domain.money import Money, total
from sync.domain.orders import PaymentStatus
from tests.conformance.vendure.conftest import Street, order_of, street_of

Opened = tuple[Street, VendureStorefront]
Accounts = dict[str, dict[str, str]]
SHOPS = [("yen", "JPY", 2), ("dinar", "KWD", 3)]


@pytest.fixture
async def opened(
    sandbox_accounts: Accounts, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Street, VendureStorefront]]:
    """The shop that the test names, and the connector to it."""
    street = street_of(sandbox_accounts[request.param])
    shop = street.connector()
    yield street, shop
    street.staff.session.close()
    await shop.close()


@pytest.mark.parametrize("opened", ["empty"], indirect=True)
async def test_an_empty_shop_is_read_to_its_end(opened: Opened, soon: Deadline) -> None:
    _, shop = opened
    orders, products = await shop.orders(None, soon), await shop.products(None, soon)
    assert (orders.records, orders.complete, products.records, products.complete) == ((), True, (), True)
    again = await shop.products(products.cursor, soon)
    assert (again.records, (await shop.orders(orders.cursor, soon)).records) == ((), ())


@pytest.mark.parametrize(("opened", "currency", "precision"), SHOPS, indirect=["opened"])
async def test_an_order_s_money_is_in_its_currency_s_own_units(
    opened: Opened, currency: str, precision: int
) -> None:
    street, shop = opened
    placed = street.buy({street.goods(price=5000): 2})
    order = await order_of(shop, placed)
    assert order.total == Money.from_scaled(placed.total_with_tax, precision, currency)
    assert total([line.total for line in order.lines] + [order.shipping], currency) == order.total
    assert order.payment is PaymentStatus.PAID


@pytest.mark.parametrize(("opened", "currency", "precision"), SHOPS, indirect=["opened"])
async def test_prices_and_refunds_go_out_at_the_shop_s_precision(
    opened: Opened, currency: str, precision: int, soon: Deadline
) -> None:
    street, shop = opened
    sku = street.goods(price=5000)
    variant = street.id_of(sku)
    outcome = (await shop.set_prices([SetPrice(variant, Decimal(12), currency)], soon))[variant]
    document = "query($i:ID!){productVariant(id:$i){prices{currencyCode price}}}"
    (price,) = street.staff.session.ask(document, i=variant)["prices"]
    assert (outcome, price["price"]) == (Done(variant, Decimal(12)), 12 * 10**precision)
    placed = street.buy({sku: 1})
    refund = RefundRequest("refund:1", placed.id, Money.of(1, currency), None, (), False, "late")
    made = await shop.refund(refund, soon)
    assert isinstance(made, Done)
    assert made.echo == Money.of(1, currency)
    (payment,) = street.staff.order(placed.id)["payments"]
    assert payment["refunds"][0]["total"] == 10**precision


@pytest.mark.parametrize("opened", ["dinar"], indirect=True)
async def test_a_price_finer_than_the_shop_s_precision_is_rejected(opened: Opened, soon: Deadline) -> None:
    street, shop = opened
    variant = street.id_of(street.goods())
    outcome = (await shop.set_prices([SetPrice(variant, Decimal("1.2345"), "KWD")], soon))[variant]
    assert isinstance(outcome, Rejected)
