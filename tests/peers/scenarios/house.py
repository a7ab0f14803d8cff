"""A business on the real systems: what its people wait for, and the comparison of everybody's books.

Facts are waited for in the systems' own books, read by the tests' own clients.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.peers.books.karrio import Desk, Van
from tests.peers.books.medusa import Clerk
from tests.peers.books.supplier import Supplier
from tests.peers.books.tryton import People
from tests.peers.books.vendure import Placed, Staff
from tests.peers.scenarios.daemon import PATIENCE, SHOP, Daemon, until
from tests.peers.scenarios.room import Room

LEFT = ("shipped", "done")
UNUSED = ("cancelled", "draft")


def reference(order: Placed, n: int = 1) -> str:
    """What an order's n-th fulfilment is called in the warehouse."""
    return f"{SHOP}/{order.code}/{n}"


@dataclass(frozen=True, slots=True)
class House:
    """The daemon, and the people of the other systems."""

    daemon: Daemon
    staff: Staff
    clerk: Clerk
    people: People
    desk: Desk
    van: Van
    supplier: Supplier
    room: Room
    """Where the person `lin` is told of what waits."""
    links: int
    """The port that serves decisions by link."""

    # -- what the daemon knows

    def known(self, order: Placed) -> dict[str, Any]:
        """The daemon's own view of an order; a state of `absent` while it has not pulled it."""
        finished = self.daemon.run("orders", "show", f"{SHOP}/{order.code}", "--json")
        found: dict[str, Any] = json.loads(finished.stdout) if finished.returncode == 0 else {}
        return found or {"state": "absent", "fulfilments": [], "timeline": []}

    def becomes(self, order: Placed, state: str, patience: float = PATIENCE) -> None:
        """The daemon says that the order is in this state."""
        until(f"{order.code} is {state} with us", lambda: self.known(order)["state"] == state, patience)

    def issues_of(self, order: Placed) -> list[str]:
        """The kinds of open issues that name an order."""
        found = self.daemon.told("issues")
        return [one["kind"] for one in found if one["subject"] == f"{SHOP}/{order.code}"]

    # -- what is waited for at the others

    def shown(self, sku: str, units: int, patience: float = PATIENCE) -> None:
        """The shop sells so many units of a SKU."""
        until(f"the shop shows {units} of {sku}", lambda: self.staff.saleable(sku) == units, patience)

    def in_second(self, sku: str) -> int:
        """What the second shop would sell."""
        stocked, reserved = self.clerk.stock(sku)[0]
        return stocked - reserved

    def pooled(self, sku: str, units: int, patience: float = PATIENCE) -> None:
        """The two shops together sell so many units, in equal shares; a few sales hold back one unit."""

        def shared() -> bool:
            one, two = self.staff.saleable(sku), self.in_second(sku)
            return one + two in (units, units - 1) and abs(one - two) <= 1

        try:
            until(f"the shops share {units} of {sku}", shared, patience)
        except AssertionError as error:
            shown = self.staff.saleable(sku), self.in_second(sku)
            raise AssertionError(
                f"{error}\nthey show {shown}\n{self.daemon.run('explain', sku).stdout}"
            ) from None

    def at_warehouse(self, order: Placed, n: int = 1, *states: str, patience: float = PATIENCE) -> int:
        """The order's n-th fulfilment stands in Tryton, once, assigned or in one of `states`; its id."""
        name, wanted = reference(order, n), states or ("assigned",)

        def there() -> int | None:
            found = self.people.shipments(name)
            return found[0]["id"] if len(found) == 1 and found[0]["state"] in wanted else None

        try:
            return until(f"{name} is {' or '.join(wanted)} in Tryton", there, patience) or 0
        except AssertionError as error:
            story = self.daemon.run("orders", "show", f"{SHOP}/{order.code}").stdout
            raise AssertionError(f"{error}\n{story}") from None

    def labelled(self, shipment: int, patience: float = PATIENCE) -> list[str]:
        """Every parcel of a packed shipment bears a number; the numbers."""

        def all_there() -> list[str]:
            labels = self.people.labels(shipment)
            return [label for label in labels if label] if labels and all(labels) else []

        return until("the parcels are labelled", all_there, patience)

    def in_shop(self, order: Placed, state: str, patience: float = PATIENCE) -> dict[str, Any]:
        """The shop shows the order in this state; the order, whole."""

        def there() -> dict[str, Any] | None:
            seen = self.staff.order_by_code(order.code)
            return seen if seen["state"] == state else None

        return until(f"{order.code} is {state} in the shop", there, patience) or {}

    def packed(self, order: Placed, n: int = 1, parcels: int = 1, patience: float = PATIENCE) -> int:
        """The warehouse picks and packs a fulfilment as soon as it is assigned; its id."""
        shipment = self.at_warehouse(order, n, patience=patience)
        self.people.pick(shipment)
        self.people.pack(shipment, parcels)
        return shipment

    def send_off(self, order: Placed, n: int = 1, parcels: int = 1, patience: float = PATIENCE) -> list[str]:
        """The warehouse picks, packs and ships a fulfilment; its tracking numbers."""
        shipment = self.packed(order, n, parcels, patience)
        numbers = self.labelled(shipment, patience)
        self.people.ship(shipment)
        return numbers

    # -- everybody's books

    def compare(self, order: Placed, shipped: Mapping[str, int]) -> None:
        """Shop, warehouse and courier agree: these units by SKU left, once each, in parcels that all know."""
        left: Counter[str] = Counter()
        numbers: list[str] = []
        for document in self._documents(order):
            gone = document["state"] in LEFT
            self._compare_labels(document, gone)
            if gone:
                numbers += [package["shipping_reference"] for package in document["packages"]]
                for move in document["outgoing_moves"]:
                    left[move["product"]["code"]] += move["quantity"]
        assert left == Counter(shipped), f"{order.code}: what left the warehouse"
        seen = self.staff.order_by_code(order.code)
        told = [one for one in seen["fulfillments"] or [] if one["state"] != "Cancelled"]
        assert sorted(one["trackingCode"] for one in told) == sorted(numbers), f"{order.code}: numbers told"
        units = sum(line["quantity"] for one in told for line in one["lines"])
        assert units == sum(shipped.values()), f"{order.code}: units told"

    def _documents(self, order: Placed) -> Iterator[dict[str, Any]]:
        for n in range(1, 9):
            found = self.people.shipments(reference(order, n))
            assert len(found) <= 1, f"{reference(order, n)} stands in Tryton {len(found)} times"
            yield from found

    def _compare_labels(self, document: Mapping[str, Any], gone: bool) -> None:
        """A parcel that left has one label in force, with its number; one that stays has none."""
        for package in document["packages"]:
            name = f"{document['reference']}#{package['number']}"
            bought = [label for label in self.desk.shipments(name) if label["status"] not in UNUSED]
            wanted = [package["shipping_reference"]] if gone else []
            assert [label["tracking_number"] for label in bought] == wanted, f"{name}: labels in force"

    def balanced(self, sku: str, left: int) -> None:
        """So many are left, all free; the shop sells them, less what the velocity guard holds back."""
        assert (self.people.on_shelf(sku), self.people.free(sku)) == (left, left)

        def settled() -> bool:
            (listing,) = self.daemon.told("explain", sku)["listings"]
            (terms,) = listing["terms"]["skus"]
            kept_back: int = terms["velocity"]
            assert kept_back in (0, 1), "a few sales in ten minutes hold back one unit"
            return self.staff.saleable(sku) == max(0, left - kept_back)

        until(f"the shop sells what is left of {sku}", settled)
