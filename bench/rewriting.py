"""The floor of a recompute: the rows that the program wrote, written once more by the bare driver.

What the program wrote is kept in tables beside its own, and all is put back to what it was. Then the bare driver
writes the same values into the same columns of the same rows: SKUs in slices, a transaction for each. Time and
processor are the driver's alone; on PostgreSQL the server's processor time is nobody's here.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench import catalogue
from bench.catalogue import TERMS
from bench.channels import BEFORE
from bench.places import Kind, Place
from sync.store.sqlite import LOG_PAGES

SLICE = 500
"""Listings of one shop that the program lays in one transaction."""
_COLUMNS = {
    "offer_quantity": ("desired", "terms", "cause", "changed_at", "config_version", "retry_at"),
    "offer_price": (
        *("desired", "desired_compare_at", "currency", "terms", "missing", "next_at", "capped", "acked"),
        *(
            "acked_compare_at",
            "cause",
            "changed_at",
            "config_version",
            "retry_at",
            "rejected",
            "rejected_reason",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Seconds of wall and of this process's processor time, and rows that were written."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    rows: int = 0


def keep(where: Place) -> None:
    """Remember what the program wrote."""
    with catalogue.rows(where) as sql:
        for table, columns in _COLUMNS.items():
            told = ", ".join(columns)
            sql.run(
                f"CREATE TABLE bench_{table} AS SELECT CAST(external_id AS INTEGER) AS n, account_id, {told}, id "
                f"FROM {table}"
            )
            sql.run(f"CREATE INDEX bench_{table}_n ON bench_{table} (account_id, n)")
            sql.run(f"CREATE INDEX bench_{table}_id ON bench_{table} (id)")


def moved(where: Place, table: str) -> int:
    """Rows that are no longer as they were kept."""
    columns = ("desired", "terms", "changed_at", "config_version")
    differs = " OR ".join(f"o.{name} <> k.{name}" for name in columns)
    with catalogue.rows(where) as sql:
        return int(
            sql.one(f"SELECT count(*) FROM {table} o JOIN bench_{table} k ON k.id = o.id WHERE {differs}")
        )


def put_back(where: Place, quantity: int) -> None:
    """All offers as they were loaded."""
    with catalogue.rows(where) as sql:
        sql.run(
            "UPDATE offer_quantity SET desired = ?, terms = ?, cause = 'stock', changed_at = acked_at, "
            "config_version = ''",
            [quantity, TERMS],
        )
        sql.run(
            "UPDATE offer_price SET desired = ?, terms = ?, changed_at = acked_at, config_version = ''",
            [BEFORE.price, TERMS],
        )
    catalogue.settle(where)


def rewrite(where: Place, shops: Sequence[str], size: int) -> Rewritten:
    """The first shop's slices write the quantities of all shops, as the program's do; each writes its own prices."""
    seconds = cpu = 0.0
    written = 0
    with contextlib.closing(_connection(where)) as driver, contextlib.closing(driver.cursor()) as cursor:
        for shop, first, last in _slices(shops, size):
            quantities = [
                row
                for each in (shops if shop == shops[0] else ())
                for row in _kept(where, cursor, "offer_quantity", each, first, last)
            ]
            prices = _kept(where, cursor, "offer_price", shop, first, last)
            driver.commit()
            begun, busy = time.perf_counter(), time.process_time()
            for table, rows in (("offer_quantity", quantities), ("offer_price", prices)):
                if rows:
                    cursor.executemany(_update(where, table), rows)
            driver.commit()
            seconds += time.perf_counter() - begun
            cpu += time.process_time() - busy
            written += len(quantities) + len(prices)
    return Rewritten(seconds, cpu, written)


def _slices(shops: Sequence[str], size: int) -> Iterator[tuple[str, int, int]]:
    for shop in shops:
        for first in range(1, size + 1, SLICE):
            yield shop, first, min(size, first + SLICE - 1)


def _connection(where: Place) -> Any:
    """With the settings of the program's writer."""
    if where.kind is Kind.POSTGRESQL:
        return psycopg.connect(where.address)
    file = sqlite3.connect(where.address, timeout=60)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", f"wal_autocheckpoint={LOG_PAGES}"):
        file.execute(f"PRAGMA {pragma}")
    return file


def _kept(where: Place, cursor: Any, table: str, shop: str, first: int, last: int) -> list[tuple[Any, ...]]:
    told = ", ".join(_COLUMNS[table])
    statement = f"SELECT {told}, id FROM bench_{table} WHERE account_id = ? AND n BETWEEN ? AND ?"
    return list(cursor.execute(_said(where, statement), (shop, first, last)).fetchall())


def _update(where: Place, table: str) -> str:
    told = ", ".join(f"{name} = ?" for name in _COLUMNS[table])
    return _said(where, f"UPDATE {table} SET {told} WHERE id = ?")


def _said(where: Place, statement: str) -> str:
    return statement.replace("?", "%s") if where.kind is Kind.POSTGRESQL else statement
