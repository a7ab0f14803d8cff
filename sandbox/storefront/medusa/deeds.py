"""What staff do with placed orders: take the money and give it back, send, deliver, cancel.

A capture leaves the order's updatedAt alone, and so does a refund within what is owed; everything else moves it.
"""

from decimal import Decimal
from typing import Any

from sandbox.storefront import cancelling
from sandbox.storefront.medusa.amounts import minor
from sandbox.storefront.medusa.answers import invalid, missing, not_allowed
from sandbox.storefront.medusa.books import Departure, MedusaShop
from sandbox.storefront.medusa.names import inside, outside
from sandbox.storefront.medusa.sums import order_sums, original_total
from sandbox.storefront.movements import units_of
from sandbox.storefront.orders import Fulfilment, FulfilmentLine, Line, Order, Payment
from sandbox.storefront.states import FulfilmentState, OrderState, PaymentState


def find_order(shop: MedusaShop, shown: str) -> Order:
    """A placed order by the id that the API shows."""
    order = shop.orders.get(inside("order", shown) or "")
    if order is None or order.order_placed_at is None:
        raise missing(f"Order id not found: {shown}")
    return order


def find_payment(shop: MedusaShop, shown: str) -> Payment:
    """A payment by the id that the API shows."""
    payment = shop.payments.get(inside("payment", shown) or "")
    if payment is None:
        raise missing(f"Payment with id: {shown} was not found")
    return payment


# --- money -------------------------------------------------------------------------------------------------


def capture(shop: MedusaShop, payment: Payment) -> None:
    """Take the money of an authorised payment; a second time changes nothing."""
    order = payment.order
    if shop.about(order).cancelled_at and payment.state is PaymentState.AUTHORISED:
        raise invalid(f"The payment: {outside('payment', payment.id)} has been canceled.")
    if payment.state is PaymentState.AUTHORISED:
        payment.state, payment.updated_at = PaymentState.SETTLED, shop.second()
        shop.about(order).paid_at = payment.updated_at
        if order.state is OrderState.AUTHORISED:
            order.state = OrderState.PAID
        shop.record("payment_settled", code=order.code, payment=payment.id, amount=payment.amount)


def refund(
    shop: MedusaShop, payment: Payment, amount: Decimal, note: str | None, *, changing: bool = False
) -> None:
    """Give money back; what goes beyond the sum owed becomes a credit line, and the order is written anew.

    While the order is being changed (`changing`) the credit line is refused, and the money is given all the same.
    """
    order = payment.order
    sums = order_sums(shop, order)
    if amount > sums.paid - sums.refunded:
        raise invalid("You are not allowed to refund more than the captured amount")
    owed = max(Decimal(0), -sums.pending)
    _give_back(shop, order, amount, note)
    if amount > owed:
        if changing:
            raise invalid(f"Order ({outside('order', order.id)}) already has an existing active order change")
        shop.about(order).credit += amount - owed
        shop.touch(order)


def _give_back(shop: MedusaShop, order: Order, amount: Decimal, note: str | None) -> None:
    id = shop.numbers.next("refund")
    shop.about(order).refunds.append((id, amount, note, shop.second()))
    shop.record("refunded", code=order.code, refund=id, amount=minor(amount), currency=shop.terms.currency)


def cancel(shop: MedusaShop, order: Order) -> None:
    """Cancel a whole order; what was captured goes back to the buyer."""
    if shop.about(order).cancelled_at:
        raise not_allowed(f"Order with id {outside('order', order.id)} has been canceled.")
    if any(f.state is not FulfilmentState.CANCELLED for f in order.fulfillments):
        raise not_allowed("All fulfillments must be canceled before canceling an order")
    cancelling.cancel(shop, order.id, None, shipping=False, reason=None)


def settle_cancelled(shop: MedusaShop, order: Order) -> None:
    """Refund what a cancelled order's buyer had paid."""
    sums = order_sums(shop, order)
    left = sums.paid - sums.refunded
    if left > 0:
        _give_back(shop, order, left, None)
        shop.about(order).credit = original_total(shop, order)


# --- goods -------------------------------------------------------------------------------------------------


def fulfil(
    shop: MedusaShop,
    order: Order,
    location: str | None,
    wanted: list[dict[str, Any]],
    metadata: dict[str, Any] | None = None,
) -> None:
    """Pack units at a location: they leave its stock, and their reservation, at once."""
    if shop.about(order).cancelled_at:
        raise not_allowed(f"Order with id {outside('order', order.id)} has been canceled.")
    place = _place(shop, location)
    lines = _own_lines(order, wanted)
    for line, quantity in lines:
        if quantity > shop.outstanding(line):
            name = outside("line", line.id)
            raise invalid(f"Quantity to fulfill exceeds the reserved quantity for the item: {name}")
    for line, quantity in lines:
        _fits(shop, line, quantity, place)
    now = shop.second()
    made = Fulfilment(shop.numbers.next("fulfilment"), order, "manual", "", now, now)
    for line, quantity in lines:
        made.lines.append(FulfilmentLine(line, quantity, made))
        _take(shop, line, quantity, place)
    order.fulfillments.append(made)
    shop.fulfilments[made.id] = made
    shop.departures[made.id] = Departure(place, now, metadata=metadata)
    shop.touch(order)
    _tell(shop, made)


def _place(shop: MedusaShop, location: str | None) -> str:
    if location is None:
        return next(iter(shop.locations))
    place = inside("location", location)
    if place not in shop.locations:
        raise missing(f"StockLocation id not found: {location}")
    return str(place)


def _own_lines(order: Order, wanted: list[dict[str, Any]]) -> list[tuple[Line, int]]:
    own = {outside("line", line.id): line for line in order.lines}
    if strange := [part["id"] for part in wanted if part["id"] not in own]:
        name = outside("order", order.id)
        raise invalid(f"Items with ids {', '.join(strange)} does not exist in order with id {name}.")
    return [(own[part["id"]], int(part["quantity"])) for part in wanted]


def _fits(shop: MedusaShop, line: Line, quantity: int, place: str) -> None:
    """Packed elsewhere than reserved, now or once before, the units must be free there."""
    item = line.product_variant.id
    names = f"item {outside('inventory', item)} at location {outside('location', place)}"
    if (item, place) not in shop.levels:
        raise missing(
            f"Item {outside('inventory', item)} is not stocked at location {outside('location', place)}"
        )
    free = shop.available(item, place) + (shop.outstanding(line) if shop.places[line.id] == place else 0)
    if (shop.places[line.id] != place or line.id in shop.moved) and free < quantity:
        raise not_allowed(f"Not enough stock available for {names}")


def _take(shop: MedusaShop, line: Line, quantity: int, place: str) -> None:
    variant = line.product_variant
    if shop.places[line.id] != place:
        _leak(shop, line)
        shop.moved.add(line.id)
    line.sales += quantity
    variant.allocated -= quantity
    level = shop.levels[variant.id, place]
    shop.put(variant.id, place, level.stocked - quantity)
    shop.places[line.id] = place
    shop.follow(variant.id)


def _leak(shop: MedusaShop, line: Line) -> None:
    """What a line had reserved at its old location is never let go there, as the real server has it."""
    variant, units = line.product_variant, shop.outstanding(line)
    shop.levels[variant.id, shop.places[line.id]].leaked += units
    variant.allocated += units


def _tell(shop: MedusaShop, fulfilment: Fulfilment) -> None:
    shop.record(
        "fulfilment_created",
        code=fulfilment.order.code,
        fulfilment=fulfilment.id,
        tracking=fulfilment.tracking_code,
        lines=units_of([(part.order_line, part.quantity) for part in fulfilment.lines]),
    )


def find_fulfilment(shop: MedusaShop, order: Order, shown: str) -> Fulfilment | None:
    """A fulfilment of this order by the id that the API shows."""
    id = inside("fulfilment", shown)
    return next((f for f in order.fulfillments if f.id == id), None)


def ship(shop: MedusaShop, fulfilment: Fulfilment, labels: list[dict[str, str]]) -> None:
    """Say that a fulfilment left, with its labels."""
    departure = shop.departure(fulfilment)
    if departure.cancelled_at:
        raise not_allowed("Cannot create shipment for a canceled fulfillment")
    if departure.shipped_at:
        raise not_allowed("Shipment has already been created")
    departure.shipped_at, departure.labels = shop.second(), labels
    fulfilment.tracking_code = labels[0]["tracking_number"] if labels else ""
    if fulfilment.state is FulfilmentState.PENDING:
        fulfilment.state = FulfilmentState.SHIPPED
    fulfilment.updated_at = departure.shipped_at
    shop.touch(fulfilment.order)
    _tell(shop, fulfilment)
    _moved(shop, fulfilment, "Shipped")


def deliver(shop: MedusaShop, fulfilment: Fulfilment) -> None:
    """Say that a fulfilment arrived, shipped or not."""
    departure = shop.departure(fulfilment)
    if departure.cancelled_at:
        raise not_allowed("Cannot mark an already canceled fulfillment as delivered")
    if departure.delivered_at:
        raise not_allowed("Fulfillment has already been marked delivered")
    departure.delivered_at = fulfilment.updated_at = shop.second()
    fulfilment.state = FulfilmentState.DELIVERED
    shop.touch(fulfilment.order)
    _moved(shop, fulfilment, "Delivered")


def cancel_fulfilment(shop: MedusaShop, fulfilment: Fulfilment) -> None:
    """Unpack: the units are on the shelf and reserved again."""
    departure = shop.departure(fulfilment)
    if departure.cancelled_at:
        raise not_allowed("The fulfillment is already canceled")
    if departure.shipped_at:
        raise not_allowed("The fulfillment has already been shipped. Shipped fulfillments cannot be canceled")
    if departure.delivered_at:
        raise not_allowed(
            "The fulfillment has already been delivered. Delivered fulfillments cannot be canceled"
        )
    departure.cancelled_at = fulfilment.updated_at = shop.second()
    fulfilment.state = FulfilmentState.CANCELLED
    for part in fulfilment.lines:
        variant = part.order_line.product_variant
        part.order_line.sales -= part.quantity
        part.order_line.cancellations += part.quantity
        variant.allocated += part.quantity
        level = shop.levels[variant.id, departure.location]
        shop.put(variant.id, departure.location, level.stocked + part.quantity)
        if part.order_line not in shop.reserving.setdefault(variant.id, []):
            shop.reserving[variant.id].append(part.order_line)
        shop.follow(variant.id)
    shop.touch(fulfilment.order)
    _moved(shop, fulfilment, "Cancelled")


def _moved(shop: MedusaShop, fulfilment: Fulfilment, state: str) -> None:
    shop.record(
        "fulfilment_moved",
        code=fulfilment.order.code,
        fulfilment=fulfilment.id,
        state=state,
        tracking=fulfilment.tracking_code,
    )
