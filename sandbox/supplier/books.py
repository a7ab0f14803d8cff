"""The supplier's books: stock, orders, what it accepted, refused and sent.

Effects stand in the sandbox's ledger in the warehouse's words, for to the judge it is one more place that goods
leave from: `received`, `shipment_created`, `shipment_changed`, `shipment_shipped`, `shipment_cancelled`. An order
that comes in twice under one reference is two orders: nothing here forgives a repeat.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.supplier.records import Good, NotDone, Order, OrderState, Said

CARRIER = "loopback"


class Supplier:
    """One supplier. Whoever carries its papers asks for `acknowledgements` and `despatches`."""

    def __init__(self, name: str, ledger: Ledger, clock: Clock, random: Random) -> None:
        self.name = name
        self.system = f"supplier:{name}"
        self.clock = clock
        self.goods: dict[str, Good] = {}
        self.orders: list[Order] = []
        self.acknowledgements: list[Said] = []
        self.despatches: list[Said] = []
        self._ledger = ledger
        self._random = random

    def add_good(
        self,
        code: str,
        sku: str,
        cents: int,
        units: int,
        *,
        name: str = "",
        pack: int = 1,
        lead_days: int = 2,
    ) -> Good:
        """Take an article into the range, with so many pieces in stock."""
        good = self.goods[code] = Good(code, sku, name or sku, cents, 0, pack, lead_days)
        self.receive(code, units)
        return good

    def receive(self, code: str, units: int) -> None:
        """Goods arrive at the supplier."""
        good = self._good(code)
        good.stock += units
        if units:
            self._record("received", sku=good.sku, quantity=units)

    def lose(self, code: str, units: int) -> None:
        """Goods that others bought, or that broke: the supplier has them no more."""
        good = self._good(code)
        if units > good.stock:
            raise NotDone(f"there are only {good.stock} of {code}")
        good.stock -= units
        self._record("written_off", sku=good.sku, quantity=units)

    def drop(self, code: str) -> None:
        """Take an article out of the range."""
        del self.goods[self._good(code).code]

    # --- orders ------------------------------------------------------------------------------------

    def take_order(
        self, reference: str, lines: Mapping[str, int], *, drop_ship: bool, ship_to: Mapping[str, str]
    ) -> Order:
        """An order comes in; nobody has looked at it yet."""
        number = f"S{len(self.orders) + 1:05d}"
        order = Order(reference, number, self.clock.now(), Counter(dict(lines)), drop_ship, dict(ship_to))
        self.orders.append(order)
        self._record(
            "order_received", order=number, reference=reference, lines=dict(lines), drop_ship=drop_ship
        )
        return order

    def order(self, reference: str) -> Order:
        """The order of this reference. Raises NotDone."""
        for order in self.orders:
            if order.reference == reference:
                return order
        raise NotDone(f"there is no order {reference}")

    def acknowledge(self, reference: str, refuse: Collection[str] = (), reason: str = "sold out") -> Order:
        """Accept what is in stock, and refuse the codes that are named, unknown, or not to be had."""
        order = self.order(reference)
        if order.state is not OrderState.RECEIVED:
            raise NotDone(f"order {reference} is {order.state}")
        order.state = OrderState.ACKNOWLEDGED
        at = self.clock.now()
        for code, units in order.lines.items():
            good = self.goods.get(code)
            taken = good is not None and code not in refuse and good.stock >= units
            (order.accepted if taken else order.refused)[code] = units
            if taken and good is not None:
                good.stock -= units
            why = "" if taken else reason if good is not None else "unknown article"
            status = "accepted" if taken else "refused"
            self.acknowledgements.append(Said(reference, code, units, status, at, why))
        if order.accepted:
            self._shipment("shipment_created", order, lines=self._skus(order.accepted))
        if order.refused:
            self._shipment("refused", order, lines=self._skus(order.refused))
        return order

    def despatch(
        self,
        reference: str,
        lines: Mapping[str, int] | None = None,
        *,
        tracking: str = "",
        carrier: str = CARRIER,
    ) -> str:
        """Send what is open, or some of it, in one parcel; gives its tracking number."""
        order = self.order(reference)
        leaving = Counter(dict(lines)) if lines is not None else order.open
        if order.state is OrderState.CANCELLED or not leaving or leaving - order.open:
            raise NotDone(f"order {reference} has no such open lines")
        number = tracking or f"{self.name[:3].upper()}{self._random.getrandbits(40):012d}"
        order.despatched.update(leaving)
        order.tracking.append(number)
        if not order.open:
            order.state = OrderState.DESPATCHED
        at = self.clock.now()
        for code, units in leaving.items():
            self.despatches.append(Said(reference, code, units, "", at, tracking=number, carrier=carrier))
        self._shipment("shipment_shipped", order, lines=self._skus(order.despatched), tracking=order.tracking)
        return number

    def ask_to_cancel(self, reference: str) -> None:
        """A request to cancel comes in."""
        self.order(reference).cancel_asked = True
        self._record("cancel_asked", reference=reference)

    def answer_cancel(self, reference: str, *, stopped: bool) -> Order:
        """Stop an order of which nothing has left, or say that it is too late."""
        order = self.order(reference)
        if stopped and order.despatched:
            raise NotDone(f"order {reference} has left")
        status = "cancelled" if stopped else "cancel_refused"
        self.acknowledgements.append(Said(reference, "", 0, status, self.clock.now()))
        if stopped:
            for code, units in order.accepted.items():
                self._good(code).stock += units
            if order.accepted:
                self._shipment("shipment_cancelled", order)
            order.state = OrderState.CANCELLED
        return order

    def state(self) -> dict[str, Any]:
        """The books without personal data, as JSON can hold them."""
        return {
            "goods": {
                code: {"sku": good.sku, "cents": good.cents, "stock": good.stock, "pack": good.pack}
                for code, good in self.goods.items()
            },
            "orders": [
                {
                    "reference": order.reference,
                    "number": order.number,
                    "state": order.state.value,
                    "drop_ship": order.drop_ship,
                    "lines": dict(order.lines),
                    "refused": dict(order.refused),
                    "despatched": dict(order.despatched),
                    "tracking": list(order.tracking),
                    "cancel_asked": order.cancel_asked,
                }
                for order in self.orders
            ],
        }

    def _good(self, code: str) -> Good:
        if code not in self.goods:
            raise NotDone(f"there is no article {code}")
        return self.goods[code]

    def _skus(self, lines: Mapping[str, int]) -> dict[str, int]:
        return {self.goods[code].sku: units for code, units in lines.items() if code in self.goods}

    def _shipment(self, kind: str, order: Order, **facts: Any) -> None:
        self._record(kind, shipment=f"{self.name}/{order.number}", reference=order.reference, **facts)

    def _record(self, kind: str, **facts: Any) -> None:
        self._ledger.record(self.system, kind, **facts)
