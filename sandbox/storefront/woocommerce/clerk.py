"""Plain clients of a WooCommerce shop, for tests: they sign with OAuth 1.0a and know nothing of our connectors."""

import secrets
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx

from sandbox.storefront.woocommerce.door import Key, signature

ADA = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "company": "",
    "address_1": "12 Example St",
    "address_2": "",
    "city": "New York",
    "state": "NY",
    "postcode": "10001",
    "country": "US",
    "phone": "+1 555 0100",
}


class Refusal(Exception):
    """The shop refused: `status`, and its own `code`."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.body = answer.json()
        self.code = str(self.body.get("code")) if isinstance(self.body, dict) else ""
        super().__init__(f"{answer.request.url.path}: {self.status} {self.code}")


class OAuth(httpx.Auth):
    """Signs each request with a key."""

    def __init__(
        self, key: Key, *, now: Callable[[], float] = time.time, method: str = "HMAC-SHA256"
    ) -> None:
        self._key, self._now, self._method = key, now, method

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the words and the signature over them to the address."""
        words = {
            "oauth_consumer_key": self._key.key,
            "oauth_timestamp": str(int(self._now())),
            "oauth_nonce": secrets.token_hex(8),
            "oauth_signature_method": self._method,
        }
        url = request.url
        place = str(url.copy_with(query=None))
        asked = parse_qsl(url.query.decode(), keep_blank_values=True)
        words["oauth_signature"] = signature(
            request.method, place, [*asked, *words.items()], self._key.secret, self._method
        )
        request.url = url.copy_merge_params(words)
        yield request


def read(answer: httpx.Response) -> Any:
    """The JSON of an answer. Raises Refusal."""
    if answer.status_code >= 300:
        raise Refusal(answer)
    return answer.json()


class Staff:
    """The shop's office; `now` is the time that its clock shows."""

    def __init__(self, url: str, key: Key, *, now: Callable[[], float] = time.time) -> None:
        self.http = httpx.Client(base_url=f"{url}/wp-json/wc/v3/", timeout=60, auth=OAuth(key, now=now))

    def get(self, path: str, **asked: Any) -> Any:
        return read(self.http.get(path, params=asked))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return read(self.http.post(path, json=dict(body or {})))

    def put(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return read(self.http.put(path, json=dict(body or {})))

    def delete(self, path: str, **asked: Any) -> Any:
        return read(self.http.delete(path, params=asked))

    def add_product(self, sku: str, *, price: str = "10.00", units: int | None = 10, **fields: Any) -> int:
        """A simple product; without units its stock is not counted. Its id."""
        counted = {"manage_stock": units is not None, "stock_quantity": units or 0}
        body = {"name": f"Goods {sku}", "sku": sku, "regular_price": price, **counted, **fields}
        return int(self.post("products", body)["id"])

    def add_variable(
        self, sku: str, prices: Mapping[str, str], *, units: int | None = 10, **fields: Any
    ) -> tuple[int, dict[str, int]]:
        """A product with a variation for each SKU; without units they share their parent's stock."""
        options = [{"name": "Kind", "variation": True, "visible": True, "options": list(prices)}]
        shared = {"manage_stock": True, "stock_quantity": 10} if units is None else {}
        body = {"name": f"Goods {sku}", "type": "variable", "sku": sku, "attributes": options, **shared}
        parent = int(self.post("products", {**body, **fields})["id"])
        counted = {} if units is None else {"manage_stock": True, "stock_quantity": units}
        found = {}
        for each, price in prices.items():
            chosen = [{"name": "Kind", "option": each}]
            row = {"sku": each, "regular_price": price, "attributes": chosen, **counted}
            found[each] = int(self.post(f"products/{parent}/variations", row)["id"])
        return parent, found

    def find(self, sku: str) -> Any:
        """The product or variation with a SKU."""
        (found,) = self.get("products", sku=sku)
        return found

    def stock(self, sku: str) -> int | None:
        """The quantity shown."""
        found = self.find(sku)["stock_quantity"]
        return None if found is None else int(found)

    def buy(self, lines: Mapping[str, int], *, status: str = "processing", **fields: Any) -> int:
        """An order by a shopper; its id."""
        rows = [{**self._sold(sku), "quantity": units} for sku, units in lines.items()]
        body = {
            "status": status,
            "payment_method": "bacs",
            "payment_method_title": "Direct bank transfer",
            "billing": {**ADA, "email": "ada@example.com"},
            "shipping": ADA,
            "line_items": rows,
            **fields,
        }
        return int(self.post("orders", body)["id"])

    def _sold(self, sku: str) -> dict[str, int]:
        found = self.find(sku)
        if found["parent_id"]:
            return {"product_id": found["parent_id"], "variation_id": found["id"]}
        return {"product_id": found["id"]}
