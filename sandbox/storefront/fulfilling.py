"""How staff say that goods left: fulfilments, and the order states that follow from them.

The units leave the stock on hand when the fulfilment is made, not when it is shipped.
"""

from sandbox.storefront.books import Shop
from sandbox.storefront.movements import Wanted, find_line, move, units_of
from sandbox.storefront.orders import Fulfilment, FulfilmentLine, Line, Order
from sandbox.storefront.refusals import Refused, no_lines, not_found
from sandbox.storefront.states import AFTER_FULFILMENT, AFTER_ORDER, FulfilmentState, OrderState


def fulfil(shop: Shop, wanted: Wanted, handler: str, arguments: dict[str, str]) -> Fulfilment:
    """Make a fulfilment (Pending); its units leave the stock on hand at once."""
    if not sum(part["quantity"] for part in wanted):
        raise no_lines()
    lines = [(find_line(shop, part["orderLineId"]), int(part["quantity"])) for part in wanted]
    for line, quantity in lines:
        if line.order.fulfilled(line) + quantity > line.quantity:
            raise Refused(
                "ItemsAlreadyFulfilledError",
                "ITEMS_ALREADY_FULFILLED_ERROR",
                "One or more OrderItems are already part of a Fulfillment",
            )
    for line, quantity in lines:
        _enough_on_hand(line, quantity)
    if handler != "manual-fulfillment":
        raise Refused(
            "InvalidFulfillmentHandlerError",
            "INVALID_FULFILLMENT_HANDLER_ERROR",
            "errorResult.INVALID_FULFILLMENT_HANDLER_ERROR",
        )
    return _new_fulfilment(shop, lines, arguments)


def _enough_on_hand(line: Line, quantity: int) -> None:
    variant = line.product_variant
    if variant.tracked and variant.on_hand < quantity:
        raise Refused(
            "InsufficientStockOnHandError",
            "INSUFFICIENT_STOCK_ON_HAND_ERROR",
            f'Cannot create a Fulfillment as "{variant.name}" has insufficient stockOnHand '
            f"({variant.on_hand})",
            product_variant_id=variant.id,
            product_variant_name=variant.name,
            stock_on_hand=variant.on_hand,
        )


def _new_fulfilment(shop: Shop, lines: list[tuple[Line, int]], arguments: dict[str, str]) -> Fulfilment:
    now = shop.second()
    order = lines[0][0].order
    fulfilment = Fulfilment(
        shop.numbers.next("fulfilment"),
        order,
        arguments.get("method", ""),
        arguments.get("trackingCode", ""),
        now,
        now,
    )
    for line, quantity in lines:
        fulfilment.lines.append(FulfilmentLine(line, quantity, fulfilment))
        line.sales += quantity
        move(shop, line, on_hand=-quantity, allocated=-quantity)
    order.fulfillments.append(fulfilment)
    shop.remember(order, "ORDER_FULFILLMENT", {"fulfillmentId": int(fulfilment.id)})
    shop.fulfilments[fulfilment.id] = fulfilment
    shop.record(
        "fulfilment_created",
        code=order.code,
        fulfilment=fulfilment.id,
        tracking=fulfilment.tracking_code,
        lines=units_of(lines),
    )
    return fulfilment


def move_fulfilment(shop: Shop, id: str, state: str) -> Fulfilment:
    """Say that a fulfilment was shipped, delivered or cancelled; the order's state follows."""
    fulfilment = shop.fulfilments.get(id)
    if fulfilment is None:
        raise not_found("Fulfillment", id)
    if state not in AFTER_FULFILMENT[fulfilment.state]:
        raise Refused(
            "FulfillmentStateTransitionError",
            "FULFILLMENT_STATE_TRANSITION_ERROR",
            "errorResult.FULFILLMENT_STATE_TRANSITION_ERROR",
            transition_error=f'Cannot transition Fulfillment from "{fulfilment.state}" to "{state}"',
            from_state=str(fulfilment.state),
            to_state=state,
        )
    step = {"fulfillmentId": int(id), "from": str(fulfilment.state), "to": state}
    shop.remember(fulfilment.order, "ORDER_FULFILLMENT_TRANSITION", step)
    fulfilment.state = FulfilmentState(state)
    fulfilment.updated_at = shop.second()
    if fulfilment.state is FulfilmentState.CANCELLED:
        for part in fulfilment.lines:
            part.order_line.cancellations += part.quantity
            part.order_line.allocations += part.quantity
            move(shop, part.order_line, on_hand=part.quantity, allocated=part.quantity)
    shop.record(
        "fulfilment_moved",
        code=fulfilment.order.code,
        fulfilment=id,
        state=state,
        tracking=fulfilment.tracking_code,
    )
    _follow(fulfilment.order, fulfilment.state)
    return fulfilment


def _follow(order: Order, state: FulfilmentState) -> None:
    if state is FulfilmentState.SHIPPED:
        whole, part = OrderState.SHIPPED, OrderState.PART_SHIPPED
    elif state is FulfilmentState.DELIVERED:
        whole, part = OrderState.DELIVERED, OrderState.PART_DELIVERED
    else:
        return
    target = whole if _all_in(order, state) else part
    if target in AFTER_ORDER[order.state]:
        order.state = target


def _all_in(order: Order, state: FulfilmentState) -> bool:
    live = [f for f in order.fulfillments if f.state is not FulfilmentState.CANCELLED]
    wanted = [line for line in order.lines if line.quantity]
    parts = [(f.state, part) for f in live for part in f.lines if part.order_line in wanted]
    return all(s is state for s, _ in parts) and all(
        order.fulfilled(line) >= line.quantity for line in wanted
    )
