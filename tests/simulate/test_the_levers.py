"""The levers that simulated days need besides the demo's: goods for either warehouse, and a stocktake."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox import mixed
from sandbox.fake_daemon import FakeDaemon
from sandbox.people import People
from sandbox.serving import serve
from sandbox.warehouse.store import MAIN, SECOND
from sandbox.world import World, build


@pytest.fixture
async def world() -> World:
    return mixed.build(1)


@pytest.fixture
async def control(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve(world, People(world)) as served,
        httpx.AsyncClient(base_url=f"{served.base}/control") as client,
    ):
        yield client


async def test_goods_arrive_at_the_warehouse_that_is_named(control: httpx.AsyncClient, world: World) -> None:
    before = world.warehouse.stock(SECOND).get("TEE-02", 0)
    body = {"sku": "TEE-02", "quantity": 4, "warehouse": SECOND}
    assert (await control.post("/warehouse/receive", json=body)).status_code == 200
    assert world.warehouse.stock(SECOND)["TEE-02"] == before + 4


async def test_a_stocktake_writes_off_what_is_not_found_also_when_the_clock_has_moved(
    control: httpx.AsyncClient, world: World
) -> None:
    await control.put("/clocks", json={"warehouse": 3 * 86400})
    before = world.warehouse.stock(MAIN)["TEE-01"]
    told = await control.post("/warehouse/count", json={"sku": "TEE-01", "missing": 2})
    assert told.json() == {"sku": "TEE-01", "found": before - 2, "missing": 2}
    assert world.warehouse.stock(MAIN)["TEE-01"] == before - 2
    (entry,) = [one for one in world.ledger.entries() if one.kind == "written_off"]
    assert entry.facts == {"sku": "TEE-01", "quantity": 2}


async def test_an_unknown_warehouse_or_article_is_not_there(control: httpx.AsyncClient) -> None:
    nowhere = await control.post(
        "/warehouse/receive", json={"sku": "TEE-01", "quantity": 1, "warehouse": "X"}
    )
    assert (nowhere.status_code, nowhere.json()["error"]) == (404, "there is no warehouse X")
    unknown = await control.post("/warehouse/count", json={"sku": "X", "missing": 1})
    assert (unknown.status_code, unknown.json()["error"]) == (404, "the warehouse has no product X")


async def test_a_warehouse_that_cannot_book_what_is_lost_refuses_the_stocktake(
    control: httpx.AsyncClient,
) -> None:
    told = await control.post("/warehouse/count", json={"sku": "TEE-02", "missing": 1, "warehouse": SECOND})
    assert told.status_code == 409
    assert "you must set a lost and found" in told.json()["error"]


async def test_people_who_come_back_in_the_morning_go_on_with_what_was_packed() -> None:
    demo = build(1, stocked=True)
    async with serve(demo, People(demo, pace=50)) as served, FakeDaemon(served.ready()) as daemon:
        await daemon.send("main/ABCDEFGHIJKLMNOP/1", "TEE-01", 1)
        (shipment,) = demo.warehouse.find("main/ABCDEFGHIJKLMNOP/1")
        assert demo.warehouse.work(shipment, "packed") == "packed"
        await daemon.label("main/ABCDEFGHIJKLMNOP/1")
        served.people.start("warehouse")
        async with asyncio.timeout(60):
            while demo.warehouse.open_shipments():  # noqa: ASYNC110 (people tell nobody when they are done)
                await asyncio.sleep(0.02)
    (shipped,) = [one for one in demo.ledger.entries() if one.kind == "shipment_shipped"]
    assert shipped.facts["shipment"] == shipment
