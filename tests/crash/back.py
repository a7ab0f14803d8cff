"""What buyers of the script ask for once they have their goods, and who acts on it: dock, staff, a clerk with letters.

As in `scenario`, everybody looks at the systems' books and does what is next, once.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox import aftersale
from sandbox.control import Control
from sandbox.deeds import codes_in
from sandbox.warehouse.dock import Found
from sandbox.warehouse.rows import ShipmentState

Body = dict[str, Any]
_PATIENCE = 6
"""Looks until somebody takes a parcel in hand."""


@dataclass(frozen=True, slots=True)
class Back:
    """What is asked for an order, what comes of it, and the money that goes back in the end.

    `gives` is a share of what was paid, or minor units where it is a whole number above 1; `by_staff`: people give
    it in the shop while the parcel is under way, so that nothing is left for us. `found` is what the dock finds;
    None: all of it, and good. `letter`: nobody asks in the shop, a clerk enters a request of this kind.
    """

    gives: float
    asks: Mapping[str, int] = field(default_factory=dict)
    instead: Mapping[str, int] = field(default_factory=dict)
    found: Found | None = None
    by_staff: bool = False
    letter: str = ""
    amount: str = ""
    """In major units: money without goods that the letter asks for."""
    waits: bool = False
    """In the end a person is asked about it."""

    def owed(self, paid: int) -> int:
        """What goes back in minor units."""
        return round(self.gives) if self.gives > 1 else round(self.gives * paid)


RULES = {
    "returns": [
        {
            "name": "stop it",
            "when": {"type": ["refund_only", "cancellation"]},
            "do": "stop_then_refund",
        },
        {"name": "cheaper now", "when": {"type": "price_protection"}, "do": "approve"},
        {
            "name": "others",
            "when": {"type": "exchange"},
            "do": "approve",
            "ship": "after_inspection",
            "shipping": False,
            "goods": {"good": "restock"},
        },
        {
            "name": "back",
            "when": {"type": "return"},
            "do": "approve",
            "refund": "after_inspection",
            "pays": ["good"],
            "denies": ["damaged"],
            "goods": {"good": "restock", "damaged": "scrap"},
        },
    ]
}
MESSAGES = {
    "messages": {
        "arrived": {
            "when": "delivered",
            "via": "mail",
            "accounts": ["shopify"],
            "en": {"subject": "Parcel {tracking} is there", "text": "It has arrived."},
        },
        "money": {
            "when": "refunded",
            "via": "mail",
            "en": {"subject": "Money for {order}", "text": "It is on its way."},
        },
        "stopped": {"when": "cancelled", "via": "channel", "accounts": ["main"], "en": "It is stopped."},
    }
}


@dataclass(slots=True)
class Returning:
    """Buyers, the dock's people and the shops' staff. `letters` wait for the clerk, by order: arguments of a command."""

    control: Control
    orders: Mapping[str, tuple[str, Back]]
    """(shop, what is asked) by the order's name."""
    names: dict[str, str]
    letters: dict[str, dict[str, Any]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _looks: Counter[str] = field(default_factory=Counter)
    _read: int = 0
    _there: set[str] = field(default_factory=set)

    @property
    def left(self) -> list[str]:
        """What somebody still has to do."""
        wanted = {f"asked for {name}" for name in self.orders}
        wanted |= {f"received {name}" for name, (_, back) in self.orders.items() if back.asks}
        wanted |= {f"paid {name} by hand" for name, (_, back) in self.orders.items() if back.by_staff}
        return sorted(wanted - self._done)

    def turn(self) -> None:
        """One look of everybody."""
        self._listen()
        for number, name in self.names.items():
            if name in self._there and name in self.orders:
                self._ask(name, number)
        for row in list(self.control.world.warehouse.store.returns.rows.values()):
            name = self._name(row.reference)
            if name in self.orders and row.state is ShipmentState.DRAFT and self._waited(f"return {row.id}"):
                self._open(name)

    def stopped(self, name: str) -> None:
        """The buyer writes while the goods are being picked."""
        self._there.add(name)

    def _listen(self) -> None:
        """Buyers ask once their parcel is with them and the shop knows of it; without a parcel, once they were told."""
        for entry in self.control.world.ledger.entries(self._read):
            self._read = entry.sequence
            if entry.kind == "delivered":
                self._there |= {self._name_of_parcel(str(entry.facts["tracking"]))}

    def _name_of_parcel(self, tracking: str) -> str:
        for entry in self.control.world.ledger.entries():
            if entry.kind == "shipment_shipped" and tracking in entry.facts["tracking"]:
                return self._name(entry.facts.get("reference"))
        return ""

    def _ask(self, name: str, number: str) -> None:
        shop, back = self.orders[name]
        if f"asked for {name}" in self._done:
            return
        if back.letter:
            sku = next(iter(self._lines(shop, number)))
            more: Body = {"amounts": {sku: back.amount}} if back.amount else {"lines": {sku: "1"}}
            shown = f"#{number}" if shop == "shopify" else number
            self.letters[name] = {"order": f"{shop}/{shown}", "kind": back.letter, "who": "clerk", **more}
        elif self._told(number):
            wish = aftersale.Wish(shop, number, back.asks, back.instead)
            aftersale.ask(self.control.world, wish)
        else:
            return
        self._done.add(f"asked for {name}")

    def _told(self, number: str) -> bool:
        """Whether the shop knows that the goods left."""
        kinds = [
            entry.kind
            for entry in self.control.world.ledger.entries()
            if entry.facts.get("code") == number and entry.kind == "fulfilment_created"
        ]
        return bool(kinds)

    def _lines(self, shop: str, number: str) -> list[str]:
        order = self.control.world.shops[shop].by_code[number]
        return [str(line.product_variant.sku) for line in order.lines]

    def _open(self, name: str) -> None:
        """The parcel is opened; before that, staff pay for it where the script says so."""
        shop, back = self.orders[name]
        number = next(number for number, known in self.names.items() if known == name)
        if back.by_staff and self._once(f"paid {name} by hand"):
            paid = self.control.world.shops[shop].by_code[number].paid
            aftersale.give_back(self.control.world, shop, number, back.owed(paid), "by hand")
            return
        if self._once(f"received {name}"):
            world = self.control.world
            row = next(
                row
                for row in world.warehouse.store.returns.rows.values()
                if self._name(row.reference) == name and row.state is ShipmentState.DRAFT
            )
            found = None if back.found is None else [back.found]
            world.warehouse.dock.receive(row, found)
            world.warehouse.dock.put_away(row, found)

    def _once(self, what: str) -> bool:
        new = what not in self._done
        self._done.add(what)
        return new

    def _waited(self, paper: str) -> bool:
        self._looks[paper] += 1
        return self._looks[paper] >= _PATIENCE

    def _name(self, reference: object) -> str:
        return next((self.names[code] for code in codes_in(str(reference or "")) if code in self.names), "")
