"""Returns: what buyers want to send back, what they want instead, and what came back of it."""

from datetime import datetime

from msgspec import Raw, Struct, field

from connectors.storefronts.shopify.payloads.common import Camel, Id, Nodes, UserError


class ReasonDefinition(Struct, frozen=True):
    """Why goods come back, from the shop's own list."""

    handle: str
    name: str


class ReturnedFrom(Camel, frozen=True):
    """The fulfilment's line that comes back."""

    line_item: Id


class ReturnLine(Camel, frozen=True):
    """Units that come back; without a fulfilment's line where the shop did not verify them."""

    id: str
    quantity: int
    return_reason_note: str = ""
    customer_note: str | None = None
    return_reason_definition: ReasonDefinition | None = None
    fulfillment_line_item: ReturnedFrom | None = None

    def __repr__(self) -> str:
        return f"ReturnLine({self.id!r})"


class ExchangedFor(Camel, frozen=True):
    """A line of the order by which some of the other goods leave."""

    id: str
    quantity: int


class ExchangeLine(Camel, frozen=True):
    """Units of a variant that the buyer wants instead; `line_items` once the exchange was processed."""

    id: str
    quantity: int
    variant_id: str | None = None
    line_items: list[ExchangedFor] | None = None


class Disposition(Struct, frozen=True):
    """Where some units of those that came back went."""

    type: str
    quantity: int


class ListedLine(Struct, frozen=True):
    """An order line; `variant` is null where it never was one of the shop's goods, or is no more."""

    id: str
    variant: Id | None = None


class CameFrom(Camel, frozen=True):
    """The order line behind a line of a reverse fulfilment order."""

    line_item: ListedLine


class ReverseLine(Camel, frozen=True):
    """Units of an order line that shall come back, and where they went by now."""

    id: str
    total_quantity: int
    dispositions: list[Disposition]
    fulfillment_line_item: CameFrom | None = None


class ReturnTracking(Struct, frozen=True):
    """Under which number a parcel comes back."""

    number: str | None = None


class Deliverable(Struct, frozen=True):
    """How a parcel comes back; empty where it is brought."""

    tracking: ReturnTracking | None = None


class ReverseDelivery(Struct, frozen=True):
    """One parcel that comes back."""

    deliverable: Deliverable | None = None


class ReverseOrder(Camel, frozen=True):
    """What one location shall take back of a return."""

    id: str
    status: str
    line_items: Nodes[ReverseLine]
    reverse_deliveries: Nodes[ReverseDelivery]


class ReturnOf(Camel, frozen=True):
    """The order of a return."""

    id: str
    updated_at: datetime


class Return(Camel, frozen=True):
    """A return, or the wish for one."""

    id: str
    name: str
    status: str
    created_at: datetime
    order: ReturnOf
    return_line_items: Nodes[ReturnLine]
    exchange_line_items: Nodes[ExchangeLine]
    reverse_fulfillment_orders: Nodes[ReverseOrder]
    closed_at: datetime | None = None


class ReturnData(Struct, frozen=True):
    """The answer to `return`: as it came, `null` where there is none."""

    return_: Raw = field(name="return")


class ReturnedOrder(Camel, frozen=True):
    """An order with the heads of its returns, each as it came."""

    id: str
    updated_at: datetime
    returns: Nodes[Raw]
    return_status: str = ""


class OrderReturns(Struct, frozen=True):
    """A later page of one order's returns."""

    returns: Nodes[Raw]


class MoreReturnsData(Struct, frozen=True):
    """The answer to `returns.more`."""

    order: OrderReturns | None


class MoreReturnLines(Camel, frozen=True):
    """A later page of a return's lines."""

    return_line_items: Nodes[ReturnLine]


class MoreReturnLinesData(Struct, frozen=True):
    """The answer to `return.lines`."""

    return_: MoreReturnLines | None = field(name="return")


class MoreExchangeLines(Camel, frozen=True):
    """A later page of what is wanted instead."""

    exchange_line_items: Nodes[ExchangeLine]


class MoreExchangeLinesData(Struct, frozen=True):
    """The answer to `return.exchange_lines`."""

    return_: MoreExchangeLines | None = field(name="return")


class MoreReverseLines(Camel, frozen=True):
    """A later page of what one location takes back."""

    line_items: Nodes[ReverseLine]


class MoreReverseLinesData(Camel, frozen=True):
    """The answer to `return.reverse_lines`."""

    reverse_fulfillment_order: MoreReverseLines | None


class ReturnHead(Struct, frozen=True):
    """A return's state."""

    id: str
    status: str


class ReturnResult(Camel, frozen=True):
    """The outcome of an answer, or of closing."""

    user_errors: list[UserError]
    return_: ReturnHead | None = field(default=None, name="return")


class ReturnApproved(Camel, frozen=True):
    """The answer to `return.approve`."""

    return_approve_request: ReturnResult | None


class ReturnDeclined(Camel, frozen=True):
    """The answer to `return.decline`."""

    return_decline_request: ReturnResult | None


class ReturnClosed(Camel, frozen=True):
    """The answer to `return.close`."""

    return_close: ReturnResult | None


class DisposeResult(Camel, frozen=True):
    """The outcome of booking in what came back."""

    user_errors: list[UserError]


class Disposed(Camel, frozen=True):
    """The answer to `return.dispose`."""

    reverse_fulfillment_order_dispose: DisposeResult | None
