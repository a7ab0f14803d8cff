"""How staff cancel placed orders, whole or by line; nothing is refunded by it.

The stock movements are those of the real server, its faults included: cancelling a line that is partly
fulfilled both releases an allocation and restocks a unit.
"""

from sandbox.storefront.books import Shop
from sandbox.storefront.movements import Wanted, move, units_of
from sandbox.storefront.orders import Line, Order
from sandbox.storefront.particulars import Adjustment
from sandbox.storefront.refusals import Refused, Rejected, no_lines, wrong_order_state
from sandbox.storefront.states import OrderState


def cancel(
    shop: Shop, order_id: str, wanted: Wanted | None, *, shipping: bool = False, reason: str | None = None
) -> Order:
    """Cancel lines, or all that is left of an order; nothing is refunded."""
    order = shop.order(order_id)
    if order.active:
        return _abandon(shop, order, wanted)
    if wanted is None:
        wanted = [{"orderLineId": line.id, "quantity": line.quantity} for line in order.lines]
    if not sum(part["quantity"] for part in wanted):
        raise no_lines()
    lines = _own_lines(shop, order, wanted)
    for line, quantity in lines:
        if line.quantity < quantity:
            raise Refused(
                "QuantityTooGreatError",
                "QUANTITY_TOO_GREAT_ERROR",
                "The specified quantity is greater than the available OrderItems",
            )
    for line, quantity in lines:
        _cancel_line(shop, line, quantity)
    if shipping:
        for sent in order.shipping_lines:
            sent.adjustments.append(
                Adjustment("CANCEL_ORDER", "OTHER", "shipping cancellation", -sent.discounted_price)
            )
    if not order.total_quantity:
        order.state = OrderState.CANCELLED
    order.updated_at = shop.second()
    why = {"lines": wanted, "reason": reason or None, "shippingCancelled": shipping}
    shop.remember(order, "ORDER_CANCELLATION", why)
    shop.record("order_cancelled", code=order.code, lines=units_of(lines), whole=not order.total_quantity)
    return order


def _abandon(shop: Shop, order: Order, wanted: Wanted | None) -> Order:
    if wanted is not None:
        raise Refused(
            "CancelActiveOrderError",
            "CANCEL_ACTIVE_ORDER_ERROR",
            f'Cannot cancel OrderLines from an Order in the "{order.state}" state',
            order_state=str(order.state),
        )
    order.state, order.active = OrderState.CANCELLED, False
    order.updated_at = shop.second()
    return order


def _own_lines(shop: Shop, order: Order, wanted: Wanted) -> list[tuple[Line, int]]:
    known = [
        (shop.lines[p["orderLineId"]], int(p["quantity"])) for p in wanted if p["orderLineId"] in shop.lines
    ]
    if not known:
        raise Rejected("Cannot read properties of undefined (reading 'id')", None)
    if any(line.order is not order for line, _ in known):
        raise Refused("MultipleOrderError", "MULTIPLE_ORDER_ERROR", "errorResult.MULTIPLE_ORDER_ERROR")
    return known


def _cancel_line(shop: Shop, line: Line, quantity: int) -> None:
    allocated = line.allocations - line.sales - line.releases
    in_fulfilments = sum(
        part.quantity for f in line.order.fulfillments for part in f.lines if part.order_line is line
    )
    fulfilled = in_fulfilments - line.cancellations
    if fulfilled > 0:
        units = min(fulfilled, quantity)
        line.cancellations += units
        move(shop, line, on_hand=units)
    if allocated > 0:
        units = min(allocated, quantity)
        line.releases += units
        move(shop, line, allocated=-units)
    line.quantity -= quantity


def refuse_transition(order: Order, state: str) -> Refused:
    """Why staff cannot push a placed order to a state by hand."""
    return wrong_order_state(
        f'Cannot transition Order from "{order.state}" to "{state}"', str(order.state), state
    )
