"""What a daemon's call at a shop is about: by the books of that very shop, for each kind of shop."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.storefront.books import Shop
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.names import outside
from sandbox.storefront.orders import Order
from sandbox.storefront.shopify.books import ShopifyShop

_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")
_MUTATION = re.compile(r"mutation[^{]*\{\s*(\w+)")
_GID = re.compile(r"gid://shopify/(\w+)/(\d+)")
_SHOP_IDS = ("id", "orderId", "orderLineId")
_IDS = re.compile(r"\d+|\w+_\w+")
Asked = Iterator[tuple[str, str]]
"""What is asked, and the order's name or the SKU that it is about."""


@dataclass(slots=True)
class Names:
    """The orders of the script by number, and what was told of them already."""

    by_number: dict[str, str]
    _told: set[tuple[str, str]] = field(default_factory=set)

    def new(self, what: str, keys: Iterator[str]) -> Asked:
        """Reads count where they bring something for the first time."""
        for key in keys:
            if (what, key) not in self._told:
                self._told.add((what, key))
                yield what, key

    def named(self, text: str) -> Iterator[str]:
        """The orders whose numbers stand in a text."""
        return (self.by_number[number] for number in _NUMBER.findall(text) if number in self.by_number)

    def placed(self, shop: Shop) -> Iterator[str]:
        """The orders that a shop has."""
        return (self.by_number[code] for code in shop.by_code if code in self.by_number)

    def of(self, order: Order | None) -> str:
        """An order's name; empty where it is none of the script."""
        return self.by_number.get(order.code, "") if order else ""


def body_of(text: str) -> str:
    """What follows path and query, which hold no blank."""
    return text.partition(" ")[2]


def vendure(names: Names, text: str, shop: Shop) -> Asked:
    """The Admin API's mutations."""
    if "orders(options" in text:
        yield from names.new("read orders", names.placed(shop))
    found = _MUTATION.search(text)
    if found is None or found[1] == "login":
        return
    for name, value in _leaves(json.loads(body_of(text))["variables"]):
        if name in _SHOP_IDS and (key := _vendure_key(names, shop, found[1], name, str(value))):
            yield found[1], key


def _vendure_key(names: Names, shop: Shop, mutation: str, name: str, id: str) -> str:
    if mutation == "updateProductVariants":
        variant = shop.catalogue.variants.get(id)
        return variant.sku if variant else ""
    if name == "orderLineId":
        line = shop.lines.get(id)
        return names.of(line.order if line else None)
    if mutation == "transitionFulfillmentToState":
        fulfilment = shop.fulfilments.get(id)
        return names.of(fulfilment.order if fulfilment else None)
    return names.of(shop.orders.get(id))


def medusa(names: Names, text: str, shop: Shop) -> Asked:
    """The admin routes, ids left out of their paths."""
    assert isinstance(shop, MedusaShop)
    path = text.partition("?")[0].partition("/admin/")[2]
    if not body_of(text):
        if "/admin/orders?" in text:
            yield from names.new("read orders", names.placed(shop))
        if path in ("returns", "exchanges"):
            asked = [
                each.order
                for each in shop.returns.values()
                if (each.owner is not None) == (path == "exchanges")
            ]
            yield from names.new("read requests", filter(None, map(names.of, asked)))
        return
    for kind, order in (
        *((("payment", payment.id), payment.order) for payment in shop.payments.values()),
        *((("return", back.id), back.order) for back in shop.returns.values()),
        *((("exchange", swap.id), swap.order) for swap in shop.swaps.values()),
    ):
        if outside(*kind) in path and (key := names.of(order)):
            yield _IDS.sub("#", path), key
    for order in shop.orders.values():
        if outside("order", order.id) in path and (key := names.of(order)):
            yield _IDS.sub("#", path), key
    if "location-levels" in path:
        for variant in shop.catalogue.variants.values():
            if outside("inventory", variant.id) in text:
                yield "set stock", variant.sku


def shopify(names: Names, text: str, shop: Shop) -> Asked:
    """The Admin API's mutations, by the global ids in their variables."""
    assert isinstance(shop, ShopifyShop)
    if "query Orders(" in text:
        yield from names.new("read orders", names.placed(shop))
    if "query OrdersWithReturns(" in text or "query Return(" in text:
        asked = (back.order for back in shop.returns.values())
        yield from names.new("read requests", filter(None, map(names.of, asked)))
    found = _MUTATION.search(text)
    if found is None:
        return
    for _, value in _leaves(json.loads(body_of(text))["variables"]):
        for kind, id in _GID.findall(str(value)):
            if key := _shopify_key(names, shop, kind, id):
                yield found[1], key


def _shopify_key(names: Names, shop: ShopifyShop, kind: str, id: str) -> str:
    match kind:
        case "InventoryItem":
            variant = shop.catalogue.variants.get(id)
            return variant.sku if variant else ""
        case "Order":
            return names.of(shop.orders.get(id))
        case "FulfillmentOrder":
            errand = shop.errands.get(id)
            return names.of(errand.order if errand else None)
        case "Return":
            back = shop.returns.get(id)
            return names.of(back.order if back else None)
        case "Fulfillment":
            fulfilment = shop.fulfilments.get(id)
            return names.of(fulfilment.order if fulfilment else None)
        case _:
            return ""


def woocommerce(names: Names, text: str, shop: Shop) -> Asked:
    """The REST routes; an order's id is its number."""
    path = text.partition("?")[0].partition("/wc/v3/")[2]
    if not body_of(text):
        if path == "orders":
            yield from names.new("read orders", names.placed(shop))
        return
    for key in names.named(path):
        yield _IDS.sub("#", path), key
    if path.endswith("batch"):
        for name, value in _leaves(json.loads(body_of(text))):
            variant = shop.catalogue.variants.get(str(value)) if name == "id" else None
            if variant is not None:
                yield "set stock", variant.sku


READERS: Mapping[str, Callable[[Names, str, Shop], Asked]] = {
    "vendure": vendure,
    "medusa": medusa,
    "shopify": shopify,
    "woocommerce": woocommerce,
}
"""By connector."""


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value
