"""A live show: three hundred shoppers within minutes for a hundred units that are kept for its channel.

The channel stops at its hundred, the others fall within a minute, order intake does not wait for prices, and what was
sold beyond what is there is counted and listed. Every bound is taken from the books of shops and warehouse.
"""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sync.flows.flow import FlowName as F
from sync.store import issues
from sync.store.tables import customer_order, order_event
from tests.integration.flows.conductor import Conductor
from tests.integration.flows.interludes import Interlude

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SKU, THERE, ALLOTTED, SHOPPERS = "TEE-02", 160, 100, 300
BEFORE, STEP = timedelta(minutes=30), timedelta(seconds=5)
SHOPS = ("main", "yen", "dinar")

RULES = """
guards: {{quantities_changing: off, going_to_zero: off, figures_to_zero: off, prices_changing: off, price_move: off}}
goods: {{table: goods.csv, currency: EUR}}
prices:
  - {{name: show price, when: {{account: main}}, price: list_price}}
stock:
  share: {{main: 0%, yen: 50%, dinar: 50%}}
  reserve:
    - {{name: live show, for: main, sku: TEE-02, units: 100 units, from: "{begins:%Y-%m-%d %H:%M:%S}",
       until: "{ends:%Y-%m-%d %H:%M:%S}"}}
"""


async def test_a_live_show_sells_what_is_allotted_to_it_and_no_more(daemon: Conductor) -> None:
    there = int((await daemon.books())["warehouse"]["stock"][SKU])
    await daemon.act("/warehouse/count", sku=SKU, missing=there - THERE)
    await daemon.run("warehouse", F.STOCK)
    now = daemon.clock.now()
    await _rules(daemon, begins=now + BEFORE, ends=now + timedelta(hours=4))
    for _ in range(4):
        await _look(daemon)
    assert await _shown(daemon) == {"main": 0, "yen": 80, "dinar": 80}

    # the show begins: within a minute the others have fallen, and the channel has its hundred
    await daemon.later(BEFORE)
    for _ in range(timedelta(minutes=1) // STEP):
        await _look(daemon)
    assert await _shown(daemon) == {"main": ALLOTTED, "yen": 30, "dinar": 30}

    # prices are being pushed meanwhile, to a shop that does not answer: orders are taken in all the same
    async with _PricesHang(daemon):
        sold = await _crowd(daemon)
    assert sold["main"] == ALLOTTED, sold
    assert sold["sold out"] >= SHOPPERS - ALLOTTED
    shown = await _shown(daemon)
    assert shown["main"] == 0, "the others' units are not for the show"
    assert shown["yen"] + shown["dinar"] + sold["yen"] == THERE - ALLOTTED
    assert await _excess(daemon) == Counter()

    # units are found broken, and shoppers are quicker than the news: each unit too much is counted, each order listed
    await daemon.act("/warehouse/count", sku=SKU, missing=20)
    for shop in ("yen", "dinar"):
        await daemon.act("/buy", shop=shop, lines=[{"sku": SKU, "quantity": (await _shown(daemon))[shop]}])
    await daemon.run("warehouse", F.STOCK)
    await _look(daemon)
    assert sum((await _shown(daemon)).values()) == 0
    excess = await _excess(daemon)
    assert excess.total() == 20 == await _bought(daemon) - (THERE - 20)
    async with daemon.store.read() as tx:
        listed = {one.subject for one in await issues.list_open(tx) if one.kind == "order.short"}
    assert listed == set(excess)


async def _rules(daemon: Conductor, **times: Any) -> None:
    variants = (await daemon.books())["shops"]["main"]["variants"]
    rows = "".join(f"{one['sku']},19.90\n" for one in variants if one["sku"])
    (daemon.folder / "mappings").mkdir(exist_ok=True)
    (daemon.folder / "mappings" / "goods.csv").write_text(f"sku,list_price\n{rows}", encoding="utf-8")
    await daemon.change_rules("rules.yaml", RULES.format(**times))


async def _look(daemon: Conductor) -> None:
    """What the daemon does in five seconds: orders of every shop, then what their listings shall show."""
    await daemon.later(STEP)
    for shop in SHOPS:
        await daemon.run(shop, F.ORDERS, F.PUSH_STOCK)


class _PricesHang:
    """While it lasts, a push of prices to `main` waits for an answer."""

    def __init__(self, daemon: Conductor) -> None:
        self.daemon, self.real = daemon, daemon.connectors["main"]
        self.asked = asyncio.Event()

    async def __aenter__(self) -> None:
        async def wait() -> None:
            self.asked.set()
            await asyncio.Event().wait()

        self.daemon.connectors["main"] = Interlude(self.real, "set_prices", before=wait)
        self.push = asyncio.create_task(self.daemon.run("main", F.PUSH_PRICES))
        await asyncio.wait({self.push, asyncio.create_task(self.asked.wait())}, return_when="FIRST_COMPLETED")
        assert self.asked.is_set(), "there are prices to push"
        self.daemon.connectors["main"] = self.real

    async def __aexit__(self, *error: object) -> None:
        assert not self.push.done()
        self.push.cancel()  # it has waited longer than any call may take
        await asyncio.gather(self.push, return_exceptions=True)


async def _crowd(daemon: Conductor) -> Counter[str]:
    """All shoppers of the show, and some elsewhere; every order is known to us at the next look."""
    sold = Counter[str]()
    for _ in range(20):
        for _ in range(SHOPPERS // 20):
            answer = await daemon.control.post(
                "/buy", json={"shop": "main", "lines": [{"sku": SKU, "quantity": 1}]}
            )
            sold["main" if answer.status_code == 200 else "sold out"] += 1
        if sum(sold.values()) % 3 == 0:
            await daemon.act("/buy", shop="yen", lines=[{"sku": SKU, "quantity": 1}])
            sold["yen"] += 1
        await _look(daemon)
        async with daemon.store.read() as tx:
            known = await tx.scalar(sa.select(sa.func.count()).select_from(customer_order))
        assert known == sold["main"] + sold["yen"], "no order waits"
        shown = await _shown(daemon)
        assert shown["main"] == ALLOTTED - sold["main"]
        assert shown["yen"] + shown["dinar"] <= THERE - ALLOTTED - sold["yen"], "nothing that is kept"
        assert sum(shown.values()) + sold["main"] + sold["yen"] <= THERE
    return sold


async def _shown(daemon: Conductor) -> dict[str, int]:
    """What each shop would still sell, by its own books."""
    shops = (await daemon.books())["shops"]
    return {
        name: sum(one["saleable"] for one in shops[name]["variants"] if one["sku"] == SKU) for name in SHOPS
    }


async def _bought(daemon: Conductor) -> int:
    shops = (await daemon.books())["shops"].values()
    lines = [line for shop in shops for order in shop["orders"] for line in order["lines"]]
    return sum(int(line["quantity"]) for line in lines if line["physical"] == SKU)


async def _excess(daemon: Conductor) -> Counter[str]:
    """By order, the units that were sold beyond what is there, as its timeline says."""
    async with daemon.store.read() as tx:
        rows = await tx.all(
            sa.select(customer_order.c.account_id, customer_order.c.number, order_event.c.data)
            .join(customer_order, customer_order.c.id == order_event.c.order_id)
            .where(order_event.c.kind == "short")
        )
    names = {view.id: view.name for view in daemon.views.values()}
    found = Counter[str]()
    for row in rows:
        found[f"{names[row.account_id]}/{row.number}"] += int(json.loads(row.data)["units"])
    return found
