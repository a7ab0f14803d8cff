"""Rules are changed while the daemon works: seen at once, and what is under way ends by the rules it began with."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.acceptance.conftest import World, until

pytestmark = pytest.mark.timeout(600)
SKU = "TEE-02"
TAKEN_OVER = "configuration taken over"


def safety(world: World, units: int) -> None:
    """Save the rules: so many units of the SKU are promised to nobody."""
    file = world.folder / "mappings" / "stock.yaml"
    file.write_text(f"stock:\n  safety_by_sku: {{{SKU}: {units}}}\n")


def taken_over(world: World) -> list[str]:
    """The versions of the rules that came into force since the start, in turn."""
    lines = [json.loads(line) for line in world.log().splitlines() if line.startswith("{")]
    return [line["rules"] for line in lines if line["event"] == TAKEN_OVER]


def offer(world: World) -> tuple[int, int | None, str]:
    """(desired, acknowledged, version of the rules) of the shop's offer, as stored."""
    path = world.folder / "entrepot-data" / "entrepot.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(
            "SELECT q.desired, q.acked, q.config_version FROM offer_quantity q"
            " JOIN listing l ON l.id = q.listing_id JOIN account a ON a.id = l.account_id"
            " WHERE a.name = 'main' AND l.remote_sku = ?",
            (SKU,),
        )
        found: tuple[int, int | None, str] = rows.fetchall()[0]
        return found


def hits(world: World) -> int:
    """How many of the shop's stock calls the fault has held up so far."""
    return int(world.control.get("/faults").json()["shop:main"][0]["hits"])


def quickly(true: Callable[[], Any], seconds: float = 40.0) -> Any:
    """As `until`, without the pause between two looks that would miss what lasts a moment."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError("this did not become true in time")


def test_a_push_that_is_under_way_ends_by_the_rules_that_it_began_with(world: World) -> None:
    daemon = world.start()
    until("stock is pushed", lambda: offer(world)[0] == offer(world)[1])
    before = world.saleable("main", SKU)
    slow = {"kind": "delay", "rate": 1, "match": "updateProductVariants", "seconds": 10}
    world.control.put("/faults", json={"shop:main": [slow]}).raise_for_status()
    safety(world, 60)
    quickly(lambda: hits(world) == 1)
    by_first, _, version = offer(world)
    safety(world, 120)
    first, second = quickly(lambda: len(taken_over(world)) == 2 and taken_over(world))
    assert version == first
    assert hits(world) == 1, "the push that began by the first rules is still under way"
    assert world.saleable("main", SKU) == before > by_first
    quickly(lambda: world.saleable("main", SKU) != before)
    assert world.saleable("main", SKU) == by_first, "it ended by the rules that it began with"
    world.control.put("/faults", json={"shop:main": []}).raise_for_status()
    until("the next one has the new rules", lambda: world.saleable("main", SKU) < by_first)
    until("the shop's answer is stored", lambda: offer(world)[0] == offer(world)[1])
    assert offer(world)[2] == second != first
    assert world.stop(daemon) == 0


def test_everything_that_is_decided_is_stamped_with_rules_that_are_kept(world: World) -> None:
    daemon = world.start()
    until("stock is pushed", lambda: offer(world)[0] == offer(world)[1])
    safety(world, 7)
    until("the new rules decide", lambda: taken_over(world) and offer(world)[2] == taken_over(world)[-1])
    number = world.act("/buy", shop="main", lines=[{"sku": SKU, "quantity": 1}])["order"]
    until("the order is at the warehouse", lambda: world.state(number) == "sent")
    with closing(sqlite3.connect(world.folder / "entrepot-data" / "entrepot.sqlite3")) as database:
        for table in ("offer_quantity", "customer_order", "fulfilment", "outbox"):
            rows = database.execute(f"SELECT DISTINCT config_version FROM {table}").fetchall()
            kept = database.execute(
                f"SELECT DISTINCT t.config_version FROM {table} t"
                " JOIN config_bundle b ON b.version = t.config_version AND b.content <> ''"
            ).fetchall()
            assert sorted(rows) == sorted(kept) != [], table
        (decided,) = database.execute("SELECT DISTINCT config_version FROM fulfilment").fetchall()
        assert decided == (taken_over(world)[-1],)
    assert world.stop(daemon) == 0


def test_a_change_of_the_rules_is_seen_at_once(world: World) -> None:
    """Far sooner than by the looks at intervals alone, of which the first that could see it is 3 s away."""
    daemon = world.start()
    lags = []
    for units in (1, 2, 3):
        time.sleep(0.5)
        seen = len(taken_over(world))
        begun = time.monotonic()
        safety(world, units)
        quickly(lambda seen=seen: len(taken_over(world)) > seen)
        lags.append(time.monotonic() - begun)
    assert min(lags) < 1.5, lags
    assert sum(lags) < 6, lags
    assert world.stop(daemon) == 0
