"""The order feed, and one order by its id."""

from collections.abc import Sequence

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page, Refused
from connectors.storefronts.shopify import documents, payloads, translate
from connectors.storefronts.shopify.client import Reply, ShopFailed, TooDear
from connectors.storefronts.shopify.cursors import OrdersCursor, advance, iso, seconds
from connectors.storefronts.shopify.documents import Document
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.rows import id_of, rows_of
from connectors.storefronts.shopify.shop import Shop
from connectors.storefronts.shopify.sums import NotAdding
from connectors.storefronts.shopify.whole import MOST_RECORDS, Read, ask, whole
from connectors.transport import decode
from sync.domain.orders import RemoteOrder

LINES_INSIDE = 20
LISTS_INSIDE = 5
"""Lines, and transactions, refunds and fulfilments, that come with an order of a page."""
FEWEST_LINES = 4


class Orders:
    """Reads the orders of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._page_items = shop.options.page_items
        self._lines = LINES_INSIDE

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """The next orders by the moment of their last change; see cursors.py for what the cursor promises."""
        start = self._shop.options.orders_from
        cursor = OrdersCursor.parse(text, start)
        reply, rows, full, partly = await self._unseen(cursor, deadline)
        marks = rows_of(rows, cursor.begin)
        news = [row for row, mark in zip(rows, marks, strict=True) if not cursor.knows(mark)]
        records, broken = await self._records(news, partly, deadline)
        after = advance(cursor, marks, full=full, horizon=seconds(self._shop.horizon(reply.answer)))
        return Page(
            records=records,
            cursor=text if text is not None and after == cursor else after.text(),
            complete=not full,
            begun_at=reply.answer.begun_at,
            broken=broken,
        )

    async def one(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """None where the shop has no such order."""
        record = await self.read(external_id, deadline)
        if record is None:
            return None
        try:
            return translate.order(decoded(record), record)
        except (translate.UnknownState, NotAdding) as error:
            raise BadAnswer(f"order {external_id}: {error}", sample=record) from None

    async def read(self, external_id: str, deadline: Deadline) -> bytes | None:
        """The order as it came, whole."""
        if not is_gid(external_id, "Order"):
            return None
        found = await ask(self._shop.client, external_id, deadline)
        return None if found is None else await whole(self._shop.client, found, deadline)

    async def _unseen(
        self, cursor: OrdersCursor, deadline: Deadline
    ) -> tuple[Reply, Sequence[msgspec.Raw], bool, bool]:
        """The first page that holds an order not seen yet; normally that is the first.

        Gives the reply, its rows, whether there are more, and whether only their heads came.
        """
        after: str | None = None
        passed = 0
        while True:
            reply, partly = await self._ask(cursor, after, deadline)
            page = reply.read(payloads.OrdersData).orders
            full = page.page_info.has_next_page
            if not full or any(not cursor.knows(row) for row in rows_of(page.nodes, cursor.begin)):
                return reply, page.nodes, full, partly
            passed += len(page.nodes)
            if passed >= MOST_RECORDS or page.page_info.end_cursor in (None, after):
                raise BadAnswer(f"the shop's list of orders goes on, and gives nothing new after {passed:,}")
            after = page.page_info.end_cursor

    async def _ask(self, cursor: OrdersCursor, after: str | None, deadline: Deadline) -> tuple[Reply, bool]:
        """A page of orders: a smaller one where it costs too much, of heads only where one makes the shop fail."""
        while True:
            variables: dict[str, object] = {"after": after, "query": self._query(cursor)}
            inner: dict[str, object] = {"inner": self._lines, "list": LISTS_INSIDE}
            try:
                return await self._sent(documents.ORDERS, variables | inner, deadline), False
            except TooDear:
                self._shrink()
            except ShopFailed:
                return await self._sent(documents.ORDER_HEADS, variables, deadline), True

    async def _sent(self, document: Document, variables: dict[str, object], deadline: Deadline) -> Reply:
        size = self._page_items
        return await self._shop.client.send(document, {"first": size, **variables}, deadline, size=size)

    def _shrink(self) -> None:
        if self._page_items > 1:
            self._page_items = max(1, self._page_items // 2)
        elif self._lines > FEWEST_LINES:
            self._lines //= 2
        else:
            raise Refused("orders: even one order costs more points than Shopify takes of one request")

    def _query(self, cursor: OrdersCursor) -> str | None:
        terms = [f"updated_at:>='{iso(cursor.begin)}'"] if cursor.begin > 0 else []
        if start := self._shop.options.orders_from:
            terms.append(f"created_at:>='{iso(seconds(start))}'")
        return " AND ".join(terms) or None

    async def _records(
        self, rows: Sequence[msgspec.Raw], partly: bool, deadline: Deadline
    ) -> tuple[tuple[RemoteOrder, ...], tuple[Broken, ...]]:
        found: list[RemoteOrder] = []
        broken: list[Broken] = []
        for row in rows:
            record = bytes(row)
            try:
                record = await self._whole(row, partly, deadline)
                found.append(translate.order(decoded(record), record))
            except (BadAnswer, Refused, ShopFailed, translate.UnknownState, NotAdding) as error:
                broken.append(Broken(id_of(row), str(error), record))
        return tuple(found), tuple(broken)

    async def _whole(self, row: msgspec.Raw, partly: bool, deadline: Deadline) -> bytes:
        record: bytes | None
        if partly:
            record = await self.read(id_of(row) or "", deadline)
        else:
            record = await whole(self._shop.client, Read(row, LISTS_INSIDE), deadline)
        if record is None:
            raise BadAnswer("the order was listed and is not there")
        return record


def decoded(record: bytes) -> payloads.Order:
    """Raises BadAnswer, whose text names the field and the type, never the value."""
    try:
        return decode(record, type=payloads.Order)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"the order is not as described: {error}", sample=record) from None
