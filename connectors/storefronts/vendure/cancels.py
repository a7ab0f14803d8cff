"""Cancelling units of an order's lines at the shop.

Wished for as what shall be left, so a repeat finds nothing to do. Only units in no fulfilment are
cancelled: fulfilled ones have left, and come back, if at all, as a return.

Vendure's `cancelOrder` on a partly fulfilled line counts wrongly (trap 9): it takes each cancelled unit off
the allocated ones, as it should, and besides puts one on hand for each fulfilled unit of the line. What it
put there too many is taken off again at once, within the lock on the shop's stock.
"""

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    CancelLines,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure import documents, payloads
from connectors.storefronts.vendure.orders import Orders, decoded
from connectors.storefronts.vendure.refusals import refusal, refused_by
from connectors.storefronts.vendure.shop import Shop
from connectors.storefronts.vendure.translate import left_to_fulfil
from connectors.transport import Uncertain

Levels = dict[tuple[str, str], int]
"""Units on hand by (variant, stock location)."""


def to_cancel(order: payloads.Order, request: CancelLines) -> dict[str, int] | Rejected:
    """Units to cancel of each line; empty where no more than wished is left."""
    unfulfilled = left_to_fulfil(order)
    lines = {line.id: line for line in order.lines}
    units: dict[str, int] = {}
    for line, left in request.left:
        if line not in lines:
            return Rejected(f"order {order.code} has no line {line}", code="NO_LINE", mendable=False)
        over = lines[line].quantity - left
        if over > unfulfilled[line]:
            return Rejected(
                f"order {order.code}: {over} units of line {line} shall be cancelled, and only "
                f"{max(0, unfulfilled[line])} are in no shipment: what has left comes back as a return",
                code="ALREADY_FULFILLED",
            )
        if over > 0:
            units[line] = over
    return units


def restocked_wrongly(order: payloads.Order, units: dict[str, int]) -> bool:
    """Whether a line among `units` has fulfilled units too."""
    unfulfilled = left_to_fulfil(order)
    return any(line.id in units and line.quantity > unfulfilled[line.id] for line in order.lines)


class Cancels:
    """Cancels lines of one shop's orders."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def cancel(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """Done where no more than `request.left` is wanted of each line now."""
        async with self._shop.stock_moves:
            record, _ = await self._orders.read(request.order, deadline)
            if record is None:
                return Rejected(
                    f"the shop has no order {request.order} (in this channel)", "ENTITY_NOT_FOUND"
                )
            order = decoded(record)
            units = to_cancel(order, request)
            if isinstance(units, Rejected):
                return units
            if not units or order.state == "Cancelled":
                return Done(external_id=order.id)
            return await self._cancel(order, units, request.reason, deadline)

    async def _cancel(
        self, order: payloads.Order, units: dict[str, int], reason: str, deadline: Deadline
    ) -> Outcome[None]:
        partly = restocked_wrongly(order, units)
        before = await self._levels(order, units, deadline) if partly else {}
        try:
            refused = await self._send(order, units, reason, deadline)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, f"cancelling units of order {order.code}")
        if refused is not None:
            return refused
        for line in order.lines:
            self._shop.moved(line.product_variant.id, released=units.get(line.id, 0))
        if partly:
            await self._take_off(order, units, before, deadline)
        return Done(external_id=order.id)

    async def _send(
        self, order: payloads.Order, units: dict[str, int], reason: str, deadline: Deadline
    ) -> Rejected | None:
        nothing_left = all(line.quantity == units.get(line.id, 0) for line in order.lines)
        variables = {
            "input": {
                "orderId": order.id,
                "lines": [{"orderLineId": line, "quantity": n} for line, n in units.items()],
                "cancelShipping": nothing_left,
                "reason": reason,
            }
        }
        reply = await self._shop.client.send(documents.CANCEL, variables, deadline)
        return refused_by(reply.result("cancelOrder"), f"cancelling units of order {order.code}")

    async def _take_off(
        self, order: payloads.Order, units: dict[str, int], before: Levels, deadline: Deadline
    ) -> None:
        """Back to the units on hand from before. Should it fail, the next quantity that is set mends it."""
        try:
            after = await self._levels(order, units, deadline)
            surplus = {place: before[place] for place, n in after.items() if n > before.get(place, n)}
            inputs = [
                {"id": variant, "stockLevels": [{"stockLocationId": location, "stockOnHand": max(0, n)}]}
                for (variant, location), n in surplus.items()
            ]
            if inputs:
                await self._shop.client.send(documents.SET_STOCK, {"input": inputs}, deadline)
        except (AuthRejected, BadAnswer, Refused, Throttled, Unavailable):
            return

    async def _levels(self, order: payloads.Order, units: dict[str, int], deadline: Deadline) -> Levels:
        reply = await self._shop.client.send(documents.ORDER_STOCK, {"id": order.id}, deadline)
        found = reply.read(payloads.OrderStockData).order
        return {
            (line.product_variant.id, level.stock_location_id): level.stock_on_hand
            for line in (found.lines if found else ())
            if line.id in units
            for level in line.product_variant.stock_levels
        }
