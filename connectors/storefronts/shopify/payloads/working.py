"""What is done to orders: fulfilment orders, edits, cancellations and refunds."""

from msgspec import Struct, field

from connectors.storefronts.shopify.payloads.common import Camel, Id, Nodes, UserError
from connectors.storefronts.shopify.payloads.orders import Refund


class WorkLine(Camel, frozen=True):
    """Units of an order line that a fulfilment order still has to send."""

    id: str
    remaining_quantity: int
    line_item: Id


class Assigned(Camel, frozen=True):
    """The place that shall send it; `location` is null where that was deleted since."""

    name: str
    location: Id | None = None


class Hold(Struct, frozen=True):
    """Why it waits."""

    reason: str


class FulfilmentOrder(Camel, frozen=True):
    """What one location has to send of an order."""

    id: str
    status: str
    assigned_location: Assigned
    line_items: Nodes[WorkLine]
    fulfillment_holds: list[Hold] = field(default_factory=list)


class FulfilmentOrders(Camel, frozen=True):
    """Those of one order."""

    fulfillment_orders: Nodes[FulfilmentOrder]


class FulfilmentOrdersData(Struct, frozen=True):
    """The answer to `fulfilment_orders`."""

    order: FulfilmentOrders | None


class MoreWorkLines(Camel, frozen=True):
    """A later page of its lines."""

    line_items: Nodes[WorkLine]


class MoreWorkLinesData(Camel, frozen=True):
    """The answer to `fulfilment_orders.lines`."""

    fulfillment_order: MoreWorkLines | None


class MadeFulfilment(Struct, frozen=True):
    """A fulfilment that was just made."""

    id: str
    status: str = "SUCCESS"


class FulfilResult(Camel, frozen=True):
    """The outcome of a fulfilment."""

    user_errors: list[UserError]
    fulfillment: MadeFulfilment | None = None


class Fulfilled(Camel, frozen=True):
    """The answer to `fulfil`."""

    fulfillment_create: FulfilResult | None


class MoveResult(Camel, frozen=True):
    """The outcome of a move to another location."""

    user_errors: list[UserError]
    moved_fulfillment_order: FulfilmentOrder | None = None


class Moved(Camel, frozen=True):
    """The answer to `fulfilment_orders.move`."""

    fulfillment_order_move: MoveResult | None


class EventMade(Struct, frozen=True):
    """An event that was just told."""

    id: str
    status: str


class EventResult(Camel, frozen=True):
    """The outcome of telling of a delivery."""

    user_errors: list[UserError]
    fulfillment_event: EventMade | None = None


class Delivered(Camel, frozen=True):
    """The answer to `deliver`."""

    fulfillment_event_create: EventResult | None


class Job(Struct, frozen=True):
    """Work that Shopify does by and by."""

    id: str
    done: bool = False


class CancelResult(Camel, frozen=True):
    """The outcome of a cancellation: it may still be under way."""

    order_cancel_user_errors: list[UserError]
    job: Job | None = None


class Cancelled(Camel, frozen=True):
    """The answer to `cancel`."""

    order_cancel: CancelResult | None


class CalculatedLine(Camel, frozen=True):
    """A line of an order that is being edited; its number is the line's own."""

    id: str
    quantity: int
    editable_quantity: int | None = None


class CalculatedOrder(Camel, frozen=True):
    """An order that is being edited."""

    id: str
    line_items: Nodes[CalculatedLine]


class EditResult(Camel, frozen=True):
    """The outcome of beginning an edit."""

    user_errors: list[UserError]
    calculated_order: CalculatedOrder | None = None


class EditBegun(Camel, frozen=True):
    """The answer to `edit.begin`."""

    order_edit_begin: EditResult | None


class SetResult(Camel, frozen=True):
    """The outcome of one change within an edit."""

    user_errors: list[UserError]
    calculated_line_item: CalculatedLine | None = None


class EditSet(Camel, frozen=True):
    """The answer to `edit.quantity`."""

    order_edit_set_quantity: SetResult | None


class CommitResult(Camel, frozen=True):
    """The outcome of an edit."""

    user_errors: list[UserError]
    order: Id | None = None


class EditCommitted(Camel, frozen=True):
    """The answer to `edit.commit`."""

    order_edit_commit: CommitResult | None


class RefundResult(Camel, frozen=True):
    """The outcome of a refund."""

    user_errors: list[UserError]
    refund: Refund | None = None


class Refunded(Camel, frozen=True):
    """The answer to `refund`."""

    refund_create: RefundResult | None


class NoteResult(Camel, frozen=True):
    """The outcome of a note."""

    user_errors: list[UserError]
    order: Id | None = None


class NoteWritten(Camel, frozen=True):
    """The answer to `note`."""

    order_update: NoteResult | None
