"""Orders made whole: what did not come with their first page is asked for, until nothing is left out.

An order brings so many lines, refunds and fulfilments as it was asked for. Connections go on at their cursor.
Lists without a cursor (transactions, refunds, fulfilments) are asked for once more at their greatest length; an
order that fills even that is told as broken, since nobody could say what it hides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw, Struct, field

from connectors.contract import BadAnswer, Deadline
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.client import Client, Reply, TooDear
from connectors.storefronts.shopify.documents import Document
from connectors.storefronts.shopify.shop import LARGEST_PAGE, going_on
from connectors.transport import decode

MOST_RECORDS = 25_000
"""Shopify pages no list further than this."""
SIZES = ((100, LARGEST_PAGE), (50, 50), (20, 5))
"""(records of a connection, length of a list without a cursor) to ask for at once, the greatest first."""


class _Part(Struct, rename="camel", frozen=True):
    """A refund or fulfilment: its id, and whether its own list goes on."""

    id: str
    transactions: payloads.Nodes[Raw] | None = None
    fulfillment_line_items: payloads.Nodes[Raw] | None = None


class _Shape(Struct, rename="camel", frozen=True):
    """An order's lists."""

    id: str
    line_items: payloads.Nodes[Raw]
    shipping_lines: payloads.Nodes[Raw]
    transactions: list[Raw] = field(default_factory=list)
    refunds: list[_Part] = field(default_factory=list)
    fulfillments: list[_Part] = field(default_factory=list)

    def is_full(self, length: int) -> bool:
        """Whether a list without a cursor is as long as it was asked to be at most."""
        return any(len(each) >= length for each in (self.transactions, self.refunds, self.fulfillments))

    @property
    def open_parts(self) -> list[tuple[str, str, payloads.PageInfo]]:
        """(field, id, where it goes on) of each refund and fulfilment whose own list goes on."""
        refunds = [("refunds", each.id, each.transactions) for each in self.refunds]
        sent = [("fulfillments", each.id, each.fulfillment_line_items) for each in self.fulfillments]
        return [
            (name, id, nodes.page_info)
            for name, id, nodes in (*refunds, *sent)
            if nodes is not None and nodes.page_info.has_next_page
        ]


@dataclass(frozen=True, slots=True)
class Read:
    """An order as it came, and how long its lists without a cursor could be."""

    raw: Raw
    length: int


async def whole(client: Client, read: Read, deadline: Deadline) -> bytes | None:
    """The order with all of its parts; as it came where nothing is left out; None where it is gone meanwhile.

    One that does not fit is given back as it came.
    """
    shape = _shape(read.raw)
    if shape is not None and shape.is_full(read.length):
        if read.length >= LARGEST_PAGE:
            raise BadAnswer(f"the order has more than {LARGEST_PAGE} transactions, refunds or fulfilments")
        again = await ask(client, shape.id, deadline, SIZES[:1])
        return None if again is None else await whole(client, again, deadline)
    if shape is None:
        return bytes(read.raw)
    if shape.shipping_lines.page_info.has_next_page:
        raise BadAnswer("the order has more shipping lines than were asked for")
    if not (shape.line_items.page_info.has_next_page or shape.open_parts):
        return bytes(read.raw)
    return await _completed(client, read.raw, shape, deadline)


async def ask(
    client: Client, id: str, deadline: Deadline, sizes: Sequence[tuple[int, int]] = SIZES
) -> Read | None:
    """The order of this id, in the greatest of the sizes that does not cost too much; None where there is none."""
    for inner, length in sizes:
        variables = {"id": id, "inner": inner, "list": length}
        try:
            reply = await client.send(documents.ORDER, variables, deadline, size=length)
        except TooDear:
            if (inner, length) == sizes[-1]:
                raise
            continue
        raw = reply.read(payloads.OrderData).order
        return None if bytes(raw) == b"null" else Read(raw, length)
    return None


def _shape(raw: Raw) -> _Shape | None:
    try:
        return decode(raw, type=_Shape)
    except msgspec.ValidationError:
        return None


async def _completed(client: Client, raw: Raw, shape: _Shape, deadline: Deadline) -> bytes:
    order: dict[str, Any] = decode(raw, type=dict)
    lines = await _rest(client, documents.MORE_LINES, shape.id, shape.line_items.page_info, deadline)
    order["lineItems"]["nodes"] += lines
    order["lineItems"]["pageInfo"] = {"hasNextPage": False, "endCursor": None}
    for name, id, page in shape.open_parts:
        inner, document = _INNER[name]
        part = next(each for each in order[name] if each["id"] == id)
        part[inner]["nodes"] += await _rest(client, document, id, page, deadline)
        part[inner]["pageInfo"] = {"hasNextPage": False, "endCursor": None}
    return msgspec.json.encode(order)


_INNER: Mapping[str, tuple[str, Document]] = {
    "refunds": ("transactions", documents.MORE_REFUND_TRANSACTIONS),
    "fulfillments": ("fulfillmentLineItems", documents.MORE_FULFILMENT_LINES),
}


async def _rest(
    client: Client, document: Document, id: str, page: payloads.PageInfo, deadline: Deadline
) -> list[object]:
    """The later pages of one connection, their records as plain values."""
    rows: list[object] = []
    after = going_on(page, None)
    while after is not None:
        variables = {"id": id, "first": LARGEST_PAGE, "after": after}
        found = _page_of(document, await client.send(document, variables, deadline))
        rows += [decode(row, type=dict) for row in found.nodes]
        if len(rows) > MOST_RECORDS:
            raise BadAnswer(f"{document.operation}: Shopify pages no further than {MOST_RECORDS:,} records")
        after = going_on(found.page_info, after)
    return rows


def _page_of(document: Document, reply: Reply) -> payloads.Nodes[Raw]:
    found = None
    if document is documents.MORE_LINES:
        order = reply.read(payloads.MoreLinesData).order
        found = order.line_items if order else None
    elif document is documents.MORE_FULFILMENT_LINES:
        fulfilment = reply.read(payloads.MoreFulfilmentLinesData).fulfillment
        found = fulfilment.fulfillment_line_items if fulfilment else None
    else:
        refund = reply.read(payloads.MoreTransactionsData).refund
        found = refund.transactions if refund else None
    if found is None:
        raise BadAnswer(f"{document.operation}: what was listed a moment ago is not there")
    return found
