"""The second shop's orders and what comes back of them: what its people, the dock and the daemon do and show."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.peers.books.dock import RETURN, Dock
from tests.peers.books.medusa import Visitor
from tests.peers.books.medusa_aftersales import Aftersales
from tests.peers.books.people import Buyer
from tests.peers.books.tryton import packed
from tests.peers.scenarios.daemon import PATIENCE, SECOND_SHOP, until
from tests.peers.scenarios.house import House


@dataclass(frozen=True, slots=True)
class Bazaar:
    """The second shop of a house, with its dock. Orders are named by the shop's id."""

    house: House
    after: Aftersales
    dock: Dock
    waste: int
    """The warehouse's place for what is thrown away."""
    visit: Callable[[], Visitor]
    buyers: Iterator[Buyer]

    # -- selling

    def listed(self, units: int, price: float = 10.0) -> str:
        """A SKU of this test alone, on sale in this shop only, all of it."""
        sku = f"B-{uuid.uuid4().hex[:10].upper()}"
        self.house.people.add_product(sku, units)
        self.house.clerk.add_product(sku, 0, price)
        self.sells(sku, units)
        return sku

    def sells(self, sku: str, units: int) -> None:
        """So many are on the shelf, free, and on sale here, less the one that a few sales hold back."""

        def shown() -> bool:
            return self.house.in_second(sku) in (units, max(0, units - 1))

        until(f"the shop sells {units} of {sku}", shown)
        assert (self.house.people.on_shelf(sku), self.house.people.free(sku)) == (units, units)

    def bought(self, lines: Mapping[str, int]) -> str:
        """A buyer has paid, and the warehouse has it; the shop's id."""
        order = self.visit().buy(lines, next(self.buyers))
        self.house.clerk.capture(order)
        self.at_warehouse(order)
        return order

    def name(self, order: str) -> str:
        """What an order is called with us, such as bazaar/12."""
        return f"{SECOND_SHOP}/{self.house.clerk.order(order)['display_id']}"

    def at_warehouse(self, order: str, n: int = 1, state: str = "assigned") -> int:
        """The order's n-th fulfilment stands in Tryton, once, in this state; its id."""
        reference = f"{self.name(order)}/{n}"

        def there() -> int | None:
            found = self.house.people.shipments(reference)
            return found[0]["id"] if [one["state"] for one in found] == [state] else None

        return self._awaited(f"{reference} is {state} in Tryton, once", there, self.name(order)) or 0

    def sent(self, order: str, n: int = 1) -> str:
        """The warehouse sends a fulfilment, and the shop shows its parcel; the tracking number."""
        shipment = self.at_warehouse(order, n)
        self.house.people.work(shipment, "packed")
        (tracking,) = self.house.labelled(shipment)
        self.house.people.ship(shipment)
        what = f"the shop shows parcel {n} of {self.name(order)}, once"
        self._awaited(what, lambda: self.numbers(order).count(tracking) == 1, self.name(order))
        return tracking

    def sold(self, lines: Mapping[str, int]) -> str:
        """Bought and sent; the shop's id."""
        order = self.bought(lines)
        self.sent(order)
        return order

    def numbers(self, order: str) -> list[str]:
        """What the shop tells its buyer."""
        made = self.house.clerk.order(order)["fulfillments"]
        return [label["tracking_number"] for one in made if not one["canceled_at"] for label in one["labels"]]

    # -- coming back

    def case(self, order: str, n: int = 1) -> dict[str, Any]:
        """Our n-th case of an order as people read it."""
        found: dict[str, Any] = self.house.daemon.told("returns", "show", f"{self.name(order)}/R{n}")
        return found

    def ends(self, order: str, n: int = 1) -> dict[str, Any]:
        """Our case is done; how it stands."""

        def done() -> dict[str, Any] | None:
            found = self.case(order, n)
            return found if found["state"] == "done" else None

        return self._awaited(f"case {n} of {self.name(order)} is done", done, self.name(order)) or {}

    def announced(self, order: str, n: int = 1) -> int:
        """The dock has our announcement of a case, once; its id."""
        reference = f"{self.name(order)}/R{n}"
        what = f"{reference} is announced in Tryton, once"
        return self._awaited(what, lambda: self.draft(reference), self.name(order)) or 0

    def labels(self, order: str, n: int = 1) -> list[dict[str, Any]]:
        """The labels that are bought for a case's way back; one that is only drafted has no number yet."""
        found = self.house.desk.shipments(f"{self.name(order)}/R{n}")
        return [label for label in found if label["tracking_number"]]

    def draft(self, reference: str) -> int | None:
        """The one return that the dock has for a case, while nobody has received it."""
        known = [["reference", "=", reference]], [["reference", "like", f"{reference} |%"]]
        found = self.dock.rest.find(RETURN, [["OR", *known]], "id", "state", o=packed([["id", "ASC"]]))
        return found[0]["id"] if [one["state"] for one in found] == ["draft"] else None

    def received(self, number: int, sku: str, came: int, damaged: int = 0) -> None:
        """The dock opens the parcel: so many pieces came, and so many of them are thrown away."""
        self.dock.count(number, {sku: came})
        self.dock.step(number, "receive")
        if damaged:
            self.dock.bring(number, sku, damaged, self.waste)
        assert self.dock.step(number, "do") == "done"

    def paid_back(self, order: str, *amounts: float, patience: float = PATIENCE) -> None:
        """The shop's books show these refunds, and no other."""
        wanted = sorted(amounts)
        what = f"{self.name(order)} is refunded {wanted}"
        self._awaited(what, lambda: self.after.refunds(order) == wanted, self.name(order), patience)

    def shows_back(
        self, order: str, sku: str, good: int, damaged: int = 0, *, patience: float = PATIENCE
    ) -> None:
        """The shop's books show these pieces as back."""
        what = f"the shop shows {good} good and {damaged} damaged of {sku} as back"

        def shown() -> bool:
            return self.after.booked(order).get(sku) == (good, damaged)

        self._awaited(what, shown, self.name(order), patience)

    def _awaited(self, what: str, true: Callable[[], Any], order: str, patience: float = PATIENCE) -> Any:
        """As `until`, with what the daemon knows of the order where it does not come."""
        try:
            return until(what, true, patience)
        except AssertionError as error:
            run = self.house.daemon.run
            told = [run("orders", "show", order).stdout, run("returns", "list").stdout, run("issues").stdout]
            told += [run("returns", "show", f"{order}/R{n}").stdout for n in (1, 2)]
            raise AssertionError("\n".join((str(error), *told))) from None
