"""What rules may know of an order and of a parcel: frozen values, with as little of the buyer as will do.

A buyer's name, street, mail and phone are not here, so that no rule and no message about a rule can hold
them. Money is Money, weights are kilograms as Decimal, absent is None: a condition on an absent fact does
not match.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from sync.domain.aftersales import RequestKind
from sync.domain.ids import Sku
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Physical units of one SKU that an order wants; a bundle's line gives one of these per component."""

    sku: Sku | None
    """None: the line is bound to nothing."""
    quantity: int
    suppliers: frozenset[str] = frozenset()
    """The drop-ship suppliers, by account name, that list the SKU."""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order, as rules for holds and routing see it."""

    account: str
    """The shop's account name."""
    total: Money
    payment: PaymentStatus
    lines: tuple[LineFacts, ...]
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    postal_code: str | None = field(default=None, repr=False)
    service: str = ""
    """The shipping method that the buyer chose, the shop's code."""
    note: str = field(default="", repr=False)
    tags: tuple[str, ...] = ()
    weight_kg: Decimal | None = None
    """None: summed from the SKU weights."""
    shipped: bool = False
    """Whether any of it has left."""
    warehouse: str = ""
    """The account that fulfils, once it is known."""


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """One listing of our goods on one shop, as rules for prices and listing states see it."""

    account: str
    """The shop's account name."""
    currency: str
    """What the shop shows the listing's price in."""
    components: tuple[tuple[Sku, int], ...]
    """What one piece of the listing is: SKUs with their units."""
    includes_tax: bool | None = None
    """Whether the shop shows prices with tax; None where it does not say."""
    suppliers: frozenset[str] = frozenset()
    """The drop-ship suppliers, by account name, that list one of its SKUs."""
    supplier_costs: Mapping[Sku, tuple[Decimal, str]] = field(default_factory=dict)
    """The best supplier's cost of one unit, with its currency, where a supplier names one."""
    sold: Mapping[str, int] = field(default_factory=dict)
    """By promotion with a cap: pieces sold in it so far, on all shops that it is for."""


@dataclass(frozen=True, slots=True)
class RequestLineFacts:
    """Pieces of one order line that a request is about; a bundle's line gives one of these per component."""

    sku: Sku | None
    """None: the line is bound to nothing."""
    quantity: int


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """A request after the sale, as rules for returns see it; without a `kind`, goods that nobody announced."""

    account: str
    """The shop's account name; of goods without a request, the warehouse's."""
    kind: RequestKind | None
    value: Money
    """What was paid for what is asked about, tax included, without shipping."""
    lines: tuple[RequestLineFacts, ...] = ()
    country: str | None = None
    """ISO 3166-1 alpha-2: where the order went."""
    shipped: bool = False
    """Whether any of what is asked about has left."""
    since_delivery: timedelta | None = None
    """From the last parcel's delivery to the request; None: not delivered, or not known."""
    reasons: tuple[str, ...] = ()
    """As the shop lists them; what the buyer wrote is not here."""
    customer_requests: int | None = None
    """Of the last 365 days, this one among them; None: the buyer is not known."""
    customer_orders: int | None = None

    def names(self) -> dict[str, object]:
        """The facts under the names of expressions, but for the tags of the goods. An absent number is None."""
        days = None if self.since_delivery is None else Decimal(self.since_delivery.days)
        return {
            "type": "" if self.kind is None else str(self.kind),
            "account": self.account,
            "country": (self.country or "").upper(),
            "shipped": self.shipped,
            "days_since_delivery": days,
            "reason": ", ".join(self.reasons),
            "currency": self.value.currency,
            "value": self.value.major,
            "units": Decimal(sum(line.quantity for line in self.lines)),
            "skus": tuple(line.sku for line in self.lines if line.sku is not None),
            "customer_requests": _number(self.customer_requests),
            "customer_orders": _number(self.customer_orders),
        }


def _number(count: int | None) -> Decimal | None:
    return None if count is None else Decimal(count)


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """One parcel of an order, as courier rules see it: its own lines and weight."""

    order: OrderFacts
    warehouse: str
    lines: tuple[LineFacts, ...]
    weight_kg: Decimal | None = None
    """As the warehouse weighed it; None: summed from the SKU weights."""

    @property
    def as_order(self) -> OrderFacts:
        """The order's facts with this parcel's lines, weight and warehouse in place of the order's."""
        return replace(
            self.order, warehouse=self.warehouse, lines=self.lines, weight_kg=self.weight_kg, shipped=False
        )
