"""A database as the program would have left it after a shop of so many offers was read and served.

The program itself makes the database and its accounts; the rows are then made inside the database, which is
the fastest way there is. Every listing sells one SKU, shows 100, and is acknowledged; several shops list the
same SKUs. Times are in microseconds, as the store has them.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.places import Kind, Place

SHOWN = 100
SHOP, DEPOT = "shop", "depot"
_ID = {
    Kind.SQLITE: "printf('00000000-0000-7{kind}-8{shop:03x}-%012x', n)",
    Kind.POSTGRESQL: "'00000000-0000-7{kind}-8{shop:03x}-' || lpad(to_hex(n), 12, '0')",
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


@dataclass(frozen=True, slots=True)
class Priced:
    """What every listing costs, as text in major units."""

    price: str
    currency: str


def load(
    place: Place, size: int, shops: Sequence[str] = (SHOP,), priced: Priced | None = None
) -> dict[str, str]:
    """`size` SKUs with their figures, and in each shop a listing of each with its acknowledged offers.

    The depot has 100 of each SKU for each shop. Without `priced` no price is stored. Returns the shops' ids by
    name.
    """
    now = time.time_ns() // 1000
    with rows(place) as sql:
        ids = {name: str(sql.one("SELECT id FROM account WHERE name = ?", [name])) for name in shops}
        depot = sql.one("SELECT id FROM account WHERE name = ?", [DEPOT])
        rules = sql.one("SELECT version FROM config_bundle ORDER BY first_seen_at DESC LIMIT 1")
        told = _goods(place.kind, size, depot, SHOWN * len(shops), now)
        for number, shop in enumerate(ids.values()):
            told += _listed(place.kind, size, number, shop, rules, now, priced)
        for statement, values in told:
            sql.run(statement, values)
    settle(place)
    return ids


_Statements = list[tuple[str, list[object]]]


def _goods(kind: Kind, size: int, depot: str, on_hand: int, now: int) -> _Statements:
    sku, source = _SKU[kind], _NUMBERS[kind].format(size=size)
    return [
        (f"INSERT INTO variant (sku, title, created_at) SELECT {sku}, 'Cup', ? FROM {source}", [now]),
        (
            "INSERT INTO stock_level (account_id, sku, on_hand, basis, begun_at, full_at, product_external_id) "
            f"SELECT ?, {sku}, ?, 'gross', ?, ?, CAST(n AS TEXT) FROM {source}",
            [depot, on_hand, now, now],
        ),
    ]


def _listed(
    kind: Kind, size: int, number: int, shop: str, rules: str, now: int, priced: Priced | None
) -> _Statements:
    """The shop with this number; the last part but one of an id is the shop's."""
    sku, source = _SKU[kind], _NUMBERS[kind].format(size=size)
    listing, quantity, price = (_ID[kind].format(kind=part, shop=number) for part in ("001", "002", "003"))
    external = "CAST(n AS TEXT)"
    costs: list[object] = [] if priced is None else [priced.price, priced.currency]
    columns, marks = (", price, currency, price_includes_tax", ", ?, ?, 1") if costs else ("", "")
    told: _Statements = [
        (
            "INSERT INTO listing (id, account_id, external_id, product_external_id, remote_sku, title, "
            f"published, bound, config_version, seen_at, remote_available{columns}) "
            f"SELECT {listing}, ?, {external}, {external}, {sku}, 'Cup', 1, 1, ?, ?, ?{marks} FROM {source}",
            [shop, rules, now, SHOWN, *costs],
        ),
        (
            f"INSERT INTO listing_component (listing_id, sku, units) SELECT {listing}, {sku}, 1 FROM {source}",
            [],
        ),
        (
            "INSERT INTO offer_quantity (id, account_id, listing_id, external_id, desired, acked, ceiling, "
            "terms, cause, changed_at, acked_at, config_version) "
            f"SELECT {quantity}, ?, {listing}, {external}, ?, ?, ?, ?, 'stock', ?, ?, ? FROM {source}",
            [shop, SHOWN, SHOWN, SHOWN, TERMS, now, now, rules],
        ),
    ]
    if priced is not None:
        told.append(
            (
                "INSERT INTO offer_price (id, account_id, listing_id, external_id, currency, desired, acked, "
                "terms, cause, changed_at, acked_at, config_version) "
                f"SELECT {price}, ?, {listing}, {external}, ?, ?, ?, ?, 'config', ?, ?, ? FROM {source}",
                [shop, priced.currency, priced.price, priced.price, TERMS, now, now, rules],
            )
        )
    return told


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


def updates(place: Place, table: str = "offer_quantity") -> int | None:
    """How many rows of a table were ever updated: PostgreSQL counts them, SQLite does not."""
    if place.kind is Kind.SQLITE:
        return None
    with rows(place) as sql:
        return int(sql.one("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = ?", [table]))
