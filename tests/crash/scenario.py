"""The orders of every run, by name, and the people who act on them: the same each time, whatever is killed.

Nobody acts by the clock: everybody looks at the systems' books and does what is next, once. `Hands.turn` is one
look of all of them. The orders: two parcels from one warehouse, three places at once, a part shipment with its
back-order, cancellations before and after sending at shop, warehouse and supplier, goods that only the supplier
has, a SKU that nobody knows. Then the way back: see `back`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox import fates, mixed
from sandbox.control import Control
from sandbox.deeds import codes_in
from sandbox.supplier.records import OrderState
from sandbox.warehouse.books import OpenShipment
from sandbox.warehouse.dock import Found
from sandbox.world import World
from tests.crash.back import Back, Returning

SEED = 7
SUPPLIER = "acme"
BACK_ORDERED, UNKNOWN = "TEE-07", "NOBODY-KNOWS"
DIFFERENCE = 36
"""Minor units, with tax, between the good that is exchanged and the one that goes out instead."""
_PATIENCE = 6
"""Looks until somebody takes a paper in hand: it has been written to its end by then."""


@dataclass(frozen=True, slots=True)
class Bought:
    """One order of the script: where, what, what leaves in the end, and in how many parcels per shipment."""

    shop: str
    lines: Mapping[str, int]
    ships: Mapping[str, int]
    parcels: int = 1
    back: Back | None = None


ORDERS = {
    "plain": Bought("main", {"TEE-01": 1}, {"TEE-01": 1}),
    "two parcels": Bought("medusa", {"TEE-04": 2}, {"TEE-04": 2}, parcels=2),
    "three places": Bought(
        "medusa", {"TEE-01": 1, "TEE-02": 1, "DROP-01": 1}, {"TEE-01": 1, "TEE-02": 1, "DROP-01": 1}
    ),
    "drop-ship": Bought("main", {"DROP-02": 2}, {"DROP-02": 2}),
    "back-order": Bought("main", {BACK_ORDERED: 3}, {BACK_ORDERED: 3}),
    "cancelled at once": Bought("main", {"TEE-10": 1}, {}),
    "cancelled at the warehouse": Bought("medusa", {"TEE-13": 1}, {}),
    "sent to a second shop": Bought("shopify", {"TEE-22": 2}, {"TEE-22": 2}, parcels=2),
    "from two places": Bought("woo", {"TEE-25": 1, "DROP-05": 1}, {"TEE-25": 1, "DROP-05": 1}),
    "cut down": Bought("main", {"TEE-16": 2}, {"TEE-16": 1}),
    "cancelled at the supplier": Bought("medusa", {"DROP-04": 1}, {}),
    "unknown": Bought("main", {UNKNOWN: 1, "TEE-19": 1}, {}),
    "sent back": Bought("shopify", {"TEE-06": 2}, {"TEE-06": 2}, back=Back(1 / 2, {"TEE-06": 1})),
    "came damaged": Bought(
        "medusa",
        {"TEE-09": 2},
        {"TEE-09": 2},
        back=Back(1 / 2, {"TEE-09": 2}, found=Found("TEE-09", good=1, damaged=1)),
    ),
    "came in part": Bought(
        "shopify",
        {"TEE-12": 3},
        {"TEE-12": 3},
        back=Back(1 / 3, {"TEE-12": 2}, found=Found("TEE-12", good=1), waits=True),
    ),
    "exchanged": Bought(
        "medusa",
        {"TEE-18": 1},
        {"TEE-18": 1, "TEE-15": 1},
        back=Back(DIFFERENCE, {"TEE-18": 1}, instead={"TEE-15": 1}),
    ),
    "paid by hand": Bought(
        "shopify", {"TEE-21": 2}, {"TEE-21": 2}, back=Back(1 / 2, {"TEE-21": 1}, by_staff=True)
    ),
    "cheaper now": Bought(
        "main", {"TEE-24": 1}, {"TEE-24": 1}, back=Back(300, letter="price_protection", amount="3.00")
    ),
    "stopped while picking": Bought("main", {"TEE-27": 1}, {}, back=Back(1.0, letter="refund_only")),
}
HELD = "unknown"


def build() -> World:
    """The mixed world, its shops showing what there is, and one listing that nobody knows."""
    world = mixed.build(SEED, stocked=True)
    shop = world.shops["main"]
    shop.watching = False
    world.list_good(shop, UNKNOWN, "Something", 1000, physical=None, units=50)
    shop.watching = True
    return world


@dataclass(slots=True)
class Hands:
    """Shoppers, the shops' staff, two warehouses, a supplier's clerk and the courier. `names` are by number."""

    control: Control
    names: dict[str, str] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _looks: Counter[str] = field(default_factory=Counter)
    _read: int = 0
    returning: Returning = field(init=False)

    def __post_init__(self) -> None:
        asking = {name: (order.shop, order.back) for name, order in ORDERS.items() if order.back is not None}
        self.returning = Returning(self.control, asking, self.names)

    @property
    def world(self) -> World:
        """The world that they live in."""
        return self.control.world

    def unsaleable(self) -> list[str]:
        """Of what the shops show too little for the script."""
        return [
            f"{order.shop} shows too little of {sku}"
            for order in ORDERS.values()
            for sku, units in order.lines.items()
            if self.world.listings[order.shop, sku].saleable < units
        ]

    def buy(self) -> None:
        """Everything at one moment; one order is cancelled in the same breath, goods of another are found broken."""
        for name, order in ORDERS.items():
            lines = [{"sku": sku, "quantity": units} for sku, units in order.lines.items()]
            number = self.control.buy({"shop": order.shop, "lines": lines})["order"]
            self.names[number] = name
        self._cancel("cancelled at once")
        fates.count(self.world.warehouse, BACK_ORDERED, 1)

    def turn(self) -> None:
        """One look of everybody, and what they do then."""
        for shipment in self.world.warehouse.open_shipments():
            name = self._name(shipment.reference)
            if name and shipment.state != "draft" and self._waited(f"shipment {shipment.id}"):
                self._handle(name, shipment)
        self._restock()
        self._supply()
        self._carry()
        self.returning.turn()

    @property
    def left(self) -> list[str]:
        """What somebody still has to do."""
        wanted = {"cancelled at the warehouse", "cut down", "cancelled at the supplier", "restocked"}
        return sorted(wanted - self._done) + self.returning.left

    def number(self, name: str) -> str:
        """An order's number by its name."""
        return next(number for number, known in self.names.items() if known == name)

    # --- shop staff --------------------------------------------------------------------------------

    def _once(self, what: str) -> bool:
        new = what not in self._done
        self._done.add(what)
        return new

    def _waited(self, paper: str) -> bool:
        self._looks[paper] += 1
        return self._looks[paper] >= _PATIENCE

    def _cancel(self, name: str, lines: list[dict[str, Any]] | None = None) -> None:
        if self._once(name):
            order = {"shop": ORDERS[name].shop, "order": self.number(name)}
            self.control.cancel({**order, "lines": lines} if lines else order)

    def _name(self, reference: str | None) -> str:
        return next((self.names[code] for code in codes_in(reference or "") if code in self.names), "")

    # --- the warehouses ----------------------------------------------------------------------------

    def _handle(self, name: str, shipment: OpenShipment) -> None:
        match name:
            case "cancelled at the warehouse":
                self._cancel(name)
                return
            case "stopped while picking":
                if self._once(f"picked {name}"):
                    self.world.warehouse.work(shipment.id, "picked")
                    self.returning.stopped(name)
                return
            case "cut down" if name not in self._done:
                self._cancel(name, [{"sku": "TEE-16", "quantity": 1}])
                return
            case "cut down" if sum(shipment.lines.values()) > 1:
                return
            case _:
                pass
        self.world.warehouse.work(shipment.id, "done", parcels=ORDERS[name].parcels)

    def _restock(self) -> None:
        """Once the part shipment has left, what was broken comes again."""
        gone = any(
            self._name(each.reference) == "back-order" and each.state == "done"
            for each in self.world.warehouse.shipments()
        )
        if gone and self._once("restocked"):
            self.world.warehouse.receive(BACK_ORDERED, 20)

    # --- the supplier and the courier --------------------------------------------------------------

    def publish(self) -> None:
        """A fresh list."""
        self.world.suppliers[SUPPLIER].publish()

    def _supply(self) -> None:
        postbox = self.world.suppliers[SUPPLIER]
        postbox.collect()
        supplier = postbox.supplier
        for order in supplier.orders:
            name = self._name(order.reference)
            if name == "cancelled at the supplier":
                self._cancel(name)
                asked = order.cancel_asked and self._waited(f"cancelling {order.number}")
                if asked and self._once(f"answered {order.number}"):
                    supplier.answer_cancel(order.reference, stopped=True)
            elif order.state is OrderState.RECEIVED:
                supplier.acknowledge(order.reference)
            elif order.state is OrderState.ACKNOWLEDGED and order.open and self._waited(order.number):
                self.world.courier.accept(supplier.despatch(order.reference))
        postbox.send()

    def _carry(self) -> None:
        """Every parcel that left is delivered."""
        for entry in self.world.ledger.entries(self._read):
            self._read = entry.sequence
            if entry.kind == "shipment_shipped":
                for tracking in entry.facts["tracking"]:
                    if fates.known(self.world.courier, tracking) and self._once(f"carried {tracking}"):
                        for status in ("picked_up", "in_transit", "delivered"):
                            self.world.courier.scan(tracking, status)
