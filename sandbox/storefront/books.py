"""The books of one shop: its catalogue, carts and orders, and what it tells the ledger.

The same operations serve the HTTP servers and the sandbox's own shoppers and staff. Each either takes place
whole and is recorded, or raises `Refused` or `Rejected` and leaves no trace beyond what the real server
would leave.
"""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.ledger import Ledger
from sandbox.storefront.catalogue import Catalogue
from sandbox.storefront.goods import Variant
from sandbox.storefront.money import Tariff
from sandbox.storefront.orders import Fulfilment, Line, Order, Payment, Refund
from sandbox.storefront.particulars import Coupon, Customer, Note, ShippingMethod
from sandbox.storefront.refusals import not_found

COUNTRIES = {
    "DE": "Germany",
    "FR": "France",
    "JP": "Japan",
    "KW": "Kuwait",
    "CN": "China",
    "GB": "United Kingdom",
    "US": "United States",
}
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a shop counts money; `precision` is the digits after the point in every amount it stores."""

    currency: str
    precision: int = 2
    prices_include_tax: bool = False
    tax_rate: float = 20
    shipping_prices: tuple[int, int] = (500, 1000)


@dataclass(slots=True)
class Numbers:
    """The next id of each kind."""

    counts: dict[str, int] = field(default_factory=dict)

    def next(self, kind: str) -> str:
        """A fresh id, counting from 1."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return str(self.counts[kind])


class Shop:
    """One shop named `name`, with the books that back its Admin and Shop APIs."""

    def __init__(self, name: str, terms: Terms, *, ledger: Ledger, clock: Clock, random: Random) -> None:
        self.name = name
        self.terms = terms
        self.tariff = Tariff(terms.prices_include_tax, terms.tax_rate)
        self.ledger = ledger
        self.clock = clock
        self.random = random
        self.numbers = Numbers()
        self.opened_at = self.second()
        self.catalogue = Catalogue(clock.now, self._stock_set, self._price_set, terms.currency)
        self.orders: dict[str, Order] = {}
        self.by_code: dict[str, Order] = {}
        self.hidden: dict[str, Order] = {}
        """Orders that the shop does not show to anybody at the moment, by their code."""
        self.lines: dict[str, Line] = {}
        self.payments: dict[str, Payment] = {}
        self.refunds: dict[str, Refund] = {}
        self.fulfilments: dict[str, Fulfilment] = {}
        self.customers: dict[str, Customer] = {}
        self.coupons: dict[str, Coupon] = {}
        self.watching = True
        self.shipping_methods = [
            ShippingMethod(
                "1", "standard-shipping", "Standard Shipping", terms.shipping_prices[0], *self._born()
            ),
            ShippingMethod(
                "2", "express-shipping", "Express Shipping", terms.shipping_prices[1], *self._born()
            ),
        ]

    @property
    def system(self) -> str:
        """The shop's name in the ledger."""
        return f"shop:{self.name}"

    def record(self, kind: str, **facts: Any) -> None:
        """Tell the ledger what took place, unless the shop is still being furnished."""
        if self.watching:
            self.ledger.record(self.system, kind, **facts)

    def second(self) -> datetime:
        """The present moment without its fraction, as most of the shop's stamps are kept."""
        return self.clock.now().replace(microsecond=0)

    def millisecond(self) -> datetime:
        """The present moment as the shop keeps when an order was placed."""
        now = self.clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _born(self) -> tuple[datetime, datetime]:
        return self.opened_at, self.opened_at

    def _stock_set(self, variant: Variant) -> None:
        self.record(
            "stock_set",
            variant=variant.id,
            sku=variant.sku,
            physical=variant.physical or "",
            value=variant.on_hand,
            allocated=variant.allocated,
        )

    def _price_set(self, variant: Variant) -> None:
        self.record("price_set", variant=variant.id, sku=variant.sku, value=variant.price)

    def new_code(self) -> str:
        """An order code that nobody has yet."""
        while True:
            code = "".join(self.random.choices(_CODE_LETTERS, k=16))
            if code not in self.by_code:
                return code

    def remember(self, order: Order, type: str, data: dict[str, Any], *, public: bool = True) -> None:
        """Write an entry into an order's history."""
        now = self.second()
        order.notes.append(Note(self.numbers.next("history"), type, data, public, now, now))

    def order(self, id: str) -> Order:
        """An order by id."""
        if id not in self.orders:
            raise not_found("Order", id)
        return self.orders[id]

    def hide(self, code: str) -> None:
        """An order is no longer there, as far as anybody can ask. Raises KeyError."""
        self.hidden[code] = order = self.by_code.pop(code)
        del self.orders[order.id]

    def show(self, code: str) -> None:
        """A hidden order is there again. Raises KeyError."""
        self.by_code[code] = order = self.hidden.pop(code)
        self.orders[order.id] = order

    def add_coupon(self, code: str, name: str, percent: int, free_shipping: bool = False) -> Coupon:
        """Make a code that shoppers can use."""
        coupon = Coupon(self.numbers.next("promotion"), code, name, percent, free_shipping)
        self.coupons[code] = coupon
        return coupon

    def state(self) -> dict[str, Any]:
        """The present books as JSON, without names and addresses."""
        return {
            "currency": self.terms.currency,
            "variants": [_variant_state(variant) for variant in self.catalogue.live_variants()],
            "orders": [_order_state(order) for order in self.orders.values() if not order.active],
        }


def _variant_state(variant: Variant) -> dict[str, Any]:
    return {
        "id": variant.id,
        "sku": variant.sku,
        "physical": variant.physical,
        "saleable": variant.saleable,
        "on_hand": variant.on_hand,
        "allocated": variant.allocated,
        "price": variant.price,
        "enabled": variant.live,
    }


def _order_state(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "code": order.code,
        "state": str(order.state),
        "total_with_tax": order.total_with_tax,
        "paid": order.paid,
        "refunded": sum(payment.refunded for payment in order.payments),
        "lines": [
            {
                "id": line.id,
                "sku": line.product_variant.sku,
                "physical": line.product_variant.physical,
                "quantity": line.quantity,
                "placed": line.order_placed_quantity,
                "fulfilled": order.fulfilled(line),
            }
            for line in order.lines
        ],
        "fulfilments": [
            {"id": f.id, "state": str(f.state), "tracking": f.tracking_code} for f in order.fulfillments
        ],
        "notes": [note.data["note"] for note in order.notes if note.type == "ORDER_NOTE"],
    }
