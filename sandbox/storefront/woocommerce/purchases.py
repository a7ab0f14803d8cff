"""An order as WooCommerce keeps it: items with their taxes, refunds, notes, and what was told of it already."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sandbox.storefront.orders import Line, Order
from sandbox.storefront.woocommerce.codes import Code
from sandbox.storefront.woocommerce.posts import Meta, Post
from sandbox.storefront.woocommerce.taxes import Taxes

HOLDING = ("processing", "completed", "on-hold")
"""Where an order has taken its units out of the stock."""
CORE = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
DRAFT = "checkout-draft"
WORDS = {
    "pending": "Pending payment",
    "processing": "Processing",
    "on-hold": "On hold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "failed": "Failed",
    DRAFT: "Draft",
}


class ItemKind(StrEnum):
    """What an item of an order is."""

    LINE = "line_item"
    SHIPPING = "shipping"
    FEE = "fee"


@dataclass(slots=True)
class Item:
    """A line, a way of sending, or a fee; amounts without tax. In a refund they are below zero."""

    id: int
    kind: ItemKind
    name: str
    total: Decimal = Decimal(0)
    subtotal: Decimal = Decimal(0)
    quantity: int = 1
    post: Post | None = None
    tax_class: str = ""
    taxable: bool = True
    method: str = ""
    taxes: Taxes = field(default_factory=dict)
    subtotal_taxes: Taxes = field(default_factory=dict)
    total_tax: Decimal = Decimal(0)
    subtotal_tax: Decimal = Decimal(0)
    meta: list[Meta] = field(default_factory=list)
    reduced: int | None = None
    """Units that this line took out of the stock, None for none at all."""
    restocked: int = 0
    refunds_item: int = 0
    """In a refund: the id of the item that it is for."""
    mirror: Line | None = None
    """The same line in the books that all shops share, for an order that came through them."""


@dataclass(slots=True)
class TaxLine:
    """What one rate comes to in an order or a refund."""

    id: int
    rate: int
    items: Decimal
    shipping: Decimal


@dataclass(slots=True)
class CouponLine:
    """A code that was used, and what it is said to have taken: without tax, and tax; neither rounded for show."""

    id: int
    code: Code
    discount: str
    discount_tax: str


@dataclass(slots=True)
class Note:
    """What staff or the shop wrote on an order."""

    id: int
    text: str
    at: datetime
    for_customer: bool = False
    author: str = "WooCommerce"
    by_call: bool = False


@dataclass(slots=True)
class MoneyBack:
    """A refund; `amount` is what went back, which its items need not add up to."""

    id: int
    amount: Decimal
    reason: str
    created: datetime
    items: list[Item] = field(default_factory=list)
    tax_lines: list[TaxLine] = field(default_factory=list)
    whole: bool = False
    by_gateway: bool = False
    meta: list[Meta] = field(default_factory=list)

    @property
    def tax(self) -> Decimal:
        """The taxes in it, below zero."""
        return sum((line.items + line.shipping for line in self.tax_lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A fulfilment in the ledger, and the units by item in it."""

    id: str
    units: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Told:
    """What the ledger knows of an order: so that nothing is told twice."""

    placed: bool = False
    cancelled: Counter[int] = field(default_factory=Counter)
    left: Counter[int] = field(default_factory=Counter)
    """Units by item that the shop was told to have left."""
    parcels: dict[str, "Parcel"] = field(default_factory=dict)
    """By tracking number, "" for what was completed without one."""


@dataclass(slots=True)
class Purchase:
    """An order. Moments are in UTC, to the second."""

    id: int
    key: str
    currency: str
    created: datetime
    modified: datetime
    status: str = "pending"
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    paid: datetime | None = None
    completed: datetime | None = None
    items: list[Item] = field(default_factory=list)
    tax_lines: list[TaxLine] = field(default_factory=list)
    coupons: list[CouponLine] = field(default_factory=list)
    refunds: list[MoneyBack] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    meta: list[Meta] = field(default_factory=list)
    words: dict[str, Any] = field(default_factory=dict)
    """What is only kept and shown again: payment method, transaction id, customer note, customer id…"""
    created_via: str = "rest-api"
    holding: bool = False
    before_trash: str = ""
    cart_tax: Decimal = Decimal(0)
    shipping_tax: Decimal = Decimal(0)
    shipping_total: Decimal = Decimal(0)
    discount_total: Decimal = Decimal(0)
    discount_tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    total_tax: Decimal = Decimal(0)
    told: Told = field(default_factory=Told)
    mirror: Order | None = None

    def of(self, kind: ItemKind) -> list[Item]:
        """Its items of one kind."""
        return [item for item in self.items if item.kind is kind]

    @property
    def lines(self) -> list[Item]:
        return self.of(ItemKind.LINE)

    @property
    def refunded(self) -> Decimal:
        """What went back so far."""
        return sum((each.amount for each in self.refunds), Decimal(0))

    @property
    def payment_method(self) -> str:
        return str(self.words.get("payment_method") or "")

    @property
    def needs_payment(self) -> bool:
        return self.status in ("pending", "failed", DRAFT) and self.total > 0
