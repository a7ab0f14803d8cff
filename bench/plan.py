"""`entrepot plan` over 200,000 SKUs on 6 channels with 10,000 unsent values: as stored, and by another folder.

As stored it reads what is unsent. By another mapping folder it works out all quantities and prices beside the store
and writes none; the folder in force and the other one have a table of all goods each. The floor of each plan is the
bare driver, reading the rows that are looked at.
"""

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench import catalogue, channels, house, machine
from bench.catalogue import SHOWN, TERMS
from bench.channels import BEFORE, SHOPS
from bench.places import Kind, Place, place
from bench.process import Measured, serving
from bench.register import Wish
from bench.report import Figure, Goal, Report, Sense

MEGABYTES = 300.0
EVERY = 100
"""One SKU in so many has an unsent value in each shop but the last."""
STOCKED, PRICED = SHOPS[:3], SHOPS[3:5]
"""Shops with unsent quantities, and shops with unsent prices."""
_TABLES = {"stock": "offer_quantity", "prices": "offer_price"}
_LISTED = "l.title, l.published, l.remote_available, c.sku, c.units"
_JOINED = "JOIN listing l ON l.id = o.listing_id JOIN listing_component c ON c.listing_id = o.listing_id"
_FIGURES = "SELECT account_id, sku, on_hand, basis, reserved FROM stock_level"
_AT_ONCE = 500
_NOTHING = Measured(0.0, 0.0, 0, "")


@dataclass(slots=True)
class Looked:
    """One way to plan: the command, and the floor's seconds of wall and processor time and rows."""

    command: Measured = _NOTHING
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    rows: int = 0


@dataclass(slots=True)
class Found:
    """What one database told."""

    kind: Kind
    version: str | None
    stored: Looked = field(default_factory=Looked)
    imagined: Looked = field(default_factory=Looked)
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, count: object, wanted: object) -> None:
        """Note a fault where a count is not as it should be."""
        if count != wanted:
            self.faults.append(f"{self.kind}: {what}: {count}, not {wanted}")


def measure(wish: Wish) -> Report:
    """Each database in turn. Raises PostgresqlMissing, ProgramFailed."""
    size = max(1, wish.sized(200_000) // EVERY) * EVERY
    found = []
    with serving("bench.shop", cores=machine.cores().server) as ready:
        for kind in wish.databases.kinds:
            with place(kind) as where:
                found.append(_on(where, ready["url"], size))
    return _report(size, found)


def _on(where: Place, url: str, size: int) -> Found:
    found = Found(where.kind, where.version)
    channels.configure(where, url)
    channels.write_rules(where.folder / "mappings", size, channels.BUFFER + 1)
    house.settle_in(where)
    ids = channels.load(where, size)
    _leave_unsent(where, ids)
    other = where.folder / "other-mappings"
    channels.write_rules(other, size)
    before = _unsent(where, ids)
    found.expect("unsent values", sum(before.values()), size // EVERY * len(STOCKED + PRICED))
    found.stored = Looked(house.entrepot(where, "plan", "--json"))
    _read(where, found.stored, whole=False)
    found.expect("changes as stored", _planned(found.stored), before)
    found.expect("rows that the floor read of what is unsent", found.stored.rows, sum(before.values()))
    found.imagined = Looked(house.entrepot(where, "plan", "--json", "--mappings", str(other)))
    _read(where, found.imagined, whole=True)
    everything = {(shop, flow): size for shop in SHOPS for flow in _TABLES}
    found.expect("changes by the other folder", _planned(found.imagined), everything)
    found.expect("rows that the floor read of all", found.imagined.rows, (2 * len(SHOPS) + 1) * size)
    found.expect("unsent values after both", _unsent(where, ids), before)
    with catalogue.rows(where) as sql:
        for table in _TABLES.values():
            written = sql.one(f"SELECT count(*) FROM {table} WHERE terms <> ?", [TERMS])
            found.expect(f"rows of {table} that a plan wrote", written, 0)
    return found


def _leave_unsent(where: Place, ids: dict[str, str]) -> None:
    changed_at = time.time_ns() // 1000
    with catalogue.rows(where) as sql:
        for shops, table, value in (
            (STOCKED, "offer_quantity", SHOWN - 1),
            (PRICED, "offer_price", f"{BEFORE.price[:-1]}9"),
        ):
            for shop in shops:
                sql.run(
                    f"UPDATE {table} SET desired = ?, changed_at = ? WHERE account_id = ? "
                    "AND CAST(external_id AS INTEGER) % ? = 1",
                    [value, changed_at, ids[shop], EVERY],
                )
    catalogue.settle(where)


def _unsent(where: Place, ids: dict[str, str]) -> dict[tuple[str, str], int]:
    """By shop and flow, by plain SQL; where nothing is unsent there is no entry."""
    with catalogue.rows(where) as sql:
        counts = {
            (shop, flow): channels.unsent(sql, table, ids[shop])
            for shop in SHOPS
            for flow, table in _TABLES.items()
        }
    return {key: count for key, count in counts.items() if count}


def _planned(looked: Looked) -> dict[tuple[str, str], int]:
    parts = json.loads(looked.command.output)["parts"]
    return {(part["account"], part["flow"]): part["changes"] for part in parts if part["changes"]}


def _read(where: Place, looked: Looked, *, whole: bool) -> None:
    """The rows of quantities and prices with their listings and SKUs; of all of them, the figures too."""
    told = []
    for table in _TABLES.values():
        differs = "" if whole else f"WHERE o.desired IS NOT NULL AND o.desired {_differs(where)} o.acked"
        told.append(f"SELECT o.*, {_LISTED} FROM {table} o {_JOINED} {differs}")
    begun, busy = time.perf_counter(), time.process_time()
    with _reader(where) as cursor:
        for statement in [*told, _FIGURES] if whole else told:
            cursor.execute(statement)
            while rows := cursor.fetchmany(_AT_ONCE):
                looked.rows += len(rows)
    looked.seconds, looked.cpu_seconds = time.perf_counter() - begun, time.process_time() - busy


def _differs(where: Place) -> str:
    return "IS NOT" if where.kind is Kind.SQLITE else "IS DISTINCT FROM"


@contextlib.contextmanager
def _reader(where: Place) -> Iterator[Any]:
    """A cursor that takes rows as they are asked for: on PostgreSQL one of the server's."""
    if where.kind is Kind.SQLITE:
        with contextlib.closing(sqlite3.connect(where.address)) as file:
            yield file.cursor()
        return
    with psycopg.connect(where.address) as connection, connection.cursor("bench_plan") as cursor:
        yield cursor


def _report(size: int, found: list[Found]) -> Report:
    figures, goals = [], []
    offers, unsent = size * len(SHOPS), size // EVERY * len(STOCKED + PRICED)
    peaks = []
    for one in found:
        ways = (
            (f"{unsent:,} unsent, as stored", one.stored),
            (f"{offers:,} by another folder", one.imagined),
        )
        for what, looked in ways:
            peak = looked.command.peak_bytes / 1e6
            peaks.append(peak)
            figures += [
                Figure(f"{one.kind}: {what}, whole command", "s", looked.command.seconds, looked.seconds),
                Figure(f"{one.kind}: {what}, processor", "s", looked.command.cpu_seconds, looked.cpu_seconds),
                Figure(f"{one.kind}: {what}, peak memory", "MB", peak),
            ]
            goals.append(Goal(f"peak memory, {one.kind}, {what}, MB", peak, Sense.AT_MOST, MEGABYTES))
    return Report(
        name="plan",
        setting=(
            f"{size:,} SKUs on {len(SHOPS)} channels, {unsent:,} unsent quantities and prices of {2 * offers:,}; "
            "floor: the bare driver reading the rows that are looked at"
        ),
        figures=tuple(figures),
        headline=Goal(
            "peak memory, as a part of what is allowed, worst plan",
            max(peaks) / MEGABYTES,
            Sense.AT_MOST,
            1.0,
        ),
        goals=tuple(goals),
        verified=(
            "by shop and kind the plan counts what plain SQL counts; by the other folder every quantity and every "
            "price changes; nothing of it was written",
        ),
        faults=tuple(fault for one in found for fault in one.faults),
        notes=("the floor's processor time is the client's alone, and it neither starts nor reads rules",),
        postgresql=next((one.version for one in found if one.version), None),
    )
