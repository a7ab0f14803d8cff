"""Quantities by place and moment, counts, transfers, returns and products."""

import datetime as dt
from typing import Any

from tests.peers.books.tryton import OUT, date, decimal, packed
from tests.peers.parity.sides import Warehouse, fresh
from tests.peers.parity.tryton.words import order_body


def figures(side: Warehouse) -> None:
    """A quantity needs locations; zone and warehouse differ; stock_assign and forecast."""
    note, people = side.notes, side.people
    sku = side.goods(100)
    path = f"product.product/{people.product(sku)}"
    zones = people.zones
    fields = ["code", "quantity", "forecast_quantity"]

    def look(step: str, context: dict[str, Any]) -> None:
        answer = people.rest.send("GET", path, fields=fields, context=context)
        note.answer(step, answer)
        found = answer.json() if answer.is_success else {}
        note.fact(f"{step}: figures", (found.get("quantity"), found.get("forecast_quantity")))

    look("warehouse", {"company": 1, "locations": [zones.warehouse]})
    look("storage", {"company": 1, "locations": [zones.storage]})
    look("no locations", {"company": 1})
    look("no company", {"locations": [zones.storage]})
    look("no context", {})
    people.order(fresh("R"), {sku: 4})
    look("waiting: warehouse", {"company": 1, "locations": [zones.warehouse]})
    look("waiting: storage", {"company": 1, "locations": [zones.storage]})
    look("waiting: storage, assigned", {"company": 1, "locations": [zones.storage], "stock_assign": True})
    listed = people.rest.send(
        "GET",
        "product.product",
        fields=["code", "quantity"],
        context={"company": 1, "locations": [zones.storage], "stock_assign": True},
        d=packed([["code", "=", sku]]),
    )
    note.answer("listed", listed)
    note.fact("listed: figure", listed.json()[0]["quantity"])
    (other,) = people.rest.find("stock.location", [["code", "=", "WH-2"]], "storage_location.id")
    look("the other warehouse", {"company": 1, "locations": [other["storage_location"]["id"]]})


def stocktake(side: Warehouse) -> None:
    """An inventory sets the shelf; zero too; confirming twice."""
    note, people, rest = side.notes, side.people, side.people.rest
    sku = side.goods(10)

    def count(step: str, units: float, **more: Any) -> int:
        line = {"product": people.product(sku), "quantity": units}
        body = {
            "company": 1,
            "location": people.zones.storage,
            "empty_quantity": "keep",
            "lines": [["create", [line]]],
            **more,
        }
        made = rest.send(
            "POST",
            "stock.inventory",
            body,
            fields=[
                "id",
                "number",
                "state",
                "date",
                "location.id",
                "lines.quantity",
                "lines.expected_quantity",
            ],
        )
        note.answer(f"{step}: create", made)
        if not made.is_success:
            return 0
        number: int = made.json()["id"]
        note.answer(f"{step}: confirm", rest.send("POST", f"stock.inventory/{number}/confirm"))
        note.fact(f"{step}: shelf", people.on_shelf(sku))
        return number

    number = count("more", 25.0)
    note.status("confirm twice", rest.send("POST", f"stock.inventory/{number}/confirm"))
    count("less", 4.0)
    count("none", 0.0)
    count("negative", -1.0)
    held = people.order(fresh("R"), {sku: 3})
    people.receive(sku, 10)
    people.assign(held)
    count("with assigned units", 8.0)
    note.fact("free then", people.free(sku))
    count("below the assigned units", 2.0)
    note.fact("free below", people.free(sku))


def planned_dates(side: Warehouse) -> None:
    """Without a planned date the forecast of today misses a shipment."""
    note, people = side.notes, side.people
    sku = side.goods(10)
    today = date(dt.datetime.now(dt.UTC).date())
    path = f"product.product/{people.product(sku)}"
    context = {"company": 1, "locations": [people.zones.warehouse], "stock_date_end": today}
    body = order_body(side, fresh("R"), {sku: 4})
    without = {key: value for key, value in body.items() if key != "planned_date"}
    for name, order in (("without", without), ("with", body)):
        number = people.rest.call("POST", OUT, order)["id"]
        people.step(number, "wait")
        found = people.rest.call("GET", path, fields=["quantity", "forecast_quantity"], context=context)
        note.fact(name, (found["quantity"], found["forecast_quantity"]))


def moving_between_zones(side: Warehouse) -> None:
    """An internal shipment from the main to the second warehouse."""
    note, people, rest = side.notes, side.people, side.people.rest
    sku = side.goods(10)
    (other,) = rest.find("stock.location", [["code", "=", "WH-2"]], "storage_location.id")
    target = other["storage_location"]["id"]
    move = {
        "product": people.product(sku),
        "unit": people.unit,
        "quantity": 4.0,
        "company": 1,
        "from_location": people.zones.storage,
        "to_location": target,
    }
    body = {
        "company": 1,
        "from_location": people.zones.storage,
        "to_location": target,
        "planned_date": date(dt.datetime.now(dt.UTC).date()),
        "moves": [["create", [move]]],
    }
    note.answer("no start", rest.send("POST", "stock.shipment.internal", body))
    body["planned_start_date"] = body["planned_date"]
    made = rest.send("POST", "stock.shipment.internal", body)
    note.answer("create", made)
    number = made.json()["id"]
    for action in ("wait", "assign_try", "pack", "ship", "do"):
        note.answer(action, rest.send("POST", f"stock.shipment.internal/{number}/{action}"))
    note.fact("left", people.on_shelf(sku))


def products_made_by_rest(side: Warehouse) -> None:
    """A template with its variant; the code is found exactly; case and zeros matter."""
    note, people, rest = side.notes, side.people, side.people.rest
    sku = fresh("W")
    body = {
        "name": "Mug",
        "type": "goods",
        "default_uom": people.unit,
        "list_price": decimal("10.00"),
        "products": [["create", [{"suffix_code": sku, "cost_price": decimal("5.00")}]]],
    }
    made = rest.send(
        "POST",
        "product.template",
        body,
        fields=[
            "id",
            "name",
            "list_price",
            "default_uom.symbol",
            "products.id",
            "products.code",
            "products.cost_price",
        ],
    )
    note.answer("create", made)
    price = rest.send(
        "GET",
        f"product.product/{made.json()['products'][0]['id']}",
        fields=["code", "list_price", "cost_price", "active", "type", "salable"],
    )
    note.answer("product", price)
    note.status("the same code again", rest.send("POST", "product.template", body, fields=["id"]))
    note.fact("products with the code", len(rest.find("product.product", [["code", "=", sku]])))
    people_code = rest.send("GET", "product.product", d=packed([["code", "=", sku.lower()]]), fields=["id"])
    note.fact("another case", len(people_code.json()))


SCRIPTS = (
    figures,
    stocktake,
    planned_dates,
    moving_between_zones,
    products_made_by_rest,
)
