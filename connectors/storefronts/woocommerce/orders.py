"""The order feed, and one order by its id; each with its refunds, whose lines the order itself does not show."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page, Refused, Unavailable
from connectors.storefronts.woocommerce import parcels, payloads, translate
from connectors.storefronts.woocommerce.client import get
from connectors.storefronts.woocommerce.cursors import (
    Head,
    OrdersCursor,
    advance,
    head,
    in_window,
    naive,
    seconds,
)
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import MISSING
from connectors.storefronts.woocommerce.shop import Shop
from connectors.storefronts.woocommerce.walking import Step, id_of, next_step, side_by_side
from connectors.transport import Answer
from sync.domain.orders import RemoteOrder

STALE_ANSWERS = 3
GMT = ("dates_are_gmt", "true")
ALL = [("per_page", "100")]


@dataclass(frozen=True, slots=True)
class Record:
    """An order and its refunds, as they came."""

    order: payloads.Order
    raw: bytes = field(repr=False)
    refunds: Sequence[payloads.Refund] = field(default=(), repr=False)


class Orders:
    """Reads the orders of one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """The next orders by the second of their last change; see cursors.py for what the cursor promises."""
        cursor = OrdersCursor.parse(text, self._shop.options.orders_from)
        if cursor.until is not None:
            step = await self._window(cursor, deadline)
            heads = _heads(step.rows)
            place = cursor.finds(heads)
            after = in_window(place, heads, skip=step.skip, last=step.last, ended=step.ended)
            return await self._told(cursor, step.rows, step.answer, after, deadline)
        rows, answer = await self._by_date(cursor, deadline)
        full = len(rows) >= self._shop.options.page_items
        heads = _heads(rows)
        if full and not heads:
            raise BadAnswer("orders: no order of a whole page is as described", sample=bytes(rows[0]))
        place = cursor.finds(heads)
        after = advance(place, heads, full=full, horizon=seconds(self._shop.horizon(answer)))
        complete = not full and not place.unsure
        page = await self._told(cursor, rows, answer, after, deadline, complete=complete)
        unmoved = text is not None and after == cursor
        return Page(page.records, text if unmoved else page.cursor, page.complete, page.begun_at, page.broken)

    async def one(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """None where the shop has no such order. One in the trash is cancelled."""
        record = await self.read(external_id, deadline)
        if record is None:
            return None
        try:
            return self._translated(record)
        except (ValueError, ArithmeticError) as error:
            raise BadAnswer(f"order {external_id}: {_why(error)}", sample=record.raw) from None

    async def read(self, external_id: str, deadline: Deadline) -> Record | None:
        """The order as it came, with its refunds."""
        if not (external_id.isascii() and external_id.isdigit()):
            return None
        try:
            reply = await self._shop.client.send(get("order", "orders", external_id), deadline)
        except Refused as error:
            if error.code in MISSING:
                return None
            raise
        order = reply.read(payloads.Order)
        return Record(order, reply.answer.body, await self.refunds(order, deadline))

    async def refunds(self, order: payloads.Order, deadline: Deadline) -> Sequence[payloads.Refund]:
        """The refunds of an order, with their lines; not asked for where it shows none."""
        if not order.refunds:
            return ()
        asked = get("refunds", "orders", str(order.id), "refunds", params=ALL)
        try:
            return (await self._shop.client.send(asked, deadline)).read(list[payloads.Refund])
        except Refused as error:
            if error.code in MISSING:  # the order was deleted meanwhile
                return ()
            raise

    def status(self, record: Record) -> str:
        """The order's status in the contract's words; the shop's own where nobody says what it means."""
        try:
            return translate.status_of(record.order, self._shop.options.states).value
        except translate.UnknownState:
            return record.order.status

    def _translated(self, record: Record) -> RemoteOrder:
        told = parcels.shipments(record.order)
        return translate.order(record.order, record.refunds, record.raw, self._shop.options.states, told)

    async def _by_date(
        self, cursor: OrdersCursor, deadline: Deadline
    ) -> tuple[Sequence[msgspec.Raw], Answer]:
        """The page that begins where the cursor says. A page of before (some cache's) is asked for again."""
        params = [
            ("orderby", "modified"),
            ("order", "asc"),
            ("per_page", str(self._shop.options.page_items)),
        ]
        if cursor.begin > 0:
            params += [("modified_after", naive(cursor.begin - 1)), GMT]
        for _ in range(STALE_ANSWERS):
            reply = await self._shop.client.send(get("orders", "orders", params=params), deadline)
            rows = reply.read(list[msgspec.Raw])
            if all(row.moved >= cursor.begin for row in _heads(rows)):
                return rows, reply.answer
        raise Unavailable("the shop answers with a page of before: look for a cache in front of it")

    async def _window(self, cursor: OrdersCursor, deadline: Deadline) -> Step:
        begin, until = cursor.begin, cursor.until or cursor.begin

        async def fetch(skip: int, take: int) -> tuple[Sequence[msgspec.Raw], Answer]:
            params = [
                ("modified_after", naive(begin - 1)),
                ("modified_before", naive(until)),
                GMT,
                ("orderby", "id"),
                ("order", "asc"),
                ("offset", str(skip)),
                ("per_page", str(take)),
            ]
            for _ in range(STALE_ANSWERS):
                reply = await self._shop.client.send(get("orders", "orders", params=params), deadline)
                rows = reply.read(list[msgspec.Raw])
                if all(begin <= row.moved <= until for row in _heads(rows)):
                    return rows, reply.answer
            raise Unavailable("the shop answers with a page of before: look for a cache in front of it")

        return await next_step(cursor.skip, cursor.last, self._shop.options.page_items, fetch)

    async def _told(
        self,
        cursor: OrdersCursor,
        rows: Sequence[msgspec.Raw],
        answer: Answer,
        after: OrdersCursor,
        deadline: Deadline,
        *,
        complete: bool = False,
    ) -> Page[RemoteOrder]:
        news = [row for row in rows if (one := head_of(row)) is None or not cursor.knows(one)]
        found: list[Record] = []
        broken: list[Broken] = []
        for row in news:
            try:
                found.append(Record(decode(row, type=payloads.Order), bytes(row)))
            except msgspec.ValidationError as error:
                broken.append(_broken(row, f"the order is not as described: {error}"))
        refunds = await side_by_side(self.refunds(record.order, deadline) for record in found)
        records: list[RemoteOrder] = []
        for record, given in zip(found, refunds, strict=True):
            try:
                records.append(self._translated(Record(record.order, record.raw, given)))
            except (ValueError, ArithmeticError) as error:
                broken.append(Broken(str(record.order.id), _why(error), record.raw))
        return Page(tuple(records), after.text(), complete, answer.begun_at, tuple(broken))


def _why(error: ValueError | ArithmeticError) -> str:
    return str(error) if isinstance(error, ValueError) else "an amount of the order is no number"


def head_of(row: msgspec.Raw) -> Head | None:
    """None where the row does not tell its id and its dates."""
    try:
        told = decode(row, type=payloads.OrderHead)
    except msgspec.ValidationError:
        return None
    return head(told.id, told.date_modified_gmt, told.date_modified, bytes(row))


def _heads(rows: Sequence[msgspec.Raw]) -> list[Head]:
    return [told for row in rows if (told := head_of(row)) is not None]


def _broken(row: msgspec.Raw, why: str) -> Broken:
    id = id_of(row)
    return Broken(str(id) if id is not None else None, why, bytes(row))
