"""What a Shopify shop keeps beyond the books that every shop keeps: stock per location, what each must send.

The shared books count one figure a variant; here it is the sum over the locations. Whatever happens in the shared
books (a purchase by the sandbox's own shoppers, a cancel by its staff) passes `record` or `remember`, and takes
place here too. Shopify counts what is committed itself: available is on hand less committed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.books import Shop, Terms
from sandbox.storefront.goods import Product, Variant
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.shopify.agenda import Agenda
from sandbox.storefront.shopify.records import (
    ONLINE_STORE,
    Departure,
    Edit,
    Errand,
    Extras,
    Job,
    Level,
    Pace,
    Particulars,
    Picture,
    Place,
    Portion,
    Repayment,
    Return,
    Sheet,
)

LOCATIONS = ("Main WH", "Second WH")
FIRST_NUMBER = 2 * 10**15
"""Orders are numbered from here: so long a number is unique in the world, and the judge knows an order by it."""
TERMS = Terms("EUR", 2, prices_include_tax=True, tax_rate=19, shipping_prices=(490, 990))
PUBLICATIONS = {ONLINE_STORE: "Online Store", "2": "Point of Sale"}


class ShopifyShop(Shop):
    """A shop with several locations and two publications."""

    def __init__(
        self,
        name: str,
        *,
        ledger: Ledger,
        clock: Clock,
        random: Random,
        terms: Terms = TERMS,
        locations: tuple[str, ...] = LOCATIONS,
    ) -> None:
        self.places: dict[str, Place] = {}
        self.levels: dict[tuple[str, str], Level] = {}
        self.errands: dict[str, Errand] = {}
        self.errands_of: dict[str, list[Errand]] = {}
        self.portions: dict[str, Portion] = {}
        self.waiting: dict[str, list[Portion]] = {}
        self.departures: dict[str, Departure] = {}
        self.particulars: dict[str, Particulars] = {}
        self.repayments: dict[str, Repayment] = {}
        self.returns: dict[str, Return] = {}
        self.edits: dict[str, Edit] = {}
        self.jobs: dict[str, Job] = {}
        self.sheets: dict[str, Sheet] = {}
        self.extras: dict[str, Extras] = {}
        self.pictures: dict[str, Picture] = {}
        self.placed: list[Order] = []
        self.pace = Pace()
        self.announce: Callable[[str, Any], None] = lambda topic, subject: None
        self.agenda = Agenda(clock)
        self._quiet = False
        self._orders_seen = 0
        super().__init__(name, terms, ledger=ledger, clock=clock, random=random)
        for title in locations:
            self.add_place(title)

    def add_place(self, title: str, country: str = "DE") -> Place:
        """Open a location; the first ones are routed to first."""
        place = Place(self.numbers.next("place"), title, country, self.second())
        self.places[place.id] = place
        return place

    def new_code(self) -> str:
        """The next order number; carts take one too, so numbers have gaps, as a real shop's have."""
        self._orders_seen += 1
        return str(FIRST_NUMBER + self._orders_seen)

    def about(self, order: Order) -> Particulars:
        """The order's particulars."""
        return self.particulars.setdefault(order.id, Particulars())

    def touch(self, order: Order) -> None:
        """An order changed: its updatedAt moves."""
        order.updated_at = self.second()

    def shown_orders(self) -> list[Order]:
        """Placed orders that anybody can ask for, by id."""
        return [order for order in self.placed if order.id in self.orders]

    # --- what the shared books tell ---------------------------------------------------------------------

    def record(self, kind: str, **facts: Any) -> None:
        """Route an order that is being placed, tell the ledger, then those who subscribed."""
        if kind == "order_placed":
            self._place(self.orders[facts["order"]])
        super().record(kind, **facts)
        if self.watching:
            self._tell(kind, facts)

    def remember(self, order: Order, type: str, data: dict[str, Any], *, public: bool = True) -> None:
        """A cancel by the sandbox's own staff is a cancel here, or an edit that takes units out."""
        super().remember(order, type, data, public=public)
        if type == "ORDER_CANCELLATION" and not self._quiet:
            self._staff_cancelled(order)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """While the API itself takes units out of an order."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _tell(self, kind: str, facts: dict[str, Any]) -> None:
        order = self.by_code.get(str(facts.get("code", "")))
        if order is not None and (topics := _TOPICS.get(kind)):
            for topic in topics:
                self.announce(topic, order)
        elif kind == "stock_set":
            for level in self.of_item(facts["variant"]):
                self.announce("INVENTORY_LEVELS_UPDATE", level)
        elif kind == "price_set":
            self.announce("PRODUCTS_UPDATE", self.catalogue.variants[facts["variant"]].product)

    def _place(self, order: Order) -> None:
        self.placed.append(order)
        order.updated_at = self.second()
        self.about(order).paid_at = order.updated_at if order.paid else None
        by_place: dict[str, list[tuple[Line, int]]] = {}
        for line in order.lines:
            for place, units in self._split(line.product_variant.id, line.quantity):
                by_place.setdefault(place, []).append((line, units))
        for place in [place for place in self.places if place in by_place]:
            self.send_from(order, place, by_place[place])

    def send_from(self, order: Order, place: str, lines: list[tuple[Line, int]]) -> Errand:
        """Say that units of an order must leave from a place: a new fulfilment order."""
        now = self.second()
        errand = Errand(self.numbers.next("errand"), order, place, now, now)
        self.errands[errand.id] = errand
        self.errands_of.setdefault(order.id, []).append(errand)
        for line, units in lines:
            portion = Portion(self.numbers.next("portion"), line, errand, units, units)
            errand.portions.append(portion)
            self.portions[portion.id] = portion
            self.waiting.setdefault(line.product_variant.id, []).append(portion)
            level = self.levels.get((line.product_variant.id, place))
            if level is not None and self.watching:
                level.updated_at = now
                self.announce("INVENTORY_LEVELS_UPDATE", level)
        return errand

    def _split(self, item: str, wanted: int) -> list[tuple[str, int]]:
        """The first location that has all of it; else what each has, and the rest at the first."""
        places = [place.id for place in self.places.values() if place.active]
        whole = next((place for place in places if self.available(item, place) >= wanted), None)
        if whole is not None:
            return [(whole, wanted)]
        parts: dict[str, int] = {}
        for place in places:
            units = min(wanted - sum(parts.values()), max(0, self.available(item, place)))
            if units:
                parts[place] = units
        short = wanted - sum(parts.values())
        if short:
            parts[places[0]] = parts.get(places[0], 0) + short
        return list(parts.items())

    def _staff_cancelled(self, order: Order) -> None:
        for line in order.lines:
            held = self.held(line)
            surplus = sum(portion.remaining for portion in held) - self.outstanding(line)
            self.drop(held, surplus)
            self.follow_books(line.product_variant)
        about = self.about(order)
        if not order.total_quantity:
            about.cancelled_at, about.cancel_reason = self.second(), "CUSTOMER"
            about.closed_at = about.cancelled_at
        else:
            about.edited = True
        self.touch(order)

    def _stock_set(self, variant: Variant) -> None:
        """A figure set for the variant as a whole: the difference goes to the first location."""
        self.follow_books(variant)
        self.tell_stock(variant)

    def tell_stock(self, variant: Variant) -> None:
        """Tell the ledger of a figure that was set."""
        super()._stock_set(variant)

    # --- stock ------------------------------------------------------------------------------------------

    def put(self, item: str, place: str, on_hand: int) -> Level:
        """Set the units of an item at a location, which then stocks it."""
        now = self.second()
        level = self.levels.get((item, place))
        if level is None:
            level = self.levels[item, place] = Level(item, place, on_hand, now, now)
        level.on_hand, level.updated_at = on_hand, now
        return level

    def of_item(self, item: str) -> list[Level]:
        """The levels of an item."""
        return [level for place in self.places if (level := self.levels.get((item, place)))]

    def follow_levels(self, variant: Variant) -> None:
        """Let the variant's own figure be the sum over the locations."""
        variant.on_hand = sum(level.on_hand for level in self.of_item(variant.id))
        variant.stock_moved_at = self.second()

    def follow_books(self, variant: Variant) -> None:
        """Let the first location take the difference between the books' figure and the sum."""
        difference = variant.on_hand - sum(level.on_hand for level in self.of_item(variant.id))
        levels = self.of_item(variant.id)
        if levels and difference:
            self.put(variant.id, levels[0].place, levels[0].on_hand + difference)
        elif not levels:
            self.put(variant.id, next(iter(self.places)), variant.on_hand)

    def committed(self, item: str, place: str) -> int:
        """Units at a location that orders wait for."""
        held = self.waiting[item] = [portion for portion in self.waiting.get(item, ()) if portion.remaining]
        return sum(portion.remaining for portion in held if portion.errand.place == place)

    def available(self, item: str, place: str) -> int:
        """Units at a location that can still be sold."""
        level = self.levels.get((item, place))
        return level.on_hand - self.committed(item, place) if level else 0

    def outstanding(self, line: Line) -> int:
        """Units of a line that are committed and have not left."""
        return line.allocations - line.sales - line.releases

    def held(self, line: Line) -> list[Portion]:
        """What locations still must send of a line."""
        return [p for p in self.waiting.get(line.product_variant.id, ()) if p.line is line and p.remaining]

    def drop(self, portions: list[Portion], units: int) -> list[tuple[Portion, int]]:
        """Take units out of what must leave, the last first; tells how many out of which."""
        dropped: list[tuple[Portion, int]] = []
        for portion in reversed(portions):
            taken = max(0, min(units, portion.remaining))
            portion.total -= taken
            portion.remaining -= taken
            portion.errand.updated_at = self.second()
            units -= taken
            dropped.append((portion, taken))
        return dropped

    # --- goods ------------------------------------------------------------------------------------------

    def sheet(self, product: Product) -> Sheet:
        """What the product has beside the books; what they list is published on the shop's own site."""
        if product.id not in self.sheets:
            published = {ONLINE_STORE: product.created_at} if product.enabled else {}
            self.sheets[product.id] = Sheet(published=published)
        return self.sheets[product.id]

    def extras_of(self, variant: Variant) -> Extras:
        """What the variant has beside the books."""
        return self.extras.setdefault(variant.id, Extras())

    def follow_sheet(self, product: Product) -> None:
        """Shoppers see what is active and published on the shop's own site."""
        sheet = self.sheet(product)
        product.enabled = sheet.status == "ACTIVE" and ONLINE_STORE in sheet.published
        product.updated_at = self.second()


_TOPICS = {
    "order_placed": ("ORDERS_CREATE",),
    "payment_settled": ("ORDERS_PAID", "ORDERS_UPDATED"),
    "order_cancelled": ("ORDERS_UPDATED",),
    "fulfilment_created": ("ORDERS_UPDATED",),
    "fulfilment_moved": ("ORDERS_UPDATED",),
    "refunded": ("ORDERS_UPDATED",),
}
"""What else is announced is announced where it is done."""
