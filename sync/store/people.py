"""A person's records, found by blind index: nothing is opened to find them, and no name is needed.

A person is asked for by a mail address, a telephone number or one of their orders. An order leads on to the
others of the same mail address, or of the same telephone where there is no mail. Raw records that stand
for no order (broken ones, deliveries) are found by the addresses and numbers in their text.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.store.database import Tx
from sync.store.forgetting import PHONE, forgotten_at, mentioned, phone_digits
from sync.store.orders import called
from sync.store.sealing import Sealer, Unsealable
from sync.store.tables import (
    account,
    back_case,
    broken_record,
    customer_order,
    fulfilment,
    inbox,
    outbox,
    sale_request,
)

_FEWEST_DIGITS = 6
_PERSONAL = ("email_index", "phone_index", "to_email_index", "to_phone_index")
"""The columns of an order by which people are found: the buyer's own, and those of the address."""


class Ambiguous(Exception):
    """What was asked for means more than one thing; the text says how to ask."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Who is asked for, with no personal data in it: blind indexes, or an order as people name it."""

    mails: tuple[bytes, ...] = ()
    phones: tuple[bytes, ...] = ()
    shop: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class OrderOf:
    """One order of the person."""

    id: str
    account_id: str
    external_id: str
    shop: str
    number: str
    state: str
    placed_at: datetime
    closed: bool
    erased_at: datetime | None
    indexes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RawOf:
    """A sealed record outside orders that names the person. `open` ones are still to be worked on."""

    table: str
    id: str
    what: str
    open: bool


RAWS = {
    "broken_record": (broken_record, "raw_sealed"),
    "inbox": (inbox, "payload_sealed"),
    "sale_request": (sale_request, "raw_sealed"),
}
"""The tables of such records, each with its sealed column."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that is stored of one person, by reference."""

    orders: tuple[OrderOf, ...] = ()
    raws: tuple[RawOf, ...] = ()
    indexes: frozenset[bytes] = frozenset()
    forgotten_at: datetime | None = None
    """When the person was erased before."""

    @property
    def left(self) -> bool:
        """Whether anything personal is left."""
        return bool(self.raws) or any(one.erased_at is None for one in self.orders)


def sought(sealer: Sealer, asked: str) -> Sought:
    """What a person wrote: a mail address, a telephone number, an order's number or shop/number."""
    text = asked.strip()
    if "@" in text:
        return Sought(mails=(sealer.blind("email", text),))
    shop, _, number = text.rpartition("/")
    digits = phone_digits(text)
    phones: tuple[bytes, ...] = ()
    if not shop and len(digits) >= _FEWEST_DIGITS and PHONE.fullmatch(text):
        # numbers were indexed as the shop wrote them before version 0.2
        phones = (sealer.blind("phone", digits), sealer.blind("phone", text))
    return Sought(phones=phones, shop=shop, number="" if text.startswith("+") else number)


async def find(tx: Tx, who: Sought) -> Known:
    """Everything of the person. Raises Ambiguous."""
    wanted = set(who.mails) | set(who.phones)
    orders = await _by_index(tx, wanted)
    if who.number:
        named = await _by_number(tx, who)
        if named and orders:
            raise Ambiguous(
                "this is the number of an order and a telephone number too: "
                "write shop/number for the order, or the telephone number with its + sign"
            )
        if named:
            wanted = _leading(named[0])
            orders = _merged(named, await _by_index(tx, wanted))
    own = (order.indexes[:2] for order in orders if _leads(order, wanted))
    digests = frozenset(wanted).union(*own) - {b""}
    raws = await _raws(tx, orders, digests)
    return Known(tuple(orders), tuple(raws), digests, await forgotten_at(tx, digests))


def _leads(order: OrderOf, wanted: set[bytes]) -> bool:
    """The buyer's other indexes are theirs too, where the buyer is who was asked for."""
    return bool(wanted.intersection(order.indexes[:2]))


def _leading(order: OrderOf) -> set[bytes]:
    mail, phone = order.indexes[:2]
    return {mail} if mail else {phone} - {b""}


def _merged(one: list[OrderOf], other: list[OrderOf]) -> list[OrderOf]:
    orders = {order.id: order for order in (*one, *other)}
    return sorted(orders.values(), key=lambda order: (order.placed_at, order.id))


async def _by_index(tx: Tx, digests: set[bytes]) -> list[OrderOf]:
    if not digests:
        return []
    columns = [customer_order.c[name].in_(digests) for name in _PERSONAL]
    return await _orders(tx, sa.or_(*columns))


async def _by_number(tx: Tx, who: Sought) -> list[OrderOf]:
    where = called(who.number)
    found = await _orders(tx, sa.and_(where, account.c.name == who.shop) if who.shop else where)
    if len(found) > 1:
        named = ", ".join(f"{one.shop}/{one.number}" for one in found)
        raise Ambiguous(f"several shops have an order {who.number}: say which, as in {named}")
    return found


async def _orders(tx: Tx, where: sa.ColumnElement[bool]) -> list[OrderOf]:
    c = customer_order.c
    rows = await tx.all(
        sa.select(customer_order, account.c.name.label("shop"))
        .join(account, account.c.id == c.account_id)
        .where(where)
        .order_by(c.placed_at, c.id)
    )
    return [
        OrderOf(
            row.id,
            row.account_id,
            row.external_id,
            row.shop,
            row.number,
            row.state,
            from_micros(row.placed_at),
            row.closed_at is not None,
            None if row.erased_at is None else from_micros(row.erased_at),
            tuple(getattr(row, name) or b"" for name in _PERSONAL),
        )
        for row in rows
    ]


async def unfinished(tx: Tx, known: Known) -> list[str]:
    """What must be finished before the person can be erased, a sentence each."""
    said = []
    for order in known.orders:
        open_parts = await _open_parts(tx, order)
        if not order.closed or open_parts:
            parts = f": {', '.join(open_parts)}" if open_parts else ""
            said.append(f"order {order.shop}/{order.number} is {order.state}{parts}")
    said += [f"{raw.what} is not worked on yet" for raw in known.raws if raw.open]
    return said


async def _open_parts(tx: Tx, order: OrderOf) -> list[str]:
    sorts = (
        ("fulfilment(s) open", fulfilment),
        ("write(s) to send or to settle", outbox),
        ("return(s) open", back_case),
    )
    parts = []
    for words, table in sorts:
        count = await tx.scalar(
            sa.select(sa.func.count())
            .select_from(table)
            .where(table.c.order_id == order.id, table.c.closed_at.is_(None))
        )
        if count:
            parts.append(f"{count} {words}")
    return parts


# --- raw records outside orders -------------------------------------------------------------------------


async def _raws(tx: Tx, orders: list[OrderOf], digests: frozenset[bytes]) -> list[RawOf]:
    theirs = {(order.account_id, order.external_id) for order in orders}
    found = []
    kept = sa.select(broken_record).where(broken_record.c.raw_sealed.is_not(None))
    for row in await tx.all(kept.order_by(broken_record.c.id)):
        if (row.account_id, row.external_id) in theirs or _names(
            tx, "broken_record", row.id, "raw", row.raw_sealed, digests
        ):
            found.append(RawOf("broken_record", row.id, f"record {row.external_id} of {row.feed}", False))
    delivered = sa.select(inbox).where(inbox.c.payload_sealed.is_not(None))
    for row in await tx.all(delivered.order_by(inbox.c.id)):
        if _names(tx, "inbox", row.id, "payload", row.payload_sealed, digests):
            found.append(RawOf("inbox", row.id, f"delivery {row.key}", row.processed_at is None))
    found += await _requests(tx, theirs, digests)
    return found


async def _requests(tx: Tx, theirs: set[tuple[str, str]], digests: frozenset[bytes]) -> list[RawOf]:
    """Requests after the sale of which no order is known here; those of an order are that order's."""
    c = sale_request.c
    alone = sa.select(sale_request).where(c.order_id.is_(None), c.raw_sealed.is_not(None)).order_by(c.id)
    return [
        RawOf("sale_request", row.id, f"request {row.number or row.external_id}", False)
        for row in await tx.all(alone)
        if (row.account_id, row.order_external_id) in theirs
        or _names(tx, "sale_request", row.id, "raw", row.raw_sealed, digests)
    ]


def _names(tx: Tx, table: str, id: str, field: str, blob: bytes, digests: frozenset[bytes]) -> bool:
    try:
        plain = tx.sealer.open(table, id, field, blob)
    except Unsealable:
        return False
    return not digests.isdisjoint(mentioned(tx.sealer, plain))
