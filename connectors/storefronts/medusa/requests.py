"""Requests after the sale: returns, exchanges and claims, three lists under one cursor.

Each list is read by `updated_at`, as orders are. A return that belongs to an exchange or a claim brings that one.
What staff have begun and not yet requested is told by nobody; an exchange or a claim does not move its `updated_at`
when it is requested at last, so those that were seen half done are remembered in the cursor and looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page, Refused, Unavailable
from connectors.storefronts.medusa import payloads, returned
from connectors.storefronts.medusa.back import (
    CLAIM,
    EXCHANGE,
    PARTLY,
    RETURN,
    Asked,
    booked,
    remote_request,
    shown,
)
from connectors.storefronts.medusa.client import Reply, get
from connectors.storefronts.medusa.cursors import OrdersCursor, advance, iso, millis
from connectors.storefronts.medusa.cursors import decode as decode_cursor
from connectors.storefronts.medusa.orders import Orders, decoded
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import decode
from sync.domain.requests import RemoteRequest

_Row = TypeVar("_Row", returned.Return, returned.Swap)
MOST_DRAFTS = 100
_STALE_ANSWERS = 3
_RETURN_FIELDS = (
    "id,order_id,exchange_id,claim_id,display_id,status,location_id,created_by,created_at,updated_at,requested_at,"
    "received_at,canceled_at,*items,*items.reason,*fulfillments,*fulfillments.labels"
)
_SWAP_FIELDS = (
    "id,order_id,return_id,display_id,created_by,created_at,updated_at,canceled_at,*additional_items,"
    "*additional_items.item"
)
_CLAIM_FIELDS = f"{_SWAP_FIELDS},type,refund_amount,*claim_items"


@dataclass(frozen=True, slots=True)
class _List:
    """One of the three lists: its route, the fields of a row, and what reads a page and one row."""

    name: str
    prefix: str
    fields: str
    page: type[returned.Returns] | type[returned.Exchanges] | type[returned.Claims]
    one: type[returned.OneReturn] | type[returned.OneExchange] | type[returned.OneClaim]


_RETURNS = _List("returns", RETURN, _RETURN_FIELDS, returned.Returns, returned.OneReturn)
_EXCHANGES = _List("exchanges", EXCHANGE, _SWAP_FIELDS, returned.Exchanges, returned.OneExchange)
_CLAIMS = _List("claims", CLAIM, _CLAIM_FIELDS, returned.Claims, returned.OneClaim)
_LISTS = (_RETURNS, _EXCHANGES, _CLAIMS)


class _Stored(msgspec.Struct, frozen=True):
    lists: dict[str, str] = {}
    drafts: list[str] = []


@dataclass(slots=True)
class _Found:
    """What one page has so far, each request once."""

    records: dict[str, RemoteRequest] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)
    drafts: dict[str, None] = field(default_factory=dict)
    looked: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _PageOfList:
    """One list's part of a page: its place before, its rows (id, moved), whether there are more."""

    cursor: OrdersCursor
    rows: Sequence[tuple[str, int]]
    full: bool
    horizon: int

    def after(self, complete: bool) -> OrdersCursor:
        """Its place after. A list at its end waits there for the others: begun anew, they might never end at once."""
        if not complete and not self.rows:
            return self.cursor
        return advance(self.cursor, self.rows, full=not complete, horizon=self.horizon)


class Requests:
    """Reads the requests of one shop."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def page(self, text: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """The next rows of each list that is not at its end."""
        stored = _Stored() if text is None else decode_cursor(text, _Stored)
        found = _Found(drafts=dict.fromkeys(stored.drafts))
        reads: dict[str, _PageOfList] = {}
        begun = None
        for each in _LISTS:
            cursor = OrdersCursor.parse(stored.lists.get(each.name), self._shop.options.orders_from)
            reply, rows, full = await self._unseen(each, cursor, deadline)
            begun = begun or reply.answer.begun_at
            for row in rows:
                await self._take(each, row, cursor, found, deadline)
            heads = [(head.id, millis(head.updated_at)) for row in rows if (head := _head(row))]
            reads[each.name] = _PageOfList(cursor, heads, full, millis(self._shop.horizon(reply.answer)))
        complete = not any(one.full for one in reads.values())
        lists = {name: one.after(complete).text() for name, one in reads.items()}
        for id in [] if not complete else list(found.drafts):
            await self._again(id, found, deadline)
        if begun is None:
            raise BadAnswer("the shop has no list of requests")
        after_text = msgspec.json.encode(_Stored(lists, list(found.drafts)[-MOST_DRAFTS:])).decode()
        return Page(
            tuple(found.records.values()), after_text, complete, begun_at=begun, broken=tuple(found.broken)
        )

    async def one(self, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """None where the shop has no such request, or it is not one yet."""
        asked = await self.asked(external_id, deadline)
        if asked is None or asked.draft:
            return None
        return await self._told(asked, deadline)

    async def asked(self, external_id: str, deadline: Deadline) -> Asked | None:
        """The request's records as they are now. Raises BadAnswer."""
        which = next((each for each in _LISTS if external_id.startswith(each.prefix)), None)
        row = None if which is None else await self._row(which, external_id, deadline)
        return None if which is None or row is None else await self._joined(which, row, deadline)

    async def changes(self, order: str, deadline: Deadline) -> Sequence[returned.Change]:
        """All changes of an order."""
        fields = "id,status,change_type,return_id,internal_note,*actions"
        asked = get("changes", "orders", order, "changes", params=[("fields", fields)])
        return (await self._shop.client.send(asked, deadline)).read(returned.Changes).order_changes

    async def _take(
        self, which: _List, row: msgspec.Raw, cursor: OrdersCursor, found: _Found, deadline: Deadline
    ) -> None:
        head = _head(row)
        if head is not None and cursor.knows(head.id, millis(head.updated_at)):
            return
        try:
            asked = await self._joined(which, row, deadline)
            if asked is not None:
                await self._keep(asked, found, deadline)
        except BadAnswer as error:
            found.broken.append(Broken(head.id if head else None, str(error), bytes(row)))

    async def _again(self, id: str, found: _Found, deadline: Deadline) -> None:
        """Look again at what was half done; it is forgotten when it is gone."""
        if id in found.looked:
            return
        try:
            asked = await self.asked(id, deadline)
        except BadAnswer as error:
            found.broken.append(Broken(id, str(error), error.sample or b"{}"))
            asked = None
        if asked is None or asked.cancelled:
            found.drafts.pop(id, None)
        else:
            await self._keep(asked, found, deadline)

    async def _keep(self, asked: Asked, found: _Found, deadline: Deadline) -> None:
        if asked.id in found.looked:
            return
        found.looked.add(asked.id)
        if asked.draft:
            if asked.swap is not None and not asked.cancelled:
                found.drafts[asked.id] = None
            return
        found.drafts.pop(asked.id, None)
        request = await self._told(asked, deadline)
        if request is not None:
            found.records[request.external_id] = request

    async def _told(self, asked: Asked, deadline: Deadline) -> RemoteRequest | None:
        """None where the order is another sales channel's."""
        order: payloads.Order | None = None
        outbound = asked.swap is not None and bool(asked.swap.outbound)
        if outbound or await self._shop.channel(deadline) is not None:
            record = await self._orders.read(asked.order, deadline)
            if record is None:
                return None
            order = decoded(record)
        return remote_request(asked, order)

    async def _joined(self, which: _List, row: msgspec.Raw, deadline: Deadline) -> Asked | None:
        """A row with what belongs to it; the exchange or claim of a return in its place."""
        if which is _RETURNS:
            back = _read(row, returned.Return, "return")
            owner = back.exchange_id or back.claim_id
            if owner is not None:
                return await self.asked(owner, deadline)
            return Asked(None, back, await self._booked(back, deadline), bytes(row))
        swap = _read(row, returned.Swap, which.name.removesuffix("s"))
        if swap.return_id is None:
            return Asked(swap, None, {}, bytes(row))
        inner = await self._row(_RETURNS, swap.return_id, deadline)
        if inner is None:
            return Asked(swap, None, {}, bytes(row))
        back = _read(inner, returned.Return, "return")
        raw = b'{"%s":%s,"return":%s}' % (which.name[:-1].encode(), bytes(row), bytes(inner))
        return Asked(swap, back, await self._booked(back, deadline), raw)

    async def _booked(self, back: returned.Return, deadline: Deadline) -> Mapping[str, tuple[int, int]]:
        if back.status != PARTLY:
            return shown(back)
        return booked(await self.changes(back.order_id, deadline), back.id)

    async def _row(self, which: _List, id: str, deadline: Deadline) -> msgspec.Raw | None:
        asked = get(which.name.removesuffix("s"), which.name, id, params=[("fields", which.fields)])
        try:
            reply = await self._shop.client.send(asked, deadline)
        except Refused as error:
            if error.code == "not_found":
                return None
            raise
        answer = reply.read(which.one)
        row: msgspec.Raw = next(getattr(answer, name) for name in answer.__struct_fields__)
        return row

    async def _unseen(
        self, which: _List, cursor: OrdersCursor, deadline: Deadline
    ) -> tuple[Reply, Sequence[msgspec.Raw], bool]:
        """The first page that holds a row not seen yet, or a later moment; see Orders for pages of before."""
        size, skip, stale = self._shop.options.page_items, 0, 0
        while True:
            params = [
                ("fields", which.fields),
                ("order", "updated_at"),
                ("updated_at[$gte]", iso(cursor.begin)),
                ("offset", str(skip)),
                ("limit", str(size)),
            ]
            reply = await self._shop.client.send(get(which.name, which.name, params=params), deadline)
            answer = reply.read(which.page)
            rows: Sequence[msgspec.Raw] = next(getattr(answer, name) for name in answer.__struct_fields__)
            full = len(rows) >= size
            heads = [_head(row) for row in rows]
            first = heads[0] if heads else None
            if first is not None and millis(first.updated_at) < cursor.begin:
                stale += 1
                if stale == _STALE_ANSWERS:
                    raise Unavailable(
                        "the shop answers with a page of before: look for a cache in front of it"
                    )
                continue
            last = heads[-1] if heads else None
            later = last is not None and millis(last.updated_at) > cursor.begin
            news = any(head is None or not cursor.knows(head.id, millis(head.updated_at)) for head in heads)
            if not full or later or news:
                return reply, rows, full
            skip += size


def _head(row: msgspec.Raw) -> returned.Head | None:
    try:
        return decode(row, type=returned.Head)
    except msgspec.ValidationError:
        return None


def _read(row: msgspec.Raw, shape: type[_Row], what: str) -> _Row:
    """Raises BadAnswer, whose text names the field and the type, never the value."""
    try:
        return decode(row, type=shape)
    except msgspec.ValidationError as error:
        raise BadAnswer(f"the {what} is not as described: {error}", sample=bytes(row)) from None
