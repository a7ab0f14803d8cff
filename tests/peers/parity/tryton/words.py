"""Tryton's fields and an outbound order, as the scripts use them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tests.peers.books.tryton import OUT, date, decimal
from tests.peers.parity.sides import Warehouse

MOVE_FIELDS = (
    "id",
    "state",
    "product.code",
    "quantity",
    "from_location.code",
    "to_location.type",
    "planned_date",
    "effective_date",
    "origin",
    "shipment",
    "write_date",
    "create_date",
)
SHIPMENT_FIELDS = (
    "id",
    "number",
    "reference",
    "state",
    "planned_date",
    "effective_date",
    "partially_assigned",
    "write_date",
    "create_date",
    "warehouse.code",
    "customer.name",
    "delivery_address.street",
    "delivery_address.postal_code",
    "delivery_address.city",
    "delivery_address.country.code",
    "outgoing_moves.product.code",
    "outgoing_moves.quantity",
    "outgoing_moves.state",
    "inventory_moves.product.code",
    "inventory_moves.quantity",
    "inventory_moves.state",
    "packages.id",
    "packages.number",
    "packages.shipping_reference",
    "packages.moves.product.code",
)


def moment(value: dt.datetime) -> dict[str, Any]:
    """A time as domains carry it."""
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{part: getattr(value, part) for part in parts}}


def order_body(
    side: Warehouse, reference: str, lines: dict[str, float], product: int | None = None
) -> dict[str, Any]:
    """The body of an outbound order with every field given."""
    people = side.people
    (customer,) = people.rest.find("party.party", [["code", "=", "CUS-1"]], "id", "addresses.id")
    moves = [
        {
            "product": product or people.product(sku),
            "unit": people.unit,
            "quantity": float(units),
            "company": 1,
            "currency": people.euro,
            "unit_price": decimal("10.00"),
            "from_location": people.zones.output,
            "to_location": people.customers,
        }
        for sku, units in lines.items()
    ]
    return {
        "company": 1,
        "customer": customer["id"],
        "delivery_address": customer["addresses"][0]["id"],
        "reference": reference,
        "planned_date": date(dt.datetime.now(dt.UTC).date()),
        "warehouse": people.zones.warehouse,
        "warehouse_storage": people.zones.storage,
        "warehouse_output": people.zones.output,
        "outgoing_moves": [["create", moves]],
    }


def moves_of(side: Warehouse, number: int, kind: str) -> list[tuple[float, str]]:
    found = side.people.rest.call("GET", f"{OUT}/{number}", fields=[f"{kind}.quantity", f"{kind}.state"])
    return sorted((move["quantity"], move["state"]) for move in found[kind])


def way_to(until: str) -> Sequence[str]:
    steps = {
        "waiting": "wait",
        "assigned": "assign_try",
        "picked": "pick",
        "packed": "pack",
        "shipped": "ship",
        "done": "do",
    }
    names = list(steps)
    return [] if until == "draft" else [steps[name] for name in names[: names.index(until) + 1]]
