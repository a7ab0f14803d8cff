"""The REST API's records as they come (WooCommerce 8.6 to 11.0), as msgspec Structs.

Totals are strings, `price` of a line is a bare number; dates are without a zone, those that end in `_gmt` in
UTC. Names hold HTML entities.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec


class Body(msgspec.Struct, frozen=True):
    """What every refusal holds; `message` may name a buyer and is never repeated. `data` is an object or 500."""

    code: str
    message: str = ""
    data: Any = None


class Answered(msgspec.Struct, frozen=True):
    """One item of a batch's answer; a failed create has id 0."""

    id: int = 0
    error: Body | None = None


class Batch(msgspec.Struct, frozen=True):
    """Still raw: one odd item must not lose the others."""

    create: list[msgspec.Raw] | None = None
    update: list[msgspec.Raw] | None = None
    delete: list[msgspec.Raw] | None = None


class Id(msgspec.Struct, frozen=True):
    id: int


class Child(msgspec.Struct, frozen=True):
    """Whose variation it is, where the shop tells."""

    parent_id: int | None = None


class Index(msgspec.Struct, frozen=True):
    """`/wp-json/`: what the shop is and which plugins answer there."""

    namespaces: list[str]
    home: str = ""
    url: str = ""


class Home(msgspec.Struct, frozen=True):
    """Where the shop believes to be, by its index."""

    home: str = ""


class Environment(msgspec.Struct, frozen=True):
    home_url: str = ""
    store_id: str | None = None


class SystemStatus(msgspec.Struct, frozen=True):
    environment: Environment


class Setting(msgspec.Struct, frozen=True):
    id: str
    value: Any = None


class Picture(msgspec.Struct, frozen=True):
    id: int = 0
    src: str = ""
    name: str | None = None


class Attribute(msgspec.Struct, frozen=True):
    """`option` is a variation's, `options` are a product's."""

    name: str | None = None
    option: str | None = None


class Product(msgspec.Struct, frozen=True):
    """A product; also a variation, as `/products/{id}` shows it."""

    id: int
    type: str
    status: str
    name: str = ""
    sku: str | None = None
    price: str | None = None
    manage_stock: bool | str = False
    stock_quantity: int | float | None = None
    stock_status: str | None = None
    description: str | None = None
    global_unique_id: str | None = None
    parent_id: int = 0
    date_modified_gmt: datetime | None = None
    images: list[Picture] | None = None
    variations: list[int] | None = None


class Variation(msgspec.Struct, frozen=True):
    """`manage_stock` may be "parent". The official example has `true` for a status."""

    id: int
    status: str | bool
    parent_id: int | None = None
    name: str | None = None
    sku: str | None = None
    price: str | None = None
    manage_stock: bool | str = False
    stock_quantity: int | float | None = None
    stock_status: str | None = None
    description: str | None = None
    global_unique_id: str | None = None
    date_modified_gmt: datetime | None = None
    image: Picture | None = None
    attributes: list[Attribute] | None = None


class Stock(msgspec.Struct, frozen=True):
    """What counts for a quantity."""

    id: int
    manage_stock: bool | str
    stock_quantity: int | float | None = None


class Priced(msgspec.Struct, frozen=True):
    id: int
    regular_price: str = ""
    sale_price: str = ""
    date_on_sale_from_gmt: datetime | None = None
    date_on_sale_to_gmt: datetime | None = None


class Switched(msgspec.Struct, frozen=True):
    id: int
    status: str


class Listed(msgspec.Struct, frozen=True):
    """What must be known of a product before its content is written."""

    id: int
    type: str = ""
    sku: str | None = None
    parent_id: int = 0
    images: list[Picture] | None = None
    image: Picture | None = None
    attributes: list[dict[str, Any]] | None = None


class Meta(msgspec.Struct, frozen=True):
    """A repeated key keeps its last value; 3 comes back as "3", true as "1", and null never."""

    key: str
    id: int | None = None
    value: Any = None


class LineTax(msgspec.Struct, frozen=True):
    id: int
    total: str | None = None


class Line(msgspec.Struct, frozen=True):
    """`total` is without `total_tax`, after discount; `sku` is the product's present one."""

    id: int
    quantity: int
    total: Decimal
    total_tax: Decimal = Decimal(0)
    name: str | None = None
    product_id: int = 0
    variation_id: int | None = None
    sku: str | None = None
    price: Decimal | None = None
    subtotal: Decimal | None = None
    taxes: list[LineTax] | None = None
    meta_data: list[Meta] | None = None


class ShippingLine(msgspec.Struct, frozen=True):
    total: Decimal
    total_tax: Decimal = Decimal(0)
    method_id: str | None = None
    instance_id: str | int | None = None
    method_title: str | None = None


class FeeLine(msgspec.Struct, frozen=True):
    total: Decimal
    total_tax: Decimal = Decimal(0)
    name: str | None = None


class CouponLine(msgspec.Struct, frozen=True):
    code: str


class OrderAddress(msgspec.Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class RefundHead(msgspec.Struct, frozen=True):
    """A refund as the order shows it; `total` is 0 or less."""

    id: int
    total: Decimal
    reason: str | None = None


class RefundLine(msgspec.Struct, frozen=True):
    """`quantity` and `total` are 0 or less; the order's line stands in `_refunded_item_id`."""

    id: int
    quantity: int
    total: Decimal
    meta_data: list[Meta] | None = None


class Refund(msgspec.Struct, frozen=True):
    """`amount` is 0 or more, and need not be the sum of the lines; one by amount or by status has no lines."""

    id: int
    amount: Decimal
    reason: str | None = None
    date_created_gmt: datetime | None = None
    line_items: list[RefundLine] | None = None


class Order(msgspec.Struct, frozen=True):
    id: int
    status: str
    currency: str
    total: Decimal
    total_tax: Decimal = Decimal(0)
    number: str = ""
    date_created_gmt: datetime | None = None
    date_modified_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    payment_method: str | None = None
    transaction_id: str | None = None
    customer_note: str | None = None
    billing: OrderAddress | None = None
    shipping: OrderAddress | None = None
    line_items: list[Line] | None = None
    shipping_lines: list[ShippingLine] | None = None
    fee_lines: list[FeeLine] | None = None
    coupon_lines: list[CouponLine] | None = None
    refunds: list[RefundHead] | None = None
    meta_data: list[Meta] | None = None

    def meta(self, key: str) -> Any:
        """The value of a key of its metadata; None where there is none."""
        found = [entry.value for entry in self.meta_data or () if entry.key == key]
        return found[-1] if found else None


class OrderHead(msgspec.Struct, frozen=True):
    """Enough to find a place in the feed."""

    id: int
    date_modified_gmt: datetime
    date_modified: datetime


class Note(msgspec.Struct, frozen=True):
    id: int
    note: str
    customer_note: bool = False


class Tracking(msgspec.Struct, frozen=True):
    """A parcel as the Shipment Tracking extension tells it."""

    tracking_id: str
    tracking_number: str = ""
    tracking_provider: str | None = None


class Webhook(msgspec.Struct, frozen=True):
    id: int
    status: str
    topic: str
    delivery_url: str


class Told(msgspec.Struct, frozen=True):
    """What a delivery's body may hold: a record, only its id, or an error (`code`) with a valid signature."""

    id: int | None = None
    parent_id: int | None = None
    code: str | None = None
