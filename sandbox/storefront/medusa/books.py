"""What a Medusa shop keeps beyond the books that every shop keeps: stock per location, exact prices, versions.

The shared books count one figure a variant and whole cents; here they follow the sums over the locations and
the rounded amounts. Whatever happens in the shared books (a purchase by the sandbox's own shoppers, a cancel by
its staff) passes `record` or `remember`, and takes place here too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.books import Shop, Terms
from sandbox.storefront.goods import Variant
from sandbox.storefront.medusa.amounts import major
from sandbox.storefront.orders import Fulfilment, Line, Order

if TYPE_CHECKING:
    from sandbox.storefront.medusa.returned import Return, Swap

LOCATIONS = ("Main WH", "Second WH")
FIRST_NUMBER = 10**15
"""Orders are numbered from here: so long a number is unique in the world, and the judge knows an order by it."""
TERMS = Terms("EUR", 2, prices_include_tax=False, tax_rate=19, shipping_prices=(595, 595))
"""The shared books add no tax to shipping, so its price there holds the tax already."""
SHIPPING = Decimal(5)


@dataclass(slots=True)
class Level:
    """The stock of one item at one location."""

    id: str
    item: str
    location: str
    stocked: float
    created_at: datetime
    updated_at: datetime
    leaked: int = 0
    """Units that stay reserved for good, since what they were reserved for left from another location."""


@dataclass(slots=True)
class Hold:
    """Units reserved by staff, for no order."""

    id: str
    item: str
    location: str
    quantity: float
    description: str | None
    created_at: datetime


@dataclass(slots=True)
class Particulars:
    """What Medusa knows of an order besides the books."""

    version: int = 1
    email: str | None = None
    address: dict[str, Any] | None = None
    credit: Decimal = Decimal(0)
    cancelled_at: datetime | None = None
    paid_at: datetime | None = None
    metadata: dict[str, Any] | None = None
    refunds: list[tuple[str, Decimal, str | None, datetime]] = field(default_factory=list)


@dataclass(slots=True)
class Departure:
    """What Medusa knows of a fulfilment besides the books."""

    location: str
    packed_at: datetime
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    labels: list[dict[str, str]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class Counted:
    """What stands against one line of an order."""

    requested: int = 0
    received: int = 0
    dismissed: int = 0
    written_off: int = 0


class MedusaShop(Shop):
    """A shop with two stock locations, both behind its one sales channel."""

    def __init__(self, name: str, *, ledger: Ledger, clock: Clock, random: Random) -> None:
        self.levels: dict[tuple[str, str], Level] = {}
        self.holds: dict[str, Hold] = {}
        self.prices: dict[str, dict[str, Decimal]] = {}
        self.unit_prices: dict[str, Decimal] = {}
        self.particulars: dict[str, Particulars] = {}
        self.departures: dict[str, Departure] = {}
        self.places: dict[str, str] = {}
        self.moved: set[str] = set()
        self.reserving: dict[str, list[Line]] = {}
        self.placed: list[Order] = []
        self.locations = {str(n + 1): name for n, name in enumerate(LOCATIONS)}
        self.returns: dict[str, Return] = {}
        self.swaps: dict[tuple[str, str], Swap] = {}
        self.reasons: dict[str, tuple[str, str]] = {}
        self.added: set[str] = set()
        """Lines that came after the order was placed."""
        self._counted: dict[str, Counted] = {}
        self.cancelled: Callable[[Order], None] = lambda order: None
        self._orders_seen = 0
        super().__init__(name, TERMS, ledger=ledger, clock=clock, random=random)

    def second(self) -> datetime:
        """The present moment as this shop keeps it: in milliseconds."""
        return self.millisecond()

    def new_code(self) -> str:
        """The next order number; carts take one too, so numbers have gaps, as a real shop's have."""
        self._orders_seen += 1
        return str(FIRST_NUMBER + self._orders_seen)

    def about(self, order: Order) -> Particulars:
        """The order's particulars."""
        return self.particulars.setdefault(order.id, Particulars())

    def touch(self, order: Order) -> None:
        """Write a new version of an order: its updatedAt moves."""
        self.about(order).version += 1
        order.updated_at = self.second()

    # --- what the shared books tell -------------------------------------------------------------------

    def record(self, kind: str, **facts: Any) -> None:
        """Reserve for an order that is being placed, then tell the ledger."""
        if kind == "order_placed":
            self._place(self.orders[facts["order"]])
        super().record(kind, **facts)

    def remember(self, order: Order, type: str, data: dict[str, Any], *, public: bool = True) -> None:
        """A cancel in the books is a cancel here."""
        super().remember(order, type, data, public=public)
        if type == "ORDER_CANCELLATION":
            if not order.total_quantity:
                self.about(order).cancelled_at = self.second()
                self.cancelled(order)
            self.touch(order)

    def _place(self, order: Order) -> None:
        self.placed.append(order)
        moment = order.order_placed_at or self.second()
        order.updated_at = moment
        self.about(order).paid_at = moment if order.paid else None
        for line in order.lines:
            variant = line.product_variant
            self.unit_prices.setdefault(line.id, self.price(variant))
            wanted = line.allocations
            self.places[line.id] = self.roomy(variant.id, wanted) or next(iter(self.locations))
            self.reserving.setdefault(variant.id, []).append(line)

    def _stock_set(self, variant: Variant) -> None:
        """A figure set for the variant as a whole goes to the first location."""
        first = next(iter(self.locations))
        others = sum(
            level.stocked
            for (item, place), level in self.levels.items()
            if item == variant.id and place != first and place in self.locations
        )
        self.put(variant.id, first, variant.on_hand - others)
        super()._stock_set(variant)

    # --- stock ----------------------------------------------------------------------------------------

    def put(self, item: str, location: str, stocked: float) -> Level:
        """Set the stock of an item at a location, which then has a level."""
        now = self.second()
        level = self.levels.get((item, location))
        if level is None:
            level = Level(self.numbers.next("level"), item, location, stocked, now, now)
            self.levels[item, location] = level
        level.stocked, level.updated_at = stocked, now
        return level

    def follow(self, item: str) -> None:
        """Let the variant's own figure be the sum over the shop's locations, and say so."""
        variant = self.catalogue.variants[item]
        variant.on_hand = int(sum(x.stocked for x in self.of_item(item) if x.location in self.locations))
        variant.stock_moved_at = self.second()

    def of_item(self, item: str) -> list[Level]:
        """The levels of an item."""
        return [level for place in self._places_of(item) if (level := self.levels.get((item, place)))]

    def _places_of(self, item: str) -> list[str]:
        others = [place for known, place in self.levels if known == item and place not in self.locations]
        return [*self.locations, *others]

    def outstanding(self, line: Line) -> int:
        """Units of a line that are reserved and have not left."""
        return line.allocations - line.sales - line.releases

    def reserved(self, item: str, location: str) -> float:
        """Units reserved at a location, for orders and by staff."""
        held = [line for line in self.reserving.get(item, ()) if self.outstanding(line) > 0]
        self.reserving[item] = held
        by_staff = (h.quantity for h in self.holds.values() if (h.item, h.location) == (item, location))
        level = self.levels.get((item, location))
        lost = level.leaked if level else 0
        by_orders = sum(self.outstanding(x) for x in held if self.places[x.id] == location)
        return lost + by_orders + sum(by_staff)

    def roomy(self, item: str, wanted: float) -> str | None:
        """The location that a sale is reserved at: one that has all of it, the last that was opened first."""
        places = reversed(list(self.locations))
        return next((place for place in places if self.available(item, place) >= wanted), None)

    def available(self, item: str, location: str) -> float:
        """Units at a location that nobody has reserved."""
        level = self.levels.get((item, location))
        return level.stocked - self.reserved(item, location) if level else 0

    def counted(self, line: Line) -> Counted:
        """What is wanted back of a line, what came of it, and what was written off."""
        return self._counted.setdefault(line.id, Counted())

    # --- money ----------------------------------------------------------------------------------------

    def price(self, variant: Variant) -> Decimal:
        """The exact price in the shop's currency; the books' own where none was set through the API."""
        known = self.prices.get(variant.id)
        return known.get("eur", Decimal(0)) if known is not None else major(variant.price)

    def price_list(self, variant: Variant) -> dict[str, Decimal]:
        """Every price of a variant by currency."""
        return self.prices.get(variant.id) or {"eur": major(variant.price)}

    def departure(self, fulfilment: Fulfilment) -> Departure:
        """What is known of a fulfilment."""
        return self.departures[fulfilment.id]
