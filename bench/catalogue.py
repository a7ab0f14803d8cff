"""A database as the program would have left it after a shop of so many offers was read and served.

The program itself makes the database and its accounts; the rows are then made inside the database, which is
the fastest way there is. Every listing sells one SKU, shows 100, and is acknowledged. Times are in
microseconds, as the store has them.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from bench.places import Kind, Place

SHOWN = 100
SHOP, DEPOT = "shop", "depot"
_ID = {
    Kind.SQLITE: "printf('00000000-0000-7{kind}-8000-%012x', n)",
    Kind.POSTGRESQL: "'00000000-0000-7{kind}-8000-' || lpad(to_hex(n), 12, '0')",
}
_SKU = {Kind.SQLITE: "printf('S%07d', n)", Kind.POSTGRESQL: "'S' || lpad(n::text, 7, '0')"}
_NUMBERS = {
    Kind.SQLITE: "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {size}) SELECT n FROM s)",
    Kind.POSTGRESQL: "generate_series(1, {size}) AS g(n)",
}
TERMS = '{"made": "by the benchmark"}'


class Rows:
    """Plain SQL on the database of a place, with `?` marks."""

    def __init__(self, kind: Kind, connection: Any) -> None:
        self.kind = kind
        self._connection = connection

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """How many rows were written."""
        return int(self._execute(statement, values).rowcount)

    def all(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Every row."""
        return list(self._execute(statement, values).fetchall())

    def one(self, statement: str, values: Sequence[object] = ()) -> Any:
        """The first column of the first row."""
        return self._execute(statement, values).fetchone()[0]

    def _execute(self, statement: str, values: Sequence[object]) -> Any:
        if self.kind is Kind.POSTGRESQL:
            return self._connection.execute(statement.replace("%", "%%").replace("?", "%s"), values)
        return self._connection.execute(statement, values)


@contextlib.contextmanager
def rows(place: Place) -> Iterator[Rows]:
    """One transaction, committed where the body ends well."""
    if place.kind is Kind.POSTGRESQL:
        with psycopg.connect(place.address) as connection:
            yield Rows(place.kind, connection)
        return
    file = sqlite3.connect(place.address, timeout=60)
    try:
        with file:
            yield Rows(place.kind, file)
    finally:
        file.close()


def load(place: Place, size: int) -> None:
    """`size` listings of the shop, with their SKUs, figures and acknowledged offers."""
    now = time.time_ns() // 1000
    with rows(place) as sql:
        shop, depot = (sql.one("SELECT id FROM account WHERE name = ?", [name]) for name in (SHOP, DEPOT))
        rules = sql.one("SELECT version FROM config_bundle ORDER BY first_seen_at DESC LIMIT 1")
        for statement, values in _statements(place.kind, size, shop, depot, rules, now):
            sql.run(statement, values)
    settle(place)


def _statements(
    kind: Kind, size: int, shop: str, depot: str, rules: str, now: int
) -> list[tuple[str, list[object]]]:
    sku, source = _SKU[kind], _NUMBERS[kind].format(size=size)
    listing, offer = (_ID[kind].format(kind=part) for part in ("001", "002"))
    external = "CAST(n AS TEXT)"
    return [
        (f"INSERT INTO variant (sku, title, created_at) SELECT {sku}, 'Cup', ? FROM {source}", [now]),
        (
            "INSERT INTO listing (id, account_id, external_id, product_external_id, remote_sku, title, "
            "published, bound, config_version, seen_at, remote_available) "
            f"SELECT {listing}, ?, {external}, {external}, {sku}, 'Cup', 1, 1, ?, ?, ? FROM {source}",
            [shop, rules, now, SHOWN],
        ),
        (
            f"INSERT INTO listing_component (listing_id, sku, units) SELECT {listing}, {sku}, 1 FROM {source}",
            [],
        ),
        (
            "INSERT INTO stock_level (account_id, sku, on_hand, basis, begun_at, full_at, product_external_id) "
            f"SELECT ?, {sku}, ?, 'gross', ?, ?, {external} FROM {source}",
            [depot, SHOWN, now, now],
        ),
        (
            "INSERT INTO offer_quantity (id, account_id, listing_id, external_id, desired, acked, ceiling, "
            "terms, cause, changed_at, acked_at, config_version) "
            f"SELECT {offer}, ?, {listing}, {external}, ?, ?, ?, ?, 'stock', ?, ?, ? FROM {source}",
            [shop, SHOWN, SHOWN, SHOWN, TERMS, now, now, rules],
        ),
    ]


def settle(place: Place) -> None:
    """What the database does by itself in time: its statistics, and its log written back."""
    if place.kind is Kind.POSTGRESQL:
        with psycopg.connect(place.address, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        return
    file = sqlite3.connect(place.address, timeout=60)
    try:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        file.close()


def change(place: Place, every: int, offset: int, quantity: int) -> int:
    """One offer in `every` shall show another quantity from now on. Returns how many."""
    now = time.time_ns() // 1000
    with rows(place) as sql:
        return sql.run(
            "UPDATE offer_quantity SET desired = ?, changed_at = ?, cause = 'stock' "
            "WHERE CAST(external_id AS INTEGER) % ? = ?",
            [quantity, now, every, offset],
        )
