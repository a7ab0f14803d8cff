"""1,000 unsent of 1,000,000 offers: how soon they are found, and what a change of figures or of rules costs.

Finding is `sync.store.offers.unsent`, the query that every push begins with; the floor is the same rows by
the bare driver over the index that fits best. The change of one figure and the recompute of everything are
the installed program's own: `entrepot once`.
"""

import asyncio
import contextlib
import sqlite3
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from bench import catalogue, house, machine
from bench.catalogue import DEPOT, SHOP, SHOWN, TERMS
from bench.places import Kind, Place, place
from bench.process import Measured, serving
from bench.register import Wish
from bench.report import Figure, Goal, Report, Sense
from sync.domain.clock import SystemClock
from sync.domain.ids import AccountId
from sync.store import offers
from sync.store.database import Store
from sync.store.sealing import KeyRing, Sealer, new_key

EVERY = 1000
ROUNDS = 60
MILLISECONDS = {Kind.SQLITE: 5.0, Kind.POSTGRESQL: 10.0}
MEGABYTES = 300.0
MOVED, FIGURE = "S0000007", 77
_FLOOR = (
    "SELECT id, listing_id, external_id, location, desired, cause FROM offer_quantity WHERE account_id = ? "
    "AND desired IS NOT NULL AND {differs} ORDER BY changed_at LIMIT ?"
)
_DIFFERS = {Kind.SQLITE: "desired IS NOT acked", Kind.POSTGRESQL: "desired IS DISTINCT FROM acked"}
_INDEX = (
    "CREATE INDEX bench_floor ON offer_quantity (account_id, changed_at, id, listing_id, external_id, location, "
    "desired, cause, acked) WHERE desired IS NOT NULL AND {differs}"
)


@dataclass(slots=True)
class Found:
    """What one database told. Times in milliseconds."""

    kind: Kind
    version: str | None
    ours: float = 0.0
    floor: float = 0.0
    touched: int = 0
    recompute: Measured = field(default_factory=lambda: Measured(0.0, 0.0, 0, ""))
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, count: object, wanted: object) -> None:
        """Note a fault where a count is not as it should be."""
        if count != wanted:
            self.faults.append(f"{self.kind}: {what}: {count}, not {wanted}")


def measure(wish: Wish) -> Report:
    """Each database in turn. Raises PostgresqlMissing, ProgramFailed."""
    size = wish.sized(1_000_000, least=2 * EVERY)
    found = []
    with serving("bench.shop", cores=machine.cores().server) as ready:
        for kind in wish.databases.kinds:
            with place(kind) as where:
                found.append(_on(where, ready["url"], size))
    return _report(size, found)


def _on(where: Place, url: str, size: int) -> Found:
    found = Found(where.kind, where.version)
    house.configure(where, url)
    house.settle_in(where)
    catalogue.load(where, size)
    _one_figure(where, url, found)
    unsent = catalogue.change(where, EVERY, 1, SHOWN - 1)
    catalogue.settle(where)
    with catalogue.rows(where) as sql:
        shop = AccountId(sql.one("SELECT id FROM account WHERE name = ?", [SHOP]))
    found.ours = asyncio.run(_ours(where, shop, unsent, found))
    found.floor = _floor(where, shop, unsent, found)
    _recompute(where, size, found)
    return found


def _median(times: list[float]) -> float:
    return statistics.median(times) * 1000


async def _ours(where: Place, shop: AccountId, unsent: int, found: Found) -> float:
    """The store's own query, in a reading transaction of its own each time, as a pass does it."""
    store = await Store.open(
        where.address, clock=SystemClock(), sealer=Sealer(KeyRing.parse(new_key())), read_only=True
    )
    times = []
    try:
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            async with store.read() as tx:
                rows = await offers.unsent(tx, shop, unsent + 1)
            times.append(time.perf_counter() - begun)
        found.expect("unsent offers found", len(rows), unsent)
        found.expect(
            "found offers that differ", sum(int(row.external_id) % EVERY == 1 for row in rows), unsent
        )
    finally:
        await store.close()
    return _median(times)


def _floor(where: Place, shop: AccountId, unsent: int, found: Found) -> float:
    """The bare driver, with an index that covers the query; both are gone afterwards."""
    differs = _DIFFERS[where.kind]
    with catalogue.rows(where) as sql:
        sql.run(_INDEX.format(differs=differs))
    catalogue.settle(where)
    with contextlib.ExitStack() as stack:
        ask = _asker(where, stack, _FLOOR.format(differs=differs), (shop, unsent + 1))
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            rows = ask()
            times.append(time.perf_counter() - begun)
    found.expect("unsent offers found by the floor", len(rows), unsent)
    with catalogue.rows(where) as sql:
        sql.run("DROP INDEX bench_floor")
    return _median(times)


def _asker(
    where: Place, stack: contextlib.ExitStack, statement: str, values: tuple[object, ...]
) -> Callable[[], list[Any]]:
    if where.kind is Kind.SQLITE:
        file = stack.enter_context(contextlib.closing(sqlite3.connect(where.address)))
        return lambda: file.execute(statement, values).fetchall()
    connection = stack.enter_context(psycopg.connect(where.address))
    said = statement.replace("?", "%s")
    return lambda: connection.execute(said, values, prepare=True).fetchall()


def _one_figure(where: Place, url: str, found: Found) -> None:
    """The depot tells of one SKU: its offer alone is worked out again."""
    before = catalogue.updates(where)
    httpx.post(f"{url}/control/move", json={MOVED: FIGURE}).raise_for_status()
    house.entrepot(where, "once", "--account", DEPOT, "--flow", "stock")
    with catalogue.rows(where) as sql:
        found.touched = sql.one("SELECT count(*) FROM offer_quantity WHERE terms <> ?", [TERMS])
        changed = sql.all("SELECT external_id, desired FROM offer_quantity WHERE desired <> ?", [SHOWN])
        found.expect("offers that shall show another quantity", changed, [(str(int(MOVED[1:])), FIGURE)])
    if before is not None:
        found.expect("rows of offers that PostgreSQL says were written", _updates_since(where, before), 1)
    with catalogue.rows(where) as sql:
        sql.run("UPDATE offer_quantity SET acked = desired WHERE desired <> acked")
    catalogue.settle(where)


def _updates_since(where: Place, before: int) -> int | None:
    return None if (now := catalogue.updates(where)) is None else now - before


def _recompute(where: Place, size: int, found: Found) -> None:
    """Another rule for every SKU: one unit of each is held back from now on."""
    house.hold_back(where, 1)
    found.recompute = house.entrepot(where, "once", "--account", DEPOT, "--flow", "labels", "--seconds", "60")
    with catalogue.rows(where) as sql:
        right = sql.one(
            "SELECT count(*) FROM offer_quantity WHERE terms <> ? "
            "AND desired = CASE external_id WHEN ? THEN ? ELSE ? END",
            [TERMS, str(int(MOVED[1:])), FIGURE - 1, SHOWN - 1],
        )
    found.expect("offers that were worked out by the new rule", right, size)


def _report(size: int, found: list[Found]) -> Report:
    figures, goals = [], []
    for one in found:
        limit = MILLISECONDS[one.kind]
        peak = one.recompute.peak_bytes / 1e6
        rate = size / one.recompute.seconds
        figures += [
            Figure(
                f"{one.kind}: find {size // EVERY:,} of {size:,}, median of {ROUNDS}",
                "ms",
                one.ours,
                one.floor,
            ),
            Figure(f"{one.kind}: offers touched by one figure", "rows", one.touched, 1),
            Figure(f"{one.kind}: recompute of all, whole command", "s", one.recompute.seconds),
            Figure(f"{one.kind}: recompute of all", "offers/s", rate),
            Figure(f"{one.kind}: recompute of all, processor", "s", one.recompute.cpu_seconds),
            Figure(f"{one.kind}: recompute of all, peak memory", "MB", peak),
        ]
        goals += [
            Goal(f"find, {one.kind}, ms", one.ours, Sense.AT_MOST, limit),
            Goal(f"offers touched by one figure, {one.kind}", one.touched, Sense.EXACTLY, 1),
            Goal(f"peak memory of a recompute, {one.kind}, MB", peak, Sense.AT_MOST, MEGABYTES),
        ]
    worst = max(one.ours / MILLISECONDS[one.kind] for one in found)
    return Report(
        name="unsent",
        setting=(
            f"{size // EVERY:,} unsent of {size:,} offers; floor: the bare driver over an index that covers "
            "the query"
        ),
        figures=tuple(figures),
        headline=Goal("finding, as a part of the time allowed, worst database", worst, Sense.AT_MOST, 1.0),
        goals=tuple(goals),
        verified=(
            "the offers found are those that differ; one figure changed one offer; after the new rule every offer "
            "shows one unit less than its figure, with terms of its own",
        ),
        faults=tuple(fault for one in found for fault in one.faults),
        postgresql=next((one.version for one in found if one.version), None),
    )
