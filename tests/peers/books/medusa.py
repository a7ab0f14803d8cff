"""A Medusa shop as its shoppers and its staff use it, by its own Store and Admin APIs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.peers.books.people import ADA, Buyer
from tests.peers.tls import TRUSTED

SECONDS = 60.0
ORDER = (
    "id,display_id,status,email,currency_code,created_at,updated_at,total,summary,payment_status,"
    "fulfillment_status,*items,*items.detail,*shipping_address,*fulfillments,*fulfillments.items,"
    "*fulfillments.labels,*payment_collections.payments,*payment_collections.payments.captures,"
    "*payment_collections.payments.refunds"
)
LEVELS = "/admin/inventory-items/location-levels/batch"


class ShopRefused(Exception):
    """Medusa refused; `type` is its own word, empty where it gave none."""

    def __init__(self, status: int, type: str, message: str) -> None:
        super().__init__(f"{status} {type}: {message}")
        self.status = status
        self.type = type


@dataclass(frozen=True, slots=True)
class Address:
    """Where a shop is, and how its people get in; the profile is what a product is sent by, where one is needed."""

    url: str
    email: str
    password: str
    secret_key: str
    publishable_key: str
    shipping_profile: str | None = None


def read(response: httpx.Response) -> Any:
    """The decoded answer.

    Raises:
        ShopRefused: a refusal.
    """
    if response.status_code >= 300:
        is_json = "json" in response.headers.get("content-type", "")
        body = response.json() if is_json else {}
        raise ShopRefused(response.status_code, body.get("type", ""), body.get("message", ""))
    return response.json()


class Clerk:
    """The merchant's people, logged in by their password."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.http = httpx.Client(base_url=address.url, timeout=SECONDS, verify=TRUSTED)
        login = {"email": address.email, "password": address.password}
        token = read(self.http.post("/auth/user/emailpass", json=login))["token"]
        self.http.headers["authorization"] = f"Bearer {token}"
        places = read(self.http.get("/admin/stock-locations"))
        self.locations: tuple[str, ...] = tuple(
            place["id"] for place in sorted(places["stock_locations"], key=lambda x: str(x["name"]))
        )
        channels = read(self.http.get("/admin/sales-channels"))["sales_channels"]
        self.channel = next(each["id"] for each in channels if each["name"] == "Web")

    def get(self, path: str, **asked: Any) -> httpx.Response:
        """The bare answer; `asked` are query parameters."""
        return self.http.get(path, params=asked)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **asked: Any) -> httpx.Response:
        """The bare answer."""
        return self.http.post(path, json=dict(body or {}), params=asked)

    # -- goods and stock

    def variant(self, sku: str) -> dict[str, Any]:
        """The one variant with this SKU: prices, product, inventory item and levels."""
        fields = "*prices,*product,*inventory_items,*inventory_items.inventory.location_levels"
        (found,) = read(self.get("/admin/product-variants", sku=sku, fields=f"id,sku,product_id,{fields}"))[
            "variants"
        ]
        variant: dict[str, Any] = found
        return variant

    def item(self, sku: str) -> str:
        """The inventory item's id."""
        return str(self.variant(sku)["inventory_items"][0]["inventory_item_id"])

    def stock(self, sku: str) -> list[tuple[int, int]]:
        """(stocked, reserved) at each location, in the order of `locations`; (0, 0) where there is no level."""
        fields = "location_id,stocked_quantity,reserved_quantity"
        path = f"/admin/inventory-items/{self.item(sku)}/location-levels"
        levels = {x["location_id"]: x for x in read(self.get(path, fields=fields))["inventory_levels"]}
        none = {"stocked_quantity": 0, "reserved_quantity": 0}
        found = [levels.get(place, none) for place in self.locations]
        return [(x["stocked_quantity"], x["reserved_quantity"]) for x in found]

    def price(self, sku: str) -> dict[str, float]:
        """Every price by currency."""
        return {price["currency_code"]: price["amount"] for price in self.variant(sku)["prices"]}

    def add_product(self, sku: str, units: int, price: float = 9.9, *others: str) -> str:
        """A published product, with one variant for each SKU and a level at the first location; gives its id."""
        skus = [sku, *others]
        body: dict[str, Any] = {
            "title": f"Product {sku}",
            "handle": sku.lower(),
            "status": "published",
            "sales_channels": [{"id": self.channel}],
            "options": [{"title": "Kind", "values": skus}],
            "variants": [
                {
                    "title": each,
                    "sku": each,
                    "prices": [{"currency_code": "eur", "amount": price}],
                    "options": {"Kind": each},
                }
                for each in skus
            ],
        }
        if self.address.shipping_profile:
            body["shipping_profile_id"] = self.address.shipping_profile
        made = read(self.post("/admin/products", body))["product"]["id"]
        for each in skus:
            self.add_level(each, units)
        return str(made)

    def add_level(self, sku: str, units: int, place: int = 0) -> None:
        """A level at a location that has none yet."""
        read(self.post(LEVELS, {"create": [self.level(sku, units, place)]}))

    def set_stock(self, sku: str, units: int, place: int = 0) -> None:
        """Units on the shelf, reserved ones included."""
        read(self.post(LEVELS, {"update": [self.level(sku, units, place)]}))

    def level(self, sku: str, units: float, place: int = 0) -> dict[str, Any]:
        """One row of a batch."""
        ids = {"inventory_item_id": self.item(sku), "location_id": self.locations[place]}
        return {**ids, "stocked_quantity": units}

    # -- orders

    def order(self, id: str) -> dict[str, Any]:
        """An order, whole."""
        found: dict[str, Any] = read(self.get(f"/admin/orders/{id}", fields=ORDER))["order"]
        return found

    def orders(self, since: str) -> Sequence[dict[str, Any]]:
        """Orders changed at or after an ISO time, oldest change first."""
        asked = {"updated_at[$gte]": since, "order": "updated_at", "limit": 1000, "fields": ORDER}
        found: list[dict[str, Any]] = read(self.get("/admin/orders", **asked))["orders"]
        return found

    def lines(self, id: str, wanted: Mapping[str, int] | None = None) -> list[dict[str, Any]]:
        """Rows of `items` by SKU; all of the order when `wanted` is None."""
        return [
            {
                "id": item["id"],
                "quantity": item["quantity"] if wanted is None else wanted[item["variant_sku"]],
            }
            for item in self.order(id)["items"]
            if wanted is None or item["variant_sku"] in wanted
        ]

    def fulfil(self, id: str, lines: Mapping[str, int] | None = None, place: int = 0) -> str:
        """Pack units at a location; gives the fulfilment's id."""
        before = {made["id"] for made in self.order(id)["fulfillments"]}
        body = {"location_id": self.locations[place], "items": self.lines(id, lines)}
        read(self.post(f"/admin/orders/{id}/fulfillments", body))
        (made,) = [made["id"] for made in self.order(id)["fulfillments"] if made["id"] not in before]
        return str(made)

    def ship(self, id: str, fulfilment: str, tracking: str) -> None:
        """Say that it left."""
        label = {"tracking_number": tracking, "tracking_url": "#", "label_url": "#"}
        body = {"items": self.lines(id), "labels": [label]}
        read(self.post(f"/admin/orders/{id}/fulfillments/{fulfilment}/shipments", body))

    def deliver(self, id: str, fulfilment: str) -> None:
        """Say that it arrived."""
        read(self.post(f"/admin/orders/{id}/fulfillments/{fulfilment}/mark-as-delivered"))

    def cancel(self, id: str) -> None:
        """Cancel a whole order."""
        read(self.post(f"/admin/orders/{id}/cancel"))

    def payment(self, id: str) -> dict[str, Any]:
        """The order's payment."""
        payment: dict[str, Any] = self.order(id)["payment_collections"][0]["payments"][0]
        return payment

    def capture(self, id: str) -> None:
        """Take the money."""
        read(self.post(f"/admin/payments/{self.payment(id)['id']}/capture"))

    def refund(self, id: str, amount: float, note: str = "goodwill") -> None:
        """Give money back, in major units."""
        body = {"amount": amount, "note": note}
        read(self.post(f"/admin/payments/{self.payment(id)['id']}/refund", body))

    def close(self) -> None:
        self.http.close()


class Visitor:
    """One shopper with a cart."""

    def __init__(self, address: Address, clerk: Clerk) -> None:
        headers = {"x-publishable-api-key": address.publishable_key}
        self.http = httpx.Client(base_url=address.url, timeout=SECONDS, verify=TRUSTED, headers=headers)
        self._clerk = clerk
        self.cart = ""

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *failure: object) -> None:
        self.http.close()

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """The bare answer."""
        return self.http.post(path, json=dict(body or {}))

    def region(self) -> str:
        return str(read(self.http.get("/store/regions"))["regions"][0]["id"])

    def begin(self, lines: Mapping[str, int], buyer: Buyer = ADA) -> httpx.Response:
        """A cart with goods and an address; the bare answer, so that a refusal can be looked at."""
        body = {
            "region_id": self.region(),
            "email": buyer.email,
            "shipping_address": _address(buyer),
            "items": [
                {"variant_id": self._clerk.variant(sku)["id"], "quantity": units}
                for sku, units in lines.items()
            ],
        }
        answer = self.post("/store/carts", body)
        if answer.status_code == 200:
            self.cart = answer.json()["cart"]["id"]
        return answer

    def finish(self) -> httpx.Response:
        """Choose the shipping, open a payment and place the order; the bare answer of the last step."""
        options = read(self.http.get("/store/shipping-options", params={"cart_id": self.cart}))
        way = {"option_id": options["shipping_options"][0]["id"]}
        read(self.post(f"/store/carts/{self.cart}/shipping-methods", way))
        self.pay()
        return self.post(f"/store/carts/{self.cart}/complete")

    def pay(self) -> None:
        """Open a payment for what the cart comes to now."""
        made = read(self.post("/store/payment-collections", {"cart_id": self.cart}))["payment_collection"]
        path = f"/store/payment-collections/{made['id']}/payment-sessions"
        read(self.post(path, {"provider_id": "pp_system_default"}))

    def buy(self, lines: Mapping[str, int], buyer: Buyer = ADA) -> str:
        """Buy by SKU; gives the order's id. It is authorised, not captured."""
        read(self.begin(lines, buyer))
        return str(read(self.finish())["order"]["id"])


def _address(buyer: Buyer) -> dict[str, str]:
    return {
        "first_name": buyer.first_name,
        "last_name": buyer.last_name,
        "address_1": buyer.street,
        "city": buyer.city,
        "postal_code": buyer.postal_code,
        "country_code": buyer.country.lower(),
        "phone": buyer.phone,
    }
