"""Whatever the official schema lets an answer be, the connector reads it, or says in the contract's words why not.

Money is the exception: an order whose parts do not make its total, or are of two currencies, is told as broken.
"""

import os
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLSchema

from connectors.contract import (
    CancelLines,
    ConfirmDelivery,
    ConfirmShipment,
    ConnectorError,
    Deadline,
    Done,
    Page,
    PutListing,
    RefundRequest,
    Rejected,
    Reply,
    RequestAnswer,
    RequestReceipt,
    Retry,
    SetPrice,
    SetPublished,
    SetQuantity,
    ToldParcel,
    Unknown,
)
from connectors.storefronts.shopify import documents
from connectors.storefronts.shopify.connector import ShopifyStorefront
from connectors.storefronts.shopify.cursors import ProductsCursor, Stage
from sync.domain.aftersales import RequestKind
from sync.domain.money import Money
from tests.contracts.shopify_schema import schema
from tests.contracts.shopify_specs import HERE
from tests.contracts.shopify_whatever import ANYTHING, NOTHING, Whatever
from tests.unit.shopify.scripted import setup

pytestmark = pytest.mark.skipif(not HERE and "CI" not in os.environ, reason="the official schema is not here")
SEEDS = 60
SHORTLY = 0.25
"""Seconds: what a shop does by and by is not waited for."""
ORDER, LINE = "gid://shopify/Order/1", "gid://shopify/LineItem/1"
RETURN = "gid://shopify/Return/1"
V1, V2 = "gid://shopify/ProductVariant/1", "gid://shopify/ProductVariant/2"
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"bulk_from": 1, "locations": ["gid://shopify/Location/1"], "move_fulfilment_orders": True},
    {"publications": ["gid://shopify/Publication/1"]},
    {"publications": ["text"]},
)
ROUND = ProductsCursor(100, since=50).text()
CHANGED = ProductsCursor(100, since=50, stage=Stage.PRODUCTS).text()
BULK = ProductsCursor(100, stage=Stage.BULK, operation="gid://shopify/BulkOperation/1").text()
Call = Callable[[ShopifyStorefront, Deadline], Awaitable[Any]]
READS: dict[str, Call] = {
    "identity": lambda shop, soon: shop.identity(soon),
    "products": lambda shop, soon: shop.products(None, soon),
    "products, a round": lambda shop, soon: shop.products(ROUND, soon),
    "products, a round's second half": lambda shop, soon: shop.products(CHANGED, soon),
    "products, by a bulk operation": lambda shop, soon: shop.products(BULK, soon),
    "orders": lambda shop, soon: shop.orders(None, soon),
    "order": lambda shop, soon: shop.order(ORDER, soon),
    "requests": lambda shop, soon: shop.requests(None, soon),
    "request": lambda shop, soon: shop.request(RequestKind.RETURN, RETURN, soon),
    "quantities": lambda shop, soon: shop.quantities([V1, V2], soon),
    "webhooks": lambda shop, soon: shop.webhooks(soon),
}
_SHIPMENT = ConfirmShipment("k", ORDER, (ToldParcel("T1", "DHL", ((LINE, 1),)), ToldParcel("T2", "DHL", ())))
_REFUND = RefundRequest("k", ORDER, Money(100, "EUR"), None, ((LINE, 1),), True, "late")
_LISTINGS = [
    PutListing("a", V1, "Cup", "Holds tea.", pictures=("https://x.example/a.png",)),
    PutListing("b", None, "Pot", "Holds more.", sku="b", price=Decimal("9.90"), currency="EUR"),
]
WRITES: dict[str, Call] = {
    "set_quantities": lambda shop, soon: shop.set_quantities([SetQuantity(V1, 4), SetQuantity(V2, 5)], soon),
    "set_prices": lambda shop, soon: shop.set_prices(
        [SetPrice(each, Decimal("9.90"), "EUR") for each in (V1, V2)], soon
    ),
    "set_published": lambda shop, soon: shop.set_published(
        [SetPublished(V1, False), SetPublished("gid://shopify/Product/2", True)], soon
    ),
    "put_listings": lambda shop, soon: shop.put_listings(_LISTINGS, soon),
    "confirm_shipment": lambda shop, soon: shop.confirm_shipment(_SHIPMENT, soon),
    "find_shipment": lambda shop, soon: shop.find_shipment(_SHIPMENT, soon),
    "confirm_delivery": lambda shop, soon: shop.confirm_delivery(
        ConfirmDelivery(ORDER, "gid://shopify/Fulfillment/1"), soon
    ),
    "cancel_lines": lambda shop, soon: shop.cancel_lines(CancelLines(ORDER, ((LINE, 0),), "sold out"), soon),
    "answer_request": lambda shop, soon: shop.answer_request(
        RequestAnswer(RETURN, RequestKind.RETURN, True, "as agreed"), soon
    ),
    "answer_request, no": lambda shop, soon: shop.answer_request(
        RequestAnswer(RETURN, RequestKind.EXCHANGE, False, "too late"), soon
    ),
    "receive_request": lambda shop, soon: shop.receive_request(
        RequestReceipt(RETURN, RequestKind.RETURN, ((LINE, 1, 0),), True), soon
    ),
    "receive_request, damaged": lambda shop, soon: shop.receive_request(
        RequestReceipt(RETURN, RequestKind.RETURN, ((LINE, 0, 1),), False), soon
    ),
    "receive_request, nothing": lambda shop, soon: shop.receive_request(
        RequestReceipt(RETURN, RequestKind.RETURN, (), True), soon
    ),
    "refund": lambda shop, soon: shop.refund(_REFUND, soon),
    "find_refund": lambda shop, soon: shop.find_refund(_REFUND, soon),
    "subscribe": lambda shop, soon: shop.subscribe("text", "", soon),
    "unsubscribe": lambda shop, soon: shop.unsubscribe("text", soon),
    "note": lambda shop, soon: shop.note(Reply("k", ORDER, "Waits.", private=True), soon),
}


_OUTCOMES = (Done, Rejected, Retry, Unknown, ConnectorError, list, tuple, int)
"""Lists are of subscriptions, a number is of those that were removed."""
_KNOWN = ("payment is in the state", "is not there", "more shipping lines", "a list of the shop")
"""Why an order without any money may be broken: the last for pages that say no end."""


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    return schema()


async def told(shop: Whatever, call: Call) -> Any:
    """What a method says; an error of the contract is said too, any other one is a defect."""
    connector = ShopifyStorefront(setup(shop, url="http://127.0.0.1:9", **OPTIONS[shop.seed % len(OPTIONS)]))
    try:
        return await call(connector, Deadline.after(SHORTLY))
    except ConnectorError as error:
        return error
    finally:
        await connector.close()


@pytest.mark.parametrize("name", READS)
async def test_a_read_gives_all_that_fits_and_fails_by_the_contract_only(
    name: str, official: GraphQLSchema
) -> None:
    good = 0
    for seed in range(SEEDS):
        answer = await told(Whatever(official, seed, amounts=(NOTHING, ANYTHING)[seed % 2]), READS[name])
        good += not isinstance(answer, ConnectorError)
    assert good > SEEDS // 10


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_has_an_outcome_whatever_the_answers_leave_out(
    name: str, official: GraphQLSchema
) -> None:
    for seed in range(SEEDS):
        shop = Whatever(official, seed, amounts=(NOTHING, ANYTHING, ("12.5",))[seed % 3], errs=True)
        answer = await told(shop, WRITES[name])
        outcomes = answer.values() if isinstance(answer, dict) else [answer]
        assert all(isinstance(each, _OUTCOMES) for each in outcomes), seed


async def test_orders_without_any_money_come_whatever_else_of_them_is_null(official: GraphQLSchema) -> None:
    """Words of tomorrow included, but for the one that says where the money stands."""
    read = 0
    for seed in range(SEEDS):
        page = await told(Whatever(official, seed), READS["orders"])
        if not isinstance(page, Page):
            continue
        read += len(page.records)
        for broken in page.broken:
            assert any(words in broken.why for words in _KNOWN), (seed, broken.why)
    assert read > SEEDS // 4


async def test_an_order_that_is_given_out_adds_up_and_another_is_broken_in_words(
    official: GraphQLSchema,
) -> None:
    read = broken = 0
    for seed in range(3 * SEEDS):
        page = await told(Whatever(official, seed, amounts=ANYTHING), READS["orders"])
        if not isinstance(page, Page):
            continue
        broken += len(page.broken)
        for order in page.records:
            parts = sum(line.total.minor for line in order.lines)
            parts += order.shipping.minor + order.adjustments.minor
            assert parts == order.total.minor, seed
            read += 1
    assert (read > 0, broken > read) == (True, True)


async def test_every_document_was_answered_so(official: GraphQLSchema) -> None:
    """But for three: one follows an internal error, one a picture of this machine, one takes an order all of a piece."""
    asked: set[str] = set()
    for seed in range(3 * SEEDS):
        for call in (*READS.values(), *WRITES.values()):
            shop = Whatever(official, seed, amounts=("12.5",))
            await told(shop, call)
            asked |= set(shop.asked)
    names = {each.text.split("(")[0].split()[1]: each.operation for each in documents.EVERY}
    never = {operation for name, operation in names.items() if name not in asked}
    assert never <= {"orders.heads", "stage_pictures", "cancel"}
