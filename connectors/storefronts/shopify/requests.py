"""Requests after the sale: buyers' wishes to send goods back, and to have others instead.

Shopify has no list of returns but each order's own, and a return moves its order's `updated_at`. So the feed reads
orders by that moment, as the order feed does, and then each of their returns by itself: whole, with what is wanted
instead and what came back.
"""

from collections.abc import Sequence

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.client import Reply, TooDear
from connectors.storefronts.shopify.cursors import OrdersCursor, advance, iso, seconds
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.returns import Whole, remote_request
from connectors.storefronts.shopify.rows import id_of, rows_of
from connectors.storefronts.shopify.shop import LARGEST_PAGE, Shop, going_on
from connectors.storefronts.shopify.whole import MOST_RECORDS
from connectors.transport import decode
from sync.domain.requests import RemoteRequest

RETURNS_INSIDE = 5
LINES_INSIDE = 50
LISTS_INSIDE = 20
"""Locations that take goods back, and parcels to each: a return with more of them is told as broken."""


class Requests:
    """Reads the returns of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._page_items = shop.options.page_items

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """The returns of the orders that changed next, each as it is now."""
        cursor = OrdersCursor.parse(text, self._shop.options.orders_from)
        reply, rows, full = await self._unseen(cursor, deadline)
        marks = rows_of(rows, cursor.begin)
        found: list[RemoteRequest] = []
        broken: list[Broken] = []
        for row, mark in zip(rows, marks, strict=True):
            if not cursor.knows(mark):
                await self._take(row, found, broken, deadline)
        after = advance(cursor, marks, full=full, horizon=seconds(self._shop.horizon(reply.answer)))
        stays = text is not None and after == cursor
        return Page(
            tuple(found),
            text if stays else after.text(),
            complete=not full,
            begun_at=reply.answer.begun_at,
            broken=tuple(broken),
        )

    async def one(self, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """None where the shop has no such return."""
        raw = await self._read(external_id, deadline)
        return None if raw is None else remote_request(await self._whole(raw, deadline), bytes(raw))

    async def whole(self, external_id: str, deadline: Deadline) -> Whole | None:
        """The return with all its lines, as the shop has it; None where there is none. Raises BadAnswer."""
        raw = await self._read(external_id, deadline)
        return None if raw is None else await self._whole(raw, deadline)

    async def _read(self, id: str, deadline: Deadline) -> msgspec.Raw | None:
        if not is_gid(id, "Return"):
            return None
        variables = {"id": id, "lines": LINES_INSIDE, "list": LISTS_INSIDE}
        reply = await self._shop.client.send(documents.RETURN, variables, deadline)
        raw = reply.read(payloads.ReturnData).return_
        return None if bytes(raw) == b"null" else raw

    async def _unseen(
        self, cursor: OrdersCursor, deadline: Deadline
    ) -> tuple[Reply, Sequence[msgspec.Raw], bool]:
        after: str | None = None
        passed = 0
        while True:
            reply = await self._ask(cursor, after, deadline)
            page = reply.read(payloads.OrdersData).orders
            full = page.page_info.has_next_page
            if not full or any(not cursor.knows(row) for row in rows_of(page.nodes, cursor.begin)):
                return reply, page.nodes, full
            passed += len(page.nodes)
            if passed >= MOST_RECORDS:
                raise BadAnswer(f"the shop's list of orders gives nothing new after {passed:,}")
            after = going_on(page.page_info, after)

    async def _ask(self, cursor: OrdersCursor, after: str | None, deadline: Deadline) -> Reply:
        query = f"updated_at:>='{iso(cursor.begin)}'" if cursor.begin > 0 else None
        while True:
            variables = {"first": self._page_items, "after": after, "query": query, "inner": RETURNS_INSIDE}
            try:
                return await self._shop.client.send(
                    documents.RETURNS, variables, deadline, size=self._page_items
                )
            except TooDear:
                if self._page_items <= 1:
                    raise
                self._page_items = max(1, self._page_items // 2)

    async def _take(
        self, row: msgspec.Raw, found: list[RemoteRequest], broken: list[Broken], deadline: Deadline
    ) -> None:
        try:
            order = decode(row, type=payloads.ReturnedOrder)
        except msgspec.ValidationError as error:
            broken.append(
                Broken(None, f"the order with its returns is not as described: {error}", bytes(row))
            )
            return
        for head in await self._heads(order, deadline):
            raw = head
            try:
                id = decode(head, type=payloads.ReturnHead).id
                read = await self._read(id, deadline)
                if read is None:
                    continue
                raw = read
                found.append(remote_request(await self._whole(raw, deadline), bytes(raw)))
            except (msgspec.ValidationError, BadAnswer) as error:
                broken.append(Broken(id_of(raw), f"the return is not as described: {error}", bytes(raw)))

    async def _heads(self, order: payloads.ReturnedOrder, deadline: Deadline) -> list[msgspec.Raw]:
        rows = list(order.returns.nodes)
        after = going_on(order.returns.page_info, None)
        while after is not None:
            variables = {"id": order.id, "first": LINES_INSIDE, "after": after}
            reply = await self._shop.client.send(documents.MORE_RETURNS, variables, deadline)
            more = reply.read(payloads.MoreReturnsData).order
            if more is None:
                break
            rows += more.returns.nodes
            after = going_on(more.returns.page_info, after)
        return rows

    async def _whole(self, raw: msgspec.Raw, deadline: Deadline) -> Whole:
        try:
            record = decode(raw, type=payloads.Return)
        except msgspec.ValidationError as error:
            raise BadAnswer(f"the return is not as described: {error}", sample=bytes(raw)) from None
        orders = record.reverse_fulfillment_orders
        if orders.page_info.has_next_page or any(
            each.reverse_deliveries.page_info.has_next_page for each in orders.nodes
        ):
            raise BadAnswer(f"the return comes back to more than {LISTS_INSIDE} places, or in more parcels")
        return Whole(
            record,
            await self._lines(record, deadline),
            await self._instead(record, deadline),
            [(each, await self._reverse_lines(each, deadline)) for each in orders.nodes],
        )

    async def _lines(self, record: payloads.Return, deadline: Deadline) -> list[payloads.ReturnLine]:
        page = record.return_line_items
        lines = list(page.nodes)
        after = going_on(page.page_info, None)
        while after is not None:
            variables = {"id": record.id, "first": LARGEST_PAGE, "after": after}
            reply = await self._shop.client.send(documents.MORE_RETURN_LINES, variables, deadline)
            more = reply.read(payloads.MoreReturnLinesData).return_
            if more is None:
                break
            lines += more.return_line_items.nodes
            after = going_on(more.return_line_items.page_info, after)
        return lines

    async def _instead(self, record: payloads.Return, deadline: Deadline) -> list[payloads.ExchangeLine]:
        page = record.exchange_line_items
        lines = list(page.nodes)
        after = going_on(page.page_info, None)
        while after is not None:
            variables = {"id": record.id, "first": LARGEST_PAGE, "after": after}
            reply = await self._shop.client.send(documents.MORE_EXCHANGE_LINES, variables, deadline)
            more = reply.read(payloads.MoreExchangeLinesData).return_
            if more is None:
                break
            lines += more.exchange_line_items.nodes
            after = going_on(more.exchange_line_items.page_info, after)
        return lines

    async def _reverse_lines(
        self, order: payloads.ReverseOrder, deadline: Deadline
    ) -> list[payloads.ReverseLine]:
        lines = list(order.line_items.nodes)
        after = going_on(order.line_items.page_info, None)
        while after is not None:
            variables = {"id": order.id, "first": LARGEST_PAGE, "after": after}
            reply = await self._shop.client.send(documents.MORE_REVERSE_LINES, variables, deadline)
            more = reply.read(payloads.MoreReverseLinesData).reverse_fulfillment_order
            if more is None:
                break
            lines += more.line_items.nodes
            after = going_on(more.line_items.page_info, after)
        return lines
