"""The dock of a Tryton warehouse as its people use it, by REST: parcels that come back."""

from collections.abc import Mapping
from typing import Any

from tests.peers.books.tryton import People, decimal

RETURN = "stock.shipment.out.return"


class Dock:
    """Opening parcels that buyers sent back. `warehouse` is the code of the one that this dock is of."""

    def __init__(self, people: People, warehouse: str = "WH-MAIN") -> None:
        self.people = people
        self.rest = people.rest
        parts = ("storage_location.id", "input_location.id")
        (place,) = self.rest.find("stock.location", [["code", "=", warehouse]], "id", *parts)
        self.warehouse: int = place["id"]
        self.storage: int = place["storage_location"]["id"]
        self.input: int = place["input_location"]["id"]

    def place(self, code: str, kind: str = "storage", parent: int | None = None) -> int:
        """A new place; one of kind lost_found takes the waste of this warehouse."""
        body = {"name": code, "code": code, "type": kind, "parent": parent}
        number: int = self.rest.call("POST", "stock.location", body, fields=["id"])["id"]
        if kind == "lost_found":
            self._change_warehouse({"waste_locations": [["add", [number]]]})
        return number

    def pick_from(self, place: int | None) -> None:
        """The place inside storage that shipments are picked from."""
        self._change_warehouse({"picking_location": place})

    def _change_warehouse(self, values: Mapping[str, Any]) -> None:
        self.rest.call("PUT", f"stock.location/{self.warehouse}", values, fields=["id"])

    def shown(self, number: int, *fields: str) -> dict[str, Any]:
        """Fields of one return."""
        found: dict[str, Any] = self.rest.call("GET", f"{RETURN}/{number}", fields=fields)
        return found

    def write(self, reference: str | None, lines: Mapping[str, float]) -> int:
        """A return for a parcel that nobody announced; gives its id."""
        (customer,) = self.rest.find("party.party", [["code", "=", "CUS-1"]], "id")
        body = {
            "company": 1,
            "customer": customer["id"],
            "reference": reference,
            "warehouse": self.warehouse,
            "warehouse_storage": self.storage,
            "warehouse_input": self.input,
            "incoming_moves": [["create", [self._incoming(sku, units) for sku, units in lines.items()]]],
        }
        number: int = self.rest.call("POST", RETURN, body)["id"]
        return number

    def count(self, number: int, lines: Mapping[str, float]) -> None:
        """What is in the parcel: each line of the draft set to so many units."""
        moves = self._moves(number, "incoming_moves")
        for sku, units in lines.items():
            self._set(number, "incoming_moves", moves[sku][0], {"quantity": float(units)})

    def add(self, number: int, sku: str, units: float, *, instead_of: str | None = None) -> None:
        """A good that was not announced; in place of another one that names it."""
        move = self._incoming(sku, units)
        if instead_of is not None:
            move["origin"] = f"stock.move,{self._moves(number, 'incoming_moves')[instead_of][0]}"
        self.rest.call("PUT", f"{RETURN}/{number}", {"incoming_moves": [["create", [move]]]})

    def bring(self, number: int, sku: str, units: float, place: int) -> None:
        """Part of what goes to storage to another place: its move is split by hand."""
        move, there = self._to_storage(number, sku)
        part = {
            "product": self.people.product(sku),
            "unit": self.people.unit,
            "quantity": float(units),
            "company": 1,
            "from_location": self.input,
            "to_location": place,
        }
        if units == there:
            self._set(number, "inventory_moves", move, {"to_location": place})
            return
        less = {"quantity": float(there - units)}
        commands = [["write", [move], less], ["create", [part]]]
        self.rest.call("PUT", f"{RETURN}/{number}", {"inventory_moves": commands})

    def step(self, number: int, *actions: str) -> str:
        """receive, do, cancel or draft; gives the state afterwards."""
        state = ""
        for action in actions:
            state = str(self.rest.call("POST", f"{RETURN}/{number}/{action}")["state"])
        return state

    def _set(self, number: int, kind: str, move: int, values: Mapping[str, Any]) -> None:
        self.rest.call("PUT", f"{RETURN}/{number}", {kind: [["write", [move], dict(values)]]})

    def _to_storage(self, number: int, sku: str) -> tuple[int, float]:
        parts = ("id", "product.code", "quantity", "to_location.id")
        found = self.shown(number, *(f"inventory_moves.{part}" for part in parts))["inventory_moves"]
        (move,) = [
            (move["id"], move["quantity"])
            for move in found
            if move["product"]["code"] == sku and move["to_location"]["id"] == self.storage
        ]
        return move

    def _moves(self, number: int, kind: str) -> dict[str, tuple[int, float]]:
        fields = [f"{kind}.{part}" for part in ("id", "product.code", "quantity")]
        found = self.shown(number, *fields)[kind]
        return {move["product"]["code"]: (move["id"], move["quantity"]) for move in reversed(found)}

    def _incoming(self, sku: str, units: float) -> dict[str, Any]:
        return {
            "product": self.people.product(sku),
            "unit": self.people.unit,
            "quantity": float(units),
            "company": 1,
            "currency": self.people.euro,
            "unit_price": decimal("10.00"),
            "from_location": self.people.customers,
            "to_location": self.input,
        }
