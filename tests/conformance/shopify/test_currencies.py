"""Money adds up to the minor unit in every currency, with tax in the prices or on them."""

from collections.abc import Iterator

import pytest

from sandbox.storefront.books import Terms
from sandbox.storefront.shopify.builder import Street, running
from sync.domain.money import total
from tests.conformance.shopify.conftest import new_sku, opened, order_of

SHOPS = [
    Terms("EUR", 2, prices_include_tax=True, tax_rate=19),
    Terms("USD", 2, prices_include_tax=False, tax_rate=8),
    Terms("JPY", 0, prices_include_tax=True, tax_rate=10),
    Terms("KWD", 3, prices_include_tax=False, tax_rate=5),
]


@pytest.fixture(
    params=SHOPS, ids=lambda each: f"{each.currency} {'with' if each.prices_include_tax else 'without'}"
)
def foreign(request: pytest.FixtureRequest) -> Iterator[Street]:
    with running(request.param) as found:
        yield found


async def test_lines_shipping_and_the_rest_make_the_total(foreign: Street) -> None:
    shop = opened(foreign)
    digits = foreign.shop.terms.precision
    skus = [new_sku() for _ in range(4)]
    for number, sku in enumerate(skus):
        foreign.goods(sku, 100, price=f"{(number + 1) * 7.77:.{digits}f}")
    foreign.walk("coupons", code="TENTH", percent=10, free_shipping=True)
    for more in ({}, {"coupon": "TENTH"}, {"pay": False}):
        order = await order_of(shop, foreign.buy({sku: n + 1 for n, sku in enumerate(skus)}, **more))
        currency = foreign.shop.terms.currency
        parts = total((line.total for line in order.lines), currency) + order.shipping + order.adjustments
        assert (parts, order.currency) == (order.total, currency)
    await shop.close()
