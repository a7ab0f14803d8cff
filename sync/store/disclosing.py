"""Everything that is stored of one person, opened, as one document for the person who asked.

The document is the answer to a request for access: it holds personal data in plain, so that it goes to
standard output or a private file, and never to a log.
"""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from sync.domain.clock import from_micros
from sync.store import orders
from sync.store.database import Tx
from sync.store.people import RAWS, Known, OrderOf, RawOf
from sync.store.sealing import Unsealable
from sync.store.tables import (
    METADATA,
    back_case,
    back_tracking,
    customer_order,
    hold,
    hold_comment,
    message,
    parcel,
    sale_request,
    tracking_event,
)

_HIDDEN = frozenset({"id", "order_id", "key_id", "account_id", "case_id", "hold_id", "request_id"})
_SEALED = {message: ("letter", "letter"), sale_request: ("as_the_shop_told_it", "raw")}
"""Of an order's tables, those with sealed columns: how the document calls it, and the column."""
SHUT = "sealed with a key that is not there"


async def document(tx: Tx, known: Known) -> dict[str, Any]:
    """The whole document, ready for JSON."""
    return {
        "orders": [await _order(tx, order) for order in known.orders],
        "records": [await _raw(tx, raw) for raw in known.raws],
        "erased_before": None if known.forgotten_at is None else known.forgotten_at.isoformat(),
    }


async def _order(tx: Tx, order: OrderOf) -> dict[str, Any]:
    row = await tx.one(sa.select(customer_order).where(customer_order.c.id == order.id))
    if row is None:
        raise LookupError(f"there is no order {order.id}")
    told: dict[str, Any] = {"shop": order.shop, "number": order.number}
    told |= _plain(customer_order, row)
    told |= await _people(tx, order.id)
    told["as_the_shop_told_it"] = _opened(tx, "customer_order", row.id, "raw", row.raw_sealed)
    for table in _belonging():
        rows = await tx.all(sa.select(table).where(table.c.order_id == order.id))
        if rows:
            told[table.name] = [_plain(table, one) for one in rows]
        if rows and table in _SEALED:
            name, field = _SEALED[table]
            for said, one in zip(told[table.name], rows, strict=True):
                said[name] = _opened(tx, table.name, one.id, field, getattr(one, f"{field}_sealed"))
    told |= await _after_the_sale(tx, order.id)
    scans = await tx.all(
        sa.select(tracking_event)
        .join(parcel, parcel.c.id == tracking_event.c.parcel_id)
        .where(parcel.c.order_id == order.id)
        .order_by(tracking_event.c.at)
    )
    if scans:
        told["tracking_event"] = [_plain(tracking_event, one) for one in scans]
    return told


async def _after_the_sale(tx: Tx, order_id: str) -> dict[str, Any]:
    """The numbers that goods come back under, and what people wrote about what waited."""
    more: dict[str, Any] = {}
    coming = await tx.all(
        sa.select(back_tracking)
        .join(back_case, back_case.c.id == back_tracking.c.case_id)
        .where(back_case.c.order_id == order_id)
        .order_by(back_tracking.c.number)
    )
    if coming:
        more[back_tracking.name] = [_plain(back_tracking, one) for one in coming]
    written = await tx.all(
        sa.select(hold_comment)
        .join(hold, hold.c.id == hold_comment.c.hold_id)
        .where(hold.c.order_id == order_id)
        .order_by(hold_comment.c.at, hold_comment.c.id)
    )
    if written:
        more[hold_comment.name] = [
            {
                **_plain(hold_comment, one),
                "text": _opened(tx, hold_comment.name, one.id, "text", one.text_sealed),
            }
            for one in written
        ]
    return more


async def _people(tx: Tx, order_id: str) -> dict[str, Any]:
    try:
        buyer = await orders.buyer(tx, order_id)
    except Unsealable:
        return {"buyer": SHUT, "ship_to": SHUT}
    person, to = buyer.person, buyer.ship_to
    return {
        "buyer": {name: getattr(person, name) for name in person.__dataclass_fields__},
        "ship_to": {name: getattr(to, name) for name in to.__dataclass_fields__},
        "note": buyer.note,
    }


def _belonging() -> list[sa.Table]:
    """Every table whose rows belong to an order."""
    return [
        METADATA.tables[name] for name in sorted(METADATA.tables) if "order_id" in METADATA.tables[name].c
    ]


def _plain(table: sa.Table, row: sa.Row[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column in table.columns:
        value = getattr(row, column.name)
        if column.name in _HIDDEN or isinstance(column.type, sa.LargeBinary) or value is None:
            continue
        told[column.name] = _moment(column, value)
    return told


def _moment(column: sa.Column[Any], value: Any) -> Any:
    named = column.name == "at" or column.name.endswith(("_at", "_until")) or column.name == "ship_by"
    if named and isinstance(value, int):
        return from_micros(value).isoformat()
    return value


async def _raw(tx: Tx, raw: RawOf) -> Mapping[str, Any]:
    table, column = RAWS[raw.table]
    blob = await tx.scalar(sa.select(table.c[column]).where(table.c.id == raw.id))
    field = column.removesuffix("_sealed")
    return {"what": raw.what, "content": _opened(tx, raw.table, raw.id, field, blob)}


def _opened(tx: Tx, table: str, id: str, field: str, blob: bytes | None) -> Any:
    if blob is None:
        return None
    try:
        plain = tx.sealer.open(table, id, field, blob)
    except Unsealable:
        return SHUT
    try:
        return json.loads(plain)
    except ValueError:
        return plain.decode("utf-8", "replace")
