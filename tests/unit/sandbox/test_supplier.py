"""The sandbox's supplier by its levers, and what the judge makes of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.world import World, build


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    world = World(1)
    postbox = world.open_supplier("acme", folder=tmp_path)
    postbox.supplier.add_good("A-1", "TEE-01", 500, 10)
    async with serve(world, People(world)) as running:
        yield running


@pytest.fixture
async def control(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as client:
        yield client


async def post(control: httpx.AsyncClient, path: str, **body: Any) -> Any:
    answer = await control.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def order(folder: Path, reference: str = "main/ABCDEFGH12345678", pieces: int = 2) -> None:
    (folder / "orders").mkdir(exist_ok=True)
    text = f"reference,code,pieces,drop_ship\r\n{reference},A-1,{pieces},true\r\n"
    (folder / "orders" / "o.csv").write_text(text)


async def test_an_order_is_collected_acknowledged_and_despatched(
    control: httpx.AsyncClient, served: Served, tmp_path: Path
) -> None:
    order(tmp_path)
    reference = "main/ABCDEFGH12345678"
    assert await post(control, "/supplier/collect") == {"orders": [reference]}
    assert (await post(control, "/supplier/acknowledge", reference=reference))["accepted"] == {"A-1": 2}
    sent = await post(control, "/supplier/despatch", reference=reference, tracking="T1")
    assert (sent["tracking"], sent["papers"]) == ("T1", ["despatch/despatch-0002.csv"])
    assert "T1" in (tmp_path / "despatch/despatch-0002.csv").read_text()
    books = (await control.get("/supplier/books")).json()
    assert (books["goods"]["A-1"]["stock"], books["orders"][0]["state"]) == (8, "despatched")
    assert [e.kind for e in served.world.ledger.entries()] == [
        "received",
        "order_received",
        "shipment_created",
        "shipment_shipped",
    ]


async def test_an_order_that_comes_in_twice_is_two_orders(control: httpx.AsyncClient, tmp_path: Path) -> None:
    for _ in range(2):
        order(tmp_path)
        await post(control, "/supplier/collect")
    assert len((await control.get("/supplier/books")).json()["orders"]) == 2


async def test_what_is_not_in_stock_or_named_is_refused(control: httpx.AsyncClient, tmp_path: Path) -> None:
    order(tmp_path, "R-1", pieces=11)
    await post(control, "/supplier/collect")
    assert (await post(control, "/supplier/acknowledge", reference="R-1"))["refused"] == {"A-1": 11}
    order(tmp_path, "R-2")
    await post(control, "/supplier/collect")
    told = await post(control, "/supplier/acknowledge", reference="R-2", refuse=["A-1"])
    assert told["refused"] == {"A-1": 2}


async def test_a_cancelled_order_gives_its_stock_back(control: httpx.AsyncClient, tmp_path: Path) -> None:
    order(tmp_path, "R-1")
    await post(control, "/supplier/collect")
    await post(control, "/supplier/acknowledge", reference="R-1")
    assert (await post(control, "/supplier/answer-cancel", reference="R-1", stopped=True))[
        "state"
    ] == "cancelled"
    assert (await control.get("/supplier/books")).json()["goods"]["A-1"]["stock"] == 10


async def test_articles_come_go_and_change(control: httpx.AsyncClient, tmp_path: Path) -> None:
    await post(control, "/supplier/good", code="B", sku="TEE-02", cents=100, units=5, pack=2)
    assert await post(control, "/supplier/receive", code="B", units=1) == {"code": "B", "stock": 6}
    assert await post(control, "/supplier/lose", code="B", units=2) == {"code": "B", "stock": 4}
    await post(control, "/supplier/drop", code="A-1")
    assert await post(control, "/supplier/publish") == {"name": "stock.csv"}
    lines = (tmp_path / "stock.csv").read_text().splitlines()
    assert lines[1:] == ["B,TEE-02,TEE-02,1.00,EUR,4,2,2"]
    assert (tmp_path / "stock.csv.done").exists()
    await post(control, "/supplier/publish", slip="half")
    assert not (tmp_path / "stock.csv.done").exists()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/supplier/acknowledge", {"reference": "none"}, 409),
        ("/supplier/despatch", {"reference": "none"}, 409),
        ("/supplier/drop", {"code": "none"}, 409),
        ("/supplier/lose", {"code": "A-1", "units": 99}, 409),
        ("/supplier/publish", {"slip": "none"}, 400),
        ("/supplier/publish", {"supplier": "none"}, 409),
        ("/supplier/receive", {}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(
    control: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await control.post(path, json=body)).status_code == status


async def test_the_default_world_has_no_supplier_and_no_such_levers() -> None:
    world = build(seed=1)
    async with serve(world, People(world)) as running, httpx.AsyncClient(base_url=running.base) as client:
        assert (await client.get("/control/supplier/books")).status_code == 404
        assert set(running.ready()["accounts"]) == {"main", "yen", "dinar", "empty", "warehouse", "courier"}


async def test_ready_tells_an_administrator_how_to_read_the_supplier(served: Served, tmp_path: Path) -> None:
    account = served.ready()["accounts"]["acme"]
    assert (account["connector"], account["kind"], account["folder"]) == ("feed", "supplier", str(tmp_path))
