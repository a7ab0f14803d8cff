"""10,000 changed of 1,000,000 offers, through a batch endpoint of 100 that takes 10 calls a second.

The installed program makes the shop sell what it should: `entrepot once --account shop --flow push_stock`.
Time is taken at the shop, from the first call that came to the last write that was answered. The floor is
the time that the shop's own window costs a client which is never early and never late.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bench import catalogue, house, machine, peers
from bench.catalogue import DEPOT, SHOP, SHOWN
from bench.places import Kind, Place, place
from bench.process import Measured, run, serving
from bench.register import Wish
from bench.report import Figure, Goal, Report, Sense
from bench.shop import BATCH, CALLS, PERIOD, Window

EVERY = 100
"""One offer in so many is changed."""
GOAL = 1.10
SETTINGS = ((CALLS, PERIOD), (1, PERIOD / CALLS))
"""The two ways to say 10 a second to aiolimiter: all at once or one at a time. The better one counts."""


@dataclass(frozen=True, slots=True)
class Run:
    """One job at one window, by the shop's books."""

    window: Window
    seconds: float
    writes: int
    reads: int
    refused: int
    items: int


@dataclass(frozen=True, slots=True)
class Ours:
    """The program's run, the command around it, and what was wrong with the result."""

    kind: Kind
    run: Run
    command: Measured
    faults: tuple[str, ...]


def floor(window: Window, calls: int) -> float:
    """Seconds from the first call to the last that the window allows."""
    if window is Window.LEAKY:
        return max(0, calls - CALLS) * PERIOD / CALLS
    return (math.ceil(calls / CALLS) - 1) * PERIOD


def measure(wish: Wish, windows: Sequence[Window] = tuple(Window)) -> Report:
    """These windows on each database, then the peer. Raises PostgresqlMissing, ProgramFailed."""
    changed = max(2 * CALLS * BATCH, wish.sized(10_000) // BATCH * BATCH)
    calls = changed // BATCH
    ours: list[Ours] = []
    version = None
    with serving("bench.shop", cores=machine.cores().server) as ready:
        for kind in wish.databases.kinds:
            with place(kind) as where:
                version = where.version or version
                ours += _on(where, ready["url"], changed, windows)
        theirs = _peer(ready["url"], calls, windows) if wish.peers else {}
    return _report(changed, calls, ours, theirs, version)


def _on(where: Place, url: str, changed: int, windows: Sequence[Window]) -> list[Ours]:
    house.configure(where, url)
    house.settle_in(where)
    catalogue.load(where, changed * EVERY)
    return [_ours(where, url, window, number, changed) for number, window in enumerate(windows)]


def _ours(where: Place, url: str, window: Window, number: int, changed: int) -> Ours:
    quantity, began = SHOWN - 10 - number, time.time_ns() // 1000
    catalogue.change(where, EVERY, number, quantity)
    books = _open(url, window)
    command = house.entrepot(where, "once", "--account", SHOP, "--flow", "push_stock", "--seconds", "300")
    books = _books(url)
    faults = (
        *_shop_faults(books, number, quantity, changed),
        *_store_faults(where, began, number, quantity, changed),
    )
    named = tuple(f"{where.kind}, {window} window: {fault}" for fault in faults)
    return Ours(where.kind, _run_of(books), command, named)


def _open(url: str, window: Window) -> dict[str, Any]:
    httpx.post(f"{url}/control/run", json={"window": window.value}).raise_for_status()
    return _books(url)


def _books(url: str) -> dict[str, Any]:
    books: dict[str, Any] = httpx.get(f"{url}/control/books", timeout=60).json()
    return books


def _run_of(books: dict[str, Any]) -> Run:
    seconds = (books["last"] or 0) - (books["began"] or 0)
    counts = (books[name] for name in ("writes", "reads", "refused", "set_items"))
    return Run(Window(books["window"]), seconds, *counts)


def _shop_faults(books: dict[str, Any], number: int, quantity: int, changed: int) -> list[str]:
    """The shop sells the new quantity of every changed offer, and was told of no other one."""
    mine = {one: units for one, units in books["stock"].items() if one.isdigit()}
    right = [one for one, units in mine.items() if int(one) % EVERY == number and units == quantity]
    faults = []
    if len(right) != changed:
        faults.append(f"the shop sells the new quantity of {len(right)} offers, not of {changed}")
    if books["set_items"] != changed:
        faults.append(f"{books['set_items']} quantities were sent, not {changed}")
    return faults


def _store_faults(where: Place, began: int, number: int, quantity: int, changed: int) -> list[str]:
    """Every offer is acknowledged as it shall be, and only the changed ones were touched."""
    with catalogue.rows(where) as sql:
        left = sql.one("SELECT count(*) FROM offer_quantity WHERE acked IS NULL OR acked <> desired")
        touched = sql.one("SELECT count(*) FROM offer_quantity WHERE acked_at >= ?", [began])
        right = sql.one(
            "SELECT count(*) FROM offer_quantity WHERE acked = ? AND CAST(external_id AS INTEGER) % ? = ?",
            [quantity, EVERY, number],
        )
    facts = (
        ("unsent", left, 0),
        ("acknowledged", touched, changed),
        ("acknowledged rightly", right, changed),
    )
    return [f"{count} offers are {what}, not {wanted}" for what, count, wanted in facts if count != wanted]


def _peer(url: str, calls: int, windows: Sequence[Window]) -> dict[Window, Run]:
    """By window, the run with the fewest refusals; of equals the quicker one."""
    found = {}
    for window in windows:
        runs = []
        for at_once, seconds in SETTINGS:
            _open(url, window)
            script = peers.HERE / "peer_push.py"
            argv = (peers.peer_python(), script, url, str(calls), str(at_once), str(seconds))
            run(argv, cores=machine.cores().ours)
            runs.append(_run_of(_books(url)))
            time.sleep(2 * PERIOD)  # the next run begins with an empty window
        found[window] = min(runs, key=lambda one: (one.refused, one.seconds))
    return found


def _report(
    changed: int, calls: int, ours: list[Ours], theirs: dict[Window, Run], version: str | None
) -> Report:
    figures = [figure for one in ours for figure in _figures(one, calls, theirs.get(one.run.window))]
    worst = max(one.run.seconds / floor(one.run.window, calls) for one in ours)
    goals = [
        goal
        for one in ours
        for goal in (
            Goal(f"write calls, {one.kind}, {one.run.window}", one.run.writes, Sense.EXACTLY, calls),
            Goal(f"refused calls, {one.kind}, {one.run.window}", one.run.refused, Sense.EXACTLY, 0),
        )
    ]
    return Report(
        name="push",
        setting=(
            f"{changed:,} changed of {changed * EVERY:,} offers, batches of {BATCH}, {CALLS} calls a second "
            "enforced; floor: the window's own; peer: aiolimiter with the same batches, no database"
        ),
        figures=tuple(figures),
        headline=Goal("time over the floor, worst window", worst, Sense.AT_MOST, GOAL),
        goals=tuple(goals),
        verified=(
            f"after each run the shop sells the new quantity of exactly {changed:,} offers, and all offers are "
            "acknowledged; no other offer was touched",
        ),
        faults=tuple(fault for one in ours for fault in one.faults),
        notes=(
            "peer: the better of AsyncLimiter(10, 1) and AsyncLimiter(1, 0.1): fewest refusals, then time",
            f"the depot ({DEPOT}) and the shop's reads are not limited",
        ),
        postgresql=version,
    )


def _figures(one: Ours, calls: int, peer: Run | None) -> list[Figure]:
    where = f"{one.kind}, {one.run.window} window"
    least = floor(one.run.window, calls)
    return [
        Figure(
            f"{where}: first call to last answer",
            "s",
            one.run.seconds,
            least,
            None if peer is None else peer.seconds,
        ),
        Figure(
            f"{where}: write calls", "calls", one.run.writes, calls, None if peer is None else peer.writes
        ),
        Figure(
            f"{where}: refused (429)", "calls", one.run.refused, None, None if peer is None else peer.refused
        ),
        Figure(f"{where}: whole command", "s", one.command.seconds),
        Figure(f"{where}: processor", "s", one.command.cpu_seconds),
        Figure(f"{where}: peak memory", "MB", one.command.peak_bytes / 1e6),
    ]
