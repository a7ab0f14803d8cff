"""The order feed, and one order by its id."""

from collections.abc import Sequence

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page, Refused, Unavailable
from connectors.storefronts.vendure import documents, payloads, translate
from connectors.storefronts.vendure.client import Reply, ShopFailed
from connectors.storefronts.vendure.cursors import OrdersCursor, advance, iso, millis
from connectors.storefronts.vendure.shop import Shop
from connectors.transport import decode
from sync.domain.orders import RemoteOrder

_STALE_ANSWERS = 3
BEGIN = "1970-01-01T00:00:00.000Z"


class Orders:
    """Reads the orders of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """The next orders by the moment of placing; see cursors.py for what the cursor promises."""
        cursor = OrdersCursor.parse(text, self._shop.options.start)
        reply, rows, full = await self._unseen(cursor, deadline)
        settings = reply.read(payloads.OrdersData).global_settings
        records, broken = await self._records(rows, settings, deadline)
        heads = [_head(row) for row in rows]
        placed = [(head.id, millis(head.order_placed_at)) for head in heads if head]
        after = advance(cursor, placed, full=full, horizon=millis(self._shop.horizon(reply.answer)))
        moved = placed or after != cursor
        return Page(
            records=records,
            cursor=after.text() if moved or text is None else text,
            complete=not full,
            begun_at=reply.answer.begun_at,
            broken=broken,
        )

    async def one(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """None where the shop has no such order in this channel."""
        record, precision = await self.read(external_id, deadline)
        if record is None:
            return None
        order = decoded(record)
        try:
            return translate.order(order, bytes(record), precision, self._shop.options.states)
        except translate.UnknownState as error:
            raise BadAnswer(f"order {external_id}: {error}", sample=bytes(record)) from None

    async def read(self, external_id: str, deadline: Deadline) -> tuple[msgspec.Raw | None, int]:
        """The order as it came, and the shop's money precision."""
        reply = await self._shop.client.send(documents.ORDER, {"id": external_id}, deadline)
        data = reply.read(payloads.OrderData)
        record = None if bytes(data.order) == b"null" else data.order
        return record, data.global_settings.precision

    async def _unseen(
        self, cursor: OrdersCursor, deadline: Deadline
    ) -> tuple[Reply, Sequence[msgspec.Raw], bool]:
        """The first page that holds an order not seen yet; normally that is the first.

        A page of orders that the shop was told to leave out answers an earlier question (some cache does that):
        it is asked for again, since passing over it would pass over what it hides.
        """
        size, skip, stale = self._shop.options.page_items, 0, 0
        left_out = set(cursor.named)
        while True:
            reply = await self._ask(cursor, skip, deadline)
            rows = reply.read(payloads.OrdersData).orders.items
            full = len(rows) >= size
            news = [row for row in rows if not _is_seen(row, cursor)]
            if news or not full:
                return reply, news, full
            if any(head.id in left_out for row in rows if (head := _head(row)) is not None):
                stale += 1
                if stale == _STALE_ANSWERS:
                    raise Unavailable(
                        "the shop answers with a page of before: look for a cache in front of it"
                    )
            else:
                skip += size

    async def _ask(self, cursor: OrdersCursor, skip: int, deadline: Deadline) -> Reply:
        """A page of orders, whole; of their ids only, where one of them makes the shop fail."""
        variables = {"options": self._options(cursor, skip)}
        try:
            return await self._shop.client.send(documents.ORDERS, variables, deadline)
        except ShopFailed:
            return await self._shop.client.send(documents.ORDER_IDS, variables, deadline)

    def _options(self, cursor: OrdersCursor, skip: int) -> dict[str, object]:
        filters: dict[str, object] = {
            "orderPlacedAt": {"after": iso(cursor.after) if cursor.after > 0 else BEGIN},
            "active": {"eq": False},
        }
        if cursor.seen:
            filters["id"] = {"notIn": cursor.named}
        return {
            "filter": filters,
            "sort": {"orderPlacedAt": "ASC"},
            "skip": skip,
            "take": self._shop.options.page_items,
        }

    async def _records(
        self, rows: Sequence[msgspec.Raw], settings: payloads.Settings | msgspec.UnsetType, deadline: Deadline
    ) -> tuple[tuple[RemoteOrder, ...], tuple[Broken, ...]]:
        found: list[RemoteOrder] = []
        broken: list[Broken] = []
        for row in rows:
            try:
                if isinstance(settings, msgspec.UnsetType):
                    row, precision = await self._singly(row, deadline)  # noqa: PLW2901 - the same, whole
                else:
                    precision = settings.precision
                found.append(translate.order(decoded(row), bytes(row), precision, self._shop.options.states))
            except (BadAnswer, Refused, ShopFailed, translate.UnknownState) as error:
                head = _head(row)
                broken.append(Broken(head.id if head else None, str(error), bytes(row)))
        return tuple(found), tuple(broken)

    async def _singly(self, row: msgspec.Raw, deadline: Deadline) -> tuple[msgspec.Raw, int]:
        head = _head(row)
        if head is None:
            raise BadAnswer("an order of the page has no id or no date of placing")
        record, precision = await self.read(head.id, deadline)
        if record is None:
            raise BadAnswer("the order was listed and is not there")
        return record, precision


def decoded(record: msgspec.Raw) -> payloads.Order:
    """Raises BadAnswer, whose text names the field and the type, never the value."""
    try:
        return decode(record, type=payloads.Order)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"the order is not as described: {error}", sample=bytes(record)) from None


def _head(record: msgspec.Raw) -> payloads.OrderHead | None:
    try:
        return decode(record, type=payloads.OrderHead)
    except msgspec.ValidationError:
        return None


def _is_seen(record: msgspec.Raw, cursor: OrdersCursor) -> bool:
    head = _head(record)
    return head is not None and head.id in cursor.seen
