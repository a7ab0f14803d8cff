"""The Admin API's records as they come (Medusa 2.18.0), as msgspec Structs. Amounts are unrounded decimals."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec


class Body(msgspec.Struct, frozen=True):
    """What every refusal holds; `message` may name a buyer and is never repeated."""

    type: str = ""
    message: str = ""


class Currency(msgspec.Struct, frozen=True):
    currency_code: str
    is_default: bool = False


class Store(msgspec.Struct, frozen=True):
    id: str
    supported_currencies: list[Currency] = []


class Stores(msgspec.Struct, frozen=True):
    stores: list[Store]


class Named(msgspec.Struct, frozen=True):
    id: str
    name: str
    created_at: datetime


class Locations(msgspec.Struct, frozen=True):
    stock_locations: list[Named]


class Channels(msgspec.Struct, frozen=True):
    sales_channels: list[Named]


class Preference(msgspec.Struct, frozen=True):
    attribute: str
    value: str | None = None
    is_tax_inclusive: bool = False


class Preferences(msgspec.Struct, frozen=True):
    price_preferences: list[Preference]


class Token(msgspec.Struct, frozen=True):
    token: str


class Id(msgspec.Struct, frozen=True):
    id: str


class Level(msgspec.Struct, frozen=True):
    """One stock item in one location; `stocked_quantity` holds the reserved units too."""

    location_id: str
    stocked_quantity: int
    reserved_quantity: int
    inventory_item_id: str = ""


class Inventory(msgspec.Struct, frozen=True):
    location_levels: list[Level] | None = None


class InventoryItem(msgspec.Struct, frozen=True):
    """`inventory` is null where the stock item was deleted and the link stayed."""

    inventory_item_id: str
    required_quantity: int = 1
    inventory: Inventory | None = None


class Price(msgspec.Struct, frozen=True):
    id: str
    currency_code: str
    amount: Decimal
    min_quantity: Decimal | None = None
    max_quantity: Decimal | None = None
    rules: dict[str, Any] | None = None

    @property
    def plain(self) -> bool:
        """Whether it holds for everybody and every quantity."""
        return not self.rules and self.min_quantity is None and self.max_quantity is None


class Picture(msgspec.Struct, frozen=True):
    url: str
    rank: int = 0


class Product(msgspec.Struct, frozen=True):
    id: str
    status: str
    title: str = ""
    description: str | None = None
    images: list[Picture] | None = None
    sales_channels: list[Id] | None = None


class Variant(msgspec.Struct, frozen=True):
    id: str
    product: Product
    manage_inventory: bool
    title: str | None = None
    sku: str | None = None
    barcode: str | None = None
    ean: str | None = None
    upc: str | None = None
    updated_at: datetime | None = None
    prices: list[Price] | None = None
    inventory_items: list[InventoryItem] | None = None


class Variants(msgspec.Struct, frozen=True):
    """Still raw: one odd variant must not lose the page."""

    variants: list[msgspec.Raw]


class StockVariant(msgspec.Struct, frozen=True):
    id: str
    manage_inventory: bool
    inventory_items: list[InventoryItem] | None = None


class PricedVariant(msgspec.Struct, frozen=True):
    id: str
    product_id: str
    prices: list[Price] | None = None


class SoldVariant(msgspec.Struct, frozen=True):
    id: str
    product: Product


class Products(msgspec.Struct, frozen=True):
    products: list[msgspec.Raw]


class ListedProduct(msgspec.Struct, frozen=True):
    id: str
    variants: list[Id] | None = None


class LevelsWritten(msgspec.Struct, frozen=True):
    created: list[Level] | None = None
    updated: list[Level] | None = None


class WrittenPrices(msgspec.Struct, frozen=True):
    id: str
    prices: list[Price] | None = None


class PricesWritten(msgspec.Struct, frozen=True):
    updated: list[WrittenPrices] | None = None


class Switched(msgspec.Struct, frozen=True):
    id: str
    status: str


class ProductsWritten(msgspec.Struct, frozen=True):
    updated: list[Switched] | None = None


class Tax(msgspec.Struct, frozen=True):
    rate: Decimal = Decimal(0)


class Adjustment(msgspec.Struct, frozen=True):
    code: str | None = None


class KitPart(msgspec.Struct, frozen=True):
    inventory_item_id: str
    required_quantity: int = 1


class LineVariant(msgspec.Struct, frozen=True):
    inventory_items: list[KitPart] | None = None


class Line(msgspec.Struct, frozen=True):
    id: str
    quantity: int
    unit_price: Decimal
    total: Decimal
    title: str = ""
    variant_id: str | None = None
    variant_sku: str | None = None
    variant_title: str | None = None
    adjustments: list[Adjustment] | None = None
    variant: LineVariant | None = None


class ShippingDetail(msgspec.Struct, frozen=True):
    return_id: str | None = None


class ShippingMethod(msgspec.Struct, frozen=True):
    name: str
    total: Decimal
    detail: ShippingDetail | None = None


class OrderAddress(msgspec.Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None
    phone: str | None = None


class CreditLine(msgspec.Struct, frozen=True):
    amount: Decimal
    reference: str | None = None


class FulfilmentItem(msgspec.Struct, frozen=True):
    quantity: int
    line_item_id: str | None = None
    inventory_item_id: str | None = None


class Label(msgspec.Struct, frozen=True):
    tracking_number: str


class Fulfilment(msgspec.Struct, frozen=True):
    id: str
    location_id: str | None = None
    provider_id: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    canceled_at: datetime | None = None
    metadata: dict[str, Any] | None = None
    items: list[FulfilmentItem] | None = None
    labels: list[Label] | None = None

    def noted(self, name: str) -> str:
        """A text of its metadata; empty where there is none."""
        value = (self.metadata or {}).get(name)
        return value if isinstance(value, str) else ""

    @property
    def gone(self) -> bool:
        """Whether its goods have left (delivered ones too, for staff may skip the shipment)."""
        return self.shipped_at is not None or self.delivered_at is not None


class Capture(msgspec.Struct, frozen=True):
    amount: Decimal


class Refund(msgspec.Struct, frozen=True):
    id: str
    amount: Decimal
    note: str | None = None
    created_at: datetime | None = None


class Payment(msgspec.Struct, frozen=True):
    id: str
    amount: Decimal
    provider_id: str | None = None
    canceled_at: datetime | None = None
    captures: list[Capture] | None = None
    refunds: list[Refund] | None = None

    @property
    def captured(self) -> Decimal:
        return sum((capture.amount for capture in self.captures or ()), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        return sum((refund.amount for refund in self.refunds or ()), Decimal(0))


class PaymentWritten(msgspec.Struct, frozen=True):
    payment: Payment


class PaymentCollection(msgspec.Struct, frozen=True):
    payments: list[Payment] | None = None


class Summary(msgspec.Struct, frozen=True):
    """What the buyer still owes (below 0: what the shop owes), goods announced as coming back taken off."""

    pending_difference: Decimal | None = None


class Order(msgspec.Struct, frozen=True):
    id: str
    display_id: int
    status: str
    currency_code: str
    total: Decimal
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    sales_channel_id: str | None = None
    metadata: dict[str, Any] | None = None
    items: list[Line] | None = None
    shipping_methods: list[ShippingMethod] | None = None
    shipping_address: OrderAddress | None = None
    billing_address: OrderAddress | None = None
    credit_lines: list[CreditLine] | None = None
    summary: Summary | None = None
    fulfillments: list[Fulfilment] | None = None
    payment_collections: list[PaymentCollection] | None = None

    @property
    def payments(self) -> list[Payment]:
        return [payment for each in self.payment_collections or () for payment in each.payments or ()]


class OrderHead(msgspec.Struct, frozen=True):
    id: str
    updated_at: datetime


class Orders(msgspec.Struct, frozen=True):
    orders: list[msgspec.Raw]


class OneOrder(msgspec.Struct, frozen=True):
    order: msgspec.Raw


class Noted(msgspec.Struct, frozen=True):
    metadata: dict[str, Any] | None = None


class NotedOrder(msgspec.Struct, frozen=True):
    order: Noted


class Made(msgspec.Struct, frozen=True):
    fulfillments: list[Fulfilment] | None = None


class MadeOrder(msgspec.Struct, frozen=True):
    order: Made


class Reservation(msgspec.Struct, frozen=True):
    location_id: str
    line_item_id: str | None = None


class Reservations(msgspec.Struct, frozen=True):
    reservations: list[Reservation]


class Change(msgspec.Struct, frozen=True):
    id: str
    status: str
    internal_note: str | None = None


class Changes(msgspec.Struct, frozen=True):
    order_changes: list[Change]
