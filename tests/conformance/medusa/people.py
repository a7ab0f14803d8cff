"""A Medusa shop as its staff and its shoppers use it: clients of the tests' own, never the connector."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.peers.books.people import ADA, Buyer
from tests.peers.tls import TRUSTED

ORDER = (
    "id,display_id,status,total,updated_at,metadata,*items,*items.detail,*fulfillments,*fulfillments.items,"
    "*fulfillments.labels,*payment_collections.payments,*payment_collections.payments.refunds,"
    "*payment_collections.payments.captures,payment_status,fulfillment_status"
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What the tests know of a seeded shop."""

    url: str
    secret: str = field(repr=False)
    publishable: str
    channel: str
    locations: tuple[str, str]
    profile: str
    shipping_option: str
    region: str


class Refusal(Exception):
    """The shop refused; `status` and Medusa's own type."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
        self.status = answer.status_code


def read(answer: httpx.Response) -> Any:
    if answer.status_code >= 300:
        raise Refusal(answer)
    return answer.json()


class Staff:
    """The shop's office."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.http = httpx.Client(base_url=keys.url, timeout=60, verify=TRUSTED, auth=(keys.secret, ""))

    def post(self, path: str, body: Mapping[str, Any] | None = None, **asked: str) -> Any:
        return read(self.http.post(f"/admin/{path}", json=dict(body or {}), params=asked))

    def get(self, path: str, **asked: Any) -> Any:
        return read(self.http.get(f"/admin/{path}", params=asked))

    def add_product(
        self, *skus: str, units: int = 10, price: float = 10, status: str = "published", **variant: Any
    ) -> str:
        """A product with these variants, stocked in the main location; its id."""
        body = {
            "title": f"Goods {skus[0]}",
            "handle": skus[0].lower(),
            "status": status,
            "description": "for tests",
            "shipping_profile_id": self.keys.profile,
            "sales_channels": [{"id": self.keys.channel}],
            "options": [{"title": "Kind", "values": list(skus)}],
            "variants": [
                {
                    "title": sku,
                    "sku": sku,
                    "options": {"Kind": sku},
                    "prices": [{"currency_code": "eur", "amount": price}],
                    **variant,
                }
                for sku in skus
            ],
        }
        made = self.post("products", body)["product"]["id"]
        for sku in skus:
            if variant.get("manage_inventory", True):
                self.level(sku, self.keys.locations[0], units)
        return str(made)

    def variant(self, sku: str, fields: str = "id") -> Any:
        (found,) = self.get("product-variants", **{"sku[]": sku, "fields": f"id,product_id,{fields}"})[
            "variants"
        ]
        return found

    def item(self, sku: str) -> str:
        return str(
            self.get("inventory-items", **{"sku[]": sku, "fields": "id,sku"})["inventory_items"][0]["id"]
        )

    def level(self, sku: str, location: str, units: int) -> None:
        """Make the level, or set it."""
        body = {"inventory_item_id": self.item(sku), "location_id": location, "stocked_quantity": units}
        there = any(place == location for place in self.levels(sku))
        self.post("inventory-items/location-levels/batch", {"update" if there else "create": [body]})

    def levels(self, sku: str) -> dict[str, tuple[int, int]]:
        """(stocked, reserved) by location."""
        found = self.get(f"inventory-items/{self.item(sku)}/location-levels")["inventory_levels"]
        return {x["location_id"]: (x["stocked_quantity"], x["reserved_quantity"]) for x in found}

    def stock(self, sku: str) -> tuple[int, int]:
        """(stocked, reserved) in the main location."""
        return self.levels(sku)[self.keys.locations[0]]

    def saleable(self, sku: str) -> int:
        stocked, reserved = self.stock(sku)
        return stocked - reserved

    def order(self, id: str) -> Any:
        return self.get(f"orders/{id}", fields=ORDER)["order"]

    def fulfil(self, id: str, sku: str, units: int) -> str:
        """Pack so many units, unshipped; the fulfilment's id."""
        order = self.order(id)
        before = {f["id"] for f in order["fulfillments"]}
        (line,) = [item["id"] for item in order["items"] if item["variant_sku"] == sku]
        items = [{"id": line, "quantity": units}]
        self.post(f"orders/{id}/fulfillments", {"location_id": self.keys.locations[0], "items": items})
        (made,) = {f["id"] for f in self.order(id)["fulfillments"]} - before
        return str(made)

    def ship(self, id: str, fulfilment: str, number: str) -> None:
        (made,) = [f for f in self.order(id)["fulfillments"] if f["id"] == fulfilment]
        items = [{"id": i["line_item_id"], "quantity": i["quantity"]} for i in made["items"]]
        labels = [{"tracking_number": number, "tracking_url": "#", "label_url": "#"}] if number else []
        self.post(f"orders/{id}/fulfillments/{fulfilment}/shipments", {"items": items, "labels": labels})

    def deliver(self, id: str, fulfilment: str) -> None:
        self.post(f"orders/{id}/fulfillments/{fulfilment}/mark-as-delivered")

    def drop(self, id: str, fulfilment: str) -> None:
        self.post(f"orders/{id}/fulfillments/{fulfilment}/cancel")

    def cancel(self, id: str) -> None:
        self.post(f"orders/{id}/cancel")

    def payment(self, id: str) -> Any:
        return self.order(id)["payment_collections"][0]["payments"][0]

    def capture(self, id: str) -> None:
        self.post(f"payments/{self.payment(id)['id']}/capture")

    def refund(self, id: str, amount: float, note: str) -> None:
        self.post(f"payments/{self.payment(id)['id']}/refund", {"amount": amount, "note": note})

    def shipments(self, id: str) -> list[tuple[str, bool, int]]:
        """(tracking numbers, shipped, units) of the order's fulfilments that stand."""
        return sorted(
            (
                ",".join(label["tracking_number"] for label in f["labels"]),
                f["shipped_at"] is not None,
                sum(item["quantity"] for item in f["items"]),
            )
            for f in self.order(id)["fulfillments"]
            if f["canceled_at"] is None
        )

    def sent(self, id: str) -> dict[str, str]:
        """Pack and send a whole order from the main location; its lines by SKU."""
        lines = {item["variant_sku"]: item for item in self.order(id)["items"]}
        items = [{"id": line["id"], "quantity": line["quantity"]} for line in lines.values()]
        self.post(f"orders/{id}/fulfillments", {"location_id": self.keys.locations[0], "items": items})
        return {sku: str(line["id"]) for sku, line in lines.items()}

    def reason(self, value: str = "damaged") -> str:
        """The id of a reason of the shop's list, which is made where it is missing."""
        known = self.get("return-reasons")["return_reasons"]
        found = [each["id"] for each in known if each["value"] == value]
        made = found or [self.post("return-reasons", {"value": value, "label": value})["return_reason"]["id"]]
        return str(made[0])

    def asks_back(self, order: str, lines: Mapping[str, int], reason: str | None = None) -> str:
        """A shopper asks over the Store API to send units back; the return's id."""
        items = [{"id": line, "quantity": n, "reason_id": reason} for line, n in lines.items()]
        body = {
            "order_id": order,
            "items": items,
            "return_shipping": {"option_id": self.keys.shipping_option, "price": 0},
            "location_id": self.keys.locations[0],
        }
        headers = {"x-publishable-api-key": self.keys.publishable}
        with httpx.Client(base_url=self.keys.url, timeout=60, headers=headers) as shop:
            return str(read(shop.post("/store/returns", json=body))["return"]["id"])

    def swaps(
        self,
        kind: str,
        order: str,
        back: Mapping[str, int],
        out: Mapping[str, int],
        complaint: Mapping[str, int] | None = None,
        *,
        request: bool = True,
    ) -> str:
        """An exchange, or a claim ("replace", "refund"): lines back, variants out, lines complained of; its id."""
        name = "exchange" if kind == "exchange" else "claim"
        body = {"order_id": order} | ({} if name == "exchange" else {"type": kind})
        id = str(self.post(f"{name}s", body)[name]["id"])
        if back:
            items: list[dict[str, Any]] = [{"id": line, "quantity": n} for line, n in back.items()]
            self.post(f"{name}s/{id}/inbound/items", {"location_id": self.keys.locations[0], "items": items})
        if complaint:
            items = [{"id": line, "quantity": n, "reason": "wrong_item"} for line, n in complaint.items()]
            self.post(f"{name}s/{id}/claim-items", {"items": items})
        if out:
            items = [{"variant_id": variant, "quantity": n} for variant, n in out.items()]
            self.post(f"{name}s/{id}/outbound/items", {"items": items})
        if request:
            self.post(f"{name}s/{id}/request")
        return id

    def received(self, id: str, good: Mapping[str, int], bad: Mapping[str, int] | None = None) -> None:
        """Staff book in what came back for a return."""
        self.post(f"returns/{id}/receive")
        for way, lines in (("receive-items", good), ("dismiss-items", bad or {})):
            items = [{"id": line, "quantity": n} for line, n in lines.items()]
            if items:
                self.post(f"returns/{id}/{way}", {"items": items})
        self.post(f"returns/{id}/receive/confirm")

    def came_back(self, order: str) -> dict[str, tuple[int, int]]:
        """(received, dismissed) by line, by the order's own books."""
        return {
            item["id"]: (
                item["detail"]["return_received_quantity"],
                item["detail"]["return_dismissed_quantity"],
            )
            for item in self.order(order)["items"]
        }


def buy(staff: Staff, lines: Mapping[str, int], buyer: Buyer = ADA) -> str:
    """A shopper's order over the Store API; its id."""
    keys = staff.keys
    headers = {"x-publishable-api-key": keys.publishable}
    with httpx.Client(base_url=keys.url, timeout=60, verify=TRUSTED, headers=headers) as shop:
        address = {
            "first_name": buyer.first_name,
            "last_name": buyer.last_name,
            "address_1": buyer.street,
            "city": buyer.city,
            "postal_code": buyer.postal_code,
            "country_code": buyer.country.lower(),
            "phone": buyer.phone,
        }
        items = [{"variant_id": staff.variant(sku)["id"], "quantity": n} for sku, n in lines.items()]
        body = {"region_id": keys.region, "email": buyer.email, "shipping_address": address, "items": items}
        cart = read(shop.post("/store/carts", json=body))["cart"]["id"]
        read(shop.post(f"/store/carts/{cart}/shipping-methods", json={"option_id": keys.shipping_option}))
        made = read(shop.post("/store/payment-collections", json={"cart_id": cart}))["payment_collection"]
        session = {"provider_id": "pp_system_default"}
        read(shop.post(f"/store/payment-collections/{made['id']}/payment-sessions", json=session))
        return str(read(shop.post(f"/store/carts/{cart}/complete"))["order"]["id"])


def new_sku() -> str:
    return f"M-{uuid.uuid4().hex[:10].upper()}"
