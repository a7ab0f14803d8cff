"""Returns, exchanges and claims as the shop keeps them, and what they do to orders, stock and sums.

As the real server has it: a second receipt of a return takes the place of the first in the return's own figures (the
order's lines count rightly), so it never gets beyond `partially_received`; what is received goes back into the stock
of the return's location, what is dismissed does not; and the sum is owed from when the goods are requested back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.storefront.medusa.books import MedusaShop
from sandbox.storefront.movements import move
from sandbox.storefront.orders import Line, Order

RECEIVE, DISMISS = "RECEIVE_RETURN_ITEM", "RECEIVE_DAMAGED_RETURN_ITEM"
BACK, WRITE_OFF, ADD = "RETURN_ITEM", "WRITE_OFF_ITEM", "ITEM_ADD"


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a change: units of an order line (of a variant, where goods are added)."""

    kind: str
    subject: str
    units: int
    reason: str | None = None


@dataclass(slots=True)
class BackItem:
    """Units of a line that come back; `received` holds what was dismissed too."""

    id: str
    line: Line
    quantity: int
    reason: str | None
    received: int = 0
    damaged: int = 0


@dataclass(slots=True)
class Parcel:
    """How the goods come back."""

    id: str
    cancelled_at: datetime | None = None
    labels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Return:
    """Goods that come back."""

    id: str
    order: Order
    at: datetime
    updated_at: datetime
    location: str | None
    by: str | None
    status: str = "open"
    owner: "Swap | None" = None
    items: list[BackItem] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    requested_at: datetime | None = None
    received_at: datetime | None = None
    cancelled_at: datetime | None = None
    postage: Decimal = Decimal(0)


@dataclass(slots=True)
class SwapItem:
    """Units that go out, or (not `added`) that a claim complains of."""

    id: str
    line: Line
    units: int
    added: bool
    reason: str | None = None


@dataclass(slots=True)
class Swap:
    """An exchange, or a claim by its type (replace, refund)."""

    id: str
    order: Order
    at: datetime
    updated_at: datetime
    by: str | None
    type: str | None = None
    back: Return | None = None
    items: list[SwapItem] = field(default_factory=list)
    cancelled_at: datetime | None = None

    @property
    def kind(self) -> str:
        """exchange or claim"""
        return "claim" if self.type else "exchange"


def returns_of(shop: MedusaShop, order: Order) -> list[Return]:
    """The order's returns."""
    return [each for each in shop.returns.values() if each.order is order]


def request(shop: MedusaShop, back: Return) -> None:
    """The goods are wanted back from now on."""
    back.status, back.requested_at = "requested", shop.second()
    back.updated_at = back.requested_at
    for item in back.items:
        shop.counted(item.line).requested += item.quantity
    shop.touch(back.order)


def receive(shop: MedusaShop, back: Return, actions: list[Action]) -> None:
    """Book what came; see the module for how the return's own figures go wrong."""
    brought: dict[str, tuple[int, int]] = {}
    for action in actions:
        item = next(each for each in back.items if each.line.id == action.subject)
        good, bad = (action.units, 0) if action.kind == RECEIVE else (0, action.units)
        was = brought.get(item.line.id, (0, 0))
        brought[item.line.id] = (was[0] + good, was[1] + bad)
        counted = shop.counted(item.line)
        counted.requested -= action.units
        counted.received += good
        counted.dismissed += bad
        counted.written_off += bad
        if good:
            _stock(shop, back, item.line, good)
    for item in back.items:
        if item.line.id in brought:
            good, bad = brought[item.line.id]
            item.received, item.damaged = good + bad, bad
    whole = all(item.received == item.quantity for item in back.items)
    back.updated_at = shop.second()
    back.status = "received" if whole else "partially_received"
    back.received_at = back.updated_at if whole else back.received_at
    shop.touch(back.order)
    units = sum(good + bad for good, bad in brought.values())
    shop.record("goods_back", code=back.order.code, units=units)


def _stock(shop: MedusaShop, back: Return, line: Line, units: int) -> None:
    place, variant = back.location or "", line.product_variant
    if not variant.tracked:
        return
    shop.put(variant.id, place, shop.levels[variant.id, place].stocked + units)
    shop.follow(variant.id)


def cancel(shop: MedusaShop, back: Return) -> None:
    """Nothing comes back."""
    for item in back.items:
        shop.counted(item.line).requested -= item.quantity
    back.status, back.cancelled_at = "canceled", shop.second()
    back.updated_at = back.cancelled_at
    shop.touch(back.order)


def add_line(shop: MedusaShop, order: Order, variant: str, units: int) -> Line:
    """Goods that go out instead become a line of the order, and are reserved."""
    goods, now = shop.catalogue.variants[variant], shop.second()
    line = Line(shop.numbers.next("line"), order, goods, units, goods.price, now, now)
    line.allocations = units
    order.lines.append(line)
    shop.lines[line.id] = line
    shop.added.add(line.id)
    shop.unit_prices[line.id] = shop.price(goods)
    shop.places[line.id] = shop.roomy(variant, units) or next(iter(shop.locations))
    shop.reserving.setdefault(variant, []).append(line)
    move(shop, line, allocated=units)
    return line


def take_back(shop: MedusaShop, swap: Swap) -> None:
    """An exchange or a claim is cancelled: what was added is taken off."""
    for item in swap.items:
        if item.added:
            left = shop.outstanding(item.line)
            item.line.quantity -= left
            item.line.releases += left
            move(shop, item.line, allocated=-left)
        else:
            shop.counted(item.line).written_off -= item.units
    swap.cancelled_at = swap.updated_at = shop.second()
    shop.touch(swap.order)
