"""The feed of variants: a whole sweep, by bulk operation or page by page, then rounds of what changed.

A sweep of a large shop is one bulk operation, whose file is read product by product. Where that cannot be had,
or ends early, the sweep goes page by page by the variants' ids, from its begin: what was given out already
comes again. Then rounds ask for changed variants, and for changed products with all their variants. Deleted
variants show in neither.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import httpx
import msgspec

from connectors.contract import Broken, Deadline, Limits, Page, Unavailable
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.bulk import Bulk, Course
from connectors.storefronts.shopify.client import Reply, TooDear
from connectors.storefronts.shopify.cursors import ProductsCursor, Stage, iso, seconds
from connectors.storefronts.shopify.ids import number
from connectors.storefronts.shopify.jsonl import Group, LinkEnded, Part, read_part
from connectors.storefronts.shopify.shop import Places, Shop, going_on, shop_time
from connectors.storefronts.shopify.translate import Listed, listed, product_of, remote_variant
from connectors.transport import decode
from sync.domain.clock import Clock
from sync.domain.listing import RemoteVariant

STALE_ANSWERS = 3
STALE = "the shop answers with a page of before: look for a cache in front of it"
PRODUCTS_A_PAGE = 10
BULK_ROWS = 2000
"""Rows of a bulk operation's file that make a page."""
VARIANTS_INSIDE = 50
"""Variants that come with their product; the rest of a product that has more is read after it."""


class Found:
    """What a page gives out, and what of it does not fit."""

    def __init__(self) -> None:
        self.records: list[RemoteVariant] = []
        self.broken: list[Broken] = []

    def add(self, raw: msgspec.Raw | bytes, product: payloads.Product | None, facts: Listed) -> None:
        """Take one variant; its product stands in its own record where `product` is None."""
        content = msgspec.Raw(bytes(raw))
        try:
            whole = product or decode(content, type=payloads.VariantProduct).product
            self.records.append(
                remote_variant(decode(content, type=payloads.VariantFields), whole, bytes(raw), facts)
            )
        except msgspec.ValidationError as error:
            self.spoilt(content, f"the variant is not as described: {error}")

    def spoilt(self, raw: msgspec.Raw, why: str) -> None:
        """Keep a record that does not fit."""
        self.broken.append(Broken(id_of(raw) or None, why, bytes(raw)))


class Products:
    """Reads the variants of one shop."""

    def __init__(
        self, shop: Shop, limits: Limits, clock: Clock, http: httpx.AsyncBaseTransport | None
    ) -> None:
        self._shop = shop
        self._bulk = Bulk(shop)
        self._limits = limits
        self._clock = clock
        self._http = http
        self._page_items = shop.options.page_items
        self._links: dict[str, tuple[Course, str | None]] = {}
        self._total: int | None = None

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """The next variants of the sweep (`text` None begins one) or of the round of changes."""
        places = await self._shop.places(deadline)
        facts = listed(await self._shop.facts(deadline), places.location)
        cursor = ProductsCursor.parse(text) if text else ProductsCursor(begun=0)
        if cursor.stage is Stage.BULK:
            return await self._from_bulk(cursor, facts, deadline)
        if cursor.stage is Stage.PRODUCTS:
            return await self._products(cursor, places, facts, deadline)
        return await self._variants(cursor, places, facts, deadline)

    async def _from_bulk(
        self, cursor: ProductsCursor, facts: Listed, deadline: Deadline
    ) -> Page[RemoteVariant]:
        begun_at = self._clock.now()
        course, part = await self._part(cursor, deadline)
        found = Found()
        for group in part.groups if part else ():
            self._take(group, found, facts)
        if part is None or part.ended:
            place = cursor.ended() if course is Course.WHOLE else cursor.page_by_page()
        else:
            place = replace(cursor, offset=part.offset)
        complete = place.stage is not Stage.BULK and place.since is not None
        return _page(found, place, complete=complete, begun_at=begun_at, total=self._total)

    async def _part(self, cursor: ProductsCursor, deadline: Deadline) -> tuple[Course, Part | None]:
        """The next products of the operation's file; where its address has ended, a fresh one is asked for once."""
        for _ in range(2):
            course, link = await self._link(cursor.operation, deadline)
            if link is None:
                return course, None
            try:
                part = await read_part(link, cursor.offset, BULK_ROWS, self._limits, deadline, self._http)
            except LinkEnded:
                self._links.pop(cursor.operation, None)
                continue
            return course, part
        return Course.GONE, None

    async def _link(self, operation: str, deadline: Deadline) -> tuple[Course, str | None]:
        """Where the operation's file lies; looked up once for each opening of the account."""
        if operation not in self._links:
            result = await self._bulk.result(operation, deadline)
            self._links = {operation: (result.course, result.link)}
        return self._links[operation]

    def _take(self, group: Group, found: Found, facts: Listed) -> None:
        if group.fault:
            found.spoilt(msgspec.Raw(group.head), group.fault)
            return
        media = [row for id, row in group.rows if "/ProductVariant/" not in id]
        variants = [row for id, row in group.rows if "/ProductVariant/" in id]
        try:
            product = product_of(group.head, media)
        except msgspec.ValidationError as error:
            for row in variants or [group.head]:
                found.spoilt(msgspec.Raw(row), f"the product is not as described: {error}")
            return
        for row in variants:
            found.add(row, product, facts)

    async def _variants(
        self, cursor: ProductsCursor, places: Places, facts: Listed, deadline: Deadline
    ) -> Page[RemoteVariant]:
        reply, data = await self._news(cursor, places, deadline)
        found = Found()
        for row in data.product_variants.nodes:
            found.add(row, None, facts)
        if cursor.since is not None or cursor.last:
            return self._told(cursor, reply, data.product_variants, found)
        begun = replace(cursor, begun=seconds(shop_time(reply.answer)))
        self._total = data.product_variants_count.count if data.product_variants_count else None
        if not cursor.begun and self._total is not None and self._total >= self._shop.options.bulk_from:
            operation = await self._bulk.begin(places, deadline)
            if operation is not None:
                place = replace(begun, stage=Stage.BULK, operation=operation)
                return _page(found, place, complete=False, begun_at=reply.answer.begun_at, total=self._total)
        return self._told(begun, reply, data.product_variants, found)

    async def _news(
        self, cursor: ProductsCursor, places: Places, deadline: Deadline
    ) -> tuple[Reply, payloads.VariantsData]:
        """A page of variants behind the last one; one of before (some cache has it) is asked for again."""
        for _ in range(STALE_ANSWERS):
            reply = await self._asked(documents.VARIANTS, cursor, places, self._page_items, deadline)
            data = reply.read(payloads.VariantsData)
            if not _is_stale(cursor, data.product_variants):
                return reply, data
        raise Unavailable(STALE)

    async def _products(
        self, cursor: ProductsCursor, places: Places, facts: Listed, deadline: Deadline
    ) -> Page[RemoteVariant]:
        size = min(PRODUCTS_A_PAGE, self._page_items)
        reply = await self._asked(documents.PRODUCTS, cursor, places, size, deadline)
        page = reply.read(payloads.ProductsData).products
        if _is_stale(cursor, page):
            raise Unavailable(STALE)
        found = Found()
        for row in page.nodes:
            try:
                product = decode(row, type=payloads.Product)
                inner = decode(row, type=payloads.InnerVariants).variants
            except msgspec.ValidationError as error:
                found.spoilt(row, f"the product is not as described: {error}")
                continue
            for variant in await self._all_variants(product.id, inner, places, deadline):
                found.add(variant, product, facts)
        return self._told(cursor, reply, page, found)

    async def _all_variants(
        self, product: str, inner: payloads.Nodes[msgspec.Raw], places: Places, deadline: Deadline
    ) -> list[msgspec.Raw]:
        rows = list(inner.nodes)
        after = going_on(inner.page_info, None)
        while after is not None:
            variables = {"id": product, "first": 100, "after": after, "location": places.location}
            reply = await self._shop.client.send(documents.PRODUCT_VARIANTS, variables, deadline)
            found = reply.read(payloads.ProductVariantsData).product
            if found is None:
                break
            rows += found.variants.nodes
            after = going_on(found.variants.page_info, after)
        return rows

    async def _asked(
        self,
        document: documents.Document,
        cursor: ProductsCursor,
        places: Places,
        size: int,
        deadline: Deadline,
    ) -> Reply:
        """A page; a smaller one where Shopify finds it too dear."""
        while True:
            variables: dict[str, object] = {"first": size, "query": self._query(cursor), **places.variables()}
            if document is documents.PRODUCTS:
                variables["inner"] = VARIANTS_INSIDE
            else:
                variables["count"] = not cursor.last and cursor.since is None
            try:
                return await self._shop.client.send(document, variables, deadline, size=size)
            except TooDear:
                if size <= 1:
                    raise
                size = self._page_items = max(1, size // 2)

    def _query(self, cursor: ProductsCursor) -> str | None:
        terms = [f"id:>{cursor.last}"] if cursor.last else []
        if cursor.since is not None:
            since = max(0, cursor.since - self._shop.options.overlap_seconds)
            terms.append(f"updated_at:>='{iso(since)}'")
        return " AND ".join(terms) or None

    def _told(
        self, cursor: ProductsCursor, reply: Reply, page: payloads.Nodes[msgspec.Raw], found: Found
    ) -> Page[RemoteVariant]:
        begins = cursor.since is not None and cursor.stage is Stage.VARIANTS and not cursor.last
        begun = seconds(shop_time(reply.answer)) if begins else cursor.begun
        place = replace(cursor, begun=begun, last=max([cursor.last, *_numbers(page.nodes)]))
        ended = not page.page_info.has_next_page
        complete = ended and (cursor.since is None or cursor.stage is Stage.PRODUCTS)
        total = self._total if cursor.since is None else None
        after = place.ended() if ended else place
        return _page(found, after, complete=complete, begun_at=reply.answer.begun_at, total=total)


def _page(
    found: Found, place: ProductsCursor, *, complete: bool, begun_at: datetime, total: int | None = None
) -> Page[RemoteVariant]:
    return Page(tuple(found.records), place.text(), complete, begun_at, tuple(found.broken), total)


def _is_stale(cursor: ProductsCursor, page: payloads.Nodes[msgspec.Raw]) -> bool:
    """Whether a page that goes on holds nothing behind the place where it was to begin."""
    return page.page_info.has_next_page and max([0, *_numbers(page.nodes)]) <= cursor.last


def _numbers(rows: Sequence[msgspec.Raw]) -> list[int]:
    return [found for row in rows if (found := number(id_of(row))) is not None]


def id_of(record: msgspec.Raw) -> str:
    """A record's id, where it has one."""
    try:
        return decode(record, type=payloads.Id).id
    except msgspec.ValidationError:
        return ""
