"""Every request that the connector can send is one that the official discovery document describes.

The document is of 2017. What was added since is named below, each with the recordings that show a real shop taking
it; the connector is driven over a line that answers with recorded records.
"""

import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from woocommerce_exchanges import SPECS, exchanges, routes

from connectors.contract import (
    AuthRejected,
    CancelLines,
    ConfirmShipment,
    ConnectorError,
    Deadline,
    Done,
    PutListing,
    RefundRequest,
    Refused,
    Rejected,
    Reply,
    SetPrice,
    SetPublished,
    SetQuantity,
    ToldParcel,
    Unavailable,
    Unknown,
)
from connectors.storefronts.woocommerce.connector import WooCommerceStorefront
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.parcels import reference
from connectors.transport import Secret, Setup
from sync.domain.clock import SystemClock
from sync.domain.money import Money

if not SPECS.is_dir() and "CI" not in os.environ:
    pytest.skip("the recordings of real shops are not here", allow_module_level=True)

BASE = "https://shop.example"
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


@dataclass
class Line(httpx.AsyncBaseTransport):
    """Answers with recorded records, and keeps what was asked."""

    answers: list[tuple[str, str, Any]]
    sent: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.sent.append(request)
        for method, pattern, answer in self.answers:
            if request.method == method and re.fullmatch(pattern, request.url.path):
                body = answer(json.loads(request.content)) if callable(answer) else answer
                status, body = body if isinstance(body, tuple) else (200, body)
                return httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))
        error = {"code": "rest_no_route", "message": "No route", "data": {"status": 404}}
        return httpx.Response(404, stream=httpx.ByteStream(json.dumps(error).encode()))


def recorded(case: str, place: str, method: str = "GET") -> Any:
    for one in exchanges():
        if (one.case, one.method) == (case, method) and re.fullmatch(place, one.place) and one.status < 300:
            return one.body
    raise LookupError(case)


ORDER = recorded("order_with_refunds", r"orders/\d+")
REFUNDS = recorded("refunds_list", r"orders/\d+/refunds")
SIMPLE = recorded("product_simple", r"products/\d+")
VARIABLE = recorded("product_variable", r"products/\d+")
VARIATION = recorded("variation", r"products/\d+/variations/\d+")
OPEN = {**ORDER, "status": "processing", "refunds": [], "meta_data": [], "date_completed_gmt": None}
V3 = "/wp-json/wc/v3"


def echoed(told: dict[str, Any]) -> dict[str, Any]:
    """What the shop answers to a batch."""
    made = [{"id": 900 + n, "type": "simple", **item} for n, item in enumerate(told.get("create", ()))]
    return {"create": made, "update": [{**SIMPLE, **item} for item in told.get("update", ())]}


def written(told: dict[str, Any]) -> dict[str, Any]:
    return {**OPEN, **told}


def answers() -> list[tuple[str, str, Any]]:
    return [
        ("GET", "/wp-json/", {"namespaces": ["wc/v3"], "home": BASE}),
        (
            "GET",
            f"{V3}/settings/general/woocommerce_currency",
            {"id": "woocommerce_currency", "value": "USD"},
        ),
        ("GET", f"{V3}/settings/tax/woocommerce_prices_include_tax", {"id": "x", "value": "no"}),
        ("GET", f"{V3}/system_status", {"environment": {"store_id": "9f", "home_url": BASE}}),
        ("GET", f"{V3}/orders", [ORDER]),
        ("GET", rf"{V3}/orders/\d+", OPEN),
        ("PUT", rf"{V3}/orders/\d+", written),
        ("GET", rf"{V3}/orders/\d+/refunds", REFUNDS),
        ("POST", rf"{V3}/orders/\d+/refunds", (201, REFUNDS[-1])),
        ("GET", rf"{V3}/orders/\d+/notes", []),
        ("POST", rf"{V3}/orders/\d+/notes", lambda told: (201, {"id": 5, **told})),
        ("GET", f"{V3}/products", [SIMPLE, VARIABLE]),
        ("GET", rf"{V3}/products/\d+/variations", [VARIATION]),
        ("POST", f"{V3}/products/batch", echoed),
        ("POST", rf"{V3}/products/\d+/variations/batch", echoed),
        ("GET", f"{V3}/webhooks", recorded("webhooks_list", "webhooks")),
        ("POST", f"{V3}/webhooks/batch", echoed),
    ]


def opened(line: Line, **options: object) -> WooCommerceStorefront:
    setup = Setup(
        account="shop",
        options=Options.model_validate({"url": BASE, **options}),
        secret=Secret("ck_contract:cs_contract"),
        clock=SystemClock(),
        zone=ZoneInfo("UTC"),
        http=line,
        connector="woocommerce",
    )
    return WooCommerceStorefront(setup)


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


REFUSALS = [
    one
    for one in exchanges()
    if one.status >= 400 and one.method == "GET" and re.fullmatch(r"(orders|products)(/\d+)?", one.place)
]


@pytest.mark.parametrize("one", REFUSALS, ids=str)
async def test_every_recorded_refusal_of_a_read_is_told_as_what_it_is(one: Any) -> None:
    shop = opened(Line([("GET", rf"{V3}/orders", (one.status, one.body))]))
    expected = AuthRejected if one.status == 401 else Refused
    with pytest.raises(expected) as told:
        await shop.orders(None, Deadline.after(10))
    assert one.body["message"] not in str(told.value)
    await shop.close()


@pytest.mark.parametrize("version", ["11.0.1", "8.6.1"])
async def test_a_refused_refund_is_a_refusal_though_it_comes_as_500(version: str) -> None:
    refused = [
        one
        for one in exchanges()
        if one.status == 500 and one.place.endswith("/refunds") and one.case.startswith(version)
    ]
    assert refused
    for one in refused:
        assert isinstance(one.body["data"], int)
        told = [("POST", rf"{V3}/orders/\d+/refunds", (500, one.body)), *answers()]
        line = Line(told)
        shop = opened(line)
        request = RefundRequest("r", "22", Money(100, "USD"), None, (), True, "late")
        assert isinstance(await shop.refund(request, Deadline.after(10)), Rejected)
        assert sum(sent.method == "POST" for sent in line.sent) == 1
        await shop.close()


async def test_any_other_500_leaves_a_refund_unknown() -> None:
    error = {"code": "internal_server_error", "message": "…", "data": {"status": 500}}
    line = Line([("POST", rf"{V3}/orders/\d+/refunds", (500, error)), *answers()])
    shop = opened(line)
    request = RefundRequest("r", "22", Money(100, "USD"), None, (), True, "late")
    assert isinstance(await shop.refund(request, Deadline.after(10)), Unknown)
    await shop.close()


async def test_an_order_that_is_not_there_is_none_and_no_error() -> None:
    (one,) = [one for one in exchanges() if one.case == "error_404_order"]
    shop = opened(Line([("GET", rf"{V3}/orders/\d+", (404, one.body))]))
    assert await shop.order("999999", Deadline.after(10)) is None
    await shop.close()


async def test_a_page_of_another_program_is_not_woocommerce_s() -> None:
    shop = opened(Line([]), url=BASE)
    with pytest.raises(ConnectorError):
        await shop.orders(None, Deadline.after(10))
    await shop.close()


async def test_a_page_of_before_is_asked_for_again_and_never_taken() -> None:
    line = Line(answers())
    shop = opened(line)
    with pytest.raises(Unavailable, match="a page of before"):
        await shop.orders('{"after":1895591000,"seen":{}}', Deadline.after(10))
    await shop.close()


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
