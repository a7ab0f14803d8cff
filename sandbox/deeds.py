"""Sums the ledger's entries up by order: what was bought, sent, shipped, told and paid back.

An order is known by its code, which has sixteen characters and is unique in the world. An effect at the
warehouse or the courier belongs to the order whose code stands in its reference.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.ledger import Entry

Facts = dict[str, Any]
_GOODS = ("received", "written_off", "returned", "restocked", "scrapped", "shelved")
"""Effects on units of one SKU, each counted under its own name."""
_CODE = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{16}(?![A-Z0-9])")


@dataclass(slots=True)
class Shipment:
    """One outbound shipment at the warehouse; `lines` are what it asks for, `shipped` what left."""

    lines: Counter[str] = field(default_factory=Counter)
    shipped: Counter[str] | None = None
    cancelled: bool = False
    parcels: int = 0

    @property
    def committed(self) -> Counter[str]:
        """Units that it will take, or took, out of the stock."""
        if self.cancelled:
            return Counter()
        return self.lines if self.shipped is None else self.shipped


@dataclass(slots=True)
class Label:
    """One label that was bought."""

    tracking: str
    reference: str
    shipment: str
    back: bool = False
    """Whether it is for the way back: from somebody who got parcels before."""
    voided: bool = False


@dataclass(slots=True)
class OrderDeeds:
    """All that was done for one order, in units by physical SKU ("": nobody can know which)."""

    shop: str
    code: str
    placed: Counter[str]
    paid: int
    cancelled: Counter[str] = field(default_factory=Counter)
    refunded: int = 0
    """By the daemon, people and the shop itself, in minor units."""
    by_staff: int = 0
    """Of what was refunded, what people gave back by hand."""
    asked: dict[str, int] = field(default_factory=dict)
    """Requests of the buyer, each with what its goods were paid with."""
    asked_back: Counter[str] = field(default_factory=Counter)
    instead: Counter[str] = field(default_factory=Counter)
    """What a buyer wants to have instead of what comes back."""
    came_back: Counter[str] = field(default_factory=Counter)
    """Units that were announced under the order's name and are on sale again."""
    refused: Counter[str] = field(default_factory=Counter)
    """What a supplier would not send."""
    shipments: dict[int, Shipment] = field(default_factory=dict)
    fulfilments: dict[str, Counter[str]] = field(default_factory=dict)
    tracked: set[str] = field(default_factory=set)
    shipped_although_cancelled: bool = False

    @property
    def name(self) -> str:
        """How the order is named in lists: "shop/code"."""
        return f"{self.shop}/{self.code}"

    @property
    def wanted(self) -> Counter[str]:
        """What was bought and not cancelled."""
        return self.placed - self.cancelled

    @property
    def sent(self) -> bool:
        """Whether the warehouse was ever told of it."""
        return bool(self.shipments)

    @property
    def shipped(self) -> Counter[str]:
        """What left the warehouse."""
        return _sum(s.shipped for s in self.shipments.values() if s.shipped is not None and not s.cancelled)

    @property
    def at_warehouse(self) -> Counter[str]:
        """What the warehouse was asked for and will ship, or has shipped."""
        return _sum(shipment.committed for shipment in self.shipments.values())

    @property
    def fulfilled(self) -> Counter[str]:
        """What the shop was told to have left."""
        return _sum(self.fulfilments.values())

    @property
    def parcels_told(self) -> int:
        """Fulfilments with a tracking number."""
        return len(self.tracked & set(self.fulfilments))

    @property
    def parcels(self) -> int:
        """Parcels that the warehouse made or may still make; one at least for each shipment."""
        return sum(max(1, shipment.parcels) for shipment in self.shipments.values())

    @property
    def wholly_cancelled(self) -> bool:
        """Whether nothing is wanted any more."""
        return not self.wanted

    @property
    def wholly_shipped(self) -> bool:
        """Whether something was wanted and all of it left."""
        return bool(self.wanted) and not self.wanted - self.shipped

    @property
    def should_flow(self) -> bool:
        """Whether it can be shipped without a person deciding anything, or was although a supplier refused."""
        if self.refused and not self.wholly_shipped:
            return False
        return bool(self.wanted) and "" not in self.wanted


@dataclass(slots=True)
class Deeds:
    """Everything of one run. Units that came back are on sale again, waste, or on a shelf of their own."""

    orders: dict[str, OrderDeeds] = field(default_factory=dict)
    shipments: dict[int, Shipment] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    received: Counter[str] = field(default_factory=Counter)
    written_off: Counter[str] = field(default_factory=Counter)
    returned: Counter[str] = field(default_factory=Counter)
    restocked: Counter[str] = field(default_factory=Counter)
    scrapped: Counter[str] = field(default_factory=Counter)
    shelved: Counter[str] = field(default_factory=Counter)
    delivered: set[str] = field(default_factory=set)
    last_scan: dict[str, str] = field(default_factory=dict)
    handed_over: set[str] = field(default_factory=set)
    announced: Counter[str] = field(default_factory=Counter)
    """How often the warehouse was told of a parcel that comes back, by reference."""
    stock_pushes: int = 0

    def order_of(self, reference: object) -> OrderDeeds | None:
        """The order whose code stands in a reference."""
        for code in codes_in(str(reference or "")):
            if code in self.orders:
                return self.orders[code]
        return None

    def owner(self, label: Label) -> str:
        """The code of the order that a label is for, else the label's own reference, else its shipment."""
        order = self.order_of(label.reference)
        return order.code if order else label.reference or label.shipment


def codes_in(reference: str) -> list[str]:
    """The order codes in a reference that someone made from them."""
    return _CODE.findall(reference)


def code_of(number: str) -> str:
    """The code of an order by the number that its shop shows: Shopify puts a sign before it."""
    return number.removeprefix("#")


def names_of(orders: Iterable[str]) -> set[str]:
    """Orders as "shop/code", of "shop/number"."""
    split = (order.partition("/") for order in orders)
    return {f"{shop}/{code_of(number)}" for shop, _, number in split}


def read(entries: Iterable[Entry]) -> Deeds:
    """Sum up the entries of a ledger, in their order."""
    deeds = Deeds()
    for entry in entries:
        shop = entry.system.removeprefix("shop:") if entry.system.startswith("shop:") else None
        if shop is not None and entry.kind == "order_placed":
            _placed(deeds, shop, entry.facts)
        elif reader := _READERS.get(entry.kind):
            reader(deeds, entry.facts)
    return deeds


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for counter in counters:
        total.update(counter)
    return total


def _units(lines: dict[str, float]) -> Counter[str]:
    return Counter({sku: round(units) for sku, units in lines.items()})


def _placed(deeds: Deeds, shop: str, facts: Facts) -> None:
    deeds.orders[facts["code"]] = OrderDeeds(shop, facts["code"], _units(facts["lines"]), facts["paid"])


def _cancelled(deeds: Deeds, facts: Facts) -> None:
    deeds.orders[facts["code"]].cancelled.update(_units(facts["lines"]))


def _refused(deeds: Deeds, facts: Facts) -> None:
    if order := deeds.order_of(facts.get("reference")):
        order.refused.update(_units(facts["lines"]))


def _refunded(deeds: Deeds, facts: Facts) -> None:
    deeds.orders[facts["code"]].refunded += facts["amount"]


def _refunded_by_staff(deeds: Deeds, facts: Facts) -> None:
    deeds.orders[facts["code"]].by_staff += facts["amount"]


def _asked(deeds: Deeds, facts: Facts) -> None:
    order = deeds.orders[facts["code"]]
    order.asked[facts["request"]] = facts["worth"]
    order.asked_back.update(_units(facts["lines"]))
    order.instead.update(_units(facts["instead"]))


def _announced(deeds: Deeds, facts: Facts) -> None:
    reference = str(facts["reference"] or "").partition(" | ")[0]
    if deeds.order_of(reference) is not None:
        deeds.announced[reference] += 1


def _fulfilled(deeds: Deeds, facts: Facts) -> None:
    order = deeds.orders[facts["code"]]
    order.fulfilments[facts["fulfilment"]] = _units(facts["lines"])
    if facts["tracking"]:
        order.tracked.add(facts["fulfilment"])


def _fulfilment_moved(deeds: Deeds, facts: Facts) -> None:
    if facts["state"] == "Cancelled":
        deeds.orders[facts["code"]].fulfilments.pop(facts["fulfilment"], None)


def _stock_set(deeds: Deeds, _: Facts) -> None:
    deeds.stock_pushes += 1


def _goods(name: str, deeds: Deeds, facts: Facts) -> None:
    units = round(facts["quantity"])
    getattr(deeds, name)[facts["sku"]] += units
    if name == "restocked" and (order := deeds.order_of(facts.get("reference"))):
        order.came_back[facts["sku"]] += units


def _shipment(deeds: Deeds, facts: Facts) -> Shipment:
    shipment = deeds.shipments.setdefault(facts["shipment"], Shipment())
    if order := deeds.order_of(facts.get("reference")):
        order.shipments[facts["shipment"]] = shipment
    return shipment


def _shipment_lines(deeds: Deeds, facts: Facts) -> None:
    _shipment(deeds, facts).lines = _units(facts["lines"])


def _packed(deeds: Deeds, facts: Facts) -> None:
    parcels = facts["parcels"]
    _shipment(deeds, facts).parcels = parcels if isinstance(parcels, int) else len(parcels)


def _shipped(deeds: Deeds, facts: Facts) -> None:
    shipment = _shipment(deeds, facts)
    first = shipment.shipped is None
    shipment.shipped = _units(facts["lines"])
    deeds.handed_over.update(facts.get("tracking") or ())
    order = deeds.order_of(facts.get("reference"))
    if order and first:
        order.shipped_although_cancelled |= bool(order.cancelled) and bool(order.shipped - order.wanted)


def _shipment_cancelled(deeds: Deeds, facts: Facts) -> None:
    _shipment(deeds, facts).cancelled = True


def _label(deeds: Deeds, facts: Facts) -> None:
    tracking = facts["tracking"]
    reference, shipment = str(facts.get("reference") or ""), str(facts.get("shipment") or "")
    label = Label(tracking, reference, shipment, back=bool(facts.get("back")))
    deeds.labels[tracking] = label


def _voided(deeds: Deeds, facts: Facts) -> None:
    deeds.labels[facts["tracking"]].voided = True


def _scan(deeds: Deeds, facts: Facts) -> None:
    deeds.last_scan[facts["tracking"]] = facts["status"]


def _delivered(deeds: Deeds, facts: Facts) -> None:
    deeds.delivered.add(facts["tracking"])


_READERS: dict[str, Callable[[Deeds, Facts], None]] = {
    **{name: partial(_goods, name) for name in _GOODS},
    "order_cancelled": _cancelled,
    "refunded": _refunded,
    "refunded_by_staff": _refunded_by_staff,
    "back_asked": _asked,
    "return_announced": _announced,
    "refused": _refused,
    "fulfilment_created": _fulfilled,
    "fulfilment_moved": _fulfilment_moved,
    "stock_set": _stock_set,
    "shipment_created": _shipment_lines,
    "shipment_changed": _shipment_lines,
    "shipment_packed": _packed,
    "shipment_shipped": _shipped,
    "shipment_cancelled": _shipment_cancelled,
    "label_bought": _label,
    "label_voided": _voided,
    "scan": _scan,
    "delivered": _delivered,
}
