"""A changed mapping folder, of 200,000 SKUs on 6 channels: what laying it costs; and what one changed SKU touches.

The installed program lays the new rules (a share, a buffer, prices with a fee and a floor) on everything that is
stored: `entrepot once`, at its start. The floor is the bare driver, writing the same values into the same rows
(bench/rewriting.py).
"""

from dataclasses import dataclass, field

import httpx

from bench import catalogue, channels, house, machine, rewriting
from bench.catalogue import DEPOT, SHOWN
from bench.channels import SHOPS
from bench.places import Kind, Place, place
from bench.process import Measured, serving
from bench.register import Wish
from bench.report import Figure, Goal, Report, Sense
from bench.rewriting import Rewritten

MEGABYTES = 300.0
MOVED, FIGURE = "S0000007", 300
_LAY = ("once", "--account", DEPOT, "--flow", "labels", "--seconds", "60")
"""A round in which nothing is due: new rules are laid at its start, on every shop."""
_NOTHING = Measured(0.0, 0.0, 0, "")


@dataclass(slots=True)
class Found:
    """What one database told."""

    kind: Kind
    version: str | None
    start: Measured = _NOTHING
    """The same command where there is nothing new to lay."""
    laid: Measured = _NOTHING
    one: Measured = _NOTHING
    floor: Rewritten = field(default_factory=Rewritten)
    touched: int = 0
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, count: object, wanted: object) -> None:
        """Note a fault where a count is not as it should be."""
        if count != wanted:
            self.faults.append(f"{self.kind}: {what}: {count}, not {wanted}")


def measure(wish: Wish) -> Report:
    """Each database in turn. Raises PostgresqlMissing, ProgramFailed."""
    size = wish.sized(200_000, least=100)
    found = []
    with serving("bench.shop", cores=machine.cores().server) as ready:
        for kind in wish.databases.kinds:
            with place(kind) as where:
                found.append(_on(where, ready["url"], size))
    return _report(size, found)


def _on(where: Place, url: str, size: int) -> Found:
    found = Found(where.kind, where.version)
    channels.configure(where, url)
    house.settle_in(where)
    ids = channels.load(where, size)
    found.start = house.entrepot(where, *_LAY)
    channels.write_rules(where.folder / "mappings", size)
    found.laid = house.entrepot(where, *_LAY)
    with catalogue.rows(where) as sql:
        offers = size * len(SHOPS)
        found.expect("offers with the new rules' quantity", channels.right_quantities(sql, ids), offers)
        found.expect("offers with the new rules' price", channels.right_prices(sql), offers)
    rewriting.keep(where)
    catalogue.settle(where)
    _one_sku(where, url, ids, found)
    rewriting.put_back(where, SHOWN)
    found.floor = rewriting.rewrite(where, list(ids.values()), size)
    found.expect("rows that the floor wrote", found.floor.rows, 2 * offers)
    for table in ("offer_quantity", "offer_price"):
        left = rewriting.moved(where, table)
        found.expect(f"rows of {table} that the floor wrote otherwise", left, 0)
    return found


def _one_sku(where: Place, url: str, ids: dict[str, str], found: Found) -> None:
    """The depot tells of one SKU: its six offers are worked out again, by the new rules."""
    before = catalogue.updates(where)
    httpx.post(f"{url}/control/move", json={MOVED: FIGURE}).raise_for_status()
    found.one = house.entrepot(where, "once", "--account", DEPOT, "--flow", "stock")
    found.touched = rewriting.moved(where, "offer_quantity")
    found.expect("prices that a figure moved", rewriting.moved(where, "offer_price"), 0)
    with catalogue.rows(where) as sql:
        told = sql.all(
            "SELECT account_id, desired FROM offer_quantity WHERE external_id = ?", [str(int(MOVED[1:]))]
        )
    wanted = {ids[shop]: channels.quantity(shop, FIGURE) for shop in SHOPS}
    found.expect("quantities of the SKU that moved", dict(told), wanted)
    if before is not None:
        after = catalogue.updates(where) or 0
        found.expect("rows of offers that PostgreSQL says were written", after - before, len(SHOPS))


def _report(size: int, found: list[Found]) -> Report:
    figures, goals = [], []
    offers = size * len(SHOPS)
    for one in found:
        peak = one.laid.peak_bytes / 1e6
        seconds = one.laid.seconds - one.start.seconds
        busy = one.laid.cpu_seconds - one.start.cpu_seconds
        figures += [
            Figure(f"{one.kind}: all, whole command", "s", one.laid.seconds),
            Figure(f"{one.kind}: all, without its start", "s", seconds, one.floor.seconds),
            Figure(
                f"{one.kind}: all, without its start",
                "offers/s",
                offers / seconds,
                offers / one.floor.seconds,
            ),
            Figure(f"{one.kind}: all, without its start, processor", "s", busy, one.floor.cpu_seconds),
            Figure(f"{one.kind}: all, peak memory", "MB", peak),
            Figure(f"{one.kind}: quantities that one changed SKU touches", "rows", one.touched, len(SHOPS)),
            Figure(f"{one.kind}: one changed SKU, whole command", "s", one.one.seconds),
            Figure(f"{one.kind}: one changed SKU, processor", "s", one.one.cpu_seconds),
        ]
        goals += [
            Goal(f"peak memory, {one.kind}, MB", peak, Sense.AT_MOST, MEGABYTES),
            Goal(f"offers touched by one SKU, {one.kind}", one.touched, Sense.EXACTLY, len(SHOPS)),
        ]
    worst = max(one.laid.peak_bytes / 1e6 / MEGABYTES for one in found)
    return Report(
        name="recompute",
        setting=(
            f"{size:,} SKUs on {len(SHOPS)} channels, {offers:,} offers: every quantity and every price is another "
            "one; floor: the same rows by the bare driver, in transactions of the same size"
        ),
        figures=tuple(figures),
        headline=Goal("peak memory, as a part of what is allowed, worst database", worst, Sense.AT_MOST, 1.0),
        goals=tuple(goals),
        verified=(
            "every offer has the quantity and the price that plain arithmetic gives by the new rules; one figure "
            "changed the quantities of its own offers and nothing else; the floor wrote the same values",
        ),
        faults=tuple(fault for one in found for fault in one.faults),
        notes=(
            "the floor's processor time is the client's alone",
            "the start is the same command's, with nothing new to lay",
        ),
        postgresql=next((one.version for one in found if one.version), None),
    )
