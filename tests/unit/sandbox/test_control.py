"""The levers of the world, as tests and the demo pull them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.people import People
from sandbox.serving import Served, serve
from sandbox.warehouse.rows import Shipment
from sandbox.warehouse.store import OUT
from sandbox.warehouse.tryton.fields import Look
from sandbox.warehouse.tryton.schema import MODELS
from sandbox.world import build


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    world = build(seed=1, stocked=True)
    async with serve(world, People(world, orders_per_second=50, pace=50)) as served:
        yield served


@pytest.fixture
async def control(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{served.base}/control", timeout=30) as client:
        yield client


async def post(control: httpx.AsyncClient, path: str, **body: Any) -> Any:
    answer = await control.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_buying_by_hand_places_a_paid_order(served: Served, control: httpx.AsyncClient) -> None:
    made = await post(control, "/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 2}])
    order = served.world.shops["main"].by_code[made["order"]]
    assert (order.state, order.id, order.total_with_tax) == ("PaymentSettled", made["id"], 2 * 1812 + 500)
    assert [(line["sku"], line["quantity"]) for line in made["lines"]] == [("TEE-01", 2)]


async def test_a_buyer_and_a_free_order_can_be_asked_for(served: Served, control: httpx.AsyncClient) -> None:
    buyer = {
        "first_name": "小明",
        "last_name": "",
        "full_name": "小明",
        "street": "路 1",
        "city": "上海",
        "postal_code": "200120",
        "country": "CN",
        "email": "x@example.com",
    }
    lines = [{"variant": served.world.listings["main", "DUO-1-GIFT"].id, "quantity": 1}]
    made = await post(control, "/buy", shop="main", lines=lines, buyer=buyer, free=True)
    order = served.world.shops["main"].by_code[made["order"]]
    assert (order.total_with_tax, order.shipping_address.city) == (0, "上海")


async def test_staff_cancel_lines_and_orders(control: httpx.AsyncClient) -> None:
    lines = [{"sku": "TEE-01", "quantity": 2}, {"sku": "TEE-02", "quantity": 1}]
    made = await post(control, "/buy", shop="yen", lines=lines)
    part = await post(
        control, "/cancel", shop="yen", order=made["order"], lines=[{"sku": "TEE-01", "quantity": 2}]
    )
    whole = await post(control, "/cancel", shop="yen", order=made["order"])
    assert (part["state"], whole["state"]) == ("PaymentSettled", "Cancelled")


async def test_staff_can_set_a_listing_s_stock(control: httpx.AsyncClient) -> None:
    assert (await post(control, "/shop-stock", shop="main", sku="TEE-01", quantity=3))["saleable"] == 3


async def test_goods_can_arrive_at_the_warehouse(control: httpx.AsyncClient) -> None:
    assert await post(control, "/warehouse/receive", sku="TEE-01", quantity=5) == {
        "sku": "TEE-01",
        "free": 255,
    }


async def test_the_dock_opens_a_parcel_that_nobody_announced_and_looks_at_it_later(
    control: httpx.AsyncClient,
) -> None:
    lines = [{"sku": "TEE-01", "good": 1, "damaged": 1}]
    came = await post(control, "/warehouse/return", tracking="JD0001", lines=lines, until="received")
    assert came["state"] == "received"
    done = await post(control, "/warehouse/return", **{"return": came["return"], "lines": lines})
    assert done == {"return": came["return"], "state": "done"}
    (shown,) = (await control.get("/warehouse/returns")).json()["returns"]
    assert shown == {
        "id": came["return"],
        "reference": "JD0001",
        "state": "done",
        "lines": {"TEE-01": 2.0},
        "places": {"Storage Zone": {"TEE-01": 1.0}, "Waste": {"TEE-01": 1.0}},
    }
    verdict = await post(control, "/judge")
    assert [verdict[f"units_{what}"] for what in ("returned", "restocked", "scrapped")] == [2, 1, 1]


async def test_a_warehouse_may_call_a_shipment_s_state_as_its_house_does(
    served: Served, control: httpx.AsyncClient
) -> None:
    books = served.world.warehouse
    row = books.store.shipments.insert(lambda i, t: Shipment(id=i, create_date=t, reference="R-1"))
    assert await post(control, "/warehouse/call", reference="R-1", state="weighed") == {"shipments": [row.id]}
    field = MODELS[OUT]["state"]
    shown = field.read(Look(books), row)
    await post(control, "/warehouse/call", reference="R-1", state=None)
    assert (shown, field.read(Look(books), row), row.state) == ("weighed", "draft", "draft")


async def test_the_books_show_every_system_and_no_person(served: Served, control: httpx.AsyncClient) -> None:
    await post(control, "/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 2}])
    answer = await control.get("/books")
    books = answer.json()
    assert set(books) == {"shops", "warehouse", "courier"}
    assert books["warehouse"]["stock"]["TEE-01"] == 250
    (variant,) = [v for v in books["shops"]["main"]["variants"] if v["sku"] == "TEE-01"]
    assert (variant["saleable"], variant["on_hand"], variant["allocated"]) == (248, 250, 2)
    (order,) = books["shops"]["main"]["orders"]
    customer = served.world.shops["main"].orders["1"].customer
    assert customer is not None
    for private in (customer.email_address, customer.last_name):
        assert private not in answer.text
    assert order["lines"][0]["placed"] == 2


async def test_the_ledger_is_read_from_a_number_on(served: Served, control: httpx.AsyncClient) -> None:
    last = len(served.world.ledger.entries())
    await post(control, "/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 2}])
    found = (await control.get("/ledger", params={"since": last})).json()
    assert [(entry["sequence"], entry["kind"]) for entry in found["entries"]] == [(last + 1, "order_placed")]


async def test_an_order_is_open_until_it_is_held_shipped_or_cancelled(control: httpx.AsyncClient) -> None:
    made = await post(control, "/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 2}])
    name = f"main/{made['order']}"
    assert (await control.get("/settled")).json() == {"settled": False, "open": [f"order {name}"]}
    assert (await post(control, "/settled", held=[name]))["settled"] is True
    assert (await control.get("/settled", params={"held": name})).json()["settled"] is True
    await post(control, "/cancel", shop="main", order=made["order"])
    assert (await control.get("/settled")).json() == {"settled": True, "open": []}


async def test_an_order_that_the_stock_cannot_cover_is_not_waited_for(control: httpx.AsyncClient) -> None:
    await post(control, "/shop-stock", shop="main", sku="TEE-03", quantity=9)
    made = await post(control, "/buy", shop="main", lines=[{"sku": "TEE-03", "quantity": 9}])
    assert (await control.get("/settled")).json()["settled"] is True
    verdict = await post(control, "/judge", held=[])
    assert verdict["lost"] == [f"main/{made['order']}"]
    assert verdict["oversold_units"] == 6


async def test_the_judge_takes_the_list_of_held_orders(control: httpx.AsyncClient) -> None:
    made = await post(control, "/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 2}])
    assert (await post(control, "/judge", held=[]))["lost_orders"] == 1
    verdict = await post(control, "/judge", held=[f"main/{made['order']}"])
    assert (verdict["lost_orders"], verdict["orders_held"]) == (0, 1)


async def test_trades_start_and_stop_by_name(served: Served, control: httpx.AsyncClient) -> None:
    assert await post(control, "/start", warehouse=True) == {
        "shoppers": False,
        "warehouse": True,
        "couriers": False,
    }
    assert all((await post(control, "/start")).values())
    assert (await post(control, "/stop-shopping"))["purchases_tried"] >= 0
    await post(control, "/stop")
    answer = await control.get("/people")
    assert set(answer.json()) == {"shoppers", "warehouse", "couriers"}


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("/buy", {"shop": "moon", "lines": []}, 404, "there is no shop moon"),
        ("/buy", {"shop": "main", "lines": [{"sku": "NO", "quantity": 1}]}, 404, "main does not list NO"),
        (
            "/buy",
            {"shop": "main", "lines": [{"variant": "9999", "quantity": 1}]},
            404,
            "main has no variant 9999",
        ),
        ("/buy", {"shop": "main", "lines": [{"sku": "TEE-01"}]}, 400, "the body lacks 'quantity'"),
        ("/buy", {"shop": "main", "lines": []}, 409, "the shop shows none of these"),
        ("/buy", {"shop": "main", "lines": [{"sku": "TEE-01", "quantity": "x"}]}, 400, "invalid literal"),
        ("/cancel", {"shop": "main", "order": "NONE"}, 404, "there is no order NONE"),
        ("/warehouse/work", {"reference": "NONE"}, 404, "no shipment has the reference NONE"),
        ("/warehouse/call", {"reference": "NONE", "state": "x"}, 404, "no shipment has the reference NONE"),
        ("/warehouse/receive", {"sku": "NONE", "quantity": 1}, 404, "the warehouse has no product NONE"),
        ("/warehouse/return", {"reference": "s/1/R1"}, 404, "there is no return s/1/R1 that waits"),
        ("/warehouse/return", {"return": 9}, 404, "there is no return 9 that waits"),
        ("/warehouse/return", {"tracking": "JD1"}, 409, "needs lines"),
        ("/warehouse/return", {"until": "shipped"}, 400, "until must be received or done"),
        ("/warehouse/return", {"lines": [{"sku": "NONE", "good": 1}]}, 409, "has no product NONE"),
        ("/courier/scan", {"tracking": "NONE", "status": "x"}, 404, "the courier has no parcel NONE"),
        ("/judge", [], 400, "the body must be a JSON object"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_its_reason(
    control: httpx.AsyncClient, path: str, body: Any, status: int, error: str
) -> None:
    answer = await control.post(path, json=body)
    assert answer.status_code == status
    assert error in answer.json()["error"]


async def test_a_clock_of_no_system_is_refused(control: httpx.AsyncClient) -> None:
    answer = await control.put("/clocks", json={"moon": 1})
    assert (answer.status_code, answer.json()) == (404, {"error": "there is no system moon"})


async def test_a_line_that_is_not_in_the_order_cannot_be_cancelled(control: httpx.AsyncClient) -> None:
    made = await post(control, "/buy", shop="main", lines=[{"sku": "TEE-01", "quantity": 1}])
    answer = await control.post(
        "/cancel", json={"shop": "main", "order": made["order"], "lines": [{"sku": "TEE-02", "quantity": 1}]}
    )
    assert answer.status_code == 404
    assert answer.json()["error"] == f"order {made['order']} has no such line"
