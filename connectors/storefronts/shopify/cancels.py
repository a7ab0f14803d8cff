"""Cancelling at the shop: a whole order, or units of its lines by an order edit.

Wished for as what shall be left, so a repeat finds nothing to do. Shopify cancels a whole order only while
nothing of it has left; it does so by and by (a job), and the order is looked at until it says so. No money
moves by it, but a payment that is only authorised is let go. Units are taken off by an edit, which counts only
once it is committed. Nothing is put back into stock: what can be sold comes from the warehouse.
"""

import asyncio
from collections.abc import Mapping

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    CancelLines,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.ids import gid, number
from connectors.storefronts.shopify.orders import Orders, decoded
from connectors.storefronts.shopify.refusals import no_order, refusal, refused_by
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import Uncertain

LOOKS = (0.1, 0.3, 0.6, 1.0, 2.0)
"""Seconds between looks at a cancellation that is under way."""
LONGEST_NOTE = 250


def to_cancel(order: payloads.Order, request: CancelLines) -> dict[str, int] | Rejected:
    """Units to take off each line; empty where no more than wished is left."""
    lines = {line.id: line for line in order.line_items.nodes}
    units: dict[str, int] = {}
    for id, left in request.left:
        line = lines.get(id)
        if line is None:
            if left <= 0:
                continue
            return Rejected(f"order {order.name} has no line {id}", code="NO_LINE", mendable=False)
        over = line.current_quantity - left
        if over > line.unfulfilled_quantity:
            return Rejected(
                f"order {order.name}: {over} units of line {id} shall be cancelled, and only "
                f"{max(0, line.unfulfilled_quantity)} are in no shipment: what has left comes back as a return",
                code="ALREADY_FULFILLED",
            )
        if over > 0:
            units[id] = over
    return units


def takes_all(order: payloads.Order, units: Mapping[str, int]) -> bool:
    """Whether nothing of the order is left then, and nothing has left."""
    lines = order.line_items.nodes
    return not order.standing and all(line.current_quantity <= units.get(line.id, 0) for line in lines)


class Cancels:
    """Cancels one shop's orders, whole or in part."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def cancel(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """Done where no more than `request.left` is wanted of each line now."""
        record = await self._orders.read(request.order, deadline)
        if record is None:
            return no_order(request.order)
        order = decoded(record)
        if order.cancelled_at is not None:
            return Done(external_id=order.id)
        units = to_cancel(order, request)
        if isinstance(units, Rejected):
            return units
        if not units:
            return Done(external_id=order.id)
        what = f"cancelling units of order {order.name}"
        try:
            if takes_all(order, units):
                return await self._whole(order, request.reason, what, deadline)
            return await self._edit(order, units, request.reason, what, deadline)
        except (Uncertain, BadAnswer) as error:
            return Unknown(f"{what}: {error}")
        except Refused as error:
            return refusal(error.code, what)

    async def _whole(
        self, order: payloads.Order, reason: str, what: str, deadline: Deadline
    ) -> Outcome[None]:
        variables = {
            "id": order.id,
            "reason": "OTHER",
            "notify": self._shop.options.notify_buyers,
            "note": reason[:LONGEST_NOTE],
            "refund": {"originalPaymentMethodsRefund": False},
        }
        reply = await self._shop.client.send(documents.CANCEL, variables, deadline)
        result = reply.read(payloads.Cancelled).order_cancel
        if result is None:
            raise Uncertain(f"{what}: the shop's answer is empty")
        refused = refused_by(result.order_cancel_user_errors, what)
        if refused is not None:
            return refused
        try:
            return await self._looked(order, what, deadline)
        except (AuthRejected, Throttled, Unavailable) as error:
            return Unknown(f"{what}: begun, and not seen to end: {error}")

    async def _looked(self, order: payloads.Order, what: str, deadline: Deadline) -> Outcome[None]:
        """Look at the order until it is cancelled."""
        for wait in (*LOOKS, None):
            record = await self._orders.read(order.id, deadline)
            if record is None or decoded(record).cancelled_at is not None:
                return Done(external_id=order.id)
            if wait is None or wait * 2 > deadline.left():
                break
            await asyncio.sleep(wait)
        return Unknown(f"{what}: the shop still works on it")

    async def _edit(
        self, order: payloads.Order, units: Mapping[str, int], reason: str, what: str, deadline: Deadline
    ) -> Outcome[None]:
        staged = await self._staged(order, units, what, deadline)
        if not isinstance(staged, str):
            return staged
        variables = {
            "id": staged,
            "notify": self._shop.options.notify_buyers,
            "note": reason[:LONGEST_NOTE],
        }
        reply = await self._shop.client.send(documents.COMMIT_EDIT, variables, deadline)
        result = reply.read(payloads.EditCommitted).order_edit_commit
        if result is None:
            raise Uncertain(f"{what}: the shop's answer is empty")
        return refused_by(result.user_errors, what) or Done(external_id=order.id)

    async def _staged(
        self, order: payloads.Order, units: Mapping[str, int], what: str, deadline: Deadline
    ) -> str | Rejected | Retry:
        """The id of an edit that holds the changes and is not committed yet; nothing has changed if it fails."""
        begun = False
        try:
            reply = await self._shop.client.send(
                documents.BEGIN_EDIT, {"id": order.id, "first": 100}, deadline
            )
            result = reply.read(payloads.EditBegun).order_edit_begin
            refused = refused_by(result.user_errors if result else [], what)
            if refused is not None:
                return refused
            edit = result.calculated_order if result else None
            if edit is None:
                return Retry(f"{what}: the shop begins no edit")
            begun = True
            for line in order.line_items.nodes:
                if line.id in units:
                    left = line.current_quantity - units[line.id]
                    refused = await self._quantity(edit, line.id, left, what, deadline)
                    if refused is not None:
                        return refused
        except (AuthRejected, Throttled, Unavailable, BadAnswer) as error:
            if not begun and not isinstance(error, BadAnswer):
                raise
            return Retry(f"{what}: nothing is cancelled yet: {error}", getattr(error, "retry_after", None))
        return edit.id

    async def _quantity(
        self, edit: payloads.CalculatedOrder, line: str, left: int, what: str, deadline: Deadline
    ) -> Rejected | None:
        wanted = number(line)
        known = next((each.id for each in edit.line_items.nodes if number(each.id) == wanted), None)
        id = known or gid("CalculatedLineItem", wanted or 0)
        variables = {"id": edit.id, "line": id, "quantity": left}
        reply = await self._shop.client.send(documents.EDIT_QUANTITY, variables, deadline)
        result = reply.read(payloads.EditSet).order_edit_set_quantity
        return refused_by(result.user_errors if result else [], what)
