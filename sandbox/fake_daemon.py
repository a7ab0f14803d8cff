"""A daemon that is wrong on purpose, so that the judge itself can be judged.

It binds, pushes stock, sends orders to the warehouse, labels parcels and tells the shop, as a right one
would; but it loses, doubles and oversells exactly as many as it is told. It is a plain HTTP client: it knows
the systems only by their ready line. It moves people through the control levers.
"""

import base64
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx

_ERROR = "__typename ...on ErrorResult{errorCode message}"
_FULFIL = (
    f"mutation($i:FulfillOrderInput!){{addFulfillmentToOrder(input:$i){{{_ERROR}...on Fulfillment{{id}}}}}}"
)
_REFUND = f"mutation($i:RefundOrderInput!){{refundOrder(input:$i){{{_ERROR}...on Refund{{id total}}}}}}"
_PAYMENTS = "query($id:ID!){order(id:$id){payments{id}}}"


@dataclass(frozen=True, slots=True)
class Misdeeds:
    """What it shall do wrong: orders lost, orders doubled at the warehouse, units oversold, refunds given twice.

    `excess` are minor units beyond what is owed, given to one more buyer.
    """

    lose: int = 0
    double: int = 0
    oversell: int = 0
    refund_twice: int = 0
    excess: int = 0


@dataclass(slots=True)
class Done:
    """What it did, as it counts it itself."""

    orders: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    sent: int = 0
    parcels: int = 0
    told: int = 0
    refunded: dict[str, int] = field(default_factory=dict)
    """Minor units by order of those that asked for money."""
    pushes: int = 0
    calls: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class FakeDaemon:
    """Works through orders of the shop `main`, one after another; `ready` is the sandbox's ready line."""

    ready: dict[str, Any]
    done: Done = field(default_factory=Done)
    _http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))
    _token: str = ""
    _places: dict[str, int] = field(default_factory=dict)
    _customer: dict[str, int] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        account = self.ready["accounts"]["main"]
        answer = await self._shop_call(
            "mutation($u:String!,$p:String!){login(username:$u,password:$p){__typename}}",
            u=account["username"],
            p=account["password"],
        )
        self._token = answer.headers["vendure-auth-token"]
        await self._look_round()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def run(self, right: int, misdeeds: Misdeeds, *, sku: str, scarce: str, scarce_units: int) -> Done:
        """Handle `right` orders properly, then the misdeeds; `scarce` has so many units at the warehouse."""
        total = right + misdeeds.lose + misdeeds.double
        await self.push(sku, 2 * (total + misdeeds.refund_twice + bool(misdeeds.excess)))
        for number in range(total):
            order = await self.buy(sku, 2)
            if number < misdeeds.lose:
                continue
            copies = 2 if number < misdeeds.lose + misdeeds.double else 1
            await self.fulfil(order, sku, 2, copies)
        for number in range(misdeeds.refund_twice + bool(misdeeds.excess)):
            order = await self.buy(sku, 2)
            await self.fulfil(order, sku, 2)
            if number < misdeeds.refund_twice:
                await self.give_back(order, sku, times=2)
            else:
                await self.give_back(order, sku, beyond=misdeeds.excess)
        if misdeeds.oversell:
            units = scarce_units + misdeeds.oversell
            await self.push(scarce, units)
            order = await self.buy(scarce, units)
            self.done.held.append(f"main/{order['order']}")
        return self.done

    # --- the shop -------------------------------------------------------------------------------------------

    async def push(self, sku: str, units: int) -> None:
        """Show so many units of a SKU in the shop."""
        page = await self._shop(
            "query($s:String!){productVariants(options:{filter:{sku:{eq:$s}}}){items{id}}}", s=sku
        )
        level = {"stockLocationId": "1", "stockOnHand": units}
        change = {"id": page["items"][0]["id"], "stockLevels": [level]}
        await self._shop(
            "mutation($i:[UpdateProductVariantInput!]!){updateProductVariants(input:$i){id}}", i=[change]
        )
        self.done.pushes += 1

    async def buy(self, sku: str, units: int) -> dict[str, Any]:
        """Let a shopper buy; the order."""
        order = await self._control("buy", shop="main", lines=[{"sku": sku, "quantity": units}])
        self.done.orders.append(order["order"])
        return order

    async def fulfil(self, order: dict[str, Any], sku: str, units: int, copies: int = 1) -> None:
        """Send an order to the warehouse (so many times), label its parcels, and tell the shop once."""
        reference = f"main/{order['order']}"
        for _ in range(copies):
            await self.send(reference, sku, units)
        self.done.sent += 1
        await self._control("warehouse/work", reference=reference, until="packed", parcels=1)
        tracking = await self.label(reference)
        await self._control("warehouse/work", reference=reference, until="done")
        await self._tell(order, units, tracking[0])

    async def give_back(self, order: dict[str, Any], sku: str, *, times: int = 1, beyond: int = 0) -> None:
        """The buyer asks for the money of one of two units, and gets it so often, and so much beyond it."""
        await self._control("ask", shop="main", order=order["order"], lines=[{"sku": sku, "quantity": 1}])
        amount = order["total_with_tax"] // 2 + beyond
        (payment,) = (await self._shop(_PAYMENTS, id=order["id"]))["payments"]
        given = {"paymentId": payment["id"], "amount": amount, "shipping": 0, "adjustment": 0, "lines": []}
        for _ in range(times):
            await self._shop(_REFUND, i={**given, "reason": "one came back"})
        self.done.refunded[order["order"]] = amount * times

    async def _tell(self, order: dict[str, Any], units: int, tracking: str) -> None:
        words = [{"name": "method", "value": "loopback"}, {"name": "trackingCode", "value": tracking}]
        given = {
            "lines": [{"orderLineId": order["lines"][0]["id"], "quantity": units}],
            "handler": {"code": "manual-fulfillment", "arguments": words},
        }
        made = await self._shop(_FULFIL, i=given)
        await self._shop(
            f'mutation($f:ID!){{transitionFulfillmentToState(id:$f,state:"Shipped"){{{_ERROR}}}}}',
            f=made["id"],
        )
        self.done.told += 1

    async def _shop(self, query: str, **variables: Any) -> Any:
        body = (await self._shop_call(query, **variables)).json()
        (value,) = body["data"].values()
        return value

    async def _shop_call(self, query: str, **variables: Any) -> httpx.Response:
        self.done.calls["shop:main"] += 1
        return await self._http.post(
            f"{self.ready['accounts']['main']['url']}/admin-api",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {self._token}"} if self._token else {},
        )

    # --- the warehouse --------------------------------------------------------------------------------------

    async def _look_round(self) -> None:
        fields = ["storage_location", "output_location"]
        (home,) = await self._find("stock.location", [["code", "=", "WH-MAIN"]], "id", *fields)
        (outside,) = await self._find("stock.location", [["type", "=", "customer"]], "id")
        (customer,) = await self._find("party.party", [["code", "=", "CUS-1"]], "id", "addresses")
        (unit,) = await self._find("product.uom", [["symbol", "=", "u"]], "id")
        (money,) = await self._find("currency.currency", [["code", "=", "EUR"]], "id")
        self._places = {
            "warehouse": home["id"],
            "storage": home["storage_location"],
            "output": home["output_location"],
            "customer": outside["id"],
            "unit": unit["id"],
            "currency": money["id"],
        }
        self._customer = {"id": customer["id"], "address": customer["addresses"][0]}

    async def send(self, reference: str, sku: str, units: int) -> None:
        """Ask the warehouse to ship units of a SKU."""
        (product,) = await self._find("product.product", [["code", "=", sku]], "id")
        at, today = self._places, datetime.now(UTC).date()
        move = {
            "product": product["id"],
            "unit": at["unit"],
            "quantity": float(units),
            "company": 1,
            "currency": at["currency"],
            "unit_price": {"__class__": "Decimal", "decimal": "1.00"},
            "from_location": at["output"],
            "to_location": at["customer"],
        }
        shipment = {
            "company": 1,
            "customer": self._customer["id"],
            "delivery_address": self._customer["address"],
            "reference": reference,
            "planned_date": {"__class__": "date", "year": today.year, "month": today.month, "day": today.day},
            "warehouse": at["warehouse"],
            "warehouse_storage": at["storage"],
            "warehouse_output": at["output"],
            "outgoing_moves": [["create", [move]]],
        }
        made = await self._tryton("POST", "stock.shipment.out", shipment)
        await self._tryton("POST", f"stock.shipment.out/{made['id']}/wait")

    async def _find(self, model: str, domain: list[Any], *fields: str) -> Any:
        return await self._tryton("GET", model, None, d=_packed(domain), f=list(fields))

    async def _tryton(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        self.done.calls["warehouse"] += 1
        account = self.ready["accounts"]["warehouse"]
        answer = await self._http.request(
            method,
            f"{account['url']}/{account['database']}/rest/model/{path}",
            json=body,
            params={"f": ["id", "state"], **query} if "f" not in query else query,
            headers={
                "authorization": f"bearer {account['key']}",
                "x-tryton-context": _packed({"company": 1, "_skip_warnings": True}),
            },
        )
        answer.raise_for_status()
        return answer.json()

    # --- the courier ----------------------------------------------------------------------------------------

    async def label(self, reference: str) -> list[str]:
        """Buy a label for each parcel of an order and write its number on the parcel."""
        found = await self._find(
            "stock.shipment.out", [["reference", "=", reference]], "id", "outgoing_moves.package"
        )
        packages = sorted({move["package"] for each in found for move in each["outgoing_moves"]})
        numbers: list[str] = []
        for package in packages:
            number = await self._bought(reference)
            await self._tryton("PUT", f"stock.package/{package}", {"shipping_reference": number}, f=["id"])
            numbers.append(number)
        self.done.parcels += len(numbers)
        return numbers

    async def _bought(self, reference: str) -> str:
        home = {"address_line1": "Weg 1", "city": "Berlin", "postal_code": "10115", "country_code": "DE"}
        shipment = {
            "shipper": home | {"person_name": "Stores"},
            "recipient": home | {"person_name": "Somebody"},
            "parcels": [{"weight": 1.0, "weight_unit": "KG"}],
            "carrier_ids": self.ready["accounts"]["courier"]["carriers"],
            "reference": reference,
        }
        draft = await self._karrio("/v1/shipments", shipment)
        rate = min(draft["rates"], key=lambda each: float(each["total_charge"]))
        made = await self._karrio(f"/v1/shipments/{draft['id']}/purchase", {"selected_rate_id": rate["id"]})
        return str(made["tracking_number"])

    async def _karrio(self, path: str, body: Any) -> Any:
        self.done.calls["courier"] += 1
        account = self.ready["accounts"]["courier"]
        answer = await self._http.post(
            f"{account['url']}{path}", json=body, headers={"authorization": f"Token {account['key']}"}
        )
        answer.raise_for_status()
        return answer.json()

    async def _control(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self._http.post(f"{self.ready['control']}/{path}", json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def _packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
