"""A bulk operation's file: streamed by lines, put together by products, taken up again where it was left."""

import json
from typing import Any

import httpx
import pytest

from connectors.contract import BadAnswer, Deadline, Refused, Throttled, Unavailable
from connectors.storefronts.shopify import MANIFEST
from connectors.storefronts.shopify.connector import ShopifyStorefront
from connectors.storefronts.shopify.cursors import ProductsCursor, Stage
from connectors.storefronts.shopify.jsonl import Assembler, LinkEnded, Splitter, checked, read_part
from tests.unit.shopify.made import AT, HERE, SHOP, nodes
from tests.unit.shopify.scripted import answer, setup

LINK = "https://files.example.com/bulk.jsonl?signature=abc"


def product(number: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/Product/{number}",
        "title": f"Cup {number}",
        "descriptionHtml": "",
        "status": "ACTIVE",
        "updatedAt": AT,
        "hasOnlyDefaultVariant": True,
    }


def variant(number: int, parent: int) -> dict[str, Any]:
    level = {"isActive": True, "quantities": [{"name": "available", "quantity": 5}]}
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": f"SKU-{number}",
        "title": "Default Title",
        "barcode": None,
        "price": "12.50",
        "compareAtPrice": None,
        "inventoryPolicy": "DENY",
        "updatedAt": AT,
        "inventoryItem": {
            "id": f"gid://shopify/InventoryItem/{number}",
            "tracked": True,
            "inventoryLevel": level,
        },
        "__parentId": f"gid://shopify/Product/{parent}",
    }


def picture(number: int, parent: int) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/MediaImage/{number}",
        "preview": {"image": {"url": f"https://cdn.example.com/{number}.jpg"}},
        "__parentId": f"gid://shopify/Product/{parent}",
    }


def jsonl(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


THREE = jsonl(
    product(1),
    picture(8, 1),
    variant(11, 1),
    product(2),
    variant(21, 2),
    variant(22, 2),
    product(3),
    variant(31, 3),
)


class Host(httpx.AsyncBaseTransport):
    """The host of the file, and a shop in front of it."""

    def __init__(
        self, content: bytes, *answers: dict[str, Any], ranges: bool = True, status: int = 200
    ) -> None:
        self.content = content
        self.answers = list(answers)
        self.ranges = ranges
        self.status = status
        self.files: list[httpx.Request] = []
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "files.example.com":
            self.files.append(request)
            return self.file(request)
        self.asked.append((await request.aread()).decode())
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(said).encode()))

    def file(self, request: httpx.Request) -> httpx.Response:
        begin = int(request.headers.get("range", "bytes=0-")[6:-1])
        if self.status != 200:
            return httpx.Response(self.status, stream=httpx.ByteStream(b""))
        if begin and self.ranges:
            if begin >= len(self.content):
                return httpx.Response(416, stream=httpx.ByteStream(b""))
            headers = {"Content-Range": f"bytes {begin}-{len(self.content) - 1}/{len(self.content)}"}
            return httpx.Response(206, headers=headers, stream=httpx.ByteStream(self.content[begin:]))
        return httpx.Response(200, stream=httpx.ByteStream(self.content))


def test_lines_are_cut_wherever_the_bytes_were_cut() -> None:
    for size in (1, 3, 7, 1000):
        splitter = Splitter(100)
        found = []
        for begin in range(0, len(THREE), size):
            found += splitter.feed(THREE[begin : begin + size])
        assert [line for line, _ in found] == THREE.splitlines()
        assert found[-1][1] == 100 + len(THREE)


def test_a_last_line_without_a_break_counts_too() -> None:
    splitter = Splitter(0)
    assert splitter.feed(b'{"id":"a"}') == []
    assert splitter.last() == [(b'{"id":"a"}', 10)]


def test_a_line_without_end_is_not_taken_in() -> None:
    splitter = Splitter(0)
    with pytest.raises(BadAnswer, match="larger than such a file can be"):
        splitter.feed(b"x" * 5_000_001)


def test_rows_belong_to_the_product_before_them() -> None:
    assembler = Assembler(0)
    place = 0
    for line in THREE.splitlines():
        place += len(line) + 1
        assembler.add(line, place)
    assembler.close()
    assert [len(group.rows) for group in assembler.done] == [2, 2, 1]
    assert assembler.done[-1].end == len(THREE)


def test_a_row_without_its_product_and_a_line_that_is_none_are_kept_apart() -> None:
    assembler = Assembler(0)
    place = 0
    for line in (
        *jsonl(product(1), variant(21, 2)).splitlines(),
        b"<html>",
        *jsonl(variant(11, 1)).splitlines(),
    ):
        place += len(line) + 1
        assembler.add(line, place)
    assembler.close()
    assert [bool(group.fault) for group in assembler.done] == [True, True, False]
    assert len(assembler.done[-1].rows) == 1


async def part(host: Host, offset: int = 0, most: int = 2000) -> Any:
    return await read_part(LINK, offset, most, MANIFEST.limits, Deadline.after(5), host)


@pytest.mark.parametrize("ranges", [True, False])
async def test_reading_goes_on_at_the_byte_where_it_was_left(ranges: bool) -> None:
    host = Host(THREE, ranges=ranges)
    whole = await part(host)
    assert (len(whole.groups), whole.ended) == (3, True)
    rest = await part(host, offset=whole.groups[0].end)
    assert [group.id[-1] for group in rest.groups] == ["2", "3"]
    assert rest.offset == len(THREE)


async def test_no_credential_goes_to_the_file_s_host() -> None:
    host = Host(THREE)
    await part(host)
    assert "x-shopify-access-token" not in host.files[0].headers
    assert host.files[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("status", "error"), [(403, LinkEnded), (404, LinkEnded), (500, Unavailable), (302, Unavailable)]
)
async def test_a_host_that_refuses_is_told(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        await part(Host(THREE, status=status))


@pytest.mark.parametrize(
    "link",
    [
        "http://files.example.com/x",
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://localhost/x",
        "https://metadata.internal/x",
        "https://[::1]/x",
        "ftp://files.example.com/x",
        "https://user@files.example.com/x",
    ],
)
def test_an_address_of_an_inner_network_is_not_called(link: str) -> None:
    with pytest.raises(Refused):
        checked(link, "https://canary.myshopify.com")


def test_a_public_address_is_called_and_a_loopback_shop_s_own() -> None:
    assert checked(LINK, "https://canary.myshopify.com") == LINK
    assert checked("http://127.0.0.1:9/x", "http://127.0.0.1:8080") == "http://127.0.0.1:9/x"


def operation(status: str, **changes: Any) -> dict[str, Any]:
    facts = {"id": "gid://shopify/BulkOperation/1", "status": status, "errorCode": None, "createdAt": AT}
    return answer({"bulkOperation": facts | {"url": None, "partialDataUrl": None, "query": ""} | changes})


FACTS = answer(SHOP)
BULK = ProductsCursor(100, stage=Stage.BULK, operation="gid://shopify/BulkOperation/1").text()


async def page(host: Host, cursor: str | None = BULK, seconds: float = 5) -> Any:
    shop = ShopifyStorefront(setup(host))
    try:
        return await shop.products(cursor, Deadline.after(seconds))
    finally:
        await shop.close()


async def test_a_finished_operation_gives_every_variant_with_its_product() -> None:
    found = await page(Host(THREE, FACTS, operation("COMPLETED", url=LINK)))
    assert [each.sku for each in found.records] == ["SKU-11", "SKU-21", "SKU-22", "SKU-31"]
    assert found.records[0].pictures == ("https://cdn.example.com/8.jpg",)
    assert (found.records[0].available, found.complete) == (5, True)
    assert ProductsCursor.parse(found.cursor).since == 100


async def test_a_failed_operation_gives_its_part_and_the_sweep_goes_page_by_page() -> None:
    found = await page(Host(THREE, FACTS, operation("FAILED", partialDataUrl=LINK, errorCode="TIMEOUT")))
    assert len(found.records) == 4
    assert (found.complete, ProductsCursor.parse(found.cursor)) == (False, ProductsCursor(begun=100))


@pytest.mark.parametrize(
    "said", [operation("EXPIRED"), operation("CANCELED"), answer({"bulkOperation": None})]
)
async def test_an_operation_that_is_gone_leads_to_a_sweep_page_by_page(said: dict[str, Any]) -> None:
    found = await page(Host(THREE, FACTS, said))
    assert (found.records, found.complete) == ((), False)
    assert ProductsCursor.parse(found.cursor) == ProductsCursor(begun=100)


async def test_an_operation_that_found_nothing_ends_the_sweep() -> None:
    found = await page(Host(b"", FACTS, operation("COMPLETED")))
    assert (found.records, found.complete) == ((), True)


async def test_an_operation_that_still_runs_is_looked_at_later() -> None:
    with pytest.raises(Throttled, match="still prepares"):
        await page(Host(b"", FACTS, operation("RUNNING")), seconds=0.3)


async def test_a_link_that_has_ended_is_asked_for_once_more() -> None:
    host = Host(THREE, FACTS, operation("COMPLETED", url=LINK), status=403)
    found = await page(host)
    assert len(host.files) == 2
    assert ProductsCursor.parse(found.cursor) == ProductsCursor(begun=100)


async def test_one_variant_that_does_not_fit_is_kept_and_the_others_come() -> None:
    bad = variant(11, 1) | {"price": {"spoilt": True}}
    rows = jsonl(product(1), bad, variant(12, 1))
    found = await page(Host(rows, FACTS, operation("COMPLETED", url=LINK)))
    assert [each.sku for each in found.records] == ["SKU-12"]
    assert [each.external_id for each in found.broken] == ["gid://shopify/ProductVariant/11"]


async def test_a_large_shop_s_sweep_begins_with_a_bulk_operation() -> None:
    listed = variant(11, 1) | {"product": product(1)}
    first = answer({"productVariantsCount": {"count": 2500}, "productVariants": nodes([listed], more=True)})
    made = operation("CREATED")["data"]["bulkOperation"]
    begun = answer({"bulkOperationRunQuery": {"bulkOperation": made, "userErrors": []}})
    host = Host(b"", FACTS, first, begun)
    found = await page(host, None)
    assert (found.complete, found.total) == (False, 2500)
    assert ProductsCursor.parse(found.cursor).stage is Stage.BULK
    query = json.loads(host.asked[-1])["variables"]["query"]
    assert HERE in query
    assert "@" not in query
