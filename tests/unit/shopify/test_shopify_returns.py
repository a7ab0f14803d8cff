"""From Shopify's returns to requests: what is wanted instead, before and after staff have processed it."""

from typing import Any

import msgspec
import pytest

from connectors.storefronts.shopify import payloads
from connectors.storefronts.shopify.returns import Whole, remote_request
from sync.domain.requests import InsteadLine
from tests.unit.shopify.made import AT, nodes

RETURN = {
    "id": "gid://shopify/Return/1",
    "name": "#1001-R1",
    "status": "OPEN",
    "createdAt": AT,
    "order": {"id": "gid://shopify/Order/1", "updatedAt": AT},
    "returnLineItems": nodes(()),
    "exchangeLineItems": nodes(()),
    "reverseFulfillmentOrders": nodes(()),
}


def wanted(**exchange: Any) -> tuple[InsteadLine, ...]:
    line = msgspec.convert({"id": "e1", "quantity": 3, "variantId": "v1", **exchange}, payloads.ExchangeLine)
    return remote_request(Whole(msgspec.convert(RETURN, payloads.Return), (), (line,), ()), b"{}").instead


@pytest.mark.parametrize("none", [{}, {"lineItems": None}, {"lineItems": []}])
def test_before_it_is_processed_an_exchange_names_a_variant_alone(none: dict[str, Any]) -> None:
    assert wanted(**none) == (InsteadLine("v1", None, 3),)


def test_a_processed_exchange_names_the_lines_by_which_its_goods_leave() -> None:
    made = [{"id": "l8", "quantity": 1}, {"id": "l9", "quantity": 2}]
    assert wanted(lineItems=made) == (InsteadLine("v1", None, 1, "l8"), InsteadLine("v1", None, 2, "l9"))
    assert wanted(lineItems=made[:1]) == (InsteadLine("v1", None, 1, "l8"), InsteadLine("v1", None, 2))
