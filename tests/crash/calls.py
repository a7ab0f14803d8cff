"""The daemon's calls as steps, seen by the gates before the sandbox's servers.

One rule stands at every gate. It reads from the request what is asked and which order or SKU it is about (by
the books of the very system), counts, and strikes at the planned step with a kill. Reads count where they
bring something for the first time: a new order, a supplier's new paper.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sandbox.faults import Fault, Rule
from sandbox.storefront.books import Shop
from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.medusa.names import outside
from sandbox.supplier.postbox import Postbox
from sandbox.world import World
from tests.crash.steps import Cut, Point, Step

FAULTS = {
    Cut.BEFORE_EFFECT: Fault.DROP_BEFORE,
    Cut.AFTER_EFFECT: Fault.DROP_AFTER,
    Cut.IN_ANSWER: Fault.DROP_DURING,
}
_NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")
_MUTATION = re.compile(r"mutation[^{]*\{\s*(\w+)")
_WAREHOUSE = re.compile(r"/model/stock\.(shipment\.out|package)(?:/(\d+))?(?:/(\w+))?\?")
_COURIER = re.compile(r"/v1/(shipments|trackers)(?:/(shp_\w+)/(\w+))?\?")
_SHOP_IDS = ("id", "orderId", "orderLineId")
Asked = Iterator[tuple[str, str]]


@dataclass(slots=True)
class Calls:
    """All calls of one run. `points` are still to strike; `pid` is the process that dies, 0 while there is none."""

    world: World
    names: dict[str, str]
    """Orders by number."""
    points: list[Point] = field(default_factory=list)
    struck: list[Point] = field(default_factory=list)
    pid: int = 0
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def rules(self) -> dict[str, list[Rule]]:
        """One rule for each system that a daemon calls."""
        readers: dict[str, Callable[[str], Asked]] = {"warehouse": self._warehouse, "courier": self._courier}
        for name, shop in self.world.shops.items():
            reader = self._medusa if isinstance(shop, MedusaShop) else self._vendure
            readers[f"shop:{name}"] = _bound(reader, shop)
        for name, postbox in self.world.suppliers.items():
            readers[f"supplier:{name}"] = _bound(self._supplier, postbox)
        return {system: [_Watcher(self, system, reader)] for system, reader in readers.items()}

    def reached(self) -> list[Step]:
        """Every step so far."""
        return [Step(what, key, n + 1) for (what, key), count in self.steps.items() for n in range(count)]

    def hit(self, system: str, asked: Asked) -> Point | None:
        """Count what a call is about; the point that it meets."""
        met = None
        for what, key in sorted(set(asked)):
            self.steps[f"{system}: {what}", key] += 1
            step = Step(f"{system}: {what}", key, self.steps[f"{system}: {what}", key])
            met = met or next((point for point in self.points if point.step == step), None)
        if met is not None:
            self.points.remove(met)
            self.struck.append(met)
        return met

    # --- what a call is about ----------------------------------------------------------------------

    def _new(self, what: str, keys: Iterator[str]) -> Asked:
        for key in keys:
            if (what, key) not in self._told:
                self._told.add((what, key))
                yield what, key

    def _named(self, text: str) -> Iterator[str]:
        return (self.names[number] for number in _NUMBER.findall(text) if number in self.names)

    def _warehouse(self, text: str) -> Asked:
        found = _WAREHOUSE.search(text)
        if found is None or not (_body(text) or found[3]):
            return
        store = self.world.warehouse.store
        kind, id, act = found[1], found[2], found[3]
        reference = _body(text)
        if id and kind == "package":
            package = store.packages.rows.get(int(id))
            id = str(package.shipment[1]) if package and package.shipment else ""
        if id:
            row = store.shipments.rows.get(int(id))
            reference = row.reference or "" if row else ""
        what = act or ("create" if not found[2] else "write")
        for key in self._named(reference):
            yield f"{kind} {what}", key

    def _courier(self, text: str) -> Asked:
        found = _COURIER.search(text)
        if found is None or not _body(text):
            return
        reference = _body(text)
        if found[2]:
            shipment = self.world.courier.shipments.get(found[2])
            reference = (shipment.reference or "") if shipment else ""
        elif found[1] == "trackers":
            number = str(json.loads(_body(text)).get("tracking_number"))
            there = self.world.courier.by_number(number)
            reference = (there.reference or "") if there else ""
        for key in self._named(reference):
            yield f"{found[1]} {found[3] or 'create'}", key

    def _supplier(self, text: str, postbox: Postbox) -> Asked:
        name = text.partition("?")[0].rpartition("/")[2]
        if _body(text):
            what = "cancel" if ",cancel" in text or '"cancel"' in text else "order"
            yield from ((what, key) for key in self._named(_body(text)))
        elif name in postbox.documents and not name.startswith("stock"):
            yield from self._new(f"read {name}", self._named(postbox.documents[name].body.decode()))

    def _vendure(self, text: str, shop: Shop) -> Asked:
        if "orders(options" in text:
            yield from self._new("read orders", self._placed(shop))
        found = _MUTATION.search(text)
        if found is None or found[1] == "login":
            return
        for name, value in _leaves(json.loads(_body(text))["variables"]):
            if name in _SHOP_IDS and (key := self._key(shop, found[1], name, str(value))):
                yield found[1], key

    def _medusa(self, text: str, shop: Shop) -> Asked:
        if not _body(text):
            if "/admin/orders?" in text:
                yield from self._new("read orders", self._placed(shop))
            return
        path = text.partition("?")[0].partition("/admin/")[2]
        for order in shop.orders.values():
            if order.code in self.names and outside("order", order.id) in path:
                yield re.sub(r"\w+_\w+", "#", path), self.names[order.code]
        if "location-levels" in path:
            for variant in shop.catalogue.variants.values():
                if outside("inventory", variant.id) in text:
                    yield "set stock", variant.sku

    def _placed(self, shop: Shop) -> Iterator[str]:
        return (self.names[code] for code in shop.by_code if code in self.names)

    def _key(self, shop: Shop, mutation: str, name: str, id: str) -> str:
        if mutation == "updateProductVariants":
            variant = shop.catalogue.variants.get(id)
            return variant.sku if variant else ""
        if name == "orderLineId":
            line = shop.lines.get(id)
            order = line.order if line else None
        elif mutation == "transitionFulfillmentToState":
            fulfilment = shop.fulfilments.get(id)
            order = fulfilment.order if fulfilment else None
        else:
            order = shop.orders.get(id)
        return self.names.get(order.code, "") if order else ""


class _Watcher(Rule):
    """A rule that strikes where a call meets a point, and kills."""

    def __init__(self, calls: Calls, system: str, read: Callable[[str], Asked]) -> None:
        super().__init__(Fault.DROP_BEFORE)
        self._calls = calls
        self._system = system
        self._read = read

    def strikes(self, text: str, random: Random, age: float) -> bool:
        """Whether this call meets a point; counts it."""
        met = self._calls.hit(self._system, self._read(text))
        if met is None:
            return False
        self.kind, self.kill = FAULTS[met.cut], self._calls.pid or None
        return True


def _bound(reader: Callable[[str, Any], Asked], place: Any) -> Callable[[str], Asked]:
    return lambda text: reader(text, place)


def _body(text: str) -> str:
    """What follows path and query, which hold no blank."""
    return text.partition(" ")[2]


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value
