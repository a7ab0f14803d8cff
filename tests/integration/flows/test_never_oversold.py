"""Shops that share one shelf never show more than is there, whatever happens in whatever order.

Buyers, packers and the daemon's passes are mixed by chance. After every step the bound is computed from what
the shops and the warehouse say themselves: what can still be bought, and what was bought and not yet shipped,
is never more than what is in the building.
"""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from sync.flows.flow import FlowName as F
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor

DATABASES = BOTH

SKUS = ("TEE-03", "TEE-04", "TEE-08", "TEE-02")
"""The first three are scarce: two or three units on the shelf."""
SHOPS = ("main", "yen", "dinar")
PASSES = (
    *((shop, flow) for shop in SHOPS for flow in (F.ORDERS, F.PUSH_STOCK, F.OPEN_ORDERS, F.REVIEW, F.OUTBOX)),
    *(("warehouse", flow) for flow in (F.STOCK, F.OUTBOX, F.FULFILMENT, F.LABELS)),
    *(("courier", flow) for flow in (F.OUTBOX, F.TRACKING)),
)


@pytest.mark.parametrize("seed", range(4))
async def test_the_channels_together_never_show_more_than_is_there(daemon: Conductor, seed: int) -> None:
    chance = Random(seed)
    bought = Counter[str]()
    for _ in range(70):
        await daemon.later(timedelta(seconds=chance.choice((0, 1, 3))))
        await _something(daemon, chance, bought)
        _check(await daemon.books())
    await daemon.settle(rounds=4)
    _check(await daemon.books())
    verdict = await daemon.judged()
    assert (verdict["oversold_units"], verdict["duplicate_effects"]) == (0, 0), verdict
    assert bought["sold"] > 5, "the test has to sell something to say something"


async def _something(daemon: Conductor, chance: Random, bought: Counter[str]) -> None:
    """One thing that happens: mostly a pass, often a purchase, at times people at the warehouse."""
    what = chance.random()
    if what < 0.65:
        name, flow = chance.choice(PASSES)
        await daemon.run(name, flow)
    elif what < 0.9:
        answer = await daemon.control.post(
            "/buy",
            json={
                "shop": chance.choice(SHOPS),
                "lines": [{"sku": chance.choice(SKUS), "quantity": chance.randint(1, 2)}],
            },
        )
        bought["sold" if answer.status_code == 200 else "sold out"] += 1
    elif what < 0.97:
        await daemon.act("/warehouse/work", until=chance.choice(["packed", "done"]))
    else:
        await daemon.act("/warehouse/receive", sku=chance.choice(SKUS), quantity=1)


def _check(books: dict[str, Any]) -> None:
    for sku in SKUS:
        building = int(books["warehouse"]["stock"][sku])
        open_units = sum(_open(shop, sku) for shop in books["shops"].values())
        left = _shipped_open(books, sku)
        saleable = sum(
            max(0, one["saleable"])
            for shop in books["shops"].values()
            for one in shop["variants"]
            if one["physical"] == sku and one["enabled"]
        )
        assert saleable + open_units - left <= building, (sku, saleable, open_units, left, building)


def _open(shop: dict[str, Any], sku: str) -> int:
    """Units bought at a shop and not cancelled."""
    return sum(
        line["quantity"] for order in shop["orders"] for line in order["lines"] if line["physical"] == sku
    )


def _shipped_open(books: dict[str, Any], sku: str) -> int:
    """Units of those that have left the building."""
    return sum(
        int(shipment["lines"].get(sku, 0))
        for shipment in books["warehouse"]["shipments"]
        if shipment["state"] in ("shipped", "done")
    )
