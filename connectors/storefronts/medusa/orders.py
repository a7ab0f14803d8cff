"""The order feed, and one order by its id."""

from collections.abc import Sequence

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page, Refused, Unavailable
from connectors.storefronts.medusa import payloads, translate
from connectors.storefronts.medusa.client import Reply, get
from connectors.storefronts.medusa.cursors import OrdersCursor, advance, iso, millis
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import decode
from sync.domain.orders import RemoteOrder

_STALE_ANSWERS = 3
FIELDS = (
    "id,display_id,status,currency_code,email,created_at,updated_at,total,summary,sales_channel_id,metadata,"
    "*items,*items.detail,*items.tax_lines,*items.adjustments,"
    "items.variant.inventory_items.inventory_item_id,items.variant.inventory_items.required_quantity,"
    "*shipping_methods,*shipping_methods.tax_lines,*shipping_methods.adjustments,"
    "*shipping_address,*billing_address,*credit_lines,"
    "*fulfillments,*fulfillments.items,*fulfillments.labels,"
    "*payment_collections.payments,*payment_collections.payments.captures,"
    "*payment_collections.payments.refunds"
)
"""Whole records: with single fields of `items` the shop answers totals of 0."""


class Orders:
    """Reads the orders of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """The next orders by the moment of their last change; see cursors.py for what the cursor promises."""
        cursor = OrdersCursor.parse(text, self._shop.options.orders_from)
        reply, rows, full = await self._unseen(cursor, deadline)
        heads = [head for row in rows if (head := _head(row))]
        news = [row for row in rows if not _is_seen(row, cursor)]
        records, broken = _records(news)
        moved = [(head.id, millis(head.updated_at)) for head in heads]
        after = advance(cursor, moved, full=full, horizon=millis(self._shop.horizon(reply.answer)))
        return Page(
            records=records,
            cursor=text if text is not None and after == cursor else after.text(),
            complete=not full,
            begun_at=reply.answer.begun_at,
            broken=broken,
        )

    async def one(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """None where the shop has no such order, or another sales channel has it."""
        record = await self.read(external_id, deadline)
        if record is None:
            return None
        order = decoded(record)
        try:
            return translate.order(order, bytes(record))
        except translate.UnknownState as error:
            raise BadAnswer(f"order {external_id}: {error}", sample=bytes(record)) from None

    async def read(self, external_id: str, deadline: Deadline) -> msgspec.Raw | None:
        """The order as it came."""
        asked = get("order", "orders", external_id, params=[("fields", FIELDS)])
        try:
            record = (await self._shop.client.send(asked, deadline)).read(payloads.OneOrder).order
        except Refused as error:
            if error.code == "not_found":
                return None
            raise
        channel = await self._shop.channel(deadline)
        return record if channel is None or decoded(record).sales_channel_id == channel else None

    async def _unseen(
        self, cursor: OrdersCursor, deadline: Deadline
    ) -> tuple[Reply, Sequence[msgspec.Raw], bool]:
        """The first page that holds an order not seen yet, or a later moment; normally that is the first.

        A page with an order from before the moment that was asked for answers an earlier question (some cache does
        that): it is asked for again, since going on from it would pass over what it hides.
        """
        size, skip, stale = self._shop.options.page_items, 0, 0
        channel = await self._shop.channel(deadline)
        while True:
            params = [
                ("fields", FIELDS),
                ("order", "updated_at"),
                ("updated_at[$gte]", iso(cursor.begin)),
                ("offset", str(skip)),
                ("limit", str(size)),
                *([("sales_channel_id[]", channel)] if channel else []),
            ]
            reply = await self._shop.client.send(get("orders", "orders", params=params), deadline)
            rows = reply.read(payloads.Orders).orders
            full = len(rows) >= size
            first = _head(rows[0]) if rows else None
            if first is not None and millis(first.updated_at) < cursor.begin:
                stale += 1
                if stale == _STALE_ANSWERS:
                    raise Unavailable(
                        "the shop answers with a page of before: look for a cache in front of it"
                    )
                continue
            last = _head(rows[-1]) if rows else None
            later = last is not None and millis(last.updated_at) > cursor.begin
            if not full or later or any(not _is_seen(row, cursor) for row in rows):
                return reply, rows, full
            skip += size


def _records(rows: Sequence[msgspec.Raw]) -> tuple[tuple[RemoteOrder, ...], tuple[Broken, ...]]:
    found: list[RemoteOrder] = []
    broken: list[Broken] = []
    for row in rows:
        try:
            found.append(translate.order(decoded(row), bytes(row)))
        except (BadAnswer, translate.UnknownState) as error:
            head = _head(row)
            broken.append(Broken(head.id if head else None, str(error), bytes(row)))
    return tuple(found), tuple(broken)


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
    return head is not None and cursor.knows(head.id, millis(head.updated_at))
