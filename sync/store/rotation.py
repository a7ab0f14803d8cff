"""Re-sealing: every sealed row comes under the newest key, slice by slice.

How far it is stands in the rows themselves: each names the key that sealed it, so that a rotation that was
killed at any moment goes on where it stopped, and nothing has to be remembered. A row that cannot be opened
stays as it is and is named; it never stops the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sync.store.database import Tx
from sync.store.sealing import Unsealable
from sync.store.tables import METADATA

_SUFFIX = "_sealed"


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with sealed columns: by column, the field's name that the seal is bound to."""

    table: sa.Table
    fields: Mapping[str, str]

    @property
    def filled(self) -> sa.ColumnElement[bool]:
        """Whether a row holds anything sealed."""
        return sa.or_(*(self.table.c[column].is_not(None) for column in self.fields))


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice did. `at` is where the next one begins; None after the last."""

    resealed: int
    shut: tuple[str, ...]
    """The rows that could not be opened, as `table id`."""
    at: str | None


def _sealed_tables() -> tuple[SealedTable, ...]:
    found = []
    for name in sorted(METADATA.tables):
        table = METADATA.tables[name]
        columns = [column.name for column in table.columns if column.name.endswith(_SUFFIX)]
        if columns:
            found.append(SealedTable(table, {column: column.removesuffix(_SUFFIX) for column in columns}))
    return tuple(found)


SEALED = _sealed_tables()
"""Every table with sealed columns. Each has `id` and `key_id`; a seal is bound to `table:id:field`."""


async def sealed_with(tx: Tx, number: int) -> int:
    """How many rows the key of this number has sealed."""
    return await _count(tx, lambda c: c.key_id == number)


async def left(tx: Tx) -> int:
    """How many rows an older key than the newest has sealed."""
    return await _count(tx, lambda c: c.key_id != tx.sealer.key_id)


async def _count(tx: Tx, which: Any) -> int:
    total = 0
    for one in SEALED:
        query = sa.select(sa.func.count()).select_from(one.table).where(which(one.table.c), one.filled)
        total += int(await tx.scalar(query))
    return total


async def reseal(tx: Tx, at: str, limit: int) -> Slice:
    """Re-seal up to `limit` rows from `at` on ("" is the beginning), in this one transaction."""
    name, _, after = at.partition(":")
    tables = [one for one in SEALED if one.table.name >= name]
    for one in tables:
        start = after if one.table.name == name else ""
        rows = await _old_rows(tx, one, start, limit)
        if rows:
            return await _reseal(tx, one, rows)
    return Slice(0, (), None)


async def _old_rows(tx: Tx, one: SealedTable, after: str, limit: int) -> list[sa.Row[Any]]:
    c = one.table.c
    columns = (c.id, *(c[column] for column in one.fields))
    query = sa.select(*columns).where(c.key_id != tx.sealer.key_id, one.filled, c.id > after)
    return list(await tx.all(query.order_by(c.id).limit(limit).with_for_update()))


async def _reseal(tx: Tx, one: SealedTable, rows: list[sa.Row[Any]]) -> Slice:
    fresh: list[dict[str, Any]] = []
    shut: list[str] = []
    for row in rows:
        try:
            fresh.append(_fresh(tx, one, row))
        except Unsealable:
            shut.append(f"{one.table.name} {row.id}")
    values: dict[str, Any] = {column: sa.bindparam(f"new_{column}") for column in one.fields}
    update = sa.update(one.table).where(one.table.c.id == sa.bindparam("row"))
    await tx.run(update.values(key_id=tx.sealer.key_id, **values), fresh)
    return Slice(len(fresh), tuple(shut), f"{one.table.name}:{rows[-1].id}")


def _fresh(tx: Tx, one: SealedTable, row: sa.Row[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"row": row.id}
    for column, field in one.fields.items():
        blob = getattr(row, column)
        if blob is not None:
            plain = tx.sealer.open(one.table.name, row.id, field, blob)
            blob = tx.sealer.seal(one.table.name, row.id, field, plain)
        made[f"new_{column}"] = blob
    return made
