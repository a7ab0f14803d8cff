"""Telling the shop what left: one fulfilment for each parcel, made once, then moved to Shipped.

A fulfilment bears no reference of ours. A parcel is recognised by its tracking number and lines among the
order's fulfilments (without a number: by its lines, among those that were not there `before`). So every
call reads the order first and does what is missing: the second parcel after a crash, or a fulfilment that
was made and not moved on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.contract import (
    AuthRejected,
    BadAnswer,
    ConfirmDelivery,
    ConfirmShipment,
    Deadline,
    Done,
    Outcome,
    Refused,
    Rejected,
    Retry,
    Throttled,
    ToldParcel,
    Unavailable,
    Unknown,
)
from connectors.storefronts.vendure import documents, payloads
from connectors.storefronts.vendure.orders import Orders, decoded
from connectors.storefronts.vendure.refusals import refusal, refused_by
from connectors.storefronts.vendure.shop import Shop
from connectors.storefronts.vendure.translate import left_to_fulfil, standing
from connectors.transport import Uncertain

_MOVED = frozenset({"Shipped", "Delivered"})


@dataclass(frozen=True, slots=True)
class Plan:
    """For each parcel, in order, the fulfilment that tells of it already, if there is one."""

    parcels: tuple[ToldParcel, ...]
    told: tuple[payloads.Fulfilment | None, ...]
    refused: Rejected | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return all(fulfilment is not None and fulfilment.state in _MOVED for fulfilment in self.told)

    @property
    def untouched(self) -> bool:
        """Whether nothing was done yet."""
        return not any(self.told)


def plan(order: payloads.Order, request: ConfirmShipment) -> Plan:
    """What is told and what is missing. `refused` where a missing parcel cannot be told any more."""
    free = list(standing(order))
    told: list[payloads.Fulfilment | None] = []
    for parcel in request.parcels:
        match = next((f for f in free if _tells(f, parcel, request.before)), None)
        if match is not None:
            free.remove(match)
        told.append(match)
    missing = [parcel for parcel, match in zip(request.parcels, told, strict=True) if match is None]
    return Plan(request.parcels, tuple(told), _too_late(order, missing))


def _tells(fulfilment: payloads.Fulfilment, parcel: ToldParcel, before: Sequence[str]) -> bool:
    lines = _added((line.order_line_id, line.quantity) for line in fulfilment.lines)
    if lines != _added(parcel.lines):
        return False
    number = parcel.tracking.strip()
    if not number:
        return not fulfilment.tracking_code and fulfilment.id not in before
    return (fulfilment.tracking_code or "").strip() == number


def _added(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    added: dict[str, int] = {}
    for line, units in lines:
        added[line] = added.get(line, 0) + units
    return added


def _too_late(order: payloads.Order, missing: Sequence[ToldParcel]) -> Rejected | None:
    left = left_to_fulfil(order)
    wanted = _added(line for parcel in missing for line in parcel.lines)
    for line, units in wanted.items():
        if line not in left:
            return Rejected(f"order {order.code} has no line {line}", code="NO_LINE", mendable=False)
        if units > left[line]:
            return Rejected(
                f"order {order.code}: {units} units of line {line} left, and the shop has "
                f"{max(0, left[line])} in no shipment yet: staff may have told of them, or cancelled them",
                code="ITEMS_ALREADY_FULFILLED_ERROR",
            )
    return None


class Shipments:
    """Confirms the shipments and deliveries of one shop."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def confirm(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Make what is missing, in the order of the parcels; `echo` are the fulfilments' ids."""
        async with self._shop.stock_moves:
            order = await self._order(request.order, deadline)
            if isinstance(order, Rejected):
                return order
            steps = plan(order, request)
            if steps.refused is not None:
                return steps.refused
            return await self._make(order, steps, deadline)

    async def find(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Done where all is told; Retry where something surely is missing: `confirm` does only that."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        steps = plan(order, request)
        if steps.done:
            return _done([fulfilment.id for fulfilment in steps.told if fulfilment])
        if steps.refused is not None:
            return steps.refused
        told = sum(1 for fulfilment in steps.told if fulfilment)
        return Retry(f"{told} of {len(steps.parcels)} parcels are told, and not all of them as shipped")

    async def deliver(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]:
        """Move the fulfilment to Delivered; Done where it is there."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        fulfilment = next((f for f in order.fulfillments or () if f.id == request.shipment), None)
        if fulfilment is None:
            return Rejected(f"order {order.code} has no shipment {request.shipment}", code="NO_SHIPMENT")
        if fulfilment.state == "Cancelled":
            return Rejected(f"shipment {request.shipment} was cancelled in the shop", code="CANCELLED")
        if fulfilment.state == "Delivered":
            return Done(external_id=fulfilment.id)
        try:
            refused = await self._move(order, fulfilment.id, "Delivered", deadline)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, f"order {order.code}, delivery")
        return refused or Done(external_id=fulfilment.id)

    async def _order(self, external_id: str, deadline: Deadline) -> payloads.Order | Rejected:
        record, _ = await self._orders.read(external_id, deadline)
        if record is None:
            return Rejected(f"the shop has no order {external_id} (in this channel)", code="ENTITY_NOT_FOUND")
        return decoded(record)

    async def _make(self, order: payloads.Order, steps: Plan, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        made: list[str] = []
        begun = False
        for parcel, fulfilment in zip(steps.parcels, steps.told, strict=True):
            what = f"order {order.code}, parcel {len(made) + 1} of {len(steps.parcels)}"
            try:
                told = fulfilment or await self._create(order, parcel, what, deadline)
                begun = begun or fulfilment is None
                if isinstance(told, Rejected):
                    return told
                if told.state not in _MOVED:
                    refused = await self._move(order, told.id, "Shipped", deadline)
                    if refused is not None:
                        return refused
                    begun = True
            except Uncertain as error:
                return Unknown(f"{what}: {error}")
            except Refused as error:
                return refusal(error.code, what)
            except (AuthRejected, Throttled, Unavailable) as error:
                if not begun:
                    raise
                return Retry(f"{what}: {error}", getattr(error, "retry_after", None))
            except BadAnswer as error:
                return Unknown(f"{what}: {error}")
            made.append(told.id)
        return _done(made)

    async def _create(
        self, order: payloads.Order, parcel: ToldParcel, what: str, deadline: Deadline
    ) -> Rejected | payloads.Result:
        lines = [{"orderLineId": line, "quantity": units} for line, units in _added(parcel.lines).items()]
        arguments = [
            {"name": "method", "value": parcel.carrier},
            {"name": "trackingCode", "value": parcel.tracking.strip()},
        ]
        handler = {"code": "manual-fulfillment", "arguments": arguments}
        variables = {"input": {"lines": lines, "handler": handler}}
        reply = await self._shop.client.send(documents.FULFIL, variables, deadline)
        result = reply.result("addFulfillmentToOrder")
        refused = refused_by(result, what)
        if refused is None:
            variants = {line.id: line.product_variant.id for line in order.lines}
            for line, units in parcel.lines:
                self._shop.moved(variants[line], fulfilled=units)
        return refused or result

    async def _move(
        self, order: payloads.Order, fulfilment: str, state: str, deadline: Deadline
    ) -> Rejected | None:
        """None where it is in `state` now, or further; somebody else may have been quicker."""
        variables = {"id": fulfilment, "state": state}
        reply = await self._shop.client.send(documents.MOVE_FULFILMENT, variables, deadline)
        refused = refused_by(reply.result("transitionFulfillmentToState"), f"order {order.code}, {state}")
        if refused is None:
            return None
        record, _ = await self._orders.read(order.id, deadline)
        wanted = {state, "Delivered"}
        now = decoded(record).fulfillments if record is not None else None
        return None if any(f.id == fulfilment and f.state in wanted for f in now or ()) else refused


def _done(made: Sequence[str]) -> Done[tuple[str, ...]]:
    return Done(external_id=made[0] if made else None, echo=tuple(made))
