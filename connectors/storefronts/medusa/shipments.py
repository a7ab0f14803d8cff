"""Telling the shop what left: one fulfilment for each parcel, made once, then shipped with its label.

Our reference stands in the fulfilment's metadata, so a parcel is recognised with certainty, also one that
was made and not shipped yet. One that staff made is taken for a parcel where it holds the same lines and
bears the same number, or none and was not shipped. So every call reads the order first and does what is
missing. Each label needs all of its three fields: an address that we have not is `#`, as in Medusa's
own admin.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

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
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import get, make
from connectors.storefronts.medusa.orders import Orders, decoded
from connectors.storefronts.medusa.refusals import no_order, refusal
from connectors.storefronts.medusa.shop import Shop
from connectors.storefronts.medusa.translate import CARRIER, MARK, left_to_fulfil, standing, units_of
from connectors.transport import Uncertain, web_link

NO_ADDRESS = "#"
MADE = [
    ("fields", "id,fulfillments.id,fulfillments.metadata,fulfillments.canceled_at,fulfillments.shipped_at")
]


@dataclass(frozen=True, slots=True)
class Step:
    """One parcel, our reference for it, and the fulfilment that tells of it already, if there is one."""

    parcel: ToldParcel = field(repr=False)
    mark: str
    told: payloads.Fulfilment | None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.told is not None and self.told.gone


def reference(key: str, number: int) -> str:
    """Sixteen hexadecimal digits: buyers' pages may show metadata, and our keys are not for them."""
    return sha256(f"{key} {number}".encode()).hexdigest()[:16]


def plan(order: payloads.Order, request: ConfirmShipment) -> list[Step]:
    """What is told and what is missing, in the order of the parcels; our own marks are matched first."""
    free = standing(order)
    marks = [reference(request.key, n) for n in range(len(request.parcels))]
    own = {f.noted(MARK): f for f in free if f.noted(MARK)}
    free = [f for f in free if not f.noted(MARK)]
    steps = []
    for parcel, mark in zip(request.parcels, marks, strict=True):
        match = own.get(mark) or next((f for f in free if _tells(f, order, parcel, request.before)), None)
        if match in free:
            free.remove(match)
        steps.append(Step(parcel, mark, match))
    return steps


def _tells(
    fulfilment: payloads.Fulfilment, order: payloads.Order, parcel: ToldParcel, before: Sequence[str]
) -> bool:
    if units_of(fulfilment, order) != _added(parcel.lines):
        return False
    numbers = {label.tracking_number.strip() for label in fulfilment.labels or ()} - {""}
    if numbers:
        return parcel.tracking.strip() in numbers
    return not fulfilment.gone or (not parcel.tracking.strip() and fulfilment.id not in before)


def _added(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    added: dict[str, int] = {}
    for line, units in lines:
        added[line] = added.get(line, 0) + units
    return added


def too_late(order: payloads.Order, steps: Sequence[Step]) -> Rejected | None:
    """Why what is missing cannot be told any more, where it cannot."""
    left = left_to_fulfil(order)
    missing = [step.parcel for step in steps if step.told is None]
    if missing and order.status == "canceled":
        return Rejected(f"order {order.display_id} was cancelled in the shop", code="CANCELLED")
    for line, units in _added(line for parcel in missing for line in parcel.lines).items():
        if line not in left:
            return Rejected(f"order {order.display_id} has no line {line}", code="NO_LINE", mendable=False)
        if units > left[line]:
            return Rejected(
                f"order {order.display_id}: {units} units of line {line} left, and the shop has "
                f"{max(0, left[line])} in no shipment yet: staff may have told of them, or cancelled them",
                code="ALREADY_FULFILLED",
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
            refused = too_late(order, steps)
            return refused or await self._make(order, steps, deadline)

    async def find(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Done where all is told; Retry where something surely is missing: `confirm` does only that."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        steps = plan(order, request)
        if all(step.done for step in steps):
            return _done([step.told.id for step in steps if step.told])
        refused = too_late(order, steps)
        if refused is not None:
            return refused
        told = sum(1 for step in steps if step.told)
        return Retry(f"{told} of {len(steps)} parcels are told, and not all of them as shipped")

    async def deliver(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]:
        """Mark the fulfilment as delivered; Done where it is. Medusa keeps no time but its own."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        fulfilment = next((f for f in order.fulfillments or () if f.id == request.shipment), None)
        if fulfilment is None:
            return Rejected(
                f"order {order.display_id} has no shipment {request.shipment}", code="NO_SHIPMENT"
            )
        if fulfilment.canceled_at is not None:
            return Rejected(f"shipment {request.shipment} was cancelled in the shop", code="CANCELLED")
        if fulfilment.delivered_at is not None:
            return Done(external_id=fulfilment.id)
        asked = make(
            "deliver", "orders", order.id, "fulfillments", fulfilment.id, "mark-as-delivered", body={}
        )
        try:
            await self._shop.client.send(asked, deadline)
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            now = await self._fulfilment(order.id, fulfilment.id, deadline)
            if now is None or now.delivered_at is None:
                return refusal(error.code, f"order {order.display_id}, delivery")
        return Done(external_id=fulfilment.id)

    async def _order(self, external_id: str, deadline: Deadline) -> payloads.Order | Rejected:
        record = await self._orders.read(external_id, deadline)
        return no_order(external_id) if record is None else decoded(record)

    async def _fulfilment(self, order: str, id: str, deadline: Deadline) -> payloads.Fulfilment | None:
        record = await self._orders.read(order, deadline)
        there = decoded(record).fulfillments if record is not None else None
        return next((f for f in there or () if f.id == id), None)

    async def _make(
        self, order: payloads.Order, steps: Sequence[Step], deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        made: list[str] = []
        begun = False
        for step in steps:
            what = f"order {order.display_id}, parcel {len(made) + 1} of {len(steps)}"
            try:
                if step.done and step.told is not None:
                    made.append(step.told.id)
                    continue
                told = step.told.id if step.told else await self._create(order, step, deadline)
                begun = True
                refused = await self._ship(order, told, step.parcel, what, deadline)
                if refused is not None:
                    return refused
                made.append(told)
            except (Uncertain, BadAnswer) as error:
                return Unknown(f"{what}: {error}")
            except Refused as error:
                return refusal(error.code, what)
            except (AuthRejected, Throttled, Unavailable) as error:
                if not begun:
                    raise
                return Retry(f"{what}: {error}", getattr(error, "retry_after", None))
        return _done(made)

    async def _create(self, order: payloads.Order, step: Step, deadline: Deadline) -> str:
        lines = _added(step.parcel.lines)
        own_place = await self._shop.location(deadline)
        place = await self._reserved_at(list(lines), own_place, deadline)
        body: dict[str, object] = {
            "location_id": place,
            "items": _items(lines),
            "metadata": {MARK: step.mark, CARRIER: step.parcel.carrier},
        }
        asked = make("fulfil", "orders", order.id, "fulfillments", body=body, params=MADE)
        reply = await self._shop.client.send(asked, deadline)
        if place == own_place:
            self._count(order, lines)
        for fulfilment in reply.read(payloads.MadeOrder).order.fulfillments or ():
            if fulfilment.noted(MARK) == step.mark and fulfilment.canceled_at is None:
                return fulfilment.id
        raise Uncertain("the shop does not say which fulfilment it made")

    def _count(self, order: payloads.Order, lines: dict[str, int]) -> None:
        for line in order.items or ():
            if line.variant_id is not None and line.id in lines:
                self._shop.moved(line.variant_id, fulfilled=lines[line.id])

    async def _reserved_at(self, lines: Sequence[str], own: str, deadline: Deadline) -> str:
        """Where the shop reserved these lines: only there can it take them off. Several places: ours."""
        params = [("fields", "location_id,line_item_id"), ("limit", "1000")]
        params += [("line_item_id[]", line) for line in lines]
        asked = get("reservations", "reservations", params=params)
        found = (await self._shop.client.send(asked, deadline)).read(payloads.Reservations).reservations
        places = {reservation.location_id for reservation in found}
        return places.pop() if len(places) == 1 else own

    async def _ship(
        self, order: payloads.Order, fulfilment: str, parcel: ToldParcel, what: str, deadline: Deadline
    ) -> Rejected | None:
        """None where it is shipped now; somebody else may have been quicker."""
        body: dict[str, object] = {"items": _items(_added(parcel.lines))}
        if number := parcel.tracking.strip():
            label = {
                "tracking_number": number,
                "tracking_url": web_link(parcel.tracking_url) or NO_ADDRESS,
                "label_url": NO_ADDRESS,
            }
            body["labels"] = [label]
        asked = make("ship", "orders", order.id, "fulfillments", fulfilment, "shipments", body=body)
        try:
            await self._shop.client.send(asked, deadline)
        except Refused as error:
            now = await self._fulfilment(order.id, fulfilment, deadline)
            if now is None or now.canceled_at is not None or not now.gone:
                return refusal(error.code, what)
        return None


def _items(lines: dict[str, int]) -> list[dict[str, object]]:
    return [{"id": line, "quantity": units} for line, units in lines.items()]


def _done(made: Sequence[str]) -> Done[tuple[str, ...]]:
    return Done(external_id=made[0] if made else None, echo=tuple(made))
