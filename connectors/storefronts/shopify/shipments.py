"""Telling the shop what left, and that it arrived.

Every call reads the order first and does what is missing: the rest after a crash, or nothing. Units are taken
from the fulfilment orders of our locations; what is on hold, scheduled or given to another location is refused
in words, or moved to ours where the options say so.
"""

from collections.abc import Sequence

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
    Unavailable,
    Unknown,
)
from connectors.storefronts.shopify import documents, payloads
from connectors.storefronts.shopify.orders import Orders, decoded
from connectors.storefronts.shopify.parcels import (
    Elsewhere,
    Load,
    Plan,
    Taken,
    Work,
    assign,
    not_ours,
    plan,
    portions,
    too_late,
    work_of,
)
from connectors.storefronts.shopify.refusals import no_order, refusal, refused_by
from connectors.storefronts.shopify.shop import LARGEST_PAGE, Shop, going_on
from connectors.transport import Uncertain, web_link


class Shipments:
    """Confirms the shipments and deliveries of one shop."""

    def __init__(self, shop: Shop, orders: Orders) -> None:
        self._shop = shop
        self._orders = orders

    async def confirm(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Make what is missing, in the order of the parcels; `echo` are the fulfilments' ids, one for each parcel."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        steps = plan(order, request)
        if isinstance(steps, Rejected):
            return steps
        if steps.done:
            return _done(steps, [load.told[:1] for load in steps.loads])
        refused = too_late(order, steps)
        return refused or await self._make(order, steps, deadline)

    async def find(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Done where all is told; Retry where something surely is missing: `confirm` does only that."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        steps = plan(order, request)
        if isinstance(steps, Rejected):
            return steps
        if steps.done:
            return _done(steps, [load.told[:1] for load in steps.loads])
        told = sum(1 for load in steps.loads if not load.missing)
        return too_late(order, steps) or Retry(f"{told} of {len(steps.loads)} shipments are told")

    async def deliver(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]:
        """Tell of the delivery, at its own time; Done where the shop knows of it."""
        order = await self._order(request.order, deadline)
        if isinstance(order, Rejected):
            return order
        fulfilment = next((f for f in order.fulfillments if f.id == request.shipment), None)
        if fulfilment is None:
            return Rejected(f"order {order.name} has no shipment {request.shipment}", code="NO_SHIPMENT")
        if not fulfilment.stands:
            return Rejected(f"shipment {request.shipment} was cancelled in the shop", code="CANCELLED")
        if fulfilment.delivered:
            return Done(external_id=fulfilment.id)
        event: dict[str, object] = {"fulfillmentId": fulfilment.id, "status": "DELIVERED"}
        if request.at is not None:
            event["happenedAt"] = request.at.isoformat()
        what = f"order {order.name}, delivery"
        try:
            reply = await self._shop.client.send(documents.DELIVER, {"event": event}, deadline)
            result = reply.read(payloads.Delivered).fulfillment_event_create
        except Uncertain as error:
            return Unknown(str(error))
        except Refused as error:
            return refusal(error.code, what)
        if result is None:
            return Unknown(f"{what}: the shop's answer is empty")
        return refused_by(result.user_errors, what) or Done(external_id=fulfilment.id)

    async def _order(self, external_id: str, deadline: Deadline) -> payloads.Order | Rejected:
        record = await self._orders.read(external_id, deadline)
        return no_order(external_id) if record is None else decoded(record)

    async def _make(self, order: payloads.Order, steps: Plan, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        made: list[tuple[str, ...]] = []
        begun = False
        works = await self._works(order.id, deadline)
        for load in steps.loads:
            what = f"order {order.name}, shipment {len(made) + 1} of {len(steps.loads)}"
            try:
                told = await self._load(order, load, works, what, deadline)
            except (Uncertain, BadAnswer) as error:
                return Unknown(f"{what}: {error}")
            except Refused as error:
                return refusal(error.code, what)
            except (AuthRejected, Throttled, Unavailable) as error:
                if not begun:
                    raise
                return Retry(f"{what}: {error}", getattr(error, "retry_after", None))
            if isinstance(told, Rejected | Retry):
                return told
            begun = begun or bool(load.missing)
            made.append((*load.told, *told))
        return _done(steps, made)

    async def _load(
        self, order: payloads.Order, load: Load, works: list[Work], what: str, deadline: Deadline
    ) -> tuple[str, ...] | Rejected | Retry:
        """The ids of the fulfilments made for one load: one for each location, more where it has very many lines."""
        if not load.missing:
            return ()
        places = await self._shop.places(deadline)
        taken = assign(load.missing, works, places, order.name)
        if isinstance(taken, list):
            if not self._shop.options.move_fulfilment_orders:
                return not_ours(taken, order.name)
            return await self._moved(order, taken, deadline)
        if isinstance(taken, Rejected):
            return taken
        made: list[str] = []
        for part in (some for whole in taken.values() for some in portions(whole)):
            told = await self._create(load, part, what, deadline)
            if isinstance(told, Rejected):
                return told
            made.append(told)
        return tuple(made)

    async def _moved(
        self, order: payloads.Order, elsewhere: Sequence[Elsewhere], deadline: Deadline
    ) -> Rejected | Retry:
        """Move the units to our location; they are fulfilled when the order is read anew."""
        location = await self._shop.location(deadline)
        for each in elsewhere:
            lines = [{"id": id, "quantity": units} for id, units in each.lines]
            variables = {"id": each.work.id, "location": location, "lines": lines, "inner": 10}
            reply = await self._shop.client.send(documents.MOVE, variables, deadline)
            result = reply.read(payloads.Moved).fulfillment_order_move
            refused = refused_by(
                result.user_errors if result else [], f"order {order.name}, moving its lines"
            )
            if refused is not None:
                return refused
        return Retry(f"order {order.name}: its lines were moved to our location, and are told of next")

    async def _create(self, load: Load, taken: Taken, what: str, deadline: Deadline) -> str | Rejected:
        orders = [
            {
                "fulfillmentOrderId": id,
                "fulfillmentOrderLineItems": [{"id": line, "quantity": units} for line, units in lines],
            }
            for id, lines in taken.items()
        ]
        fulfilment: dict[str, object] = {
            "lineItemsByFulfillmentOrder": orders,
            "notifyCustomer": self._shop.options.notify_buyers,
        }
        if tracking := tracking_of(load):
            fulfilment["trackingInfo"] = tracking
        reply = await self._shop.client.send(documents.FULFIL, {"fulfillment": fulfilment}, deadline)
        result = reply.read(payloads.Fulfilled).fulfillment_create
        if result is None:
            raise Uncertain(f"{what}: the shop's answer is empty")
        refused = refused_by(result.user_errors, what)
        if refused is None and result.fulfillment is None:
            raise Uncertain(f"{what}: the shop does not say which fulfilment it made")
        return refused or (result.fulfillment.id if result.fulfillment else "")

    async def _works(self, order: str, deadline: Deadline) -> list[Work]:
        """The order's fulfilment orders, each with all of its lines."""
        works: list[Work] = []
        after: str | None = None
        while True:
            variables = {"id": order, "first": 20, "after": after, "inner": 50}
            reply = await self._shop.client.send(documents.FULFILMENT_ORDERS, variables, deadline)
            found = reply.read(payloads.FulfilmentOrdersData).order
            if found is None:
                return works
            for each in found.fulfillment_orders.nodes:
                works.append(work_of(each))
                works[-1].lines |= await self._more_lines(each, works[-1], deadline)
            after = going_on(found.fulfillment_orders.page_info, after)
            if after is None:
                return works

    async def _more_lines(
        self, order: payloads.FulfilmentOrder, work: Work, deadline: Deadline
    ) -> dict[str, list[tuple[str, int]]]:
        lines = {line: list(parts) for line, parts in work.lines.items()}
        after = going_on(order.line_items.page_info, None)
        while after is not None:
            variables = {"id": order.id, "first": LARGEST_PAGE, "after": after}
            reply = await self._shop.client.send(documents.MORE_FULFILMENT_ORDER_LINES, variables, deadline)
            found = reply.read(payloads.MoreWorkLinesData).fulfillment_order
            if found is None:
                break
            for line in found.line_items.nodes:
                if line.remaining_quantity > 0:
                    lines.setdefault(line.line_item.id, []).append((line.id, line.remaining_quantity))
            after = going_on(found.line_items.page_info, after)
        return lines


def tracking_of(load: Load) -> dict[str, object]:
    """Shopify's tracking information: one number, or all numbers of a load in several boxes."""
    if not load.boxes:
        return {}
    links = [web_link(link) for _, link in load.boxes]
    if len(load.boxes) == 1:
        told: dict[str, object] = {"company": load.carrier, "number": load.numbers[0]}
        return told | ({"url": links[0]} if links[0] else {})
    told = {"company": load.carrier, "numbers": list(load.numbers)}
    return told | ({"urls": links} if all(links) else {})


def _done(steps: Plan, made: Sequence[tuple[str, ...]]) -> Done[tuple[str, ...]]:
    ids = tuple(made[place][0] for place in steps.places if made[place])
    return Done(external_id=ids[0] if ids else None, echo=ids)
