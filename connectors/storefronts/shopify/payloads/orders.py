"""Orders with their money, payments, refunds and fulfilments."""

from datetime import datetime
from decimal import Decimal

from msgspec import Raw, Struct, field

from connectors.storefronts.shopify.payloads.common import Amount, Bag, Camel, Id, Nodes
from sync.domain.money import exponent


class TaxLine(Camel, frozen=True):
    """One tax. `channel_liable`: a marketplace took it and pays it to the state."""

    price_set: Bag
    channel_liable: bool | None = None


class Allocation(Camel, frozen=True):
    """A part of a discount that falls on a line."""

    allocated_amount_set: Bag


class LineItem(Camel, frozen=True):
    """`quantity` counts refunded and removed units too, `current_quantity` does not."""

    id: str
    title: str
    quantity: int
    current_quantity: int
    unfulfilled_quantity: int
    requires_shipping: bool
    is_gift_card: bool
    original_unit_price_set: Bag
    original_total_set: Bag
    discount_allocations: list[Allocation]
    tax_lines: list[TaxLine]
    sku: str | None = None
    variant_title: str | None = None
    variant: Id | None = None


class ShippingLine(Camel, frozen=True):
    """What carrying it costs; `is_removed` by an edit."""

    title: str
    is_removed: bool
    discounted_price_set: Bag
    tax_lines: list[TaxLine]
    code: str | None = None


class TransactionBag(Camel, frozen=True):
    """An amount in the shop's currency and in the one that the buyer paid in."""

    shop_money: Amount
    presentment_money: Amount | None = None


class Transaction(Camel, frozen=True):
    """One movement of money."""

    id: str
    kind: str
    status: str
    amount_set: TransactionBag
    gateway: str | None = None
    created_at: datetime | None = None
    parent_transaction: Id | None = None

    @property
    def failed(self) -> bool:
        """Whether no money moved by it, nor will."""
        return self.status in ("FAILURE", "ERROR")


class Refund(Camel, frozen=True):
    """Money given back, or lines taken off without any."""

    id: str
    total_refunded_set: Bag
    transactions: Nodes[Transaction]
    note: str | None = None
    created_at: datetime | None = None


class Tracking(Struct, frozen=True):
    """A parcel's number."""

    number: str | None = None
    company: str | None = None
    url: str | None = None


class FulfilmentLine(Camel, frozen=True):
    """Units of a line in a fulfilment."""

    id: str
    line_item: Id
    quantity: int | None = None


class Fulfilment(Camel, frozen=True):
    """What left together."""

    id: str
    status: str
    tracking_info: list[Tracking]
    fulfillment_line_items: Nodes[FulfilmentLine]
    display_status: str | None = None
    created_at: datetime | None = None
    delivered_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not taken back and did not fail."""
        return self.status in ("SUCCESS", "OPEN", "PENDING")

    @property
    def delivered(self) -> bool:
        """Whether the buyer has it."""
        return self.delivered_at is not None or self.display_status in ("DELIVERED", "PICKED_UP")

    @property
    def units(self) -> dict[str, int]:
        """Units by the line's id."""
        found: dict[str, int] = {}
        for line in self.fulfillment_line_items.nodes:
            found[line.line_item.id] = found.get(line.line_item.id, 0) + (line.quantity or 0)
        return found


class EmailAddress(Camel, frozen=True):
    """A buyer's address for mail."""

    email_address: str


class PhoneNumber(Camel, frozen=True):
    """A buyer's telephone."""

    phone_number: str


class Customer(Camel, frozen=True):
    """The buyer."""

    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    default_email_address: EmailAddress | None = None
    default_phone_number: PhoneNumber | None = None

    def __repr__(self) -> str:
        return "Customer(…)"


class MailingAddress(Camel, frozen=True):
    """Where the parcel goes. All of it may be null."""

    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    province_code: str | None = None
    zip: str | None = None
    country_code: str | None = field(default=None, name="countryCodeV2")
    phone: str | None = None

    def __repr__(self) -> str:
        return "MailingAddress(…)"


class Order(Camel, frozen=True):
    """One order as the shop tells it now."""

    id: str
    name: str
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    closed: bool
    test: bool
    currency_code: str
    display_fulfillment_status: str
    taxes_included: bool
    duties_included: bool
    total_price_set: Bag
    total_tip_received_set: Bag
    line_items: Nodes[LineItem]
    shipping_lines: Nodes[ShippingLine]
    transactions: list[Transaction]
    refunds: list[Refund]
    fulfillments: list[Fulfilment]
    tags: list[str]
    discount_codes: list[str]
    presentment_currency_code: str = ""
    cancelled_at: datetime | None = None
    display_financial_status: str | None = None
    total_tax_set: Bag | None = None
    original_total_duties_set: Bag | None = None
    original_total_additional_fees_set: Bag | None = None
    note: str | None = None
    email: str | None = None
    phone: str | None = None
    customer: Customer | None = None
    shipping_address: MailingAddress | None = None

    def __repr__(self) -> str:
        return f"Order({self.id!r})"

    @property
    def standing(self) -> list[Fulfilment]:
        """Its fulfilments but those taken back."""
        return [each for each in self.fulfillments if each.stands]


class OrderHead(Camel, frozen=True):
    """As much as the feed needs to find its place."""

    id: str
    updated_at: datetime


class OrdersData(Struct, frozen=True):
    """The answer to `orders` and `orders.heads`; records are decoded one by one."""

    orders: Nodes[Raw]


class OrderData(Struct, frozen=True):
    """The answer to `order`; JSON's null where the shop has none of this id."""

    order: Raw


class MoreLines(Camel, frozen=True):
    """A later page of lines, as they came."""

    line_items: Nodes[Raw]


class MoreLinesData(Struct, frozen=True):
    """The answer to `order.lines`."""

    order: MoreLines | None


class MoreFulfilmentLines(Camel, frozen=True):
    """A later page of a fulfilment's lines, as they came."""

    fulfillment_line_items: Nodes[Raw]


class MoreFulfilmentLinesData(Struct, frozen=True):
    """The answer to `order.fulfilment_lines`."""

    fulfillment: MoreFulfilmentLines | None


class MoreTransactions(Struct, frozen=True):
    """A later page of a refund's transactions, as they came."""

    transactions: Nodes[Raw]


class MoreTransactionsData(Struct, frozen=True):
    """The answer to `order.refund_transactions`."""

    refund: MoreTransactions | None


class NotedOrder(Struct, frozen=True):
    """An order's note."""

    id: str
    note: str | None = None


class NotedData(Struct, frozen=True):
    """The answer to `note.read`."""

    order: NotedOrder | None


def rounding(bag: TransactionBag) -> Decimal:
    """What half a minor unit of the buyer's currency is worth in the shop's; 0 where they are the same."""
    paid = bag.presentment_money
    if paid is None or paid.currency_code == bag.shop_money.currency_code or not paid.amount:
        return Decimal(0)
    return Decimal(1).scaleb(-exponent(paid.currency_code)) / 2 / ratio(bag)


def ratio(bag: TransactionBag) -> Decimal:
    """What one unit of the shop's currency was in the buyer's; 1 where they are the same."""
    paid = bag.presentment_money
    if paid is None or paid.currency_code == bag.shop_money.currency_code or not bag.shop_money.amount:
        return Decimal(1)
    return paid.amount / bag.shop_money.amount
