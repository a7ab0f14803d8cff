"""A bulk operation's file is larger than memory: as much of it is taken from the line as one page needs."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from connectors.contract import Deadline, Page, Unavailable
from connectors.storefronts.shopify.connector import ShopifyStorefront
from connectors.storefronts.shopify.cursors import ProductsCursor, Stage
from connectors.storefronts.shopify.products import BULK_ROWS
from sync.domain.listing import RemoteVariant
from tests.unit.shopify.made import SHOP
from tests.unit.shopify.scripted import answer, setup
from tests.unit.shopify.test_shopify_bulk import LINK, jsonl, operation, product, variant

PRODUCTS = 2_500
CHUNK = 16_384
BEGIN = ProductsCursor(100, stage=Stage.BULK, operation="gid://shopify/BulkOperation/1").text()


class Stream(httpx.AsyncByteStream):
    """Counts what was taken from it; `breaks_after` so many bytes the connection is gone."""

    def __init__(self, content: bytes, breaks_after: int | None) -> None:
        self._content = content
        self._breaks_after = breaks_after
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for begin in range(0, len(self._content), CHUNK):
            if self._breaks_after is not None and self.taken >= self._breaks_after:
                raise httpx.ReadError("gone")
            chunk = self._content[begin : begin + CHUNK]
            self.taken += len(chunk)
            yield chunk


class Files(httpx.AsyncBaseTransport):
    """A shop whose operation is done, and the host of its file, which honours ranges."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.breaks_after: int | None = None
        self.streams: list[Stream] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if request.url.host != "files.example.com":
            said = answer(SHOP) if b"query Shop" in body else operation("COMPLETED", url=LINK)
            return httpx.Response(200, stream=httpx.ByteStream(json.dumps(said).encode()))
        begin = int(request.headers.get("range", "bytes=0-")[6:-1])
        self.streams.append(Stream(self._content[begin:], self.breaks_after))
        end = len(self._content)
        headers = {"Content-Range": f"bytes {begin}-{end - 1}/{end}"} if begin else {}
        return httpx.Response(206 if begin else 200, headers=headers, stream=self.streams[-1])


def rows(number: int) -> list[dict[str, Any]]:
    """A product with one variant and a long description."""
    return [product(number) | {"descriptionHtml": "x" * 1500}, variant(number, number)]


def content() -> bytes:
    return b"".join(jsonl(*rows(number)) for number in range(1, PRODUCTS + 1))


async def page(files: Files, cursor: str) -> Page[RemoteVariant]:
    """By a fresh connector each time: it keeps nothing between two pages but the cursor."""
    shop = ShopifyStorefront(setup(files))
    try:
        return await shop.products(cursor, Deadline.after(30))
    finally:
        await shop.close()


async def test_a_page_takes_no_more_of_the_file_than_it_needs_and_the_next_goes_on_behind_it() -> None:
    files = Files(content())
    given: list[str] = []
    cursor, complete = BEGIN, False
    while not complete:
        found = await page(files, cursor)
        assert found.cursor is not None
        given += [each.external_id for each in found.records]
        cursor, complete = found.cursor, found.complete
    assert given == [f"gid://shopify/ProductVariant/{number}" for number in range(1, PRODUCTS + 1)]
    largest = len(jsonl(*rows(PRODUCTS)))
    assert len(files.streams) == -(-2 * PRODUCTS // BULK_ROWS)
    assert all(each.taken <= (BULK_ROWS // 2 + 1) * largest + 5 * CHUNK for each in files.streams)


async def test_a_line_that_breaks_costs_the_page_and_not_the_sweep() -> None:
    files = Files(content())
    first = await page(files, BEGIN)
    assert first.cursor is not None
    files.breaks_after = 200_000
    with pytest.raises(Unavailable, match="the connection broke"):
        await page(files, first.cursor)
    files.breaks_after = None
    second = await page(files, first.cursor)
    ids = [each.external_id for each in (*first.records, *second.records)]
    assert ids == [f"gid://shopify/ProductVariant/{number}" for number in range(1, len(ids) + 1)]
