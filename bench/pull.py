"""100,000 orders of three lines, in pages of 250, through the whole order intake.

The installed program pulls them: `entrepot once --account shop --flow orders`. Each order's raw record and its
person are sealed, its lines bound, its units reserved, and the cursor saved with each page. Floor: the same
pages fetched one after another and parsed with orjson, on the same core. Peer: dlt's rest_api source with merge
into the same kind of database.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from bench import catalogue, house, machine, order_book, peers
from bench.catalogue import SHOP
from bench.places import Kind, Place, place
from bench.process import Measured, run, serving
from bench.register import Wish
from bench.report import Figure, Goal, Report, Sense
from sync.store.sealing import KeyRing, Sealer

RATIO, MEMORY, CPU = 8.0, 0.25, 2.5
FORMATS = {Kind.SQLITE: ("default",), Kind.POSTGRESQL: ("default", "csv")}
"""The peer's ways to load; the best one counts."""
SAMPLE = 100
"""So many stored records are unsealed and compared with what was served."""


@dataclass(slots=True)
class Found:
    """What came out on one database."""

    kind: Kind
    orders: int
    ours: Measured
    peer: Measured | None = None
    version: str | None = None
    faults: list[str] = field(default_factory=list)

    def rate(self, one: Measured) -> float:
        """Orders a second."""
        return self.orders / one.seconds


def measure(wish: Wish) -> Report:
    """Each database in turn, ours and the peer's, then the floor. Raises PostgresqlMissing, ProgramFailed."""
    orders = wish.sized(100_000, least=order_book.PAGE)
    found, size, floor = [], 0, None
    for kind in wish.databases.kinds:
        with serving("bench.order_shop", str(orders), cores=machine.cores().server) as ready:
            found.append(intake(kind, ready["url"], orders))
            size = _sell(ready["url"])
            if wish.peers:
                found[-1].peer = _peer(kind, ready["url"], orders, found[-1])
            floor = floor or _floor(ready["url"])
    assert floor is not None
    return _report(orders, size, floor, found)


def _floor(url: str) -> Measured:
    argv = [peers.peer_python(), peers.HERE / "floor_pull.py", url]
    return run(argv, cores=machine.cores().ours)


def _sell(url: str) -> int:
    """Let all orders be placed; how many bytes their pages have."""
    answer = httpx.post(f"{url}/control/sell", timeout=600)
    return int(answer.raise_for_status().json()["bytes"])


def intake(kind: Kind, url: str, orders: int) -> Found:
    """The program pulls all orders of the shop into an empty place; `faults` says what is not as the book has it."""
    with place(kind) as where:
        house.configure(where, url, "benchorders")
        house.settle_in(where)
        catalogue.load(where, order_book.SKUS)
        with catalogue.rows(where) as sql:
            sql.run("UPDATE stock_level SET on_hand = ?", [100 * orders])
        catalogue.settle(where)
        _sell(url)
        ours = house.entrepot(where, "once", "--account", SHOP, "--flow", "orders", "--seconds", "7200")
        found = Found(kind, orders, ours, version=where.version)
        found.faults += [f"{kind}: {fault}" for fault in _faults(where, url, orders)]
    return found


def _faults(where: Place, url: str, orders: int) -> list[str]:
    """Rows, totals and reservations as the book has them, and records as they were served."""
    facts = {
        "orders": ("SELECT count(*) FROM customer_order", orders),
        "lines": ("SELECT count(*) FROM order_line", order_book.LINES * orders),
        "lines bound": (
            "SELECT count(*) FROM order_line_component",
            order_book.LINES * orders,
        ),
        "reserved units by order": ("SELECT sum(quantity) FROM reservation", order_book.units(orders)),
        "reserved units by figure": ("SELECT sum(reserved) FROM stock_level", order_book.units(orders)),
        "total in cents": (
            "SELECT sum(total_minor) FROM customer_order",
            sum(order_book.cents(order) for order in range(1, orders + 1)),
        ),
    }
    with catalogue.rows(where) as sql:
        counts = {what: (sql.one(query), wanted) for what, (query, wanted) in facts.items()}
        chosen = Random(1).sample(range(1, orders + 1), min(SAMPLE, orders))
        query = "SELECT id, raw_sealed FROM customer_order WHERE external_id = ?"
        stored = {n: sql.all(query, [f"{n:08d}"]) for n in chosen}
    wrong = [f"{what}: {count}, not {wanted}" for what, (count, wanted) in counts.items() if count != wanted]
    sealer = Sealer(KeyRing.parse((where.folder / "entrepot-data" / "keys").read_text()))
    served = _served(url, chosen)
    broken = [n for n, rows in stored.items() if not rows or _opened(sealer, *rows[0]) != served[n]]
    return wrong + [f"the stored record of order {n} is not what was served" for n in broken]


def _opened(sealer: Sealer, order_id: str, blob: bytes) -> object:
    return json.loads(sealer.open("customer_order", order_id, "raw", bytes(blob)))


def _served(url: str, chosen: list[int]) -> dict[int, object]:
    pages = {(n - 1) // order_book.PAGE + 1 for n in chosen}
    told = [
        httpx.get(f"{url}/orders", params={"page": page}, timeout=60).json()["orders"]
        for page in sorted(pages)
    ]
    return {int(order["id"]): order for page in told for order in page}


def _peer(kind: Kind, url: str, orders: int, found: Found) -> Measured:
    """The quickest of its settings; each begins with an empty database."""
    runs = []
    for form in FORMATS[kind]:
        with place(kind) as where:
            address = where.database_line if kind is Kind.SQLITE else where.address
            env = {"DLT_DATA_DIR": str(where.folder / "dlt"), "RUNTIME__DLTHUB_TELEMETRY": "false"}
            script = peers.HERE / "peer_pull.py"
            argv: list[str | Path] = [peers.peer_python(), script, url, address, form]
            done = run(argv, cores=machine.cores().ours, env=env, cwd=where.folder)
            if done.output.split("orders: ")[-1].strip() != str(orders):
                found.faults.append(f"{kind}: the peer says {done.output.strip()[-200:]}")
            runs.append(done)
    return min(runs, key=lambda one: one.seconds)


def _report(orders: int, size: int, floor: Measured, found: list[Found]) -> Report:
    goals = [goal for one in found for goal in _goals(one, floor)]
    headline = min(
        (goal for goal in goals if goal.sense is Sense.AT_LEAST), key=lambda goal: goal.measured, default=None
    )
    if headline is None:  # without the peer the floor is what it is held against
        headline = max(goals, key=lambda goal: goal.measured)
    return Report(
        name="pull",
        setting=(
            f"{orders:,} orders, {order_book.LINES * orders:,} lines, {size / 1e6:,.0f} MB in pages of "
            f"{order_book.PAGE}; floor: fetched and parsed with orjson; peer: dlt rest_api, merge by id"
        ),
        figures=tuple(figure for one in found for figure in _figures(one, floor)),
        headline=headline,
        goals=tuple(goal for goal in goals if goal is not headline),
        verified=(
            "orders, lines, bindings, reservations by order and by figure, and totals are those of the book; "
            f"{min(SAMPLE, orders)} stored records were unsealed and are what was served",
        ),
        faults=tuple(fault for one in found for fault in one.faults),
        notes=(
            "ours has its start, its configuration and its checks in the time; the peer its pipeline's set-up",
            "the peer seals nothing, binds nothing and reserves nothing",
        ),
        postgresql=next((one.version for one in found if one.version), None),
    )


def _goals(one: Found, floor: Measured) -> list[Goal]:
    cpu = one.ours.cpu_seconds / floor.cpu_seconds
    goals = [Goal(f"{one.kind}: processor time over the floor's", cpu, Sense.AT_MOST, CPU)]
    if one.peer is not None:
        ratio = one.peer.seconds / one.ours.seconds
        memory = one.ours.peak_bytes / one.peer.peak_bytes
        goals += [
            Goal(f"{one.kind}: orders a second over the peer's", ratio, Sense.AT_LEAST, RATIO),
            Goal(f"{one.kind}: peak memory over the peer's", memory, Sense.AT_MOST, MEMORY),
        ]
    return goals


def _figures(one: Found, floor: Measured) -> list[Figure]:
    peer, ours = one.peer, one.ours
    return [
        Figure(
            f"{one.kind}: orders",
            "1/s",
            one.rate(ours),
            one.rate(floor),
            None if peer is None else one.rate(peer),
        ),
        Figure(
            f"{one.kind}: processor",
            "s",
            ours.cpu_seconds,
            floor.cpu_seconds,
            None if peer is None else peer.cpu_seconds,
        ),
        Figure(
            f"{one.kind}: peak memory",
            "MB",
            ours.peak_bytes / 1e6,
            floor.peak_bytes / 1e6,
            None if peer is None else peer.peak_bytes / 1e6,
        ),
    ]
