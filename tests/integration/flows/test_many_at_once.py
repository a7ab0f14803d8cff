"""A large page is taken in at once: it must end as if each order had been taken in by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from connectors.contract import Page
from sandbox.people import People
from sandbox.serving import serve
from sandbox.world import build
from sync.domain.orders import RemoteOrder
from sync.flows.flow import FlowName as F
from sync.flows.orders.many import MANY
from sync.store import issues, moved
from sync.store.tables import customer_order, hold, offer_quantity, order_line, outbox
from tests.databases.fixtures import Place
from tests.databases.turns import BOTH
from tests.integration.flows.conductor import Conductor, with_shops
from tests.integration.flows.interludes import Interlude

DATABASES = BOTH
SHOPS = ("main", "yen")

PLAIN = [{"TEE_01": 1}, {"TEE_10": 1, "TEE_11": 1}, {"TEE_05": 1}, {"TEE_06": 1, "TEE_01": 1}, {"TEE_12": 1}]
SCARCE = "TEE-02"


def _folder(under: Path, name: str) -> Path:
    made = under / name
    made.mkdir()
    return made


@asynccontextmanager
async def _world(folder: Path, address: Path | str) -> AsyncIterator[Conductor]:
    world = build(seed=1, stocked=False, bulk=False)
    async with (
        serve(world, People(world, orders_per_second=1, pace=1)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as control,
    ):
        daemon = await Conductor.open(folder, with_shops(served.ready(), SHOPS), control, address)
        try:
            await daemon.settle(rounds=3)
            yield daemon
        finally:
            await daemon.close()


async def _buy(daemon: Conductor, n: int, **lines: int) -> str:
    """Each time another buyer: two equal orders of one would look doubled."""
    name, mail = f"Number {n}", f"buyer{n}@example.com"
    place = {"street": "Kai 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
    buyer = {"first_name": "Ada", "last_name": name, "full_name": f"Ada {name}", "email": mail, **place}
    wanted = [{"sku": sku.replace("_", "-"), "quantity": units} for sku, units in lines.items()]
    return str((await daemon.act("/buy", shop="main", lines=wanted, buyer=buyer))["order"])


async def _shop(daemon: Conductor, *, each: bool) -> list[str]:
    """The same shopping in every world; what is scarce is broken in the warehouse before it is read."""
    there = (await daemon.level(SCARCE)).on_hand
    numbers = []
    for n in range(MANY + 10):
        wanted = {"TEE_02": 20} if n in (3, 9, 14) else PLAIN[n % len(PLAIN)]
        if n == 11:
            wanted = {"TEE_02": 1, "TEE_07": 1}
        numbers.append(await _buy(daemon, n, **wanted))
        if n == 5:
            await daemon.act("/cancel", shop="main", order=numbers[-1])
        if n == 7:
            await daemon.act("/warehouse/count", sku=SCARCE, missing=there - 30)
            await daemon.run("warehouse", F.STOCK)
        if each:
            await daemon.run("main", F.ORDERS)
    if not each:
        await daemon.run("main", F.ORDERS)
    return numbers


async def _books(daemon: Conductor, numbers: list[str]) -> Any:
    """What our books say: of the orders, in the order in which they were placed, and of the listings."""
    orders = []
    for number in numbers:
        case = await daemon.order(number)
        line_skus = {line.id: sorted(line.components or {}) for line in case.lines}
        orders.append(
            {
                "state": case.row.state,
                "cancel": case.row.cancel,
                "closed": case.row.closed_at is not None,
                "lines": sorted(
                    (skus, line.quantity) for line, skus in zip(case.lines, line_skus.values(), strict=True)
                ),
                "held": sorted((row.sku, row.quantity, row.short) for row in case.reservations),
                "holds": sorted(case.open_holds),
                "work": [(work.n, sorted(asked for asked, *_ in work.lines.values())) for work in case.work],
                "kinds": sorted(await daemon.timeline(number)),
            }
        )
    async with daemon.store.read() as tx:
        shown = await tx.all(
            sa.select(
                offer_quantity.c.external_id, offer_quantity.c.desired, offer_quantity.c.acked
            ).order_by(offer_quantity.c.account_id, offer_quantity.c.external_id)
        )
        asked = sorted(one.kind for one in await issues.list_open(tx))
    return {"orders": orders, "offers": [tuple(row) for row in shown], "issues": asked}


async def _queued(daemon: Conductor, sku: str) -> list[str]:
    """The orders that want a SKU, as they were queued for the warehouse."""
    async with daemon.store.read() as tx:
        rows = await tx.all(
            sa.select(customer_order.c.number)
            .join(outbox, outbox.c.order_id == customer_order.c.id)
            .join(order_line, order_line.c.order_id == customer_order.c.id)
            .where(outbox.c.operation == "create_fulfilment", order_line.c.remote_sku == sku)
            .order_by(outbox.c.id)
        )
    return [row.number for row in rows]


async def test_a_page_of_many_ends_as_one_by_one(tmp_path: Path, database: Place) -> None:
    async with _world(_folder(tmp_path, "one"), tmp_path / "one.sqlite3") as one:
        numbers = await _shop(one, each=True)
        await one.settle(rounds=3)
        expected = await _books(one, numbers)
    async with _world(_folder(tmp_path, "many"), database.address) as many:
        numbers = await _shop(many, each=False)
        async with many.store.read() as tx:
            undecided = await tx.scalar(
                sa.select(sa.func.count())
                .where(customer_order.c.state == "received")
                .select_from(customer_order)
            )
            assert undecided > MANY / 2, "the page was not taken in at once"
            assert (await moved.waiting(tx)).notes == ()
        await many.settle(rounds=3)
        found = await _books(many, numbers)
        assert await _queued(many, SCARCE) == [numbers[n] for n in (3, 9, 11, 14)]
    for mine, wanted in zip(found["orders"], expected["orders"], strict=True):
        assert mine == wanted
    assert found == expected
    states = {one["state"] for one in expected["orders"]}
    assert "cancelled" in states
    assert any(short for one in expected["orders"] for *_, short in one["held"])


async def test_whoever_sends_quantities_works_out_first_what_a_large_intake_put_off(
    daemon: Conductor,
) -> None:
    """A daemon that died between a page and the working out has forgotten nothing."""
    right = (await daemon.offers("TEE-01"))["main"].desired
    assert right > 1
    async with daemon.store.write() as tx:
        await tx.run(sa.update(offer_quantity).values(desired=offer_quantity.c.desired - 1))
        await moved.note(tx, ["TEE-01"])
        await moved.note(tx, ["TEE-01", "TEE-02"])
    await daemon.run("main", F.PUSH_STOCK)
    assert (await daemon.offers("TEE-01"))["main"].desired == right
    async with daemon.store.read() as tx:
        assert (await moved.waiting(tx)).notes == ()


async def test_what_would_be_held_is_held_at_once(daemon: Conductor) -> None:
    """Only plain orders are left to the review; a rule that holds an order holds it in the transaction that read it."""
    rule = "holds:\n  - {name: large, when: {total_above: 60 EUR}, release: manual, owner: ops, within: 2 hours}\n"
    await daemon.change_rules("holds.yaml", rule)
    numbers = [await _buy(daemon, n, TEE_01=5 if n % 8 == 0 else 1) for n in range(MANY + 4)]
    await daemon.run("main", F.ORDERS)
    async with daemon.store.read() as tx:
        holds = await tx.all(sa.select(hold.c.order_id, hold.c.rule))
    assert {row.rule for row in holds} == {"rule large"}
    assert len(holds) == len(numbers[::8])


async def test_one_order_that_cannot_be_stored_with_the_others_stops_none_of_them(daemon: Conductor) -> None:
    """A shop that tells a line twice under one id: the page is taken one by one, and the line counts once."""
    numbers = [await _buy(daemon, n, TEE_01=1) for n in range(MANY + 4)]

    def told_twice(page: Page[RemoteOrder]) -> Page[RemoteOrder]:
        first, *others = page.records
        return replace(page, records=(replace(first, lines=first.lines * 2), *others))

    real = daemon.connectors["main"]
    daemon.connectors["main"] = Interlude(real, "orders", after=told_twice)
    await daemon.run("main", F.ORDERS)
    daemon.connectors["main"] = real
    assert [await daemon.held_units(number) for number in numbers] == [1] * len(numbers)
