"""Orders as the Admin API gives them. Money is an integer at the shop's precision."""

from datetime import datetime
from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType, field

from connectors.storefronts.vendure.payloads.catalogue import StockLevel
from connectors.storefronts.vendure.payloads.common import Camel, Coded, RawItems, Settings


class Customer(Camel, frozen=True):
    """The buyer."""

    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    phone_number: str | None = None


class OrderAddress(Camel, frozen=True):
    """Every field may be missing or empty."""

    full_name: str | None = None
    company: str | None = None
    street_line1: str | None = field(default=None, name="streetLine1")
    street_line2: str | None = field(default=None, name="streetLine2")
    city: str | None = None
    province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone_number: str | None = None


class OrderVariant(Camel, frozen=True):
    """What a line sells."""

    id: str
    sku: str
    name: str


class OrderLine(Camel, frozen=True):
    """`quantity` shrinks when units are cancelled; `order_placed_quantity` does not."""

    id: str
    quantity: int
    order_placed_quantity: int
    unit_price_with_tax: int
    prorated_line_price_with_tax: int
    product_variant: OrderVariant


class ShippingLine(Camel, frozen=True):
    """What shipping costs the buyer."""

    discounted_price_with_tax: int
    shipping_method: Coded


class Surcharge(Camel, frozen=True):
    """What is neither goods nor shipping."""

    price_with_tax: int


class Refund(Camel, frozen=True):
    """State: Pending, Settled or Failed."""

    id: str
    total: int
    state: str
    reason: str | None = None
    created_at: datetime | None = None


class Payment(Camel, frozen=True):
    """State: Created, Authorized, Settled, Declined, Error or Cancelled."""

    id: str
    method: str
    amount: int
    state: str
    refunds: tuple[Refund, ...] = ()


class FulfilmentLine(Camel, frozen=True):
    """Units of an order line in a fulfilment."""

    order_line_id: str
    quantity: int


class Fulfilment(Camel, frozen=True):
    """State: Created, Pending, Shipped, Delivered or Cancelled. `method` is the carrier's name."""

    id: str
    state: str
    method: str
    lines: list[FulfilmentLine]
    tracking_code: str | None = None


class OrderHead(Camel, frozen=True):
    """As much of an order as its place in the feed needs."""

    id: str
    order_placed_at: datetime


class Order(Camel, frozen=True):
    """One order, whole."""

    id: str
    code: str
    state: str
    created_at: datetime
    updated_at: datetime
    currency_code: str
    total_with_tax: int
    lines: list[OrderLine]
    shipping_lines: list[ShippingLine]
    surcharges: list[Surcharge]
    active: bool = False
    order_placed_at: datetime | None = None
    customer: Customer | None = None
    shipping_address: OrderAddress | None = None
    payments: list[Payment] | None = None
    fulfillments: list[Fulfilment] | None = None
    coupon_codes: tuple[str, ...] = ()


class OrdersData(Camel, frozen=True):
    """The answer to `orders.page` and `orders.ids`."""

    orders: RawItems
    global_settings: Settings | UnsetType = UNSET


class OrderData(Camel, frozen=True):
    """The answer to `orders.one`."""

    order: Raw
    global_settings: Settings


class HistoryEntry(Struct, frozen=True):
    """What happened to an order. `data` has a shape for each type, and the shop's own besides."""

    type: str
    data: dict[str, Any] = {}

    @property
    def note(self) -> str:
        """The text of an ORDER_NOTE."""
        text = self.data.get("note")
        return text if isinstance(text, str) else ""


class History(Camel, frozen=True):
    """A page of it."""

    total_items: int
    items: list[HistoryEntry]


class HistoryOrder(Struct, frozen=True):
    """An order with its history only."""

    history: History


class HistoryData(Struct, frozen=True):
    """The answer to `orders.notes`."""

    order: HistoryOrder | None


class LineStock(Camel, frozen=True):
    """The stock of what a line sells."""

    id: str
    stock_levels: list[StockLevel]


class StockLine(Camel, frozen=True):
    """A line with its variant's stock."""

    id: str
    product_variant: LineStock


class StockOrder(Struct, frozen=True):
    """An order with its lines' stock."""

    lines: list[StockLine]


class OrderStockData(Struct, frozen=True):
    """The answer to `orders.stock`."""

    order: StockOrder | None
