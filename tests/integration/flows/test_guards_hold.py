"""Whatever rules and figures come in whatever order: no hour sees more than the limits, and what was approved.

Counted are the writes that reach the shop, by its own ledger, and never by what we have stored of them.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sync.domain.guards import Guard
from sync.engine.approving import ApprovalRefused
from sync.flows.flow import FlowName as F
from tests.databases.fixtures import Place
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.guarded_world import (
    GOODS,
    MOST_CHANGING,
    MOST_TO_ZERO,
    OTHER,
    SHOP,
    approve,
    asked,
    empty,
    guarded_world,
    shown,
)

LIMITS = {Guard.GOING_TO_ZERO: MOST_TO_ZERO, Guard.QUANTITIES_CHANGING: MOST_CHANGING}
WINDOW = timedelta(hours=1)


@dataclass
class Watch:
    """What one shop was told, by its ledger: when, and whether it went to zero or up."""

    daemon: Conductor
    before: dict[str, int]
    read: int
    writes: list[tuple[datetime, Guard]] = field(default_factory=list)
    approvals: list[tuple[datetime, datetime, Guard, int]] = field(default_factory=list)

    @classmethod
    async def begin(cls, daemon: Conductor) -> "Watch":
        """From now on."""
        return cls(daemon, await shown(daemon), len(await _ledger(daemon, 0)))

    async def look(self) -> None:
        """Note what the shop was told since."""
        found = await _ledger(self.daemon, self.read)
        self.read += len(found)
        now = self.daemon.clock.now()
        for entry in found:
            if entry["kind"] != "stock_set" or entry["system"] != f"shop:{SHOP}":
                continue
            sku, units = entry["facts"]["sku"], entry["facts"]["value"] - entry["facts"]["allocated"]
            was, self.before[sku] = self.before[sku], units
            if units <= 0 < was:
                self.writes += [(now, Guard.GOING_TO_ZERO), (now, Guard.QUANTITIES_CHANGING)]
            elif units > was:
                self.writes.append((now, Guard.QUANTITIES_CHANGING))

    def check(self) -> None:
        """No hour has more than its limit, and what approvals that were in force in it let pass."""
        for guard, limit in LIMITS.items():
            moments = [at for at, kind in self.writes if kind is guard]
            for end in moments:
                begin = end - WINDOW
                count = sum(begin < at <= end for at in moments)
                given = sum(
                    most
                    for start, until, kind, most in self.approvals
                    if kind is guard and start <= end and until > begin
                )
                assert count <= limit + given, (guard, count, limit, given)


async def _ledger(daemon: Conductor, since: int) -> list[Any]:
    answer = await daemon.control.get("/ledger", params={"since": since})
    return list(answer.json()["entries"])


@pytest.fixture
async def daemon(tmp_path: Path, database: Place) -> AsyncIterator[Conductor]:
    async with guarded_world(tmp_path, database) as made:
        yield made


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(3))
async def test_no_hour_sees_more_than_the_limits_and_what_was_approved(daemon: Conductor, seed: int) -> None:
    chance = Random(seed)
    watch, waited = await Watch.begin(daemon), 0
    for _ in range(40):
        await _something(daemon, chance, watch)
        await daemon.later(timedelta(minutes=chance.choice((0, 1, 10, 40, 70))))
        await daemon.run("warehouse", F.STOCK)
        for _ in range(2):
            await daemon.later(timedelta(seconds=3))
            for shop in (SHOP, OTHER):
                await daemon.run(shop, F.ORDERS, F.PUSH_STOCK)
        await watch.look()
        watch.check()
        waited += bool(await asked(daemon))
    assert waited > 5, "something has to wait"
    assert len(watch.writes) > MOST_CHANGING, "something has to reach the shop to say something"


async def _something(daemon: Conductor, chance: Random, watch: Watch) -> None:
    """A change of the rules, of the goods in the house, or a person's word."""
    some = chance.sample(GOODS, chance.choice((1, 1, 2, 2, 3, 5, 8, 30)))
    match chance.choice(("hold back", "let go", "let go", "empty", "receive", "approve", "approve")):
        case "hold back":
            lines = ", ".join(f"{sku}: {chance.choice((12, 100000))}" for sku in some)
            await daemon.change_rules("stock.yaml", f"stock: {{safety_by_sku: {{{lines}}}}}\n")
        case "let go":
            await daemon.change_rules("stock.yaml", "stock: {safety_stock: 0}\n")
        case "empty":
            await empty(daemon, some)
        case "receive":
            for sku in some:
                await daemon.act("/warehouse/receive", sku=sku, quantity=chance.choice((2, 50)))
        case _:
            await _approve(daemon, chance, watch)


async def _approve(daemon: Conductor, chance: Random, watch: Watch) -> None:
    with suppress(ApprovalRefused):
        await approve(daemon, Guard.FIGURES, "warehouse")
    for guard in LIMITS:
        with suppress(ApprovalRefused):
            await approve(daemon, guard, OTHER)
    guard, most = chance.choice(list(LIMITS)), chance.choice((2, 10, 20))
    begun = daemon.clock.now()
    try:
        bounds = await approve(daemon, guard, SHOP, most=most, lasts="20 minutes")
    except ApprovalRefused:
        return
    watch.approvals.append((begun, datetime.fromisoformat(bounds["until"]), guard, most))
