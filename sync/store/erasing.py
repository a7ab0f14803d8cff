"""Erasing personal data while the books still add up.

An order keeps its number, lines, quantities, money, reservations, fulfilments and dates. What goes: the
buyer, the address, the note, the raw records of the order and its requests, the words of what they were told, what
people wrote about what waited, every index by which the person could be found, the labels' and tracking pages'
addresses, the carriers' own words, and each mention of the person's values in text that a vendor or a person wrote
about the order. On SQLite the freed bytes are overwritten.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sync.domain.people import Address, Person
from sync.store import hold_comments, messages, orders
from sync.store.back import parcels as back_parcels
from sync.store.back import requests
from sync.store.database import Tx
from sync.store.forgetting import remember
from sync.store.order_rows import NOBODY, Buyer
from sync.store.people import RAWS, Known
from sync.store.sealing import Unsealable
from sync.store.tables import (
    METADATA,
    customer_order,
    parcel,
    tracking_event,
)

ERASED = "[erased]"
_SHORTEST = 3
"""Shorter values are left: they would blot out ordinary words, and name nobody."""
Scrub = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased."""

    orders: int = 0
    records: int = 0


async def erase(tx: Tx, known: Known) -> Erased:
    """Erase a person, and remember by blind index that it was done. Doing it twice changes nothing."""
    fresh = [order for order in known.orders if order.erased_at is None]
    for order in fresh:
        await erase_order(tx, order.id)
    for raw in known.raws:
        table, column = RAWS[raw.table]
        await tx.run(sa.update(table).where(table.c.id == raw.id).values(**{column: None}))
    if fresh or known.raws:
        await remember(tx, dict.fromkeys(known.indexes, tx.now()))
    return Erased(len(fresh), len(known.raws))


async def erase_order(tx: Tx, order_id: str) -> None:
    """Erase the personal data of one order."""
    await orders.hold_rows(tx, [order_id])
    try:
        buyer = await orders.buyer(tx, order_id)
    except Unsealable:
        buyer = Buyer(Person(), Address(), "")  # what cannot be opened can still be thrown away
    await _scrub_texts(tx, order_id, scrubber(buyer))
    await tx.run(
        sa.update(customer_order).where(customer_order.c.id == order_id).values(erased_at=tx.now(), **NOBODY)
    )
    await hold_comments.erase(tx, order_id)
    theirs = sa.select(parcel.c.id).where(parcel.c.order_id == order_id)
    await tx.run(
        sa.update(parcel).where(parcel.c.order_id == order_id).values(label_url=None, tracking_url=None)
    )
    await tx.run(
        sa.update(tracking_event)
        .where(tracking_event.c.parcel_id.in_(theirs))
        .values(description="", place="")
    )
    await messages.forget(tx, order_id)
    await requests.erase(tx, order_id)
    await back_parcels.erase(tx, order_id)


def values_of(buyer: Buyer) -> list[str]:
    """What names a person, as they wrote it: the whole values, and each word of the names."""
    person, to = buyer.person, buyer.ship_to
    names = [name for name in (person.name, to.name, to.company) if name]
    whole = [*names, person.email, person.phone, to.email, to.phone, person.token, buyer.note, *to.street]
    words = [word for name in names for word in re.split(r"[\s,]+", name)]
    found = {value.strip() for value in (*whole, *words) if value and len(value.strip()) >= _SHORTEST}
    return sorted(found, key=len, reverse=True)


def scrubber(buyer: Buyer) -> Scrub:
    """A function that takes the person's values out of a text; JSON stays JSON."""
    values = values_of(buyer)
    if not values:
        return lambda text: text
    pattern = re.compile(
        "|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in values), re.IGNORECASE | re.UNICODE
    )

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(ERASED, value)
        if isinstance(value, list):
            return [clean(item) for item in value]
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items()}
        return value

    def scrub(text: str) -> str:
        if text[:1] in ("{", "["):
            try:
                return json.dumps(clean(json.loads(text)), ensure_ascii=False, separators=(",", ":"))
            except ValueError:
                pass
        return str(clean(text))

    return scrub


async def _scrub_texts(tx: Tx, order_id: str, scrub: Scrub) -> None:
    for table, owner, columns in TEXTS:
        c = table.c
        rows = await tx.all(sa.select(c.id, *(c[name] for name in columns)).where(c[owner] == order_id))
        for row in rows:
            before = {name: getattr(row, name) for name in columns}
            after = {name: _scrubbed(name, text, scrub) for name, text in before.items()}
            changed = {name: text for name, text in after.items() if text != before[name]}
            if changed:
                await tx.run(sa.update(table).where(c.id == row.id).values(**changed))


def _scrubbed(column: str, text: str | None, scrub: Scrub) -> str | None:
    if not text or column not in _WORDS_IN:
        return text and scrub(text)
    kept = json.loads(text)
    for row in kept if isinstance(kept, list) else [kept]:
        row[_WORDS_IN[column]] = scrub(row.get(_WORDS_IN[column], ""))
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _texts() -> list[tuple[sa.Table, str, tuple[str, ...]]]:
    """The free text of every table that belongs to an order: all but keys and what is searched by."""
    found = []
    for name in sorted(METADATA.tables):
        table = METADATA.tables[name]
        owner = "id" if table is customer_order else "order_id"
        if "id" not in table.c or owner not in table.c:
            continue
        fixed = {column.name for index in table.indexes for column in index.columns}
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint | sa.PrimaryKeyConstraint):
                fixed |= {column.name for column in constraint.columns}
        columns = tuple(
            column.name
            for column in table.columns
            if isinstance(column.type, sa.Text) and column.name not in fixed and column.name not in _CODES
        )
        if columns:
            found.append((table, owner, columns))
    return found


_CODES = frozenset(
    {
        "state", "status", "cancel", "payment", "currency", "country", "kind", "operation", "release",
        "cart_hash", "remote_hash", "config_version", "charge_currency", "closed_by", "released_by", "owner",
        "unit_price", "weight_kg", "remote_sku", "variant_external_id", "booking_external_id",
        "told_external_id", "external_id", "carrier", "service", "rule", "who", "topic", "subject", "wakes",
        "at_deadline", "value_currency", "word", "answer", "judged_with", "reference", "decided_by",
        "decided_via", "event", "language", "name", "standing", "due", "told", "instead", "tracking",
        "price_currency",
    }
)  # fmt: skip
"""Columns of our own codes: nobody's words stand there."""
_WORDS_IN = {"verdict": "reason", "lines": "reason"}
"""Columns of JSON in which people's words stand under one key alone: all else are codes, which a name may be, too."""

TEXTS = _texts()
