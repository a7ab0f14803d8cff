"""Many records in a few calls to the real Tryton: one at a time costs it ten times as much work."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sync.domain.people import Address
from tests.peers.books.tryton import OUT, People, date, decimal

CONTEXT = {"company": 1, "_skip_warnings": True}


class Bulk:
    """The warehouse's people with a list in their hands; `buyer` is the consignee of what they send."""

    def __init__(self, people: People, buyer: Address) -> None:
        self._people = people
        self._buyer = buyer
        self._whereto: tuple[int, int] | None = None

    def goods(self, number: int, units: int) -> list[str]:
        """New SKUs, each with so many units on the shelf."""
        people, skus = self._people, [f"T-{uuid.uuid4().hex[:10].upper()}" for _ in range(number)]
        common = {"type": "goods", "default_uom": people.unit, "list_price": decimal("10.00")}
        variants = [{"suffix_code": sku, "cost_price": decimal("5.00")} for sku in skus]
        made = [
            {**common, "name": f"Product {sku}", "products": [["create", [variant]]]}
            for sku, variant in zip(skus, variants, strict=True)
        ]
        self._do("product.template", "create", made)
        found = people.rest.find("product.product", [["code", "in", skus]])
        lines = [{"product": each["id"], "quantity": float(units)} for each in found]
        count = {"company": 1, "location": people.zones.storage, "empty_quantity": "keep"}
        counted = self._do("stock.inventory", "create", [{**count, "lines": [["create", lines]]}])
        self._do("stock.inventory", "confirm", counted)
        return skus

    def fulfilments(self, number: int, product: int, units: int) -> dict[str, int]:
        """Shipments of our customer, assigned: the id by reference."""
        customer, address = self._whereto or self._open()
        people, references = self._people, [f"F-{uuid.uuid4().hex[:12]}" for _ in range(number)]
        move = {
            "product": product,
            "unit": people.unit,
            "quantity": float(units),
            "company": 1,
            "currency": people.euro,
            "unit_price": decimal("10.00"),
            "from_location": people.zones.output,
            "to_location": people.customers,
        }
        common = {
            "company": 1,
            "customer": customer,
            "delivery_address": address,
            "planned_date": date(dt.datetime.now(dt.UTC).date()),
            "warehouse": people.zones.warehouse,
            "warehouse_storage": people.zones.storage,
            "warehouse_output": people.zones.output,
        }
        wanted = [
            {**common, "reference": each, "outgoing_moves": [["create", [move]]]} for each in references
        ]
        made = self._do(OUT, "create", wanted)
        self._do(OUT, "wait", made)
        self._do(OUT, "assign_try", made)
        states = {each["state"] for each in people.rest.find(OUT, [["id", "in", made]], "state")}
        assert states == {"assigned"}, states
        return dict(zip(references, made, strict=True))

    def _open(self) -> tuple[int, int]:
        rest, buyer = self._people.rest, self._buyer
        (customer,) = rest.find("party.party", [["code", "=", "CUS-1"]])
        (country,) = rest.find("country.country", [["code", "=", buyer.country]])
        lines = {"street": "\n".join(buyer.street), "city": buyer.city, "postal_code": buyer.postal_code}
        body = {"party": customer["id"], "party_name": buyer.name, "country": country["id"], **lines}
        address = rest.call("POST", "party.address", body, fields=["id"])
        self._whereto = customer["id"], address["id"]
        return self._whereto

    def _do(self, model: str, action: str, what: Sequence[Any]) -> Any:
        return self._people.rpc(f"model.{model}.{action}", list(what), CONTEXT)
