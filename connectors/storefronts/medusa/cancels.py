"""Cancelling at the shop: a whole order, or units of its lines by an order edit.

Wished for as what shall be left, so a repeat finds nothing to do. Medusa cancels an order only while no
uncancelled fulfilment exists, shipped or not, and then refunds what was captured (trap 7). An order edit
that is confirmed lets go every payment that is only authorised, and leaves the order unpaid: so units are
cancelled by an edit only where the payment is captured. An edit is begun, filled, requested and confirmed;
one that stopped on the way is ours by its note, and is dropped before another begins.
"""

from collections.abc import Mapping
from hashlib import sha256

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
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import Request, get, make, path
from connectors.storefronts.medusa.orders import Orders, decoded
from connectors.storefronts.medusa.refusals import no_order, refusal
from connectors.storefronts.medusa.shop import Shop
from connectors.storefronts.medusa.translate import left_to_fulfil, payment_status, standing
from connectors.transport import Safety, Uncertain
from sync.domain.money import Money
from sync.domain.orders import PaymentStatus

_ACTIVE = frozenset({"pending", "requested"})
_UNCAPTURED = frozenset({PaymentStatus.AUTHORISED, PaymentStatus.UNPAID})


def to_cancel(order: payloads.Order, request: CancelLines) -> dict[str, int] | Rejected:
    """Units to cancel of each line; empty where no more than wished is left."""
    unfulfilled = left_to_fulfil(order)
    lines = {line.id: line for line in order.items or ()}
    units: dict[str, int] = {}
    for line, left in request.left:
        if line not in lines:
            if left <= 0:
                continue  # an edit that took all units of a line took the line off
            return Rejected(f"order {order.display_id} has no line {line}", code="NO_LINE", mendable=False)
        over = lines[line].quantity - left
        if over > unfulfilled[line]:
            return Rejected(
                f"order {order.display_id}: {over} units of line {line} shall be cancelled, and only "
                f"{max(0, unfulfilled[line])} are in no shipment: what has left comes back as a return",
                code="ALREADY_FULFILLED",
            )
        if over > 0:
            units[line] = over
    return units


class Cancels:
    """Cancels one shop's orders, whole or in part."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def cancel(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """Done where no more than `request.left` is wanted of each line now."""
        async with self._shop.stock_moves:
            record = await self._orders.read(request.order, deadline)
            if record is None:
                return no_order(request.order)
            order = decoded(record)
            units = to_cancel(order, request) if order.status != "canceled" else {}
            if isinstance(units, Rejected):
                return units
            if not units:
                return Done(external_id=order.id)
            return await self._cancel(order, units, deadline)

    async def _cancel(
        self, order: payloads.Order, units: Mapping[str, int], deadline: Deadline
    ) -> Outcome[None]:
        what = f"cancelling units of order {order.display_id}"
        whole = all(line.quantity == units.get(line.id, 0) for line in order.items or ())
        try:
            if whole and not standing(order):
                await self._shop.client.send(make("cancel", "orders", order.id, "cancel", body={}), deadline)
            else:
                refused = await self._edit(order, units, deadline)
                if refused is not None:
                    return refused
        except (Uncertain, BadAnswer) as error:
            return Unknown(f"{what}: {error}")
        except Refused as error:
            return refusal(error.code, what)
        for line in order.items or ():
            if line.variant_id is not None:
                self._shop.moved(line.variant_id, released=units.get(line.id, 0))
        return Done(external_id=order.id)

    async def _edit(
        self, order: payloads.Order, units: Mapping[str, int], deadline: Deadline
    ) -> Rejected | Retry | None:
        amount = Money.of(order.total, order.currency_code.upper())
        if payment_status(amount, order.payments, amount.currency) in _UNCAPTURED:
            return Rejected(
                f"order {order.display_id}: its payment is not captured, and Medusa would let it go with a "
                "change of lines: capture it first, or cancel the whole order",
                code="NOT_CAPTURED",
            )
        refused = await self._begin(order, deadline)
        if refused is not None:
            return refused
        try:
            for line in order.items or ():
                if line.id in units:
                    left: dict[str, object] = {"quantity": line.quantity - units[line.id]}
                    await self._step(order, ("items", "item", line.id), left, deadline)
            await self._step(order, ("request",), {}, deadline)
        except (AuthRejected, BadAnswer, Refused, Throttled, Unavailable, Uncertain) as error:
            await self._drop(order, deadline)
            if isinstance(error, Refused):
                raise
            return Retry(f"order {order.display_id}: nothing is cancelled yet: {error}")
        await self._step(order, ("confirm",), {}, deadline)
        return None

    async def _begin(self, order: payloads.Order, deadline: Deadline) -> Rejected | None:
        """Begin an edit, in place of one of ours that stopped on the way."""
        if change := await self._active(order, deadline):
            if change.internal_note != _note(order):
                return Rejected(
                    f"order {order.display_id} is being changed by staff: finish or drop that change first",
                    code="BEING_CHANGED",
                )
            await self._drop(order, deadline)
        body = {"order_id": order.id, "internal_note": _note(order)}
        await self._shop.client.send(make("begin_edit", "order-edits", body=body), deadline)
        return None

    async def _active(self, order: payloads.Order, deadline: Deadline) -> payloads.Change | None:
        asked = get("changes", "orders", order.id, "changes", params=[("fields", "id,status,internal_note")])
        changes = (await self._shop.client.send(asked, deadline)).read(payloads.Changes).order_changes
        return next((change for change in changes if change.status in _ACTIVE), None)

    async def _step(
        self, order: payloads.Order, way: tuple[str, ...], body: dict[str, object], deadline: Deadline
    ) -> None:
        await self._shop.client.send(make("edit", "order-edits", order.id, *way, body=body), deadline)

    async def _drop(self, order: payloads.Order, deadline: Deadline) -> None:
        """Should it fail, the next attempt drops it."""
        asked = Request("drop_edit", "DELETE", path("order-edits", order.id), Safety.ABSOLUTE)
        try:
            await self._shop.client.send(asked, deadline)
        except (AuthRejected, BadAnswer, Refused, Throttled, Unavailable):
            return


def _note(order: payloads.Order) -> str:
    return f"Entrepot {sha256(order.id.encode()).hexdigest()[:10]}"
