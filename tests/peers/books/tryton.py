"""A Tryton warehouse as its own people use it, by its REST and JSON-RPC interfaces."""

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.peers.books.people import ADA, Buyer
from tests.peers.tls import TRUSTED

SECONDS = 60.0
OUT = "stock.shipment.out"


class WarehouseRefused(Exception):
    """The warehouse answered with an error status."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.status_code} {response.text[:400]}")
        self.status = response.status_code


def packed(value: object) -> str:
    """JSON in URL-safe base64, as domains and contexts travel."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def decimal(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def date(day: dt.date) -> dict[str, Any]:
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


class Rest:
    """Bare calls to one database's models."""

    def __init__(self, url: str, database: str, key: str) -> None:
        headers = {"Authorization": f"bearer {key}"}
        self.http = httpx.Client(
            base_url=f"{url}/{database}/rest/model/", timeout=SECONDS, verify=TRUSTED, headers=headers
        )

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        fields: Sequence[str] = ("id", "state"),
        context: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> httpx.Response:
        """The bare answer; the context defaults to company 1 with warnings skipped."""
        known = {"company": 1, "_skip_warnings": True} if context is None else context
        return self.http.request(
            method,
            path,
            json=body,
            params=[("f", field) for field in fields] + list(query.items()),
            headers={"X-Tryton-Context": packed(known), **(headers or {})},
        )

    def call(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """The answer's JSON.

        Raises:
            WarehouseRefused: any status from 300 on.
        """
        response = self.send(method, path, body, **more)
        if response.status_code >= 300:
            raise WarehouseRefused(response)
        return response.json() if response.content else None

    def find(self, model: str, domain: Sequence[Any], *fields: str, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(
            "GET", model, d=packed(domain), fields=fields or ("id",), **more
        )
        return found

    def close(self) -> None:
        self.http.close()


@dataclass(frozen=True, slots=True)
class Zones:
    """The ids of a warehouse and of its parts."""

    warehouse: int
    storage: int
    output: int
    input: int


class People:
    """Receiving, picking, packing and despatch; and enough of the office to make an order by hand."""

    def __init__(
        self,
        url: str,
        database: str,
        key: str,
        *,
        warehouse: str = "WH-MAIN",
        rpc: tuple[str, str] = ("sync", "sync-password-1"),
    ) -> None:
        self.rest = Rest(url, database, key)
        self._rpc_url, self._rpc_login = f"{url}/{database}/rpc/", rpc
        parts = ("storage_location.id", "output_location.id", "input_location.id")
        (place,) = self.rest.find("stock.location", [["code", "=", warehouse]], "id", *parts)
        ids = (place[f"{part}_location"]["id"] for part in ("storage", "output", "input"))
        self.zones = Zones(place["id"], *ids)
        self.unit = self._id("product.uom", "symbol", "u")
        self.euro = self._id("currency.currency", "code", "EUR")
        self.customers = self._id("stock.location", "type", "customer")

    def _id(self, model: str, field: str, value: str) -> int:
        number: int = self.rest.find(model, [[field, "=", value]])[0]["id"]
        return number

    # -- products and stock

    def product(self, sku: str) -> int:
        """The product's id by its code, exactly."""
        return self._id("product.product", "code", sku)

    def add_product(self, sku: str, units: int = 0) -> int:
        """A new product with `units` on the shelf."""
        body = {
            "name": f"Product {sku}",
            "type": "goods",
            "default_uom": self.unit,
            "list_price": decimal("10.00"),
            "products": [["create", [{"suffix_code": sku, "cost_price": decimal("5.00")}]]],
        }
        made = self.rest.call("POST", "product.template", body, fields=["products.id"])
        if units:
            self.count(sku, units)
        number: int = made["products"][0]["id"]
        return number

    def count(self, sku: str, units: float) -> int:
        """A stocktake of one SKU: the shelf holds `units` afterwards, assigned ones included."""
        body = {
            "company": 1,
            "location": self.zones.storage,
            "empty_quantity": "keep",
            "lines": [["create", [{"product": self.product(sku), "quantity": float(units)}]]],
        }
        number: int = self.rest.call("POST", "stock.inventory", body)["id"]
        self.rest.call("POST", f"stock.inventory/{number}/confirm")
        return number

    def receive(self, sku: str, units: float) -> None:
        """`units` more on the shelf, by inventory."""
        self.count(sku, self.on_shelf(sku) + units)

    def on_shelf(self, sku: str) -> float:
        """Units physically in the storage zone."""
        return self._quantity(sku, {"locations": [self.zones.storage]})

    def free(self, sku: str) -> float:
        """Units in the storage zone that no shipment has assigned."""
        return self._quantity(sku, {"locations": [self.zones.storage], "stock_assign": True})

    def _quantity(self, sku: str, context: Mapping[str, Any]) -> float:
        path = f"product.product/{self.product(sku)}"
        known = {"company": 1, **context}
        answer = self.rest.call("GET", path, fields=["quantity"], context=known)
        number: float = answer["quantity"]
        return number

    # -- shipments

    def order(self, reference: str, lines: Mapping[str, float], buyer: Buyer = ADA) -> int:
        """An outbound shipment by hand, waiting; gives its id."""
        customer, address = self._customer(buyer)
        body = {
            "company": 1,
            "customer": customer,
            "delivery_address": address,
            "reference": reference,
            "planned_date": date(dt.datetime.now(dt.UTC).date()),
            "warehouse": self.zones.warehouse,
            "warehouse_storage": self.zones.storage,
            "warehouse_output": self.zones.output,
            "outgoing_moves": [["create", [self._move(sku, units) for sku, units in lines.items()]]],
        }
        number: int = self.rest.call("POST", OUT, body)["id"]
        self.step(number, "wait")
        return number

    def _customer(self, buyer: Buyer) -> tuple[int, int]:
        address = {
            "party_name": buyer.full_name,
            "street": buyer.street,
            "city": buyer.city,
            "postal_code": buyer.postal_code,
            "country": self._id("country.country", "code", buyer.country),
        }
        body = {"name": buyer.full_name, "addresses": [["create", [address]]]}
        made = self.rest.call("POST", "party.party", body, fields=["id", "addresses.id"])
        return made["id"], made["addresses"][0]["id"]

    def _move(self, sku: str, units: float) -> dict[str, Any]:
        return {
            "product": self.product(sku),
            "unit": self.unit,
            "quantity": float(units),
            "company": 1,
            "currency": self.euro,
            "unit_price": decimal("10.00"),
            "from_location": self.zones.output,
            "to_location": self.customers,
        }

    def shipments(self, reference: str) -> list[dict[str, Any]]:
        """Every outbound shipment with this reference, oldest first: state, moves with SKUs, parcels."""
        fields = (
            "id",
            "number",
            "state",
            "reference",
            "outgoing_moves.product.code",
            "outgoing_moves.quantity",
            "outgoing_moves.state",
            "packages.id",
            "packages.number",
            "packages.shipping_reference",
        )
        return self.rest.find(OUT, [["reference", "=", reference]], *fields, o=packed([["id", "ASC"]]))

    def shipment(self, reference: str) -> dict[str, Any]:
        """The one shipment with this reference."""
        (found,) = self.shipments(reference)
        return found

    def state(self, number: int) -> str:
        return str(self.rest.call("GET", f"{OUT}/{number}")["state"])

    def step(self, number: int, action: str) -> str:
        """wait, assign_try, pick, pack, ship, do or cancel; gives the state afterwards."""
        return str(self.rest.call("POST", f"{OUT}/{number}/{action}")["state"])

    def assign(self, number: int) -> bool:
        """Assign what is there; true when it was enough."""
        return self.step(number, "assign_try") == "assigned"

    def assign_part(self, number: int) -> None:
        """The wizard's answer to short stock: ship what there is. A REST-made shipment's rest vanishes."""
        moves = self.rest.call(
            "GET", f"{OUT}/{number}", fields=["inventory_moves.id", "inventory_moves.state"]
        )["inventory_moves"]
        short = [move["id"] for move in moves if move["state"] != "assigned"]
        context = {"company": 1, "active_model": OUT, "active_id": number, "active_ids": [number]}
        session, _, _ = self.rpc("wizard.stock.shipment.assign.create", context)
        self.rpc("wizard.stock.shipment.assign.execute", session, {}, "start", context)
        answer = {"partial": {"moves": short}}
        self.rpc("wizard.stock.shipment.assign.execute", session, answer, "ignore", context)
        self.rpc("wizard.stock.shipment.assign.delete", session, context)

    def rpc(self, method: str, *params: Any) -> Any:
        """One JSON-RPC call as the warehouse's people's own client makes it.

        Raises:
            WarehouseRefused: an error status, or an error in the answer.
        """
        body = {"id": 1, "method": method, "params": list(params)}
        response = httpx.post(self._rpc_url, json=body, auth=self._rpc_login, timeout=SECONDS, verify=TRUSTED)
        answer = response.json() if response.status_code == 200 else {}
        if response.status_code != 200 or answer.get("error"):
            raise WarehouseRefused(response)
        return answer["result"]

    def pick(self, number: int) -> None:
        self.step(number, "pick")

    def pack(self, number: int, parcels: int = 1) -> list[int]:
        """Put the moves into so many parcels, in turn, and close them; gives the parcels' ids."""
        moves = self.rest.call("GET", f"{OUT}/{number}", fields=["outgoing_moves.id"])["outgoing_moves"]
        ids = [move["id"] for move in moves]
        made = [self._parcel(number, ids[n::parcels]) for n in range(parcels)]
        self.step(number, "pack")
        return made

    def _parcel(self, shipment: int, moves: Sequence[int]) -> int:
        kinds = self.rest.find("stock.package.type", [["name", "=", "Box"]])
        kind = (
            kinds[0]
            if kinds
            else self.rest.call("POST", "stock.package.type", {"name": "Box"}, fields=["id"])
        )
        body = {
            "company": 1,
            "type": kind["id"],
            "shipment": f"{OUT},{shipment}",
            "moves": [["add", list(moves)]],
        }
        number: int = self.rest.call("POST", "stock.package", body, fields=["id"])["id"]
        return number

    def labels(self, number: int) -> list[str | None]:
        """The tracking number on each parcel; None where there is no label yet."""
        fields = ["packages.id", "packages.shipping_reference"]
        parcels = self.rest.call("GET", f"{OUT}/{number}", fields=fields)["packages"]
        return [parcel["shipping_reference"] or None for parcel in parcels]

    def stick(self, parcel: int, tracking: str) -> None:
        """Put a label on a parcel by hand."""
        body = {"shipping_reference": tracking}
        self.rest.call("PUT", f"stock.package/{parcel}", body, fields=["id"])

    def ship(self, number: int) -> None:
        """Load it on the van, and close the shipment."""
        self.step(number, "ship")
        self.step(number, "do")

    def cancel(self, number: int) -> None:
        self.step(number, "cancel")

    def work(self, number: int, until: str) -> str:
        """On to assigned, picked, packed or done, as far as stock and labels allow; gives the state.

        A parcel without a tracking number is left standing when packed.
        """
        if self.state(number) == "waiting":
            self.assign(number)
        for state, target, job in (
            ("assigned", "picked", self.pick),
            ("picked", "packed", self.pack),
            ("packed", "done", self.ship),
        ):
            if until == state or self.state(number) != state:
                continue
            if target == "done" and not all(self.labels(number)):
                break
            job(number)
        return self.state(number)
