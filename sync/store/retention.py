"""What has been kept long enough, erased in slices. Closed orders only: what is open or comes back keeps its address.

The time of an order runs from the moment when it was closed with us (history: when it was pulled). An order
of somebody who was erased while it was open goes as soon as it is closed.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from sync.domain.people import Address, Person
from sync.store import orders
from sync.store.database import Tx
from sync.store.erasing import erase_order
from sync.store.order_rows import NOBODY, Buyer
from sync.store.sealing import Unsealable
from sync.store.tables import (
    account,
    back_case,
    broken_record,
    customer_order,
    forgotten,
    inbox,
    message,
    sale_request,
)


class Kind(StrEnum):
    """What is kept for a time."""

    PERSONAL_DATA = "personal_data"
    RAW_PAYLOADS = "raw_payloads"
    BROKEN_RECORDS = "broken_records"
    DELIVERIES = "deliveries"
    MASKED = "masked"
    """Plain data of an account that has become `personal_data: masked`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is older goes: microseconds since 1970, None for what is kept for ever."""

    personal_data: int | None = None
    raw_payloads: int | None = None
    broken_records: int | None = None
    deliveries: int | None = None


async def erase_slice(tx: Tx, limits: Limits, limit: int) -> dict[Kind, int]:
    """Erase at most `limit` of each kind. What is not in the answer had nothing to erase."""
    done = {
        Kind.MASKED: await _mask(tx, limit),
        Kind.PERSONAL_DATA: await _persons(tx, limits.personal_data, limit),
        Kind.RAW_PAYLOADS: await _raws(tx, limits.raw_payloads, limit),
        Kind.BROKEN_RECORDS: await _blank(
            tx, broken_record, "raw_sealed", broken_record.c.seen_at, limits.broken_records, limit
        ),
        Kind.DELIVERIES: await _blank(
            tx, inbox, "payload_sealed", inbox.c.processed_at, limits.deliveries, limit
        ),
    }
    return {kind: count for kind, count in done.items() if count}


async def _persons(tx: Tx, before: int | None, limit: int) -> int:
    c = customer_order.c
    digests = (c.email_index, c.phone_index, c.to_email_index, c.to_phone_index)
    asked = sa.exists().where(forgotten.c.digest.in_(digests), forgotten.c.at >= c.placed_at)
    returns = sa.exists().where(back_case.c.order_id == c.id, back_case.c.closed_at.is_(None))
    over = asked if before is None else sa.or_(c.closed_at < before, asked)
    query = sa.select(c.id).where(
        c.closed_at.is_not(None), c.erased_at.is_(None), c.person_sealed.is_not(None), ~returns, over
    )
    found = await tx.all(query.order_by(c.closed_at, c.id).limit(limit))
    for row in found:
        await erase_order(tx, row.id)
    return len(found)


async def _raws(tx: Tx, before: int | None, limit: int) -> int:
    of_orders = await _blank(tx, customer_order, "raw_sealed", customer_order.c.closed_at, before, limit)
    return of_orders + await _requests(tx, before, limit)


async def _requests(tx: Tx, before: int | None, limit: int) -> int:
    """Those of requests whose case is done, or that led to none."""
    if before is None:
        return 0
    c, case = sale_request.c, back_case.c
    ended = sa.func.coalesce(case.closed_at, sa.case((case.id.is_(None), c.seen_at)))
    aged = (
        sa.select(c.id)
        .outerjoin(back_case, case.request_id == c.id)
        .where(c.raw_sealed.is_not(None), ended < before)
        .limit(limit)
    )
    return await tx.run(sa.update(sale_request).where(c.id.in_(aged)).values(raw_sealed=None))


async def _blank(
    tx: Tx, table: sa.Table, column: str, since: sa.Column[int], before: int | None, limit: int
) -> int:
    if before is None:
        return 0
    aged = sa.select(table.c.id).where(table.c[column].is_not(None), since < before).limit(limit)
    return await tx.run(sa.update(table).where(table.c.id.in_(aged)).values(**{column: None}))


async def _mask(tx: Tx, limit: int) -> int:
    """Take the plain data out of what a masked account stored before it was masked."""
    masked = sa.select(account.c.id).where(account.c.personal_data == "masked")
    c = customer_order.c
    plain = sa.or_(
        c.raw_sealed.is_not(None),
        *(c[name].is_not(None) for name in NOBODY if name.endswith("_index")),
    )
    rows = await tx.all(sa.select(c.id).where(c.account_id.in_(masked), plain).limit(limit))
    for row in rows:
        await _mask_order(tx, row.id)
    kept = sa.select(broken_record.c.id).where(
        broken_record.c.account_id.in_(masked), broken_record.c.raw_sealed.is_not(None)
    )
    gone = await tx.run(
        sa.update(broken_record).where(broken_record.c.id.in_(kept.limit(limit))).values(raw_sealed=None)
    )
    asked = sa.select(sale_request.c.id).where(
        sale_request.c.account_id.in_(masked), sale_request.c.raw_sealed.is_not(None)
    )
    gone += await tx.run(
        sa.update(sale_request).where(sale_request.c.id.in_(asked.limit(limit))).values(raw_sealed=None)
    )
    theirs = sa.select(message.c.id).where(
        message.c.account_id.in_(masked), message.c.letter_sealed.is_not(None)
    )
    gone += await tx.run(
        sa.update(message).where(message.c.id.in_(theirs.limit(limit))).values(letter_sealed=None)
    )
    return len(rows) + gone


async def _mask_order(tx: Tx, order_id: str) -> None:
    try:
        buyer = await orders.buyer(tx, order_id)
    except Unsealable:
        buyer = Buyer(Person(), Address(), "")
    kept = Buyer(Person(token=buyer.person.token), Address(country=buyer.ship_to.country), "")
    sealed = tx.sealer.seal("customer_order", order_id, "person", msgspec.json.encode(kept))
    values = NOBODY | {"person_sealed": sealed, "key_id": tx.sealer.key_id}
    await tx.run(sa.update(customer_order).where(customer_order.c.id == order_id).values(**values))
