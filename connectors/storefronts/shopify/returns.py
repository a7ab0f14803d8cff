"""Buyers' wishes to send goods back: read with the orders that they belong to, approved or declined.

Shopify has no list of returns but each order's own, and a return moves its order's `updated_at`. So the feed
reads orders by that moment, as the order feed does, and gives their returns.
"""

from collections.abc import Sequence

import msgspec

from connectors.contract import (
    BadAnswer,
    Broken,
    Deadline,
    Done,
    Outcome,
    Page,
    Refused,
    Rejected,
    RemoteReturn,
    ReturnDecision,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.client import Reply, TooDear
from connectors.storefronts.shopify.cursors import OrdersCursor, advance, iso, seconds
from connectors.storefronts.shopify.ids import is_gid
from connectors.storefronts.shopify.refusals import refusal, refused_by
from connectors.storefronts.shopify.rows import id_of, rows_of
from connectors.storefronts.shopify.shop import LARGEST_PAGE, Shop, going_on
from connectors.storefronts.shopify.whole import MOST_RECORDS
from connectors.transport import Uncertain, decode

LINES_INSIDE = 10
LONGEST_NOTE = 250
_APPROVED = frozenset({"OPEN", "CLOSED"})
_DECLINED = frozenset({"DECLINED", "CANCELED"})


class Returns:
    """Reads and decides the returns of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._page_items = shop.options.page_items

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteReturn]:
        """The returns of the orders that changed next."""
        cursor = OrdersCursor.parse(text, self._shop.options.orders_from)
        reply, rows, full = await self._unseen(cursor, deadline)
        marks = rows_of(rows, cursor.begin)
        found: list[RemoteReturn] = []
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

    async def decide(self, request: ReturnDecision, deadline: Deadline) -> Outcome[None]:
        """Done where it stands as decided already; Rejected where it was decided otherwise."""
        head = await self._head(request.external_id, deadline)
        if head is None:
            return Rejected(f"the shop has no return {request.external_id}", code="NOT_FOUND")
        if head.status != "REQUESTED":
            return _decided(head, request)
        what = f"{'approving' if request.approved else 'declining'} the return"
        document, variables = _decision(request, notify=self._shop.options.notify_buyers)
        try:
            reply = await self._shop.client.send(document, variables, deadline)
            result = next(iter(reply.read(dict[str, payloads.ReturnResult | None]).values()), None)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, what)
        if result is None:
            return Unknown(f"{what}: the shop's answer is empty")
        return refused_by(result.user_errors, what) or Done(external_id=request.external_id)

    async def _head(self, id: str, deadline: Deadline) -> payloads.ReturnHead | None:
        if not is_gid(id, "Return"):
            return None
        reply = await self._shop.client.send(documents.RETURN, {"id": id}, deadline)
        return reply.read(payloads.ReturnData).return_

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
            variables = {"first": self._page_items, "after": after, "query": query, "inner": LINES_INSIDE}
            try:
                return await self._shop.client.send(
                    documents.RETURNS, variables, deadline, size=self._page_items
                )
            except TooDear:
                if self._page_items <= 1:
                    raise
                self._page_items = max(1, self._page_items // 2)

    async def _take(
        self, row: msgspec.Raw, found: list[RemoteReturn], broken: list[Broken], deadline: Deadline
    ) -> None:
        try:
            order = decode(row, type=payloads.ReturnedOrder)
        except msgspec.ValidationError as error:
            broken.append(
                Broken(None, f"the order with its returns is not as described: {error}", bytes(row))
            )
            return
        for each in await self._all(order, deadline):
            try:
                found.append(await self._one(each, deadline))
            except (msgspec.ValidationError, BadAnswer) as error:
                broken.append(Broken(id_of(each), f"the return is not as described: {error}", bytes(each)))

    async def _all(self, order: payloads.ReturnedOrder, deadline: Deadline) -> list[msgspec.Raw]:
        rows = list(order.returns.nodes)
        after = going_on(order.returns.page_info, None)
        while after is not None:
            variables = {"id": order.id, "first": 50, "after": after, "inner": LINES_INSIDE}
            reply = await self._shop.client.send(documents.MORE_RETURNS, variables, deadline)
            more = reply.read(payloads.MoreReturnsData).order
            if more is None:
                break
            rows += more.returns.nodes
            after = going_on(more.returns.page_info, after)
        return rows

    async def _one(self, raw: msgspec.Raw, deadline: Deadline) -> RemoteReturn:
        record = decode(raw, type=payloads.Return)
        lines = list(record.return_line_items.nodes)
        after = going_on(record.return_line_items.page_info, None)
        while after is not None:
            variables = {"id": record.id, "first": LARGEST_PAGE, "after": after}
            reply = await self._shop.client.send(documents.MORE_RETURN_LINES, variables, deadline)
            more = reply.read(payloads.MoreReturnLinesData).return_
            if more is None:
                break
            lines += [decode(row, type=payloads.ReturnLine) for row in more.return_line_items.nodes]
            after = going_on(more.return_line_items.page_info, after)
        return remote_return(record, lines, bytes(raw))


def remote_return(record: payloads.Return, lines: Sequence[payloads.ReturnLine], raw: bytes) -> RemoteReturn:
    """One return. Its reason is of the shop's own list; what the buyer wrote stays in the raw record."""
    units: dict[str, int] = {}
    for line in lines:
        if line.fulfillment_line_item is not None:
            id = line.fulfillment_line_item.line_item.id
            units[id] = units.get(id, 0) + line.quantity
    reasons = dict.fromkeys(
        line.return_reason_definition.name for line in lines if line.return_reason_definition
    )
    return RemoteReturn(
        external_id=record.id,
        order=record.order.id,
        lines=tuple(units.items()),
        state=record.status.lower(),
        reason=", ".join(reasons),
        raw=raw,
    )


def _decision(request: ReturnDecision, *, notify: bool) -> tuple[documents.Document, dict[str, object]]:
    said: dict[str, object] = {"id": request.external_id, "notifyCustomer": notify}
    if request.approved:
        return documents.APPROVE_RETURN, {"input": said}
    note = request.reason[:LONGEST_NOTE]
    return documents.DECLINE_RETURN, {"input": said | {"declineReason": "OTHER", "declineNote": note}}


def _decided(head: payloads.ReturnHead, request: ReturnDecision) -> Outcome[None]:
    if head.status in (_APPROVED if request.approved else _DECLINED):
        return Done(external_id=head.id)
    state = head.status.lower() if head.status.isascii() and len(head.status) < 20 else "decided"
    return Rejected(f"the return is {state} in the shop already", code="ALREADY_DECIDED")
