"""Every request that the connector can send is one that the official discovery document describes.

The document is of 2017. What was added since is named below, each with the recordings that show a real shop taking
it; the connector is driven over a line that answers with recorded records.
"""

import json
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest
from woocommerce_exchanges import SPECS, exchanges, routes

if not SPECS.is_dir() and "CI" not in os.environ:
    pytest.skip("the recordings of real shops are not here", allow_module_level=True)

from woocommerce_line import OPEN, SIMPLE, VARIABLE, VARIATION, Line, answers, opened

from connectors.contract import (
    CancelLines,
    ConfirmShipment,
    Deadline,
    Done,
    PutListing,
    RefundRequest,
    Reply,
    SetPrice,
    SetPublished,
    SetQuantity,
    ToldParcel,
)
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from connectors.storefronts.woocommerce.parcels import reference
from sync.domain.money import Money

SINCE_2017 = {
    "_fields": "WordPress core, since 4.9.8",
    "modified_after": "WooCommerce 5.8",
    "modified_before": "WooCommerce 5.8",
    "dates_are_gmt": "WooCommerce 5.8",
    "api_restock": "WooCommerce 3.7",
    "status": "of variations: WooCommerce 3.5 (`visible` before)",
    "delivery_url": "of webhooks in a batch: as for one",
    "id": "of an item of a batch: as for one",
}
"""Arguments that the document has not. The recordings show a shop taking them, but for those of `UNSEEN`."""
UNSEEN = {"modified_before", "status", "delivery_url", "id"}
ORDERBY = {"modified", "id"}


@pytest.fixture
async def line() -> Line:
    return Line(answers())


@pytest.fixture
async def shop(line: Line) -> AsyncIterator[WooCommerceStorefront]:
    connector = opened(line)
    yield connector
    await connector.close()


async def everything(shop: WooCommerceStorefront) -> None:
    """Each method of the connector, so that each request is sent that it has."""
    soon = Deadline.after(30)
    await shop.identity(soon)
    swept = await shop.products(None, soon)
    await shop.products(swept.cursor, soon)
    await shop.orders(None, soon)
    window = '{"after":0,"at":1795591100,"until":1795591140,"held":1795591000,"seen":{}}'
    later = await shop.orders('{"after":1795591000,"east":-18000,"seen":{}}', soon)
    assert later.records
    await shop.orders(window, soon)
    assert await shop.order("22", soon) is not None
    simple, variation = str(SIMPLE["id"]), f"{VARIABLE['id']}:{VARIATION['id']}"
    await shop.quantities([simple, variation], soon)
    sale = datetime(2026, 12, 1, tzinfo=UTC)
    await shop.set_quantities([SetQuantity(simple, 3), SetQuantity(variation, 4)], soon)
    prices = [
        SetPrice(simple, Decimal(5), "USD"),
        SetPrice(variation, Decimal(4), "USD", Decimal(5), sale, sale.replace(day=9)),
    ]
    await shop.set_prices(prices, soon)
    await shop.set_published([SetPublished(f"product:{simple}", False), SetPublished(variation, True)], soon)
    pictures = ("https://pictures.example/a.jpg",)
    listings = [
        PutListing(
            "NEW-1", None, "New", "text", price=Decimal(3), pictures=pictures, attributes={"Size": "S"}
        ),
        PutListing("a", simple, "Old", "text", pictures=pictures, attributes={"Size": "S"}),
        PutListing("b", variation, "Old", "text", pictures=pictures),
    ]
    await shop.put_listings(listings, soon)
    first, second = (str(each["id"]) for each in OPEN["line_items"][:2])
    await shop.confirm_shipment(ConfirmShipment("k", "22", (ToldParcel("1Z", "UPS", ((first, 1),)),)), soon)
    assert isinstance(await shop.cancel_lines(CancelLines("22", ((first, 1),), "sold out"), soon), Done)
    whole = CancelLines("22", ((first, 0), (second, 0)), "sold out")
    await shop.cancel_lines(whole, soon)
    refund = RefundRequest("r", "22", Money(100, "USD"), None, ((first, 1),), True, "late")
    assert isinstance(await shop.refund(refund, soon), Done)
    await shop.note(Reply("n", "22", "Waits for stock."), soon)
    await shop.webhooks(soon)
    await shop.subscribe("https://entrepot.example/hooks/x", "sec", soon)


def described(request: httpx.Request) -> dict[str, Any] | None:
    """The endpoint of the discovery document that this request goes to."""
    path = request.url.path.removeprefix("/wp-json")
    for pattern, route in routes().items():
        if re.fullmatch(pattern, path):
            for endpoint in route["endpoints"]:
                if request.method in endpoint["methods"]:
                    return dict(endpoint)
    return None


async def test_every_request_goes_to_a_described_route_with_a_described_verb(
    shop: WooCommerceStorefront, line: Line
) -> None:
    await everything(shop)
    for request in line.sent:
        if request.url.path != "/wp-json/":
            assert described(request) is not None, f"{request.method} {request.url.path}"


async def test_every_argument_is_described_or_named_as_added_since(
    shop: WooCommerceStorefront, line: Line
) -> None:
    await everything(shop)
    for request in line.sent:
        endpoint = described(request) or {"args": {}}
        asked = set(request.url.params)
        body = json.loads(request.content) if request.content else {}
        items = [item for verb in ("create", "update") for item in body.get(verb, ())]
        for told in items or [body]:
            asked |= set(told)
        asked -= {"create", "update", "delete"}
        if request.url.path == "/wp-json/":
            endpoint = {"args": {}}
        unknown = asked - set(endpoint["args"]) - set(SINCE_2017)
        assert not unknown, f"{request.method} {request.url.path}: {unknown}"


async def test_every_list_is_sorted_in_a_described_way_or_by_the_date_of_change(
    shop: WooCommerceStorefront, line: Line
) -> None:
    await everything(shop)
    for request in line.sent:
        order = request.url.params.get("orderby")
        assert order is None or order in ORDERBY


def test_what_was_added_since_was_taken_by_a_real_shop() -> None:
    queries = {name for one in exchanges() for name in one.query if one.status < 400}
    bodies = {"api_restock"}  # in the bodies of the refund cases
    assert set(SINCE_2017) - UNSEEN <= queries | bodies


async def test_a_moment_is_always_gmt_without_a_zone(shop: WooCommerceStorefront, line: Line) -> None:
    await everything(shop)
    dated = [request.url.params for request in line.sent if "modified_after" in request.url.params]
    assert dated
    for params in dated:
        assert params["dates_are_gmt"] == "true"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", params["modified_after"])


async def test_money_is_asked_for_as_the_shop_rounds_it(shop: WooCommerceStorefront, line: Line) -> None:
    """With dp=6 the total stays rounded and the sums are false in every mode."""
    await everything(shop)
    assert not [request for request in line.sent if "dp" in request.url.params]


async def test_several_ids_go_as_one_list_with_commas(shop: WooCommerceStorefront, line: Line) -> None:
    await everything(shop)
    for request in line.sent:
        assert "%5B" not in str(request.url)
        assert "[" not in str(request.url)


async def test_prices_go_as_texts_and_quantities_as_whole_numbers(
    shop: WooCommerceStorefront, line: Line
) -> None:
    await everything(shop)
    for request in line.sent:
        body = json.loads(request.content) if request.content else {}
        for item in (*body.get("create", ()), *body.get("update", ())):
            for name in ("regular_price", "sale_price"):
                assert isinstance(item.get(name, ""), str)
            assert isinstance(item.get("stock_quantity", 0), int)
        if request.url.path.endswith("/refunds") and request.method == "POST":
            assert isinstance(body["amount"], str)


async def test_no_write_goes_to_the_single_route_of_a_product(
    shop: WooCommerceStorefront, line: Line
) -> None:
    """PUT /products/{variation} is 404, and one request a product is slow."""
    await everything(shop)
    writes = [request.url.path for request in line.sent if request.method != "GET"]
    assert not [path for path in writes if re.search(r"/products/\d+(/variations/\d+)?$", path)]


async def test_the_shipment_tracking_extension_is_used_where_the_index_names_it() -> None:
    place = r"/wp-json/wc-shipment-tracking/v3/orders/22/shipment-trackings"
    index = ("GET", "/wp-json/", {"namespaces": ["wc/v3", "wc-shipment-tracking/v3"]})
    told = ("POST", place, lambda body: (201, {"tracking_id": "x", **body}))
    line = Line([index, told, ("GET", place, []), *answers()])
    shop = opened(line, tracking_providers={"UPS": "UPS"})
    lines = ((str(OPEN["line_items"][0]["id"]), 1),)
    request = ConfirmShipment("k", "22", (ToldParcel("1Z", "UPS", lines), ToldParcel("2", "Bote", ())))
    done = await shop.confirm_shipment(request, Deadline.after(10))
    assert isinstance(done, Done) and done.echo == (reference("k", 0), reference("k", 1))
    posts = [json.loads(sent.content) for sent in line.sent if sent.method == "POST"]
    assert [{k: v for k, v in post.items() if k != "products_list"} for post in posts] == [
        {"tracking_provider": "UPS", "tracking_number": "1Z"},
        {"custom_tracking_provider": "Bote", "custom_tracking_link": "", "tracking_number": "2"},
    ]
    await shop.close()
